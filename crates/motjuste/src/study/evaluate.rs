//! Paying for a step: which of its instructions the budget covers, and what they score.

use std::collections::HashSet;

use futures::StreamExt;
use futures::stream;

use super::Study;
use super::hopeless::FIRST_ANSWERS;
use crate::budget::{Role, StopReason};
use crate::cost::Cost;
use crate::example::Example;
use crate::history::{Assignment, Candidate, Evaluation, ExampleScore, Step, TrialState};
use crate::{Error, Result};

/// What the evaluation of a step came to.
#[derive(Debug)]
pub struct Evaluated {
    /// The step, where at least one of its instructions could be evaluated.
    pub step: Option<Step>,
    /// Why the search ends with it. That the trials are used up is for [`Study::propose`] to say: those that
    /// have begun may still be topped up.
    pub end: Option<StopReason>,
}

impl Study {
    /// Evaluates the waiting instructions of a step that the budget covers at their worst case, in order:
    /// so which those are never depends on which call comes back first.
    ///
    /// # Errors
    /// Whatever the target, the judge or the store fails with; [`Error::is_interrupted`] when asked to
    /// stop.
    pub async fn evaluate(&self, mut step: Step) -> Result<Evaluated> {
        let texts = self.instructions(&step)?;
        let (admitted, mut end) = self.admit(&step, &texts)?;
        let is_paid =
            |index: &&usize| !self.open_rows(&step, &step.assignments[**index]).is_empty();
        let paid: Vec<usize> = admitted.iter().filter(is_paid).copied().collect();
        let mut unpaid: HashSet<usize> = HashSet::new();
        let mut scores = self.first_scores(&step, &texts, &paid).await?;
        scores.extend(self.scores(&step, &texts, paid[scores.len()..].to_vec()).await);
        for (index, evaluation) in scores {
            match evaluation {
                Ok(evaluation) => step.assignments[index].evaluation = Some(evaluation),
                // Repeated attempts used up what was left; the trial waits for a larger budget.
                Err(error) => {
                    end = Some(error.stop_reason().ok_or(error)?);
                    unpaid.insert(index);
                }
            }
        }
        for &index in admitted.iter().filter(|index| !unpaid.contains(index)) {
            self.share(&mut step, index);
        }
        let examined = match end {
            None => self.examine(&mut step, &mut end).await?,
            Some(_) => false,
        };
        let has_advanced =
            examined || admitted.iter().any(|&index| step.assignments[index].evaluation.is_some());
        let step = (has_advanced || end.is_none()).then_some(step);
        Ok(Evaluated { step, end: end.filter(|reason| *reason != StopReason::Trials) })
    }

    /// The scores of the first instructions of a study, as few as tell whether the target answers at all: more is
    /// spent only if it does.
    async fn first_scores(
        &self,
        step: &Step,
        texts: &[String],
        paid: &[usize],
    ) -> Result<Vec<(usize, Result<Evaluation>)>> {
        let trials = self.outcome.history.trials().iter();
        let known = trials.filter_map(|trial| trial.evaluation.as_ref());
        let known: Vec<&ExampleScore> =
            known.flat_map(|all| &all.per_example).take(FIRST_ANSWERS).collect();
        if known.len() >= FIRST_ANSWERS || paid.is_empty() {
            return Ok(Vec::new());
        }
        let mut answers = known.len();
        let is_among_first = |index: &&usize| {
            let is_needed = answers < FIRST_ANSWERS;
            answers += self.open_rows(step, &step.assignments[**index]).len();
            is_needed
        };
        let first: Vec<usize> = paid.iter().take_while(is_among_first).copied().collect();
        let scores = self.scores(step, texts, first).await;
        let scored = scores.iter().filter_map(|(_, evaluation)| evaluation.as_ref().ok());
        let scored = scored.flat_map(|evaluation| &evaluation.per_example);
        self.refuse_empty_answers(known.into_iter().chain(scored))?;
        self.reserve_time_for_the_assessment();
        Ok(scores)
    }

    /// Pays for the examinations of a step that the budget covers, in order; whether there was one.
    async fn examine(&self, step: &mut Step, end: &mut Option<StopReason>) -> Result<bool> {
        let train = self.evaluator.task.train();
        let (mut total, mut has_advanced) = (Cost::default(), false);
        let fresh = step.candidates(self.outcome.history.candidates().len());
        let open = step.examinations.iter_mut().filter(|it| it.evaluation.is_none());
        for examination in open {
            let text = self.instruction(&fresh, examination.candidate)?;
            let rows: Vec<&Example> =
                examination.rows.iter().filter_map(|&row| train.get(row)).collect();
            total = total + self.worst_case_of(text, &rows)?;
            *end = self.ledger().refusal(Role::Target, total);
            if end.is_some() {
                break;
            }
            match self.evaluator.evaluate(text, train, &examination.rows).await {
                Ok(evaluation) => examination.evaluation = Some(evaluation),
                Err(error) => {
                    *end = Some(error.stop_reason().ok_or(error)?);
                    break;
                }
            }
            (total, has_advanced) = (Cost::default(), true);
        }
        Ok(has_advanced)
    }

    /// The answers that a step needs, where nothing stops it.
    pub(super) fn answers_of(&self, step: &Step) -> usize {
        let open = step.assignments.iter().filter(|one| one.evaluation.is_none());
        let rows: usize = open.map(|one| self.open_rows(step, one).len()).sum();
        let examined: usize = step.examinations.iter().map(|one| one.rows.len()).sum();
        (rows + examined) * self.evaluator.answers.sampling.calls() as usize
    }

    /// Gives an assignment what it need not pay for: the scores of the trial that it repeats, and none
    /// where it adds no row.
    fn share(&self, step: &mut Step, index: usize) {
        let assignment = &step.assignments[index];
        let own = assignment.evaluation.as_ref();
        let evaluation = match assignment.repeats {
            None => Some(own.cloned().unwrap_or_else(Evaluation::empty)),
            Some(first) => self.evaluation_of(first, step).map(|shared| match own {
                Some(own) => shared.grown(own),
                None => shared,
            }),
        };
        step.assignments[index].evaluation = evaluation;
    }

    /// The indices of the waiting instructions that the budget covers, and what stops the others.
    fn admit(&self, step: &Step, texts: &[String]) -> Result<(Vec<usize>, Option<StopReason>)> {
        let ledger = self.ledger();
        let mut trials_left = self.trials_left();
        let mut begun = HashSet::new();
        let mut admitted = Vec::new();
        let mut total = Cost::default();
        for (index, assignment) in step.assignments.iter().enumerate() {
            if assignment.evaluation.is_some() {
                continue;
            }
            if self.is_new(assignment) && begun.insert(assignment.trial) {
                match trials_left.checked_sub(1) {
                    Some(left) => trials_left = left,
                    None => return Ok((admitted, Some(StopReason::Trials))),
                }
            }
            total = total + self.worst_case(step, assignment, &texts[index])?;
            if let Some(reason) = ledger.refusal(Role::Target, total) {
                return Ok((admitted, Some(reason)));
            }
            admitted.push(index);
        }
        Ok((admitted, None))
    }

    /// How many trials may still begin.
    pub(super) fn trials_left(&self) -> u64 {
        let done = self.outcome.history.evaluated_trials() as u64;
        self.ledger().budget().trials.map_or(u64::MAX, |limit| limit.saturating_sub(done))
    }

    /// Whether an assignment begins its trial.
    pub(super) fn is_new(&self, assignment: &Assignment) -> bool {
        let trial = self.outcome.history.trials().get(assignment.trial);
        trial.is_none_or(|trial| trial.evaluation.is_none())
    }

    /// The most that an assignment can cost; the number of its calls alone where the budget asks for
    /// nothing else, because every prompt has to be written out to know more.
    fn worst_case(&self, step: &Step, assignment: &Assignment, text: &str) -> Result<Cost> {
        let rows = self.open_rows(step, assignment);
        if !self.ledger().budget().caps_usage() {
            let calls = rows.len() as u64 * self.evaluator.answers.sampling.calls();
            return Ok(Cost { calls, ..Cost::default() });
        }
        let dev = self.evaluator.task.dev();
        let examples: Vec<&Example> = rows.iter().filter_map(|&row| dev.get(row)).collect();
        self.worst_case_of(text, &examples)
    }

    /// The most that scoring `instruction` on `examples` can cost.
    pub(super) fn worst_case_of(&self, instruction: &str, examples: &[&Example]) -> Result<Cost> {
        Ok(self.evaluator.worst_case(instruction, examples)?.total())
    }

    /// The rows that an assignment has to pay for: those that its trial lacks. A trial that repeats another
    /// has as many rows as that one for nothing, whichever they are. One that was given up gets none.
    fn open_rows(&self, step: &Step, assignment: &Assignment) -> Vec<usize> {
        let trial = self.outcome.history.trials().get(assignment.trial);
        if trial.is_some_and(|trial| trial.state == TrialState::Pruned) {
            return Vec::new();
        }
        let known = match assignment.repeats {
            None => self.scored_rows(assignment.trial).unwrap_or_default(),
            Some(first) => match self.shared_rows(first, step) {
                shared if shared.len() >= assignment.rows.len() => return Vec::new(),
                shared => shared,
            },
        };
        let is_open = |row: &&usize| known.binary_search(row).is_err();
        assignment.rows.iter().filter(is_open).copied().collect()
    }

    /// The rows that a trial is scored on, ascending; none before it is.
    pub(super) fn scored_rows(&self, trial: usize) -> Option<Vec<usize>> {
        self.outcome.history.trials().get(trial)?.evaluation.as_ref().map(Evaluation::examples)
    }

    /// The rows that a trial is scored on, or will be in this step.
    fn shared_rows(&self, trial: usize, step: &Step) -> Vec<usize> {
        self.scored_rows(trial).unwrap_or_else(|| {
            let first = step.assignments.iter().find(|assignment| assignment.trial == trial);
            first.map(|assignment| assignment.rows.clone()).unwrap_or_default()
        })
    }

    /// The instruction of each assignment, in order.
    fn instructions(&self, step: &Step) -> Result<Vec<String>> {
        let fresh = step.candidates(self.outcome.history.candidates().len());
        let instruction = |assignment: &Assignment| {
            self.instruction(&fresh, assignment.candidate).map(str::to_owned)
        };
        step.assignments.iter().map(instruction).collect()
    }

    /// The instruction of a candidate, of the history or a fresh one.
    fn instruction<'a>(&'a self, fresh: &'a [Candidate], id: usize) -> Result<&'a str> {
        let known = self.outcome.history.candidates();
        let found = known.get(id).or_else(|| fresh.get(id.checked_sub(known.len())?));
        found.map(|candidate| candidate.instruction.as_str()).ok_or_else(|| {
            Error::configuration(format!("there is no candidate {id}"))
                .with_help("a step is evaluated as it was proposed")
        })
    }

    /// The evaluations of some assignments, in order. So many of them are begun at a time as keep the
    /// wire busy: the first calls leave before the last prompts are written out.
    async fn scores(
        &self,
        step: &Step,
        texts: &[String],
        indices: Vec<usize>,
    ) -> Vec<(usize, Result<Evaluation>)> {
        let calls = self.config.task.dev * self.evaluator.answers.sampling.calls() as usize;
        let at_a_time = 1 + (2 * self.calls.policy().concurrency).div_ceil(calls.max(1));
        let dev = self.evaluator.task.dev();
        let score = async |index: usize| {
            let rows = self.open_rows(step, &step.assignments[index]);
            (index, self.evaluator.evaluate(&texts[index], dev, &rows).await)
        };
        let scores = stream::iter(indices).map(score).buffer_unordered(at_a_time);
        let mut scores: Vec<_> = scores.collect().await;
        scores.sort_by_key(|(index, _)| *index);
        scores
    }

    /// The scores of a trial, earlier ones or those of this step; none while it waits itself.
    fn evaluation_of(&self, trial: usize, step: &Step) -> Option<Evaluation> {
        let known = self.outcome.history.trials().get(trial);
        let known = known.and_then(|trial| trial.evaluation.clone());
        known.or_else(|| {
            let found = step.assignments.iter().find(|assignment| assignment.trial == trial);
            found?.evaluation.clone()
        })
    }
}
