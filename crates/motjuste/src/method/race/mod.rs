//! Racing: an instruction is paid for block by block of rows, and given up once it falls behind.
//!
//! Every racer is compared with the leader on the rows that both were scored on, pair by pair (Maron and Moore,
//! "Hoeffding races", 1994; Birattari et al., F-race, 2002; López-Ibáñez et al., irace, 2016). A *lossless* race
//! gives up only what can no longer reach the leader, so it ends with the winner that it would have without a
//! race. A race with *slack* gives up what is behind by more than so many standard errors: cheaper, and
//! sometimes wrong. A race by *upper confidence bounds*, the default, gives nobody up: rows go to whoever may be best.

mod board;
mod bounds;
mod halving;

use std::num::NonZeroUsize;

use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::soft_prompts::count;
use super::{Choice, Needs};
use crate::history::{Allocation, Candidate, History, Job, Rows, Trial};
use crate::random::Stream;
use crate::{Error, Result};
use board::Board;

/// How instructions are raced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Race {
    /// When a racer is given up.
    pub rule: Rule,
    /// With the rule `slack`: standard errors that a racer may be behind the leader.
    pub slack: f64,
    /// Rows that a racer is paid for at a time; with the rule `bounds` the first time.
    pub block: NonZeroUsize,
    /// With the rule `bounds`: rows that a racer is paid for each further time.
    pub further: NonZeroUsize,
    /// With the rule `bounds`: of the instructions that a step pays for, the share of new ones.
    pub fresh: f64,
    /// With the rule `bounds`: standard deviations that an upper bound is above the posterior mean.
    pub bound: f64,
    /// With the rule `halving`: one of so many goes on, to so many times the rows.
    pub eta: NonZeroUsize,
    /// Rows that a racer has at the least before it is given up by the rule `slack`.
    pub least: usize,
}

/// When a racer is given up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Never: every instruction is scored on all rows at once.
    Off,
    /// When it could not reach the leader even if it were right on every row that is left.
    Lossless,
    /// As `lossless`, and when it is behind by more than the slack.
    Slack,
    /// Never for good: those with the highest upper bounds go on, beside new ones.
    #[default]
    Bounds,
    /// Never for good: of those that have as many rows, the best third goes on to three times as many.
    Halving,
}

/// Rows of the dev split that a race goes over, unless told otherwise.
const ROWS: usize = 100;

impl Default for Race {
    fn default() -> Self {
        Self {
            rule: Rule::Bounds,
            slack: 1.0,
            block: count(4),
            further: count(2),
            fresh: 0.5,
            bound: 2.0,
            eta: count(3),
            least: 4,
        }
    }
}

impl Race {
    /// No race: every instruction is scored on all rows.
    pub(super) fn off() -> Self {
        Self { rule: Rule::Off, ..Self::default() }
    }

    /// Refuses a slack, a share or a bound that is none, and rungs on which everybody goes on.
    pub(super) fn check(&self) -> Result<()> {
        if !self.slack.is_finite() || self.slack < 0.0 {
            return Err(Error::configuration(format!(
                "a slack of {} standard errors is none",
                self.slack
            ))
            .with_help("set race.slack to 0 or more; 1 is the default"));
        }
        if !(self.fresh > 0.0 && self.fresh <= 1.0) {
            return Err(Error::configuration(format!(
                "with race.fresh {} no instruction begins",
                self.fresh
            ))
            .with_help("set race.fresh to a share above 0, up to 1; 0.5 is the default"));
        }
        if !self.bound.is_finite() || self.bound < 0.0 {
            return Err(Error::configuration(format!("a race.bound of {} is none", self.bound))
                .with_help("set race.bound to 0 or more standard deviations; 2 is the default"));
        }
        if self.eta.get() < 2 {
            return Err(Error::configuration(
                "with race.eta 1 everybody goes on, and nothing is raced",
            )
            .with_help("set race.eta to 2 or more, or race.rule to off"));
        }
        Ok(())
    }

    /// What a method needs that races: more rows than without a race, and a choice that is fair to trials with few
    /// of them.
    pub(super) fn needs(&self, needs: Needs) -> Needs {
        match self.rule {
            Rule::Off => needs,
            _ => Needs {
                choice: Choice::PosteriorMean,
                dev_examples: ROWS,
                first_rows: self.block.get(),
                usual_rows: self.usual_rows(),
                tops_up_at_end: self.rule == Rule::Bounds,
                ..needs
            },
        }
    }

    /// Rows that a racer has in the end, about, of [`ROWS`]. On a drawn matrix of 1,000 instructions, after 500, 1,500
    /// and 3,300 calls, they were 48, 71 and 47 without loss, 11, 13 and 12 with slack (and `least` 8), 15, 17 and 20 with halving.
    fn usual_rows(&self) -> usize {
        match self.rule {
            Rule::Off => ROWS,
            Rule::Lossless => ROWS * 3 / 5,
            Rule::Slack => ROWS / 8,
            Rule::Bounds => {
                let known = self.further.get() as f64 * (1.0 - self.fresh) / self.fresh;
                (self.block.get() + known.ceil() as usize).min(ROWS)
            }
            Rule::Halving => {
                let (first, eta) = (self.block.get(), self.eta.get());
                let rungs = std::iter::successors(Some(first), |rows| Some(rows * eta));
                // Each rung costs about as much as the first: one in eta gets (eta - 1) times the rows.
                rungs.take_while(|rows| *rows < ROWS).count() * first
            }
        }
    }

    /// So many trials at the most that lead, the first of them first.
    pub(super) fn leaders<'a>(&self, history: &'a History, count: usize) -> Vec<&'a Trial> {
        let mut leaders = match self.rule {
            Rule::Off => by_score(history),
            _ => history.by_promise(),
        };
        leaders.truncate(count);
        leaders
    }

    /// The first block of rows for the first instructions.
    pub(super) fn begin(
        &self,
        history: &History,
        stream: &mut Stream,
        first: Vec<&Candidate>,
    ) -> Result<Allocation> {
        self.allocate(history, first.len(), stream, |_| Ok(first))
    }

    /// What is paid for next: a further block for those that are running, and a first one for new ones, of which
    /// `new` gives so many at the most that `lanes` run at once.
    pub(super) fn allocate<'a>(
        &self,
        history: &History,
        lanes: usize,
        stream: &mut Stream,
        new: impl FnOnce(usize) -> Result<Vec<&'a Candidate>>,
    ) -> Result<Allocation> {
        match self.rule {
            Rule::Off => Ok(new(lanes)?.into_iter().map(Job::all).collect::<Vec<_>>().into()),
            Rule::Halving => self.halve(history, lanes, stream, new),
            Rule::Bounds => self.by_bounds(history, lanes, stream, new),
            Rule::Lossless | Rule::Slack => self.give_up(history, lanes, stream, new),
        }
    }

    /// Further blocks for all who run, new ones for those who were given up.
    fn give_up<'a>(
        &self,
        history: &History,
        lanes: usize,
        stream: &mut Stream,
        new: impl FnOnce(usize) -> Result<Vec<&'a Candidate>>,
    ) -> Result<Allocation> {
        let board = Board::of(history);
        let (running, prune) = board.judged(self);
        let order = self.order(history, &board, stream);
        let next = |seen: &[usize]| Rows::These(self.next_block(&order, seen));
        let further = running.iter().map(|&trial| Job {
            candidate: history.trials()[trial].candidate,
            rows: next(&history.trials()[trial].rows()),
        });
        let mut jobs: Vec<Job> = further.collect();
        let fresh = new(lanes.saturating_sub(running.len()))?;
        let first = next(&[]);
        jobs.extend(fresh.iter().map(|one| Job { candidate: one.id, rows: first.clone() }));
        Ok(Allocation { jobs, prune, ..Allocation::default() })
    }

    /// The rows in the order in which racers get them: those first that the leader has, so that there is somebody
    /// to compare with; the hardest first where nothing is given up on suspicion, else at random.
    fn order(&self, history: &History, board: &Board<'_>, stream: &mut Stream) -> Vec<usize> {
        let mut order = history.rows().to_vec();
        order.shuffle(stream);
        if self.rule == Rule::Lossless {
            let hardness = board.mean_scores();
            let score = |row: &usize| hardness.get(row).copied().unwrap_or(1.0);
            order.sort_by(|a, b| score(a).total_cmp(&score(b)));
        }
        let known = board.leaders_rows();
        order.sort_by_key(|row| !known.contains(row));
        order
    }

    /// The next rows of a racer that has these, ascending.
    fn next_block(&self, order: &[usize], seen: &[usize]) -> Vec<usize> {
        let open = order.iter().filter(|row| !seen.contains(row));
        open.take(self.block.get()).copied().collect()
    }
}

/// The complete trials that repeat no other, the highest score first, the first of equals.
fn by_score(history: &History) -> Vec<&Trial> {
    let mut complete: Vec<&Trial> = history.complete().map(|(trial, _)| trial).collect();
    complete.retain(|trial| trial.repeats.is_none());
    let score = |trial: &Trial| trial.score().unwrap_or(0.0);
    complete.sort_by(|a, b| score(b).total_cmp(&score(a)));
    complete
}
