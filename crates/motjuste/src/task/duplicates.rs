//! Inputs that stand in two splits.

use std::collections::HashSet;

use super::split::Splits;
use crate::example::Example;

/// The splits without the rows whose input stands in a later one (test after dev after train), and how
/// many those were: what proves the result is kept.
pub(super) fn without_leaks([train, dev, test]: Splits) -> (Splits, usize) {
    let mut kept = HashSet::new();
    let before = train.len() + dev.len() + test.len();
    let mut tidy = |rows: Vec<Example>| -> Vec<Example> {
        let rows: Vec<Example> =
            rows.into_iter().filter(|row| !kept.contains(row.input.trim())).collect();
        kept.extend(rows.iter().map(|row| row.input.trim().to_owned()));
        rows
    };
    let (test, dev, train) = (tidy(test), tidy(dev), tidy(train));
    let dropped = before - train.len() - dev.len() - test.len();
    ([train, dev, test], dropped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proves_the_result_is_kept() {
        let rows = |inputs: &[&str]| -> Vec<Example> {
            inputs.iter().map(|input| Example::new(*input, ["x"])).collect()
        };
        let (splits, dropped) =
            without_leaks([rows(&["a", "b", "c"]), rows(&["b ", "d", "d"]), rows(&["c"])]);
        assert_eq!(splits.map(|rows| rows.len()), [1, 3, 1]);
        assert_eq!(dropped, 2);
    }
}
