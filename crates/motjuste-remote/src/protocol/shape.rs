//! The body of a request: ours, as the person's parameters and the server's refusals change it.

use std::collections::BTreeSet;

use motjuste::error::Setting;
use motjuste::model::Parameters;
use motjuste::{Error, Result};
use serde_json::{Map, Value};

use super::Protocol;

/// Our fields that a server may refuse and that an answer can be had without.
const OPTIONAL: [&str; 3] = ["temperature", "seed", "logprobs"];

/// The names that an answer's length has in chats.
const LENGTHS: [&str; 2] = ["max_tokens", "max_completion_tokens"];

/// Every name of an answer's length.
const ALL_LENGTHS: [&str; 5] = [
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "maxOutputTokens",
    "max_new_tokens",
];

/// What a study says itself, or what an answer could not be read with.
const RESERVED: [&str; 13] = [
    "model",
    "messages",
    "prompt",
    "input",
    "system",
    "contents",
    "systemInstruction",
    "system_instruction",
    "stream",
    "n",
    "best_of",
    "candidateCount",
    "echo",
];

/// Where Gemini has its parameters.
const GEMINI: &str = "generationConfig";

/// Gemini's parameters that are told without their table.
const GEMINI_FIELDS: [&str; 13] = [
    "temperature",
    "topP",
    "topK",
    "seed",
    "stopSequences",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "responseModalities",
    "presencePenalty",
    "frequencyPenalty",
    "thinkingConfig",
    "logprobs",
];

/// How the body of a model's requests differs from ours.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    protocol: Protocol,
    fields: Map<String, Value>,
    /// What the person calls an answer's length.
    length: Option<&'static str>,
}

/// A body, and the fields of it that could be left out or called otherwise.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) value: Value,
    pub(crate) optional: Vec<&'static str>,
}

impl Shape {
    /// # Errors
    /// [`Error::is_configuration`] when a parameter is none that a person can set.
    pub(crate) fn new(protocol: Protocol, parameters: &Parameters) -> Result<Self> {
        let mut fields = parameters.fields.clone();
        refuse_reserved(&fields)?;
        let length = take_length(protocol, &mut fields)?;
        if protocol == Protocol::Gemini {
            gather(&mut fields)?;
        }
        Ok(Self { protocol, fields, length })
    }

    /// The value of a top-level field.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// Our body in this shape, without what the server has refused. The answer may have `thinking` tokens more.
    pub(crate) fn body(
        &self,
        mut value: Value,
        thinking: usize,
        refused: &BTreeSet<&'static str>,
    ) -> Body {
        let mut optional = Vec::new();
        if let Some(ours) = settings(self.protocol, &mut value) {
            optional.extend(self.lengthen(ours, thinking, refused));
            for name in OPTIONAL {
                if refused.contains(name) {
                    ours.remove(name);
                }
                optional.extend(ours.contains_key(name).then_some(name));
            }
        }
        let given = self.given();
        optional.retain(|name| !given.contains_key(*name));
        if let Value::Object(body) = &mut value {
            merge(body, &self.fields);
        }
        Body { value, optional }
    }

    /// The fields where ours are that a server may refuse.
    fn given(&self) -> Map<String, Value> {
        match self.protocol {
            Protocol::Gemini => {
                self.fields.get(GEMINI).and_then(Value::as_object).cloned().unwrap_or_default()
            }
            _ => self.fields.clone(),
        }
    }

    /// Adds what thinking may take to an answer's length, and calls it as the person or the server wants it. The
    /// name, where it might be the other one.
    fn lengthen(
        &self,
        ours: &mut Map<String, Value>,
        thinking: usize,
        refused: &BTreeSet<&'static str>,
    ) -> Option<&'static str> {
        let key = ALL_LENGTHS.into_iter().find(|key| ours.contains_key(*key))?;
        let length = ours.remove(key)?.as_u64()? + thinking as u64;
        let other = LENGTHS.into_iter().find(|name| *name != key && LENGTHS.contains(&key));
        let is_chat = self.protocol == Protocol::Chat;
        let name = match (self.length, other.filter(|_| is_chat)) {
            (Some(name), _) => name,
            (None, Some(other)) if refused.contains(key) && !refused.contains(other) => other,
            _ => key,
        };
        ours.insert(name.to_owned(), length.into());
        let may_change =
            is_chat && self.length.is_none() && !LENGTHS.iter().any(|name| refused.contains(name));
        may_change.then_some(name)
    }
}

/// Where a protocol has an answer's length and temperature.
fn settings(protocol: Protocol, body: &mut Value) -> Option<&mut Map<String, Value>> {
    match protocol {
        Protocol::Gemini => body.get_mut(GEMINI)?.as_object_mut(),
        _ => body.as_object_mut(),
    }
}

/// Puts fields over those of a table, table by table; null takes a field away.
fn merge(into: &mut Map<String, Value>, fields: &Map<String, Value>) {
    for (name, value) in fields {
        match (into.get_mut(name), value) {
            (_, Value::Null) => drop(into.remove(name)),
            (Some(Value::Object(inner)), Value::Object(fields)) => merge(inner, fields),
            _ => drop(into.insert(name.clone(), value.clone())),
        }
    }
}

fn refuse(name: &str, why: &str) -> Error {
    Error::configuration(format!("{name} cannot be a parameter: {why}"))
        .with_help("leave it out of the parameters")
        .with_setting(Setting::Parameters)
}

fn refuse_reserved(fields: &Map<String, Value>) -> Result<()> {
    let reserved = RESERVED.into_iter().find(|name| fields.contains_key(*name));
    reserved.map_or(Ok(()), |name| {
        Err(refuse(name, "the task and the study say it, or an answer could not be read"))
    })
}

/// The name of an answer's length, where the person wants a certain one; the length itself is not theirs to set,
/// because what an answer may cost is known before it is asked for.
fn take_length(
    protocol: Protocol,
    fields: &mut Map<String, Value>,
) -> Result<Option<&'static str>> {
    let inner = fields.get(GEMINI).and_then(Value::as_object);
    if let Some(name) =
        ALL_LENGTHS.into_iter().find(|&name| inner.is_some_and(|it| it.contains_key(name)))
    {
        return Err(length_is_elsewhere(name));
    }
    let Some(name) = ALL_LENGTHS.into_iter().find(|name| fields.contains_key(*name)) else {
        return Ok(None);
    };
    if fields.remove(name) != Some(Value::Bool(true)) {
        return Err(length_is_elsewhere(name));
    }
    match (protocol, LENGTHS.contains(&name)) {
        (Protocol::Chat, true) => Ok(Some(name)),
        _ => Err(refuse(name, "an answer's length has another name in this interface")),
    }
}

fn length_is_elsewhere(name: &str) -> Error {
    Error::configuration(format!(
        "{name} is no parameter: an answer's length has a setting of its own"
    ))
    .with_help(format!("set that; {name} = true says how the length is called"))
    .with_setting(Setting::AnswerTokens)
}

/// Gemini's parameters go into their table, however they were given.
fn gather(fields: &mut Map<String, Value>) -> Result<()> {
    let table = fields.entry(GEMINI).or_insert_with(|| Value::Object(Map::new()));
    let Value::Object(mut table) = table.take() else {
        return Err(refuse(GEMINI, "it is a table"));
    };
    for name in GEMINI_FIELDS {
        table.extend(fields.remove(name).map(|value| (name.to_owned(), value)));
    }
    refuse_reserved(&table)?;
    fields.insert(GEMINI.to_owned(), Value::Object(table));
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape(protocol: Protocol, fields: &str) -> Result<Shape> {
        Shape::new(protocol, &Parameters::parse(fields)?)
    }

    fn body(protocol: Protocol, fields: &str, ours: Value, refused: &[&'static str]) -> Value {
        let refused = refused.iter().copied().collect();
        shape(protocol, fields).unwrap().body(ours, 5, &refused).value
    }

    #[test]
    fn parameters_go_over_our_fields_table_by_table() {
        let ours = json!({"model": "m", "max_tokens": 8, "temperature": 0.0});
        let given = r#"{"temperature": null, "a": {"b": null}, "max_completion_tokens": true}"#;
        let expected = json!({"model": "m", "max_completion_tokens": 13, "a": {"b": null}});
        assert_eq!(body(Protocol::Chat, given, ours, &[]), expected);
        let ours =
            json!({"contents": [], "generationConfig": {"maxOutputTokens": 8, "temperature": 0.0}});
        let given =
            r#"{"temperature": null, "generationConfig": {"responseSchema": {"type": "OBJECT"}}}"#;
        let config = json!({"maxOutputTokens": 13, "responseSchema": {"type": "OBJECT"}});
        let expected = json!({"contents": [], "generationConfig": config});
        assert_eq!(body(Protocol::Gemini, given, ours, &[]), expected);
    }

    #[test]
    fn what_was_refused_is_left_out_and_a_length_only_called_otherwise() {
        let ours = || json!({"max_tokens": 8, "temperature": 0.0, "seed": 3});
        let sent = body(Protocol::Chat, "{}", ours(), &["max_tokens", "temperature"]);
        assert_eq!(sent, json!({"max_completion_tokens": 13, "seed": 3}));
        let sent = body(Protocol::Chat, "{}", ours(), &["max_tokens", "max_completion_tokens"]);
        assert_eq!(sent["max_tokens"], 13);
        let chat = shape(Protocol::Chat, r#"{"seed": 1}"#).unwrap();
        let optional = |refused: &[&'static str]| {
            chat.body(ours(), 0, &refused.iter().copied().collect()).optional
        };
        assert_eq!(optional(&[]), ["max_tokens", "temperature"]);
        assert_eq!(optional(&["max_tokens", "temperature"]), [""; 0]);
    }

    #[test]
    fn what_the_study_says_is_no_parameter() {
        let fields = [
            r#"{"messages": []}"#,
            r#"{"stream": true}"#,
            r#"{"n": 2}"#,
            r#"{"max_tokens": 100}"#,
            r#"{"max_completion_tokens": null}"#,
            r#"{"maxOutputTokens": true}"#,
            r#"{"generationConfig": {"maxOutputTokens": 9}}"#,
        ];
        for fields in fields {
            let error = shape(Protocol::Chat, fields).unwrap_err();
            assert!(error.is_configuration() && error.setting().is_some(), "{fields}");
        }
        assert!(shape(Protocol::Anthropic, r#"{"max_completion_tokens": true}"#).is_err());
        assert!(shape(Protocol::Gemini, r#"{"generationConfig": {"candidateCount": 2}}"#).is_err());
    }
}
