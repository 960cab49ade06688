//! Given instructions, no search: the baseline of people's own wordings.

use serde::{Deserialize, Serialize};

use super::{Bounds, Method, MethodId, Registered, every_text};
use crate::Result;
use crate::history::{History, Proposal, Reading, Reply};
use crate::random::Stream;

/// Scores given instructions; the best one is the answer. Instructions that people wrote (*human* in the papers on
/// instruction induction) are a file of them as the prompts in use, and this method.
///
/// ```
/// use motjuste::history::History;
/// use motjuste::method::{Fixed, Method};
/// use motjuste::random::Streams;
/// let mut stream = Streams::new(0).stream("ask", 0);
/// let method = Fixed { instructions: vec!["Be brief.".into(), "Be kind.".into()] };
/// assert_eq!(method.propose(&History::new(), &mut stream).unwrap().len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fixed {
    /// The instructions, besides the prompts in use; by default the empty one.
    pub instructions: Vec<String>,
}

impl Default for Fixed {
    fn default() -> Self {
        Self { instructions: vec![String::new()] }
    }
}

impl Registered for Fixed {
    const NAME: &'static str = "fixed";
    const SUMMARY: &'static str =
        "Given instructions and the prompts in use, no search: the baseline of people's wordings.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("empty", Self::default())]
    }
}

impl Method for Fixed {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self)
    }

    fn bounds(&self, _: u64) -> Bounds {
        Bounds {
            instruction_bytes: self.instructions.iter().map(String::len).max(),
            ..Bounds::default()
        }
    }

    fn propose(&self, history: &History, _: &mut Stream) -> Result<Vec<Proposal>> {
        if !history.steps().is_empty() {
            return Ok(Vec::new());
        }
        let known = history.start();
        let new = self.instructions.iter().filter(|instruction| !known.contains(instruction));
        Ok(new.cloned().map(Proposal::Instruction).collect())
    }

    /// The empty instruction is one, too.
    fn read(&self, _: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        every_text(replies)
    }
}
