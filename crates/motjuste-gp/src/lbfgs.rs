//! Limited-memory BFGS in a box.
//!
//! The algorithm is projected L-BFGS: the two-metric projection of Bertsekas 1982 ("Projected
//! Newton methods for optimization problems with simple constraints", eq. 32-37) with the inverse
//! Hessian of the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4) in place of
//! Newton's. It is not the L-BFGS-B of Byrd et al. 1995: there is no generalised Cauchy point and
//! no subspace minimisation. One iteration at x with gradient g:
//!
//! 1. *Bind* the variables that sit on a side of the box with the gradient pushing outwards.
//! 2. `d = -H g` over the free variables alone: the recursion sees the history through them, and
//!    skips pairs whose curvature there is not positive.
//! 3. Search along the projected path `x(t) = clip(x + t d)`: shrink t (quadratic interpolation)
//!    until the decrease is 1e-4 of what the gradient promised (Armijo), or, where t = 1 at once
//!    succeeds and the slope still is nine tenths of the first, double t while it helps.
//! 4. Keep the pair (step, change of gradient) if its curvature is positive.

use std::collections::VecDeque;

use crate::bounds::Bounds;
use crate::error::{Result, check_finite};
use crate::linalg::dot;

/// When to stop, and how much to remember. The default is SciPy's: 10 pairs, gradient 1e-5,
/// relative decrease 2.2e-9.
///
/// ```
/// use motjuste_gp::lbfgs::Options;
/// let careful = Options { gradient_tolerance: 1e-9, ..Options::default() };
/// assert_eq!(careful.memory, 10);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Pairs of steps and gradient changes that are kept.
    pub memory: usize,
    /// Most iterations.
    pub max_iterations: usize,
    /// Stop when the projected gradient `clip(x - g) - x` is nowhere larger.
    pub gradient_tolerance: f64,
    /// Stop when `(f - f') / max(|f|, |f'|, 1)` is no larger.
    pub value_tolerance: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { memory: 10, max_iterations: 500, gradient_tolerance: 1e-5, value_tolerance: 2.2e-9 }
    }
}

/// Where a minimisation ended.
///
/// ```
/// use motjuste_gp::{Bounds, lbfgs::{Options, minimise}};
/// let square = |x: &[f64]| (x[0] * x[0], vec![2.0 * x[0]]);
/// let end = minimise(square, &[3.0], &Bounds::cube(1, 1.0, 5.0)?, &Options::default())?;
/// assert!(end.converged && end.x == [1.0]);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// The best point, inside the box.
    pub x: Vec<f64>,
    /// The value there.
    pub value: f64,
    /// Iterations made.
    pub iterations: usize,
    /// Evaluations of the objective.
    pub evaluations: usize,
    /// Whether a tolerance was met; false when iterations ran out or no step helped.
    pub converged: bool,
}

/// Steps of one line search before it gives up.
const MAX_STEPS: usize = 40;

/// Minimise a differentiable function in a box by projected L-BFGS (see the module's page).
///
/// `objective(x)` returns the value and the gradient, both of the length of `start`. A value that
/// is NaN or infinite counts as too large: the step is shortened. `start` is clipped to the box.
///
/// # Errors
/// The dimension of `start` is not that of the box, or the value or gradient at `start` is not
/// finite.
///
/// ```
/// use motjuste_gp::{Bounds, lbfgs::{Options, minimise}, test_functions};
///
/// let objective = |x: &[f64]| (test_functions::rosenbrock(x), test_functions::rosenbrock_gradient(x));
/// let end = minimise(objective, &[-1.2, 1.0], &Bounds::unbounded(2)?, &Options::default())?;
/// assert!((end.x[0] - 1.0).abs() < 1e-3);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
pub fn minimise(
    objective: impl FnMut(&[f64]) -> (f64, Vec<f64>),
    start: &[f64],
    bounds: &Bounds,
    options: &Options,
) -> Result<Minimum> {
    bounds.check(start)?;
    let mut search = Search::new(objective, start, bounds, options)?;
    let mut iterations = 0;
    let mut converged = search.is_flat();
    while !converged && iterations < options.max_iterations {
        let before = search.value;
        if !search.iterate() {
            break;
        }
        iterations += 1;
        let scale = before.abs().max(search.value.abs()).max(1.0);
        converged = search.is_flat() || before - search.value <= options.value_tolerance * scale;
    }
    let Search { x, value, evaluations, .. } = search;
    Ok(Minimum { x, value, iterations, evaluations, converged })
}

struct Search<'a, F> {
    objective: F,
    bounds: &'a Bounds,
    options: &'a Options,
    x: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
    /// (step, change of gradient), oldest first.
    pairs: VecDeque<(Vec<f64>, Vec<f64>)>,
    evaluations: usize,
}

/// A point on the path of a line search.
struct Trial {
    x: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
    /// What the gradient at the start promises for this displacement: negative is descent.
    promised: f64,
}

impl Trial {
    fn is_accepted(&self, value: f64) -> bool {
        self.value <= value + 1e-4 * self.promised && self.gradient.iter().all(|g| g.is_finite())
    }
}

impl<'a, F: FnMut(&[f64]) -> (f64, Vec<f64>)> Search<'a, F> {
    fn new(
        mut objective: F,
        start: &[f64],
        bounds: &'a Bounds,
        options: &'a Options,
    ) -> Result<Self> {
        let mut x = start.to_vec();
        bounds.clip(&mut x);
        let (value, gradient) = objective(&x);
        check_finite("the objective at the start", &[value])?;
        check_finite("the gradient at the start", &gradient)?;
        bounds.check(&gradient)?;
        let pairs = VecDeque::new();
        Ok(Self { objective, bounds, options, x, value, gradient, pairs, evaluations: 1 })
    }

    fn is_flat(&self) -> bool {
        let sides = self.bounds.sides().zip(self.x.iter().zip(&self.gradient));
        sides
            .map(|((l, u), (x, g))| ((x - g).clamp(l, u) - x).abs())
            .all(|move_| move_ <= self.options.gradient_tolerance)
    }

    /// One step downhill; false when there is none.
    fn iterate(&mut self) -> bool {
        let free = self.free();
        let direction = self.direction(&free);
        let found = self.line_search(&direction).or_else(|| {
            // The history may be stale: once more, straight down.
            self.pairs.clear();
            let down = self.direction(&free);
            self.line_search(&down)
        });
        found.map(|trial| self.accept(trial)).is_some()
    }

    /// Which variables may move: not those held at a side by the gradient.
    fn free(&self) -> Vec<bool> {
        let held = |(l, u), (x, g): (&f64, &f64)| (*x <= l && *g > 0.0) || (*x >= u && *g < 0.0);
        let sides = self.bounds.sides().zip(self.x.iter().zip(&self.gradient));
        sides.map(|(side, at)| !held(side, at)).collect()
    }

    /// `-H g` over the free variables; steepest descent where that is no descent.
    fn direction(&self, free: &[bool]) -> Vec<f64> {
        let mask = |v: &[f64]| -> Vec<f64> {
            v.iter().zip(free).map(|(v, free)| if *free { *v } else { 0.0 }).collect()
        };
        let gradient = mask(&self.gradient);
        let pairs: Vec<_> = self.pairs.iter().map(|(s, y)| (mask(s), mask(y))).collect();
        let newton: Vec<f64> = two_loop(&gradient, &pairs).iter().map(|v| -v).collect();
        if dot(&newton, &gradient) < 0.0 && newton.iter().all(|v| v.is_finite()) {
            return newton;
        }
        gradient.iter().map(|g| -g).collect()
    }

    fn line_search(&mut self, direction: &[f64]) -> Option<Trial> {
        let length: f64 = direction.iter().map(|d| d.abs()).sum();
        let mut t = if self.pairs.is_empty() { (1.0 / length).min(1.0) } else { 1.0 };
        for step in 0..MAX_STEPS {
            let trial = self.trial(direction, t);
            if trial.is_accepted(self.value) {
                return Some(if step == 0 { self.expand(direction, t, trial) } else { trial });
            }
            t *= shrink(self.value, &trial);
        }
        None
    }

    /// Double a step that succeeded at once while the function still falls as steeply.
    fn expand(&mut self, direction: &[f64], mut t: f64, mut best: Trial) -> Trial {
        let slope = dot(&self.gradient, direction);
        for _ in 0..MAX_STEPS {
            if dot(&best.gradient, direction) >= 0.9 * slope {
                break;
            }
            t *= 2.0;
            let trial = self.trial(direction, t);
            if !trial.is_accepted(self.value) || trial.value >= best.value {
                break;
            }
            best = trial;
        }
        best
    }

    fn trial(&mut self, direction: &[f64], t: f64) -> Trial {
        let mut x: Vec<f64> = self.x.iter().zip(direction).map(|(x, d)| x + t * d).collect();
        self.bounds.clip(&mut x);
        let moved = difference(&x, &self.x);
        let (value, gradient) = (self.objective)(&x);
        self.evaluations += 1;
        Trial { x, value, gradient, promised: dot(&self.gradient, &moved) }
    }

    fn accept(&mut self, trial: Trial) {
        let step = difference(&trial.x, &self.x);
        let change = difference(&trial.gradient, &self.gradient);
        if has_curvature(&step, &change) {
            self.pairs.push_back((step, change));
            if self.pairs.len() > self.options.memory {
                self.pairs.pop_front();
            }
        }
        self.x = trial.x;
        self.value = trial.value;
        self.gradient = trial.gradient;
    }
}

/// How much to shorten a step that failed: to the minimum of the parabola through both values and
/// the slope, but by a factor between 0.1 and 0.5.
fn shrink(value: f64, trial: &Trial) -> f64 {
    let excess = trial.value - value - trial.promised;
    let factor = -0.5 * trial.promised / excess;
    if factor.is_finite() { factor.clamp(0.1, 0.5) } else { 0.1 }
}

/// `s^T y > eps |y|^2`: the condition of SciPy's L-BFGS-B for keeping a pair.
fn has_curvature(step: &[f64], change: &[f64]) -> bool {
    dot(step, change) > f64::EPSILON * dot(change, change)
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// `H g` from the pairs (s, y), oldest first; Nocedal and Wright 2006, algorithm 7.4, with
/// `H_0 = s^T y / y^T y` of the newest pair (their eq. 7.20).
fn two_loop(gradient: &[f64], pairs: &[(Vec<f64>, Vec<f64>)]) -> Vec<f64> {
    let usable: Vec<_> = pairs.iter().filter(|(s, y)| has_curvature(s, y)).collect();
    let mut q = gradient.to_vec();
    let mut alphas = Vec::with_capacity(usable.len());
    for (s, y) in usable.iter().rev() {
        let alpha = dot(s, &q) / dot(s, y);
        q.iter_mut().zip(y).for_each(|(q, y)| *q -= alpha * y);
        alphas.push(alpha);
    }
    let scale = usable.last().map_or(1.0, |(s, y)| dot(s, y) / dot(y, y));
    q.iter_mut().for_each(|v| *v *= scale);
    for ((s, y), alpha) in usable.iter().zip(alphas.iter().rev()) {
        let beta = dot(y, &q) / dot(s, y);
        q.iter_mut().zip(s).for_each(|(q, s)| *q += (alpha - beta) * s);
    }
    q
}
