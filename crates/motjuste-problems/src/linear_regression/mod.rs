//! Linear regression with the data hidden: find w and b of a line from values of the loss alone.

mod baseline;
mod file;
mod instance;
mod reply;

pub use baseline::{SearchBox, coordinate_descent, random_search};
pub use file::load;
pub use instance::Instance;

use minijinja::context;
use motjuste::Result;
use motjuste::metric::Mode;

use crate::problem::{Evaluated, Problem, worst_first};
use crate::template;

/// A pair (w, b).
pub type Pair = [f64; 2];

/// The true pairs of the OPRO paper (arXiv 2309.03409, table 2), three of them in the box where
/// searches start.
pub const PUBLISHED_TRUTHS: [Pair; 7] =
    [[15.0, 14.0], [17.0, 17.0], [16.0, 10.0], [3.0, 5.0], [25.0, 23.0], [2.0, 30.0], [36.0, -1.0]];

/// The problem of one instance.
///
/// ```
/// use motjuste_problems::Problem;
/// use motjuste_problems::linear_regression::{Instance, LinearRegression};
/// let line = Instance { truth: [2.0, 3.0], noise: vec![0.0; 50], start: vec![] };
/// let problem = LinearRegression::new(line);
/// assert_eq!(problem.value(&[2.0, 3.0]), 0.0);
/// assert_eq!(problem.value(&[2.0, 4.0]), 50.0);
/// ```
#[derive(Debug, Clone)]
pub struct LinearRegression {
    instance: Instance,
    /// Pairs shown to the model at most.
    pub shown: usize,
    /// Decimals of w and b, in the meta-prompt and after rounding a proposal.
    pub point_decimals: usize,
    /// Decimals of the values in the meta-prompt.
    pub value_decimals: usize,
    /// How replies are read, and what counts as solved.
    pub mode: Mode,
}

impl LinearRegression {
    /// The problem with the paper's settings: 20 pairs, whole numbers.
    pub fn new(instance: Instance) -> Self {
        Self { instance, shown: 20, point_decimals: 0, value_decimals: 0, mode: Mode::Strict }
    }

    /// Distinct pairs as the model sees them, the best `shown`, the worst of them first.
    fn rows(&self, evaluated: &[Evaluated<Pair>]) -> Vec<[String; 3]> {
        let mut rows: Vec<[String; 3]> = Vec::new();
        for pair in worst_first(evaluated, evaluated.len()).into_iter().rev() {
            let [w, b] = pair.point.map(|x| truncated(x, self.point_decimals));
            let row = [w, b, truncated(pair.value, self.value_decimals)];
            if rows.len() < self.shown && !rows.contains(&row) {
                rows.push(row);
            }
        }
        rows.reverse();
        rows
    }
}

impl Problem for LinearRegression {
    type Point = Pair;

    /// The sum of squared residuals Σ (y − w x − b)².
    fn value(&self, [w, b]: &Pair) -> f64 {
        self.instance.data().map(|(x, y)| (y - w * x - b).powi(2)).sum()
    }

    fn meta_prompt(&self, evaluated: &[Evaluated<Pair>]) -> Result<String> {
        let rows = self.rows(evaluated);
        let pairs: Vec<_> = rows.iter().map(|[w, b, value]| context! { w, b, value }).collect();
        template::fill(include_str!("../prompts/linear_regression.txt"), context! { pairs })
    }

    fn read(&self, reply: &str) -> std::result::Result<Pair, String> {
        let pair = reply::pair(reply, self.mode)?;
        // Adding zero turns −0 into 0, so that equal pairs are the same pair.
        Ok(pair.map(|x| rounded(x, self.point_decimals) + 0.0))
    }

    /// The true pair; in strict also any other with no larger loss.
    fn is_solved(&self, pair: &Evaluated<Pair>) -> bool {
        pair.point == self.instance.truth
            || (self.mode == Mode::Strict && pair.value <= self.value(&self.instance.truth))
    }
}

/// The number cut off after `decimals`.
fn truncated(x: f64, decimals: usize) -> String {
    let scale = 10_f64.powi(decimals as i32);
    format!("{:.decimals$}", (x * scale).trunc() / scale + 0.0)
}

/// The number rounded half to even.
fn rounded(x: f64, decimals: usize) -> f64 {
    let scale = 10_f64.powi(decimals as i32);
    (x * scale).round_ties_even() / scale
}
