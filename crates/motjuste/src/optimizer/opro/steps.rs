//! What became of every step. It follows from the history, so it is written down nowhere else.

use super::{MetaPrompt, Opro, Verdict};
use crate::history::{History, Round};
use crate::proposal::Proposal;
use crate::trial::Trial;

/// One step of a search: what the generator read, what it replied, what was scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<'a> {
    /// The step's number, from 1, which is also that of its round.
    pub number: usize,
    /// What all replies answer, as the first of them was asked.
    pub asked: &'a MetaPrompt,
    /// Each reply as it was, with its verdict.
    pub replies: Vec<(&'a str, Verdict)>,
    /// The accepted instructions under evaluation, in the order of the replies.
    pub trials: &'a [Trial],
}

impl Opro {
    /// The steps of a search with these settings, in order. The round of the initial instructions
    /// is none of them.
    ///
    /// ```
    /// use motjuste::history::History;
    /// use motjuste::optimizer::opro::{Opro, OproConfig};
    /// assert!(Opro::new(OproConfig::default()).steps(&History::new()).is_empty());
    /// ```
    pub fn steps<'a>(&self, history: &'a History) -> Vec<Step<'a>> {
        let mut earlier = History::new();
        let mut steps = Vec::new();
        for round in history.rounds() {
            steps.extend(self.step(&earlier, round));
            earlier.push(round.clone());
        }
        steps
    }

    fn step<'a>(&self, earlier: &History, round: &'a Round) -> Option<Step<'a>> {
        let Some(Proposal::MetaPrompt(asked)) = round.proposals.first() else { return None };
        let replies = round.generations.iter().map(|reply| reply.text.as_str());
        let verdicts = self.judge(earlier, replies.clone());
        let replies = replies.zip(verdicts).collect();
        Some(Step { number: round.index, asked, replies, trials: &round.trials })
    }
}
