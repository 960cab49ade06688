//! INSTINCT (Lin, Wu, Dai, Hu, Shu, Ng, Jaillet and Low, arXiv 2310.02905): a neural bandit over the generator's
//! hidden states.
//!
//! Many soft prompts are decoded; some instructions, drawn at random, are scored; then a network is fitted to
//! the scores, and the soft prompt of the largest upper confidence bound is scored next, one at a time.
//!
//! [`Instinct::default`] is the algorithm with its code's faults mended, [`Instinct::compat`] the published
//! code; `FIDELITY.md` lists every difference.

use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

use super::decoded::{Decoded, DevRows, Members, lasting_stream};
use super::neural_ucb::{
    Fitted, Initialisation, Known, NeuralUcb, Seen, first_of_largest, numerics,
};
use super::pool::{self, Pool};
use super::soft_prompts::{self, count};
use super::{Bounds, Features, Method, MethodId, Needs, Registered, Ties};
use crate::history::{Allocation, Candidate, History, Job, Proposal, Reading, Reply, Trial};
use crate::random::Stream;
use crate::{Error, Result};

/// INSTINCT: a neural bandit over the generator's hidden states.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Instinct {
    /// How the pool is decoded, and how many instructions the start and a step pay for.
    pub pool: Pool,
    /// What the network sees of an instruction.
    pub features: Features,
    /// The network and its doubt.
    pub bandit: NeuralUcb,
    /// The published code's fault: the first choice is made by the network before any fit, on features as they
    /// are.
    pub untrained_first: bool,
    /// Whether an instruction that is known may be chosen again, as a trial that costs nothing.
    pub repeats: bool,
    /// Which dev rows score an instruction.
    pub dev_rows: DevRows,
    /// Which of equally good instructions is the result.
    pub ties: Ties,
}

impl Default for Instinct {
    fn default() -> Self {
        Self {
            pool: Pool { start: 40, batch: count(1), ..Pool::default() },
            features: Features::HiddenStates,
            bandit: NeuralUcb {
                initialisation: Initialisation::Library,
                width: 100,
                steps: 1000,
                learning_rate: 1e-3,
                decay: 0.1,
                nu: 1.0,
                lambda: 0.1,
                considered: 1000,
                seen: Seen::Scored,
                fixed_network: false,
            },
            untrained_first: false,
            repeats: false,
            dev_rows: DevRows::Same,
            ties: Ties::Earliest,
        }
    }
}

impl Instinct {
    /// What the published code does, faults included.
    ///
    /// ```
    /// use motjuste::method::{Initialisation, Instinct};
    /// assert_eq!(Instinct::compat().bandit.initialisation, Initialisation::Normal);
    /// ```
    pub fn compat() -> Self {
        let strict = Self::default();
        Self {
            pool: Pool { size: 10_000, projections: count(1), ..strict.pool },
            bandit: NeuralUcb {
                initialisation: Initialisation::Normal,
                seen: Seen::Chosen,
                fixed_network: true,
                ..strict.bandit
            },
            untrained_first: true,
            repeats: true,
            dev_rows: DevRows::Redrawn,
            ties: Ties::Latest,
            ..strict
        }
    }

    /// The pool's rows that may be chosen: those that were never paid for, or never chosen themselves.
    fn choosable(&self, history: &History, decoded: &Decoded<'_>) -> Vec<usize> {
        match self.repeats {
            false => decoded.open(),
            true => {
                let is_new =
                    |row: &usize| history.trial_of(decoded.groups[*row].candidate.id).is_none();
                (0..decoded.groups.len()).filter(is_new).collect()
            }
        }
    }

    fn choose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Job>> {
        let decoded =
            Decoded::of(history, self.features, Members::First, usize::MAX).map_err(numerics)?;
        let open = self.choosable(history, &decoded);
        let considered = sample(stream, open.len(), self.bandit.considered.min(open.len()));
        let considered: Vec<usize> = considered.iter().map(|index| open[index]).collect();
        let chosen = match decoded.scored().is_empty() {
            true => considered.into_iter().take(self.pool.batch.get()).collect(),
            false => self.promising(history, &decoded, &considered).map_err(numerics)?,
        };
        Ok(chosen.into_iter().map(|row| self.dev_rows.job(decoded.groups[row].candidate)).collect())
    }

    /// The rows of the largest upper bounds; each pick is seen before the next.
    fn promising(
        &self,
        history: &History,
        decoded: &Decoded<'_>,
        considered: &[usize],
    ) -> Result<Vec<usize>, motjuste_gp::Error> {
        let fitted = self.network(history, decoded)?;
        let mut u = self.bandit.doubt(&fitted);
        fitted.see(&decoded.features, &self.seen(history, decoded), &mut u)?;
        let mut open = considered.to_vec();
        let mut chosen = Vec::new();
        while chosen.len() < self.pool.batch.get() && !open.is_empty() {
            let (outputs, tangents) = fitted.at(&decoded.features.select(&open))?;
            let bounds = self.bandit.upper_bounds(&outputs, &tangents, &u)?;
            let Some(best) = first_of_largest(bounds) else { break };
            let row = open.remove(best);
            fitted.see(&decoded.features, &[row], &mut u)?;
            chosen.push(row);
        }
        Ok(chosen)
    }

    fn network(
        &self,
        history: &History,
        decoded: &Decoded<'_>,
    ) -> Result<Fitted, motjuste_gp::Error> {
        let mut stream = lasting_stream(history, "network", self.bandit.fixed_network);
        if self.untrained_first && self.chosen(history).next().is_none() {
            return self.bandit.untrained(decoded.features.dim(), &mut stream);
        }
        let known = Known {
            features: &decoded.features,
            scored: self.observed(history, decoded),
            groups: Vec::new(),
            consistency: 0.0,
        };
        self.bandit.fitted(&known, &mut stream)
    }

    /// The scored rows: one for each trial, where repeats are trials.
    fn observed(&self, history: &History, decoded: &Decoded<'_>) -> Vec<(usize, f64)> {
        let scored = decoded.scored();
        let is_trial = |row: usize| history.trial_of(decoded.groups[row].candidate.id).is_some();
        scored.into_iter().filter(|(row, _)| !self.repeats || is_trial(*row)).collect()
    }

    /// The trials that were chosen, not those of the start.
    fn chosen<'a>(&self, history: &'a History) -> impl Iterator<Item = &'a Trial> {
        history.trials().iter().filter(|trial| trial.step > 0)
    }

    /// The rows whose gradients are in U.
    fn seen(&self, history: &History, decoded: &Decoded<'_>) -> Vec<usize> {
        match self.bandit.seen {
            Seen::Scored => self.observed(history, decoded).into_iter().map(|it| it.0).collect(),
            Seen::Chosen | Seen::ChosenAndUnpaid => {
                self.chosen(history).map(|trial| trial.candidate).collect()
            }
        }
    }
}

impl Registered for Instinct {
    const NAME: &'static str = "instinct";
    const SUMMARY: &'static str =
        "INSTINCT (arXiv 2310.02905): a neural bandit over the generator's hidden states.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("instinct-compat", Self::compat())]
    }
}

impl Method for Instinct {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        Needs { choice: self.ties.into(), ..soft_prompts::needs(self.features.hidden_states()) }
    }

    fn check(&self) -> Result<()> {
        if self.bandit.seen == Seen::ChosenAndUnpaid {
            return Err(Error::configuration("INSTINCT knows no unpaid repeats")
                .with_help("set bandit.seen to scored or chosen"));
        }
        self.pool.check()?;
        self.bandit.check()
    }

    fn bounds(&self, _: u64) -> Bounds {
        self.pool.bounds()
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        self.pool.propose(history, stream)
    }

    fn read(&self, history: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        match self.repeats {
            true => pool::read_repeats(replies),
            false => pool::read(history, replies),
        }
    }

    fn allocate(
        &self,
        history: &History,
        fresh: &[Candidate],
        stream: &mut Stream,
    ) -> Result<Allocation> {
        if !history.steps().is_empty() {
            return Ok(self.choose(history, stream)?.into());
        }
        let fresh: Vec<&Candidate> = fresh.iter().collect();
        let start = pool::drawn(&fresh, self.pool.start, stream);
        Ok(start.into_iter().map(|it| self.dev_rows.job(it)).collect::<Vec<_>>().into())
    }
}
