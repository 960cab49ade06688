//! Worlds in which a text has a quality of its own and each source changes that of its parent in its own way: which
//! source should be asked?

use motjuste::budget::Budget;
use motjuste::history::Proposal;
use motjuste::journal::Outcome;
use motjuste::model::{Request, Scripted};
use motjuste::study::Study;
use motjuste::task::{Example, Task};
use serde_json::json;

use super::combining::method;

/// What a source adds to the quality of its parent, in the mean; `induce` to that of nobody.
type Gains = [(&'static str, f64); 4];

const SPREAD: f64 = 0.3;

/// Calls to the target: enough for some twenty prompts after the first.
const CALLS: u64 = 1500;

/// What `induce` begins with.
const BEGIN: f64 = -0.4;

fn unit(name: &str) -> f64 {
    let hash = blake3::hash(name.as_bytes());
    f64::from(u32::from_le_bytes(hash.as_bytes()[..4].try_into().unwrap())) / f64::from(u32::MAX)
}

/// A standard normal number, nearly.
fn normal(name: &str) -> f64 {
    (0..12).map(|part| unit(&format!("{part} {name}")) - 0.5).sum()
}

fn quality(text: &str) -> Option<f64> {
    text.split("Quality ").nth(1)?.split(',').next()?.parse().ok()
}

/// Right where the quality is above the difficulty of the input, and some luck.
fn answer(request: &Request) -> String {
    let prompt = request.text();
    let input = prompt.rsplit("Input: ").next().unwrap().lines().next().unwrap();
    let luck = normal(&format!("luck {prompt}"));
    let is_right = quality(&prompt).unwrap_or(-9.0) - normal(input) + 0.7 * luck > 0.0;
    if is_right { "yes" } else { "no" }.to_owned()
}

/// The share of inputs that an instruction is right on in the long run.
fn truth(outcome: &Outcome) -> f64 {
    let quality = quality(&outcome.winner().unwrap().instruction).unwrap_or(-9.0);
    let rows =
        (0..2000).map(|row| normal(&format!("row {row}")) + 0.7 * normal(&format!("luck {row}")));
    rows.filter(|bar| quality > *bar).count() as f64 / 2000.0
}

fn source_of(prompt: &str) -> &'static str {
    let signs = [
        ("# Two instructions", "combine"),
        ("# What the model answers with it", "reflect"),
        ("other wordings", "paraphrase"),
    ];
    signs.into_iter().find(|(sign, _)| prompt.contains(sign)).map_or("induce", |(_, name)| name)
}

/// Four texts, each a little better or worse than what the prompt shows first.
fn write(request: &Request, gains: &Gains) -> String {
    let prompt = request.text();
    let source = source_of(&prompt);
    let gain = gains.iter().find(|(name, _)| *name == source).unwrap().1;
    let parent = quality(&prompt).unwrap_or(BEGIN);
    let one = |place: usize| {
        let name = format!("{} {place} {prompt}", request.decoding.draw);
        let own = parent + gain + SPREAD * normal(&name);
        let word = &blake3::hash(name.as_bytes()).to_hex()[..6];
        format!("<instruction>Quality {own:.4}, form {word}.</instruction>")
    };
    (0..4).map(one).collect()
}

fn task(seed: u64) -> Task {
    let rows = |split: usize, count: usize| {
        (0..count).map(|i| Example::new(format!("{seed}-{split}-{i}"), ["yes"])).collect()
    };
    Task::new("qualities", rows(0, 40), rows(1, 50), rows(2, 4)).unwrap()
}

async fn run(schedule: &str, gains: Gains, seed: u64) -> Outcome {
    let names: Vec<&str> = gains.iter().map(|(name, _)| *name).collect();
    let method =
        method("motjuste-chat", &[("sources", json!(names)), ("schedule", json!(schedule))]);
    let budget = Budget { target_calls: Some(CALLS), search_on: true, ..Budget::default() };
    let study = Study::of(task(seed), Scripted::new("items", answer))
        .generator(Scripted::new("writer", move |request: &Request| write(request, &gains)))
        .method(method)
        .seed(seed)
        .budget(budget);
    study.open().await.unwrap().run(&()).await.unwrap()
}

/// How often each source was asked after the first step.
fn asked(outcome: &Outcome, source: &str) -> usize {
    let proposals = outcome.history.steps().iter().skip(1).flat_map(|step| &step.proposals);
    let is_by = |proposal: &&Proposal| matches!(proposal, Proposal::Ask(ask) if ask.source.as_deref() == Some(source));
    proposals.filter(is_by).count()
}

const GOOD: f64 = 0.1;
const POOR: f64 = -0.3;
const HOPELESS: f64 = -2.0;

fn gains(reflect: f64, induce: f64, paraphrase: f64, combine: f64) -> Gains {
    [("reflect", reflect), ("induce", induce), ("paraphrase", paraphrase), ("combine", combine)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_brings_more_is_asked_more_often_and_none_is_forgotten() {
    let (mut good, mut all) = (0, 0);
    for seed in 0..3 {
        let outcome = run("thompson", gains(HOPELESS, HOPELESS, GOOD, HOPELESS), seed).await;
        let counts = ["reflect", "induce", "paraphrase", "combine"].map(|it| asked(&outcome, it));
        good += counts[2];
        all += counts.iter().sum::<usize>();
        assert!(counts[0] > 0 && counts[1] > 0, "{counts:?}");
    }
    assert!(5 * good > 2 * all, "{good} of {all}");
    let equal = run("in_turn", gains(HOPELESS, HOPELESS, GOOD, HOPELESS), 0).await;
    let counts = ["reflect", "induce", "paraphrase"].map(|it| asked(&equal, it));
    assert!(counts.iter().all(|count| *count > 2), "{counts:?}");
}

/// The mean of so many differences, and its standard error.
fn summary(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: a measurement"]
async fn schedules_compared() {
    let worlds = [
        ("reflect good, three poor", gains(GOOD, POOR, POOR, POOR)),
        ("paraphrase good, three poor", gains(POOR, POOR, GOOD, POOR)),
        ("paraphrase good, three hopeless", gains(HOPELESS, HOPELESS, GOOD, HOPELESS)),
        ("induce good, three hopeless", gains(HOPELESS, 1.0, HOPELESS, HOPELESS)),
        ("different, none dominates", gains(-0.05, -0.1, -0.2, -0.3)),
        ("all alike", gains(-0.15, -0.15, -0.15, -0.15)),
    ];
    let seeds: u64 = std::env::var("SEEDS").ok().and_then(|it| it.parse().ok()).unwrap_or(60);
    for (name, gains) in worlds {
        let (mut turns, mut differences) = (Vec::new(), Vec::new());
        for seed in 0..seeds {
            let turn = truth(&run("in_turn", gains, seed).await);
            differences.push(truth(&run("thompson", gains, seed).await) - turn);
            turns.push(turn);
        }
        let ((mean, _), (gain, error)) = (summary(&turns), summary(&differences));
        println!("{name}: in turn {mean:.3}, thompson {gain:+.3} (s.e. {error:.3})");
        assert!(gain > -3.0 * error - 0.02, "{name}");
    }
}
