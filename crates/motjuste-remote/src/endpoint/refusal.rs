//! What a refusal means: whether to try again, what it may have cost, what to do.

use std::time::Duration;

use motjuste::Error;
use motjuste::error::Setting;
use reqwest::StatusCode;

use super::Endpoint;
use super::words::Words;

/// A server's answer that is not an answer.
pub(crate) struct Refusal<'a> {
    pub(crate) endpoint: &'a Endpoint,
    /// The model that was asked, for people.
    pub(crate) who: &'a str,
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) words: Words,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The provider's filter withheld the answer: that is this model's answer.
    Withheld,
    /// Prompt and answer do not fit into the context.
    Context,
    /// The server does not know the model, or the path.
    Unknown,
    Key,
    Forbidden,
    /// The account's money or its allowance for the day is used up.
    Quota,
    /// Too many requests a minute.
    Rate,
    Overloaded,
    /// The server failed, or gave up.
    Fault,
    Redirected,
    /// It speaks TLS, and was asked without.
    Plain,
    /// Anything else that is wrong with the request.
    Request,
}

/// Azure's and OpenAI's codes for a prompt that a filter stopped.
const FILTERED: [&str; 4] = [
    "content_filter",
    "ResponsibleAIPolicyViolation",
    "content_policy_violation",
    "invalid_prompt",
];

/// What nginx, Go and Apache say to a request in plain http where they speak TLS.
const PLAIN: [&str; 3] = [
    "plain http request was sent to https",
    "http request to an https server",
    "speaking plain http",
];

const EXHAUSTED: [&str; 3] =
    ["insufficient_quota", "billing_hard_limit_reached", "billing_not_active"];

const FULL: [&str; 7] = [
    "context length",
    "context window",
    "context size",
    "maximum model length",
    "max_model_len",
    "prompt is too long",
    "exceeds the maximum number of tokens",
];

impl Refusal<'_> {
    pub(crate) fn cause(&self) -> Cause {
        self.cause_by_words().unwrap_or(match self.status.as_u16() {
            300..=399 => Cause::Redirected,
            401 => Cause::Key,
            402 => Cause::Quota,
            403 => Cause::Forbidden,
            404 => Cause::Unknown,
            429 => Cause::Rate,
            503 | 529 => Cause::Overloaded,
            408 | 409 | 425 | 500.. => Cause::Fault,
            _ => Cause::Request,
        })
    }

    /// What the codes say, where they say more than the status.
    fn cause_by_words(&self) -> Option<Cause> {
        let words = &self.words;
        let broke = words.says(&["credit balance is too low"]) || words.has_like("PerDay");
        let full = words.has("context_length_exceeded") || words.says(&FULL);
        match self.status.as_u16() {
            400 if words.says(&PLAIN) => Some(Cause::Plain),
            400 if FILTERED.iter().any(|code| words.has(code)) => Some(Cause::Withheld),
            400 if words.has("API_KEY_INVALID") => Some(Cause::Key),
            400 | 403 | 429 if broke || EXHAUSTED.iter().any(|code| words.has(code)) => {
                Some(Cause::Quota)
            }
            400 | 403 if words.has("model_not_found") => Some(Cause::Unknown),
            400 | 413 | 422 if full => Some(Cause::Context),
            _ => None,
        }
    }

    /// Which of these fields of the request's body the server refuses.
    pub(crate) fn refused(&self, fields: &[&'static str]) -> Option<&'static str> {
        let is_about_a_field =
            matches!(self.status.as_u16(), 400 | 422) && self.cause() == Cause::Request;
        fields.iter().find(|field| is_about_a_field && self.words.refuses(field)).copied()
    }

    pub(crate) fn into_error(self) -> Error {
        let cause = self.cause();
        let said = if self.words.message.is_empty() { "nothing" } else { &self.words.message };
        let said = self.endpoint.redact(said);
        let what = what(cause);
        let status = self.status;
        let message = format!("{} {what}: the server answered {status}: {said}", self.who);
        let error = Error::model(message).with_help(self.help(cause));
        let error = match cause {
            Cause::Rate => error.with_setting(Setting::Concurrency),
            Cause::Request if !self.is_about_the_system() => {
                error.with_setting(Setting::Parameters)
            }
            Cause::Context => error.with_setting(Setting::ThinkingTokens),
            _ => error,
        };
        match cause {
            Cause::Rate | Cause::Overloaded => error.transient(self.retry_after),
            // An early 409 or 425 did no work; a server that timed out or failed may have.
            Cause::Fault if matches!(status.as_u16(), 409 | 425) => {
                error.transient(self.retry_after)
            }
            Cause::Fault => error.transient(self.retry_after).perhaps_billed(),
            _ => error,
        }
    }

    /// Whether the server refuses messages of the system, as some models' templates do.
    fn is_about_the_system(&self) -> bool {
        let said = self.words.message.to_lowercase();
        let refuses = ["not support", "unsupported", "not allowed", "must alternate"];
        said.contains("system")
            && said.contains("role")
            && refuses.iter().any(|it| said.contains(it))
    }

    fn help(&self, cause: Cause) -> String {
        let facts = self.endpoint.provider().facts();
        let key = facts.key_variables.join(" or ");
        let place = self.endpoint.place();
        match cause {
            Cause::Withheld => "word the task differently".into(),
            Cause::Context => {
                "use fewer demonstrations, a shorter answer or fewer tokens for thinking, \
                               or a model with a larger context"
                    .into()
            }
            Cause::Unknown => format!(
                "check the model's name and the base URL ({place}); OpenAI's protocol is usually \
                 below /v1"
            ),
            Cause::Key => format!("check the key in {key}"),
            Cause::Forbidden => format!("ask for access to this model for the key in {key}"),
            Cause::Quota => "raise the account's limit or wait until it is renewed, then run the \
                             same command again: what was paid for is kept"
                .into(),
            Cause::Rate => "lower the concurrency, or give the limits per minute".into(),
            Cause::Overloaded | Cause::Fault => "try again later; what was paid for is kept".into(),
            Cause::Redirected => {
                format!("give the address that {place} redirects to as the base URL")
            }
            Cause::Plain => format!("write https in the base URL ({place})"),
            Cause::Request if self.is_about_the_system() => {
                "it takes no message of the system: let the instruction stand in the user's, with [prompt] \
                 user = \"{{ instruction }}\\n\\n{{ input }}\" in the task file"
                    .into()
            }
            Cause::Request => {
                "change what the server's message names, with a parameter of the model".into()
            }
        }
    }
}

fn what(cause: Cause) -> &'static str {
    match cause {
        Cause::Withheld => "withheld its answer",
        Cause::Context => "was asked more than its context holds",
        Cause::Unknown => "is not known there",
        Cause::Key => "was asked without a valid key",
        Cause::Forbidden => "may not be used with this key",
        Cause::Quota => "may not be used any more: the account's quota is exhausted",
        Cause::Rate => "was asked too often",
        Cause::Overloaded => "is overloaded",
        Cause::Fault => "failed",
        Cause::Redirected => "is somewhere else",
        Cause::Plain => "speaks no plain http",
        Cause::Request => "refused the request",
    }
}
