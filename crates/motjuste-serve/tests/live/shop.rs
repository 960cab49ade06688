//! Studies of a small task, made of events.

use std::sync::Arc;

use motjuste::budget::{Account, Budget, StopReason};
use motjuste::history::{Assignment, Evaluation, ExampleScore, Found, Proposal, Reply, Step};
use motjuste::interval::Estimate;
use motjuste::journal::{
    Assessed, Assessment, Event, FORMAT, GeneratorConfig, StudyConfig, TargetConfig, TaskConfig,
};
use motjuste::method::{Choice, MethodId};
use motjuste::prompt::Frame;
use motjuste::storage::{InMemory, Journal};
use motjuste::study::Sampling;
use motjuste::task::{Example, Task};

/// Text that must never be markup, act on the page, or lead anywhere.
pub const HOSTILE: &str =
    "</bdi><script>alert(1)</script>\"'><img src=x onerror=alert(2)> \u{202e}olleh\u{0}\u{1b}[31m";

const ROWS: usize = 3;

pub fn task() -> Task {
    let rows = |from: usize| -> Vec<Example> {
        (from..from + ROWS)
            .map(|n| Example::new(format!("{HOSTILE} asks {n}"), [format!("yes {n}")]))
            .collect()
    };
    Task::new("shop", rows(0), rows(10), rows(20)).unwrap()
}

pub fn config(task: &str, seed: u64) -> StudyConfig {
    StudyConfig {
        shares_calls: false,
        format: FORMAT,
        seed,
        method: MethodId::new("mine", &()),
        choice: Choice::default(),
        task: TaskConfig {
            name: task.to_owned(),
            data: self::task().data_hash(),
            scoring: "exact".to_owned(),
            train: ROWS,
            dev: ROWS,
            dev_split: ROWS,
            test: ROWS,
            start: Vec::new(),
            frame: Frame::default(),
        },
        generator: GeneratorConfig {
            model: "a/generator".to_owned(),
            max_tokens: 64,
            demonstrations: 0,
            template: String::new(),
        },
        target: TargetConfig {
            model: format!("a/target {HOSTILE}"),
            max_tokens: 64,
            template: String::new(),
            sampling: Sampling::default(),
        },
    }
}

pub fn created(config: StudyConfig) -> Event {
    Event::Created { config: Box::new(config) }
}

/// Every row answered, the first `right` of them right.
fn answers(right: usize, says: &str) -> Evaluation {
    let one = |row: usize| {
        let score = f64::from(u8::from(row < right));
        ExampleScore {
            feedback: Some(format!("because {says}")),
            ..ExampleScore::new(row, Some(score), says)
        }
    };
    Evaluation::new((0..ROWS).map(one).collect(), Default::default())
}

/// Step `index` brings one instruction, made of the one before, that is right on so many rows.
pub fn step(index: usize, instruction: &str, right: usize) -> Event {
    let parents = index.checked_sub(1).into_iter().collect();
    let found = Found { parents, ..Found::new(instruction) };
    let assignment = Assignment {
        trial: index,
        candidate: index,
        rows: (0..ROWS).collect(),
        repeats: None,
        evaluation: Some(answers(right, &format!("answer {index} {HOSTILE}"))),
    };
    let step = Step {
        index,
        proposals: vec![Proposal::Instruction(instruction.to_owned())],
        replies: vec![Reply::of(format!("I would say: {instruction}"))],
        readings: vec![vec![found]],
        assignments: vec![assignment],
        ..Step::default()
    };
    Event::Step { step, account: account(index as u64 + 1) }
}

fn account(calls: u64) -> Account {
    let mut account = Account::default();
    (account.target.calls, account.target.tokens_in) = (1_000 * calls, 20_000 * calls);
    account
}

pub fn stopped() -> Event {
    let reason = StopReason::Trials;
    Event::Stopped { reason, budget: Budget::default(), account: account(3), seconds: 4.0 }
}

pub fn assessed(winner: &str, right: usize) -> Event {
    let one = |instruction: &str, right: usize| {
        let test = answers(right, &format!("held out {right}"));
        let interval = Estimate::of(&test.scores());
        Assessed { instruction: instruction.to_owned(), dev: test.clone(), test, interval }
    };
    Event::Assessed(Box::new(Assessment {
        winner: Some(one(winner, right)),
        yours: None,
        empty: one("", 0),
        manual: one("Say it.", 1),
        course: None,
        account: account(4),
    }))
}

pub async fn write(storage: &InMemory, study: &str, events: Vec<Event>) {
    let first = storage.events(study).await.unwrap().len();
    for (number, event) in (first..).zip(events) {
        storage.append(study, number, &event).await.unwrap();
    }
}

/// A store with a study that is done, another of the same task, and one that is not.
pub async fn store() -> Arc<InMemory> {
    let storage = Arc::new(InMemory::default());
    let done = |seed: u64, right: usize| {
        let last = format!("Say yes. {HOSTILE}");
        let steps = [step(0, "Say it.", 1), step(1, "Say so.", 0), step(2, &last, right)];
        let mut events = vec![created(config("shop", seed))];
        events.extend(steps);
        events.extend([stopped(), assessed(&last, right)]);
        events
    };
    write(&storage, "shop-mine-seed0-aaaa", done(0, 3)).await;
    write(&storage, "shop-mine-seed1-bbbb", done(1, 2)).await;
    let name = format!("a study/with \"{HOSTILE}");
    write(&storage, &name, vec![created(config(HOSTILE, 2)), step(0, HOSTILE, 2)]).await;
    storage
}
