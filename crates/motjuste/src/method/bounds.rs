//! The most that a method can ask of the generator.

use crate::history::{Ask, Part};

/// The most that a method can ask of the generator: what a worst case is computed from. By default nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Texts that the generator writes, when none comes out empty.
    pub replies: u64,
    /// The longest prompt in words; none where it asks by soft prompt, or nothing.
    pub prompt: Option<PromptBound>,
    /// The largest computation on open weights; none where it wants none.
    pub computation: Option<ComputationBound>,
    /// Bytes of an instruction; none where only the generator's tokens limit it.
    pub instruction_bytes: Option<usize>,
    /// Train rows that an instruction shows at the most, the templates of which are in its bytes.
    pub instruction_rows: usize,
    /// Train rows that candidates are examined on, in all.
    pub examined_rows: u64,
}

/// The size of a prompt for the generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromptBound {
    /// Bytes of the text, the templates of the rows included.
    pub bytes: usize,
    /// Rows that it shows.
    pub rows: usize,
    /// Earlier instructions that it shows, each counted with the most bytes that one has.
    pub instructions: usize,
    /// Tokens of the reply.
    pub max_tokens: usize,
    /// Whether it says in words what the task is.
    pub describes_task: bool,
}

/// The size of a computation on open weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ComputationBound {
    /// Train rows that it reads, each in the target's prompt, one as often as it is read.
    pub rows: u64,
    /// Tokens that it reads besides.
    pub tokens: u64,
}

impl PromptBound {
    /// The size of this prompt.
    ///
    /// ```
    /// use motjuste::history::{Ask, Part};
    /// use motjuste::method::PromptBound;
    /// use motjuste::model::Decoding;
    /// let ask = Ask::new(vec![Part::Text("Why?".into())], Decoding::greedy(8));
    /// assert_eq!(PromptBound::of(&ask), PromptBound { bytes: 4, rows: 0, instructions: 0, max_tokens: 8, describes_task: false });
    /// ```
    pub fn of(ask: &Ask) -> Self {
        let bytes = |part: &Part| match part {
            Part::Text(text) => text.len(),
            Part::Train(row) | Part::Dev(row) => row.template.len(),
            Part::Task => 0,
        };
        let is_row = |part: &&Part| matches!(part, Part::Train(_) | Part::Dev(_));
        Self {
            bytes: ask.parts.iter().map(bytes).sum(),
            instructions: ask.shown.len(),
            rows: ask.parts.iter().filter(is_row).count(),
            max_tokens: ask.decoding.max_tokens,
            describes_task: ask.parts.contains(&Part::Task),
        }
    }
}
