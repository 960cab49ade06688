//! A person's own prompt: scored first, never lost, and what the result is compared with.

use std::sync::Arc;

use motjuste::budget::{Budget, StopReason};
use motjuste::history::{History, Proposal, Trial};
use motjuste::method::{Bounds, Chat, Method, MethodId, Opro};
use motjuste::model::{Abilities, MessageRole, Request, Scripted};
use motjuste::prompt::MessageTemplate;
use motjuste::random::Stream;
use motjuste::report::Report;
use motjuste::storage::InMemory;
use motjuste::study::{Eval, Study};
use motjuste::task::{Split, Task};
use serde::Serialize;

use super::world::{answer, examples, method, names, of_task, target, task};

fn store() -> Arc<InMemory> {
    Arc::new(InMemory::default())
}

/// The target of this world, which reads its instruction in the first line of the system's message.
fn answerer() -> Scripted {
    target("answerer", |prompt| {
        let (instruction, input) = prompt.rsplit_once("\n\n").unwrap_or(("", prompt));
        answer(&format!("Instruction: {instruction}\nInput: {input}"))
    })
}

#[tokio::test]
async fn every_method_begins_with_the_prompt_in_use_and_compares_with_it() {
    for name in names().into_iter().filter(|name| !name.starts_with("opro-")) {
        let own = task().with_start(["Write c c c."]).unwrap();
        let study = of_task(own, answerer(), store()).method(method(name)).trials(9);
        let outcome = study.open().await.unwrap().run(&()).await.unwrap();
        let trial = &outcome.history.trials()[0];
        assert_eq!((trial.instruction.as_str(), trial.step), ("Write c c c.", 0), "{name}");
        let assessment = outcome.assessment.as_ref().unwrap();
        assert_eq!(assessment.yours.as_ref().unwrap().instruction, "Write c c c.");
        let report = Report::of("s", &outcome, None);
        let yours = report.baselines.unwrap().yours.unwrap();
        assert_eq!(report.keep_yours, yours.difference.is_none_or(|it| it.value <= 0.0), "{name}");
    }
}

#[tokio::test]
async fn a_base_model_reads_the_prompt_in_use_and_the_input_as_one_text() {
    let own = task().with_start(["Write c c c."]).unwrap();
    let base = || {
        let abilities = Abilities { base: true, ..Abilities::ALL };
        target("base", answer).with_abilities(Abilities { parts: false, ..abilities })
    };
    let study = of_task(own.clone(), base(), store()).method(Opro::default()).trials(3);
    let outcome = study.open().await.unwrap().run(&()).await.unwrap();
    assert_eq!(outcome.history.trials()[0].score(), Some(0.1));
    let deployed = outcome.config.asked_with(own.templates()).deployed("Write c c c.");
    let one_text = "Instruction: Write c c c.\n\nInput: {{ input }}\nOutput:";
    assert_eq!(deployed, [MessageTemplate::new(MessageRole::User, one_text)]);
    assert_eq!(dev_score(own, base(), "write b d a.").await, 1.0);
}

#[tokio::test]
async fn a_prompt_with_slots_is_the_whole_text_of_a_base_model_and_none_stands_in_the_default_template()
 {
    let own = task().with_start(["Copy {{ input }}."]).unwrap();
    let abilities = Abilities { base: true, ..Abilities::default() };
    for (prompt, read) in
        [("Copy {{ input }}.", "Copy 11."), ("", "Instruction: \n\nInput: 11\nOutput:")]
    {
        let says = move |asked: &str| if asked == read { "11" } else { "lost" }.to_owned();
        let copier = target("base", says).with_abilities(abilities);
        assert_eq!(dev_score(own.clone(), copier, prompt).await, 0.05, "{prompt}");
    }
}

/// What an instruction scores on the dev split, outside any search.
async fn dev_score(task: Task, target: Scripted, instruction: &str) -> f64 {
    let eval = Eval::of(task, Arc::new(target));
    eval.score(instruction, Split::Dev).await.unwrap().1.score
}

/// Proposes the same worse instruction for ever.
#[derive(Serialize)]
struct Worse;

impl Method for Worse {
    fn id(&self) -> MethodId {
        MethodId::new("worse", self)
    }

    fn bounds(&self, _: u64) -> Bounds {
        Bounds::default()
    }

    fn propose(&self, history: &History, _: &mut Stream) -> motjuste::Result<Vec<Proposal>> {
        let is_first = history.steps().is_empty();
        Ok(is_first.then(|| Proposal::Instruction("Write e e e.".into())).into_iter().collect())
    }
}

#[tokio::test]
async fn a_prompt_that_nothing_beats_is_kept() {
    let own = task().with_start(["Write c d c."]).unwrap();
    let study = of_task(own, answerer(), store()).method(Worse).trials(9);
    let outcome = study.open().await.unwrap().run(&()).await.unwrap();
    assert_eq!(outcome.winner().unwrap().instruction, "Write c d c.");
    assert!(Report::of("s", &outcome, None).keep_yours);
}

#[tokio::test]
async fn a_proposal_that_breaks_a_placeholder_is_dropped() {
    let own = task().with_start(["Write c c c for {{ user }}."]).unwrap();
    let writer = Scripted::new("writer", |request: &Request| {
        let kept = if request.decoding.draw.is_multiple_of(2) { " for {{ user }}" } else { "" };
        format!("<instruction>write b d {}{kept}.</instruction>", request.decoding.draw)
    });
    let study = Study::of(own, answerer()).generator(writer).method(Chat::default()).trials(5);
    let outcome = study.open().await.unwrap().run(&()).await.unwrap();
    let found = outcome.history.steps().iter().flat_map(|step| step.readings.iter().flatten());
    let (kept, dropped): (Vec<_>, Vec<_>) = found.partition(|found| found.dropped.is_none());
    assert!(kept.iter().all(|found| found.instruction.contains("{{ user }}")));
    let reason = "changes the placeholder {{ user }}";
    assert!(dropped.iter().any(|found| found.dropped.as_deref() == Some(reason)));
}

#[tokio::test]
async fn a_copied_row_is_dropped_where_that_is_forbidden() {
    let mut dev = examples(10..30);
    dev[0].input = "the courier went to the wrong door on Monday morning".into();
    let copycat = || {
        Scripted::new("writer", |request: &Request| {
            let draw = request.decoding.draw;
            format!(
                "<instruction>{draw}: the courier went to the wrong door on Monday</instruction>"
            )
        })
    };
    let task = motjuste::task::Task::new("t", examples(0..10), dev, examples(30..40)).unwrap();
    let echo = || target("echo", |_| "x".into());
    for (task, kept) in [(task.clone(), true), (task.forbidding_copies(), false)] {
        let study = Study::of(task, echo()).generator(copycat()).method(Chat::default()).trials(3);
        let outcome = study.open().await;
        match outcome.unwrap().run(&()).await {
            Ok(outcome) => assert_eq!(outcome.history.evaluated_trials() > 0, kept),
            Err(_) => assert!(!kept),
        }
    }
}

/// Pastes the rows that it is shown, with their outputs.
fn paste(request: &Request) -> String {
    let prompt = request.text();
    let rows: Vec<&str> = prompt.lines().filter(|line| line.starts_with("Input: ")).collect();
    format!("<instruction>{}: {}</instruction>", request.decoding.draw, rows.join(" "))
}

/// Answers what the instruction says of the input, if anything.
fn looked_up(prompt: &str) -> String {
    let input = prompt.rsplit("\n\n").next().unwrap_or_default();
    if prompt.matches(input).count() > 1 { "found" } else { "lost" }.to_owned()
}

#[tokio::test]
async fn what_a_writer_was_shown_is_no_instruction_and_would_not_help_either() {
    let ticket = |i: usize| {
        let text = format!("Input: ticket {i} says that the parcel {i} never came on day {i}");
        motjuste::task::Example::new(text, ["found"])
    };
    let rows = |range: std::ops::Range<usize>| range.map(ticket).collect();
    let task = motjuste::task::Task::new("t", rows(0..10), rows(10..30), rows(30..40)).unwrap();
    for dropped in [true, false] {
        let own = task.clone().with_start(["Say found."]).unwrap();
        let chat = Chat { drop_copies: dropped, ..Chat::default() };
        let study = Study::of(own, target("lookup", looked_up)).method(chat).trials(8);
        let study = study.generator(Scripted::new("copycat", paste));
        let outcome = study.open().await.unwrap().run(&()).await.unwrap();
        let history = &outcome.history;
        let found = history.steps().iter().flat_map(|step| step.readings.iter().flatten());
        let copies =
            found.filter(|it| it.dropped.as_ref().is_some_and(|it| it.starts_with("copies")));
        assert_eq!((copies.count() > 3, history.candidates().len() > 3), (dropped, !dropped));
        // No dev row was shown, so no dev score rises.
        let scores = history.trials().iter().filter_map(|trial| trial.evaluation.as_ref()?.score);
        assert!(scores.fold(0.0, f64::max) == 0.0);
        // On the train rows that it pastes, a copy is right.
        for copy in history.candidates().iter().filter(|it| !it.origin.parents.is_empty()) {
            let pasted = copy.instruction.split("Input: ").nth(1).unwrap().trim();
            assert_eq!(looked_up(&format!("{}\n\nInput: {pasted}", copy.instruction)), "found");
        }
    }
}

#[tokio::test]
async fn a_writer_that_brings_nothing_new_ends_the_search() {
    let writer = Scripted::new("writer", |_: &Request| "<INS></INS>".into());
    let own = task().with_start(["Write c c c."]).unwrap();
    let study = Study::of(own, answerer()).generator(writer).method(Opro::default()).trials(50);
    let outcome = study.open().await.unwrap().run(&()).await.unwrap();
    assert_eq!(outcome.stop_reason, Some(StopReason::NothingNew));
    assert_eq!((outcome.history.evaluated_trials(), outcome.account.generator.calls), (1, 80));
}

#[tokio::test]
async fn a_target_that_never_answers_stops_the_study_after_one_instruction() {
    let study = of_task(task(), target("mute", |_| String::new()), store());
    let study = study.method(method("uniform")).trials(30).open().await.unwrap();
    let ledger = study.ledger().clone();
    let error = study.run(&()).await.unwrap_err();
    assert!(error.is_model() && error.to_string().contains("all empty"), "{error}");
    assert_eq!(ledger.account().target.calls, 20);
}

#[tokio::test]
async fn failures_on_train_rows_reach_the_writer_and_no_dev_row_does() {
    let prompts: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
    let heard = prompts.clone();
    let writer = Scripted::new("writer", move |request: &Request| {
        heard.lock().unwrap().push(request.text());
        super::world::rewrite(request)
    });
    let own = task().with_start(["write c c c."]).unwrap();
    let chat = Chat { pool: 30, ..Chat::default() };
    let study = of_task(own, answerer(), store()).generator(writer).method(chat).trials(20);
    let outcome = study.open().await.unwrap().run(&()).await.unwrap();
    let prompts = prompts.lock().unwrap();
    let asked = |what: &str| prompts.iter().filter(|prompt| prompt.contains(what)).count();
    assert!(asked("# Examples") > 0 && asked("Write 4 other wordings") > 0);
    assert!(
        asked("What the model answers with it") > 0 && asked("Answer: no idea\nScore: 0.00") > 0
    );
    for prompt in prompts.iter() {
        let shown = prompt.lines().filter_map(|line| line.strip_prefix("Input: "));
        assert!(shown.filter_map(|n| n.parse::<usize>().ok()).all(|n| n < 10), "{prompt}");
    }
    let trials = outcome.history.trials().iter();
    let examined = trials.filter_map(|trial| outcome.history.examined(trial.candidate));
    assert!(examined.map(|it| it.per_example.len()).max().unwrap() >= 8);
    let score = |trial: &Trial| trial.evaluation.as_ref().unwrap().score;
    assert!(score(outcome.winner().unwrap()) > score(&outcome.history.trials()[0]));
}

/// A target that repeats its input, whatever the instruction, but for inputs that end in one of these digits.
fn knowing(but: &'static [char]) -> Scripted {
    target("knowing", move |prompt| {
        let input = prompt.rsplit_once("\n\n").map_or(prompt, |(_, input)| input);
        if input.ends_with(but) { "no idea".to_owned() } else { input.to_owned() }
    })
}

/// A study of sixty instructions at the most that begins with a prompt in use.
async fn with_start(target: Scripted, search_on: bool) -> motjuste::journal::Outcome {
    let own = task().with_start(["Write c c c."]).unwrap();
    let study = of_task(own, target, store()).method(method("uniform"));
    let budget = Budget { trials: Some(60), search_on, ..Budget::default() };
    study.budget(budget).open().await.unwrap().run(&()).await.unwrap()
}

#[tokio::test]
async fn an_instruction_that_is_right_on_every_dev_row_ends_the_search_unless_told_otherwise() {
    let ended = with_start(knowing(&[]), false).await;
    assert_eq!(ended.stop_reason, Some(StopReason::Perfect));
    assert_eq!(ended.history.steps().len(), 1, "the first step is paid for whole");
    assert!(Report::of("s", &ended, None).keep_yours);
    let went_on = with_start(knowing(&[]), true).await;
    assert_eq!(went_on.stop_reason, Some(StopReason::Trials));
    // Without a prompt in use methods are compared, each with the budget that it was given.
    let compared = of_task(task(), knowing(&[]), store()).method(method("uniform")).trials(60);
    let compared = compared.open().await.unwrap().run(&()).await.unwrap();
    assert_eq!(compared.stop_reason, Some(StopReason::Trials));
}

#[tokio::test]
async fn a_prompt_that_nothing_promises_to_improve_ends_the_search_unless_told_otherwise() {
    // The prompt in use is right on every row but for a tenth of them, as all others are.
    let ended = with_start(knowing(&['7']), false).await;
    assert_eq!(ended.stop_reason, Some(StopReason::NoHeadroom));
    assert!(ended.history.evaluated_trials() < 40 && Report::of("s", &ended, None).keep_yours);
    // Where most wordings do badly, a prompt that does, too, is not given up on.
    let hopeless = target("hopeless", |_| "no idea".to_owned());
    let own = task().with_start(["Write c c c."]).unwrap();
    let poor = of_task(own, hopeless, store()).method(method("uniform")).trials(60);
    let poor = poor.open().await.unwrap().run(&()).await.unwrap();
    assert_eq!(poor.stop_reason, Some(StopReason::Trials));
    let went_on = with_start(knowing(&['7']), true).await;
    assert_eq!(went_on.stop_reason, Some(StopReason::Trials));
    assert_eq!(went_on.history.evaluated_trials(), 60);
}
