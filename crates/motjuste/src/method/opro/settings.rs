//! The settings of OPRO.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::layout::{Layout, Position};
use super::style::Style;
use crate::history::History;
use crate::method::soft_prompts::count;
use crate::metric::Mode;
use crate::{Error, Result};

/// OPRO: a language model reads the best instructions so far, with their scores, and writes better ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Opro {
    /// Steps at most.
    pub steps: usize,
    /// Replies to one meta-prompt in a step.
    pub batch: NonZeroUsize,
    /// The generator's temperature, in the first step.
    pub temperature: f64,
    /// How much the temperature grows over all steps, in equal parts.
    pub temperature_growth: f64,
    /// Tokens of a reply at most.
    pub max_tokens: usize,
    /// How the meta-prompt is worded.
    pub style: Style,
    /// Where the instruction goes, as the meta-prompt's examples show it.
    pub layout: Layout,
    /// Whether the target's prompt has that layout, too.
    pub prompt: TargetPrompt,
    /// The best instructions that are shown; 0 shows all.
    pub shown: usize,
    /// The least score of an instruction that is shown, applied after the cut to the best.
    pub threshold: f64,
    /// How scores are shown.
    pub display: ScoreDisplay,
    /// In which order instructions are shown.
    pub order: Order,
    /// Examples in the meta-prompt.
    pub exemplars: usize,
    /// Which of the scored examples they are.
    pub exemplar_choice: ExemplarChoice,
    /// Whether the instructions come before the examples.
    pub instructions_first: bool,
    /// What the search begins with; may hold the empty instruction.
    pub initial: Vec<String>,
    /// The most characters of an instruction; twice those of the prompt in use, where that is more. The
    /// published code's are 500.
    pub longest: usize,
    /// Whether an instruction may hold digits; off for GSM8K, so that no answer is given away.
    pub digits: bool,
    /// Whether an instruction is given a final period.
    pub period: bool,
    /// What the problems are called, for [`Style::InstructionsOnly`].
    pub domain: String,
    /// Strict, or as published, defects included.
    pub mode: Mode,
}

/// Who words what the target reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetPrompt {
    /// The task's templates, as for every other method.
    Task,
    /// The layout, as in the paper.
    Layout,
}

/// How scores are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreDisplay {
    /// As whole numbers from 0 to this.
    Buckets(u32),
    /// As they are, to three decimals (two in [`Style::InstructionsOnly`]).
    Exact,
    /// Not at all.
    Hidden,
}

/// In which order instructions are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The best last: the paper's.
    Ascending,
    /// The best first.
    Descending,
    /// Shuffled anew in every step.
    Random,
}

impl Order {
    /// The order by its name in settings and templates.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
            Self::Random => "random",
        }
    }
}

/// Which of the scored examples are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExemplarChoice {
    /// Others in every step.
    Random,
    /// The same in every step.
    Constant,
    /// Those that were answered wrong most often so far.
    AccumulativeMostFrequent,
    /// Those that the instructions shown answer wrong most often.
    CurrentMostFrequent,
}

impl Default for Opro {
    /// The paper's settings for a GPT generator.
    fn default() -> Self {
        Self {
            steps: 200,
            batch: count(8),
            temperature: 1.0,
            temperature_growth: 0.0,
            max_tokens: 512,
            style: Style::Tagged,
            layout: Layout::default(),
            prompt: TargetPrompt::Task,
            shown: 20,
            threshold: 0.0,
            display: ScoreDisplay::Buckets(100),
            order: Order::Ascending,
            exemplars: 3,
            exemplar_choice: ExemplarChoice::Random,
            instructions_first: true,
            initial: vec!["Let's solve the problem.".to_owned()],
            longest: 1500,
            digits: true,
            period: false,
            domain: String::new(),
            mode: Mode::Strict,
        }
    }
}

impl Opro {
    /// `opro-gsm8k`: no digits in instructions, weak ones are not shown, and the paper's prompt.
    pub fn gsm8k() -> Self {
        let domain = "grade school math".to_owned();
        Self { threshold: 0.3, digits: false, domain, ..Self::in_its_layout() }
    }

    /// `opro-bbh`: from the empty instruction, with the paper's prompt.
    pub fn bbh() -> Self {
        Self { initial: vec![String::new()], ..Self::in_its_layout() }
    }

    /// `opro-mmlu`: weak instructions are not shown, as published for GPT scorers, and the paper's
    /// prompt.
    pub fn mmlu() -> Self {
        Self { threshold: 0.3, ..Self::in_its_layout() }
    }

    fn in_its_layout() -> Self {
        Self { prompt: TargetPrompt::Layout, longest: 500, ..Self::default() }
    }

    /// For a base model that goes on with a pattern; `domain` is what the problems are called.
    ///
    /// ```
    /// use motjuste::method::Opro;
    /// assert!(Opro::instructions_only("navigation").checked().is_ok());
    /// ```
    pub fn instructions_only(domain: impl Into<String>) -> Self {
        Self {
            style: Style::InstructionsOnly,
            shown: 0,
            exemplars: 0,
            initial: vec![String::new(), "The answer is".to_owned()],
            domain: domain.into(),
            longest: 500,
            ..Self::default()
        }
    }

    /// The settings, if they can be used together.
    ///
    /// # Errors
    /// [`Error::is_configuration`] naming the setting to change.
    pub fn checked(&self) -> Result<()> {
        self.layout.checked()?;
        let refuse = |wrong: bool, what: &str, help: &str| match wrong {
            true => Err(Error::configuration(what).with_help(help)),
            false => Ok(()),
        };
        refuse(self.initial.is_empty(), "OPRO needs a start", "set initial = [\"\"]")?;
        let temperatures = [self.temperature, self.temperature + self.temperature_growth];
        let extreme = temperatures.iter().any(|t| !(0.0..=2.0).contains(t));
        refuse(
            extreme,
            "a temperature is not between 0 and 2",
            "set temperature, and temperature + temperature_growth, between 0 and 2",
        )?;
        let flat = self.display == ScoreDisplay::Buckets(0);
        refuse(flat, "scores cannot be shown in 0 buckets", "use 100 buckets, exact or hidden")?;
        match self.style {
            Style::InstructionsOnly => self.check_instructions_only(),
            _ => Ok(()),
        }
    }

    fn check_instructions_only(&self) -> Result<()> {
        let unused = self.exemplars > 0 || self.threshold > 0.0 || self.shown > 0;
        let (what, help) = match self {
            _ if unused => (
                "this style shows every instruction and no examples",
                "set exemplars = 0, threshold = 0 and shown = 0",
            ),
            _ if self.domain.is_empty() => {
                ("this style names the problems", "set domain, such as \"grade school math\"")
            }
            _ if self.layout.position == Position::BeforeQ => (
                "this style has no words for before_q",
                "set position to q_begin, q_end or a_begin",
            ),
            _ => return Ok(()),
        };
        Err(Error::configuration(what).with_help(help))
    }

    /// The most bytes of an instruction: four a character, and the initial ones as they are.
    pub(super) fn longest_in_bytes(&self) -> usize {
        let initial = self.initial.iter().map(String::len).max().unwrap_or_default();
        initial.max(4 * self.longest)
    }

    /// The most characters of an instruction in a study that begins with a person's own prompts.
    pub(super) fn longest_with(&self, history: &History) -> usize {
        let start = history.start().iter().map(|start| start.chars().count()).max();
        self.longest.max(2 * start.unwrap_or_default())
    }

    /// The temperature of a step, from 0.
    pub(super) fn temperature_at(&self, step: usize) -> f64 {
        self.temperature + step as f64 / self.steps.max(1) as f64 * self.temperature_growth
    }
}
