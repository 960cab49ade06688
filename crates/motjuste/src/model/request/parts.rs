//! What a prompt was made of.

use serde::{Deserialize, Serialize};

use crate::example::{Columns, Example};

/// What the prompt of a request was made of: the instruction, and the row that it is applied to.
///
/// ```
/// use motjuste::model::Parts;
/// use motjuste::task::Example;
/// let parts = Parts::of("Say the opposite.", &Example::new("hot", ["cold"]), &[]);
/// assert_eq!(parts.columns["input"], "hot");
/// assert!(!parts.columns.contains_key("output"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parts {
    /// The instruction.
    pub instruction: String,
    /// The row's columns, without those that hold the expected output.
    pub columns: Columns,
}

impl Parts {
    /// The parts of a prompt that applies `instruction` to `row`. Columns named in `hidden` are left out, a
    /// nested field by its path (`expected.label`). A row without columns has its input as `input`.
    pub fn of(instruction: &str, row: &Example, hidden: &[String]) -> Self {
        let mut columns = row.columns.clone();
        hidden.iter().for_each(|path| hide(&mut columns, path));
        if row.columns.is_empty() {
            columns.insert("input".to_owned(), row.input.clone().into());
        }
        Self { instruction: instruction.to_owned(), columns }
    }

    /// The bytes of all its texts, as JSON.
    pub(super) fn bytes(&self) -> usize {
        // Serialising plain data to memory has no way to fail.
        serde_json::to_vec(self).map_or(0, |text| text.len())
    }
}

/// Takes out the column of this name, or the field at this path.
fn hide(columns: &mut Columns, path: &str) {
    if columns.remove(path).is_some() {
        return;
    }
    if let Some((first, rest)) = path.split_once('.')
        && let Some(inner) = columns.get_mut(first).and_then(serde_json::Value::as_object_mut)
    {
        hide(inner, rest);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_expected_output_is_hidden_wherever_it_is() {
        let columns =
            json!({ "q": "2+2", "gold": "4", "expected": { "label": "4", "why": "sum" } });
        let row = Example::new("2+2", ["4"]).with_columns(columns.as_object().unwrap().clone());
        let hidden = ["gold", "expected.label", "absent.too"].map(str::to_owned);
        let parts = Parts::of("Add.", &row, &hidden);
        let left = json!({ "q": "2+2", "expected": { "why": "sum" } });
        assert_eq!(serde_json::Value::from(parts.columns), left);
    }
}
