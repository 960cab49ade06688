//! Worlds of two halves: an instruction is right on those whose clause it holds.

use std::sync::Arc;

use motjuste::history::Proposal;
use motjuste::journal::Outcome;
use motjuste::method::{Method, Registry};
use motjuste::model::{Request, Scripted};
use motjuste::study::Study;
use motjuste::task::{Example, Task};
use serde_json::{Value, json};

pub fn method(name: &str, changes: &[(&str, Value)]) -> Arc<dyn Method> {
    let changes: Vec<(String, Value)> =
        changes.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect();
    Registry::built_in().method(name, &changes).unwrap()
}

const CLAUSES: [&str; 2] = ["Mind the odd ones.", "Mind the even ones."];

fn task() -> Task {
    let rows = |range: std::ops::Range<usize>| {
        range.map(|i| Example::new(i.to_string(), [format!("<{i}>")])).collect()
    };
    Task::new("halves", rows(100..130), rows(200..240), rows(300..320)).unwrap()
}

/// Right on odd inputs with one clause, on even ones with the other.
fn answer(request: &Request) -> String {
    let prompt = request.text();
    let input = prompt.rsplit("Input: ").next().and_then(|rest| rest.lines().next());
    let input: usize = input.unwrap().parse().unwrap();
    match prompt.contains(CLAUSES[(input + 1) % 2]) {
        true => format!("<{input}>"),
        false => "no idea".to_owned(),
    }
}

/// Writes one of the clauses, whatever it is asked; both where it is shown two instructions that have one each.
fn write(request: &Request) -> String {
    let prompt = request.text();
    let hash = blake3::hash(format!("{} {prompt}", request.decoding.draw).as_bytes());
    let (name, clause) = (&hash.to_hex()[..4], CLAUSES[usize::from(hash.as_bytes()[31] % 2)]);
    let shown = prompt.split_once("# Two instructions").map_or("", |(_, shown)| shown);
    match CLAUSES.iter().all(|clause| shown.contains(clause)) {
        true => format!("<instruction>{name}: {}</instruction>", CLAUSES.join(" ")),
        false => format!("<instruction>{name}: {clause}</instruction>"),
    }
}

async fn run(sources: &[&str], seed: u64) -> Outcome {
    run_with(&[("sources", json!(sources))], seed).await
}

async fn run_with(settings: &[(&str, Value)], seed: u64) -> Outcome {
    run_for(80, settings, seed).await
}

async fn run_for(trials: u64, settings: &[(&str, Value)], seed: u64) -> Outcome {
    let study = Study::of(task(), Scripted::new("halves", answer))
        .generator(Scripted::new("writer", write))
        .method(method("motjuste-chat", settings))
        .seed(seed)
        .trials(trials);
    study.open().await.unwrap().run(&()).await.unwrap()
}

fn is_whole(outcome: &Outcome) -> bool {
    let found = &outcome.winner().unwrap().instruction;
    CLAUSES.iter().all(|clause| found.contains(clause))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_leaders_that_are_right_on_different_rows_are_combined() {
    let mut combined = 0;
    for seed in 0..20 {
        combined += usize::from(is_whole(&run(&["induce", "combine"], seed).await));
    }
    assert!(combined >= 17, "{combined} of 20");
    for seed in 0..3 {
        assert!(!is_whole(&run(&["induce", "reflect", "paraphrase"], seed).await), "{seed}");
    }
}

#[tokio::test]
async fn a_combination_is_shown_rows_of_both_kinds_and_what_the_other_answers() {
    let outcome = run(&["combine", "induce"], 3).await;
    let history = &outcome.history;
    let asks = history.steps().iter().flat_map(|step| &step.proposals);
    let combined: Vec<_> = asks
        .filter_map(|proposal| match proposal {
            Proposal::Ask(ask) if ask.source.as_deref() == Some("combine") => Some(ask),
            _ => None,
        })
        .collect();
    let prompt = combined[0].text("", task().train(), task().dev()).unwrap();
    let part = |from: &str, to: &str| {
        prompt.split(from).nth(1).unwrap().split(to).next().unwrap().to_owned()
    };
    let of_b = part("with B, where A is right\n", "# What the model");
    let of_a = part("with A, where B is right\n", "# What to do");
    let odd = |text: &str| {
        let inputs = text.lines().filter_map(|line| line.strip_prefix("Input: "));
        inputs.filter(|input| input.parse::<usize>().unwrap() % 2 == 1).count()
    };
    for shown in [&of_a, &of_b] {
        assert_eq!(shown.matches("Answer: no idea").count(), 3, "{prompt}");
    }
    assert_eq!((odd(&of_a) + odd(&of_b), odd(&of_a) % 3), (3, 0));
    // Both were examined on the same rows, in one order.
    let examined: Vec<Vec<usize>> = combined[0]
        .shown
        .iter()
        .map(|shown| history.examined(history.find(&shown.instruction).unwrap().candidate).unwrap())
        .map(|all| all.per_example.iter().map(|one| one.example).collect())
        .collect();
    assert!(!examined[0].is_empty() && examined[0] == examined[1]);
}

/// How often the rarer of the two kinds was paraphrased.
async fn rarer_parents(settings: &[(&str, Value)], seed: u64) -> usize {
    // A race that gives up holds on to one kind; by bounds the leader changes often enough.
    let base = [("sources", json!(["induce", "paraphrase"])), ("race.rule", json!("slack"))];
    let outcome = run_for(40, &[&base, settings].concat(), seed).await;
    let asks = outcome.history.steps().iter().flat_map(|step| &step.proposals);
    let parents = asks.filter_map(|proposal| match proposal {
        Proposal::Ask(ask) => ask.shown.first().map(|shown| shown.instruction.clone()),
        _ => None,
    });
    let parents: Vec<String> = parents.collect();
    let of = CLAUSES.map(|clause| parents.iter().filter(|it| it.contains(clause)).count());
    assert!(of[0] + of[1] >= 5, "{of:?}");
    of[0].min(of[1])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_front_by_row_brings_parents_of_both_kinds() {
    let (mut leaders, mut fronts) = (0, 0);
    for seed in 0..8 {
        leaders += rarer_parents(&[], seed).await;
        fronts += rarer_parents(&[("front_share", json!(1.0))], seed).await;
    }
    assert!(leaders + 5 < fronts, "{leaders}, {fronts}");
}
