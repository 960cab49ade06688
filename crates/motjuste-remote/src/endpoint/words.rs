//! What a server says when it refuses, in any of the shapes that servers use.

use std::time::Duration;

use serde_json::Value;

/// The most characters of a server's message that are shown.
const LONGEST: usize = 300;

/// Codes for a field of the request that a model does not take.
const UNSUPPORTED: [&str; 5] = [
    "unsupported_parameter",
    "unsupported_value",
    "unknown_parameter",
    "unrecognized_parameter",
    "extra_forbidden",
];

/// What servers say of such a field, in lower case.
const REFUSING: [&str; 18] = [
    "unsupported",
    "not support",
    "n't support",
    "unrecognized",
    "unknown name",
    "unknown parameter",
    "unknown field",
    "not permitted",
    "not allowed",
    "not accepted",
    "not available",
    "no longer",
    "deprecated",
    "may only be set",
    "only the default",
    "cannot both",
    "cannot find field",
    "unexpected keyword",
];

/// A refusal's message and the codes beside it.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// For people; bounded, without control characters.
    pub(crate) message: String,
    marks: Vec<String>,
    /// The field of the request's body that it names, without those around it.
    field: Option<String>,
    /// How long to wait, where the body says so (Gemini).
    pub(crate) retry_after: Option<Duration>,
}

impl Words {
    pub(crate) fn read(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            // Gemini's streaming form wraps the error into a list.
            Ok(Value::Array(list)) if !list.is_empty() => Self::of(&list[0]),
            Ok(value) => Self::of(&value),
            Err(_) => Self { message: shown(&String::from_utf8_lossy(body)), ..Self::default() },
        }
    }

    pub(crate) fn of(body: &Value) -> Self {
        let error = body.get("error").filter(|error| !error.is_null()).unwrap_or(body);
        let message = ["message", "detail"].iter().find_map(|key| error.get(key));
        let message = match message.unwrap_or(error) {
            Value::String(text) => shown(text),
            other => shown(&other.to_string()),
        };
        let mut marks = Vec::new();
        for place in [Some(error), error.get("innererror")].into_iter().flatten() {
            marks.extend(["code", "type", "status"].iter().filter_map(|key| mark(place, key)));
        }
        let details = error.get("details").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        marks.extend(details.iter().flat_map(detail));
        let retry_after = details.iter().find_map(retry_delay);
        let field = field(error);
        Self { message, marks, field, retry_after }
    }

    /// Whether a field of the request's body is refused, by its name: not its value, which another could mend.
    pub(crate) fn refuses(&self, name: &str) -> bool {
        let is_refusal = UNSUPPORTED.iter().any(|code| self.has(code)) || self.says(&REFUSING);
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        is_refusal
            && (self.field.as_deref() == Some(name)
                || self.message.split(|c| !is_word(c)).any(|word| word == name))
    }

    /// Whether one of the codes is `code`.
    pub(crate) fn has(&self, code: &str) -> bool {
        self.marks.iter().any(|mark| mark == code)
    }

    /// Whether one of the codes contains `part`.
    pub(crate) fn has_like(&self, part: &str) -> bool {
        self.marks.iter().any(|mark| mark.contains(part))
    }

    /// Whether the message contains one of `phrases`, which are in lower case.
    pub(crate) fn says(&self, phrases: &[&str]) -> bool {
        let message = self.message.to_lowercase();
        phrases.iter().any(|phrase| message.contains(phrase))
    }
}

fn mark(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// OpenAI's `param`, and pydantic's `detail[].loc`.
fn field(error: &Value) -> Option<String> {
    let detail = || error.pointer("/detail/0/loc")?.as_array()?.last();
    let named = error.get("param").filter(|param| param.is_string()).or_else(detail)?.as_str()?;
    Some(named.rsplit('.').next().unwrap_or(named).to_owned())
}

/// Gemini: `ErrorInfo.reason` and `QuotaFailure.violations[].quotaId`.
fn detail(detail: &Value) -> Vec<String> {
    let violations = detail.get("violations").and_then(Value::as_array);
    let quotas = violations.into_iter().flatten().filter_map(|quota| mark(quota, "quotaId"));
    quotas.chain(mark(detail, "reason")).collect()
}

/// Gemini: `RetryInfo.retryDelay`, such as `34.07s`.
fn retry_delay(detail: &Value) -> Option<Duration> {
    let seconds = detail.get("retryDelay")?.as_str()?.strip_suffix('s')?.parse::<f64>().ok()?;
    Duration::try_from_secs_f64(seconds.min(300.0)).ok()
}

fn shown(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let text = words.join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_found_in_every_shape() {
        let shapes = [
            r#"{"error":{"message":"no","type":"t","code":"c"}}"#,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"no"}}"#,
            r#"[{"error":{"code":429,"message":"no","status":"RESOURCE_EXHAUSTED"}}]"#,
            r#"{"object":"error","message":"no"}"#,
            r#"{"error":"no"}"#,
            r#"{"detail":"no"}"#,
            "no",
        ];
        for shape in shapes {
            assert_eq!(Words::read(shape.as_bytes()).message, "no", "{shape}");
        }
    }

    #[test]
    fn codes_are_told_from_text() {
        let body = br#"{"error":{"message":"content_filter","code":400,
            "innererror":{"code":"ResponsibleAIPolicyViolation"},
            "details":[{"violations":[{"quotaId":"RequestsPerDayFree"}]},{"retryDelay":"2.5s"}]}}"#;
        let words = Words::read(body);
        assert!(words.has("400") && words.has("ResponsibleAIPolicyViolation"));
        assert!(words.has_like("PerDay") && !words.has("content_filter"));
        assert_eq!(words.retry_after, Some(Duration::from_millis(2500)));
    }

    #[test]
    fn what_is_shown_is_bounded_and_cannot_command_a_terminal() {
        let words = Words::read("\u{1b}[2J<html>\n  é".repeat(500).as_bytes());
        assert!(words.message.chars().count() == LONGEST + 1 && !words.message.contains('\u{1b}'));
        assert_eq!(Words::read(b"").message, "");
    }
}
