//! OPRO in a study: the trajectory reaches the generator, and replies that are no use end cleanly.

use std::sync::Arc;

use motjuste::budget::{Budget, StopReason};
use motjuste::history::{Found, History, Proposal, Step, Trial};
use motjuste::journal::Outcome;
use motjuste::method::Opro;
use motjuste::method::opro::{Order, Reason, ScoreDisplay};
use motjuste::model::{Model, Request, Scripted};
use motjuste::report::{StepLine, asked_in};
use motjuste::storage::InMemory;
use motjuste::study::StudyBuilder;

use super::world::{answer, change, input, of_task, rewrite, run, setup, target, task};

fn world(config: Opro, write: fn(&Request) -> String) -> StudyBuilder {
    answered_by(target("answerer", answer), config, write)
}

fn answered_by(
    target: impl Model + 'static,
    config: Opro,
    write: fn(&Request) -> String,
) -> StudyBuilder {
    let config = Opro { initial: vec!["Write c c c.".to_owned()], ..config };
    of_task(task(), target, Arc::<InMemory>::default())
        .method(config)
        .generator(Scripted::new("rewriter", write))
        .budget(Budget { trials: None, ..Budget::default() })
}

fn short() -> Opro {
    Opro { steps: 12, shown: 100, ..Opro::default() }
}

fn best(outcome: &Outcome) -> f64 {
    outcome.history.best().and_then(|trial| trial.score()).unwrap()
}

/// Changes the instruction with the highest score in sight, and the first where none is in sight.
fn change_the_highest(request: &Request) -> String {
    let prompt = request.text();
    let blocks = prompt.split("\ntext:\nWrite ").skip(1);
    let scored = blocks.map(|block| {
        let score = block.split_once("\nscore:\n").and_then(|(_, rest)| rest.lines().next());
        let score: u32 = score.and_then(|score| score.parse().ok()).unwrap_or_default();
        (score, block.lines().next().unwrap_or_default())
    });
    let highest = scored.reduce(|a, b| if b.0 > a.0 { b } else { a });
    change(highest.map_or("c c c.", |(_, words)| words), request.decoding.draw)
}

#[tokio::test]
async fn the_trajectory_leads_uphill_and_only_in_its_order() {
    let ascending = run(world(short(), rewrite)).await.unwrap();
    assert_eq!(best(&ascending), 1.0);
    let config = Opro { order: Order::Descending, ..short() };
    let descending = run(world(config, rewrite)).await.unwrap();
    assert!(best(&descending) < 1.0, "{}", best(&descending));
}

#[tokio::test]
async fn scores_lead_uphill_and_hidden_ones_do_not() {
    let config = Opro { order: Order::Descending, ..short() };
    let shown = run(world(config, change_the_highest)).await.unwrap();
    assert_eq!(best(&shown), 1.0);
    let hidden = Opro { display: ScoreDisplay::Hidden, ..short() };
    let hidden = run(world(hidden, change_the_highest)).await.unwrap();
    assert!(best(&hidden) < 1.0, "{}", best(&hidden));
}

#[tokio::test]
async fn useless_replies_end_cleanly_and_are_counted() {
    for write in [
        (|_| "<INS></INS>".to_owned()) as fn(&Request) -> String,
        |_| "<INS>Write c c c.</INS>".to_owned(),
        |_| "x".repeat(1501),
    ] {
        let outcome = run(world(Opro { steps: 3, ..short() }, write)).await.unwrap();
        assert_eq!(outcome.stop_reason, Some(StopReason::Finished));
        assert_eq!((outcome.history.steps().len(), outcome.history.trials().len()), (4, 1));
        let asked = outcome.history.steps().iter().flat_map(|step| &step.proposals);
        let asked = asked.filter(|asked| matches!(asked, Proposal::Ask(_)));
        assert_eq!(asked.count(), 24);
        let replies = outcome.history.steps()[1..].iter().map(|step| step.replies.len());
        assert_eq!(replies.sum::<usize>(), 24);
        assert_eq!(outcome.account.generator.calls, 24);
    }
}

/// One in four replies each: a new instruction, one without markers, an old one, and one too long.
fn unreliable(request: &Request) -> String {
    match request.decoding.draw % 4 {
        0 => rewrite(request),
        1 => "?".repeat(1501),
        2 => "<INS>write c c c.</INS>".to_owned(),
        _ => format!("<INS>{}</INS>", "long ".repeat(301)),
    }
}

#[tokio::test]
async fn the_steps_tell_what_was_asked_what_was_scored_and_why_the_rest_was_dropped() {
    let outcome = run(world(Opro { steps: 3, ..short() }, unreliable)).await.unwrap();
    let history = &outcome.history;
    let steps = &history.steps()[1..];
    assert_eq!(steps.iter().map(|step| step.index).collect::<Vec<_>>(), [1, 2, 3]);
    for step in steps {
        let found: Vec<&Found> = step.readings.iter().flatten().collect();
        let dropped = |reason: Reason| {
            found.iter().filter(|found| found.dropped == Some(reason.to_string())).count()
        };
        let accepted = found.iter().filter(|found| found.dropped.is_none());
        let accepted: Vec<_> = accepted.map(|found| found.instruction.as_str()).collect();
        let scored: Vec<_> =
            trials(history, step).map(|trial| trial.instruction.as_str()).collect();
        assert_eq!(accepted, scored);
        // The long text is known from the second time on.
        let too_long = usize::from(step.index == 1);
        assert_eq!((found.len(), dropped(Reason::Unparsed)), (8, 2));
        assert_eq!(dropped(Reason::TooLong), too_long);
        assert_eq!(dropped(Reason::Known), 6 - too_long - scored.len());
    }
    let shown = |step| asked_in(history, step)[0].shown.as_slice();
    assert_eq!(shown(1)[0].instruction, "Write c c c.");
    assert!(shown(3).len() > shown(2).len());
    let lines = StepLine::all(history);
    assert_eq!((lines.len(), lines.last().unwrap().best_so_far), (3, Some(best(&outcome))));
    for (line, step) in lines.iter().zip(steps) {
        let best = trials(history, step).filter_map(Trial::score).reduce(f64::max);
        assert_eq!((line.step, line.best), (step.index, best));
        assert_eq!(line.trajectory, shown(line.step));
        let new = line.replies.iter().filter(|reply| reply.dropped.is_none());
        assert_eq!(new.count(), line.trials.len());
        assert_eq!(line.replies.len(), step.replies.len());
    }
}

fn trials<'a>(history: &'a History, step: &'a Step) -> impl Iterator<Item = &'a Trial> {
    step.assignments.iter().map(|assignment| &history.trials()[assignment.trial])
}

#[tokio::test]
async fn other_methods_have_no_steps() {
    let outcome = run(setup("uniform", Arc::new(InMemory::default()), 6)).await.unwrap();
    assert!(StepLine::all(&outcome.history).is_empty() && asked_in(&outcome.history, 1).is_empty());
}

#[tokio::test]
async fn settings_that_contradict_each_other_stop_before_any_call() {
    let error = run(world(Opro { temperature: -1.0, ..short() }, rewrite)).await.unwrap_err();
    assert!(error.is_configuration());
}

/// Answers three inputs in ten rightly, whatever the instruction says.
fn answer_by_chance(prompt: &str) -> String {
    let lucky = blake3::hash(prompt.as_bytes()).as_bytes()[0] % 10 < 3;
    if lucky { input(prompt).to_owned() } else { "no idea".to_owned() }
}

#[tokio::test]
async fn where_wording_does_not_matter_the_winner_fails_the_held_out_test() {
    let null = answered_by(target("null", answer_by_chance), short(), rewrite);
    let outcome = run(null).await.unwrap();
    let winner = outcome.assessment.as_ref().and_then(|all| all.winner.clone()).unwrap();
    // The best of dozens of means of twenty draws stands out by luck; fifty new draws do not repeat it.
    assert!(outcome.history.distinct_instructions() > 20);
    let (dev, test) = (winner.dev.score.unwrap(), winner.test.score.unwrap());
    assert!(dev >= 0.45, "{dev}");
    assert!(test <= 0.4, "{test}");
    assert!(winner.interval.low < 0.3 && 0.3 < winner.interval.high);
}
