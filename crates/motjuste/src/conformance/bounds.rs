//! Whether a method keeps to its bounds.

use super::ensure;
use crate::Result;
use crate::history::{Ask, Candidate, History, Proposal, Step};
use crate::method::{Method, PromptBound};

/// No more replies, no longer prompt and no longer instruction than the method says.
pub(super) fn hold(history: &History, method: &dyn Method, trials: u64) -> Result<()> {
    // The last step may read more instructions than there are trials left.
    let bounds = method.bounds(trials.max(history.candidates().len() as u64));
    let replies: usize = history.steps().iter().map(useful_replies).sum();
    let promise = format!("no more replies than {}; found {replies}", bounds.replies);
    ensure(replies as u64 <= bounds.replies, &promise)?;
    let proposals = history.steps().iter().flat_map(|step| &step.proposals);
    for proposal in proposals {
        if let Proposal::Ask(ask) = proposal {
            prompt_holds(ask, bounds.prompt)?;
        }
    }
    // What the rows of an instruction bring is not in its bound.
    let shows_rows = |it: &&Candidate| matches!(history.proposal_of(it), Some(Proposal::Composed(parts)) if parts.len() > 1);
    let written = history.candidates().iter().filter(|it| !shows_rows(it));
    let lengths = written.map(|candidate| candidate.instruction.len());
    let longest = lengths.max().unwrap_or_default();
    let promise = format!("no instruction longer than its bound; found {longest} bytes");
    ensure(bounds.instruction_bytes.is_none_or(|bytes| longest <= bytes), &promise)
}

/// Replies of a generator that hold a candidate: a bound on replies supposes that each does.
fn useful_replies(step: &Step) -> usize {
    let pairs = step.proposals.iter().zip(&step.readings);
    let is_useful = |(proposal, reading): &(&Proposal, &Vec<crate::history::Found>)| {
        proposal.asks() && reading.iter().any(|found| found.dropped.is_none())
    };
    pairs.filter(is_useful).count()
}

fn prompt_holds(ask: &Ask, bound: Option<PromptBound>) -> Result<()> {
    let found = PromptBound::of(ask);
    let is_within = bound.is_some_and(|bound| {
        let fits = found.bytes <= bound.bytes && found.rows <= bound.rows;
        fits && found.max_tokens <= bound.max_tokens
    });
    let promise = format!("no prompt larger than its bound {bound:?}; found {found:?}");
    ensure(is_within, &promise)
}
