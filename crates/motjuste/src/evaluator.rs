//! Scoring one instruction on a set of examples.

use std::sync::Arc;

use futures::future::join_all;

use crate::Result;
use crate::model::{Decoding, LanguageModel, Request};
use crate::task::{Example, Task};
use crate::trial::{Evaluation, ExampleScore};
use crate::usage::Usage;

/// Puts an instruction to the target, example by example, and judges the answers.
#[derive(Clone)]
pub(crate) struct Evaluator {
    pub(crate) task: Arc<Task>,
    pub(crate) target: Arc<dyn LanguageModel>,
    pub(crate) max_tokens: usize,
}

/// The examples of a split that an instruction is scored on, with their places in it.
pub(crate) type Chosen<'a> = [(usize, &'a Example)];

impl Evaluator {
    /// The score of `instruction` on `examples`, per example and on average.
    ///
    /// Calls in flight are finished, and kept, even when one of them fails.
    pub(crate) async fn evaluate(
        &self,
        instruction: &str,
        examples: &Chosen<'_>,
    ) -> Result<Evaluation> {
        let calls = examples.iter().map(|(place, example)| self.ask(instruction, *place, example));
        let answers = join_all(calls).await.into_iter().collect::<Result<Vec<_>>>()?;
        let usage = answers.iter().map(|(_, usage)| *usage).sum();
        let per_example = answers.into_iter().map(|(score, _)| score).collect();
        Ok(Evaluation::new(per_example, usage))
    }

    /// The request that puts `instruction` and one input to the target.
    pub(crate) fn request(&self, instruction: &str, example: &Example) -> Result<Request> {
        let prompt = self.task.templates.follow(instruction, &example.input)?;
        Ok(Request::new(prompt, Decoding::greedy(self.max_tokens)))
    }

    async fn ask(
        &self,
        instruction: &str,
        place: usize,
        example: &Example,
    ) -> Result<(ExampleScore, Usage)> {
        let request = self.request(instruction, example)?;
        let completion = self.target.complete(&request).await?;
        let answer = completion.text.trim().to_owned();
        let score = self.task.metric.score(&answer, &example.outputs, self.task.mode);
        Ok((ExampleScore { example: place, score, answer }, completion.usage))
    }
}
