//! The cells `__expected` of a table of tests: an assertion as a text.

use serde_json::{Value, json};

/// Kinds of assertions that a model grades.
pub(super) const GRADED: [&str; 10] = [
    "llm-rubric",
    "g-eval",
    "model-graded-closedqa",
    "factuality",
    "model-graded-factuality",
    "answer-relevance",
    "context-faithfulness",
    "context-recall",
    "context-relevance",
    "select-best",
];

/// Kinds that neither a program of the folder nor a rubric stands for.
const OTHERS: [&str; 19] = [
    "similar",
    "cost",
    "latency",
    "perplexity",
    "perplexity-score",
    "classifier",
    "moderation",
    "rouge-n",
    "bleu",
    "gleu",
    "meteor",
    "webhook",
    "is-refusal",
    "is-valid-openai-function-call",
    "is-valid-openai-tools-call",
    "is-sql",
    "contains-sql",
    "is-xml",
    "contains-xml",
];

/// The assertion in a cell, such as `icontains: refund`, `similar(0.8): …`, `fn: output.length < 9`; a text
/// without a kind in front is what the answer must equal.
pub(super) fn assertion(cell: &str) -> Value {
    let (head, value) =
        cell.split_once(':').map_or((cell, None), |(head, value)| (head, Some(value)));
    let (name, threshold) = match head.trim().strip_suffix(')').and_then(|it| it.split_once('(')) {
        Some((name, number)) => (name, number.trim().parse::<f64>().ok()),
        None => (head.trim(), None),
    };
    let kind = match name {
        "fn" | "eval" | "js" => "javascript",
        "grade" => "llm-rubric",
        other => other,
    };
    let text = value.map(str::trim).filter(|it| !it.is_empty());
    if cell.trim_start().starts_with("file://") {
        let kind = if cell.contains(".py") { "python" } else { "javascript" };
        return json!({ "type": kind, "value": cell.trim() });
    }
    if !is_kind(kind) {
        return json!({ "type": "equals", "value": cell });
    }
    let value = value_of(kind, text);
    let mut assert = json!({ "type": kind, "value": value });
    if let Some(threshold) = threshold {
        assert["threshold"] = threshold.into();
    }
    assert
}

/// What stands behind the kind: a list, a schema or a text.
fn value_of(kind: &str, text: Option<&str>) -> Value {
    match kind.trim_start_matches("not-") {
        "contains-any" | "contains-all" | "icontains-any" | "icontains-all" => {
            Value::from_iter(text.unwrap_or_default().split(',').map(str::trim))
        }
        "is-json" | "contains-json" => {
            text.map_or(Value::Null, |it| serde_saphyr::from_str(it).unwrap_or_else(|_| it.into()))
        }
        _ => text.map_or(Value::Null, Value::from),
    }
}

fn is_kind(kind: &str) -> bool {
    let plain = kind.strip_prefix("not-").unwrap_or(kind);
    crate::checks::is_known(plain) || GRADED.contains(&plain) || OTHERS.contains(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_assertions() {
        let of = |cell: &str| {
            let it = assertion(cell);
            (it["type"].as_str().unwrap().to_owned(), it["value"].clone())
        };
        assert_eq!(of("icontains: refund"), ("icontains".into(), json!("refund")));
        assert_eq!(of("not-contains:x"), ("not-contains".into(), json!("x")));
        assert_eq!(of("contains-any: a, b"), ("contains-any".into(), json!(["a", "b"])));
        assert_eq!(of("fn: output.length < 9"), ("javascript".into(), json!("output.length < 9")));
        assert_eq!(of("Note: late"), ("equals".into(), json!("Note: late")));
        assert_eq!(of("is-json"), ("is-json".into(), Value::Null));
        assert_eq!(assertion("similar(0.9): x")["threshold"], 0.9);
    }
}
