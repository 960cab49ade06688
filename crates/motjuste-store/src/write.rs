//! What is to be written, and what became of it.

use motjuste::storage::{Attempt, ResponseKey, StoredResponse};
use motjuste::{Error, Result};

use crate::body::Body;

/// A row to write.
pub(crate) enum Write {
    Event { study: String, sequence: i64, body: Body },
    Response(Response),
    Attempt(Begun),
    Closing { attempt: i64, responses: Vec<Response> },
}

/// An attempt that is about to begin.
pub(crate) struct Begun {
    pub id: i64,
    pub paid_by: String,
    pub body: Body,
}

/// A response and its key.
pub(crate) struct Response {
    pub key: [u8; 32],
    pub paid_by: String,
    pub body: Body,
}

impl Write {
    pub(crate) fn responses(&self) -> &[Response] {
        match self {
            Self::Response(response) => std::slice::from_ref(response),
            Self::Closing { responses, .. } => responses,
            _ => &[],
        }
    }

    pub(crate) fn attempt(&self) -> Option<&Begun> {
        match self {
            Self::Attempt(begun) => Some(begun),
            _ => None,
        }
    }

    pub(crate) fn closed(&self) -> Option<i64> {
        match self {
            Self::Closing { attempt, .. } => Some(*attempt),
            _ => None,
        }
    }
}

impl Begun {
    /// An attempt as a row.
    pub(crate) fn row(id: i64, paid_by: &str, attempt: &Attempt) -> Result<Self> {
        let text = serde_json::to_string(attempt)
            .map_err(|error| Error::storage(format!("an attempt cannot be written: {error}")))?;
        let body = Body::plain(&[paid_by.as_bytes()], text);
        Ok(Self { id, paid_by: paid_by.to_owned(), body })
    }

    /// An attempt from its row. `damaged` is the error where its text was changed.
    pub(crate) fn read(
        paid_by: &str,
        body: Body,
        damaged: &dyn Fn(&str) -> Error,
    ) -> Result<Attempt> {
        let what = || damaged(&format!("an attempt of {paid_by}"));
        let text = body.read(&[paid_by.as_bytes()]).ok_or_else(what)?;
        serde_json::from_str(&text).map_err(|error| {
            Error::storage(format!("an attempt of {paid_by} cannot be read: {error}"))
                .with_help("a newer motjuste may have written it: update")
        })
    }
}

impl Response {
    /// A response as a row.
    pub(crate) fn row(key: &ResponseKey, response: &StoredResponse) -> Self {
        let StoredResponse { paid_by, body } = response.clone();
        let body = Body::packed(&[&key.0, paid_by.as_bytes()], body);
        Self { key: key.0, paid_by, body }
    }

    /// The response, unless its row was changed since it was written.
    pub(crate) fn read(self, key: &ResponseKey) -> Option<StoredResponse> {
        let body = self.body.read(&[&key.0, self.paid_by.as_bytes()])?;
        Some(StoredResponse { paid_by: self.paid_by, body })
    }
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is on the disk.
    Kept,
    /// The study's next event is the one of this number, so nothing was written.
    Expected(i64),
}
