//! Model parameters: how a model behind an API is to be asked, beyond the prompt.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Error, Result};

/// The longest text that is shown in a model's identity as it stands.
const SHOWN: usize = 16;

/// The model parameters of one role: fields of the request's body, headers, and how long to wait.
///
/// They are part of a model's [id](super::Model::id), so answers with other parameters are never mixed.
///
/// ```
/// use motjuste::model::Parameters;
/// let parameters = Parameters::parse(r#"{"temperature": null, "reasoning_effort": "low"}"#).unwrap();
/// assert_eq!(parameters.identity(), "reasoning_effort=low&temperature=null");
/// assert!(Parameters::parse("reasoning_effort=low").is_err());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Section")]
pub struct Parameters {
    /// Fields of the request's body, in the provider's own words; they win over ours, table by table. A null
    /// leaves a field of ours out.
    pub fields: Map<String, Value>,
    /// HTTP headers by name. `${NAME}` in a value stands for the environment variable `NAME`.
    pub headers: BTreeMap<String, String>,
    /// How long an answer may take, where that is not the default.
    pub timeout: Option<Duration>,
    /// Tokens that an answer may take beyond its length, for thinking; where they are given, the model is
    /// taken to reason.
    pub thinking_tokens: Option<usize>,
}

/// How the models of a task are asked, role by role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleParameters {
    /// The model being instructed.
    pub target: Parameters,
    /// The model that writes instructions.
    pub generator: Parameters,
    /// The model that judges answers.
    pub judge: Parameters,
}

/// How a model behind an API is asked.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Section {
    /// Fields of the request's body, in the provider's own words: a table, or a JSON object as text, in
    /// which null leaves a field out.
    params: Option<Fields>,
    /// Fields of the request's body that are left out, such as temperature.
    omit: Vec<String>,
    /// HTTP headers; `${NAME}` in a value stands for an environment variable.
    headers: BTreeMap<String, String>,
    /// Seconds that an answer may take.
    timeout: Option<f64>,
    /// Name an answer's length `max_completion_tokens`, as OpenAI's reasoning models want it.
    max_completion_tokens: bool,
    /// Tokens that the model may take for thinking, on top of an answer's length.
    thinking_tokens: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "expected a table, or a JSON object as text")]
enum Fields {
    Json(String),
    Table(Map<String, Value>),
}

impl TryFrom<Section> for Parameters {
    type Error = Error;

    fn try_from(section: Section) -> Result<Self> {
        let mut fields = match section.params {
            Some(Fields::Json(text)) => Self::parse(&text)?.fields,
            Some(Fields::Table(fields)) => fields,
            None => Map::new(),
        };
        fields.extend(section.omit.into_iter().map(|name| (name, Value::Null)));
        if section.max_completion_tokens {
            fields.insert("max_completion_tokens".to_owned(), Value::Bool(true));
        }
        let (headers, thinking_tokens) = (section.headers, section.thinking_tokens);
        let timeout = section.timeout.map(seconds).transpose()?;
        Ok(Self { fields, headers, timeout, thinking_tokens })
    }
}

/// A time to wait.
fn seconds(seconds: f64) -> Result<Duration> {
    let time = Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero());
    time.ok_or_else(|| {
        Error::configuration(format!("a timeout of {seconds} seconds cannot be used"))
            .with_help("give a number of seconds above 0")
    })
}

impl Parameters {
    /// Parameters from a JSON object: fields of the request's body.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the text is no JSON object.
    pub fn parse(text: &str) -> Result<Self> {
        let fields = serde_json::from_str(text).map_err(|error| {
            Error::configuration(format!("the parameters are no JSON object: {error}"))
                .with_help(r#"write them like {"reasoning_effort": "low", "temperature": null}"#)
        })?;
        Ok(Self { fields, ..Self::default() })
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These parameters, and those of `others` where these say nothing.
    #[must_use]
    pub fn over(self, others: &Self) -> Self {
        let mut fields = others.fields.clone();
        fields.extend(self.fields);
        let mut headers = others.headers.clone();
        headers.extend(self.headers);
        Self {
            fields,
            headers,
            timeout: self.timeout.or(others.timeout),
            thinking_tokens: self.thinking_tokens.or(others.thinking_tokens),
        }
    }

    /// What of them may change an answer, as one short text that hangs neither on the order of keys nor on
    /// the values of headers, which may be secret. A value that is long is told by a hash of it.
    pub fn identity(&self) -> String {
        let fields: BTreeMap<_, _> = self.fields.iter().collect();
        let fields = fields.into_iter().map(|(name, value)| format!("{name}={}", shown(value)));
        let headers = self.headers.keys().map(|name| format!("header={}", name.to_lowercase()));
        let thinking = self.thinking_tokens.map(|tokens| format!("thinking={tokens}"));
        fields.chain(headers).chain(thinking).collect::<Vec<_>>().join("&")
    }
}

fn shown(value: &Value) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        // What looks like a number or a word of JSON would be taken for one.
        Value::String(text)
            if text.len() <= SHOWN
                && text.chars().all(is_plain)
                && serde_json::from_str::<Value>(text).is_err() =>
        {
            text.clone()
        }
        _ => format!("#{}", &blake3::hash(canonical(value).as_bytes()).to_hex()[..12]),
    }
}

/// JSON with the keys of every object in order.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> = fields.iter().collect();
            let field = |(name, value): (&String, &Value)| {
                format!("{}:{}", Value::from(name.as_str()), canonical(value))
            };
            format!("{{{}}}", fields.into_iter().map(field).collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<Parameters, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_table_says_the_same_as_json() {
        let table = table(
            "params = { reasoning_effort = \"low\" }\nomit = [\"temperature\"]\ntimeout = 2.5\n\
             max_completion_tokens = true\nthinking_tokens = 9\nheaders = { X-Team = \"${TEAM}\" }",
        )
        .unwrap();
        let json =
            r#"{"max_completion_tokens": true, "temperature": null, "reasoning_effort": "low"}"#;
        assert_eq!(table.fields, Parameters::parse(json).unwrap().fields);
        assert_eq!(table.timeout, Some(Duration::from_millis(2500)));
        let id = "max_completion_tokens=true&reasoning_effort=low&temperature=null&header=x-team";
        assert_eq!(table.identity(), format!("{id}&thinking=9"));
        let text = format!("params = '{json}'");
        assert_eq!(self::table(&text).unwrap().fields, table.fields);
    }

    #[test]
    fn what_is_no_table_of_parameters_is_refused() {
        for text in ["parms = {}", "params = 3", "params = '[1]'", "timeout = 0", "timeout = -1.0"]
        {
            assert!(table(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_identity_hangs_on_values_and_not_on_the_order_of_keys() {
        let id = |text: &str| Parameters::parse(text).unwrap().identity();
        let schema = r#"{"response_format": {"type": "json_schema", "strict": true}, "top_p": 1}"#;
        let turned = r#"{"top_p": 1, "response_format": {"strict": true, "type": "json_schema"}}"#;
        assert_eq!(id(schema), id(turned));
        assert_ne!(id(schema), id(&schema.replace("true", "false")));
        assert_ne!(id(r#"{"a": "1"}"#), id(r#"{"a": 1}"#));
        let secret = id(r#"{"api_key": "sk-0123456789-0123456789"}"#);
        assert!(!secret.contains("sk-"), "{secret}");
    }

    #[test]
    fn what_is_nearer_wins_and_the_rest_stays() {
        let far = table("params = { a = 1, b = 2 }\ntimeout = 9.0").unwrap();
        let near = Parameters::parse(r#"{"a": null}"#).unwrap().over(&far);
        assert_eq!((&near.fields["a"], &near.fields["b"]), (&Value::Null, &Value::from(2)));
        assert_eq!(near.timeout, Some(Duration::from_secs(9)));
    }
}
