//! The generator of a method that evolves instructions: what it is asked, and how its replies are read.

use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

use super::chat::{self, Asked, INDUCE, LONGEST_EXAMPLE, LONGEST_FRAME};
use super::{Bounds, PromptBound};
use crate::history::{Ask, History, Proposal, Reading, Reply};
use crate::metric::Mode;
use crate::random::Stream;
use crate::{Error, Result};

/// How the generator of a method that evolves instructions is asked.
///
/// ```
/// use motjuste::method::Writer;
/// assert_eq!((Writer::default().temperature, Writer::default().max_tokens), (0.5, 1000));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Writer {
    /// Train rows that it sees where it guesses an instruction.
    pub demonstrations: usize,
    /// Its temperature.
    pub temperature: f64,
    /// The largest number of tokens in a reply.
    pub max_tokens: usize,
    /// The most bytes that it may write in an instruction; 0: twice those of the prompt in use, and at least 1,500.
    pub longest: usize,
}

impl Default for Writer {
    fn default() -> Self {
        Self { demonstrations: 5, temperature: 0.5, max_tokens: 1000, longest: 0 }
    }
}

/// Bytes around each instruction that a prompt shows.
const HEADING: usize = 64;

impl Writer {
    pub(super) fn check(&self) -> Result<()> {
        if !self.temperature.is_finite() || self.temperature < 0.0 {
            return Err(Error::configuration(format!(
                "the temperature {} is none",
                self.temperature
            ))
            .with_help("set writer.temperature to 0 or more"));
        }
        if self.demonstrations == 0 || self.max_tokens == 0 {
            return Err(Error::configuration("the generator cannot be asked like this")
                .with_help("set writer.demonstrations and writer.max_tokens to 1 or more"));
        }
        Ok(())
    }

    /// For one instruction, told from train rows that are drawn.
    pub(super) fn guess(&self, history: &History, draw: u64, stream: &mut Stream) -> Result<Ask> {
        let rows = history.train_rows();
        let shown = sample(stream, rows, self.demonstrations.min(rows)).into_vec();
        let start = history.start().first().map(String::as_str);
        self.asked(history, start, draw).examples(&shown).procedure(INDUCE, "")
    }

    /// For one instruction, made of others: `told` are their numbers in the prompt's order, `shown` is the order in
    /// which they are its parents.
    pub(super) fn breed(
        &self,
        history: &History,
        procedure: &str,
        told: &[&str],
        shown: &[&str],
        draw: u64,
    ) -> Result<Ask> {
        let asked = self.asked(history, shown.first().copied(), draw);
        let asked = shown.iter().fold(asked, |asked, text| asked.showing(history, text));
        asked.procedure(procedure, &numbered(told))
    }

    fn asked(&self, history: &History, model: Option<&str>, draw: u64) -> Asked {
        let asked = Asked::new(1, self.most_bytes(history.start()), model);
        asked.decoded(self.max_tokens, self.temperature, draw)
    }

    /// One instruction from each reply: what stands in its last tags. In the published codes a reply without tags is
    /// an instruction as a whole.
    pub(super) fn read(
        &self,
        history: &History,
        proposals: &[Proposal],
        replies: &[Reply],
        mode: Mode,
    ) -> Vec<Reading> {
        let longest = self.most_bytes(history.start());
        chat::read_last(history, proposals, replies, longest, mode == Mode::Compat)
    }

    /// What a worst case is computed from, where a prompt shows so many instructions and one of these procedures.
    pub(super) fn bounds(&self, replies: u64, instructions: usize, procedures: &[&str]) -> Bounds {
        let longest = self.most_bytes(&[]);
        let procedure = procedures.iter().map(|text| text.len()).max().unwrap_or(0);
        let rows = self.demonstrations * LONGEST_EXAMPLE;
        Bounds {
            replies,
            prompt: Some(PromptBound {
                bytes: LONGEST_FRAME + procedure + rows + instructions * (longest + HEADING),
                rows: self.demonstrations,
                instructions,
                max_tokens: self.max_tokens,
                describes_task: true,
            }),
            instruction_bytes: Some(longest),
            ..Bounds::default()
        }
    }

    /// The most bytes in an instruction, where these prompts are in use.
    fn most_bytes(&self, start: &[String]) -> usize {
        chat::most_bytes(self.longest, start)
    }
}

/// Instructions as a prompt shows them, one below the other.
fn numbered(texts: &[&str]) -> String {
    let heading = |place: usize| match texts.len() {
        1 => "# The instruction".to_owned(),
        _ => format!("# Instruction {}", place + 1),
    };
    let one = |(place, text): (usize, &&str)| {
        format!("\n{}\n\n<data>\n{text}\n</data>\n", heading(place))
    };
    texts.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Part;
    use crate::random::Streams;

    fn last(ask: &Ask) -> &str {
        let Some(Part::Text(text)) = ask.parts.last() else { panic!("no text") };
        text
    }

    #[test]
    fn instructions_stand_in_order_and_with_a_tag_of_their_own() {
        let (history, writer) = (History::new(), Writer::default());
        let texts = ["Say <instruction>.", "Say {{ b }}."];
        let ask = writer.breed(&history, "{{ instruction }}Go.", &texts, &texts, 3).unwrap();
        assert!(last(&ask).starts_with(
            "\n# Instruction 1\n\n<data>\nSay <instruction>.\n</data>\n\n# Instruction 2\n\n<data>\nSay {{ b }}.\n"
        ));
        assert!(last(&ask).contains("</instruction-2>") && ask.decoding.draw == 3);
    }

    #[test]
    fn no_prompt_is_longer_than_said() {
        let writer = Writer { longest: 300, ..Writer::default() };
        let history = History::new().with_train_rows(9);
        let bound = writer.bounds(1, 2, &["{{ instruction }}"]).prompt.unwrap();
        let long = "a".repeat(300);
        let texts = [long.as_str(); 2];
        let bred = writer.breed(&history, "{{ instruction }}", &texts, &texts, 0).unwrap();
        let mut stream = Streams::new(0).stream("ask", 0);
        let guess = writer.guess(&history, 0, &mut stream).unwrap();
        for ask in [bred, guess] {
            let found = PromptBound::of(&ask);
            assert!(found.bytes <= bound.bytes && found.rows <= bound.rows, "{found:?} {bound:?}");
            assert!(found.instructions <= bound.instructions);
        }
    }
}
