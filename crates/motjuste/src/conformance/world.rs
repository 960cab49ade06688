//! A small world in which wording matters.

use std::sync::Arc;

use async_trait::async_trait;

use super::circle::Circle;
use crate::Result;
use crate::calls::CallPolicy;
use crate::example::Example;
use crate::method::Method;
use crate::model::{Abilities, Completion, Model, Request, Scripted};
use crate::storage::Storage;
use crate::study::{Study, StudyBuilder};
use crate::task::Task;

/// What a method is tried on: a task and models, all scripted.
#[derive(Clone)]
pub struct World {
    /// The task.
    pub task: Task,
    /// The model that writes instructions. Give your own where the method reads replies of another form.
    pub generator: Arc<dyn Model>,
    /// The model that is instructed.
    pub target: Arc<dyn Model>,
    /// Trials of a study.
    pub trials: u64,
}

impl World {
    /// A task of numbers; a generator whose weights are a [`Circle`], and that writes three of five words, between `<INS>` and `</INS>`, and once more
    /// between `<instruction>` and `</instruction>`, where it is asked in words; a target that knows the more answers the more often a word stands in the
    /// prompt.
    ///
    /// # Errors
    /// None, as the task is valid.
    pub fn new() -> Result<Self> {
        let rows = |range: std::ops::Range<usize>| {
            range.map(|i| Example::new(i.to_string(), [i.to_string()])).collect()
        };
        Ok(Self {
            task: Task::new("conformance", rows(100..108), rows(200..212), rows(300..310))?,
            generator: Arc::new(open(Scripted::new("conformance-generator", write))),
            target: Arc::new(Hesitant(Scripted::new("conformance-target", answer))),
            trials: 24,
        })
    }

    /// A study of the method in this world.
    pub(super) fn study(
        &self,
        method: Arc<dyn Method>,
        storage: Arc<dyn Storage>,
        concurrency: usize,
    ) -> StudyBuilder {
        Study::of(self.task.clone(), self.target.clone())
            .generator(self.generator.clone())
            .method(method)
            .trials(self.trials)
            .instruction_tokens(32)
            .answer_tokens(8)
            .calls(CallPolicy { concurrency, ..CallPolicy::default() })
            .storage(storage)
    }
}

/// A model that lets others go first, for some requests longer than for others.
struct Hesitant(Scripted);

#[async_trait]
impl Model for Hesitant {
    fn id(&self) -> &str {
        self.0.id()
    }

    fn abilities(&self) -> Abilities {
        self.0.abilities()
    }

    fn is_remote(&self) -> bool {
        self.0.is_remote()
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        let bytes = batch.iter().flat_map(|request| request.text().into_bytes());
        for _ in 0..bytes.map(usize::from).sum::<usize>() % 11 {
            tokio::task::yield_now().await;
        }
        self.0.complete(batch).await
    }
}

const WORDS: [&str; 5] = ["alpha", "beta", "gamma", "delta", "kappa"];

/// The same model with weights to compute on.
fn open(model: Scripted) -> Scripted {
    let gradients = Abilities { gradients: true, ..model.abilities() };
    model.with_abilities(gradients)
}

/// What is computed, or three words, by soft prompt or by all that was asked.
fn write(request: &Request) -> String {
    if let Some(computation) = &request.computation {
        return Circle::new(WORDS, &["alpha", "delta"]).spread(0.5).compute(computation);
    }
    match &request.soft_prompt {
        Some(soft_prompt) => {
            let of = |z: &f64| ((z + 1.0) * 2.5).clamp(0.0, 4.0) as usize;
            let words: Vec<&str> = soft_prompt.z.iter().take(3).map(|z| WORDS[of(z)]).collect();
            format!("say {}.", words.join(" "))
        }
        None => {
            let asked = format!("{} {}", request.decoding.draw, request.text());
            let hash = blake3::hash(asked.as_bytes());
            let words: Vec<&str> =
                hash.as_bytes()[..3].iter().map(|byte| WORDS[usize::from(byte % 5)]).collect();
            let text = format!("say {}.", words.join(" "));
            let tag = tag(&asked);
            format!("<INS>{text}</INS> <{tag}>{text}</{tag}>")
        }
    }
}

/// The tag that a prompt wants around an instruction: `instruction`, or one of its like that stands in no text shown.
fn tag(prompt: &str) -> &str {
    let last = prompt.rsplit_once("</").and_then(|(_, rest)| rest.split_once('>'));
    last.map(|(tag, _)| tag).filter(|tag| tag.starts_with("instruction")).unwrap_or("instruction")
}

/// The number in the prompt, where the wording is good enough for it.
fn answer(request: &Request) -> String {
    let prompt = request.text();
    let mut numbers = prompt.split(|c: char| !c.is_ascii_digit()).filter(|text| !text.is_empty());
    let number = numbers.next_back().unwrap_or_default();
    let hits = prompt.matches("alpha").count() + prompt.matches("delta").count();
    let last = number.bytes().next_back().unwrap_or_default();
    let is_known = usize::from(last.saturating_sub(b'0')) < 2 + 3 * hits;
    if is_known { number.to_owned() } else { "no idea".to_owned() }
}
