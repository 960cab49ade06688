//! Scoring one instruction on a set of examples.

use std::sync::Arc;

use crate::calls::{Calls, Metered};
use crate::cost::Cost;
use crate::example::Example;
use crate::history::{Evaluation, ExampleScore};
use crate::metric::answer::second_round;
use crate::model::{Completion, Decoding, FinishReason, Model, Prompt, Request};
use crate::sampling::Sampling;
use crate::score::{Answer, Verdict};
use crate::task::Task;
use crate::usage::Usage;
use crate::{Error, Result};

/// Puts an instruction to the target, example by example, and scores the answers.
#[derive(Clone)]
pub(super) struct Evaluator {
    pub task: Arc<Task>,
    pub answers: Answers,
    target: Metered,
    judge: Option<Metered>,
}

/// How long an answer may be, and how it is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answers {
    pub max_tokens: usize,
    pub sampling: Sampling,
}

/// The models that an instruction is scored with.
#[derive(Clone)]
pub(super) struct Models {
    pub target: Arc<dyn Model>,
    pub judge: Option<Arc<dyn Model>>,
}

/// Tokens of a second round's answer, as in OPRO's code.
const SECOND_ROUND_TOKENS: usize = 50;

/// Bytes that a token is taken for where the text is not known yet.
const BYTES_A_TOKEN: usize = 4;

/// The most that scoring an instruction can cost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct WorstCase {
    pub target: Cost,
    pub judge: Cost,
}

impl WorstCase {
    /// Tokens and money of both, and the calls to the target, which are what a budget counts.
    pub fn total(self) -> Cost {
        self.target + Cost { calls: 0, ..self.judge }
    }
}

impl Evaluator {
    /// An evaluator whose every call leaves through `calls`.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the target or the judge is not up to the task.
    pub fn new(calls: &Calls, task: Arc<Task>, models: &Models, answers: Answers) -> Result<Self> {
        refuse_a_target_without_prefill(&task, models.target.as_ref())?;
        if let (Some(name), None) = (task.score().judge(), &models.judge) {
            let message = format!("the task wants the judge {name}, and there is none");
            return Err(Error::configuration(message).with_help("give the study a judge"));
        }
        let target = calls.target(models.target.clone());
        let judge = models.judge.clone().map(|judge| calls.judge(judge));
        Ok(Self { task, target, judge, answers })
    }

    /// The most that scoring `instruction` on `examples` can cost.
    pub fn worst_case(&self, instruction: &str, examples: &[&Example]) -> Result<WorstCase> {
        let requests = self.requests(instruction, examples)?;
        let usage = requests.iter().map(|request| self.worst_usage(request)).sum();
        let calls = examples.len() as u64 * self.answers.sampling.calls();
        let target = self.target.cost(calls, usage);
        Ok(WorstCase { target, judge: self.worst_judged(examples)? })
    }

    /// The most that judging one answer to each example can cost, for all draws.
    fn worst_judged(&self, examples: &[&Example]) -> Result<Cost> {
        let Some(judge) = &self.judge else { return Ok(Cost::default()) };
        let answer = "x".repeat(BYTES_A_TOKEN * self.answers.max_tokens);
        let worst =
            |example: &&Example| self.task.score().worst_case(&Answer::to(example, &answer));
        let usage = examples.iter().map(worst).sum::<Result<Usage>>()?;
        Ok(judge.cost(examples.len() as u64, usage).times(self.answers.sampling.draws()))
    }

    /// The score of `instruction` on the examples at `rows` of a split, per example and on average.
    ///
    /// Calls in flight are finished, and kept, even when one of them fails.
    pub async fn evaluate(
        &self,
        instruction: &str,
        split: &[Example],
        rows: &[usize],
    ) -> Result<Evaluation> {
        let examples: Vec<&Example> = rows.iter().filter_map(|&row| split.get(row)).collect();
        let requests = self.requests(instruction, &examples)?;
        let completions = self.complete(&requests).await?;
        let verdicts = self.verdicts(&examples, &requests, &completions).await?;
        let draws = self.answers.sampling.draws() as usize;
        let drawn = rows.iter().zip(completions.chunks(draws)).zip(verdicts.chunks(draws));
        let scores = drawn.map(|((row, completions), verdicts)| mean(*row, completions, verdicts));
        let usage = completions.iter().map(|completion| completion.usage).sum();
        Ok(Evaluation::new(scores.collect(), usage))
    }

    /// The completions, in one round or in two.
    async fn complete(&self, requests: &[Request]) -> Result<Vec<Completion>> {
        let replies = self.target.answers(requests).await?;
        if !self.answers.sampling.second_round() {
            return Ok(replies);
        }
        let pairs = requests.iter().zip(&replies);
        let finals: Vec<Request> =
            pairs.map(|(request, reply)| final_question(request, &reply.text)).collect();
        let answers = self.target.answers(&finals).await?;
        let both = |(answer, reply): (Completion, Completion)| Completion {
            usage: reply.usage + answer.usage,
            ..answer
        };
        Ok(answers.into_iter().zip(replies).map(both).collect())
    }

    fn worst_usage(&self, request: &Request) -> Usage {
        let first = request.worst_case();
        if !self.answers.sampling.second_round() {
            return first;
        }
        let reply = "x".repeat(BYTES_A_TOKEN * self.answers.max_tokens);
        first + final_question(request, &reply).worst_case()
    }

    /// The requests that put `instruction` to the target, all draws of an example together.
    fn requests(&self, instruction: &str, examples: &[&Example]) -> Result<Vec<Request>> {
        let sampling = self.answers.sampling;
        let mut requests = Vec::with_capacity(examples.len());
        for example in examples {
            let templates = self.task.templates();
            let prompt = Prompt::from(templates.follow(instruction, &example.input)?);
            let prefill = templates.begin(instruction, &example.input)?;
            requests.extend((0..sampling.draws()).map(|draw| {
                let (max_tokens, temperature) = (self.answers.max_tokens, sampling.temperature());
                let decoding = Decoding { max_tokens, temperature, draw };
                Request { prefill: prefill.clone(), ..Request::new(prompt.clone(), decoding) }
            }));
        }
        Ok(requests)
    }

    /// One checked verdict for each completion.
    async fn verdicts(
        &self,
        examples: &[&Example],
        requests: &[Request],
        completions: &[Completion],
    ) -> Result<Vec<Verdict>> {
        let draws = self.answers.sampling.draws() as usize;
        let prompts: Vec<String> = requests.iter().map(Request::text).collect();
        let answers = completions.iter().enumerate().map(|(index, completion)| Answer {
            example: examples[index / draws],
            prompt: &prompts[index],
            text: completion.text.trim(),
            finish_reason: completion.finish_reason,
            second_round: self.answers.sampling.second_round(),
        });
        let answers: Vec<Answer<'_>> = answers.collect();
        let judge = self.judge.as_ref().map(|judge| judge as &dyn Model);
        let verdicts = self.task.score().score(&answers, judge).await?;
        check(&self.task, answers.len(), &verdicts)?;
        Ok(verdicts)
    }
}

/// One example's score: the mean over those draws that have one.
fn mean(example: usize, completions: &[Completion], verdicts: &[Verdict]) -> ExampleScore {
    let scores: Vec<f64> = verdicts.iter().filter_map(|verdict| verdict.score).collect();
    let score = (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64);
    let answer = completions.first().map_or("", |first| first.text.trim());
    let mut reasons = completions.iter().map(|completion| completion.finish_reason);
    let first = reasons.clone().next().unwrap_or_default();
    let is_whole =
        |reason: &FinishReason| matches!(reason, FinishReason::Stop | FinishReason::Unknown);
    let finish_reason = reasons.find(|reason| !is_whole(reason)).unwrap_or(first);
    let verdict = verdicts.first().cloned().unwrap_or_default();
    ExampleScore {
        finish_reason,
        feedback: verdict.feedback,
        parts: verdict.parts,
        ..ExampleScore::new(example, score, answer)
    }
}

/// A metric that does not keep to its contract is told so before its scores are believed.
fn check(task: &Task, answers: usize, verdicts: &[Verdict]) -> Result<()> {
    let id = task.score().id();
    if verdicts.len() != answers {
        let message =
            format!("the metric {id} gave {} scores for {answers} answers", verdicts.len());
        return Err(Error::data(message).with_help("give one verdict for each answer, in order"));
    }
    let mut scores = verdicts.iter().filter_map(|verdict| verdict.score);
    match scores.find(|score| !(0.0..=1.0).contains(score)) {
        Some(score) => Err(Error::data(format!("the metric {id} gave the score {score}"))
            .with_help("a score lies between 0 and 1; higher is better")),
        None => Ok(()),
    }
}

fn refuse_a_target_without_prefill(task: &Task, target: &dyn Model) -> Result<()> {
    if !task.templates().begins_answers() || target.abilities().prefill {
        return Ok(());
    }
    let message =
        format!("the instruction begins the answer, and {} begins its answers itself", target.id());
    Err(Error::configuration(message)
        .with_help(
            "ask it for completions, load it without a chat template, or put the instruction at \
             q_begin or q_end",
        )
        .with_setting(crate::error::Setting::TargetInterface))
}

/// The request that asks for the answer alone, behind a reply to `request`.
fn final_question(request: &Request, reply: &str) -> Request {
    let decoding = Decoding { max_tokens: SECOND_ROUND_TOKENS, ..request.decoding };
    Request::new(second_round(&request.text(), reply), decoding)
}
