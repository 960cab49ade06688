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
//! [`InstructZeroConfig::default`] is the paper, [`InstructZeroConfig::compat`] the published code;
//! `FIDELITY.md` lists every difference.

use motjuste_gp::acquisition::{expected_improvement, log_expected_improvement};
use motjuste_gp::kernel::agreement;
use motjuste_gp::process::{FitOptions, Model, Posterior, Prediction};
use motjuste_gp::sobol::Sobol;
use motjuste_gp::standardise::standardise;
use motjuste_gp::{Bounds, Points, cma_es};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::Optimizer;
use super::uniform::{draw_projection, projection_of};
use crate::history::History;
use crate::metric::{Mode, normalise};
use crate::model::Generation;
use crate::proposal::{Entries, Projection, Proposal, SoftPrompt};
use crate::random::Stream;
use crate::trial::{Evaluation, ExampleScore, Trial};
use crate::{Error, Result};

/// The settings of InstructZero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InstructZeroConfig {
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
    /// Points of each further round.
    pub batch: usize,
    /// What makes two instructions alike.
    pub instruction_kernel: InstructionKernel,
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

/// Which of equally good instructions is the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// The first that reached the score.
    Earliest,
    /// The last, as in InstructZero's published code.
    Latest,
}

impl Default for InstructZeroConfig {
    /// The paper's settings: d = 10, 25 points to start with, 25 a round.
    fn default() -> Self {
        Self {
            dimensions: 10,
            soft_tokens: 5,
            entries: Entries::Uniform,
            demonstrations: 5,
            start: 25,
            start_box: StartBox::Symmetric,
            batch: 25,
            instruction_kernel: InstructionKernel::Agreement,
            gamma_noise_prior: false,
            acquisition: Acquisition::LogExpectedImprovement,
            batch_variance_fault: false,
            redraw_dev: false,
            ties: Ties::Earliest,
        }
    }
}

impl InstructZeroConfig {
    /// What the published code does, faults included.
    ///
    /// ```
    /// use motjuste::optimizer::InstructZeroConfig;
    /// assert_eq!(InstructZeroConfig::compat().demonstrations, 10);
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
}

#[derive(Debug)]
pub(super) struct InstructZero {
    config: InstructZeroConfig,
}

impl InstructZero {
    pub(super) fn new(config: InstructZeroConfig) -> Self {
        Self { config }
    }

    fn propose(
        &self,
        points: impl Iterator<Item = Vec<f64>>,
        projection: Projection,
    ) -> Vec<Proposal> {
        let soft_prompt = |z| SoftPrompt { z, projection, demonstrations: 0 };
        points.map(|z| Proposal::SoftPrompt(soft_prompt(z))).collect()
    }

    fn start(&self, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let config = &self.config;
        let projection = draw_projection(config.soft_tokens, config.entries, stream);
        let lower = match config.start_box {
            StartBox::Symmetric => -1.0,
            StartBox::Unit => 0.0,
        };
        let points = Bounds::cube(config.dimensions, lower, 1.0).and_then(|bounds| {
            let unit = Sobol::scrambled(config.dimensions, stream.next_u64())?;
            bounds.stretch(&{ unit }.points(config.start)?)
        });
        let points = points.map_err(numerics)?;
        Ok(self.propose(points.rows().map(<[f64]>::to_vec), projection))
    }

    /// One round: fit the process, then maximise the acquisition from each of the best points so
    /// far (the published loop).
    fn search(
        &self,
        known: &Known<'_>,
        stream: &mut Stream,
    ) -> Result<Vec<Vec<f64>>, motjuste_gp::Error> {
        let y = standardise(&known.scores).values;
        let model = self.model(known)?;
        let options = match self.config.gamma_noise_prior {
            true => FitOptions::published(&model)?,
            false => FitOptions::for_model(&model)?,
        };
        let fit = model.fit(&y, &options)?;
        let posterior = model.posterior(&y, &fit.hyper)?;
        let best = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let bounds = Bounds::cube(self.config.dimensions, -1.0, 1.0)?;
        let starts = known.best_points(self.config.batch);
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
        match self.config.instruction_kernel {
            InstructionKernel::Agreement => Model::coupled(points, agreement(&known.answers())?),
            InstructionKernel::Scores => {
                Model::coupled_by_scores(points, Points::from_rows(&known.score_vectors())?)
            }
        }
    }

    fn acquisition(&self, posterior: &Posterior, population: &Points, best: f64) -> Vec<f64> {
        let value = |prediction| match self.config.acquisition {
            Acquisition::LogExpectedImprovement => log_expected_improvement(prediction, best),
            Acquisition::ExpectedImprovement => expected_improvement(prediction, best),
        };
        // Shapes agree by construction; a population without values would end CMA-ES with an error.
        let mut predictions = posterior.predict_batch(population).unwrap_or_default();
        if self.config.batch_variance_fault {
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

impl Optimizer for InstructZero {
    fn ask(&mut self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let Some(projection) = projection_of(history) else { return self.start(stream) };
        let points = self.search(&Known::of(history), stream).map_err(numerics)?;
        Ok(self.propose(points.into_iter(), projection))
    }

    /// Every soft prompt is a trial, also when its text was seen before: its score then costs
    /// nothing, and its point still teaches the process.
    fn select(&mut self, _history: &History, generated: &[Generation]) -> Vec<usize> {
        (0..generated.len()).collect()
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
        let observed = |(trial, evaluation): (&'a Trial, &'a Evaluation)| {
            Some((trial.soft_prompt.as_ref()?.z.as_slice(), evaluation))
        };
        for (z, evaluation) in history.complete().filter_map(observed) {
            known.points.push(z);
            known.scores.push(evaluation.score);
            known.evaluations.push(evaluation);
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

    /// The per-example scores, n × m.
    fn score_vectors(&self) -> Vec<Vec<f64>> {
        self.evaluations.iter().map(|evaluation| evaluation.scores()).collect()
    }
}

fn numerics(error: motjuste_gp::Error) -> Error {
    Error::numerics(format!("the Gaussian process cannot be fitted: {error}")).with_source(error)
}
