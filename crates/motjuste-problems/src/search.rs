//! The loop of OPRO on a mathematical problem, between the calls of a model.

use motjuste::Result;
use serde::{Deserialize, Serialize};

use crate::problem::{Evaluated, Problem};

/// How the search asks, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Steps at most.
    pub steps: usize,
    /// Calls of a step, all with the same meta-prompt.
    pub calls: usize,
    /// The model's temperature.
    pub temperature: f64,
    /// Tokens of a reply at most.
    pub max_tokens: usize,
}

impl Default for Settings {
    /// `opro-linreg` and `opro-tsp`: the paper's settings, for both problems.
    fn default() -> Self {
        Self { steps: 500, calls: 8, temperature: 1.0, max_tokens: 1024 }
    }
}

/// Everything that happened so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress<P> {
    /// The points that the search began with.
    pub start: Vec<Evaluated<P>>,
    /// The steps, in order.
    pub steps: Vec<Step<P>>,
}

/// The replies of one step and what they came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step<P> {
    /// Each reply as it was, with what was read in it.
    pub replies: Vec<(String, Reading<P>)>,
}

/// What was read in a reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading<P> {
    /// A new point, evaluated.
    New(Evaluated<P>),
    /// A point that was evaluated before, in this step or earlier; it costs no evaluation.
    Duplicate(Evaluated<P>),
    /// No point: the reason.
    Invalid(String),
}

impl<P> Reading<P> {
    fn point(&self) -> Option<&Evaluated<P>> {
        match self {
            Self::New(point) | Self::Duplicate(point) => Some(point),
            Self::Invalid(_) => None,
        }
    }
}

impl<P> Progress<P> {
    /// Every distinct point, in order of evaluation.
    pub fn evaluated(&self) -> impl Iterator<Item = &Evaluated<P>> {
        let readings = self.steps.iter().flat_map(|step| &step.replies).map(|(_, reading)| reading);
        let new = readings.filter_map(|reading| match reading {
            Reading::New(point) => Some(point),
            Reading::Duplicate(_) | Reading::Invalid(_) => None,
        });
        self.start.iter().chain(new)
    }

    /// The best point: the lowest value, then the earliest.
    pub fn best(&self) -> Option<&Evaluated<P>> {
        self.evaluated().reduce(|best, next| if next.value < best.value { next } else { best })
    }
}

/// What to do now.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Put this meta-prompt to the model, as often as the settings say, and [`Search::read`] the
    /// replies.
    Ask(String),
    /// Nothing more: a proposal of this step, counted from 1, solved the problem.
    Solved {
        /// The number of the step.
        step: usize,
    },
    /// Nothing more: the steps ran out.
    OutOfSteps,
}

/// The search on one problem; it holds nothing that its [`Progress`] does not.
///
/// ```
/// use motjuste::random::Streams;
/// use motjuste_problems::linear_regression::{Instance, LinearRegression};
/// use motjuste_problems::{Next, Search, Settings};
/// let instance = Instance::draw([15.0, 14.0], Streams::new(0));
/// let problem = LinearRegression::new(instance.clone());
/// let search = Search::new(&problem, Settings::default());
/// let mut progress = search.begin(instance.start);
/// let Next::Ask(_meta_prompt) = search.next(&progress).unwrap() else { panic!("nothing to ask") };
/// let step = search.read(&progress, vec!["lower both: [15, 14]".to_owned()]);
/// progress.steps.push(step);
/// assert!(matches!(search.next(&progress).unwrap(), Next::Solved { step: 1 }));
/// ```
#[derive(Debug)]
pub struct Search<'a, Q> {
    problem: &'a Q,
    /// How the search asks.
    pub settings: Settings,
}

impl<'a, Q: Problem> Search<'a, Q> {
    /// A search on `problem`.
    pub fn new(problem: &'a Q, settings: Settings) -> Self {
        Self { problem, settings }
    }

    /// The progress before the first step.
    pub fn begin(&self, start: Vec<Q::Point>) -> Progress<Q::Point> {
        let start = start.into_iter().map(|point| self.evaluate(point)).collect();
        Progress { start, steps: Vec::new() }
    }

    /// The next meta-prompt, or why there is none.
    ///
    /// # Errors
    /// As [`Problem::meta_prompt`].
    pub fn next(&self, progress: &Progress<Q::Point>) -> Result<Next> {
        let solves = |step: &Step<Q::Point>| {
            let mut points = step.replies.iter().filter_map(|(_, reading)| reading.point());
            points.any(|point| self.problem.is_solved(point))
        };
        if let Some(index) = progress.steps.iter().position(solves) {
            return Ok(Next::Solved { step: index + 1 });
        }
        if progress.steps.len() >= self.settings.steps {
            return Ok(Next::OutOfSteps);
        }
        let evaluated: Vec<_> = progress.evaluated().cloned().collect();
        self.problem.meta_prompt(&evaluated).map(Next::Ask)
    }

    /// The next step of `progress`, made of the model's replies in the order of the calls.
    pub fn read(&self, progress: &Progress<Q::Point>, replies: Vec<String>) -> Step<Q::Point> {
        let mut evaluated: Vec<_> = progress.evaluated().cloned().collect();
        let mut read = |reply: String| {
            let reading = self.read_one(&reply, &evaluated);
            if let Reading::New(point) = &reading {
                evaluated.push(point.clone());
            }
            (reply, reading)
        };
        Step { replies: replies.into_iter().map(&mut read).collect() }
    }

    fn read_one(&self, reply: &str, evaluated: &[Evaluated<Q::Point>]) -> Reading<Q::Point> {
        match self.problem.read(reply) {
            Err(reason) => Reading::Invalid(reason),
            Ok(point) => match evaluated.iter().find(|earlier| earlier.point == point) {
                Some(earlier) => Reading::Duplicate(earlier.clone()),
                None => Reading::New(self.evaluate(point)),
            },
        }
    }

    fn evaluate(&self, point: Q::Point) -> Evaluated<Q::Point> {
        Evaluated { value: self.problem.value(&point), point }
    }
}
