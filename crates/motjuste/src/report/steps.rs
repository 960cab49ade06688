//! The steps of a method that asks its generator in words, as data: what the generator read, what it
//! replied, what that was worth.

use serde::{Deserialize, Serialize};

use crate::history::{Ask, Found, History, Proposal, Shown, Step, Trial};

/// One step of a study whose generator is asked in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepLine {
    /// The step's index; the instructions that the search began with are step 0.
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

/// One instruction in a reply of the generator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReplyLine {
    /// The reply as it was.
    pub reply: String,
    /// The instruction that was read in it; empty when there is none.
    pub instruction: String,
    /// Why it was dropped; none for a new instruction.
    pub dropped: Option<String>,
}

impl StepLine {
    /// Every step in order in which the generator was asked in words.
    ///
    /// ```
    /// use motjuste::history::History;
    /// use motjuste::report::StepLine;
    /// assert!(StepLine::all(&History::new()).is_empty());
    /// ```
    pub fn all(history: &History) -> Vec<Self> {
        let mut so_far = None;
        let mut lines = Vec::new();
        for step in history.steps() {
            let best = best(trials(history, step));
            so_far = so_far.into_iter().chain(best).max_by(f64::total_cmp);
            if let Some(asked) = asked(step).next() {
                lines.push(Self::of(history, step, asked, so_far));
            }
        }
        lines
    }

    fn of(history: &History, step: &Step, asked: &Ask, best_so_far: Option<f64>) -> Self {
        let replies = step.replies.iter().zip(&step.readings).flat_map(|(reply, reading)| {
            reading.iter().map(|found| ReplyLine::of(&reply.text, found))
        });
        Self {
            step: step.index,
            trajectory: asked.shown.clone(),
            replies: replies.collect(),
            trials: trials(history, step).map(|trial| trial.id).collect(),
            best: best(trials(history, step)),
            best_so_far,
        }
    }
}

impl ReplyLine {
    fn of(reply: &str, found: &Found) -> Self {
        let Found { instruction, dropped, .. } = found.clone();
        Self { reply: reply.to_owned(), instruction, dropped }
    }
}

/// The trials that began in a step.
fn trials<'a>(history: &'a History, step: &'a Step) -> impl Iterator<Item = &'a Trial> {
    let trials = step.assignments.iter().filter_map(|it| history.trials().get(it.trial));
    trials.filter(|trial| trial.step == step.index)
}

fn best<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> Option<f64> {
    trials.into_iter().filter_map(Trial::score).max_by(f64::total_cmp)
}

/// What a step asked the generator, in order.
fn asked(step: &Step) -> impl Iterator<Item = &Ask> {
    step.proposals.iter().filter_map(|proposal| match proposal {
        Proposal::Ask(asked) => Some(asked.as_ref()),
        _ => None,
    })
}

/// What the generator was asked in a step, where it was asked in words: each prompt once, whatever the number of
/// its draws.
///
/// ```
/// use motjuste::history::History;
/// assert!(motjuste::report::asked_in(&History::new(), 1).is_empty());
/// ```
pub fn asked_in(history: &History, step: usize) -> Vec<&Ask> {
    let mut different: Vec<&Ask> = Vec::new();
    for ask in history.steps().get(step).into_iter().flat_map(asked) {
        if !different.iter().any(|known| known.parts == ask.parts) {
            different.push(ask);
        }
    }
    different
}
