//! PRESTO (arXiv 2510.25808): a neural bandit that knows that many soft prompts lead to one instruction.
//!
//! | idea | what it does |
//! |---|---|
//! | coverage | the first instructions are frequent ones, and spread over the pool |
//! | sharing | a score is that of every soft prompt that leads to the instruction |
//! | consistency | soft prompts that lead to one instruction are predicted alike, before it is scored |
//!
//! [`Presto::default`] is the algorithm with its code's faults mended, [`Presto::compat`] the published
//! code; `FIDELITY.md` lists every difference.

mod coverage;

pub use coverage::Coverage;

use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

use super::decoded::{Decoded, DevRows, Members, is_given, lasting_stream};
use super::neural_ucb::{
    Fitted, Initialisation, Known, NeuralUcb, Seen, first_of_largest, numerics,
};
use super::pool::{self, Pool};
use super::soft_prompts::{self, count};
use super::{Bounds, Features, Method, MethodId, Needs, Registered, Ties};
use crate::history::{Allocation, Candidate, History, Proposal, Reading, Reply, Trial};
use crate::random::Stream;
use crate::{Error, Result};

/// PRESTO: a neural bandit that knows which soft prompts lead to one instruction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Presto {
    /// How the pool is decoded, and how many instructions the start and a step pay for.
    pub pool: Pool,
    /// What the network sees of a soft prompt and its instruction.
    pub features: Features,
    /// The network and its doubt.
    pub bandit: NeuralUcb,
    /// How the start covers the pool.
    pub coverage: Coverage,
    /// Whether a score is that of every soft prompt that leads to the instruction, or of the first alone.
    pub sharing: bool,
    /// The weight of predicting the soft prompts of one instruction alike; 0: none.
    pub consistency: f64,
    /// What is drawn and compared at each choice.
    pub draw: Draw,
    /// Whether the search ends at a dev score of 1.
    pub stop_at_one: bool,
    /// Which dev rows score an instruction.
    pub dev_rows: DevRows,
    /// Which of equally good instructions is the result.
    pub ties: Ties,
}

/// What is drawn and compared at each choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Draw {
    /// Instructions, each by the mean bound of its soft prompts.
    Instructions,
    /// Soft prompts, as published: an instruction that many lead to is drawn more often.
    SoftPrompts,
}

impl Default for Presto {
    fn default() -> Self {
        Self {
            pool: Pool { start: 40, batch: count(1), ..Pool::default() },
            features: Features::HiddenStates,
            bandit: NeuralUcb {
                initialisation: Initialisation::Library,
                width: 100,
                steps: 1000,
                learning_rate: 1e-4,
                decay: 0.0,
                nu: 1.0,
                lambda: 0.1,
                considered: 1000,
                seen: Seen::Scored,
                fixed_network: false,
            },
            coverage: Coverage { on: true, size_weight: 1.0, least: 1 },
            sharing: true,
            consistency: 0.1,
            draw: Draw::Instructions,
            stop_at_one: false,
            dev_rows: DevRows::Same,
            ties: Ties::Earliest,
        }
    }
}

/// An instruction that is compared with others: its index, and the points that speak for it.
struct Contender {
    group: usize,
    rows: Vec<usize>,
}

impl Presto {
    /// What the published code does, faults included.
    ///
    /// ```
    /// use motjuste::method::{Draw, Presto};
    /// assert_eq!(Presto::compat().draw, Draw::SoftPrompts);
    /// ```
    pub fn compat() -> Self {
        let strict = Self::default();
        Self {
            pool: Pool { size: 10_000, projections: count(1), dimensions: 50, ..strict.pool },
            bandit: NeuralUcb { seen: Seen::ChosenAndUnpaid, fixed_network: true, ..strict.bandit },
            coverage: Coverage { least: 5, ..strict.coverage },
            draw: Draw::SoftPrompts,
            stop_at_one: true,
            dev_rows: DevRows::Redrawn,
            ties: Ties::Latest,
            ..strict
        }
    }

    /// The instructions of the next step: those of the start, or the most promising.
    fn choose(&self, history: &History, stream: &mut Stream) -> Result<Vec<usize>> {
        let decoded = self.decoded(history)?;
        if first_own_step(history).is_none() {
            return Ok(self.first(&decoded, stream));
        }
        let options = self.options(&decoded, stream);
        match decoded.scored().is_empty() {
            true => {
                Ok(options.into_iter().take(self.pool.batch.get()).map(|it| it.group).collect())
            }
            false => self.promising(history, &decoded, options).map_err(numerics),
        }
    }

    fn decoded<'a>(&self, history: &'a History) -> Result<Decoded<'a>> {
        Decoded::of(history, self.features, Members::All, usize::MAX).map_err(numerics)
    }

    fn first(&self, decoded: &Decoded<'_>, stream: &mut Stream) -> Vec<usize> {
        if self.coverage.on {
            return self.coverage.choose(decoded, self.pool.start);
        }
        let open = decoded.open();
        sample(stream, open.len(), self.pool.start.min(open.len()))
            .iter()
            .map(|it| open[it])
            .collect()
    }

    /// What is compared: a draw of the open instructions, or of the soft prompts that lead to them.
    fn options(&self, decoded: &Decoded<'_>, stream: &mut Stream) -> Vec<Contender> {
        let open = decoded.open().into_iter();
        let points = |group: usize| decoded.groups[group].points.clone();
        let all: Vec<Contender> = match self.draw {
            Draw::Instructions => {
                open.map(|group| Contender { group, rows: points(group).collect() }).collect()
            }
            Draw::SoftPrompts => open
                .flat_map(|group| {
                    points(group).map(move |row| Contender { group, rows: vec![row] })
                })
                .collect(),
        };
        let drawn = sample(stream, all.len(), self.bandit.considered.min(all.len()));
        let mut all: Vec<Option<Contender>> = all.into_iter().map(Some).collect();
        drawn.iter().filter_map(|index| all[index].take()).collect()
    }

    /// The instructions of the largest upper bounds; each pick is seen before the next.
    fn promising(
        &self,
        history: &History,
        decoded: &Decoded<'_>,
        mut options: Vec<Contender>,
    ) -> Result<Vec<usize>, motjuste_gp::Error> {
        let fitted = self.network(history, decoded)?;
        let mut u = self.bandit.doubt(&fitted);
        fitted.see(&decoded.features, &self.seen(history, decoded), &mut u)?;
        let mut chosen = Vec::new();
        while chosen.len() < self.pool.batch.get() && !options.is_empty() {
            let values = self.values(decoded, &fitted, &options, &u)?;
            let Some(best) = first_of_largest(values) else { break };
            let group = options[best].group;
            let rows: Vec<usize> = decoded.groups[group].points.clone().collect();
            fitted.see(&decoded.features, &rows, &mut u)?;
            options.retain(|it| it.group != group);
            chosen.push(group);
        }
        Ok(chosen)
    }

    /// The mean upper bound of each option's points.
    fn values(
        &self,
        decoded: &Decoded<'_>,
        fitted: &Fitted,
        options: &[Contender],
        u: &[f64],
    ) -> Result<Vec<f64>, motjuste_gp::Error> {
        let rows: Vec<usize> = options.iter().flat_map(|it| it.rows.clone()).collect();
        let (outputs, tangents) = fitted.at(&decoded.features.select(&rows))?;
        let mut bounds = self.bandit.upper_bounds(&outputs, &tangents, u)?.into_iter();
        let mean = |it: &Contender| {
            bounds.by_ref().take(it.rows.len()).sum::<f64>() / it.rows.len() as f64
        };
        Ok(options.iter().map(mean).collect())
    }

    fn network(
        &self,
        history: &History,
        decoded: &Decoded<'_>,
    ) -> Result<Fitted, motjuste_gp::Error> {
        let mut stream = lasting_stream(history, "network", self.bandit.fixed_network);
        let scored = decoded.scored().into_iter();
        let shared = |(group, score): (usize, f64)| {
            self.scored_rows(decoded, group).into_iter().map(move |row| (row, score))
        };
        let open = decoded.open().into_iter().map(|group| decoded.groups[group].points.clone());
        let repeated = open.filter(|points| self.consistency > 0.0 && points.len() > 1);
        let known = Known {
            features: &decoded.features,
            scored: scored.flat_map(shared).collect(),
            groups: repeated.collect(),
            consistency: self.consistency,
        };
        self.bandit.fitted(&known, &mut stream)
    }

    /// The points that a score is of.
    fn scored_rows(&self, decoded: &Decoded<'_>, group: usize) -> Vec<usize> {
        let points = decoded.groups[group].points.clone();
        points.take(if self.sharing { usize::MAX } else { 1 }).collect()
    }

    /// The points whose gradients are in U.
    fn seen(&self, history: &History, decoded: &Decoded<'_>) -> Vec<usize> {
        let all = |group: usize| decoded.groups[group].points.clone();
        let start = first_own_step(history).unwrap_or_default();
        let step = |group: usize| {
            history.trial_of(decoded.groups[group].candidate.id).map(|trial| trial.step)
        };
        let groups = 0..decoded.groups.len();
        let chosen = groups.clone().filter(|&it| step(it).is_some_and(|step| step > start));
        let repeated =
            groups.filter(|&it| step(it).is_none_or(|step| step > start) && all(it).len() > 1);
        match self.bandit.seen {
            Seen::Scored => {
                decoded.scored().iter().flat_map(|it| self.scored_rows(decoded, it.0)).collect()
            }
            Seen::Chosen => chosen.flat_map(all).collect(),
            Seen::ChosenAndUnpaid => chosen.chain(repeated).flat_map(all).collect(),
        }
    }
}

/// The step that the method's own start began in.
fn first_own_step(history: &History) -> Option<usize> {
    let is_own = |trial: &&Trial| !is_given(history, &history.candidates()[trial.candidate]);
    history.trials().iter().find(is_own).map(|trial| trial.step)
}

impl Registered for Presto {
    const NAME: &'static str = "presto";
    const SUMMARY: &'static str = "PRESTO (arXiv 2510.25808): a neural bandit that knows which soft prompts lead to \
                                   one instruction.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("presto-compat", Self::compat())]
    }
}

impl Method for Presto {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        Needs { choice: self.ties.into(), ..soft_prompts::needs(self.features.hidden_states()) }
    }

    fn check(&self) -> Result<()> {
        let weights = [self.consistency, self.coverage.size_weight];
        if weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0) {
            return Err(Error::configuration("a weight below 0 has no meaning")
                .with_help("set consistency and coverage.size_weight to 0 or more"));
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
        pool::read(history, replies)
    }

    /// The first step pays for nothing: what the soft prompts led to is known once it is over.
    fn allocate(
        &self,
        history: &History,
        _: &[Candidate],
        stream: &mut Stream,
    ) -> Result<Allocation> {
        let is_over = self.stop_at_one && history.is_perfect();
        if history.steps().is_empty() || is_over {
            return Ok(Allocation::default());
        }
        let chosen = self.choose(history, stream)?;
        let candidate = |id: usize| self.dev_rows.job(&history.candidates()[id]);
        Ok(chosen.into_iter().map(candidate).collect::<Vec<_>>().into())
    }
}
