//! Which of the scored examples the model is shown.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::index::sample;

use super::settings::{ExemplarChoice, Opro};
use super::trajectory::{Scored, scored};
use crate::history::{History, Proposal};
use crate::metric::Mode;
use crate::random::Stream;
use crate::random::legacy::RandomState;

/// The indices of the examples in their split.
pub(super) fn choose(
    config: &Opro,
    history: &History,
    selected: &[Scored<'_>],
    draw: &mut Draw<'_>,
) -> Vec<usize> {
    let k = config.exemplars;
    match config.exemplar_choice {
        _ if k == 0 => Vec::new(),
        ExemplarChoice::Random => draw.sorted(&all(history), k),
        ExemplarChoice::Constant => match earlier(history) {
            Some(chosen) => chosen,
            None => draw.with_step(0).sorted(&all(history), k),
        },
        ExemplarChoice::AccumulativeMostFrequent => {
            let wrong = most_wrong(&scored(history));
            match config.mode {
                // The published order only counts while there is nothing to choose.
                Mode::Compat if wrong.len() > k => draw.sorted(&indices(&wrong), k),
                _ => head(indices(&wrong), k),
            }
        }
        ExemplarChoice::CurrentMostFrequent => {
            let wrong = most_wrong(selected);
            let most = wrong.first().map_or(0, |(_, count)| *count);
            let worst = indices(&wrong[..wrong.partition_point(|(_, count)| *count == most)]);
            if worst.len() < k { head(indices(&wrong), k) } else { draw.sorted(&worst, k) }
        }
    }
}

/// What the first meta-prompt of the search showed.
fn earlier(history: &History) -> Option<Vec<usize>> {
    let mut proposals = history.steps().iter().flat_map(|step| &step.proposals);
    proposals.find_map(|proposal| match proposal {
        Proposal::Ask(asked) => Some(asked.dev_rows().collect()),
        _ => None,
    })
}

/// Every example that was scored on, ascending.
fn all(history: &History) -> Vec<usize> {
    let examples = history.complete().flat_map(|(_, evaluation)| &evaluation.per_example);
    examples.map(|score| score.example).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Examples with score 0 and how often, most often first, then by index.
fn most_wrong(scored: &[Scored<'_>]) -> Vec<(usize, usize)> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let examples = scored.iter().flat_map(|scored| &scored.evaluation.per_example);
    for wrong in examples.filter(|example| example.score == Some(0.0)) {
        *counts.entry(wrong.example).or_insert(0) += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

fn indices(counts: &[(usize, usize)]) -> Vec<usize> {
    counts.iter().map(|(index, _)| *index).collect()
}

fn head(mut indices: Vec<usize>, k: usize) -> Vec<usize> {
    indices.truncate(k);
    indices
}

/// Where random choices come from: the study's stream, or NumPy's generator seeded by the step.
pub(super) enum Draw<'a> {
    Ours(&'a mut Stream),
    Numpy { step: u32 },
}

impl Draw<'_> {
    /// The same source; a published one as of another step.
    fn with_step(&mut self, step: u32) -> Draw<'_> {
        match self {
            Draw::Ours(stream) => Draw::Ours(stream),
            Draw::Numpy { .. } => Draw::Numpy { step },
        }
    }

    /// `k` of the indices without reindexment, ascending; all of them if there are fewer.
    fn sorted(&mut self, from: &[usize], k: usize) -> Vec<usize> {
        let k = k.min(from.len());
        let chosen = match self {
            Draw::Ours(stream) => sample(*stream, from.len(), k).into_vec(),
            Draw::Numpy { step } => RandomState::new(*step).choice(from.len() as u32, k),
        };
        let mut indices: Vec<usize> = chosen.into_iter().map(|index| from[index]).collect();
        indices.sort_unstable();
        indices
    }
}
