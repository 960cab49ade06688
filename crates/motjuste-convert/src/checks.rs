//! Checks of promptfoo's kinds as metrics: a built-in one where it does the very same, else a program in the
//! folder that reads each row's own checks.

use std::collections::BTreeMap;

use motjuste::task::Columns;
use serde_json::{Value, json};

use crate::draft::{CHECKS, MetricDraft};
use crate::fields;

/// The kinds that the program of the folder knows; `not-` may stand in front of each.
pub(crate) const KINDS: [&str; 15] = [
    "equals",
    "contains",
    "icontains",
    "contains-any",
    "icontains-any",
    "contains-all",
    "icontains-all",
    "starts-with",
    "regex",
    "is-json",
    "contains-json",
    "levenshtein",
    "javascript",
    "python",
    "assert-set",
];

/// Whether the program knows a kind of check.
pub(crate) fn is_known(kind: &str) -> bool {
    KINDS.contains(&kind.strip_prefix("not-").unwrap_or(kind))
}

/// The built-in metric that does for these expected texts what a check of this kind does.
pub(crate) fn built_in(kind: &str, texts: &[&str]) -> Option<MetricDraft> {
    let is_plain = |text: &&str| regex::escape(text) == **text && !text.trim().is_empty();
    let is_pattern = |text: &&str| regex::Regex::new(text).is_ok() && !text.trim().is_empty();
    let regex = |settings| Some(MetricDraft::Named("regex".into(), settings));
    match kind {
        "equals" if texts.iter().all(|text| !text.trim().is_empty()) => Some(MetricDraft::EXACT),
        "contains" if texts.iter().all(is_plain) => regex(Vec::new()),
        "icontains" if texts.iter().all(is_plain) => {
            regex(vec![("ignore_case", Value::from(true))])
        }
        "regex" if texts.iter().all(is_pattern) => regex(Vec::new()),
        _ => None,
    }
}

/// The program that reads each row's checks, with its files; further files are those that checks call.
pub(crate) fn program(further: &[String]) -> (MetricDraft, BTreeMap<String, String>) {
    let words = ["python3", "checks.py", "checks.js"].into_iter().map(str::to_owned);
    let files = [
        ("checks.py", include_str!("texts/checks.py")),
        ("checks.js", include_str!("texts/checks.js")),
    ];
    let command = words.chain(further.iter().cloned()).collect();
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    (MetricDraft::Program(command), BTreeMap::from(files))
}

/// A metric that makes the same kind of check in every row, with the text in a column.
pub(crate) fn same_for_all(
    rows: &mut [Columns],
    kind: &str,
    column: &str,
) -> (MetricDraft, BTreeMap<String, String>) {
    let texts: Vec<&str> =
        rows.iter().map(|row| fields::text_in(row, column).unwrap_or_default()).collect();
    if let Some(metric) = built_in(kind, &texts) {
        return (metric, BTreeMap::new());
    }
    for row in rows.iter_mut() {
        let value = motjuste::task::field(row, column).cloned().unwrap_or_default();
        row.insert(CHECKS.to_owned(), json!({ "checks": [{ "type": kind, "value": value }] }));
    }
    program(&[])
}
