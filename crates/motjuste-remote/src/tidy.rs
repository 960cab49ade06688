//! An answer as it may be kept: without a key, not much longer than what was asked for, and with a usage that can be.

use motjuste::error::Setting;
use motjuste::model::Completion;
use motjuste::usage::Usage;

use crate::bounds;
use crate::habits::{Habits, Oddity};
use crate::notice::Notices;
use crate::protocol::believable;

/// Who answered, to what.
pub(crate) struct Answered<'a> {
    /// The model's name, for people.
    pub(crate) who: &'a str,
    pub(crate) habits: &'a Habits,
    pub(crate) notices: &'a Notices,
    /// The most that the answer could use.
    pub(crate) worst: Usage,
}

impl Answered<'_> {
    /// The completion as it may be kept. `censored` is a text without the secrets that it holds, if it holds any.
    pub(crate) fn tidied(
        &self,
        mut completion: Completion,
        censored: impl Fn(&str) -> Option<String>,
    ) -> Completion {
        if let Some(text) = censored(&completion.text) {
            completion.text = text;
            self.tell(
                Oddity::Key,
                "sent an answer that holds a key of yours: the key is hidden, and kept nowhere",
            );
        }
        let tokens = usize::try_from(self.worst.tokens_out).unwrap_or(usize::MAX);
        if let Some(length) = bounds::cut(&mut completion, tokens) {
            self.tell_length(&format!("{length} bytes"));
        }
        let (usage, is_odd) = believable(completion.usage, self.worst);
        if is_odd {
            self.tell(
                Oddity::Usage,
                "tells a usage of tokens that no call can have: the worst case is counted",
            );
        }
        Completion { usage, ..completion }
    }

    /// An answer was longer than what was asked for by so much that it was cut.
    pub(crate) fn tell_length(&self, length: &str) {
        let asked = self.worst.tokens_out;
        self.tell(
            Oddity::Length,
            &format!("sent {length} where {asked} tokens were asked for: such answers are cut, and counted as cut"),
        );
    }

    fn tell(&self, oddity: Oddity, what: &str) {
        if self.habits.is_new(oddity) {
            let setting = (oddity == Oddity::Length).then_some(Setting::AnswerTokens);
            self.notices.tell(format!("{} {what}", self.who), setting);
        }
    }
}
