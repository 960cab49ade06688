//! A world in which wording matters, and a store that forgets.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use motjuste::Result;
use motjuste::budget::Budget;
use motjuste::calls::{CallPolicy, RetryPolicy};
use motjuste::conformance::Circle;
use motjuste::journal::{Event, Outcome};
use motjuste::method::{Method, Registry};
use motjuste::model::{Abilities, Model, Request, Scripted};
use motjuste::storage::{
    Attempt, AttemptId, InMemory, Journal, Lease, ResponseKey, Responses, Storage, StoredResponse,
};
use motjuste::study::{Study, StudyBuilder};
use motjuste::task::{Example, Task};
use serde_json::{Value, json};

/// Retries that do not hold up a test.
pub const PATIENT: RetryPolicy = RetryPolicy {
    attempts: 20,
    first_pause: Duration::from_micros(1),
    longest_pause: Duration::from_millis(10),
};

/// How calls leave in this world.
pub fn policy() -> CallPolicy {
    CallPolicy { concurrency: 16, retry: PATIENT, ..CallPolicy::default() }
}

/// A generator whose text depends on the first three coordinates: 5³ wordings; its weights are a circle.
pub fn write(request: &Request) -> String {
    if let Some(computation) = &request.computation {
        let words = ["write", "a", "b", "c", "d", "e", "f", "g", "h"];
        return Circle::new(words, &["write", "b", "d", "a"]).spread(0.5).compute(computation);
    }
    let Some(soft_prompt) = &request.soft_prompt else { return rewrite(request) };
    let shift = soft_prompt.projection.seed as usize;
    let word = |i: usize| {
        let step = (soft_prompt.z[i] * 2.5 + 2.5).floor().clamp(0.0, 4.0) as usize;
        ["a", "b", "c", "d", "e"][(step + shift) % 5]
    };
    format!("write {} {} {}.", word(0), word(1), word(2))
}

/// A generator that changes one word of the last instruction that a meta-prompt shows, another with
/// every draw.
pub fn rewrite(request: &Request) -> String {
    let prompt = request.text();
    if prompt.contains("</instruction>") {
        return reword(&prompt, request.decoding.draw);
    }
    let shown = prompt.rsplit_once("\ntext:\nWrite ").map(|(_, rest)| rest);
    let Some(shown) = shown.and_then(|rest| rest.lines().next()) else {
        return "write c c c.".to_owned();
    };
    change(shown, request.decoding.draw)
}

/// Two changes of the instruction that a prompt shows, or of none, between tags.
fn reword(prompt: &str, draw: u64) -> String {
    let shown = prompt.split("<data>\nwrite ").nth(1).and_then(|rest| rest.lines().next());
    let tagged = |draw: u64| {
        let changed = change(shown.unwrap_or("c c c"), draw);
        let text = changed.replace("Better: <INS>", "").replace("</INS>", "");
        format!("<instruction>{text}</instruction>")
    };
    let mut hasher = DefaultHasher::new();
    (prompt, draw).hash(&mut hasher);
    let drawn = hasher.finish() % 225;
    format!("{} or {}", tagged(drawn % 15), tagged(drawn / 15))
}

/// One of the fifteen changes of one of three words, between the markers.
pub fn change(words: &str, draw: u64) -> String {
    let mut words: Vec<&str> = words.trim_end_matches('.').split(' ').collect();
    words[draw as usize % 3] = ["a", "b", "c", "d", "e"][draw as usize / 3 % 5];
    format!("Better: <INS>write {}.</INS>", words.join(" "))
}

/// The input that a prompt asks about.
pub fn input(prompt: &str) -> &str {
    prompt.rsplit("Input: ").next().unwrap().lines().next().unwrap()
}

/// A target that answers input k rightly when enough of the wording is right: "b", "d", "a".
pub fn answer(prompt: &str) -> String {
    let mut lines = prompt.lines();
    let instruction = lines.next().unwrap_or_default();
    let words: Vec<&str> = instruction.split([' ', '.']).collect();
    let right = ["b", "d", "a"].iter().enumerate();
    let hits = right.filter(|(place, word)| words.get(place + 2) == Some(word)).count();
    let input: usize = input(prompt).parse().unwrap();
    let known = input % 10 < 1 + 3 * hits;
    if known { input.to_string() } else { "no idea".to_owned() }
}

/// A target that answers by a function of the prompt alone.
pub fn target(id: &str, answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Scripted {
    Scripted::new(id, move |request| answer(&request.text()))
}

/// The same model with weights to compute on.
pub fn open(model: Scripted) -> Scripted {
    model.with_abilities(Abilities { parts: false, ..Abilities::ALL })
}

pub fn examples(range: std::ops::Range<usize>) -> Vec<Example> {
    range.map(|i| Example::new(i.to_string(), [i.to_string()])).collect()
}

pub fn task() -> Task {
    Task::new("echo", examples(0..10), examples(10..30), examples(30..80)).unwrap()
}

/// Every method and preset, by name.
pub fn names() -> Vec<&'static str> {
    Registry::built_in().names().collect()
}

/// Methods that end on their own.
const ENDING: [&str; 16] = [
    "best-of-n",
    "ape",
    "ape-iterative",
    "ape-ucb",
    "gepa",
    "mipro",
    "mipro-medium",
    "mipro-heavy",
    "autoprompt",
    "autoprompt-compat",
    "rlprompt",
    "rlprompt-compat",
    "manual",
    "exemplars-only",
    "fixed",
    "empty",
];

/// Those that go on as long as they may, whatever comes of it.
pub fn tireless() -> Vec<&'static str> {
    let ends = |name: &&str| ENDING.contains(name);
    names().into_iter().filter(|name| !ends(name)).collect()
}

/// A method and its settings in this world.
pub fn method(name: &str) -> Arc<dyn Method> {
    let changes = match name {
        "motjuste" | "motjuste-unraced" | "random-pick" | "random-pick-unraced" => {
            vec![("pool.size", json!(120))]
        }
        "motjuste-chat" | "motjuste-chat-unraced" => vec![("pool", json!(4))],
        "best-of-n" => vec![("first", json!(12)), ("start", json!(40))],
        "ape" | "ape-iterative" | "ape-ucb" => vec![("texts", json!(40))],
        "gepa" => vec![("accept", json!("better_or_equal")), ("skip_perfect", json!(false))],
        name if name.starts_with("evoprompt") => vec![("steps", json!(60))],
        name if name.starts_with("capo") => vec![
            ("population", json!(6)),
            ("crossovers", json!(3)),
            ("examples", json!(2)),
            ("block", json!(4)),
            ("patience", json!(100)),
        ],
        "uniform" => vec![("batch", json!(6))],
        name if name.starts_with("autoprompt") => {
            vec![("tokens", json!(4)), ("evaluation_rows", json!(3)), ("better_by", json!("loss"))]
        }
        name if name.starts_with("rlprompt") => {
            vec![
                ("tokens", json!(4)),
                ("draws", json!(4)),
                ("rows", json!(6)),
                ("steps", json!(60)),
            ]
        }
        "manual" | "exemplars-only" => vec![],
        name if name.starts_with("mipro") => vec![("minibatch", json!(6))],
        "fixed" | "empty" => vec![("instructions", json!(["", "Write b c.", "Write c c c."]))],
        name if name.starts_with("instructzero") => vec![("start", json!(8)), ("batch", json!(4))],
        name if name.starts_with("instinct") || name.starts_with("presto") => vec![
            ("pool.size", json!(120)),
            ("pool.start", json!(6)),
            ("bandit.width", json!(10)),
            ("bandit.steps", json!(20)),
            ("bandit.considered", json!(60)),
        ],
        name if name.starts_with("zopo") => {
            vec![("pool.size", json!(120)), ("pool.start", json!(6)), ("local", json!(5))]
        }
        name if name.starts_with("triple") => {
            vec![("pool.size", json!(120)), ("prompts", json!(28)), ("calls", json!(300))]
        }
        "hbbops" => vec![("pool.size", json!(120)), ("least_rows", json!(4))],
        name if name.starts_with("opro") => {
            vec![("initial", json!(["Write c c c."])), ("prompt", json!("task"))]
        }
        name => unreachable!("no world for {name}"),
    };
    let changes: Vec<(String, Value)> =
        changes.into_iter().map(|(path, value)| (path.to_owned(), value)).collect();
    Registry::built_in().method(name, &changes).unwrap()
}

pub fn setup(name: &str, storage: Arc<dyn Storage>, trials: u64) -> StudyBuilder {
    searched_by(method(name), storage, trials)
}

pub fn searched_by(
    method: impl Method + 'static,
    storage: Arc<dyn Storage>,
    trials: u64,
) -> StudyBuilder {
    of_task(task(), target("answerer", answer), storage).method(method).trials(trials)
}

/// A study of a task by a target, in this world.
pub fn of_task(
    task: Task,
    target: impl Model + 'static,
    storage: Arc<dyn Storage>,
) -> StudyBuilder {
    Study::of(task, target)
        .generator(open(Scripted::new("writer", write)))
        .seed(7)
        .instruction_tokens(32)
        .answer_tokens(8)
        .dev_examples(None)
        .calls(policy())
        .storage(storage)
}

/// The same study under a budget that is changed.
pub fn within(setup: StudyBuilder, change: impl FnOnce(&mut Budget)) -> StudyBuilder {
    let mut budget = *setup.within();
    change(&mut budget);
    setup.budget(budget)
}

pub async fn run(setup: StudyBuilder) -> Result<Outcome> {
    setup.open().await?.run(&()).await
}

pub fn same(a: &Outcome, b: &Outcome) {
    assert_eq!(a.history.steps(), b.history.steps());
    assert_eq!(a.history.trials(), b.history.trials());
    assert_eq!(a.account, b.account);
    assert_eq!(a.stop_reason, b.stop_reason);
    assert_eq!(a.assessment, b.assessment);
}

/// A store that knows the responses of another and none of its studies.
pub struct Forgetful {
    journal: InMemory,
    responses: Arc<InMemory>,
}

impl Forgetful {
    pub fn of(responses: &Arc<InMemory>) -> Arc<Self> {
        Arc::new(Self { journal: InMemory::default(), responses: responses.clone() })
    }
}

#[async_trait]
impl Journal for Forgetful {
    async fn append(&self, study: &str, sequence: usize, event: &Event) -> Result<()> {
        self.journal.append(study, sequence, event).await
    }
    async fn events(&self, study: &str) -> Result<Vec<Event>> {
        self.journal.events(study).await
    }
    async fn studies(&self) -> Result<Vec<String>> {
        self.journal.studies().await
    }
    async fn lease(&self, study: &str) -> Result<Arc<dyn Lease>> {
        self.journal.lease(study).await
    }
}

#[async_trait]
impl Responses for Forgetful {
    async fn recall(&self, key: &ResponseKey) -> Result<Option<StoredResponse>> {
        self.responses.recall(key).await
    }
    async fn remember(&self, key: &ResponseKey, response: &StoredResponse) -> Result<()> {
        self.responses.remember(key, response).await
    }
    async fn begin(&self, paid_by: &str, attempt: &Attempt) -> Result<AttemptId> {
        self.responses.begin(paid_by, attempt).await
    }
    async fn close(
        &self,
        attempt: AttemptId,
        responses: &[(ResponseKey, StoredResponse)],
    ) -> Result<()> {
        self.responses.close(attempt, responses).await
    }
    async fn unanswered(&self, paid_by: &str) -> Result<Vec<Attempt>> {
        self.responses.unanswered(paid_by).await
    }
}
