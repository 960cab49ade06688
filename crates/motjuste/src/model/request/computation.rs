//! What a model with open weights computes in place of a text: gradients and policies.
//!
//! The answer to a [`Computation`] is a text, too: the JSON of its [`SwapReply`], [`LabelReply`] or [`PolicyReply`]. So it
//! is paid for, kept and read back as any other answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Prompt, TEMPLATE_TOKENS};

/// What stands in a [`Labelled`] prompt where the trigger goes: U+FFFC, the object replacement character.
pub const TRIGGER: &str = "\u{fffc}";

/// What a model with open weights computes in place of a text; for a model that
/// [can](crate::model::Abilities::gradients).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Computation {
    /// The best swaps of one token of a trigger. The answer is a [`SwapReply`].
    Swap(Swap),
    /// Tokens that stand for the labels of a task. The answer is a [`LabelReply`].
    Labels(LabelSearch),
    /// Prompts drawn from a policy, once it has learnt from the rewards of earlier ones. The answer is a [`PolicyReply`].
    Policy(PolicyRun),
}

/// A row with the trigger's place in its prompt, and what is to follow the prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labelled {
    /// The prompt; [`TRIGGER`] stands in it once.
    pub prompt: Prompt,
    /// The right answer, without the space that a model writes between its prompt and an answer.
    pub answer: String,
}

/// One iteration of the trigger search of AutoPrompt (arXiv 2010.15980, section 2.2), after HotFlip (arXiv 1712.06751):
/// the gradient of the loss at one token of the trigger, averaged over rows; the `candidates` tokens w with the greatest
/// −eʷ · ∇L; and the exact loss of the trigger with each of them in that place, on other rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Swap {
    /// The trigger as it is.
    pub trigger: Trigger,
    /// Which of its tokens is to be swapped, from 0.
    pub position: usize,
    /// How many tokens are tried in its place.
    pub candidates: usize,
    /// Rows of the gradient.
    pub gradient: Vec<Labelled>,
    /// Rows on which the losses are measured.
    pub evaluation: Vec<Labelled>,
    /// What is lost.
    pub loss: SwapLoss,
    /// Tokens that are not tried, besides special ones and those that would not be read again as they are written.
    pub exclude: Exclude,
}

/// The tokens of a trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// These.
    Tokens(Vec<u32>),
    /// The first `length` tokens of a text, which is repeated where it has fewer.
    Begin {
        /// The text.
        text: String,
        /// The number of tokens.
        length: usize,
    },
}

/// What a trigger's loss is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwapLoss {
    /// The mean over the answer's tokens of −log p, given the tokens in front of each. Accuracy is the share of rows whose
    /// answer is less lost than every other one of `answers`; there is none where that is empty.
    Answer {
        /// The answers that there are, where a task has few.
        answers: Vec<String>,
    },
    /// −log Σ p over the tokens that stand for the row's label, right behind the prompt, as in the paper. Accuracy is the share of
    /// rows whose label has the greatest Σ p.
    Labels(BTreeMap<String, Vec<u32>>),
}

/// Tokens that are not tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exclude {
    /// Those that begin a word with a capital letter.
    pub capitals: bool,
    /// Those that occur in an answer.
    pub answers: bool,
}

/// The answer to a [`Swap`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SwapReply {
    /// The trigger as it is.
    pub trigger: Vec<u32>,
    /// The same in words.
    pub text: String,
    /// Its loss on the evaluation rows.
    pub loss: f64,
    /// Its accuracy there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// The triggers with one token swapped, in the order of the losses that the gradient promises.
    pub swaps: Vec<Swapped>,
}

/// A trigger with one token swapped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Swapped {
    /// The token in the new place.
    pub token: u32,
    /// The whole trigger in words.
    pub text: String,
    /// By how much the gradient says that the loss changes: (eʷ − eᵘ) · ∇L, with u the token that was there.
    pub promised: f64,
    /// Its loss on the evaluation rows.
    pub loss: f64,
    /// Its accuracy there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
}

/// The label tokens of AutoPrompt (arXiv 2010.15980, section 2.3): a logistic regression from the hidden state behind the
/// prompt to the label, and for each label the tokens whose output embeddings it scores highest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelSearch {
    /// The trigger in front of the rows.
    pub trigger: Trigger,
    /// Rows to learn from.
    pub rows: Vec<Labelled>,
    /// Tokens a label.
    pub tokens: usize,
    /// Steps of Adam over all rows.
    pub steps: usize,
    /// Adam's learning rate; 3e-4 in the published code.
    pub learning_rate: f64,
}

/// The answer to a [`LabelSearch`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LabelReply {
    /// The trigger that the rows were read with.
    pub trigger: Vec<u32>,
    /// The tokens of each label, best first.
    pub labels: BTreeMap<String, Vec<u32>>,
    /// The same in words.
    pub words: BTreeMap<String, Vec<String>>,
}

/// A policy over prompts, trained by soft Q-learning, and prompts drawn from it (RLPrompt, arXiv 2205.12548). The policy is
/// the model, frozen, with a small network between its last hidden state and its output embeddings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyRun {
    /// How it is made and trained.
    pub policy: Policy,
    /// What it learnt from so far, oldest first. The policy is a function of these and of the seed.
    pub lessons: Vec<Lesson>,
    /// How many prompts are drawn; their stream is named by the seed and the number of lessons.
    pub draws: usize,
    /// Whether the likeliest token is taken at every place, in place of a draw.
    pub greedy: bool,
}

/// How a policy is made and trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Names its first weights and its draws.
    pub seed: u64,
    /// Tokens of a prompt.
    pub length: usize,
    /// Units of the network's hidden layer; 2048 in the paper.
    pub units: usize,
    /// Whether the network's output is added to the hidden state, so that the first policy is the model itself; in the paper
    /// it takes its place.
    pub residual: bool,
    /// A token is drawn among so many of the likeliest.
    pub top_k: usize,
    /// A token is drawn among so many that the frozen model finds likeliest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fluent: Option<usize>,
    /// Adam's learning rate; 5e-5 in the paper.
    pub learning_rate: f64,
    /// The greatest norm of a gradient; 5 in the paper.
    pub clip: f64,
    /// How far the target network moves towards the policy after each lesson; 0.001 in the paper.
    pub target_rate: f64,
}

/// Prompts of a policy, and what they earned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// The tokens of each prompt.
    pub prompts: Vec<Vec<u32>>,
    /// The reward of each, shaped and normalised.
    pub rewards: Vec<f64>,
}

/// The answer to a [`PolicyRun`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PolicyReply {
    /// The prompts that were drawn.
    pub prompts: Vec<Drawn>,
    /// The loss of the newest lesson before it was learnt from; none without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<f64>,
}

/// A prompt that a policy drew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    /// Its tokens.
    pub tokens: Vec<u32>,
    /// The same in words.
    pub text: String,
}

impl Trigger {
    /// How many tokens it has.
    pub fn len(&self) -> usize {
        match self {
            Self::Tokens(tokens) => tokens.len(),
            Self::Begin { length, .. } => *length,
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Computation {
    /// The most tokens that it reads. A token is at least a byte.
    pub(super) fn worst_tokens(&self) -> usize {
        let bytes = |rows: &[Labelled], trigger: &Trigger| {
            let row = |row: &Labelled| {
                row.prompt.bytes()
                    + row.answer.len()
                    + trigger.len()
                    + TEMPLATE_TOKENS * row.prompt.len()
            };
            rows.iter().map(row).sum::<usize>()
        };
        match self {
            Self::Swap(swap) => {
                let answers = match &swap.loss {
                    SwapLoss::Answer { answers } => answers.len().max(1),
                    SwapLoss::Labels(_) => 1,
                };
                let evaluation = bytes(&swap.evaluation, &swap.trigger);
                bytes(&swap.gradient, &swap.trigger) + (swap.candidates + 1) * answers * evaluation
            }
            Self::Labels(search) => bytes(&search.rows, &search.trigger),
            Self::Policy(run) => {
                let learnt: usize = run.lessons.iter().map(|lesson| lesson.prompts.len()).sum();
                (learnt + run.draws) * run.policy.length
            }
        }
    }
}
