//! OPRO's role of the embedded model: its meta-prompt is read as a few tokens, and answered.

use futures::future::join_all;
use motjuste::history::Shown;
use motjuste::method::opro::{Layout, MetaPrompt, Order, Style, tagged};
use motjuste::model::{Model, Request};
use motjuste::task::Example;
use motjuste_lm::OpenModel;

fn meta_prompt(draw: u64) -> MetaPrompt {
    let shown = |instruction: &str, score: u32| Shown {
        instruction: instruction.to_owned(),
        score: Some(score.to_string()),
    };
    MetaPrompt {
        style: Style::Tagged,
        layout: Layout::default(),
        trajectory: vec![
            shown("Let's solve the problem.", 0),
            shown("Please give the several form for the given input.", 5),
            shown("For each input, write the plural form of the word.", 80),
        ],
        order: Order::Ascending,
        top_score: Some(100),
        exemplars: vec![0, 1],
        instructions_first: true,
        domain: String::new(),
        temperature: 1.0,
        max_tokens: 64,
        draw,
    }
}

fn text(prompt: &MetaPrompt) -> String {
    prompt.ask().unwrap().text("", &[], &examples()).unwrap()
}

fn examples() -> Vec<Example> {
    let example = |x: &str, y: &str| Example::new(x, [y]);
    vec![example("boat", "boats"), example("box", "boxes")]
}

/// The sentences of the meta-prompt are tokens of the model's; were one of them reworded, it would
/// fall apart into bytes, and the model would have to be trained again.
#[test]
fn the_meta_prompt_of_opro_is_scaffold_words_and_letters() {
    let model = OpenModel::embedded().unwrap();
    let text = text(&meta_prompt(0));
    let tokens = model.encode(&text).unwrap().len();
    assert!(tokens < 100, "{tokens} tokens");
}

#[tokio::test]
async fn the_embedded_model_proposes_instructions_for_the_task() {
    let model = OpenModel::embedded().unwrap();
    let ask = async |draw: u64| {
        let meta = meta_prompt(draw);
        let request = Request::new(text(&meta), meta.decoding());
        let reply = model.answer(&request).await.unwrap().text;
        tagged(&reply, meta.slot()).to_owned()
    };
    let mut proposed = join_all((0..20).map(ask)).await;
    let verbs = ["write", "give", "find", "return", "tell me", "produce"];
    let is_instruction = |text: &&String| verbs.iter().any(|verb| text.contains(verb));
    assert!(proposed.iter().filter(is_instruction).count() >= 18, "{proposed:?}");
    proposed.sort();
    proposed.dedup();
    assert!(proposed.len() >= 10, "{proposed:?}");
}
