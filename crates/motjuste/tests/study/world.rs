//! A world in which wording matters, and a store that dies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use motjuste::budget::Budget;
use motjuste::journal::{Event, Outcome};
use motjuste::model::{
    CallPolicy, GenerationRequest, RetryPolicy, ScriptedGenerator, ScriptedModel,
};
use motjuste::optimizer::OptimizerConfig;
use motjuste::optimizer::opro::TargetPrompt;
use motjuste::storage::{Attempt, AttemptId, InMemory, ResponseKey, Storage, StoredResponse};
use motjuste::study::{Sampling, Setup, Study};
use motjuste::task::{Example, Task};
use motjuste::{Error, Result};

/// Retries that do not hold up a test.
pub const PATIENT: RetryPolicy = RetryPolicy {
    attempts: 20,
    first_pause: Duration::from_micros(1),
    longest_pause: Duration::from_millis(10),
};

/// A generator whose text depends on the first three coordinates: 5³ wordings.
pub fn write(request: &GenerationRequest) -> String {
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
pub fn rewrite(request: &GenerationRequest) -> String {
    let shown = request.prompt.rsplit_once("\ntext:\nWrite ").map(|(_, rest)| rest);
    let Some(shown) = shown.and_then(|rest| rest.lines().next()) else {
        return "write c c c.".to_owned();
    };
    change(shown, request.decoding.draw)
}

/// One of the fifteen changes of one of three words, between the markers.
pub fn change(words: &str, draw: u64) -> String {
    let mut words: Vec<&str> = words.trim_end_matches('.').split(' ').collect();
    words[draw as usize % 3] = ["a", "b", "c", "d", "e"][draw as usize / 3 % 5];
    format!("Better: <INS>write {}.</INS>", words.join(" "))
}

/// A target that answers input k rightly when enough of the wording is right: "b", "d", "a".
pub fn answer(prompt: &str) -> String {
    let mut lines = prompt.lines();
    let instruction = lines.next().unwrap_or_default();
    let words: Vec<&str> = instruction.split([' ', '.']).collect();
    let right = ["b", "d", "a"].iter().enumerate();
    let hits = right.filter(|(place, word)| words.get(place + 2) == Some(word)).count();
    let input: usize =
        prompt.split("Input: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
    let known = input % 10 < 1 + 3 * hits;
    if known { input.to_string() } else { "no idea".to_owned() }
}

pub fn task() -> Task {
    let examples = |range: std::ops::Range<usize>| {
        range.map(|i| Example { input: i.to_string(), outputs: vec![i.to_string()] }).collect()
    };
    Task::new("echo", examples(0..10), examples(10..30), examples(30..80)).unwrap()
}

pub fn setup(method: &str, storage: Arc<dyn Storage>, trials: u64) -> Setup {
    let mut method = OptimizerConfig::named(method).unwrap();
    match &mut method {
        OptimizerConfig::Motjuste(config) => config.pool.size = 120,
        OptimizerConfig::RandomPick(config) => config.size = 120,
        OptimizerConfig::Instructzero(config) => {
            config.start = 8;
            config.batch = 4;
        }
        OptimizerConfig::Uniform(config) => config.batch = 6,
        OptimizerConfig::Opro(config) => {
            config.initial = vec!["Write c c c.".to_owned()];
            config.prompt = TargetPrompt::Task;
        }
        _ => unreachable!("no other method"),
    }
    Setup {
        task: task(),
        method,
        seed: 7,
        budget: Budget { trials: Some(trials), ..Budget::default() },
        generator: Arc::new(ScriptedGenerator::new("writer", write)),
        target: Arc::new(ScriptedModel::new("answerer", answer)),
        judge: None,
        sampling: Sampling::default(),
        instruction_tokens: 32,
        answer_tokens: 8,
        dev_examples: None,
        calls: CallPolicy { concurrency: 16, retry: PATIENT, ..CallPolicy::default() },
        storage,
        stop: Arc::default(),
    }
}

pub async fn run(setup: Setup) -> Result<Outcome> {
    Study::open(setup).await?.run(&()).await
}

pub fn same(a: &Outcome, b: &Outcome) {
    assert_eq!(a.history.rounds(), b.history.rounds());
    assert_eq!(a.account, b.account);
    assert_eq!(a.stop_reason, b.stop_reason);
    assert_eq!(a.assessment, b.assessment);
}

/// A store that dies after a number of writes, as a killed process would.
pub struct Mortal {
    pub inner: Arc<InMemory>,
    pub writes_left: AtomicUsize,
}

impl Mortal {
    fn spend(&self) -> Result<()> {
        let left = self
            .writes_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        left.map(|_| ()).map_err(|_| Error::storage("killed"))
    }
}

#[async_trait]
impl Storage for Mortal {
    async fn append(&self, study: &str, sequence: usize, event: &Event) -> Result<()> {
        self.spend()?;
        self.inner.append(study, sequence, event).await
    }
    async fn events(&self, study: &str) -> Result<Vec<Event>> {
        self.inner.events(study).await
    }
    async fn studies(&self) -> Result<Vec<String>> {
        self.inner.studies().await
    }
    async fn recall(&self, key: &ResponseKey) -> Result<Option<StoredResponse>> {
        self.inner.recall(key).await
    }
    async fn remember(&self, key: &ResponseKey, response: &StoredResponse) -> Result<()> {
        self.spend()?;
        self.inner.remember(key, response).await
    }
    async fn begin(&self, paid_by: &str, attempt: &Attempt) -> Result<AttemptId> {
        self.spend()?;
        self.inner.begin(paid_by, attempt).await
    }
    async fn close(
        &self,
        attempt: AttemptId,
        responses: &[(ResponseKey, StoredResponse)],
    ) -> Result<()> {
        self.spend()?;
        self.inner.close(attempt, responses).await
    }
    async fn unanswered(&self, paid_by: &str) -> Result<Vec<Attempt>> {
        self.inner.unanswered(paid_by).await
    }
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
impl Storage for Forgetful {
    async fn append(&self, study: &str, sequence: usize, event: &Event) -> Result<()> {
        self.journal.append(study, sequence, event).await
    }
    async fn events(&self, study: &str) -> Result<Vec<Event>> {
        self.journal.events(study).await
    }
    async fn studies(&self) -> Result<Vec<String>> {
        self.journal.studies().await
    }
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
