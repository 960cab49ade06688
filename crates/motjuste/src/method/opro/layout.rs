//! Where the instruction goes: in the target's prompt, and in the meta-prompt's exemplars.

use serde::{Deserialize, Serialize};

use super::style::Style;
use crate::prompt::TargetPrompt;
use crate::{Error, Result};

/// Where the instruction stands with respect to the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// On a line of its own before `Q:`.
    BeforeQ,
    /// At the beginning of the question.
    QBegin,
    /// At the end of the question.
    QEnd,
    /// At the beginning of the answer: for base models, which go on from it.
    ABegin,
}

/// The marker that stands for the instruction in a meta-prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// `<INS>`.
    Ins,
    /// `<Start>`, for the beginning of an answer.
    Start,
}

impl Slot {
    /// The marker of a style: `<Start>` where tagged replies begin an answer, else `<INS>`.
    pub(super) fn of(style: Style, position: Position) -> Self {
        match (style, position) {
            (Style::Tagged, Position::ABegin) => Self::Start,
            _ => Self::Ins,
        }
    }

    /// The marker that opens the slot.
    pub fn open(self) -> &'static str {
        match self {
            Self::Ins => "<INS>",
            Self::Start => "<Start>",
        }
    }

    /// The marker that closes it.
    pub fn close(self) -> &'static str {
        match self {
            Self::Ins => "</INS>",
            Self::Start => "</Start>",
        }
    }
}

/// How instruction and question make a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Layout {
    /// Where the instruction stands.
    pub position: Position,
    /// Whether the prompt says `Q:` and `A:`; on for base models, off for instruction-tuned ones.
    pub qa: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self { position: Position::QBegin, qa: false }
    }
}

impl Layout {
    /// The layout, if there is such a one: before `Q:` and behind `A:` need `Q:` and `A:`.
    ///
    /// ```
    /// use motjuste::method::opro::{Layout, Position};
    /// assert!(Layout { position: Position::ABegin, qa: false }.checked().is_err());
    /// ```
    ///
    /// # Errors
    /// [`Error::is_configuration`] naming the setting to change.
    pub fn checked(self) -> Result<Self> {
        match (self.position, self.qa) {
            (Position::BeforeQ | Position::ABegin, false) => {
                Err(Error::configuration("this position of the instruction needs Q: and A:")
                    .with_help("set qa = true, or put the instruction at q_begin or q_end"))
            }
            _ => Ok(self),
        }
    }

    /// What the target reads. An empty instruction leaves no empty line.
    ///
    /// ```
    /// use motjuste::method::opro::{Layout, Position};
    /// let layout = Layout { position: Position::QEnd, qa: true };
    /// assert_eq!(layout.prompt("Think.", "1+1?"), "Q: 1+1?\nThink.\n\nA:");
    /// ```
    pub fn prompt(self, instruction: &str, question: &str) -> String {
        let line = if instruction.is_empty() { "" } else { "\n" };
        let (before_q, q, a) = match (self.position, self.qa) {
            (_, false) => (String::new(), "", ""),
            (Position::BeforeQ, true) => (format!("{instruction}{line}"), "Q: ", "\n\nA:"),
            (_, true) => (String::new(), "Q: ", "\n\nA:"),
        };
        let question = match self.position {
            Position::QBegin => format!("{instruction}{line}{question}"),
            Position::QEnd => format!("{question}{line}{instruction}"),
            Position::BeforeQ | Position::ABegin => question.to_owned(),
        };
        let answer = match self.position {
            Position::ABegin if !instruction.is_empty() => format!(" {instruction}"),
            _ => String::new(),
        };
        format!("{before_q}{q}{question}{a}{answer}")
    }

    /// The target's prompt in this layout, as templates.
    ///
    /// An instruction at the beginning of the answer is what the answer begins with.
    ///
    /// ```
    /// use motjuste::method::opro::{Layout, Position};
    /// let layout = Layout { position: Position::ABegin, qa: true };
    /// assert_eq!(layout.target_prompt().follow, "Q: {{ input }}\n\nA:");
    /// ```
    pub fn target_prompt(self) -> TargetPrompt {
        TargetPrompt {
            follow: self.follow_template(),
            begin: (self.position == Position::ABegin).then(|| BEGIN.to_owned()),
            leave_to_task: ("prompt", "task"),
        }
    }

    fn follow_template(self) -> String {
        const LINE: &str = "{% if instruction %}{{ instruction }}\n{% endif %}";
        const INPUT: &str = "{{ input }}";
        const LAST: &str = "{% if instruction %}\n{{ instruction }}{% endif %}";
        let (q, a) = if self.qa { ("Q: ", "\n\nA:") } else { ("", "") };
        match self.position {
            Position::BeforeQ => format!("{LINE}{q}{INPUT}{a}"),
            Position::QBegin => format!("{q}{LINE}{INPUT}{a}"),
            Position::QEnd => format!("{q}{INPUT}{LAST}{a}"),
            Position::ABegin => format!("{q}{INPUT}{a}"),
        }
    }
}

const BEGIN: &str = "{% if instruction %} {{ instruction }}{% endif %}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::Example;
    use crate::prompt::Templates;

    const POSITIONS: [Position; 4] =
        [Position::BeforeQ, Position::QBegin, Position::QEnd, Position::ABegin];

    #[test]
    fn the_table_of_layouts_holds() {
        let prompt = |position, qa, instruction| Layout { position, qa }.prompt(instruction, "X");
        assert_eq!(prompt(Position::BeforeQ, true, "I"), "I\nQ: X\n\nA:");
        assert_eq!(prompt(Position::QBegin, true, "I"), "Q: I\nX\n\nA:");
        assert_eq!(prompt(Position::QEnd, true, "I"), "Q: X\nI\n\nA:");
        assert_eq!(prompt(Position::ABegin, true, "I"), "Q: X\n\nA: I");
        assert_eq!(prompt(Position::QBegin, false, "I"), "I\nX");
        assert_eq!(prompt(Position::QEnd, false, "I"), "X\nI");
        assert!(POSITIONS.iter().all(|at| prompt(*at, true, "") == "Q: X\n\nA:"));
        assert_eq!([Position::QBegin, Position::QEnd].map(|at| prompt(at, false, "")), ["X", "X"]);
    }

    #[test]
    fn the_template_of_a_layout_fills_to_its_prompt() {
        for (position, qa) in POSITIONS.into_iter().flat_map(|at| [(at, true), (at, false)]) {
            let Ok(layout) = (Layout { position, qa }).checked() else { continue };
            let templates =
                Templates::default().with_target_prompt(&layout.target_prompt()).unwrap();
            assert_eq!(templates.begins_answers(), position == Position::ABegin);
            for (instruction, question) in [("Think <b>.", "1\n2"), ("", "X")] {
                let row = Example::new(question, [""]);
                let follow = templates.prompt(instruction, &row).unwrap().text();
                let filled = follow + &templates.begin(instruction, &row).unwrap();
                assert_eq!(filled, layout.prompt(instruction, question), "{layout:?}");
            }
        }
    }
}
