//! A problem as a search sees it.

use motjuste::Result;
use serde::{Deserialize, Serialize};

/// A point and its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evaluated<P> {
    /// The point.
    pub point: P,
    /// Its value; lower is better.
    pub value: f64,
}

/// A function to be minimised by a model that only sees points and values.
pub trait Problem {
    /// What is searched for.
    type Point: Clone + PartialEq;

    /// The value at a point; lower is better.
    fn value(&self, point: &Self::Point) -> f64;

    /// What the model reads: the best of the evaluated points, the worst of them first.
    ///
    /// # Errors
    /// [`Error::is_configuration`](motjuste::Error::is_configuration) when the template cannot be filled.
    fn meta_prompt(&self, evaluated: &[Evaluated<Self::Point>]) -> Result<String>;

    /// The point that a reply proposes, or why it proposes none.
    fn read(&self, reply: &str) -> std::result::Result<Self::Point, String>;

    /// Whether nothing better is looked for.
    fn is_solved(&self, point: &Evaluated<Self::Point>) -> bool;
}

/// The `count` best of the points, the worst of them first; of equals the earlier is the better.
pub(crate) fn worst_first<P>(points: &[Evaluated<P>], count: usize) -> Vec<&Evaluated<P>> {
    let mut shown: Vec<_> = points.iter().collect();
    shown.sort_by(|a, b| a.value.total_cmp(&b.value));
    shown.truncate(count);
    shown.reverse();
    shown
}
