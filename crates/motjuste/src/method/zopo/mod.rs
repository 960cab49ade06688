//! ZOPO (Hu, Shu, Yu, Wu, Lin, Dai, Ng and Low, arXiv 2403.02993): a walk through the pool along the gradient of a
//! local Gaussian process, whose kernel is the tangent kernel of a network that is never trained.
//!
//! From where it stands, the walk fits a process to the nearest scored instructions, takes a step of Adam up its
//! mean, and scores the nearest instruction that has no score. Without a gain it goes back to the best one; where
//! the process is too unsure it scores the neighbourhood first.
//!
//! [`Zopo::default`] is the algorithm with its code's faults mended, [`Zopo::compat`] the published code;
//! `FIDELITY.md` lists every difference.

mod local;
mod walk;

use serde::{Deserialize, Serialize};

use super::decoded::{Decoded, DevRows, Members, lasting_stream};
use super::neural_ucb::numerics;
use super::pool::{self, Pool};
use super::soft_prompts::{self, count};
use super::{Bounds, Features, Method, MethodId, Needs, Registered, Ties};
use crate::history::{Allocation, Candidate, History, Proposal, Reading, Reply, Trial};
use crate::random::Stream;
use crate::{Error, Result};
use local::Local;
use walk::Walk;

/// ZOPO: a walk along the gradient of a local Gaussian process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Zopo {
    /// How the pool is decoded, and how many instructions the start pays for; a step pays for one, or for a
    /// neighbourhood.
    pub pool: Pool,
    /// The first distinct instructions of the pool, to which the walk keeps; 0: all of them.
    pub candidates: usize,
    /// What tells two instructions apart.
    pub features: Features,
    /// Units of each hidden layer of the network.
    pub width: usize,
    /// Hidden layers.
    pub depth: usize,
    /// The standard deviation of the noise.
    pub noise: f64,
    /// The scored instructions that the process is fitted to: the nearest ones.
    pub local: usize,
    /// Adam's learning rate, which is the length of a step in each feature: much below the distance of two instructions
    /// it says nothing but "the nearest".
    pub learning_rate: f64,
    /// Steps without a gain before the walk goes back to the best instruction.
    pub patience: usize,
    /// The variance above which the process is unsure.
    pub unsure: f64,
    /// What that variance is measured in.
    pub variance: Variance,
    /// Steps in a row at which the process is unsure, before the neighbourhood is scored.
    pub unsure_steps: usize,
    /// The nearest instructions that are then scored, as far as they have no score.
    pub neighbours: usize,
    /// Steps of Adam in a turn, where the process is sure enough to go on.
    pub strides: usize,
    /// The published code's fault: the second step of a turn moves what the first had moved from, so that it
    /// changes nothing but Adam's memory.
    pub lost_stride_fault: bool,
    /// Whether every study has the same network.
    pub fixed_network: bool,
    /// Whether the search ends at a dev score of 1.
    pub stop_at_one: bool,
    /// Which dev rows score an instruction.
    pub dev_rows: DevRows,
    /// Which of equally good instructions is the result.
    pub ties: Ties,
}

/// What a variance is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variance {
    /// The variance at the same place before any score: a share between 0 and 1.
    Share,
    /// The tangent kernel's own unit, which grows with the network and its inputs: the published code.
    Kernel,
}

impl Default for Zopo {
    /// The numbers are the published code's own; those of its script are in [`Zopo::compat`].
    fn default() -> Self {
        Self {
            pool: Pool { start: 40, batch: count(1), ..Pool::default() },
            candidates: 0,
            features: Features::HiddenStates,
            width: 32,
            depth: 2,
            noise: 0.01,
            local: 20,
            learning_rate: 0.5,
            patience: 4,
            unsure: 0.1,
            variance: Variance::Share,
            unsure_steps: 5,
            neighbours: 10,
            strides: 2,
            lost_stride_fault: false,
            fixed_network: false,
            stop_at_one: false,
            dev_rows: DevRows::Same,
            ties: Ties::Earliest,
        }
    }
}

impl Zopo {
    /// What the published code does, faults included, with the numbers of its script.
    ///
    /// ```
    /// use motjuste::method::Zopo;
    /// assert_eq!(Zopo::compat().candidates, 500);
    /// ```
    pub fn compat() -> Self {
        let strict = Self::default();
        let pool = Pool {
            size: 5000,
            projections: count(1),
            dimensions: motjuste_gp::sobol::MAX_DIM,
            soft_tokens: 10,
            ..strict.pool
        };
        Self {
            pool,
            candidates: 500,
            learning_rate: 0.01,
            patience: 2,
            unsure: 0.01,
            variance: Variance::Kernel,
            lost_stride_fault: true,
            fixed_network: true,
            stop_at_one: true,
            dev_rows: DevRows::Redrawn,
            ties: Ties::Latest,
            ..strict
        }
    }

    /// The instructions that the walk keeps to.
    fn most(&self) -> usize {
        if self.candidates == 0 { usize::MAX } else { self.candidates }
    }

    /// Where the walk goes next, by indices of instructions: one, or a neighbourhood.
    fn next(&self, history: &History) -> Result<Vec<usize>, motjuste_gp::Error> {
        let decoded = Decoded::of(history, self.features, Members::First, self.most())?;
        if decoded.groups.is_empty() {
            return Ok(Vec::new());
        }
        let mut stream = lasting_stream(history, "network", self.fixed_network);
        let local = Local::new(self, &decoded.features, &mut stream)?;
        let is_start = |trial: &&Trial| trial.step == 0 && trial.candidate < decoded.groups.len();
        let start = history.trials().iter().filter(is_start).map(|trial| trial.candidate);
        Walk::new(self, &decoded, &local, start.collect()).until_unpaid()
    }
}

impl Registered for Zopo {
    const NAME: &'static str = "zopo";
    const SUMMARY: &'static str = "ZOPO (arXiv 2403.02993): a walk through the pool along the gradient of a local \
                                   Gaussian process.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("zopo-compat", Self::compat())]
    }
}

impl Method for Zopo {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        Needs { choice: self.ties.into(), ..soft_prompts::needs(self.features.hidden_states()) }
    }

    fn check(&self) -> Result<()> {
        let counts = [
            ("width", self.width),
            ("depth", self.depth),
            ("local", self.local),
            ("strides", self.strides),
            ("unsure_steps", self.unsure_steps),
            ("neighbours", self.neighbours),
        ];
        if let Some((name, _)) = counts.iter().find(|(_, value)| *value == 0) {
            return Err(Error::configuration(format!("the setting {name} is 0"))
                .with_help(format!("set {name} to 1 or more")));
        }
        let numbers = [self.noise, self.learning_rate, self.unsure];
        match numbers.iter().all(|number| number.is_finite() && *number > 0.0) {
            true => self.pool.check(),
            false => Err(Error::configuration("noise, learning_rate and unsure are above 0")
                .with_help("the published values are noise=0.01, learning_rate=0.5, unsure=0.1")),
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
        fresh: &[Candidate],
        stream: &mut Stream,
    ) -> Result<Allocation> {
        if history.steps().is_empty() {
            let kept: Vec<&Candidate> = fresh.iter().take(self.most()).collect();
            let start = pool::drawn(&kept, self.pool.start, stream);
            return Ok(start
                .into_iter()
                .map(|it| self.dev_rows.job(it))
                .collect::<Vec<_>>()
                .into());
        }
        if self.stop_at_one && history.is_perfect() {
            return Ok(Allocation::default());
        }
        let next = self.next(history).map_err(numerics)?;
        let candidate = |id: usize| self.dev_rows.job(&history.candidates()[id]);
        Ok(next.into_iter().map(candidate).collect::<Vec<_>>().into())
    }
}
