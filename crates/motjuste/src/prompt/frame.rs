//! The part of a prompt that may not change.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// What stands before and behind the instruction in every prompt: the part of a person's own prompt
/// outside `[[edit]] … [[/edit]]`.
///
/// ```
/// use motjuste::prompt::Frame;
/// let (frame, instruction) = Frame::of("Be safe. [[edit]]Answer.[[/edit]] Thanks.").unwrap();
/// assert_eq!(instruction, "Answer.");
/// assert_eq!(frame.around("Reply."), "Be safe. Reply. Thanks.");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Frame {
    /// What stands before it.
    pub before: String,
    /// What stands behind it.
    pub after: String,
}

const OPEN: &str = "[[edit]]";
const CLOSE: &str = "[[/edit]]";

impl Frame {
    /// The frame of a prompt, and the instruction in it: all of it where nothing is marked.
    ///
    /// # Errors
    /// [`Error::is_configuration`] unless the marks are one pair, in order.
    pub fn of(prompt: &str) -> Result<(Self, String)> {
        let marks = (prompt.matches(OPEN).count(), prompt.matches(CLOSE).count());
        let parts = prompt.split_once(OPEN).and_then(|(before, rest)| {
            let (inside, after) = rest.split_once(CLOSE)?;
            Some((before, inside, after))
        });
        match (marks, parts) {
            ((0, 0), _) => Ok((Self::default(), prompt.to_owned())),
            ((1, 1), Some((before, inside, after))) => {
                Ok((Self { before: before.to_owned(), after: after.to_owned() }, inside.to_owned()))
            }
            _ => Err(Error::configuration("the marks [[edit]] and [[/edit]] are not one pair")
                .with_help("mark the only part that may change: [[edit]]this part[[/edit]]")),
        }
    }

    /// The whole prompt with this instruction.
    pub fn around(&self, instruction: &str) -> String {
        format!("{}{instruction}{}", self.before, self.after)
    }

    /// Whether there is nothing around the instruction.
    pub fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }
}
