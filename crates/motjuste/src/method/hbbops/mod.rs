//! HbBoPs (Schneider, Wistuba, Klein, Golebiowski, Zappella and Merra, arXiv 2412.07820): Hyperband over dev rows, with a
//! Gaussian process that says which instructions begin a bracket.
//!
//! Few rows tell bad instructions from good ones, so many begin on few rows, and of each rung the better ones are scored
//! on more. Rungs are nested: the rows of a lower one are among those of a higher. The process is fitted to the scores of
//! the highest rung that has enough of them, over features of the instructions, and the instruction of the largest expected
//! improvement begins next. The answer is the best of those that were scored on all rows.

mod schedule;

use motjuste_gp::acquisition::select_batch;
use motjuste_gp::process::Model;
use motjuste_gp::standardise::standardise;
use motjuste_gp::{Error as GpError, Points};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::arms::{Arm, ROWS, order};
use super::decoded::{Decoded, Members};
use super::pool::{self, Pool};
use super::soft_prompts::{self, count};
use super::{Bounds, Features, Method, MethodId, Needs, Registered, text_model};
use crate::history::{Allocation, Candidate, History, Job, Proposal, Reading, Reply, Rows};
use crate::random::Stream;
use crate::{Error, Result};
use schedule::{Bracket, brackets};

/// HbBoPs: Hyperband over dev rows, with a Gaussian process that says which instructions begin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HbBoPs {
    /// How the pool is decoded; `batch` is how many instructions begin in a step, and `start` has no part in this.
    pub pool: Pool,
    /// What the Gaussian process sees of an instruction.
    pub features: Features,
    /// The fewest dev rows of a rung.
    pub least_rows: usize,
    /// Of each rung the best 1/eta go on, on eta times the rows.
    pub eta: usize,
    /// The scores that a rung must have for the process to be fitted to it.
    pub least_scores: usize,
    /// The share of instructions that begin at random.
    pub random: f64,
}

impl Default for HbBoPs {
    fn default() -> Self {
        Self {
            pool: Pool { batch: count(1), ..Pool::default() },
            features: Features::Both,
            least_rows: 10,
            eta: 2,
            least_scores: 4,
            random: 0.1,
        }
    }
}

/// The step that the first bracket begins in: the one after the pool was decoded, when the study's projection is known.
const FIRST: usize = 1;

/// What a bracket waits for.
enum Wait {
    /// So many instructions more, on so many rows.
    Begin(usize, usize),
    /// Rows, and nothing of those that are given up.
    Rows(Allocation),
    /// Nothing.
    Done,
}

impl HbBoPs {
    /// What to pay for next: the first bracket that waits for something says so.
    fn next(&self, history: &History, stream: &mut Stream) -> Result<Allocation> {
        let rows = order(history, "rows");
        let own = history.trials().iter().filter(|trial| trial.step >= FIRST);
        let arms: Vec<Arm<'_>> = own.filter_map(|trial| Arm::of(trial, rows.clone())).collect();
        let open = open(history);
        let round = brackets(rows.len(), self.least_rows, self.eta);
        let mut rest = &arms[..];
        for bracket in round.iter().cycle() {
            let (members, others) = rest.split_at(bracket.instructions.min(rest.len()));
            match bracket.waits_for(members, open.len()) {
                Wait::Done if members.is_empty() => break,
                Wait::Done => rest = others,
                Wait::Rows(allocation) => return Ok(allocation),
                Wait::Begin(count, first) => {
                    let begin = count.min(self.pool.batch.get());
                    let chosen = self.choose(history, &arms, &open, begin, stream)?;
                    let rows = Rows::These(rows[..first].to_vec());
                    let job = |it: &Candidate| Job { candidate: it.id, rows: rows.clone() };
                    return Ok(chosen.into_iter().map(job).collect::<Vec<_>>().into());
                }
            }
        }
        Ok(Allocation::default())
    }

    /// Instructions to begin with: each at random now and then, else the most promising.
    fn choose<'a>(
        &self,
        history: &History,
        arms: &[Arm<'_>],
        open: &[&'a Candidate],
        count: usize,
        stream: &mut Stream,
    ) -> Result<Vec<&'a Candidate>> {
        let at_random = (0..count).filter(|_| stream.random_range(0.0..1.0) < self.random).count();
        let mut chosen = pool::drawn(open, at_random, stream);
        let left = |it: &&&Candidate| !chosen.iter().any(|other| other.id == it.id);
        let left: Vec<&Candidate> = open.iter().filter(left).copied().collect();
        let more = count.saturating_sub(chosen.len());
        chosen.extend(match self.observations(history, arms) {
            Some(known) => self.promising(history, &known, &left, more).map_err(numerics)?,
            None => pool::drawn(&left, more, stream),
        });
        Ok(chosen)
    }

    /// The scores of the highest rung that has enough of them, by candidate.
    fn observations(&self, history: &History, arms: &[Arm<'_>]) -> Option<Vec<(usize, f64)>> {
        let round = brackets(history.rows().len(), self.least_rows, self.eta);
        let rungs = round.first()?.rungs.iter().rev();
        let on = |rows: &usize| -> Vec<(usize, f64)> {
            let scored = arms.iter().filter(|arm| arm.has(*rows));
            let score = scored.map(|arm| (arm.candidate(), arm.mean(*rows)));
            score.filter(|(_, score)| score.is_finite()).collect()
        };
        rungs.map(on).find(|scores| scores.len() >= self.least_scores)
    }

    /// The instructions of the largest expected improvement on that rung.
    fn promising<'a>(
        &self,
        history: &History,
        known: &[(usize, f64)],
        left: &[&'a Candidate],
        count: usize,
    ) -> Result<Vec<&'a Candidate>, GpError> {
        if left.is_empty() || count == 0 {
            return Ok(Vec::new());
        }
        let features = self.features_of(history)?;
        let (candidates, scores): (Vec<usize>, Vec<f64>) = known.iter().copied().unzip();
        let y = standardise(&scores).values;
        let model = Model::plain(features.select(&candidates))?;
        let fit = model.fit(&y, &text_model::fit_options(&model)?)?;
        let posterior = model.posterior(&y, &fit.hyper)?;
        let best = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let ids: Vec<usize> = left.iter().map(|it| it.id).collect();
        let picks = select_batch(&posterior, &features.select(&ids), count, best)?;
        Ok(picks.into_iter().map(|pick| left[pick]).collect())
    }

    /// One row for each candidate, two at a typical distance of 1.
    fn features_of(&self, history: &History) -> Result<Points, GpError> {
        let decoded = Decoded::of(history, self.features, Members::First, usize::MAX)?;
        let view: Vec<Vec<f64>> = decoded.features.rows().map(<[f64]>::to_vec).collect();
        let count = view.len();
        text_model::joined(vec![view], count)
    }
}

/// The candidates that were never paid for, each instruction once.
fn open(history: &History) -> Vec<&Candidate> {
    let is_open = |it: &&Candidate| {
        history.find(&it.instruction).is_none() && history.trial_of(it.id).is_none()
    };
    history.candidates().iter().filter(is_open).collect()
}

impl Bracket {
    /// What it waits for with these members, where so many instructions are left to begin.
    fn waits_for(&self, members: &[Arm<'_>], open: usize) -> Wait {
        let lacking = self.instructions.saturating_sub(members.len()).min(open);
        if lacking > 0 {
            return Wait::Begin(lacking, self.rungs[0]);
        }
        let mut left: Vec<&Arm<'_>> = members.iter().collect();
        for (rung, &rows) in self.rungs.iter().enumerate() {
            if let Some(below) = rung.checked_sub(1).map(|below| self.rungs[below]) {
                left.sort_by(|a, b| b.mean(below).total_cmp(&a.mean(below)));
                left.truncate(self.on_rung(rung));
            }
            if !left.iter().all(|arm| arm.has(rows)) {
                return Wait::Rows(to_rung(members, &left, rows));
            }
        }
        Wait::Done
    }
}

/// The rows that a rung lacks; the members below it are given up.
fn to_rung(members: &[Arm<'_>], left: &[&Arm<'_>], rows: usize) -> Allocation {
    let is_left = |arm: &Arm<'_>| left.iter().any(|it| it.id() == arm.id());
    let is_given_up = |arm: &&Arm<'_>| arm.is_partial() && !is_left(arm);
    Allocation {
        jobs: left
            .iter()
            .filter(|arm| arm.is_open() && !arm.has(rows))
            .map(|arm| arm.job(rows))
            .collect(),
        prune: members.iter().filter(is_given_up).map(Arm::id).collect(),
        ..Allocation::default()
    }
}

fn numerics(error: GpError) -> Error {
    Error::numerics(format!("the Gaussian process cannot be fitted: {error}")).with_source(error)
}

impl Registered for HbBoPs {
    const NAME: &'static str = "hbbops";
    const SUMMARY: &'static str = "HbBoPs (arXiv 2412.07820): Hyperband over dev rows, with a Gaussian process that says \
                                   which instructions begin.";
}

impl Method for HbBoPs {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self)
    }

    fn needs(&self) -> Needs {
        Needs { dev_examples: ROWS, ..soft_prompts::needs(self.features.hidden_states()) }
    }

    fn check(&self) -> Result<()> {
        if self.least_rows == 0 || self.eta < 2 || self.least_scores == 0 {
            return Err(Error::configuration("these are no rungs")
                .with_help("set least_rows and least_scores to 1 or more, and eta to 2 or more"));
        }
        match (0.0..=1.0).contains(&self.random) {
            true => self.pool.check(),
            false => Err(Error::configuration("the setting random is no share")
                .with_help("set random to a number between 0 and 1")),
        }
    }

    fn bounds(&self, _: u64) -> Bounds {
        self.pool.bounds()
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        self.pool.propose(history, stream)
    }

    fn read(&self, history: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        pool::read(history, replies)
    }

    fn allocate(
        &self,
        history: &History,
        _: &[Candidate],
        stream: &mut Stream,
    ) -> Result<Allocation> {
        match history.steps().len() {
            0 => Ok(Allocation::default()),
            _ => self.next(history, stream),
        }
    }
}
