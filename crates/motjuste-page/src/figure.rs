//! Key figures: the results that stand out.

use serde::Serialize;

/// A key figure: one number, its name, and what it is made of.
///
/// ```
/// use motjuste_page::Figure;
/// let figure = Figure::new("trials", "150".into(), "in 6 steps".into());
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    name: &'static str,
    value: String,
    note: String,
}

impl Figure {
    /// A number as it is shown, with a note below it.
    pub fn new(name: &'static str, value: String, note: String) -> Self {
        Self { name, value, note }
    }
}
