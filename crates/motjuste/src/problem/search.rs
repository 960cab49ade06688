//! The loop of OPRO on a mathematical problem, between the calls of a model.

use serde::{Deserialize, Serialize};

use super::Problem;
use crate::Result;

/// A point and its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluated<P> {
    /// The point.
    pub point: P,
    /// Its value; lower is better.
    pub value: f64,
}

/// How the search asks, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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
    /// Each reply as it was, with its verdict.
    pub replies: Vec<(String, Verdict<P>)>,
}

/// What became of a reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict<P> {
    /// A new point, evaluated.
    Accepted(Evaluated<P>),
    /// A point that was evaluated before, in this step or earlier; it costs no evaluation.
    Known(Evaluated<P>),
    /// No point: the reason.
    Refused(String),
}

impl<P> Verdict<P> {
    fn point(&self) -> Option<&Evaluated<P>> {
        match self {
            Self::Accepted(point) | Self::Known(point) => Some(point),
            Self::Refused(_) => None,
        }
    }
}

impl<P> Progress<P> {
    /// Every distinct point, in order of evaluation.
    pub fn known(&self) -> impl Iterator<Item = &Evaluated<P>> {
        let verdicts = self.steps.iter().flat_map(|step| &step.replies).map(|(_, verdict)| verdict);
        let accepted = verdicts.filter_map(|verdict| match verdict {
            Verdict::Accepted(point) => Some(point),
            _ => None,
        });
        self.start.iter().chain(accepted)
    }

    /// The best point: the lowest value, then the earliest.
    pub fn best(&self) -> Option<&Evaluated<P>> {
        self.known().reduce(|best, next| if next.value < best.value { next } else { best })
    }
}

/// What to do now.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Put this meta-prompt to the model, as often as the settings say, and [`Search::read`] the
    /// replies.
    Ask(String),
    /// Nothing more.
    End(End),
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// A proposal solved the problem after so many steps.
    Solved {
        /// The number of the step, from 1.
        steps: usize,
    },
    /// The steps ran out.
    Steps,
}

/// The search on one problem; it holds nothing that its [`Progress`] does not.
///
/// ```
/// use motjuste::problem::linear_regression::{Instance, LinearRegression};
/// use motjuste::problem::{Next, Search, Settings};
/// use motjuste::random::Streams;
/// let instance = Instance::draw([15.0, 14.0], Streams::new(0));
/// let problem = LinearRegression::new(instance.clone());
/// let search = Search::new(&problem, Settings::default());
/// let mut progress = search.begin(instance.start);
/// let Next::Ask(_meta_prompt) = search.next(&progress).unwrap() else { panic!("nothing to ask") };
/// let step = search.read(&progress, vec!["lower both: [15, 14]".to_owned()]);
/// progress.steps.push(step);
/// assert!(matches!(search.next(&progress).unwrap(), Next::End(_)));
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
            let points = step.replies.iter().filter_map(|(_, verdict)| verdict.point());
            points.into_iter().any(|point| self.problem.is_solved(point))
        };
        if let Some(place) = progress.steps.iter().position(solves) {
            return Ok(Next::End(End::Solved { steps: place + 1 }));
        }
        if progress.steps.len() >= self.settings.steps {
            return Ok(Next::End(End::Steps));
        }
        let known: Vec<_> = progress.known().cloned().collect();
        self.problem.meta_prompt(&known).map(Next::Ask)
    }

    /// The next step of `progress`, made of the model's replies in the order of the calls.
    pub fn read(&self, progress: &Progress<Q::Point>, replies: Vec<String>) -> Step<Q::Point> {
        let mut known: Vec<_> = progress.known().cloned().collect();
        let mut judge = |reply: String| {
            let verdict = self.judge(&reply, &known);
            if let Verdict::Accepted(point) = &verdict {
                known.push(point.clone());
            }
            (reply, verdict)
        };
        Step { replies: replies.into_iter().map(&mut judge).collect() }
    }

    fn judge(&self, reply: &str, known: &[Evaluated<Q::Point>]) -> Verdict<Q::Point> {
        match self.problem.read(reply) {
            Err(reason) => Verdict::Refused(reason),
            Ok(point) => match known.iter().find(|earlier| earlier.point == point) {
                Some(earlier) => Verdict::Known(earlier.clone()),
                None => Verdict::Accepted(self.evaluate(point)),
            },
        }
    }

    fn evaluate(&self, point: Q::Point) -> Evaluated<Q::Point> {
        Evaluated { value: self.problem.value(&point), point }
    }
}

/// The `count` best of the points, the worst of them first; of equals the earlier is the better.
pub(super) fn worst_first<P>(known: &[Evaluated<P>], count: usize) -> Vec<&Evaluated<P>> {
    let mut shown: Vec<_> = known.iter().collect();
    shown.sort_by(|a, b| a.value.total_cmp(&b.value));
    shown.truncate(count);
    shown.reverse();
    shown
}
