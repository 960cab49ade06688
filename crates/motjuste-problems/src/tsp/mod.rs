//! The travelling salesman problem: find a short closed tour from the lengths of others.

mod baseline;
mod construct;
mod file;
mod held_karp;
mod instance;
mod local_search;
mod reply;

pub use baseline::random_tours;
pub use construct::{farthest_insertion, nearest_neighbour};
pub use file::{Published, load};
pub use held_karp::{LARGEST_EXACT, held_karp};
pub use instance::{Instance, start_tours};
pub use local_search::{best_known, improve, two_opt};

use minijinja::context;
use motjuste::Result;
use motjuste::metric::Mode;

use crate::problem::{Evaluated, Problem, worst_first};
use crate::template;

/// The numbers of the points in the order of visiting; the tour closes by itself.
pub type Tour = Vec<usize>;

/// The problem of one instance.
///
/// ```
/// use motjuste_problems::Problem;
/// use motjuste_problems::tsp::{Instance, Tsp};
/// let square = Instance::new(vec![[0, 0], [0, 3], [4, 3], [4, 0]]);
/// let problem = Tsp::new(square, Some(14.0));
/// assert_eq!(problem.value(&vec![0, 1, 2, 3]), 14.0);
/// assert_eq!(problem.value(&vec![0, 2, 1, 3]), 18.0);
/// ```
#[derive(Debug, Clone)]
pub struct Tsp {
    instance: Instance,
    /// The length at which the problem counts as solved: the optimum, or the best known.
    pub target: Option<f64>,
    /// Tours shown to the model at most.
    pub shown: usize,
    /// How replies are read.
    pub mode: Mode,
}

impl Tsp {
    /// The problem with the setting of the published script: 10 tours are shown.
    pub fn new(instance: Instance, target: Option<f64>) -> Self {
        Self { instance, target, shown: 10, mode: Mode::Strict }
    }

    /// The points and their distances.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// The share by which a length exceeds the target, if there is one.
    pub fn gap(&self, length: f64) -> Option<f64> {
        self.target.map(|target| (length - target) / target)
    }
}

impl Problem for Tsp {
    type Point = Tour;

    /// The Euclidean length of the closed tour.
    fn value(&self, tour: &Tour) -> f64 {
        self.instance.length(tour)
    }

    fn meta_prompt(&self, evaluated: &[Evaluated<Tour>]) -> Result<String> {
        let points = self.instance.points().iter().enumerate();
        let points: Vec<_> = points.map(|(i, [x, y])| format!("({i}): ({x}, {y})")).collect();
        let trace = |tour: &Evaluated<Tour>| {
            let nodes: Vec<_> = tour.point.iter().map(usize::to_string).collect();
            context! { nodes => nodes.join(","), length => format!("{:.0}", tour.value.trunc()) }
        };
        let traces: Vec<_> = worst_first(evaluated, self.shown).into_iter().map(trace).collect();
        let values = context! { count => points.len(), points => points.join(", "), traces };
        template::fill(include_str!("../prompts/tsp.txt"), values)
    }

    fn read(&self, reply: &str) -> std::result::Result<Tour, String> {
        reply::tour(reply, self.instance.points().len(), self.mode)
    }

    /// No longer than the target, up to the rounding of the sum.
    fn is_solved(&self, tour: &Evaluated<Tour>) -> bool {
        self.target.is_some_and(|target| tour.value <= target * (1.0 + 1e-9))
    }
}
