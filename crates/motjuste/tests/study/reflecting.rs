//! A world in which an instruction is as good as the rules that it holds, and only failures tell which are missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use motjuste::method::{Chat, Method, Registry};
use motjuste::model::{Request, Scripted};
use motjuste::study::Study;
use motjuste::task::{Example, Task};
use serde_json::{Value, json};

const CLASSES: [&str; 4] = ["amber", "beige", "coral", "denim"];

fn task() -> Task {
    let rows = |from: usize, count: usize| {
        let row = |i: usize| {
            Example::new(format!("{} {i}", CLASSES[i % 4]), [format!("<{}>", CLASSES[i % 4])])
        };
        (from..from + count).map(row).collect()
    };
    Task::new("rules", rows(0, 16), rows(100, 24), rows(200, 24)).unwrap()
}

/// Answers rightly where the instruction holds the rule of the input's class.
fn answer(request: &Request) -> String {
    let prompt = request.text();
    let input = prompt.rsplit("Input: ").next().unwrap_or_default();
    let class = CLASSES.iter().find(|class| input.starts_with(**class));
    match class.filter(|class| prompt.contains(&format!("rule of {class}"))) {
        Some(class) => format!("<{class}>"),
        None => "no idea".to_owned(),
    }
}

/// Adds the rule of the first failure that it finds in what it is shown.
fn reflect(request: &Request) -> String {
    let prompt = request.text();
    let between = |text: &str, open: &str, close: &str| -> Option<String> {
        Some(text.split_once(open)?.1.split_once(close)?.0.to_owned())
    };
    let present = between(&prompt, "# The present instruction\n\n<data>\n", "\n</data>");
    let failed = prompt.split("<data>").find(|block| block.contains("Score: 0"));
    let expected = failed.and_then(|block| between(block, "Expected: <", ">"));
    match (present, expected) {
        (Some(present), Some(class)) => {
            format!("<instruction>{present} Mind the rule of {class}.</instruction>")
        }
        _ => "<instruction>Name the colour.</instruction>".to_owned(),
    }
}

async fn rules_found(method: Arc<dyn Method>, seed: u64) -> usize {
    let study = Study::of(task(), Scripted::new("follower", answer))
        .generator(Scripted::new("reflector", reflect))
        .method(method)
        .seed(seed)
        .trials(30);
    let outcome = study.open().await.unwrap().run(&()).await.unwrap();
    let found = outcome.winner().unwrap().instruction.clone();
    CLASSES.iter().filter(|class| found.contains(**class)).count()
}

fn method(name: &str, changes: &[(&str, Value)]) -> Arc<dyn Method> {
    let changes: Vec<(String, Value)> =
        changes.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect();
    Registry::built_in().method(name, &changes).unwrap()
}

#[tokio::test]
async fn methods_that_reflect_find_every_missing_rule() {
    let reflecting = [("sources", json!(["reflect"]))];
    for seed in 0..20 {
        assert_eq!(rules_found(method("gepa", &[]), seed).await, 4, "gepa, seed {seed}");
        let found = rules_found(method("motjuste-chat", &reflecting), seed).await;
        assert_eq!(found, 4, "motjuste-chat, seed {seed}");
    }
}

#[tokio::test]
async fn a_first_reply_that_cannot_be_read_is_asked_for_again() {
    let clumsy = |request: &Request| match request.decoding.draw {
        0 | 1 => "I would rather not.".to_owned(),
        _ => reflect(request),
    };
    let study = Study::of(task(), Scripted::new("follower", answer))
        .generator(Scripted::new("clumsy", clumsy))
        .method(method("gepa", &[]))
        .trials(30);
    let outcome = study.open().await.unwrap().run(&()).await.unwrap();
    assert_eq!(outcome.winner().unwrap().score(), Some(1.0));
}

#[tokio::test]
async fn methods_that_show_train_rows_refuse_a_task_without_any() {
    let rows = |from: usize| (from..from + 4).map(|i| Example::new(i.to_string(), ["x"])).collect();
    for name in ["gepa", "ape"] {
        let bare = Task::without_train("bare", rows(0), rows(10)).unwrap();
        let study = Study::of(bare, Scripted::new("follower", answer)).method(method(name, &[]));
        let error = study.trials(3).open().await.err().unwrap();
        assert!(error.is_configuration() && error.to_string().contains("train"), "{name}: {error}");
    }
}

#[tokio::test]
async fn methods_that_see_no_failure_do_not() {
    for seed in 0..5 {
        for name in ["ape", "best-of-n"] {
            assert!(rules_found(method(name, &[]), seed).await < 4, "{name}, seed {seed}");
        }
    }
}

/// How many trials GEPA comes to where every child is as bad as its parent.
async fn trials_of_useless_children(accept: &str) -> usize {
    let useless = |request: &Request| {
        format!("<instruction>Try number {}.</instruction>", request.decoding.draw)
    };
    let settings = [("accept", json!(accept)), ("patience", json!(12))];
    let study = Study::of(task(), Scripted::new("follower", answer))
        .generator(Scripted::new("useless", useless))
        .method(method("gepa", &settings))
        .trials(6);
    study.open().await.unwrap().run(&()).await.unwrap().history.evaluated_trials()
}

#[tokio::test]
async fn gepa_forgets_a_child_that_does_no_better() {
    assert_eq!(trials_of_useless_children("better").await, 1);
    assert_eq!(trials_of_useless_children("better_or_equal").await, 6);
}

#[tokio::test]
async fn gepa_pays_for_the_dev_split_only_for_children_that_did_better_on_the_minibatch() {
    let study = Study::of(task(), Scripted::new("follower", answer))
        .generator(Scripted::new("reflector", reflect))
        .method(method("gepa", &[]))
        .trials(30);
    let outcome = study.open().await.unwrap().run(&()).await.unwrap();
    let history = &outcome.history;
    // The first, and one for each rule.
    assert_eq!(history.evaluated_trials(), 5);
    let looked: usize =
        history.steps().iter().flat_map(|step| &step.examinations).map(|one| one.rows.len()).sum();
    assert!(looked.is_multiple_of(3) && looked > 12);
    // Rows that were looked at before are answered by the cache.
    let target = outcome.account.target;
    assert_eq!(target.calls + target.cache_hits, (5 * 24 + looked) as u64);
}

/// A writer whose first replies hold no instruction.
fn stammering(barren: u64) -> Scripted {
    let asked = AtomicU64::new(0);
    Scripted::new("stammering", move |_: &Request| match asked.fetch_add(1, Ordering::Relaxed) {
        number if number < barren => "What a task this is.".to_owned(),
        number => format!("<instruction>Do it, {number}.</instruction>"),
    })
}

#[tokio::test]
async fn examples_are_shown_again_where_no_reply_brought_an_instruction_and_not_for_ever() {
    for (barren, found) in [(0, true), (4, true), (9, true), (10, false)] {
        let study = Study::of(task(), Scripted::new("target", |_| "<amber>".into()))
            .generator(stammering(barren))
            .method(Chat { first: 4, ..Chat::default() })
            .trials(3);
        let outcome = study.open().await.unwrap().run(&()).await.unwrap();
        assert_eq!(outcome.history.evaluated_trials() > 0, found, "{barren}");
        assert!(found || outcome.account.generator.calls == 10, "{:?}", outcome.account);
    }
}
