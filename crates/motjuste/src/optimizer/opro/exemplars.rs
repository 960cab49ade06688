//! Which of the scored examples the model is shown.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::index::sample;

use super::settings::{ExemplarChoice, OproConfig};
use super::trajectory::{Scored, scored};
use crate::history::History;
use crate::metric::Mode;
use crate::random::Stream;
use crate::random::legacy::RandomState;

/// The places of the examples in their split.
///
/// `constant` is the choice of an earlier step, if there was one.
pub(super) fn choose(
    config: &OproConfig,
    history: &History,
    selected: &[Scored<'_>],
    constant: Option<&[usize]>,
    draw: &mut Draw<'_>,
) -> Vec<usize> {
    let k = config.exemplars;
    match (config.exemplar_choice, constant) {
        _ if k == 0 => Vec::new(),
        (ExemplarChoice::Random, _) => draw.sorted(&all(history), k),
        (ExemplarChoice::Constant, Some(earlier)) => earlier.to_vec(),
        (ExemplarChoice::Constant, None) => draw.with_step(0).sorted(&all(history), k),
        (ExemplarChoice::AccumulativeMostFrequent, _) => {
            let wrong = most_wrong(&scored(history));
            match config.mode {
                // The published order only counts while there is nothing to choose.
                Mode::Compat if wrong.len() > k => draw.sorted(&places(&wrong), k),
                _ => head(places(&wrong), k),
            }
        }
        (ExemplarChoice::CurrentMostFrequent, _) => {
            let wrong = most_wrong(selected);
            let most = wrong.first().map_or(0, |(_, count)| *count);
            let worst = places(&wrong[..wrong.partition_point(|(_, count)| *count == most)]);
            if worst.len() < k { head(places(&wrong), k) } else { draw.sorted(&worst, k) }
        }
    }
}

/// Every example that was scored on, ascending.
fn all(history: &History) -> Vec<usize> {
    let examples = history.complete().flat_map(|(_, evaluation)| &evaluation.per_example);
    examples.map(|score| score.example).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Examples with score 0 and how often, most often first, then by place.
fn most_wrong(scored: &[Scored<'_>]) -> Vec<(usize, usize)> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let examples = scored.iter().flat_map(|(_, evaluation)| &evaluation.per_example);
    for wrong in examples.filter(|example| example.score == 0.0) {
        *counts.entry(wrong.example).or_insert(0) += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

fn places(counts: &[(usize, usize)]) -> Vec<usize> {
    counts.iter().map(|(place, _)| *place).collect()
}

fn head(mut places: Vec<usize>, k: usize) -> Vec<usize> {
    places.truncate(k);
    places
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

    /// `k` of the places without replacement, ascending; all of them if there are fewer.
    fn sorted(&mut self, from: &[usize], k: usize) -> Vec<usize> {
        let k = k.min(from.len());
        let chosen = match self {
            Draw::Ours(stream) => sample(*stream, from.len(), k).into_vec(),
            Draw::Numpy { step } => RandomState::new(*step).choice(from.len() as u32, k),
        };
        let mut places: Vec<usize> = chosen.into_iter().map(|index| from[index]).collect();
        places.sort_unstable();
        places
    }
}
