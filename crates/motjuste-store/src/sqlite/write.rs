//! What is to be written, and what became of it.

/// A row to write.
pub(super) enum Write {
    Event { study: String, sequence: i64, body: String },
    Response(Response),
    Attempt { id: i64, paid_by: String, body: String },
    Closing { attempt: i64, responses: Vec<Response> },
}

impl Write {
    pub(super) fn responses(&self) -> &[Response] {
        match self {
            Self::Response(response) => std::slice::from_ref(response),
            Self::Closing { responses, .. } => responses,
            _ => &[],
        }
    }

    pub(super) fn attempt(&self) -> Option<(i64, &str, &str)> {
        match self {
            Self::Attempt { id, paid_by, body } => Some((*id, paid_by, body)),
            _ => None,
        }
    }

    pub(super) fn closed(&self) -> Option<i64> {
        match self {
            Self::Closing { attempt, .. } => Some(*attempt),
            _ => None,
        }
    }
}

/// A response and its key.
pub(super) struct Response {
    pub key: [u8; 32],
    pub paid_by: String,
    pub body: String,
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is on the disk.
    Kept,
    /// The study's next event is the one of this number, so nothing was written.
    Expected(i64),
}
