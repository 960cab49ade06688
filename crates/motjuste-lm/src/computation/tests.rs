//! Swaps and labels on the embedded model.
#![cfg(feature = "embedded")]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use motjuste::model::{
    Completion, Computation, Decoding, Exclude, LabelReply, LabelSearch, Labelled, Request, Swap,
    SwapLoss, SwapReply, TRIGGER, Trigger,
};
use motjuste::random::Streams;

use super::open::Open;
use super::rows::rows;
use super::task::Task;
use super::{ranking, swap, trigger};
use crate::engine::Engine;
use crate::files::Files;
use crate::forward::{Decoder, Linear};
use crate::gradient::Packed;
use crate::options::LoadOptions;
use crate::sampling::uniform;

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let model = motjuste_embedded::INSTRUCTIONS;
        let files = Files::in_memory(model.config, model.tokenizer, model.weights).unwrap();
        Engine::load(&files, &LoadOptions::default()).unwrap()
    })
}

fn opposites() -> Vec<Labelled> {
    let pairs = [("hot", "cold"), ("big", "small"), ("old", "new"), ("fast", "slow")];
    let row = |(input, answer): (&str, &str)| Labelled {
        prompt: format!("Instruction:{TRIGGER}\nInput: {input}\nOutput:").as_str().into(),
        answer: answer.to_owned(),
    };
    pairs.map(row).to_vec()
}

fn begin(text: &str, length: usize) -> Trigger {
    Trigger::Begin { text: text.to_owned(), length }
}

fn a_swap() -> Swap {
    Swap {
        trigger: begin(" Write the word in the list", 4),
        position: 1,
        candidates: 6,
        gradient: opposites(),
        evaluation: opposites(),
        loss: SwapLoss::Answer { answers: vec![] },
        exclude: Exclude::default(),
    }
}

fn ask(computation: Computation) -> motjuste::Result<Completion> {
    let request = Request::new("", Decoding::greedy(0));
    engine().compute(&request, &computation)
}

fn swapped(swap: &Swap) -> SwapReply {
    serde_json::from_str(&ask(Computation::Swap(swap.clone())).unwrap().text).unwrap()
}

fn refused(swap: Swap) -> String {
    ask(Computation::Swap(swap)).unwrap_err().to_string()
}

#[test]
fn the_loss_falls_from_swap_to_swap() {
    let mut asked = a_swap();
    let first = swapped(&asked);
    let mut reply = first.clone();
    for step in 0..10 {
        let best = reply.swaps.iter().min_by(|a, b| a.loss.total_cmp(&b.loss)).unwrap();
        let mut tokens = reply.trigger.clone();
        if best.loss < reply.loss {
            tokens[asked.position] = best.token;
        }
        asked = Swap { trigger: Trigger::Tokens(tokens), position: step % 4, ..asked };
        reply = swapped(&asked);
    }
    assert!(reply.loss < 0.8 * first.loss, "{} → {}", first.loss, reply.loss);
}

#[test]
fn candidates_are_promised_most_and_read_as_they_are_written() {
    let exclude = Exclude { capitals: true, answers: true };
    let asked = Swap { exclude, candidates: 40, ..a_swap() };
    let reply = swapped(&asked);
    let tokenizer = &engine().text.tokenizer;
    assert_eq!(reply.swaps.len(), 40);
    assert!(reply.swaps.is_sorted_by(|a, b| a.promised <= b.promised));
    let answers: Vec<u32> = opposites()
        .iter()
        .flat_map(|row| engine().text.tokenizer.encode(&format!(" {}", row.answer)).unwrap())
        .collect();
    for swap in &reply.swaps {
        let mut tokens = reply.trigger.clone();
        tokens[1] = swap.token;
        assert_eq!(tokenizer.encode(&swap.text).unwrap(), tokens);
        assert!(!answers.contains(&swap.token) && swap.token > 2 && swap.token != reply.trigger[1]);
        let piece = tokenizer.token(swap.token).unwrap();
        assert!(!piece.trim_start_matches('Ġ').starts_with(char::is_uppercase), "{piece}");
    }
    // The same with one candidate: the first of the forty, to the bit.
    assert_eq!(swapped(&Swap { candidates: 1, ..asked }).swaps, reply.swaps[..1]);
    assert_eq!(reply.accuracy, None);
}

/// 120 random swaps of one token: what the gradient promises goes with what happens.
#[test]
fn promised_and_true_changes_of_the_loss_have_like_ranks() {
    let (decoder, text) = (&engine().decoder, &engine().text);
    let open = Open { decoder, text, packed: &Packed::new(decoder.layers.len()) };
    let loss = SwapLoss::Answer { answers: vec![] };
    let task = Task::new(&open, &loss).unwrap();
    let rows = rows(&open, &opposites()[..3], "").unwrap();
    let now = trigger::tokens(&open, &begin("Write the word in the list", 4), rows[0].around.lead)
        .unwrap();
    let (gradient, _) = swap::gradient(&open, &task, &rows, &now, 2).unwrap();
    let promises = ranking::promises(&open, now[2], &gradient);
    let mut stream = Streams::new(1).stream("swaps", 0);
    let tokens: Vec<u32> = (0..120).map(|_| 3 + (uniform(&mut stream) * 940.0) as u32).collect();
    let triggers: Vec<Vec<u32>> = tokens.iter().map(|&w| vec![now[0], now[1], w, now[3]]).collect();
    let (measured, _) = swap::measure(&open, &task, &rows, &now, &triggers).unwrap();
    let promised: Vec<f64> = tokens.iter().map(|&w| promises[w as usize]).collect();
    let truth: Vec<f64> = measured[1..].iter().map(|m| m.loss - measured[0].loss).collect();
    let correlation = correlation(&ranks(&promised), &ranks(&truth));
    // Fisher's interval of 95 %.
    let (z, half) = (correlation.atanh(), 1.96 / 117f64.sqrt());
    let interval = ((z - half).tanh(), (z + half).tanh());
    assert!(interval.0 > 0.0, "{correlation}");
}

fn ranks(x: &[f64]) -> Vec<f64> {
    x.iter().map(|x0| x.iter().filter(|x| *x < x0).count() as f64).collect()
}

fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (mx, my) = (mean(x), mean(y));
    let sum = |f: &dyn Fn(f64, f64) -> f64| x.iter().zip(y).map(|(x, y)| f(x - mx, y - my)).sum();
    let products: f64 = sum(&|x, y| x * y);
    let squares: [f64; 2] = [sum(&|x, _| x * x), sum(&|_, y| y * y)];
    products / (squares[0] * squares[1]).sqrt()
}

#[test]
fn a_choice_has_an_accuracy_and_labels_are_sets_of_tokens() {
    let answers: Vec<String> = opposites().into_iter().map(|row| row.answer).collect();
    let choice = Swap { loss: SwapLoss::Answer { answers: answers.clone() }, ..a_swap() };
    let reply = swapped(&choice);
    // The same loss as without a choice: the accuracy is the only news.
    assert_eq!(reply.loss, swapped(&a_swap()).loss);
    assert!((0.0..=1.0).contains(&reply.accuracy.unwrap()));
    assert!(reply.swaps.iter().all(|swap| swap.accuracy.is_some()));
    let first = |answer: &String| engine().text.tokenizer.encode(&format!(" {answer}")).unwrap()[0];
    let labels: BTreeMap<String, Vec<u32>> =
        answers.iter().map(|answer| (answer.clone(), vec![first(answer), 5, 5])).collect();
    let labelled = Swap { loss: SwapLoss::Labels(labels.clone()), ..a_swap() };
    let reply = swapped(&labelled);
    assert!(reply.loss > 0.0 && reply.accuracy.is_some());
    let mut missing = labels;
    missing.remove("cold");
    let message = refused(Swap { loss: SwapLoss::Labels(missing), ..a_swap() });
    assert!(message.contains("no token stands for the label `cold`"), "{message}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let message = |change: &dyn Fn(&mut Swap)| {
        let mut swap = a_swap();
        change(&mut swap);
        refused(swap)
    };
    let contains = |change: &dyn Fn(&mut Swap), part: &str| {
        let message = message(change);
        assert!(message.contains(part), "{message}");
    };
    contains(&|swap| swap.position = 4, "place 4 is outside a trigger of 4 tokens");
    contains(&|swap| swap.candidates = 0, "no candidate");
    contains(&|swap| swap.gradient.clear(), "no rows for the gradient");
    contains(&|swap| swap.evaluation.clear(), "no rows to measure");
    contains(&|swap| swap.gradient[0].prompt = "no place".into(), "0 places for a trigger");
    contains(&|swap| swap.gradient[0].answer.clear(), "an answer is empty");
    contains(&|swap| swap.trigger = Trigger::Tokens(vec![5, 968]), "outside the model's vocab");
    contains(&|swap| swap.trigger = begin("a", 0), "a trigger has no tokens");
    contains(&|swap| swap.trigger = begin("", 3), "empty text");
    let long = format!("{TRIGGER}{}", " the".repeat(2000));
    contains(&|swap| swap.gradient[0].prompt = long.as_str().into(), "context of 1280");
    // The letters of a word, which would be read as the word.
    let letters =
        ["Ġ", "c", "o", "l", "d"].map(|letter| engine().text.tokenizer.id(letter).unwrap());
    contains(&|swap| swap.trigger = Trigger::Tokens(letters.to_vec()), "read as other tokens");
}

#[test]
fn labels_get_tokens_that_are_words() {
    let search = LabelSearch {
        trigger: begin(" Write the word", 3),
        rows: opposites(),
        tokens: 3,
        steps: 50,
        learning_rate: 0.01,
    };
    let labelled = |search: &LabelSearch| -> LabelReply {
        serde_json::from_str(&ask(Computation::Labels(search.clone())).unwrap().text).unwrap()
    };
    let reply = labelled(&search);
    assert_eq!(reply, labelled(&search));
    assert_eq!(reply.labels.len(), 4);
    for (label, tokens) in &reply.labels {
        assert_eq!(tokens.len(), 3);
        let words = tokens.iter().map(|&w| engine().text.tokenizer.decode(&[w]).unwrap());
        assert_eq!(reply.words[label], words.collect::<Vec<_>>());
    }
    assert_ne!(reply.labels["cold"], reply.labels["small"]);
    for (search, message) in [
        (LabelSearch { rows: opposites()[..1].to_vec(), ..search.clone() }, "every row has"),
        (LabelSearch { rows: vec![], ..search.clone() }, "no rows to learn labels from"),
        (LabelSearch { steps: 0, ..search.clone() }, "no step"),
        (LabelSearch { tokens: 0, ..search.clone() }, "no token is to stand"),
        (LabelSearch { learning_rate: f64::NAN, ..search }, "learning rate of NaN"),
    ] {
        let refusal = ask(Computation::Labels(search)).unwrap_err().to_string();
        assert!(refusal.contains(message), "{refusal}");
    }
}

#[test]
fn no_weight_of_the_model_is_changed_and_replies_do_not_depend_on_threads() {
    let before = fingerprint(&engine().decoder);
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let one = pool(1).install(|| swapped(&a_swap()));
    assert_eq!(one, pool(3).install(|| swapped(&a_swap())));
    assert_eq!(fingerprint(&engine().decoder), before);
}

/// A hash of every matrix and every gain.
fn fingerprint(decoder: &Decoder) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let mut add = |row: &[f32]| {
        row.iter().for_each(|x| {
            hasher.update(&x.to_le_bytes());
        })
    };
    let mut rows = |linear: &Linear| (0..linear.outputs()).for_each(|row| add(&linear.row(row)));
    rows(&decoder.embedding.table);
    rows(decoder.head());
    for layer in &decoder.layers {
        rows(&layer.attention.output.linear);
        rows(&layer.feed_forward.gate_up.linear);
        rows(&layer.feed_forward.down.linear);
    }
    hasher.finalize()
}
