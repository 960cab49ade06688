//! Scoring one instruction on a set of examples.

use std::sync::Arc;

use futures::future::join_all;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::metric::answer::second_round;
use crate::model::{CallPolicy, Completion, Decoding, LanguageModel, Request};
use crate::scoring::{Answered, Scorer};
use crate::task::{Example, Task};
use crate::trial::{Evaluation, ExampleScore};
use crate::usage::{Cost, Usage};

/// Puts an instruction to the target, example by example, and scores the answers.
#[derive(Clone)]
pub(crate) struct Evaluator {
    pub(crate) task: Arc<Task>,
    pub(crate) target: Arc<dyn LanguageModel>,
    pub(crate) scorer: Scorer,
    pub(crate) answering: Answering,
}

/// How long an answer may be, and how it is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answering {
    pub(crate) max_tokens: usize,
    pub(crate) sampling: Sampling,
}

/// Tokens of a second round's answer, as in OPRO's code.
const SECOND_ROUND_TOKENS: usize = 50;

/// Bytes that a token is taken for where the text is not known yet.
const BYTES_A_TOKEN: usize = 4;

/// How answers are drawn.
///
/// An example's score is the mean over its draws; the answer that is shown is the first draw.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// 0 takes the likeliest token at every step; above 0, tokens are drawn.
    pub temperature: f64,
    /// Draws for each example.
    pub draws: u64,
    /// Whether the target is shown each reply and asked for the answer alone (OPRO, arXiv
    /// 2309.03409); what it says then is scored, and each draw is two calls.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second_round: bool,
}

impl Default for Sampling {
    /// The likeliest answer, once.
    fn default() -> Self {
        Self { temperature: 0.0, draws: 1, second_round: false }
    }
}

impl Sampling {
    /// Whether it is the default.
    pub(crate) fn is_greedy(&self) -> bool {
        *self == Self::default()
    }

    /// Calls to the target for each example.
    pub(crate) fn calls(&self) -> u64 {
        self.draws * if self.second_round { 2 } else { 1 }
    }
}

/// The most that scoring an instruction can cost.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WorstCase {
    pub(crate) target: Cost,
    pub(crate) judge: Cost,
}

impl WorstCase {
    /// Tokens and money of both, and the calls to the target, which are what a budget counts.
    pub(crate) fn total(self) -> Cost {
        self.target + Cost { calls: 0, ..self.judge }
    }
}

/// The examples of a split that an instruction is scored on, with their places in it.
pub(crate) type Chosen<'a> = [(usize, &'a Example)];

impl Evaluator {
    /// The most that scoring `instruction` on `examples` can cost.
    pub(crate) fn worst_case(
        &self,
        instruction: &str,
        examples: &[&Example],
        policy: &CallPolicy,
    ) -> Result<WorstCase> {
        let requests = self.requests(instruction, examples)?;
        let usage = requests.iter().map(|request| self.worst_usage(request)).sum();
        let calls = examples.len() as u64 * self.answering.sampling.calls();
        let judged = self.scorer.worst_case(examples, self.answering.max_tokens, policy)?;
        Ok(WorstCase {
            target: policy.target_price.of(calls, usage),
            judge: judged.times(self.answering.sampling.draws),
        })
    }

    /// The score of `instruction` on `examples`, per example and on average.
    ///
    /// Calls in flight are finished, and kept, even when one of them fails.
    pub(crate) async fn evaluate(
        &self,
        instruction: &str,
        examples: &Chosen<'_>,
    ) -> Result<Evaluation> {
        let examples_alone: Vec<&Example> = examples.iter().map(|(_, example)| *example).collect();
        let requests = self.requests(instruction, &examples_alone)?;
        let calls = requests.iter().map(|request| self.answer(request));
        let completions = join_all(calls).await.into_iter().collect::<Result<Vec<_>>>()?;
        let scores = self.scores(&examples_alone, &requests, &completions).await?;
        let draws = self.answering.sampling.draws as usize;
        let per_example = examples.iter().enumerate().map(|(index, (place, _))| {
            let first = index * draws;
            let mean = scores[first..][..draws].iter().sum::<f64>() / draws as f64;
            let answer = answer(&completions[first]).to_owned();
            ExampleScore { example: *place, score: mean, answer }
        });
        let usage = completions.iter().map(|completion| completion.usage).sum();
        Ok(Evaluation::new(per_example.collect(), usage))
    }

    /// One draw of an answer, in one round or in two.
    async fn answer(&self, request: &Request) -> Result<Completion> {
        let reply = self.target.complete(request).await?;
        if !self.answering.sampling.second_round {
            return Ok(reply);
        }
        let answer = self.target.complete(&final_question(request, &reply.text)).await?;
        Ok(Completion { usage: reply.usage + answer.usage, ..answer })
    }

    fn worst_usage(&self, request: &Request) -> Usage {
        let first = request.worst_case();
        if !self.answering.sampling.second_round {
            return first;
        }
        let reply = "x".repeat(BYTES_A_TOKEN * self.answering.max_tokens);
        first + final_question(request, &reply).worst_case()
    }

    /// The requests that put `instruction` to the target, all draws of an example together.
    pub(crate) fn requests(
        &self,
        instruction: &str,
        examples: &[&Example],
    ) -> Result<Vec<Request>> {
        let mut requests = Vec::with_capacity(examples.len());
        for example in examples {
            let templates = &self.task.templates;
            let prompt = templates.follow(instruction, &example.input)?;
            let prefill = templates.begin(instruction, &example.input)?;
            requests.extend((0..self.answering.sampling.draws).map(|draw| {
                let (max_tokens, temperature) =
                    (self.answering.max_tokens, self.answering.sampling.temperature);
                let decoding = Decoding { max_tokens, temperature, draw };
                Request { prefill: prefill.clone(), ..Request::new(prompt.clone(), decoding) }
            }));
        }
        Ok(requests)
    }

    async fn scores(
        &self,
        examples: &[&Example],
        requests: &[Request],
        completions: &[Completion],
    ) -> Result<Vec<f64>> {
        let draws = self.answering.sampling.draws as usize;
        let prompts: Vec<String> = requests.iter().map(Request::text).collect();
        let answered = completions.iter().enumerate().map(|(index, completion)| Answered {
            example: examples[index / draws],
            prompt: &prompts[index],
            answer: answer(completion),
            second_round: self.answering.sampling.second_round,
        });
        self.scorer.score(&answered.collect::<Vec<_>>()).await
    }
}

/// The request that asks for the answer alone, behind a reply to `request`.
fn final_question(request: &Request, reply: &str) -> Request {
    let decoding = Decoding { max_tokens: SECOND_ROUND_TOKENS, ..request.decoding };
    Request::new(second_round(&request.text(), reply), decoding)
}

/// An answer without the white space around it.
fn answer(completion: &Completion) -> &str {
    completion.text.trim()
}
