//! Texts and tokens equal those of transformers; `tests/templates/make.py` makes the reference.

use std::collections::BTreeMap;

use motjuste::model::{Message, Prompt as Asked};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Around, Prompt, Text};
use crate::files::Files;
use crate::options::{Activations, LoadOptions, Precision, SoftPromptPlace, Template};

#[derive(Deserialize)]
struct Reference {
    templates: BTreeMap<String, String>,
    goldens: Vec<Golden>,
    plain: Vec<Plain>,
}

#[derive(Deserialize)]
struct Golden {
    template: String,
    message: String,
    text: String,
    tokens: Vec<u32>,
    soft_at: usize,
}

#[derive(Deserialize)]
struct Plain {
    text: String,
    tokens: Vec<u32>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../../tests/templates/goldens.json")).unwrap()
}

const BEHIND_SYSTEM: LoadOptions = LoadOptions {
    precision: Precision::F32,
    activations: Activations::Sixteen,
    template: Template::Auto,
    soft_prompt_place: SoftPromptPlace::BehindSystem,
};

const BEHIND_PROMPT: LoadOptions =
    LoadOptions { soft_prompt_place: SoftPromptPlace::BehindPrompt, ..BEHIND_SYSTEM };

/// A tokenizer of bytes with these keys in its tokenizer_config.json.
fn text(keys: Value, options: &LoadOptions) -> motjuste::Result<Text> {
    let mut config = json!({ "bos_token": "<s>", "eos_token": { "content": "</s>" } });
    config.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    Text::load(&files(Some(config), None, None), options)
}

fn files(
    config: Option<Value>,
    template: Option<&str>,
    generation: Option<Value>,
) -> Files<'static> {
    let tiny = Files::in_memory(
        b"",
        include_bytes!("../../tests/templates/tokenizer.json"),
        include_bytes!("../../tests/fixtures/tiny-llama/model.safetensors"),
    );
    Files {
        tokenizer_config: config.map(|config| config.to_string().into_bytes()),
        chat_template: template.map(|template| template.as_bytes().to_vec()),
        generation_config: generation.map(|config| config.to_string().into_bytes()),
        ..tiny.unwrap()
    }
}

#[test]
fn a_rendered_message_is_what_transformers_renders() {
    let reference = reference();
    assert_eq!(reference.goldens.len(), 3 * reference.templates.len());
    for golden in reference.goldens {
        let keys = json!({ "chat_template": reference.templates[&golden.template] });
        let front = text(keys.clone(), &LoadOptions::default()).unwrap();
        let (rendered, _) =
            front.chat.as_ref().unwrap().render(&[Message::user(golden.message.as_str())]).unwrap();
        assert_eq!(rendered, golden.text, "{}", golden.template);
        let expected = |soft_at| Prompt { tokens: golden.tokens.clone(), soft_at };
        let message = Asked::from(golden.message.as_str());
        assert_eq!(front.read(&message).unwrap(), expected(0));
        let behind = text(keys, &BEHIND_SYSTEM).unwrap();
        let prompt = behind.read(&message).unwrap();
        assert_eq!(prompt, expected(golden.soft_at), "{}: {:?}", golden.template, golden.message);
    }
}

#[test]
fn a_soft_prompt_behind_the_prompt_stands_in_front_of_what_the_template_says_last() {
    let template = "{{ bos_token }}[user]{{ messages[0].content }}[/user]";
    let chat = text(json!({ "chat_template": template }), &BEHIND_PROMPT).unwrap();
    let Prompt { tokens, soft_at } = chat.read(&Asked::from("Say it.")).unwrap();
    assert_eq!(chat.tokenizer.decode(&tokens[soft_at..]).unwrap(), "[/user]");
    let plain = text(json!({}), &BEHIND_PROMPT).unwrap().read(&Asked::from("Say it.")).unwrap();
    assert_eq!(plain.soft_at, plain.tokens.len());
}

#[test]
fn a_base_model_reads_the_prompt_behind_the_token_that_begins_a_text() {
    for Plain { text: plain, tokens } in reference().plain {
        let plain = Asked::from(plain);
        let front = text(json!({}), &LoadOptions::default()).unwrap().read(&plain).unwrap();
        assert_eq!(front, Prompt { tokens: tokens.clone(), soft_at: 0 });
        let behind = text(json!({}), &BEHIND_SYSTEM).unwrap().read(&plain).unwrap();
        assert_eq!(behind, Prompt { tokens, soft_at: 1 });
    }
}

#[test]
fn both_sides_of_a_mark_are_tokenised_apart_between_special_tokens_that_are_there_once() {
    let plain = text(json!({}), &LoadOptions::default()).unwrap();
    let whole = plain.read(&"ab".into()).unwrap().tokens;
    let around = |prompt: &str| plain.read_around(&prompt.into(), "|");
    let Around { head, tail, lead, gap } = around("a|b").unwrap();
    assert_eq!([head.clone(), tail].concat(), whole);
    assert_eq!(head.len(), 2, "the token that begins a text, and a letter");
    assert_eq!(around("|b").unwrap().head, head[..1]);
    assert_eq!((lead, gap), ("", " "));
    // A space in front of the mark belongs to what stands there, and one behind the prompt to nobody.
    let spaced = around("a |b ").unwrap();
    assert_eq!((spaced.head, spaced.lead, spaced.gap), (head, " ", ""));
    for (prompt, places) in [("ab", "0 places"), ("a|b|", "2 places")] {
        assert!(around(prompt).unwrap_err().to_string().contains(places));
    }
    let template = "<s>{% for m in messages %}{{ m.content }}{% endfor %}|";
    let chat = text(json!({ "chat_template": template }), &LoadOptions::default()).unwrap();
    let said = |content: &str| Asked::from(content);
    let Around { head, tail, gap, .. } = chat.read_around(&said("a#b"), "#").unwrap();
    assert_eq!(gap, "");
    assert_eq!([head, tail].concat(), chat.read(&said("ab")).unwrap().tokens);
}

#[test]
fn a_conversation_is_rendered_with_its_roles_and_a_text_without_a_template() {
    let template = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}";
    let chat = text(json!({ "chat_template": template }), &BEHIND_SYSTEM).unwrap();
    let said = [Message::system("s"), Message::user("u"), Message::assistant("a")];
    let (rendered, said) = chat.chat.as_ref().unwrap().render(&said).unwrap();
    assert_eq!((rendered.as_str(), &rendered[said]), ("[system]s[user]u[assistant]a", "u"));
    let plain = text(json!({}), &LoadOptions::default()).unwrap();
    let asked = Asked::Text("u".into());
    assert_eq!(chat.read(&asked).unwrap().tokens, plain.read(&asked).unwrap().tokens);
}

#[test]
fn a_template_may_stand_in_three_places() {
    let rendered = |files: &Files| {
        let text = Text::load(files, &LoadOptions::default()).unwrap();
        text.chat.map(|chat| chat.render(&[Message::user("x")]).unwrap().0)
    };
    let named = |name: &str| json!({ "name": name, "template": "{{ messages[0].content }}!" });
    let list = json!({ "chat_template": [named("tool_use"), named("default")] });
    assert_eq!(rendered(&files(Some(list), None, None)).unwrap(), "x!");
    let none = json!({ "chat_template": [named("tool_use")] });
    assert_eq!(rendered(&files(Some(none), None, None)), None);
    let both = json!({ "chat_template": "no {{ messages[0].content }}" });
    let own = files(Some(both), Some("{{ messages[0].content }}?"), None);
    assert_eq!(rendered(&own).unwrap(), "x?");
    assert_eq!(rendered(&files(None, None, None)), None);
}

#[test]
fn the_choice_of_a_template_is_heeded() {
    let keys = json!({ "chat_template": "<|user|>{{ messages[0].content }}" });
    let with = |template| LoadOptions { template, ..LoadOptions::default() };
    assert!(text(keys.clone(), &with(Template::None)).unwrap().chat.is_none());
    assert!(text(keys, &with(Template::Chat)).unwrap().chat.is_some());
    let error = text(json!({}), &with(Template::Chat)).err().unwrap();
    assert!(error.is_model() && error.to_string().contains("no chat template"), "{error}");
}

#[test]
fn a_template_that_cannot_be_used_is_refused_on_loading() {
    let refusal = |template: &str| {
        let loaded = text(json!({ "chat_template": template }), &LoadOptions::default());
        loaded.err().unwrap().to_string()
    };
    assert!(refusal("{% for %}").contains("cannot be rendered"));
    assert!(refusal("{{ raise_exception('not today') }}").contains("not today"));
    assert!(refusal("hello").contains("leaves out the user's message"));
}

#[test]
fn texts_end_where_any_file_says_so() {
    let generation = json!({ "eos_token_id": [5, 9] });
    let ids = |files: &Files| Text::load(files, &LoadOptions::default()).unwrap().end;
    assert_eq!(ids(&files(None, None, Some(generation.clone()))), [5, 9]);
    // `</s>` is token 1, `<|end|>` 11, `<|im_end|>` 3.
    let config = json!({ "eos_token": "</s>" });
    assert_eq!(ids(&files(Some(config.clone()), None, None)), [1]);
    let template = "{{ messages[0].content }}<|end|>";
    assert_eq!(ids(&files(Some(config), Some(template), Some(generation))), [1, 5, 9, 11]);
}
