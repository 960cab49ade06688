//! Methods that cross and mutate, in a world in which an instruction is as good as its words, and no first guess holds a
//! good one.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use motjuste::history::{History, Proposal, Trial, TrialState};
use motjuste::journal::Outcome;
use motjuste::method::{Method, Registry};
use motjuste::model::{Request, Scripted};
use motjuste::study::{Study, StudyBuilder};
use motjuste::task::{Example, Task};
use serde_json::{Value, json};

const WORDS: [&str; 8] = ["able", "beam", "calm", "dawn", "echo", "fern", "glad", "hope"];

const START: &str = "say beam beam able beam able beam.";

fn task() -> Task {
    let rows = |from: usize, count: usize| {
        (from..from + count).map(|i| Example::new(format!("row {i}"), ["yes"])).collect()
    };
    Task::new("words", rows(1000, 12), rows(100, 25), rows(200, 25)).unwrap()
}

fn started() -> Task {
    task().with_start([START]).unwrap()
}

/// The words of the first instruction in a text.
fn words(text: &str) -> Vec<&str> {
    let line = text.split("say ").nth(1).and_then(|rest| rest.lines().next()).unwrap_or_default();
    line.split(['.', '<']).next().unwrap_or_default().split(' ').collect()
}

/// The mean place of its words among all.
fn quality(instruction: &str) -> f64 {
    let place = |word: &&str| WORDS.iter().position(|known| known == word).unwrap_or(0) as f64;
    let words = words(instruction);
    words.iter().map(place).sum::<f64>() / (7 * words.len().max(1)) as f64
}

/// Right on the share of rows that is the quality of the wording.
fn answer(request: &Request) -> String {
    let prompt = request.text();
    let mut numbers = prompt.split(|c: char| !c.is_ascii_digit()).filter(|text| !text.is_empty());
    let row: usize = numbers.next_back().unwrap_or_default().parse().unwrap_or(0);
    let is_right = (row * 7 % 25) as f64 + 0.5 < 25.0 * quality(&prompt);
    if is_right { "yes" } else { "no" }.to_owned()
}

/// Numbers that hang on a request alone.
fn dice(request: &Request) -> impl FnMut(usize) -> usize {
    let (text, draw) = (request.text(), request.decoding.draw);
    let mut thrown = 0;
    move |sides| {
        thrown += 1;
        let mut hasher = DefaultHasher::new();
        (&text, draw, thrown).hash(&mut hasher);
        hasher.finish() as usize % sides
    }
}

/// The instructions that a prompt shows, in order.
fn shown(prompt: &str) -> Vec<Vec<&str>> {
    let told = prompt.split("\n\n<data>\nsay ").skip(1);
    told.map(|rest| rest.split('.').next().unwrap_or_default().split(' ').collect()).collect()
}

/// A writer that does what it is asked, blindly: it guesses from the worse half of the words, takes each word from one
/// of those that it is shown, and changes one.
fn write(request: &Request) -> String {
    let (prompt, mut dice) = (request.text(), dice(request));
    let parents = shown(&prompt);
    let mut child: Vec<&str> = match parents.as_slice() {
        [] => (0..6).map(|_| WORDS[dice(4)]).collect(),
        all => (0..6).map(|place| all[dice(all.len())][place]).collect(),
    };
    let is_to_change = !parents.is_empty() && !prompt.contains("Join instructions 1 and 2");
    if is_to_change {
        child[dice(6)] = WORDS[dice(8)];
    }
    let text = child.join(" ");
    format!(
        "Step 1: <instruction>{START}</instruction> Step 2: <instruction>say {text}.</instruction>"
    )
}

fn method(name: &str, changes: &[(&str, Value)]) -> Arc<dyn Method> {
    let changes: Vec<(String, Value)> =
        changes.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect();
    Registry::built_in().method(name, &changes).unwrap()
}

fn study(task: Task, name: &str, changes: &[(&str, Value)]) -> StudyBuilder {
    Study::of(task, Scripted::new("reader", answer))
        .generator(Scripted::new("writer", write))
        .method(method(name, changes))
        .dev_examples(None)
}

async fn run(study: StudyBuilder) -> Outcome {
    study.open().await.unwrap().run(&()).await.unwrap()
}

/// Blocks that are small enough for these dev rows.
const BLOCKS: (&str, i32) = ("block", 5);

fn settings(name: &str) -> Vec<(&'static str, Value)> {
    match name.starts_with("capo") {
        true => vec![(BLOCKS.0, json!(BLOCKS.1)), ("patience", json!(60))],
        false => Vec::new(),
    }
}

/// What the best of the first pool is worth in truth, and the winner.
async fn climb(name: &str, seed: u64) -> (f64, f64) {
    let outcome = run(study(started(), name, &settings(name)).seed(seed).trials(70)).await;
    let first = outcome.history.trials().iter().filter(|trial| trial.step < 2);
    let first: Vec<f64> = first.map(|trial| quality(&trial.instruction)).collect();
    let mean = first.iter().sum::<f64>() / first.len() as f64;
    (mean, quality(&outcome.winner().unwrap().instruction))
}

const NAMES: [&str; 6] = [
    "evoprompt-ga",
    "evoprompt-de",
    "capo",
    "evoprompt-ga-compat",
    "evoprompt-de-compat",
    "capo-compat",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_climbs_above_the_start_and_above_its_first_pool() {
    for name in NAMES {
        let seeds = if name.ends_with("compat") { 5 } else { 20 };
        let mut climbed = 0;
        for seed in 0..seeds {
            let (first, found) = climb(name, seed).await;
            climbed += usize::from(found >= quality(START) + 0.2 && found > first);
        }
        assert!(climbed >= seeds as usize * 19 / 20, "{name}: {climbed} of {seeds}");
    }
}

#[tokio::test]
async fn what_stands_in_no_tags_and_what_is_known_becomes_no_trial() {
    let clumsy = |request: &Request| match dice(request)(5) {
        0 => "say hope hope hope hope hope hope.".to_owned(),
        1 => "<instruction>say hope hope".to_owned(),
        2 => format!("<think><instruction>say hope.</instruction> {}", write(request)),
        // What it was shown, again.
        3 => format!("<instruction>{START}</instruction>"),
        _ => write(request),
    };
    for name in ["evoprompt-ga", "evoprompt-de", "capo"] {
        let study = study(started(), name, &settings(name)).trials(40);
        let outcome = run(study.generator(Scripted::new("clumsy", clumsy))).await;
        let trials = outcome.history.trials();
        assert!(trials.len() > 5, "{name}");
        let mut texts: Vec<_> = trials.iter().map(|trial| trial.instruction.as_str()).collect();
        assert!(texts.iter().all(|text| words(text).len() == 6 && !text.contains('<')), "{name}");
        assert!(!texts.iter().any(|text| text.starts_with("say hope hope hope hope hope hope")));
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), trials.len(), "{name}");
    }
    let outcome = run(study(started(), "evoprompt-ga-compat", &[])
        .trials(40)
        .generator(Scripted::new("clumsy", clumsy)))
    .await;
    assert_eq!(outcome.winner().unwrap().score(), Some(1.0));
}

#[tokio::test]
async fn a_writer_that_writes_nothing_usable_ends_the_search() {
    for name in NAMES {
        let mute = Scripted::new("mute", |_| "<think>Well".to_owned());
        let outcome = run(study(started(), name, &settings(name)).trials(40).generator(mute)).await;
        assert_eq!(outcome.history.trials().len(), 1, "{name}");
        assert_eq!(outcome.winner().unwrap().instruction, START);
    }
}

/// The best of a population of ten are crossed, and so are parents of children.
#[tokio::test]
async fn only_the_best_ten_have_children_in_a_genetic_algorithm() {
    let outcome = run(study(started(), "evoprompt-ga", &[]).trials(90)).await;
    let history = &outcome.history;
    for step in history.steps().iter().skip(3) {
        let mut scores: Vec<f64> = history
            .trials()
            .iter()
            .filter(|it| it.step < step.index)
            .filter_map(Trial::score)
            .collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        for shown in parents(step.proposals.as_slice()) {
            let score = history.find(&shown).and_then(Trial::score).unwrap();
            assert!(score >= scores[9.min(scores.len() - 1)]);
        }
    }
}

fn parents(proposals: &[Proposal]) -> Vec<String> {
    let asks = proposals.iter().filter_map(|proposal| match proposal {
        Proposal::Ask(ask) => Some(ask),
        _ => None,
    });
    asks.flat_map(|ask| &ask.shown).map(|shown| shown.instruction.clone()).collect()
}

/// Who has a child in each step of differential evolution, in the order of places.
fn places(history: &History, step: usize) -> Vec<String> {
    let asks = history.steps()[step].proposals.iter().filter_map(|proposal| match proposal {
        Proposal::Ask(ask) => Some(ask.shown[0].instruction.clone()),
        _ => None,
    });
    asks.collect()
}

#[tokio::test]
async fn in_differential_evolution_a_child_takes_a_place_only_if_it_is_better() {
    let outcome = run(study(started(), "evoprompt-de", &[]).trials(90)).await;
    let history = &outcome.history;
    let score = |text: &str| history.find(text).and_then(Trial::score).unwrap();
    let mut replaced = 0;
    for step in 2..history.steps().len() - 1 {
        let (before, after) = (places(history, step), places(history, step + 1));
        for (place, (old, new)) in before.iter().zip(&after).enumerate() {
            let child = history.trials().iter().find(|trial| {
                trial.step == step && history.candidates()[trial.candidate].origin.reply == place
            });
            let better = child.filter(|child| child.score().unwrap() > score(old));
            assert_eq!(new, better.map_or(old, |child| &child.instruction));
            replaced += usize::from(better.is_some());
        }
    }
    assert!(replaced > 10);
}

#[tokio::test]
async fn the_donor_is_the_best_a_third_or_nobody() {
    for (donor, told) in [("best", 4), ("random", 4), ("none", 3)] {
        let settings = [("donor", json!(donor))];
        let outcome = run(study(started(), "evoprompt-de", &settings).trials(60)).await;
        let history = &outcome.history;
        let step = history.steps().last().unwrap();
        let Some(Proposal::Ask(ask)) = step.proposals.first() else { panic!("{donor}") };
        assert_eq!(ask.shown.len(), told, "{donor}");
        let earlier = history.trials().iter().filter(|trial| trial.step < step.index);
        let best = earlier.filter_map(Trial::score).fold(0.0, f64::max);
        let last = history.find(&ask.shown[told - 1].instruction).and_then(Trial::score).unwrap();
        assert!(donor != "best" || last >= best);
    }
}

#[tokio::test]
async fn capo_gives_up_whoever_a_race_left_behind_and_pays_block_by_block() {
    let outcome = run(study(started(), "capo", &settings("capo")).trials(60)).await;
    let history = &outcome.history;
    let in_state = |state| history.trials().iter().filter(move |trial| trial.state == state);
    assert!(in_state(TrialState::Pruned).count() > 10);
    for trial in in_state(TrialState::Pruned) {
        let rows = trial.evaluation.as_ref().unwrap().per_example.len();
        assert!(rows.is_multiple_of(5) && rows < 25, "{rows}");
    }
    // No race leaves more than ten, and what it gave up gets no further row.
    for step in history.steps() {
        let racing = step.assignments.iter().filter(|it| it.evaluation.is_some()).count();
        assert!(racing <= 14, "{racing}");
    }
}

/// Right where an example says what an answer looks like.
fn follow(request: &Request) -> String {
    let is_shown = request.text().contains("Output: yes");
    if is_shown { "yes" } else { "I cannot say." }.to_owned()
}

#[tokio::test]
async fn capo_shows_train_rows_to_the_target_and_no_other() {
    let best = async |examples: usize| {
        let changes = [("examples", json!(examples)), ("block", json!(5))];
        let study = Study::of(started(), Scripted::new("follower", follow))
            .generator(Scripted::new("writer", write))
            .method(method("capo", &changes))
            .trials(30);
        run(study).await
    };
    let outcome = best(3).await;
    let winner = outcome.winner().unwrap();
    assert!(winner.evaluation.as_ref().unwrap().score == Some(1.0));
    let shown = winner.instruction.matches("Input: row 10").count();
    assert!((1..=3).contains(&shown) && winner.instruction.matches("Input: ").count() == shown);
    assert_eq!(best(0).await.winner().unwrap().evaluation.as_ref().unwrap().score, Some(0.0));
}

/// Long texts, always new, and as many tokens as there may be.
fn verbose(request: &Request) -> String {
    let text = request.text();
    let mut hasher = DefaultHasher::new();
    (&text, request.decoding.draw).hash(&mut hasher);
    let name = format!("{:020}", hasher.finish());
    format!("<instruction>say {}{name}</instruction>", "a ".repeat(738))
}

#[tokio::test]
async fn no_study_costs_more_than_its_forecast() {
    let long = |from: usize, count: usize| {
        let row = |i: usize| Example::new(format!("{} {i}", "x".repeat(i % 60)), ["yes"]);
        (from..from + count).map(row).collect()
    };
    for name in NAMES {
        for (writer, trials) in
            [(verbose as fn(&Request) -> String, 25), (|_: &Request| String::new(), 25)]
        {
            let task = Task::new("long", long(1000, 12), long(100, 20), long(200, 20)).unwrap();
            let task = task.with_start([START]).unwrap();
            let study = study(task, name, &settings(name))
                .trials(trials)
                .generator(Scripted::new("long", writer));
            let study = study.open().await.unwrap();
            let forecast = study.forecast().unwrap();
            let account = study.run(&()).await.unwrap().account;
            for (most, spent) in
                [(forecast.generator, account.generator), (forecast.target, account.target)]
            {
                assert!(spent.calls <= most.calls, "{name}: {} of {}", spent.calls, most.calls);
                assert!(spent.tokens() <= most.usage.tokens_in + most.usage.tokens_out, "{name}");
            }
        }
    }
}

#[test]
fn settings_that_cannot_be_used_are_refused_by_name() {
    let refused = |name: &str, path: &str, value: Value| {
        let error = Registry::built_in().method(name, &[(path.to_owned(), value)]).err().unwrap();
        assert!(error.is_configuration(), "{error}");
        let last = path.rsplit('.').next().unwrap();
        assert!(format!("{error} {}", error.help().unwrap_or_default()).contains(last), "{error}");
    };
    refused("evoprompt-ga", "population", json!(1));
    refused("evoprompt-de", "population", json!(2));
    refused("evoprompt-de", "donor", json!("worst"));
    refused("evoprompt-ga", "writer.temperature", json!(-1.0));
    refused("capo", "population", json!(1));
    refused("capo", "alpha", json!(0.0));
    refused("capo", "length_penalty", json!(-0.1));
    refused("capo", "writer.max_tokens", json!(0));
}
