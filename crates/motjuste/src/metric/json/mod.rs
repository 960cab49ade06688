//! A JSON value, or fields of one.

mod found;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::Reply;
use super::reading::{Read, answer_alone};
use super::{Expects, Metric, feedback, identity};
use crate::verdict::Verdict;
use crate::{Error, Result};
use found::{Found, found};

/// 1 when the answer is the accepted JSON value: the order of keys does not matter, numbers are compared as
/// numbers. With fields named, the share of these that are right, whatever else stands in the answer.
///
/// The value is the whole answer; or the one object or list in it, with a sentence or a code fence around. An
/// answer that holds two values which differ is wrong, and so is one whose JSON has no end.
///
/// ```
/// use motjuste::metric::{Json, Metric, answer::Reply};
/// let metric = Json { fields: vec!["queue".into(), "user.id".into()] };
/// let accepted = [r#"{"queue": "login", "user": {"id": 7}}"#.to_owned()];
/// let verdict = metric.judge(&Reply::of(r#"{"user": {"id": 7.0}, "queue": "refund"}"#), &accepted);
/// assert_eq!(verdict.score, Some(0.5));
/// assert_eq!(verdict.feedback.as_deref(), Some("queue: read \"refund\"; accepted: \"login\""));
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Json {
    /// The fields that are compared, in place of the whole value; a path has points: `user.id`, `items.0`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

impl Json {
    fn judge_one(&self, read: &Value, output: &str) -> Verdict {
        let Ok(accepted) = serde_json::from_str::<Value>(output) else {
            return Verdict::missing("the expected output is no JSON");
        };
        if self.fields.is_empty() {
            return Verdict::from(is_same(read, &accepted))
                .or_feedback(|| difference(read, &accepted));
        }
        let wrong: Vec<&String> =
            self.fields.iter().filter(|path| !agrees(path, read, &accepted)).collect();
        let right = self.fields.len() - wrong.len();
        Verdict::from(right as f64 / self.fields.len() as f64).or_feedback(|| {
            let said = wrong.iter().map(|path| differs(path, at(path, read), at(path, &accepted)));
            said.collect::<Vec<_>>().join("; ")
        })
    }
}

impl Metric for Json {
    fn id(&self) -> String {
        identity::id("json", self)
    }

    fn expects(&self) -> Expects {
        Expects::LISTS
    }

    fn check_settings(&self) -> Result<()> {
        let mut fields = self.fields.clone();
        fields.sort();
        fields.dedup();
        match fields.len() == self.fields.len() && !fields.iter().any(String::is_empty) {
            true => Ok(()),
            false => {
                Err(Error::configuration("a field of the metric json is empty or named twice")
                    .with_help("name every field once, such as fields = [\"queue\", \"user.id\"]"))
            }
        }
    }

    fn check_output(&self, output: &str) -> Result<()> {
        let value: Value = serde_json::from_str(output).map_err(|error| {
            Error::data(format!("the expected output is no JSON: {error}"))
                .with_help("write a JSON value, or use another metric")
        })?;
        match self.fields.iter().find(|path| at(path, &value).is_none()) {
            None => Ok(()),
            Some(path) => Err(Error::data(format!("the expected output has no field {path:?}"))
                .with_help("add it to the row, or leave it out of the metric's fields")),
        }
    }

    fn judge(&self, reply: &Reply<'_>, accepted: &[String]) -> Verdict {
        let Read::Answer(text) = answer_alone(reply.text) else {
            return Verdict::from(0.0).with_feedback(feedback::nothing("JSON", accepted));
        };
        match found(text) {
            Found::One(read, place) => {
                feedback::best(accepted, |output| self.judge_one(&read, output))
                    .reading(Some(place.to_owned()))
            }
            Found::None if text.is_empty() => feedback::judged(false, "", accepted),
            Found::None => Verdict::from(0.0).with_feedback(no_json(text)),
            Found::Several(places) => Verdict::from(0.0).with_feedback(format!(
                "{} JSON values found, {}; accepted: {}",
                places.len(),
                feedback::list(places),
                feedback::either(accepted)
            )),
        }
    }
}

/// Why a text is read as no JSON.
fn no_json(text: &str) -> String {
    let begins = text.find(['{', '[']).unwrap_or_default();
    let error = serde_json::from_str::<Value>(&text[begins..]).err();
    let why = error.map_or_else(String::new, |error| format!(" ({error})"));
    format!("the answer is no JSON{why}: {}", feedback::quoted(text))
}

/// The value at a path of keys and indices.
fn at<'a>(path: &str, value: &'a Value) -> Option<&'a Value> {
    // A key may have points of its own.
    if let Some(found) = value.get(path) {
        return Some(found);
    }
    path.split('.').try_fold(value, |value, key| match value {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        other => other.get(key),
    })
}

fn agrees(path: &str, read: &Value, accepted: &Value) -> bool {
    matches!((at(path, read), at(path, accepted)), (Some(read), Some(accepted)) if is_same(read, accepted))
}

/// Whether two values are the same: numbers by their value, objects without order.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || (a.as_f64() == b.as_f64() && (a.is_f64() || b.is_f64()))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// Where two values first differ, as far as their keys go.
fn difference(read: &Value, accepted: &Value) -> String {
    let (Value::Object(left), Value::Object(right)) = (read, accepted) else {
        return format!("read {}; accepted: {}", shown(read), shown(accepted));
    };
    let keys = right.keys().chain(left.keys().filter(|key| !right.contains_key(*key)));
    let differing = keys.filter(|key| match (left.get(*key), right.get(*key)) {
        (Some(a), Some(b)) => !is_same(a, b),
        _ => true,
    });
    let said = differing.map(|key| differs(key, left.get(key), right.get(key)));
    said.collect::<Vec<_>>().join("; ")
}

fn differs(path: &str, read: Option<&Value>, accepted: Option<&Value>) -> String {
    match (read, accepted) {
        (Some(read), Some(accepted)) => {
            format!("{path}: read {}; accepted: {}", shown(read), shown(accepted))
        }
        (Some(read), None) => format!("{path}: surplus {}", shown(read)),
        (None, Some(accepted)) => format!("{path}: missing; accepted: {}", shown(accepted)),
        (None, None) => format!("{path}: missing"),
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(metric: &Json, text: &str, accepted: &str) -> Verdict {
        metric.judge(&Reply::of(text), &[accepted.to_owned()])
    }

    #[test]
    fn values_are_compared_by_structure() {
        let whole = Json::default();
        for (text, accepted, score) in [
            (r#"{"b": 1.0, "a": [1, "x"]}"#, r#"{"a":[1,"x"],"b":1}"#, 1.0),
            ("```json\n{\"a\": null}\n```", r#"{"a": null}"#, 1.0),
            ("[1, 2]", "[2, 1]", 0.0),
            (r#"{"town": "St. Anton"}"#, r#"{"town": "St. Johann"}"#, 0.0),
            (r#"{"a": 1, "b": 2}"#, r#"{"a": 1}"#, 0.0),
            (r#"{"a": "1"}"#, r#"{"a": 1}"#, 0.0),
            ("9007199254740993", "9007199254740992", 0.0),
            ("", "[]", 0.0),
        ] {
            let verdict = verdict(&whole, text, accepted);
            assert_eq!(verdict.score, Some(score), "{text} {accepted}");
            assert_eq!(verdict.feedback.is_none(), score == 1.0, "{text} {accepted}");
        }
        let said = verdict(&whole, r#"{"a": 1, "b": 2}"#, r#"{"a": 3, "c": 4}"#).feedback.unwrap();
        assert_eq!(said, "a: read 1; accepted: 3; c: missing; accepted: 4; b: surplus 2");
        let said = verdict(&whole, "Sure! {\"a\": 1", "{}").feedback.unwrap();
        assert!(said.starts_with("the answer is no JSON (EOF while parsing"), "{said}");
        let right = verdict(&whole, "Sure! Here it is:\n{\"a\": 1}", "{\"a\": 1}");
        assert_eq!((right.score, right.read.as_deref()), (Some(1.0), Some("{\"a\": 1}")));
        let said = verdict(&whole, "{\"a\": 1} or {\"a\": 2}", "{\"a\": 1}").feedback.unwrap();
        assert!(said.starts_with("2 JSON values found, \"{"), "{said}");
    }

    #[test]
    fn fields_have_their_share() {
        let metric = Json { fields: vec!["a".into(), "b.0.c".into()] };
        let accepted = r#"{"a": 1, "b": [{"c": 2}]}"#;
        let score = |text| verdict(&metric, text, accepted).score.unwrap();
        assert_eq!(score(r#"{"a": 1, "b": [{"c": 2}], "d": 0}"#), 1.0);
        assert_eq!(score(r#"{"b": [{"c": 2}]}"#), 0.5);
        assert_eq!(score("{}"), 0.0);
        assert!(metric.check_output(r#"{"a": 1}"#).unwrap_err().to_string().contains("b.0.c"));
        assert!(metric.check_output("a: 1").unwrap_err().is_data());
        assert!(Json { fields: vec!["a".into(), "a".into()] }.check_settings().is_err());
    }
}
