//! The model behind the trait: many tasks at once, soft prompts, hidden states, refusals.

use std::fs;
use std::sync::Arc;

use crate::support::{fixture, shipped, soft_prompt, tiny};
use futures::future::join_all;
use motjuste::model::{
    Completion, Decoding, Entries, FinishReason, Message, Model, Projection, Prompt, Request,
    Returns, SoftPrompt,
};
use motjuste_lm::{LoadOptions, OpenModel, Precision, Sequence};

fn request(i: usize) -> Request {
    let words = ["the cat sat on", "a fox runs to", "birds sing in"];
    let prompt = format!("{} the {}", words[i % 3], "old ".repeat(i % 7));
    let temperature = if i.is_multiple_of(2) { 0.0 } else { 1.0 };
    Request::new(prompt, Decoding { max_tokens: 10, temperature, draw: i as u64 })
}

fn with_soft_prompt(z: Option<f64>, hidden_state: bool) -> Request {
    let projection = Projection { tokens: 3, entries: Entries::Uniform, seed: 5 };
    let soft_prompt = z.map(|z| SoftPrompt { z: vec![z, -z, 0.5], projection, demonstrations: 0 });
    let returns = Returns { hidden_state, ..Returns::default() };
    Request { soft_prompt, returns, ..Request::new("the dog sat on", Decoding::greedy(8)) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_tasks_at_once_get_what_each_gets_alone() {
    let model = Arc::new(tiny());
    let ask = |i: usize| {
        let model = Arc::clone(&model);
        tokio::spawn(async move { model.answer(&request(i)).await.unwrap() })
    };
    let together: Vec<Completion> =
        join_all((0..200).map(ask)).await.into_iter().map(Result::unwrap).collect();
    for (i, answer) in together.iter().enumerate() {
        assert_eq!(&model.answer(&request(i)).await.unwrap(), answer, "request {i}");
    }
    assert!(together.iter().any(|answer| answer.usage.tokens_out > 0));
}

#[tokio::test]
async fn a_refused_request_does_not_touch_its_neighbours() {
    let model = tiny();
    let long = Request { prompt: "a".repeat(200).into(), ..request(0) };
    let good = request(1);
    let (refusal, answer) = tokio::join!(model.answer(&long), model.answer(&good));
    assert!(refusal.unwrap_err().to_string().contains("context of 128"));
    assert_eq!(answer.unwrap(), model.answer(&request(1)).await.unwrap());
}

#[tokio::test]
async fn a_completion_counts_soft_tokens_and_says_why_it_ends() {
    let model = tiny();
    let batch = [with_soft_prompt(None, false), with_soft_prompt(Some(0.3), false)];
    let completions = answers(&model, &batch).await;
    let prompt_tokens = model.encode("the dog sat on").unwrap().len() as u64;
    assert_eq!(completions[0].usage.tokens_in, prompt_tokens);
    assert_eq!(completions[1].usage.tokens_in, prompt_tokens + 3);
    for Completion { finish_reason, usage, hidden_state, .. } in &completions {
        let is_cut = usage.tokens_out == 8;
        assert_eq!(*finish_reason, if is_cut { FinishReason::Length } else { FinishReason::Stop });
        assert!(hidden_state.is_empty());
    }
}

async fn answers(model: &OpenModel, batch: &[Request]) -> Vec<Completion> {
    model.complete(batch).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test]
async fn messages_of_a_base_model_are_read_one_after_the_other_and_a_prefill_is_read_on() {
    let model = tiny();
    let messages = vec![Message::system("the cat"), Message::user("sat on")];
    let both = Request::new(messages, Decoding::greedy(8));
    let joined = Request::new(Prompt::Text("the cat\n\nsat on".into()), Decoding::greedy(8));
    let begun =
        Request { prefill: " on".into(), ..Request::new("the cat\n\nsat", Decoding::greedy(8)) };
    let answers = answers(&model, &[both, joined, begun]).await;
    assert_eq!((&answers[0], &answers[0]), (&answers[1], &answers[2]));
}

#[tokio::test]
async fn the_soft_prompt_of_a_request_is_its_projection() {
    let model = tiny();
    let request = with_soft_prompt(Some(0.7), false);
    let soft = model.project(request.soft_prompt.as_ref().unwrap()).unwrap();
    let tokens = model.encode(&request.prompt.text()).unwrap();
    let written = model.write(&[Sequence { soft, tokens, soft_at: 0 }], &request.decoding).unwrap();
    let completion = model.answer(&request).await.unwrap();
    assert_eq!(completion.text, model.decode(&written[0]).unwrap());
    assert_eq!(completion.usage.tokens_out, written[0].len() as u64);
}

#[tokio::test]
async fn features_are_the_mean_hidden_state_over_the_text_without_the_soft_prompt() {
    let model = tiny();
    let batch = [Some(0.3), Some(-0.8), None, Some(0.3)].map(|z| with_soft_prompt(z, true));
    let completions = answers(&model, &batch).await;
    for completion in &completions {
        let mut tokens = model.encode("the dog sat on").unwrap();
        let prompt = tokens.len();
        tokens.extend(model.encode(&format!(" {}", completion.text.trim())).unwrap());
        let text = (tokens.len() - prompt) as f32;
        let states = model.hidden_states(&[Sequence { tokens, ..Sequence::default() }]).unwrap();
        let states: Vec<&[f32]> = states[0].chunks_exact(24).skip(prompt).collect();
        let mean: Vec<f32> =
            (0..24).map(|i| states.iter().map(|state| state[i]).sum::<f32>() / text).collect();
        assert_eq!(completion.hidden_state, mean);
    }
    assert_eq!(completions[0], completions[3]);
}

#[test]
fn what_cannot_be_read_is_refused_before_any_work() {
    let model = tiny();
    let sequence = |soft: Vec<f32>, tokens: Vec<u32>| [Sequence { soft, tokens, soft_at: 0 }];
    let refused = |sequence: &[Sequence], max_tokens: usize, message: &str| {
        let error = model.write(sequence, &Decoding::greedy(max_tokens)).unwrap_err();
        assert!(error.is_model() && error.to_string().contains(message), "{error}");
    };
    refused(&sequence(vec![], vec![]), 1, "prompt is empty");
    refused(&sequence(vec![], vec![28]), 1, "token 28 is outside the model's vocabulary of 28");
    refused(&sequence(vec![0.0; 25], vec![1]), 1, "hidden size is 24");
    refused(&sequence(soft_prompt(2, 24), vec![1; 100]), 27, "102 tokens to read and up to 27");
    assert!(
        model.write(&sequence(soft_prompt(2, 24), vec![1; 100]), &Decoding::greedy(26)).is_ok()
    );
    refused(&sequence(vec![], vec![1]), usize::MAX, "do not fit");
}

#[test]
fn nothing_to_write_is_an_empty_text() {
    let model = tiny();
    let sequence = Sequence { tokens: vec![1, 2], ..Sequence::default() };
    assert_eq!(model.write(&[sequence], &Decoding::greedy(0)).unwrap(), [Vec::<u32>::new()]);
    assert!(model.write(&[], &Decoding::greedy(4)).unwrap().is_empty());
}

#[test]
fn the_id_names_the_weights() {
    let tiny = tiny();
    let id = tiny.id().to_owned();
    let (name, revision) = id.split_once('@').unwrap();
    assert_eq!((name, revision.len()), ("tiny-llama", 12));
    assert_eq!(tiny.description().hidden, 24);
    // Two matrices of 28 × 24; two layers of attention (2 · 24² + 2 · 24 · 12), feed-forward
    // (3 · 24 · 40) and two norms; one more norm.
    assert_eq!(tiny.description().parameters, 2 * 28 * 24 + 2 * (1728 + 2880 + 48) + 24);
}

#[cfg(feature = "embedded")]
#[test]
fn an_embedded_model_is_loaded_once() {
    use motjuste_lm::Embedded;

    for embedded in Embedded::ALL {
        let model = embedded.open().unwrap();
        assert!(Arc::ptr_eq(&model, &embedded.open().unwrap()));
        assert_eq!(model.description().id.split_once('@').unwrap().0, embedded.name());
        assert_eq!(Embedded::named(embedded.name()), Some(embedded));
    }
    assert_eq!(Embedded::named("embedded-poems"), None);
}

#[test]
fn an_exported_folder_is_the_same_model() {
    let folder = tempfile::tempdir().unwrap();
    let tiny = tiny();
    tiny.export_folder(folder.path()).unwrap();
    let again = OpenModel::from_folder(folder.path(), &LoadOptions::default()).unwrap();
    let sequence = [Sequence { soft: soft_prompt(2, 24), tokens: vec![1, 5, 9], soft_at: 0 }];
    assert_eq!(tiny.logits(&sequence).unwrap(), again.logits(&sequence).unwrap());
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&fs::read(folder.path().join(name)).unwrap()).unwrap()
    };
    assert_eq!(read("config.json")["architectures"][0], "LlamaForCausalLM");
    assert_eq!(read("generation_config.json")["do_sample"], false);
    assert!(read("tokenizer_config.json")["chat_template"].is_string());
}

#[test]
fn a_model_whose_files_changed_is_not_exported() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        fs::copy(fixture("tiny-llama").join(name), folder.path().join(name)).unwrap();
    }
    let model = OpenModel::from_folder(folder.path(), &LoadOptions::default()).unwrap();
    let config = fs::read_to_string(folder.path().join("config.json")).unwrap();
    fs::write(folder.path().join("config.json"), config + "\n").unwrap();
    let error = model.export_folder(folder.path().join("out")).unwrap_err();
    assert!(error.to_string().contains("changed since it was loaded"), "{error}");
}

#[test]
fn eight_bits_answer_almost_as_the_numbers_they_stand_for() {
    let exact = OpenModel::from_folder(shipped("embedded"), &LoadOptions::default()).unwrap();
    let options = LoadOptions { precision: Precision::Q8_0, ..LoadOptions::default() };
    let eight = OpenModel::from_folder(shipped("embedded"), &options).unwrap();
    assert!(eight.description().id.ends_with("-q8_0"));
    let tokens = exact.encode("Input: tree\nOutput: trees\n\nThe instruction was to?").unwrap();
    let sequence = [Sequence { tokens, ..Sequence::default() }];
    let (exact, rounded) = (exact.logits(&sequence).unwrap(), eight.logits(&sequence).unwrap());
    let difference = |(a, b): (&f32, &f32)| (a - b).abs();
    let worst = exact[0].iter().zip(&rounded[0]).map(difference).fold(0.0, f32::max);
    // Weights lose up to 1/254 of their block's largest; logits are of order 10.
    assert!(worst > 0.0 && worst < 0.5, "{worst}");
}
