//! When a search is ended because more spending would bring nothing.

use super::Study;
use crate::error::Setting;
use crate::history::{ExampleScore, Proposal, Step};
use crate::model::FinishReason;
use crate::{Error, Result};

/// So many steps in a row in which the generator was asked and brought no new instruction end a search.
const BARREN_STEPS: usize = 10;

/// So many empty answers at the start, and no other, end a study.
pub(super) const FIRST_ANSWERS: usize = 20;

impl Study {
    /// Whether the generator was asked in each of the last steps, and nothing that it wrote was new.
    pub(super) fn brings_nothing_new(&self) -> bool {
        let steps = self.outcome.history.steps();
        steps.len() >= BARREN_STEPS && steps.iter().rev().take(BARREN_STEPS).all(is_barren)
    }

    /// Refuses to go on when all of the first answers are empty: every instruction would score alike.
    pub(super) fn refuse_empty_answers<'a>(
        &self,
        first: impl Iterator<Item = &'a ExampleScore>,
    ) -> Result<()> {
        let all: Vec<&ExampleScore> = first.collect();
        // Of several draws the first is kept, and the others may hold something.
        let is_drawn_once = self.evaluator.answers.sampling.draws() == 1;
        let least = FIRST_ANSWERS.min(self.outcome.history.rows().len());
        let enough = is_drawn_once && all.len() >= least;
        if !enough || !all.iter().copied().all(is_nothing) {
            return Ok(());
        }
        let cut = all.iter().filter(|one| one.finish_reason == FinishReason::Length).count();
        let (count, model) = (all.len(), self.models.target.id());
        let message = format!("the first {count} answers of {model} are all empty");
        Err(match cut {
            0 => Error::model(message).with_help(
                "ask the model once by hand: a filter, a tool call or a template may keep its answers \
                 back",
            ),
            cut => Error::model(format!("{message}, {cut} of them cut at the largest number of tokens"))
                .with_help("a reasoning model thinks before it answers: leave it more room")
                .with_setting(self.room_to_think()),
        })
    }

    /// What gives the target more tokens to think in: what is set aside for that, or, where it makes no
    /// difference between the two, an answer's length.
    fn room_to_think(&self) -> Setting {
        let target = &self.models.target;
        match target.is_remote() && !target.abilities().parts {
            true => Setting::ThinkingTokens,
            false => Setting::AnswerTokens,
        }
    }
}

/// Whether no answer stands there; thinking that never ended is none, unless it scores something.
fn is_nothing(one: &ExampleScore) -> bool {
    let is_worthless = one.score.is_none_or(|score| score == 0.0);
    one.answer.is_empty() || (one.is_cut_in_thought() && is_worthless)
}

fn is_barren(step: &Step) -> bool {
    let is_asked = step.proposals.iter().any(|proposal| matches!(proposal, Proposal::Ask(_)));
    let mut found = step.readings.iter().flatten();
    is_asked && step.assignments.is_empty() && found.all(|found| found.dropped.is_some())
}
