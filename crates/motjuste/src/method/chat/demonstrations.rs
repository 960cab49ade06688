//! Examples in the prompt: the best words so far with train rows, which the target reads as demonstrations.
//!
//! Words and rows are searched in turn. The other sources improve words, by trials without rows; this one puts rows
//! behind the best words: those that were best behind other words, and new draws of all and of half of the number allowed.

use rand::seq::index::sample;

use super::Chat;
use super::source::Source;
use crate::history::{Candidate, History, Part, Proposal, Reading, Reply, Trial};
use crate::method::composed::{self, composed};
use crate::method::new_texts;
use crate::random::Stream;

/// Sets of rows that are tried in one turn.
const SETS: usize = 4;

impl Chat {
    /// The most rows that an instruction shows.
    pub(super) fn most_demonstrations(&self) -> usize {
        if self.has(Source::Demonstrate) { self.demonstrations } else { 0 }
    }

    /// The words of this trial with several sets of rows.
    pub(super) fn demonstrate(
        &self,
        history: &History,
        trial: &Trial,
        stream: &mut Stream,
    ) -> Vec<Proposal> {
        let kept = self.best_rows(history);
        let sizes = [self.demonstrations, self.demonstrations.div_ceil(2)].into_iter().cycle();
        let all = history.train_rows();
        let new = sizes.map(|size| sample(stream, all, size.min(all)).into_vec());
        let sets = kept.into_iter().chain(new).take(SETS);
        sets.map(|rows| composed(&trial.instruction, &rows)).collect()
    }

    /// The rows of the most promising trial that shows any.
    fn best_rows(&self, history: &History) -> Option<Vec<usize>> {
        let best = self
            .race
            .leaders(history, usize::MAX)
            .into_iter()
            .find(|it| shows_rows(history, it))?;
        Some(composed::rows(history, candidate(history, best)?))
    }

    /// So many trials at the most that lead among those without demonstrations, the first of them first.
    pub(super) fn leaders<'a>(&self, history: &'a History, count: usize) -> Vec<&'a Trial> {
        let leaders = self.race.leaders(history, usize::MAX).into_iter();
        leaders.filter(|trial| !shows_rows(history, trial)).take(count).collect()
    }
}

/// Whether a trial's instruction shows train rows.
fn shows_rows(history: &History, trial: &Trial) -> bool {
    candidate(history, trial).is_some_and(|it| !composed::rows(history, it).is_empty())
}

fn candidate<'a>(history: &'a History, trial: &Trial) -> Option<&'a Candidate> {
    history.candidates().get(trial.candidate)
}

/// The instructions that are new, with the candidate whose words each has.
pub(super) fn read(history: &History, proposals: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
    let mut readings = new_texts(history, replies);
    for (reading, proposal) in readings.iter_mut().zip(proposals) {
        let kept = reading.iter_mut().filter(|found| found.dropped.is_none());
        kept.for_each(|found| found.parents.extend(parent(history, proposal)));
    }
    readings
}

fn parent(history: &History, proposal: &Proposal) -> Option<usize> {
    match proposal {
        Proposal::Composed(parts) => match parts.first()? {
            Part::Text(words) => history.find(words).map(|trial| trial.candidate),
            _ => None,
        },
        _ => None,
    }
}
