//! InstructZero (Chen, Chen, Goldstein, Huang and Zhou, arXiv 2306.03082): Bayesian optimisation of
//! a soft prompt, with a kernel that couples soft prompts through what their instructions achieve.
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | z | d | latent point; the soft prompt is A z |
//! | h | n | dev score of the instruction that z led to |
//! | S | n × n | likeness of two instructions' per-example results |
//! | K | n × n | instruction-coupled kernel over z |
//!
//! [`InstructZero::default`] is the paper, [`InstructZero::compat`] the published code, and
//! [`InstructZero::repaired`] the paper with a kernel that stays uncertain where nothing is known; `FIDELITY.md` lists
//! every difference.

use std::num::NonZeroUsize;

use motjuste_gp::acquisition::{expected_improvement, log_expected_improvement};
use motjuste_gp::kernel::agreement;
use motjuste_gp::process::{FitOptions, Model, Posterior, Prediction};
use motjuste_gp::standardise::standardise;
use motjuste_gp::{Bounds as SearchBox, Points, cma_es};
use serde::{Deserialize, Serialize};

use super::soft_prompts::{self, count, draw_projection, projection_of};
use super::{Bounds, Choice, HiddenStates, Method, MethodId, Needs, Registered, every_text};
use crate::history::{
    Allocation, Candidate, Evaluation, ExampleScore, History, Job, Proposal, Reading, Reply, Rows,
};
use crate::metric::{Mode, normalise};
use crate::model::Entries;
use crate::random::Stream;
use crate::{Error, Result};

/// InstructZero: Bayesian optimisation of a soft prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InstructZero {
    /// Latent coordinates, d.
    pub dimensions: usize,
    /// Soft tokens.
    pub soft_tokens: usize,
    /// The distribution of the projection's entries.
    pub entries: Entries,
    /// Demonstrations that the generator reads.
    pub demonstrations: usize,
    /// Points of the Sobol start.
    pub start: usize,
    /// Where the Sobol start lies.
    pub start_box: StartBox,
    /// Points of each further step.
    pub batch: NonZeroUsize,
    /// What makes two instructions alike.
    pub instruction_kernel: InstructionKernel,
    /// Whether the kernel has the residual of the latent kernel, so that a point is uncertain away from all that was
    /// scored: `k(a, b) = s2 (l_a^T M S M l_b + l(a, b) - l_a^T M l_b)`, M = (L + 1e-4 I)^-1. The paper and its code have
    /// the first term alone, which is 0 there.
    pub residual: bool,
    /// The noise prior of the code's time, Gamma(1.1, 0.05), instead of LogNormal(-4, 1).
    pub gamma_noise_prior: bool,
    /// What CMA-ES maximises.
    pub acquisition: Acquisition,
    /// The published code's fault: within a CMA-ES population every candidate is given the prior
    /// covariance with the first one in place of its own prior variance.
    pub batch_variance_fault: bool,
    /// Whether every new instruction is scored on dev examples of its own.
    pub redraw_dev: bool,
    /// Which of equally good instructions is the result.
    pub ties: Ties,
}

/// Where the Sobol start lies; CMA-ES searches [-1, 1]^d in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartBox {
    /// [-1, 1]^d, the paper's symmetric box.
    Symmetric,
    /// [0, 1]^d: one orthant of the searched box, as in the published code.
    Unit,
}

/// What makes two instructions alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstructionKernel {
    /// The share of dev examples on which the target answers the same: the paper.
    Agreement,
    /// Matérn-5/2 over the vectors of per-example scores: the published code.
    Scores,
    /// Nothing: the latent kernel alone, the paper's ablation.
    None,
}

/// Which of equally good instructions is the result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// The first that reached the score.
    #[default]
    Earliest,
    /// The last, as in the published code.
    Latest,
}

impl From<Ties> for Choice {
    fn from(ties: Ties) -> Self {
        match ties {
            Ties::Earliest => Self::Earliest,
            Ties::Latest => Self::Latest,
        }
    }
}

/// What CMA-ES maximises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acquisition {
    /// The logarithm of expected improvement: the same maximiser, without underflow.
    LogExpectedImprovement,
    /// Expected improvement itself, which underflows to a plateau of zeros.
    ExpectedImprovement,
}

impl Default for InstructZero {
    /// The paper's settings: d = 10, 25 points to start with, 25 a step.
    fn default() -> Self {
        Self {
            dimensions: 10,
            soft_tokens: 5,
            entries: Entries::Uniform,
            demonstrations: 5,
            start: 25,
            start_box: StartBox::Symmetric,
            batch: count(25),
            instruction_kernel: InstructionKernel::Agreement,
            residual: false,
            gamma_noise_prior: false,
            acquisition: Acquisition::LogExpectedImprovement,
            batch_variance_fault: false,
            redraw_dev: false,
            ties: Ties::Earliest,
        }
    }
}

impl InstructZero {
    /// What the published code does, faults included.
    ///
    /// ```
    /// use motjuste::method::InstructZero;
    /// assert_eq!(InstructZero::compat().demonstrations, 10);
    /// ```
    pub fn compat() -> Self {
        Self {
            demonstrations: 10,
            start_box: StartBox::Unit,
            instruction_kernel: InstructionKernel::Scores,
            gamma_noise_prior: true,
            acquisition: Acquisition::ExpectedImprovement,
            batch_variance_fault: true,
            redraw_dev: true,
            ties: Ties::Latest,
            ..Self::default()
        }
    }

    /// The paper, with the residual of the latent kernel.
    ///
    /// ```
    /// use motjuste::method::InstructZero;
    /// assert!(InstructZero::repaired().residual && !InstructZero::default().residual);
    /// ```
    pub fn repaired() -> Self {
        Self { residual: true, ..Self::default() }
    }
}

impl InstructZero {
    fn start(&self, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let projection = draw_projection(self.soft_tokens, self.entries, stream);
        let lower = match self.start_box {
            StartBox::Symmetric => -1.0,
            StartBox::Unit => 0.0,
        };
        let points = soft_prompts::sobol(self.dimensions, lower, self.start, stream);
        Ok(soft_prompts::at(points.map_err(numerics)?, projection, 0))
    }

    /// One step: fit the process, then maximise the acquisition from each of the best points so
    /// far (the published loop).
    fn search(
        &self,
        known: &Known<'_>,
        stream: &mut Stream,
    ) -> Result<Vec<Vec<f64>>, motjuste_gp::Error> {
        let y = standardise(&known.scores).values;
        let model = self.model(known)?;
        let options = match self.gamma_noise_prior {
            true => FitOptions::published(&model)?,
            false => FitOptions::for_model(&model)?,
        };
        let fit = model.fit(&y, &options)?;
        let posterior = model.posterior(&y, &fit.hyper)?;
        let best = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let bounds = SearchBox::cube(self.dimensions, -1.0, 1.0)?;
        let starts = known.best_points(self.batch.get());
        starts
            .into_iter()
            .map(|start| {
                let objective =
                    |population: &Points| self.acquisition(&posterior, population, best);
                Ok(cma_es::maximise(objective, start, &bounds, CMA, stream)?.x)
            })
            .collect()
    }

    fn model(&self, known: &Known<'_>) -> Result<Model, motjuste_gp::Error> {
        let points = Points::from_rows(&known.points)?;
        let model = match self.instruction_kernel {
            InstructionKernel::Agreement => Model::coupled(points, agreement(&known.answers())?),
            InstructionKernel::Scores => {
                Model::coupled_by_scores(points, Points::from_rows(&known.score_vectors())?)
            }
            InstructionKernel::None => return Model::plain(points),
        }?;
        if self.residual { model.with_residual() } else { Ok(model) }
    }

    fn acquisition(&self, posterior: &Posterior, population: &Points, best: f64) -> Vec<f64> {
        let value = |prediction| match self.acquisition {
            Acquisition::LogExpectedImprovement => log_expected_improvement(prediction, best),
            Acquisition::ExpectedImprovement => expected_improvement(prediction, best),
        };
        // Shapes agree by construction; a population without values would end CMA-ES with an error.
        let mut predictions = posterior.predict_batch(population).unwrap_or_default();
        if self.batch_variance_fault {
            let variances = posterior.variance_official_batch(population).unwrap_or_default();
            for (prediction, variance) in predictions.iter_mut().zip(variances) {
                *prediction = Prediction { variance: variance.max(LEAST_VARIANCE), ..*prediction };
            }
        }
        predictions.into_iter().map(value).collect()
    }
}

/// The settings of the published code: popsize 50, sigma 0.8, at most 10 generations.
const CMA: cma_es::Options =
    cma_es::Options { popsize: Some(50), sigma0: 0.8, max_generations: 10, tolfun: Some(1e-11) };

/// Where GPyTorch clamps a variance in double precision.
const LEAST_VARIANCE: f64 = 1e-12;

impl Registered for InstructZero {
    const NAME: &'static str = "instructzero";
    const SUMMARY: &'static str = "InstructZero (arXiv 2306.03082): Bayesian optimisation of a soft prompt \
                                   with an instruction-coupled kernel.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("instructzero-compat", Self::compat()), ("instructzero-repaired", Self::repaired())]
    }
}

impl Method for InstructZero {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        let (demonstrations, choice) = (self.demonstrations, self.ties.into());
        Needs { demonstrations, choice, ..soft_prompts::needs(HiddenStates::Unused) }
    }

    fn check(&self) -> Result<()> {
        if self.start == 0 {
            return Err(Error::configuration("a search cannot start from 0 points")
                .with_help("set start to 1 or more; the paper's is 25"));
        }
        if self.residual && self.batch_variance_fault {
            return Err(Error::configuration("the published variance has no residual")
                .with_help("set batch_variance_fault or residual to false"));
        }
        let needs_kernel = self.residual || self.batch_variance_fault;
        if needs_kernel && self.instruction_kernel == InstructionKernel::None {
            return Err(Error::configuration("the latent kernel alone has no residual and no published fault")
                .with_help("set residual and batch_variance_fault to false, or instruction_kernel to agreement or scores"));
        }
        soft_prompts::check(self.dimensions, self.soft_tokens)
    }

    fn bounds(&self, trials: u64) -> Bounds {
        let start = self.start as u64;
        let more = trials.saturating_sub(start).next_multiple_of(self.batch.get() as u64);
        Bounds { replies: start + more, ..Bounds::default() }
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let Some(projection) = projection_of(history) else { return self.start(stream) };
        let points = self.search(&Known::of(history), stream).map_err(numerics)?;
        Ok(soft_prompts::at(points, projection, 0))
    }

    /// Every soft prompt is a trial, also when its text was seen before: its score then costs
    /// nothing, and its point still teaches the process.
    fn read(&self, _: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        every_text(replies)
    }

    fn allocate(&self, _: &History, fresh: &[Candidate], _: &mut Stream) -> Result<Allocation> {
        let rows = if self.redraw_dev { Rows::Redrawn } else { Rows::All };
        let job = |candidate: &Candidate| Job { candidate: candidate.id, rows: rows.clone() };
        Ok(fresh.iter().map(job).collect::<Vec<_>>().into())
    }
}

/// The observations so far, in order of trial.
struct Known<'a> {
    points: Vec<&'a [f64]>,
    scores: Vec<f64>,
    evaluations: Vec<&'a Evaluation>,
}

impl<'a> Known<'a> {
    fn of(history: &'a History) -> Self {
        let mut known = Self { points: Vec::new(), scores: Vec::new(), evaluations: Vec::new() };
        for (trial, evaluation) in history.complete() {
            if let (Some(soft_prompt), Some(score)) =
                (history.soft_prompt_of(trial), evaluation.score)
            {
                known.points.push(soft_prompt.z.as_slice());
                known.scores.push(score);
                known.evaluations.push(evaluation);
            }
        }
        known
    }

    /// The `count` points of the highest scores, earlier ones first among equals.
    fn best_points(&self, count: usize) -> Vec<&'a [f64]> {
        let mut order: Vec<usize> = (0..self.points.len()).collect();
        order.sort_by(|&a, &b| self.scores[b].total_cmp(&self.scores[a]));
        order.into_iter().take(count).map(|index| self.points[index]).collect()
    }

    /// The target's answers as they are compared, n × m.
    fn answers(&self) -> Vec<Vec<String>> {
        let row = |evaluation: &&Evaluation| {
            let answer = |example: &ExampleScore| normalise(&example.answer, Mode::Strict);
            evaluation.per_example.iter().map(answer).collect()
        };
        self.evaluations.iter().map(row).collect()
    }

    /// The per-example scores, n × m; a missing one is taken for the mean of the others.
    fn score_vectors(&self) -> Vec<Vec<f64>> {
        let row = |(evaluation, mean): (&&Evaluation, &f64)| {
            let scores = evaluation.per_example.iter().map(|example| example.score);
            scores.map(|score| score.unwrap_or(*mean)).collect()
        };
        self.evaluations.iter().zip(&self.scores).map(row).collect()
    }
}

fn numerics(error: motjuste_gp::Error) -> Error {
    Error::numerics(format!("the Gaussian process cannot be fitted: {error}")).with_source(error)
}
