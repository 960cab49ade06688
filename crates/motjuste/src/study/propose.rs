//! What is written next, and what is to be paid for.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Observer, Study, guard};
use crate::budget::{Role, StopReason};
use crate::cost::Cost;
use crate::history::{
    Allocation, Assignment, Candidate, Examination, Found, History, Job, Part, Proposal, Reading,
    Reply, Rows, Step, Trial, TrialState,
};
use crate::method::Method;
use crate::model::{Decoding, Request, Returns, SoftPrompt};
use crate::random::Stream;
use crate::{Error, Result};

/// What a study does next.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "made once a step")]
pub enum Next {
    /// It evaluates this step.
    Step(Step),
    /// Nothing: the search is over.
    End(StopReason),
}

impl Study {
    /// The next step, its instructions written and allocated, and not yet evaluated; or why there is
    /// none. A step that the last budget cut is completed first.
    ///
    /// # Errors
    /// Whatever the generator, the store or the method fails with; [`Error::is_interrupted`] when asked
    /// to stop.
    pub async fn propose(&mut self) -> Result<Next> {
        self.propose_before(&()).await
    }

    pub(super) async fn propose_before(&mut self, observer: &dyn Observer) -> Result<Next> {
        self.calls.refuse_when_stopped()?;
        if let Some(reason) = self.planned_end() {
            return Ok(Next::End(reason));
        }
        self.reserve_for_the_assessment()?;
        let begins_none = |step: &Step| !step.assignments.iter().any(|it| self.is_new(it));
        let is_exhausted = self.trials_left() == 0;
        let mut cut = self.outcome.history.cut_steps();
        match cut.find(|cut| !is_exhausted || begins_none(cut)) {
            Some(cut) => Ok(Next::Step(cut.clone())),
            None if is_exhausted && self.method.needs().tops_up_at_end => self.top_up().await,
            None if is_exhausted => Ok(Next::End(StopReason::Trials)),
            None => match self.searched_out() {
                Some(reason) => Ok(Next::End(reason)),
                None => self.new_step(observer).await,
            },
        }
    }

    /// Why no further step is worth its calls, if none is.
    fn searched_out(&self) -> Option<StopReason> {
        self.nothing_to_gain()
            .or_else(|| self.brings_nothing_new().then_some(StopReason::NothingNew))
    }

    /// A step that begins no trial: further rows for those that have begun, once the budget has no other.
    async fn top_up(&self) -> Result<Next> {
        let history = &self.outcome.history;
        let index = history.steps().len();
        let stream = self.streams.stream("ask", index as u64);
        let mut allocation = self.allocate(Vec::new(), stream).await?;
        allocation.examine.clear();
        allocation.jobs.retain(|job| {
            history.trial_of(job.candidate).is_some_and(|it| it.evaluation.is_some())
        });
        let step = self.allocated(Step { index, ..Step::default() }, &[], allocation)?;
        Ok(match step.assignments.is_empty() && step.pruned.is_empty() {
            true => Next::End(StopReason::Trials),
            false => Next::Step(step),
        })
    }

    async fn new_step(&self, observer: &dyn Observer) -> Result<Next> {
        let index = self.outcome.history.steps().len();
        let stream = self.streams.stream("ask", index as u64);
        let (mut proposals, stream) = self.ask(stream).await?;
        if let Some(reason) = self.keep_affordable(&mut proposals)? {
            return Ok(Next::End(reason));
        }
        if !proposals.is_empty() {
            observer.generating(index, proposals.len());
        }
        let replies = self.write_replies(&proposals).await?;
        let readings = self.read(&proposals, &replies)?;
        let step = self.begun(Step { index, proposals, replies, readings, ..Step::default() });
        observer.written(&step);
        let fresh = step.candidates(self.outcome.history.candidates().len());
        let (start, own) = fresh.split_at(self.start(index).len());
        let mut allocation = self.allocate(own.to_vec(), stream).await?;
        allocation.jobs.splice(..0, start.iter().map(Job::all));
        let step = self.allocated(step, &fresh, allocation)?;
        let is_empty = step.proposals.is_empty()
            && step.assignments.is_empty()
            && step.pruned.is_empty()
            && step.examinations.is_empty();
        Ok(if is_empty { Next::End(StopReason::Finished) } else { Next::Step(step) })
    }

    /// The instructions that a step begins with, before what the method proposes: those that a person has
    /// in use, in the first step.
    fn start(&self, index: usize) -> &[String] {
        if index == 0 { &self.config.task.start } else { &[] }
    }

    /// The step with the instructions in front that it begins with.
    fn begun(&self, mut step: Step) -> Step {
        let start = self.start(step.index);
        step.proposals.splice(..0, start.iter().cloned().map(Proposal::Instruction));
        step.replies.splice(..0, start.iter().map(Reply::of));
        step.readings.splice(..0, start.iter().map(|text| vec![Found::new(text)]));
        step
    }

    /// What the method reads in the replies, less what the task does not allow.
    fn read(&self, proposals: &[Proposal], replies: &[Reply]) -> Result<Vec<Reading>> {
        let mut readings = self.method.read(&self.outcome.history, proposals, replies);
        if readings.len() != replies.len() {
            return Err(Error::configuration(format!(
                "the method {} read {} of {} replies",
                self.config.method.label,
                readings.len(),
                replies.len()
            ))
            .with_help("a method gives one reading for each reply, in order"));
        }
        let task = &self.evaluator.task;
        readings.iter_mut().flatten().for_each(|found| guard::check(task, found));
        if self.method.needs().drops_copies {
            let history = &self.outcome.history;
            for (proposal, reading) in proposals.iter().zip(&mut readings) {
                let check = |found| guard::check_copies(task, history, proposal, found);
                reading.iter_mut().for_each(check);
            }
        }
        Ok(readings)
    }

    /// The step with what is to be paid for. Trials that are not partial cannot be given up.
    fn allocated(&self, step: Step, fresh: &[Candidate], allocation: Allocation) -> Result<Step> {
        let Allocation { jobs, prune: mut pruned, examine } = allocation;
        let trials = self.outcome.history.trials();
        let is_partial = |trial: &Trial| trial.state == TrialState::Partial;
        pruned.retain(|&trial| trials.get(trial).is_some_and(is_partial));
        let (assignments, examinations) =
            (self.assignments(fresh, jobs)?, self.examinations(fresh, examine)?);
        Ok(Step { assignments, pruned, examinations, ..step })
    }

    /// The train rows that candidates are to be examined on. A row that a candidate was examined on before is answered
    /// by the cache.
    fn examinations(
        &self,
        fresh: &[Candidate],
        examine: Vec<(usize, Vec<usize>)>,
    ) -> Result<Vec<Examination>> {
        let mut examinations = Vec::with_capacity(examine.len());
        for (candidate, mut rows) in examine {
            self.candidate(fresh, candidate)?;
            tidy(&mut rows);
            let train = self.evaluator.task.train().len();
            if rows.last().is_some_and(|row| *row >= train) {
                return Err(self.refused(&format!("examined a row outside its {train} train rows")));
            }
            if !rows.is_empty() {
                examinations.push(Examination { candidate, rows, evaluation: None });
            }
        }
        Ok(examinations)
    }

    pub(super) fn refused(&self, what: &str) -> Error {
        Error::configuration(format!("the method {} {what}", self.config.method.label))
            .with_help("a method looks at rows of the train split, which are counted from 0")
    }

    /// Asks the method what to write, beside the threads that wait for models: fitting a Gaussian process
    /// takes its time.
    async fn ask(&self, mut stream: Stream) -> Result<(Vec<Proposal>, Stream)> {
        self.beside(move |method, history| {
            let proposals = method.propose(history, &mut stream)?;
            Ok((proposals, stream))
        })
        .await
    }

    /// Asks the method what to pay for.
    async fn allocate(&self, fresh: Vec<Candidate>, mut stream: Stream) -> Result<Allocation> {
        self.beside(move |method, history| method.allocate(history, &fresh, &mut stream)).await
    }

    async fn beside<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Method, &History) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (method, history) = (Arc::clone(&self.method), Arc::clone(&self.outcome.history));
        let answer = tokio::task::spawn_blocking(move || question(method.as_ref(), &history)).await;
        answer.unwrap_or_else(|error| {
            let message = format!("the method {} failed", self.config.method.label);
            Err(Error::numerics(message).with_source(error))
        })
    }

    /// Drops proposals from the first one on that the generator's budget does not cover.
    fn keep_affordable(&self, proposals: &mut Vec<Proposal>) -> Result<Option<StopReason>> {
        let mut total = Cost::default();
        for (index, proposal) in proposals.iter().enumerate() {
            let Some(request) = self.request(proposal)? else { continue };
            total = total + self.generator.cost(1, request.worst_case());
            if let Some(reason) = self.ledger().refusal(Role::Generator, total) {
                proposals.truncate(index);
                return Ok(proposals.is_empty().then_some(reason));
            }
        }
        Ok(None)
    }

    /// What the generator is asked for a proposal, if it is asked.
    fn request(&self, proposal: &Proposal) -> Result<Option<Request>> {
        Ok(match proposal {
            Proposal::SoftPrompt(soft_prompt) => Some(self.soft_prompt_request(soft_prompt)?),
            Proposal::Ask(ask) => {
                let task = &self.evaluator.task;
                Some(Request::new(
                    ask.text(&task.in_words(), task.train(), task.dev())?,
                    ask.decoding,
                ))
            }
            Proposal::Swap(plan) => Some(self.swap_request(plan)?),
            Proposal::Labels(plan) => Some(self.label_request(plan)?),
            Proposal::Policy(plan) => Some(self.policy_request(plan)?),
            Proposal::Instruction(_) | Proposal::Composed(_) => None,
        })
    }

    fn soft_prompt_request(&self, soft_prompt: &SoftPrompt) -> Result<Request> {
        let shown = self.demonstrations.draw(soft_prompt.demonstrations);
        let prompt = self.evaluator.task.templates().induce(&shown)?;
        let decoding = Decoding::greedy(self.config.generator.max_tokens);
        Ok(Request {
            soft_prompt: Some(soft_prompt.clone()),
            returns: Returns { hidden_state: self.hidden_states, ..Returns::default() },
            ..Request::new(prompt, decoding)
        })
    }

    /// One reply for each proposal, in order.
    async fn write_replies(&self, proposals: &[Proposal]) -> Result<Vec<Reply>> {
        let mut requests = Vec::new();
        for proposal in proposals {
            requests.extend(self.request(proposal)?);
        }
        let mut written = self.generator.answers(&requests).await?.into_iter().map(Reply::from);
        let replies = proposals.iter().filter_map(|proposal| match proposal {
            Proposal::Instruction(text) => Some(Ok(Reply::of(text))),
            Proposal::Composed(parts) => Some(self.composed(parts).map(Reply::of)),
            _ => written.next().map(Ok),
        });
        replies.collect()
    }

    /// An instruction of words and train rows. One that names a dev row is refused: it would tell an answer.
    fn composed(&self, parts: &[Part]) -> Result<String> {
        let task = &self.evaluator.task;
        parts.iter().map(|part| part.text(&task.in_words(), task.train(), &[])).collect()
    }

    /// The jobs as they are written down: with trials, rows, and what they repeat. A job that adds no row
    /// is left out.
    fn assignments(&self, fresh: &[Candidate], jobs: Vec<Job>) -> Result<Vec<Assignment>> {
        let history = &self.outcome.history;
        let mut next = history.trials().len();
        let mut begun = Begun::default();
        let mut assignments: Vec<Assignment> = Vec::with_capacity(jobs.len());
        for job in jobs {
            let candidate = self.candidate(fresh, job.candidate)?;
            let known = history.trial_of(candidate.id);
            self.refuse_given_up(known)?;
            if let Some(&index) = begun.indices.get(&candidate.id) {
                let trial = assignments[index].trial;
                assignments[index].rows.extend(self.rows(&job.rows, trial)?);
                tidy(&mut assignments[index].rows);
                continue;
            }
            let trial = known.map_or(next, |trial| trial.id);
            let rows = self.rows(&job.rows, trial)?;
            if !self.adds_rows(trial, &rows) {
                continue;
            }
            next += usize::from(known.is_none());
            begun.indices.insert(candidate.id, assignments.len());
            let repeats = match known {
                Some(trial) => trial.repeats.filter(|_| trial.evaluation.is_none()),
                None => begun.repeats(history, &candidate.instruction, trial),
            };
            let candidate = candidate.id;
            assignments.push(Assignment { trial, candidate, rows, repeats, evaluation: None });
        }
        Ok(assignments)
    }

    /// Whether a trial lacks one of these rows.
    fn adds_rows(&self, trial: usize, rows: &[usize]) -> bool {
        let known = self.scored_rows(trial).unwrap_or_default();
        rows.iter().any(|row| known.binary_search(row).is_err())
    }

    fn refuse_given_up(&self, trial: Option<&Trial>) -> Result<()> {
        match trial.filter(|trial| trial.state == TrialState::Pruned) {
            None => Ok(()),
            Some(trial) => Err(Error::configuration(format!(
                "the method {} allocated trial {}, which it had given up",
                self.config.method.label, trial.id
            ))
            .with_help("prune a trial only when it gets no further row")),
        }
    }

    fn candidate<'a>(&'a self, fresh: &'a [Candidate], id: usize) -> Result<&'a Candidate> {
        let known = self.outcome.history.candidates();
        let found = known.get(id).or_else(|| fresh.get(id.checked_sub(known.len())?));
        found.ok_or_else(|| {
            let method = &self.config.method.label;
            Error::configuration(format!(
                "the method {method} allocated candidate {id}, of which \
                                          there is none"
            ))
            .with_help("a job names a candidate of the history, or a fresh one, by its id")
        })
    }

    /// The rows of a job, by their index in the dev split.
    fn rows(&self, rows: &Rows, trial: usize) -> Result<Vec<usize>> {
        let split = self.evaluator.task.dev().len();
        let mut rows = match rows {
            Rows::All => self.outcome.history.rows().to_vec(),
            Rows::Redrawn => self.config.rows(trial as u64 + 1),
            Rows::These(rows) => rows.clone(),
        };
        tidy(&mut rows);
        match rows.last().filter(|row| **row >= split) {
            None => Ok(rows),
            Some(row) => Err(Error::configuration(format!(
                "the method {} allocated row {row} of a dev split of {split}",
                self.config.method.label
            ))
            .with_help("rows are counted from 0 in the dev split")),
        }
    }
}

/// Ascending, each row once.
fn tidy(rows: &mut Vec<usize>) {
    rows.sort_unstable();
    rows.dedup();
}

/// The trials that a step begins.
#[derive(Default)]
struct Begun {
    /// Where a candidate's assignment stands.
    indices: HashMap<usize, usize>,
    /// The first trial of an instruction.
    texts: HashMap<String, usize>,
}

impl Begun {
    /// The earlier trial with the same instruction, in the history or in the step.
    fn repeats(&mut self, history: &History, instruction: &str, trial: usize) -> Option<usize> {
        let earlier = history.find(instruction).map(|trial| trial.id);
        earlier.or_else(|| match self.texts.get(instruction) {
            Some(first) => Some(*first),
            None => {
                self.texts.insert(instruction.to_owned(), trial);
                None
            }
        })
    }
}
