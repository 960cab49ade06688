//! OPRO in a study: the trajectory reaches the generator, and replies that are no use end cleanly.

use std::sync::Arc;

use motjuste::budget::{Budget, StopReason};
use motjuste::journal::Outcome;
use motjuste::model::{GenerationRequest, ScriptedGenerator, ScriptedModel};
use motjuste::optimizer::OptimizerConfig;
use motjuste::optimizer::opro::{Opro, OproConfig, Order, Reason, ScoreDisplay, Verdict};
use motjuste::proposal::Proposal;
use motjuste::report::{StepLine, meta_prompt};
use motjuste::storage::InMemory;
use motjuste::study::Setup;

use super::world::{change, rewrite, run, setup};

fn world(config: OproConfig, write: fn(&GenerationRequest) -> String) -> Setup {
    let config = OproConfig { initial: vec!["Write c c c.".to_owned()], ..config };
    Setup {
        method: OptimizerConfig::Opro(config),
        generator: Arc::new(ScriptedGenerator::new("rewriter", write)),
        budget: Budget { trials: None, ..Budget::default() },
        ..setup("opro", Arc::new(InMemory::default()), 1)
    }
}

fn short() -> OproConfig {
    OproConfig { steps: 12, shown: 100, ..OproConfig::default() }
}

fn best(outcome: &Outcome) -> f64 {
    outcome.history.best().and_then(|trial| trial.score()).unwrap()
}

/// Changes the instruction with the highest score in sight, and the first where none is in sight.
fn change_the_highest(request: &GenerationRequest) -> String {
    let blocks = request.prompt.split("\ntext:\nWrite ").skip(1);
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
    let config = OproConfig { order: Order::Descending, ..short() };
    let descending = run(world(config, rewrite)).await.unwrap();
    assert!(best(&descending) < 1.0, "{}", best(&descending));
}

#[tokio::test]
async fn scores_lead_uphill_and_hidden_ones_do_not() {
    let config = OproConfig { order: Order::Descending, ..short() };
    let shown = run(world(config, change_the_highest)).await.unwrap();
    assert_eq!(best(&shown), 1.0);
    let hidden = OproConfig { display: ScoreDisplay::Hidden, ..short() };
    let hidden = run(world(hidden, change_the_highest)).await.unwrap();
    assert!(best(&hidden) < 1.0, "{}", best(&hidden));
}

#[tokio::test]
async fn useless_replies_end_cleanly_and_are_counted() {
    for write in [
        (|_| "<INS></INS>".to_owned()) as fn(&GenerationRequest) -> String,
        |_| "<INS>Write c c c.</INS>".to_owned(),
        |_| "x".repeat(501),
    ] {
        let outcome = run(world(OproConfig { steps: 3, ..short() }, write)).await.unwrap();
        assert_eq!(outcome.stop_reason, Some(StopReason::Finished));
        assert_eq!((outcome.history.rounds().len(), outcome.history.trials().count()), (4, 1));
        let replies = outcome.history.generations();
        let replies = replies.filter(|(_, asked, _)| matches!(asked, Proposal::MetaPrompt(_)));
        assert_eq!(replies.count(), 24);
        assert_eq!(outcome.account.generator.calls, 24);
    }
}

/// One in four replies each: a new instruction, one without markers, an old one, and one too long.
fn unreliable(request: &GenerationRequest) -> String {
    match request.decoding.draw % 4 {
        0 => rewrite(request),
        1 => "?".repeat(501),
        2 => "<INS>write c c c.</INS>".to_owned(),
        _ => format!("<INS>{}</INS>", "long ".repeat(101)),
    }
}

#[tokio::test]
async fn the_steps_tell_what_was_asked_what_was_scored_and_why_the_rest_was_dropped() {
    let config = OproConfig { steps: 3, initial: vec!["Write c c c.".to_owned()], ..short() };
    let outcome = run(world(config.clone(), unreliable)).await.unwrap();
    let steps = Opro::new(config).steps(&outcome.history);
    assert_eq!(steps.iter().map(|step| step.number).collect::<Vec<_>>(), [1, 2, 3]);
    for step in &steps {
        let dropped = |reason: Reason| {
            let is_it =
                |verdict: &Verdict| matches!(verdict, Verdict::Dropped(_, why) if *why == reason);
            step.replies.iter().filter(|(_, verdict)| is_it(verdict)).count()
        };
        let accepted = step.replies.iter().filter_map(|(_, verdict)| match verdict {
            Verdict::Accepted(text) => Some(text.as_str()),
            Verdict::Dropped(..) => None,
        });
        let scored: Vec<_> = step.trials.iter().map(|trial| trial.instruction.as_str()).collect();
        assert_eq!(accepted.collect::<Vec<_>>(), scored);
        // The long text is known from the second time on.
        let too_long = usize::from(step.number == 1);
        assert_eq!((step.replies.len(), dropped(Reason::Unparsed)), (8, 2));
        assert_eq!(dropped(Reason::TooLong), too_long);
        assert_eq!(dropped(Reason::Known), 6 - too_long - scored.len());
    }
    assert_eq!(steps[0].asked.trajectory[0].instruction, "Write c c c.");
    assert!(steps[2].asked.trajectory.len() > steps[1].asked.trajectory.len());
    let lines = StepLine::all(&outcome);
    assert_eq!(lines.last().unwrap().best_so_far, Some(best(&outcome)));
    for (line, step) in lines.iter().zip(&steps) {
        assert_eq!(
            line.best,
            step.trials.iter().filter_map(|trial| trial.score()).reduce(f64::max)
        );
        assert_eq!(line.trajectory, step.asked.trajectory);
        assert_eq!(
            line.replies.iter().filter(|reply| reply.dropped.is_none()).count(),
            line.trials.len()
        );
        assert_eq!(meta_prompt(&outcome.history, line.step), Some(step.asked));
    }
}

#[tokio::test]
async fn other_methods_have_no_steps() {
    let outcome = run(setup("uniform", Arc::new(InMemory::default()), 6)).await.unwrap();
    assert!(StepLine::all(&outcome).is_empty() && meta_prompt(&outcome.history, 1).is_none());
}

#[tokio::test]
async fn settings_that_contradict_each_other_stop_before_any_call() {
    let error = run(world(OproConfig { batch: 0, ..short() }, rewrite)).await.unwrap_err();
    assert!(error.is_configuration());
}

/// Answers three inputs in ten rightly, whatever the instruction says.
fn answer_by_chance(prompt: &str) -> String {
    let input = prompt.split("Input: ").nth(1).unwrap().lines().next().unwrap();
    let lucky = blake3::hash(prompt.as_bytes()).as_bytes()[0] % 10 < 3;
    if lucky { input.to_owned() } else { "no idea".to_owned() }
}

#[tokio::test]
async fn where_wording_does_not_matter_the_winner_fails_the_held_out_test() {
    let mut null = world(short(), rewrite);
    null.target = Arc::new(ScriptedModel::new("null", answer_by_chance));
    let outcome = run(null).await.unwrap();
    let winner = outcome.assessment.as_ref().and_then(|all| all.winner.clone()).unwrap();
    // The best of dozens of means of twenty draws stands out by luck; fifty new draws do not repeat it.
    assert!(outcome.history.distinct_instructions() > 20);
    assert!(winner.dev.score >= 0.45, "{}", winner.dev.score);
    assert!(winner.test.score <= 0.4, "{}", winner.test.score);
    assert!(winner.interval.low < 0.3 && 0.3 < winner.interval.high);
}
