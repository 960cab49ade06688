//! What a study knows so far: steps, candidates and trials; a fold of its step events, and nothing else.

mod candidate;
mod computed;
mod proposal;
mod ranking;
mod standing;
mod step;
mod trial;

pub use candidate::{Allocation, Candidate, Job, Origin, Rows};
pub use computed::{FEW_ANSWERS, LabelPlan, PolicyPlan, SwapPlan};
pub use proposal::{Ask, Part, Proposal, RowPart, Shown};
pub use standing::{Standing, standings};
pub use step::{Assignment, Examination, Found, Reading, Reply, Step};
pub use trial::{Evaluation, ExampleScore, Trial, TrialState};

use std::collections::{BTreeSet, HashMap};

use crate::model::SoftPrompt;
use ranking::Ranking;

/// Everything that a method may look at. It is indexed: adding a step takes time in proportion to the
/// step.
#[derive(Debug, Clone, Default)]
pub struct History {
    steps: Vec<Step>,
    candidates: Vec<Candidate>,
    trials: Vec<Trial>,
    rows: Vec<usize>,
    start: Vec<String>,
    train: usize,
    /// The first trial with scores, by instruction.
    scored: HashMap<String, usize>,
    /// The trial of a candidate.
    of_candidate: HashMap<usize, usize>,
    /// What candidates answered to train rows.
    examined: HashMap<usize, Evaluation>,
    evaluated: usize,
    ranking: Ranking,
    /// The trials that are scored on some rows, and not given up.
    partial: BTreeSet<usize>,
    /// The steps that the budget cut.
    cut: BTreeSet<usize>,
    longest: usize,
}

impl History {
    /// A history without steps, of a study that scores on no row.
    ///
    /// ```
    /// assert!(motjuste::history::History::new().best().is_none());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// A history without steps, of a study that scores on these rows of the dev split.
    pub fn scored_on(rows: Vec<usize>) -> Self {
        Self { rows, ..Self::default() }
    }

    /// The same history of a study that begins with these instructions, which stand in its first step
    /// before what its method proposes.
    #[must_use]
    pub fn starting_with(self, start: Vec<String>) -> Self {
        Self { start, ..self }
    }

    /// The same history of a study whose task has so many train rows.
    #[must_use]
    pub fn with_train_rows(self, train: usize) -> Self {
        Self { train, ..self }
    }

    /// The number of train rows: those that a prompt for the generator may show.
    pub fn train_rows(&self) -> usize {
        self.train
    }

    /// The instructions that a person has in use, and that the study begins with.
    pub fn start(&self) -> &[String] {
        &self.start
    }

    /// The rows of the dev split that score an instruction, ascending.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Adds a step. A step whose index is known completes that one: this is how a study goes on, under a
    /// larger budget, with what its old budget cut.
    pub fn push(&mut self, step: Step) {
        let is_completed = step.index < self.steps.len();
        if !is_completed {
            self.candidates.extend(step.candidates(self.candidates.len()));
        }
        step.assignments.iter().for_each(|assignment| self.take(step.index, assignment));
        step.pruned.iter().for_each(|&trial| self.prune(trial));
        step.examinations.iter().for_each(|examination| self.examine(examination));
        match step.is_cut() {
            true => self.cut.insert(step.index),
            false => self.cut.remove(&step.index),
        };
        match self.steps.get_mut(step.index) {
            Some(cut) => *cut = step,
            None => self.steps.push(step),
        }
    }

    /// Takes up what came of one job.
    fn take(&mut self, step: usize, assignment: &Assignment) {
        if assignment.trial == self.trials.len() {
            self.begin(step, assignment);
        }
        let (Some(trial), Some(more)) =
            (self.trials.get_mut(assignment.trial), &assignment.evaluation)
        else {
            return;
        };
        let (was, before) = (trial.state, trial.score());
        let evaluation = match trial.evaluation.take() {
            Some(earlier) => earlier.grown(more),
            None => more.clone(),
        };
        trial.state = state(&evaluation, self.rows.len(), was);
        trial.evaluation = Some(evaluation);
        self.ranking.place(trial.id, before, trial.score());
        match trial.state {
            TrialState::Partial => self.partial.insert(trial.id),
            _ => self.partial.remove(&trial.id),
        };
        self.evaluated += usize::from(was == TrialState::Waiting);
        if !self.scored.contains_key(&trial.instruction) {
            self.scored.insert(trial.instruction.clone(), trial.id);
        }
    }

    fn begin(&mut self, step: usize, assignment: &Assignment) {
        let candidate = self.candidates.get(assignment.candidate);
        let instruction = candidate.map_or(String::new(), |known| known.instruction.clone());
        self.longest = self.longest.max(instruction.len());
        self.of_candidate.insert(assignment.candidate, assignment.trial);
        self.trials.push(Trial {
            id: assignment.trial,
            step,
            candidate: assignment.candidate,
            instruction,
            state: TrialState::Waiting,
            evaluation: None,
            repeats: assignment.repeats,
        });
    }

    fn examine(&mut self, examination: &Examination) {
        let Some(more) = &examination.evaluation else { return };
        let all = match self.examined.remove(&examination.candidate) {
            Some(earlier) => earlier.grown(more),
            None => more.clone(),
        };
        self.examined.insert(examination.candidate, all);
    }

    fn prune(&mut self, trial: usize) {
        if let Some(trial) = self.trials.get_mut(trial)
            && trial.state == TrialState::Partial
        {
            trial.state = TrialState::Pruned;
            self.partial.remove(&trial.id);
        }
    }

    /// The steps, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Every candidate, in order; its id is its index.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// Every trial, in order; its id is its index.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// The complete trials with their evaluations, in order; repeats included.
    pub fn complete(&self) -> impl Iterator<Item = (&Trial, &Evaluation)> {
        let complete = self.trials.iter().filter(|trial| trial.state == TrialState::Complete);
        complete.filter_map(|trial| trial.evaluation.as_ref().map(|evaluation| (trial, evaluation)))
    }

    /// The trials that are scored on some rows only, and not given up, in order: what a race tops up.
    pub fn partial(&self) -> impl Iterator<Item = &Trial> {
        self.partial.iter().filter_map(|&trial| self.trials.get(trial))
    }

    /// The steps that a budget cut, in order.
    pub fn cut_steps(&self) -> impl Iterator<Item = &Step> {
        self.cut.iter().filter_map(|&step| self.steps.get(step))
    }

    /// The bytes of the longest instruction that is a trial.
    pub(crate) fn longest_instruction(&self) -> Option<usize> {
        (!self.trials.is_empty()).then_some(self.longest)
    }

    /// The first trial of this instruction that has scores.
    pub fn find(&self, instruction: &str) -> Option<&Trial> {
        self.trials.get(*self.scored.get(instruction)?)
    }

    /// The trial of a candidate, once it has been paid for.
    pub fn trial_of(&self, candidate: usize) -> Option<&Trial> {
        self.trials.get(*self.of_candidate.get(&candidate)?)
    }

    /// What a candidate answered to those train rows that it was examined on.
    pub fn examined(&self, candidate: usize) -> Option<&Evaluation> {
        self.examined.get(&candidate)
    }

    /// The number of distinct instructions with scores.
    pub fn distinct_instructions(&self) -> usize {
        self.scored.len()
    }

    /// The best complete trial: highest score, then earliest.
    pub fn best(&self) -> Option<&Trial> {
        self.trials.get(self.ranking.first_of_best()?)
    }

    /// Whether an instruction has the highest score on all dev rows. What is tried after it can be as good there, not better.
    pub fn is_perfect(&self) -> bool {
        self.best().and_then(Trial::score).is_some_and(|score| score >= 1.0)
    }

    /// The best complete trial, the latest of equals: what InstructZero's code reports.
    pub fn latest_best(&self) -> Option<&Trial> {
        self.trials.get(self.ranking.last_of_best()?)
    }

    /// The trial with the highest posterior mean, complete or not, the shortest of equals. See [`standings`].
    pub fn most_promising(&self) -> Option<&Trial> {
        standing::ranked(self).first().copied()
    }

    /// The trials that have scores, the most promising first.
    pub(crate) fn by_promise(&self) -> Vec<&Trial> {
        standing::ranked(self)
    }

    /// What leads so far: the best trial where all are scored on the same rows, the most promising where they are
    /// not.
    pub fn leader(&self) -> Option<&Trial> {
        let is_raced = self
            .trials
            .iter()
            .any(|trial| matches!(trial.state, TrialState::Partial | TrialState::Pruned));
        if is_raced { self.most_promising() } else { self.best() }
    }

    /// The number of trials that were evaluated, wholly or in part.
    pub fn evaluated_trials(&self) -> usize {
        self.evaluated
    }

    /// The proposal that a candidate comes from.
    pub fn proposal_of(&self, candidate: &Candidate) -> Option<&Proposal> {
        self.steps.get(candidate.origin.step)?.proposals.get(candidate.origin.reply)
    }

    /// The reply that a candidate was read in.
    pub fn reply_of(&self, candidate: &Candidate) -> Option<&Reply> {
        self.steps.get(candidate.origin.step)?.replies.get(candidate.origin.reply)
    }

    /// The soft prompt that made the generator write a trial's instruction, where there was one.
    pub fn soft_prompt_of(&self, trial: &Trial) -> Option<&SoftPrompt> {
        match self.proposal_of(self.candidates.get(trial.candidate)?)? {
            Proposal::SoftPrompt(soft_prompt) => Some(soft_prompt),
            _ => None,
        }
    }
}

/// How far a trial with these scores got, in a study that scores on so many rows.
fn state(evaluation: &Evaluation, rows: usize, was: TrialState) -> TrialState {
    let is_whole = evaluation.per_example.len() >= rows;
    match (is_whole, evaluation.score) {
        _ if was == TrialState::Pruned => was,
        (true, Some(_)) => TrialState::Complete,
        (true, None) => TrialState::Failed,
        (false, _) => TrialState::Partial,
    }
}
