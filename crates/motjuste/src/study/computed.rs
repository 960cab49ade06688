//! What a generator with open weights is asked to compute: rows in the target's prompt, with a place for the trigger.

use std::collections::BTreeSet;

use super::Study;
use crate::counted::counted;
use crate::example::Example;
use crate::history::{FEW_ANSWERS, LabelPlan, PolicyPlan, Proposal, SwapPlan};
use crate::method::ComputationBound;
use crate::model::{
    Computation, Decoding, LabelSearch, Labelled, Lesson, Message, PolicyRun, Prompt, Request,
    Swap, SwapLoss, TRIGGER,
};
use crate::usage::Usage;
use crate::{Error, Result};

impl Study {
    /// One iteration of a trigger search.
    pub(super) fn swap_request(&self, plan: &SwapPlan) -> Result<Request> {
        let loss = match &plan.labels {
            Some(labels) => SwapLoss::Labels(labels.clone()),
            None => SwapLoss::Answer { answers: self.few_answers().unwrap_or_default() },
        };
        Ok(computed(Computation::Swap(Swap {
            trigger: plan.trigger.clone(),
            position: plan.position,
            candidates: plan.candidates,
            gradient: self.labelled(&plan.gradient)?,
            evaluation: self.labelled(&plan.evaluation)?,
            loss,
            exclude: plan.exclude,
        })))
    }

    /// A search for label tokens.
    pub(super) fn label_request(&self, plan: &LabelPlan) -> Result<Request> {
        if self.few_answers().is_none() {
            let message = "tokens are searched for the labels of a task, and this one has too many";
            return Err(Error::configuration(message).with_help(format!(
                "set labels to answers; labels are {} at the most, each on two train rows or more",
                counted(FEW_ANSWERS, "output")
            )));
        }
        Ok(computed(Computation::Labels(LabelSearch {
            trigger: plan.trigger.clone(),
            rows: self.labelled(&plan.rows)?,
            tokens: plan.tokens,
            steps: plan.steps,
            learning_rate: plan.learning_rate,
        })))
    }

    /// Prompts of a policy behind the demonstrations, once it has learnt all lessons so far.
    pub(super) fn policy_request(&self, plan: &PolicyPlan) -> Result<Request> {
        let begin = self.evaluator.task.templates().induce(&self.demonstrations.draw(0))?;
        let lessons = self.lessons().chain(&plan.lesson).cloned().collect();
        let run = PolicyRun {
            policy: plan.policy.clone(),
            lessons,
            draws: plan.draws,
            greedy: plan.greedy,
        };
        Ok(Request { prompt: begin.into(), ..computed(Computation::Policy(run)) })
    }

    /// The lessons of the steps so far, oldest first.
    fn lessons(&self) -> impl Iterator<Item = &Lesson> {
        let steps = self.outcome.history.steps().iter();
        steps.flat_map(|step| &step.proposals).filter_map(|proposal| match proposal {
            Proposal::Policy(plan) => plan.lesson.as_ref(),
            _ => None,
        })
    }

    /// Train rows in the target's prompt, with a place for the trigger, and their answers.
    fn labelled(&self, rows: &[usize]) -> Result<Vec<Labelled>> {
        let train = self.evaluator.task.train();
        let one = |&row: &usize| {
            let Some(example) = train.get(row) else {
                return Err(self.refused(&format!("named train row {row} of {}", train.len())));
            };
            Ok(Labelled { prompt: self.with_a_place(row, example)?, answer: answer(example) })
        };
        rows.iter().map(one).collect()
    }

    /// The target's prompt for a train row, with a place for the trigger.
    fn with_a_place(&self, row: usize, example: &Example) -> Result<Prompt> {
        let prompt = self.evaluator.task.templates().prompt(TRIGGER, example)?;
        match prompt.text().matches(TRIGGER).count() {
            1 => Ok(prompt),
            places => Err(Error::configuration(format!(
                "the prompt of train row {row} has {} for a trigger",
                counted(places, "place")
            ))
            .with_help(
                "name the instruction once in the task's prompt, and take the character U+FFFC out of the rows",
            )),
        }
    }

    /// The answers of the task, in order, where there are few.
    fn few_answers(&self) -> Option<Vec<String>> {
        let train = self.evaluator.task.train();
        let answers: BTreeSet<String> = train.iter().map(answer).collect();
        let are_few = answers.len() <= FEW_ANSWERS && 2 * answers.len() <= train.len();
        are_few.then(|| answers.into_iter().collect())
    }

    /// The most that one computation can use: every train row as long as the longest.
    pub(super) fn worst_computation(&self, bound: ComputationBound) -> Result<Usage> {
        let train = self.evaluator.task.train();
        let all: Vec<usize> = (0..train.len()).collect();
        let bytes = |row: Labelled| {
            let answer = row.answer.len() as u64;
            Request::new(row.prompt, Decoding::greedy(0)).worst_case().tokens_in + answer
        };
        let longest = self.labelled(&all)?.into_iter().map(bytes).max().unwrap_or_default();
        let begin = self.manual_request()?.worst_case().tokens_in;
        let read = longest.saturating_mul(bound.rows).saturating_add(bound.tokens);
        Ok(Usage { tokens_in: read.saturating_add(begin), tokens_out: 0 })
    }
}

/// The right answer, as it is: the space in front of it is the model's.
fn answer(example: &Example) -> String {
    example.outputs.first().cloned().unwrap_or_default()
}

/// A request for a computation alone.
fn computed(computation: Computation) -> Request {
    Request {
        computation: Some(Box::new(computation)),
        ..Request::new(Vec::<Message>::new(), Decoding::greedy(0))
    }
}
