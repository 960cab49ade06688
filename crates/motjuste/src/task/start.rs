//! The prompts that a person has in use.

use crate::prompt::{Frame, placeholders};
use crate::{Error, Result};

/// The prompts that a search begins with: those that a person has in use. The first is the one that the
/// result is compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Start {
    instructions: Vec<String>,
}

impl Start {
    /// The instructions in these prompts, and what stands around all of them.
    pub(super) fn of(prompts: &[String]) -> Result<(Self, Frame)> {
        let parts = prompts.iter().map(|prompt| Frame::of(prompt)).collect::<Result<Vec<_>>>()?;
        let frame = parts.first().map(|(frame, _)| frame.clone()).unwrap_or_default();
        if parts.iter().any(|(other, _)| *other != frame) {
            let message = "the start prompts differ outside the part that may change";
            return Err(Error::configuration(message)
                .with_help("let them have the same text around [[edit]] … [[/edit]]"));
        }
        let instructions: Vec<String> = parts.into_iter().map(|(_, text)| text).collect();
        if instructions.iter().any(|text| !text.chars().any(char::is_alphanumeric)) {
            return Err(Error::configuration("a start prompt is empty")
                .with_help("give the prompt that you use today, or none"));
        }
        Ok((Self { instructions }, frame))
    }

    /// The instructions, in order.
    pub fn instructions(&self) -> &[String] {
        &self.instructions
    }

    /// The instruction that the result is compared with.
    pub fn yours(&self) -> Option<&str> {
        self.instructions.first().map(String::as_str)
    }

    /// The placeholders that every instruction must keep, sorted.
    pub fn placeholders(&self) -> Vec<&str> {
        sorted(self.yours().unwrap_or_default())
    }

    /// A placeholder that an instruction has too few or too many of, if there is one.
    ///
    /// ```
    /// use motjuste::task::{Example, Task};
    /// let row = |input: &str| vec![Example::new(input, ["x"])];
    /// let task = Task::new("t", row("a"), row("b"), row("c")).unwrap();
    /// let task = task.with_start(["Greet {{ user }} and {user}."]).unwrap();
    /// assert_eq!(task.start().broken_placeholder("Hi {{ user }}, {user}!"), None);
    /// assert_eq!(task.start().broken_placeholder("Hi {{user}}").as_deref(), Some("{user}"));
    /// ```
    pub fn broken_placeholder(&self, instruction: &str) -> Option<String> {
        self.yours()?;
        let (kept, found) = (self.placeholders(), sorted(instruction));
        let count = |all: &[&str], one: &str| all.iter().filter(|other| **other == one).count();
        let differs = |one: &&&str| count(&kept, one) != count(&found, one);
        kept.iter().chain(&found).find(differs).map(|one| (*one).to_owned())
    }
}

fn sorted(text: &str) -> Vec<&str> {
    let mut found = placeholders(text);
    found.sort_unstable();
    found
}
