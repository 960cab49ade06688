//! Scoring one instruction on a set of examples.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::calls::{Calls, Metered};
use crate::cost::Cost;
use crate::counted::counted;
use crate::example::Example;
use crate::history::{Evaluation, ExampleScore};
use crate::metric::answer::second_round;
use crate::model::{Completion, Decoding, FinishReason, Model, Parts, Request};
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
    /// Whether the target has answered once.
    has_answered: Arc<AtomicBool>,
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

/// A target that answered before and leaves so many rows of one instruction without any answer is out of
/// order; fewer may be rows that it cannot deal with.
const OUT_OF_ORDER: usize = 5;

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
        refuse_without_judge(&task, models.judge.is_some())?;
        refuse_two_rounds_with_a_program(answers.sampling, models.target.as_ref())?;
        let target = calls.target(models.target.clone());
        let judge = models.judge.clone().map(|judge| judge_of(calls, judge, &task));
        Ok(Self { task, target, judge, answers, has_answered: Arc::default() })
    }

    /// The most that scoring `instruction` on `examples` can cost.
    pub fn worst_case(&self, instruction: &str, examples: &[&Example]) -> Result<WorstCase> {
        let requests = self.requests(instruction, examples)?;
        let usage = requests.iter().map(|request| self.worst_usage(request)).sum();
        let calls = examples.len() as u64 * self.answers.sampling.calls();
        let target = self.target.cost(calls, usage);
        Ok(WorstCase { target, judge: self.worst_judged(examples)? })
    }

    /// What scoring costs as a rule whose worst case this is.
    pub fn as_a_rule(&self, most: WorstCase) -> WorstCase {
        let judge = self.judge.as_ref();
        WorstCase {
            target: self.target.cost_as_a_rule(most.target),
            judge: judge.map_or(most.judge, |judge| judge.cost_as_a_rule(most.judge)),
        }
    }

    /// The most that judging one answer to each example can cost, for all draws.
    fn worst_judged(&self, examples: &[&Example]) -> Result<Cost> {
        let Some(judge) = &self.judge else { return Ok(Cost::default()) };
        let answer = "x".repeat(BYTES_A_TOKEN * self.answers.max_tokens);
        let worst =
            |example: &&Example| self.task.score().worst_case(&Answer::to(example, &answer));
        let usage = examples.iter().map(worst).sum::<Result<Usage>>()?;
        let calls = examples.len() as u64 * self.task.score().judge_calls();
        Ok(judge.cost(calls, usage).times(self.answers.sampling.draws()))
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
        let replies = self.complete(&requests).await?;
        let verdicts = self.verdicts(&examples, &requests, &replies).await?;
        let completions: Vec<Completion> =
            replies.into_iter().map(Result::unwrap_or_default).collect();
        let draws = self.answers.sampling.draws() as usize;
        let drawn = rows.iter().zip(completions.chunks(draws)).zip(verdicts.chunks(draws));
        let scores = drawn.map(|((row, completions), verdicts)| mean(*row, completions, verdicts));
        let usage = completions.iter().map(|completion| completion.usage).sum();
        Ok(Evaluation::new(scores.collect(), usage))
    }

    /// The completions, in one round or in two. A request that alone got no answer has its error.
    async fn complete(&self, requests: &[Request]) -> Result<Vec<Result<Completion>>> {
        if !self.answers.sampling.second_round() {
            return self.believable(self.target.complete(requests).await);
        }
        let replies = self.target.answers(requests).await?;
        let pairs = requests.iter().zip(&replies);
        let finals: Vec<Request> =
            pairs.map(|(request, reply)| final_question(request, &reply.text)).collect();
        let answers = self.target.answers(&finals).await?;
        let both = |(answer, reply): (Completion, Completion)| Completion {
            usage: reply.usage + answer.usage,
            ..answer
        };
        Ok(answers.into_iter().zip(replies).map(both).map(Ok).collect())
    }

    /// The replies, unless one failed for a reason that is not its own, or none came although some should
    /// have: what is out of order gives no scores, not even missing ones.
    fn believable(&self, replies: Vec<Result<Completion>>) -> Result<Vec<Result<Completion>>> {
        let failed = || replies.iter().filter_map(|reply| reply.as_ref().err());
        if let Some(error) = failed().find(|error| !error.is_of_one_request()) {
            return Err(error.clone());
        }
        let count = failed().count();
        if count < replies.len() {
            self.has_answered.store(true, Ordering::Relaxed);
        }
        let is_new = !self.has_answered.load(Ordering::Relaxed);
        match failed().next() {
            Some(error) if count == replies.len() && (is_new || count >= OUT_OF_ORDER) => {
                Err(error.clone())
            }
            _ => Ok(replies),
        }
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
        let reads_parts = self.target.abilities().parts;
        let mut requests = Vec::with_capacity(examples.len());
        for example in examples {
            let templates = self.task.templates();
            let prompt = templates.prompt(instruction, example)?;
            let prefill = templates.begin(instruction, example)?;
            let parts =
                || Box::new(Parts::of(&self.task.whole(instruction), example, self.task.hidden()));
            let parts = reads_parts.then(parts);
            requests.extend((0..sampling.draws()).map(|draw| {
                let (max_tokens, temperature) = (self.answers.max_tokens, sampling.temperature());
                let decoding = Decoding { max_tokens, temperature, draw };
                let (prefill, parts) = (prefill.clone(), parts.clone());
                Request { prefill, parts, ..Request::new(prompt.clone(), decoding) }
            }));
        }
        Ok(requests)
    }

    /// One checked verdict for each reply. One that never came is not scored.
    async fn verdicts(
        &self,
        examples: &[&Example],
        requests: &[Request],
        replies: &[Result<Completion>],
    ) -> Result<Vec<Verdict>> {
        let draws = self.answers.sampling.draws() as usize;
        let prompts: Vec<String> = requests.iter().map(Request::text).collect();
        let given = replies.iter().enumerate();
        let given = given.filter_map(|(index, reply)| Some((index, reply.as_ref().ok()?)));
        let answers = given.map(|(index, completion)| Answer {
            example: examples[index / draws],
            prompt: &prompts[index],
            text: completion.text.trim(),
            finish_reason: completion.finish_reason,
            second_round: self.answers.sampling.second_round(),
        });
        let answers: Vec<Answer<'_>> = answers.collect();
        let mut verdicts = self.checked(&answers).await?.into_iter();
        let verdict = |reply: &Result<Completion>| match reply {
            Ok(_) => verdicts.next().unwrap_or_default(),
            Err(error) => Verdict::missing(format!("no answer: {error}")),
        };
        Ok(replies.iter().map(verdict).collect())
    }

    /// One verdict for each answer.
    async fn checked(&self, answers: &[Answer<'_>]) -> Result<Vec<Verdict>> {
        if answers.is_empty() {
            return Ok(Vec::new());
        }
        let judge = self.judge.as_ref().map(|judge| judge as &dyn Model);
        let verdicts = self.task.score().score(answers, judge).await?;
        check(&self.task, answers.len(), &verdicts)?;
        Ok(verdicts)
    }
}

/// Refuses a task that wants a judge where there is none.
pub(super) fn refuse_without_judge(task: &Task, has_judge: bool) -> Result<()> {
    match task.score().judge() {
        Some(name) if !has_judge => {
            let message = format!("the task wants the judge {name}, and there is none");
            Err(Error::configuration(message).with_help("give the study a judge"))
        }
        _ => Ok(()),
    }
}

/// The judging model of a task. A reply of which the score makes nothing is not kept for others.
pub(super) fn judge_of(calls: &Calls, judge: Arc<dyn Model>, task: &Task) -> Metered {
    let score = task.score().clone();
    calls.judge(judge).keeping(Arc::new(move |reply| score.can_read(reply)))
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
pub(super) fn check(task: &Task, answers: usize, verdicts: &[Verdict]) -> Result<()> {
    let id = task.score().id();
    if verdicts.len() != answers {
        let (scores, answers) = (counted(verdicts.len(), "score"), counted(answers, "answer"));
        let message = format!("the metric {id} gave {scores} for {answers}");
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

/// A program's reply to the same instruction and row would be the same.
fn refuse_two_rounds_with_a_program(sampling: Sampling, target: &dyn Model) -> Result<()> {
    if !sampling.second_round() || !target.abilities().parts {
        return Ok(());
    }
    let message =
        format!("{} is not shown its own reply: it makes its prompts itself", target.id());
    Err(Error::configuration(message).with_help("leave the second round out"))
}

/// The request that asks for the answer alone, behind a reply to `request`.
fn final_question(request: &Request, reply: &str) -> Request {
    let decoding = Decoding { max_tokens: SECOND_ROUND_TOKENS, ..request.decoding };
    Request::new(second_round(&request.text(), reply), decoding)
}
