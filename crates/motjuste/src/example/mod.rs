//! One row of a task.

mod field;
mod turns;

pub use field::field;
pub(crate) use field::{lines, paths, scalar_in, text_of};
pub(crate) use turns::turns;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The columns of a row by name, as its file has them.
pub type Columns = Map<String, Value>;

/// One row: an input with every output that counts as right, and whatever else its file says of it.
///
/// ```
/// use motjuste::task::Example;
/// let row = Example::new("hot", ["cold", "icy"]);
/// assert_eq!((row.input.as_str(), row.outputs.len()), ("hot", 2));
/// assert!(row.columns.is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// What the target is given.
    pub input: String,
    /// What it may answer: alternatives, the first of which is shown in demonstrations. Empty where the
    /// metric reads no expected output. A list or a JSON value that is one answer is its JSON text.
    pub outputs: Vec<String>,
    /// Every column of the row, input and output among them; empty for a row made in code.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub columns: Columns,
}

impl Example {
    /// A row without further columns.
    pub fn new(
        input: impl Into<String>,
        outputs: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let outputs = outputs.into_iter().map(Into::into).collect();
        Self { input: input.into(), outputs, columns: Columns::new() }
    }

    /// The same row with these columns.
    #[must_use]
    pub fn with_columns(self, columns: Columns) -> Self {
        Self { columns, ..self }
    }
}
