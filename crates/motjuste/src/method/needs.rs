//! What a method needs of the models and the task.

use serde::{Deserialize, Serialize};

use crate::prompt::TargetPrompt;

/// What a method needs, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// What the generator is for.
    pub generator: GeneratorRole,
    /// Whether it looks at the generator's hidden states.
    pub hidden_states: HiddenStates,
    /// How many train rows the generator reads as demonstrations, with a soft prompt and for the Manual
    /// baseline; the paper's 5 by default.
    pub demonstrations: usize,
    /// Whether it cannot do without train rows although its generator is asked in words.
    pub shows_train_rows: bool,
    /// What the target reads, where the method words it and not the task.
    pub target_prompt: Option<TargetPrompt>,
    /// Which trial is the result.
    pub choice: Choice,
    /// How many dev examples score an instruction, unless told otherwise.
    pub dev_examples: usize,
    /// Rows that a trial begins with; as many as score an instruction where there are fewer.
    pub first_rows: usize,
    /// Rows that a trial has in the end, about; as many as score an instruction where there are fewer.
    pub usual_rows: usize,
    /// Whether the trials that have begun are topped up once no other may begin. A method that tops up as it goes
    /// does without: then a study that goes on under a larger budget is the one that had it from the beginning.
    pub tops_up_at_end: bool,
    /// Whether an instruction is dropped that copies what its own prompt for the generator showed: eight words in a row of
    /// an input, an output or an answer.
    pub drops_copies: bool,
}

/// The paper's number of examples that score an instruction.
pub(crate) const DEV_EXAMPLES: usize = 20;

impl Default for Needs {
    fn default() -> Self {
        Self {
            generator: GeneratorRole::Words,
            hidden_states: HiddenStates::Unused,
            demonstrations: 5,
            shows_train_rows: false,
            target_prompt: None,
            choice: Choice::Earliest,
            dev_examples: DEV_EXAMPLES,
            first_rows: usize::MAX,
            usual_rows: usize::MAX,
            tops_up_at_end: true,
            drops_copies: false,
        }
    }
}

impl Needs {
    /// How many train rows it cannot do without.
    pub fn train_rows(&self) -> usize {
        match self.generator {
            GeneratorRole::SoftPrompts => self.demonstrations,
            GeneratorRole::Weights => self.demonstrations.max(1),
            GeneratorRole::Words => usize::from(self.shows_train_rows),
        }
    }
}

/// What a method's generator is for, the least demanding first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GeneratorRole {
    /// It answers prompts in words: any model.
    Words,
    /// It reads soft prompts in front of demonstrations: an open model.
    SoftPrompts,
    /// It computes gradients and trains policies on its own weights: an open model on this machine.
    Weights,
}

/// Whether a method looks at the generator's hidden states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HiddenStates {
    /// It does not.
    Unused,
    /// It does where there are any.
    Welcome,
    /// It cannot do without.
    Required,
}

/// Which trial is the result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The complete one with the highest dev score, the first of equals.
    #[default]
    Earliest,
    /// The complete one with the highest dev score, the last of equals, as in InstructZero's published code.
    Latest,
    /// The one with the highest posterior mean, complete or not, the shortest of equals: where trials have scores
    /// on unequal numbers of rows. See [`standings`](crate::history::standings).
    PosteriorMean,
}

impl Choice {
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
