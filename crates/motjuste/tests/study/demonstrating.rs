//! Examples in the prompt: a target that needs good words and examples, and answers nothing by one of them alone.

use motjuste::history::{History, Proposal, Trial};
use motjuste::journal::Outcome;
use motjuste::model::{Request, Scripted};
use motjuste::study::{Study, StudyBuilder};
use motjuste::task::{Example, Task};
use serde_json::json;

use crate::combining::method;

fn rows(from: usize, count: usize) -> Vec<Example> {
    (from..from + count).map(|i| Example::new(format!("row {i}"), ["yes"])).collect()
}

fn task() -> Task {
    Task::new("shown", rows(1000, 30), rows(100, 25), rows(200, 25)).unwrap()
}

/// One more row is right for each "please", of which four count, and for each example; without examples half of them.
fn worth(prompt: &str) -> usize {
    let shown = prompt.matches("Output: yes").count();
    prompt.matches("please").count().min(4) * (1 + shown.min(4))
}

fn answer(request: &Request) -> String {
    let prompt = request.text();
    let known = worth(&prompt);
    let mut numbers = prompt.split(|c: char| !c.is_ascii_digit()).filter(|text| !text.is_empty());
    let row: usize = numbers.next_back().unwrap_or_default().parse().unwrap();
    if row * 7 % 25 < known { "yes" } else { "no" }.to_owned()
}

/// One or two times "please", or once more than in the instruction that is shown.
fn write(request: &Request) -> String {
    let prompt = request.text();
    let hash = blake3::hash(format!("{} {prompt}", request.decoding.draw).as_bytes());
    let before = prompt.split("<data>\nsay").nth(1).and_then(|rest| rest.split("</data>").next());
    let before =
        before.map_or(usize::from(hash.as_bytes()[0] % 2), |it| it.matches("please").count());
    format!(
        "<instruction>say {}{}</instruction>",
        "please ".repeat(before + 1),
        &hash.to_hex()[..4]
    )
}

fn study(sources: &[&str]) -> StudyBuilder {
    Study::of(task(), Scripted::new("reader", answer))
        .generator(Scripted::new("writer", write))
        .method(method("motjuste-chat", &[("sources", json!(sources))]))
        .trials(60)
}

const ALL: [&str; 4] = ["reflect", "induce", "paraphrase", "demonstrate"];

async fn run(sources: &[&str], seed: u64) -> Outcome {
    study(sources).seed(seed).open().await.unwrap().run(&()).await.unwrap()
}

fn examples(instruction: &str) -> usize {
    instruction.matches("Input: row 10").count()
}

fn found(outcome: &Outcome) -> usize {
    worth(&outcome.winner().unwrap().instruction)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_and_examples_are_searched_together() {
    for seed in 0..4 {
        let (with, without) = (run(&ALL, seed).await, run(&ALL[..3], seed).await);
        let instruction = &with.winner().unwrap().instruction;
        assert!((1..=4).contains(&examples(instruction)), "{instruction}");
        assert_eq!(
            instruction.matches("Input: ").count(),
            examples(instruction),
            "rows that are not train rows"
        );
        assert!(found(&with) > found(&without) + 3, "{} and {}", found(&with), found(&without));
        assert!(without.history.trials().iter().all(|trial| examples(&trial.instruction) == 0));
    }
}

/// The sets of rows of each turn, and the words before them.
fn turns(history: &History) -> Vec<Vec<String>> {
    let texts = history.steps().iter().map(|step| {
        let pairs = step.proposals.iter().zip(&step.replies);
        let composed = pairs.filter(|(proposal, _)| matches!(proposal, Proposal::Composed(_)));
        composed.map(|(_, reply)| reply.text.clone()).collect()
    });
    texts.filter(|turn: &Vec<String>| !turn.is_empty()).collect()
}

fn split(instruction: &str) -> (&str, &str) {
    instruction.split_once("\n\n").unwrap_or((instruction, ""))
}

#[tokio::test]
async fn rows_that_were_best_are_tried_behind_new_words_and_words_are_improved_without_rows() {
    let outcome = run(&ALL, 1).await;
    let turns = turns(&outcome.history);
    assert!(turns.len() > 2 && turns.iter().all(|turn| turn.len() == 4));
    let later = turns.windows(2).filter(|pair| split(&pair[0][0]).0 != split(&pair[1][0]).0);
    let known = later.map(|pair| {
        let before = turns.iter().flatten().map(|text| split(text).1);
        before.filter(|rows| *rows == split(&pair[1][0]).1).count()
    });
    let known: Vec<usize> = known.collect();
    assert!(!known.is_empty() && known.iter().all(|times| *times > 1), "{known:?}");
    for ask in outcome.history.steps().iter().flat_map(|step| &step.proposals) {
        if let Proposal::Ask(ask) = ask {
            assert!(ask.shown.iter().all(|shown| examples(&shown.instruction) == 0));
        }
    }
}

#[tokio::test]
async fn a_demonstrated_candidate_is_a_child_of_its_words() {
    let outcome = run(&ALL, 2).await;
    let history = &outcome.history;
    let shown = |trial: &&Trial| examples(&trial.instruction) > 0;
    let mut children = history.trials().iter().filter(shown).peekable();
    assert!(children.peek().is_some());
    for trial in children {
        let parents = &history.candidates()[trial.candidate].origin.parents;
        let [parent] = parents[..] else { panic!("{parents:?}") };
        assert_eq!(history.candidates()[parent].instruction, split(&trial.instruction).0);
    }
}

#[tokio::test]
async fn examples_are_within_the_forecast() {
    let study = study(&ALL).open().await.unwrap();
    let forecast = study.forecast().unwrap();
    let account = study.run(&()).await.unwrap().account;
    for (most, spent) in
        [(forecast.generator, account.generator), (forecast.target, account.target)]
    {
        assert!(spent.calls <= most.calls && spent.calls > 0);
        assert!(spent.tokens() <= most.usage.tokens_in + most.usage.tokens_out);
    }
}

#[test]
fn settings_that_cannot_be_used_are_refused_by_name() {
    for (name, value) in [("front_share", json!(1.5)), ("demonstrations", json!(0))] {
        let settings = [(name.to_owned(), value)];
        let error = motjuste::method::Registry::built_in().method("motjuste-chat", &settings).err();
        assert!(error.is_some_and(|error| error.to_string().contains(name)), "{name}");
    }
}
