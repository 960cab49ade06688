//! Every distinct instruction with what it scored, best first.

use std::collections::HashMap;

use motjuste::history::TrialState;
use motjuste::report::{Report, TrialLine};
use serde::Serialize;

use crate::format;
use crate::html::Html;

/// How many instructions are shown before the fold.
const SHOWN: usize = 10;

/// Some of the instructions, behind a fold or not.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    /// What is behind the fold; none when there is no fold.
    fold: Option<String>,
    lines: Vec<Line>,
}

/// One instruction.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub score: String,
    /// The score as the length of a bar, in percent.
    pub bar: String,
    /// What the score is worth, if it is not one of a complete trial.
    pub note: Option<String>,
    pub instruction: Html,
    pub is_winner: bool,
    pub repeats: usize,
    pub first_trial: usize,
}

/// The instructions in one table, the long tail of it folded away.
pub(super) fn parts(report: &Report, trials: &[TrialLine]) -> Vec<Part> {
    let mut shown = lines(report, trials);
    let folded = shown.split_off(SHOWN.min(shown.len()));
    let fold = format::counted(folded.len(), "more instruction");
    let parts = [Part { fold: None, lines: shown }, Part { fold: Some(fold), lines: folded }];
    parts.into_iter().filter(|part| !part.lines.is_empty()).collect()
}

/// One line for each distinct text: complete ones first, each kind by score, then by trial number.
pub(super) fn lines(report: &Report, trials: &[TrialLine]) -> Vec<Line> {
    let mut groups = groups(trials);
    groups.sort_by(|a, b| {
        let rank = |group: &Group<'_>| (!group.is_complete(), std::cmp::Reverse(group.score_key()));
        rank(a).cmp(&rank(b)).then(a.first.trial.cmp(&b.first.trial))
    });
    groups.iter().map(|group| group.line(report)).collect()
}

/// The trials of one text.
struct Group<'a> {
    first: &'a TrialLine,
    /// The trial whose score counts: the first complete one, or else the first.
    scored: &'a TrialLine,
    trials: usize,
}

fn groups(trials: &[TrialLine]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut indexes: HashMap<&str, usize> = HashMap::new();
    for trial in trials {
        let index = *indexes.entry(&trial.instruction).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.add(trial),
            None => groups.push(Group { first: trial, scored: trial, trials: 1 }),
        }
    }
    groups
}

impl<'a> Group<'a> {
    fn add(&mut self, trial: &'a TrialLine) {
        self.trials += 1;
        if !self.is_complete() && trial.state == TrialState::Complete {
            self.scored = trial;
        }
    }

    fn is_complete(&self) -> bool {
        self.scored.state == TrialState::Complete
    }

    /// The score in an order that knows no exceptions: none below zero.
    fn score_key(&self) -> Option<u64> {
        // The bits of non-negative floats are in the order of the floats.
        self.scored.score.map(|score| score.max(0.0).to_bits())
    }

    fn line(&self, report: &Report) -> Line {
        let score = self.scored.score;
        let note = match self.scored.state {
            TrialState::Complete => None,
            TrialState::Pruned => {
                let examples = format::counted(self.scored.per_example.len(), "example");
                Some(format!("pruned after {examples}"))
            }
            TrialState::Partial => {
                let examples = format::counted(self.scored.per_example.len(), "example");
                Some(format!("scored on {examples}"))
            }
            _ => Some("failed".to_owned()),
        };
        Line {
            score: score.map_or("–".to_owned(), format::score),
            bar: format!("{:.1}", score.unwrap_or(0.0).clamp(0.0, 1.0) * 100.0),
            note,
            instruction: format::text(&self.scored.instruction),
            is_winner: report.instruction.as_ref() == Some(&self.scored.instruction),
            repeats: self.trials - 1,
            first_trial: self.first.trial,
        }
    }
}
