//! MIPRO: observations, a summary, instructions that build on it, and minibatches.

use std::sync::Arc;

use motjuste::history::{History, Part, Proposal, Trial, TrialState};
use motjuste::method::Registry;
use motjuste::model::{Request, Scripted};
use motjuste::study::Study;
use motjuste::task::{Example, Task};
use serde_json::{Value, json};

fn rows(range: std::ops::Range<usize>) -> Vec<Example> {
    range.map(|i| Example::new(format!("row {i}"), ["yes"])).collect()
}

/// Right on two rows of three where the instruction says "yes", else on none.
fn answer(request: &Request) -> String {
    let prompt = request.text();
    let row: usize = prompt
        .rsplit("row ")
        .next()
        .and_then(|row| row.split_whitespace().next())
        .unwrap()
        .parse()
        .unwrap();
    if prompt.contains("Say yes") && !row.is_multiple_of(3) { "yes" } else { "no" }.to_owned()
}

/// Observes, sums up, and writes one good instruction among many.
fn write(request: &Request) -> String {
    let prompt = request.text();
    match request.decoding.draw {
        _ if prompt.starts_with("These are examples") => {
            "<instruction>An observation.</instruction>".to_owned()
        }
        _ if prompt.starts_with("These are observations") => "Rows that want a yes.".to_owned(),
        3 => "<instruction>Say yes.</instruction>".to_owned(),
        draw => format!("<instruction>Try number {draw}.</instruction>"),
    }
}

async fn searched(changes: &[(&str, Value)], seed: u64) -> (Arc<History>, String) {
    let task = Task::new("yes", rows(0..25), rows(100..160), rows(200..230)).unwrap();
    let changes: Vec<(String, Value)> =
        changes.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect();
    let study = Study::of(task.with_start(["Answer."]).unwrap(), Scripted::new("target", answer))
        .generator(Scripted::new("writer", write))
        .method(Registry::built_in().method("mipro", &changes).unwrap())
        .seed(seed)
        .trials(40);
    let outcome = study.open().await.unwrap().run(&()).await.unwrap();
    let winner = outcome.winner().unwrap().instruction.clone();
    (outcome.history, winner)
}

fn asked(history: &History, step: usize) -> Vec<String> {
    let text = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Train(row) => format!("[{}]", row.row),
        _ => String::new(),
    };
    let proposals = history.steps()[step].proposals.iter();
    let asks = proposals.filter_map(|proposal| match proposal {
        Proposal::Ask(ask) => Some(ask.parts.iter().map(text).collect()),
        _ => None,
    });
    asks.collect()
}

#[tokio::test]
async fn the_train_rows_are_observed_in_batches_and_what_was_observed_is_shown_on() {
    let (history, _) = searched(&[], 0).await;
    // 25 train rows in three batches, a summary, and five instructions besides the prompt in use.
    let counts: Vec<usize> = (0..5).map(|step| asked(&history, step).len()).collect();
    assert_eq!(counts, [1, 1, 1, 1, 5]);
    assert!(
        asked(&history, 1)[0].contains("An observation.")
            && asked(&history, 1)[0].contains("[10][11]")
    );
    assert!(asked(&history, 4).iter().all(|prompt| prompt.contains("Rows that want a yes.")));
    assert!(history.candidates().iter().all(|it| it.instruction != "An observation."));
    let bare = searched(&[("summary", json!(false))], 0).await.0;
    assert!(asked(&bare, 0).iter().all(|prompt| !prompt.contains("# What the data are like")));
}

fn rows_of(trial: &Trial) -> Vec<usize> {
    trial.evaluation.as_ref().unwrap().per_example.iter().map(|row| row.example).collect()
}

#[tokio::test]
async fn minibatches_are_aligned_and_the_answer_is_scored_on_all_rows() {
    for seed in 0..20 {
        let (history, winner) = searched(&[("trials", json!(24))], seed).await;
        let partial = history.trials().iter().filter(|trial| trial.state == TrialState::Partial);
        let rows: Vec<Vec<usize>> = partial.map(rows_of).collect();
        assert!(rows.iter().all(|these| *these == rows[0] && these.len() == 35), "seed {seed}");
        assert_eq!(winner, "Say yes.", "seed {seed}");
        assert_eq!(history.find(&winner).unwrap().state, TrialState::Complete);
    }
}

#[tokio::test]
async fn the_best_of_five_minibatches_is_scored_on_all_rows() {
    let mut seen = 0;
    for seed in 0..20 {
        let (history, _) = searched(&[("trials", json!(24))], seed).await;
        let paid = |step: usize| {
            let job = history.steps()[step].assignments.first().unwrap();
            history.candidates()[job.candidate].instruction.as_str()
        };
        // Three observations, a summary and the instructions come first. Two minibatches are all rows.
        if (5..10).filter(|step| paid(*step) == "Say yes.").count() == 1 {
            assert_eq!(paid(10), "Say yes.", "seed {seed}");
            seen += 1;
        }
    }
    assert!(seen > 0);
}
