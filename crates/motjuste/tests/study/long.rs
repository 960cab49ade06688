//! A long prompt is changed part by part.

use motjuste::journal::Outcome;
use motjuste::model::{Request, Scripted};
use motjuste::study::Study;
use motjuste::task::{Example, Task};
use serde_json::json;

use super::combining::method;

const LAST: &str = "Answer {{ user }} with a label.";

/// A prompt of thirty paragraphs, the last with a placeholder.
fn start() -> String {
    let rule =
        |i: usize| format!("Rule {i} is about case {i}, which comes up now and then.\r\n\r\n");
    (0..30).map(rule).collect::<String>() + LAST
}

fn task() -> Task {
    let rows = |from: usize, count: usize| {
        (from..from + count)
            .map(|i| Example::new(i.to_string(), [format!("<{}>", i % 4)]))
            .collect()
    };
    let task = Task::new("long", rows(100, 16), rows(200, 24), rows(300, 24)).unwrap();
    task.with_start([start()]).unwrap()
}

/// Right where the instruction holds what the input needs.
fn answer(request: &Request) -> String {
    let prompt = request.text();
    let input: usize = prompt.rsplit(char::is_whitespace).next().unwrap().parse().unwrap();
    match prompt.contains(&format!("Mind kind {}.", input % 4)) {
        true => format!("<{}>", input % 4),
        false => "no idea".to_owned(),
    }
}

/// Adds what the first failure needs behind a rule, by an edit, with one that cannot be made and one that breaks the
/// placeholder now and then; words paragraphs anew.
fn write(request: &Request) -> String {
    let prompt = request.text();
    let draw = request.decoding.draw;
    if let Some(number) = prompt.split("# Paragraph ").nth(1) {
        let number = number.split(' ').next().unwrap();
        let name = if number == "31" { "Give {{ user }} a label" } else { "So it is" };
        return format!("<paragraph-{number}>{name}, number {draw}.</paragraph-{number}>");
    }
    if !prompt.contains("<find>") {
        return "<instruction>Write.</instruction>".to_owned();
    }
    let failed = prompt.split("<data>").find(|block| block.contains("Score: 0")).unwrap();
    let kind = failed.split("Expected: <").nth(1).unwrap().split('>').next().unwrap();
    let anchor = 3 + draw / 5 % 20;
    let spoilt =
        if draw.is_multiple_of(3) { "<find>{{ user }}</find><replace>them</replace>" } else { "" };
    format!(
        "<find>case {anchor}, which</find><replace>case {anchor}. Mind kind {kind}. It\ncomes</replace>
         <find>comes up now</find><replace>never</replace>{spoilt}"
    )
}

async fn run(sources: &[&str]) -> Outcome {
    let study = Study::of(task(), Scripted::new("follower", answer))
        .generator(Scripted::new("editor", write))
        .method(method("motjuste-chat", &[("sources", json!(sources))]))
        .trials(30);
    study.open().await.unwrap().run(&()).await.unwrap()
}

fn reasons(outcome: &Outcome) -> Vec<String> {
    let found = outcome.history.steps().iter().flat_map(|step| step.readings.iter().flatten());
    found.filter_map(|found| found.dropped.clone()).collect()
}

#[tokio::test]
async fn a_long_prompt_is_reflected_upon_by_edits_until_it_holds_what_was_missing() {
    let outcome = run(&["reflect"]).await;
    let winner = &outcome.winner().unwrap().instruction;
    assert!((0..4).all(|kind| winner.contains(&format!("Mind kind {kind}."))), "{winner}");
    let reasons = reasons(&outcome);
    assert!(reasons.iter().any(|it| it == "an edit of a text that stands there more than once"));
    assert!(reasons.iter().any(|it| it == "changes the placeholder {{ user }}"));
    let history = &outcome.history;
    for candidate in history.candidates().iter().filter(|it| !it.origin.parents.is_empty()) {
        let text = &candidate.instruction;
        assert!(text.ends_with(LAST) && text.starts_with("Rule 0 is about case 0, which comes"));
        assert!(!text.replace("\r\n", "").contains('\n'), "{text:?}");
    }
}

#[tokio::test]
async fn a_long_prompt_is_reworded_by_the_paragraph() {
    let outcome = run(&["paraphrase"]).await;
    let history = &outcome.history;
    let children: Vec<_> =
        history.candidates().iter().filter(|it| !it.origin.parents.is_empty()).collect();
    assert!(children.len() > 5);
    let mut places = std::collections::BTreeSet::new();
    for child in children {
        let parent = &history.candidates()[child.origin.parents[0]].instruction;
        let (old, new): (Vec<&str>, Vec<&str>) =
            (parent.split("\r\n\r\n").collect(), child.instruction.split("\r\n\r\n").collect());
        let changed: Vec<usize> = (0..31).filter(|&place| old[place] != new[place]).collect();
        assert!(old.len() == new.len() && changed.len() == 1, "{changed:?}");
        places.insert(changed[0]);
    }
    assert!(places.len() > 2, "{places:?}");
}
