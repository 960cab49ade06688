//! The steps of OPRO as data: what the generator read, what it replied, what that was worth.

use serde::{Deserialize, Serialize};

use crate::history::History;
use crate::journal::Outcome;
use crate::optimizer::OptimizerConfig;
use crate::optimizer::opro::{MetaPrompt, Opro, Shown, Step, Verdict};
use crate::proposal::Proposal;
use crate::trial::Trial;

/// One step of a study whose generator reads meta-prompts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepLine {
    /// The step's number, from 1; it is that of its round.
    pub step: usize,
    /// The instructions that the generator read, in the order of showing, with their scores in print.
    pub trajectory: Vec<Shown>,
    /// Each reply with what became of it.
    pub replies: Vec<ReplyLine>,
    /// The numbers of the step's own trials.
    pub trials: Vec<usize>,
    /// The best dev score among them.
    pub best: Option<f64>,
    /// The best dev score up to and including the step.
    pub best_so_far: Option<f64>,
}

/// One reply of the generator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyLine {
    /// The reply as it was.
    pub reply: String,
    /// The instruction that was read in it; empty when there is none.
    pub instruction: String,
    /// Why it was dropped; none for a new instruction.
    pub dropped: Option<String>,
}

impl StepLine {
    /// Every step in order; none for a method without meta-prompts.
    ///
    /// ```
    /// use motjuste::journal::Outcome;
    /// use motjuste::report::StepLine;
    /// fn dropped(outcome: &Outcome) -> usize {
    ///     let steps = StepLine::all(outcome);
    ///     steps.iter().flat_map(|step| &step.replies).filter(|reply| reply.dropped.is_some()).count()
    /// }
    /// ```
    pub fn all(outcome: &Outcome) -> Vec<Self> {
        let OptimizerConfig::Opro(config) = &outcome.config.method else { return Vec::new() };
        let start = outcome.history.rounds().iter().take_while(|round| round.index == 0);
        let mut so_far = best(start.flat_map(|round| &round.trials));
        let opro = Opro::new(config.clone());
        let line = |step: Step<'_>| {
            let line = Self::of(&step, so_far);
            so_far = line.best_so_far;
            line
        };
        opro.steps(&outcome.history).into_iter().map(line).collect()
    }

    fn of(step: &Step<'_>, before: Option<f64>) -> Self {
        let best = best(step.trials);
        Self {
            step: step.number,
            trajectory: step.asked.trajectory.clone(),
            replies: step.replies.iter().map(ReplyLine::of).collect(),
            trials: step.trials.iter().map(|trial| trial.id).collect(),
            best,
            best_so_far: before.into_iter().chain(best).max_by(f64::total_cmp),
        }
    }
}

impl ReplyLine {
    fn of((reply, verdict): &(&str, Verdict)) -> Self {
        let (instruction, dropped) = match verdict {
            Verdict::Accepted(text) => (text, None),
            Verdict::Dropped(text, reason) => (text, Some(reason.to_string())),
        };
        Self { reply: (*reply).to_owned(), instruction: instruction.clone(), dropped }
    }
}

fn best<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> Option<f64> {
    trials.into_iter().filter_map(Trial::score).max_by(f64::total_cmp)
}

/// The meta-prompt of a step, from 1.
///
/// ```
/// use motjuste::history::History;
/// assert!(motjuste::report::meta_prompt(&History::new(), 1).is_none());
/// ```
pub fn meta_prompt(history: &History, step: usize) -> Option<&MetaPrompt> {
    match history.rounds().get(step)?.proposals.first()? {
        Proposal::MetaPrompt(asked) => Some(asked),
        _ => None,
    }
}
