//! The wordings of the meta-prompt.

use serde::{Deserialize, Serialize};

/// How the meta-prompt is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Answers between `<INS>` and `</INS>`: the paper's for GPT models.
    Tagged,
    /// Answers in square brackets: the paper's for text-bison and PaLM 2-L-IT.
    Bracketed,
    /// Only a pattern to go on with: the paper's for base models.
    InstructionsOnly,
}
