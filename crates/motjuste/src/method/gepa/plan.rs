//! What the next step of an iteration is, told by the history.
//!
//! A step without a proposal that examines somebody looks at a parent; one with a proposal examines its child. So the
//! last step says how far the iteration is.

use rand::RngExt;
use rand::seq::SliceRandom;

use super::{Accept, Gepa, Parent, front};
use crate::history::{Examination, ExampleScore, History, Step, Trial};
use crate::random::Stream;

/// What the next step is for.
pub(super) enum Plan {
    /// The first instruction is wanted.
    Begin,
    /// What this trial answers to these train rows is wanted.
    Look { parent: usize, rows: Vec<usize> },
    /// The generator is shown what this trial answers to these train rows.
    Reflect { parent: usize, rows: Vec<usize> },
    /// This candidate is scored on the dev split.
    Validate { child: usize },
    /// Nobody was accepted for too long.
    End,
}

impl Gepa {
    /// What the next step is for: the same for both questions of a step, because it draws from a copy of the stream.
    pub(super) fn plan(&self, history: &History, stream: &Stream) -> Plan {
        if history.trials().is_empty() {
            let is_over = history.steps().len() > self.patience;
            return if is_over { Plan::End } else { Plan::Begin };
        }
        let last = history.steps().last();
        let examined = last.and_then(|last| Some((last, last.examinations.first()?)));
        match examined {
            Some((step, look)) if is_look(step) => self.after_look(history, look, stream),
            Some((_, child)) if self.is_accepted(history, child) => {
                Plan::Validate { child: child.candidate }
            }
            _ => self.next(history, stream),
        }
    }

    /// Reflection on what a parent answered, unless there is nothing to mend.
    fn after_look(&self, history: &History, look: &Examination, stream: &Stream) -> Plan {
        let is_left = self.skip_perfect && is_perfect(history, look);
        match history.trial_of(look.candidate).filter(|_| !is_left) {
            Some(parent) => Plan::Reflect { parent: parent.id, rows: look.rows.clone() },
            None => self.next(history, stream),
        }
    }

    /// A new iteration: a parent, and the minibatch that it is asked.
    fn next(&self, history: &History, stream: &Stream) -> Plan {
        let mut stream = stream.clone();
        let pool: Vec<&Trial> = history.complete().map(|(trial, _)| trial).collect();
        let parent = self.parent(&pool, &mut stream);
        match parent.filter(|_| looks_in_vain(history) <= self.patience) {
            Some(parent) => Plan::Look { parent, rows: self.minibatch(history, &mut stream) },
            None => Plan::End,
        }
    }

    fn parent(&self, pool: &[&Trial], stream: &mut Stream) -> Option<usize> {
        match self.parent {
            Parent::Pareto => front::draw(pool, stream),
            Parent::EpsilonGreedy if stream.random_bool(self.epsilon) && !pool.is_empty() => {
                Some(pool[stream.random_range(0..pool.len())].id)
            }
            Parent::CurrentBest | Parent::EpsilonGreedy => oldest_of_best(pool),
        }
    }

    /// The train rows that were looked at least often, at random among equals: every row comes once in an epoch.
    pub(super) fn minibatch(&self, history: &History, stream: &mut Stream) -> Vec<usize> {
        let mut uses = vec![0; history.train_rows()];
        let looks = history.steps().iter().filter(|step| is_look(step));
        let rows = looks.flat_map(|step| &step.examinations).flat_map(|look| &look.rows);
        rows.for_each(|row| uses[*row] += 1);
        let mut rows: Vec<usize> = (0..uses.len()).collect();
        rows.shuffle(stream);
        rows.sort_by_key(|row| uses[*row]);
        rows.truncate(self.minibatch.get());
        rows
    }

    /// Whether a child does better on the minibatch than its parent, on those rows that both have a score on.
    fn is_accepted(&self, history: &History, child: &Examination) -> bool {
        let known = history.candidates().get(child.candidate);
        let Some(&parent) = known.and_then(|known| known.origin.parents.first()) else {
            return false;
        };
        let (own, old) = (
            looked_at(history, child.candidate, &child.rows),
            looked_at(history, parent, &child.rows),
        );
        let pairs = own.iter().zip(&old);
        let gains: Vec<f64> =
            pairs.filter_map(|(own, old)| Some(own.score? - old.score?)).collect();
        let gain: f64 = gains.iter().sum();
        match self.accept {
            Accept::Better => gain > 0.0,
            Accept::BetterOrEqual => !gains.is_empty() && gain >= 0.0,
        }
    }
}

/// Whether a step looks at a parent: one with a proposal looks at its child.
fn is_look(step: &Step) -> bool {
    step.proposals.is_empty()
}

/// The trial with the highest dev mean, the oldest of equals.
fn oldest_of_best(pool: &[&Trial]) -> Option<usize> {
    let score = |trial: &Trial| trial.score().unwrap_or(0.0);
    let better = |best, other| if score(other) > score(best) { other } else { best };
    pool.iter().copied().reduce(better).map(|trial| trial.id)
}

/// What a candidate answered to these train rows, in the order of the split.
pub(super) fn looked_at<'a>(
    history: &'a History,
    candidate: usize,
    rows: &[usize],
) -> Vec<&'a ExampleScore> {
    let all = history.examined(candidate).into_iter().flat_map(|all| &all.per_example);
    all.filter(|one| rows.contains(&one.example)).collect()
}

/// Whether every answer has the highest score; a score that is missing says nothing.
fn is_perfect(history: &History, look: &Examination) -> bool {
    let looked = looked_at(history, look.candidate, &look.rows);
    looked.iter().all(|one| one.score.is_none_or(|score| score >= 1.0))
}

/// Iterations that were begun since a trial began.
fn looks_in_vain(history: &History) -> usize {
    let since = history.steps().iter().rev().take_while(|step| step.assignments.is_empty());
    since.filter(|step| is_look(step) && !step.examinations.is_empty()).count()
}
