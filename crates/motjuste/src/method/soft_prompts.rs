//! What the methods that search among soft prompts share: projections and quasi-random points.

use std::num::NonZeroUsize;

use motjuste_gp::Bounds;
use motjuste_gp::sobol::Sobol;
use rand::Rng;

use super::{GeneratorRole, HiddenStates, Needs};
use crate::history::{History, Proposal};
use crate::model::{Entries, Projection, SoftPrompt};
use crate::random::Stream;
use crate::{Error, Result};

/// A count that is never 0.
pub(super) const fn count(number: usize) -> NonZeroUsize {
    match NonZeroUsize::new(number) {
        Some(count) => count,
        None => NonZeroUsize::MIN,
    }
}

/// What a method needs that searches among soft prompts.
pub(super) fn needs(hidden_states: HiddenStates) -> Needs {
    Needs { generator: GeneratorRole::SoftPrompts, hidden_states, ..Needs::default() }
}

/// Refuses a space of soft prompts without a dimension or a token.
pub(super) fn check(dimensions: usize, soft_tokens: usize) -> Result<()> {
    match (dimensions, soft_tokens) {
        (0, _) => Err(Error::configuration("a soft prompt of 0 dimensions is always the same")
            .with_help("set dimensions to 1 or more; the paper's is 10")),
        (_, 0) => Err(Error::configuration("a soft prompt of 0 tokens is none")
            .with_help("set soft_tokens to 1 or more")),
        _ => Ok(()),
    }
}

/// A new projection; 32 bits of seed survive every JSON reader.
pub(super) fn draw_projection(tokens: usize, entries: Entries, stream: &mut Stream) -> Projection {
    Projection { tokens, entries, seed: u64::from(stream.next_u32()) }
}

/// The projection of a study that uses one throughout, once its first step is known.
pub(super) fn projection_of(history: &History) -> Option<Projection> {
    history.steps().first()?.proposals.iter().find_map(|proposal| match proposal {
        Proposal::SoftPrompt(soft_prompt) => Some(soft_prompt.projection),
        _ => None,
    })
}

/// Soft prompts at these points, through one projection, all behind one draw of demonstrations.
pub(super) fn at(
    points: impl IntoIterator<Item = Vec<f64>>,
    projection: Projection,
    demonstrations: u64,
) -> Vec<Proposal> {
    let soft_prompt = |z| Proposal::SoftPrompt(SoftPrompt { z, projection, demonstrations });
    points.into_iter().map(soft_prompt).collect()
}

/// Scrambled Sobol points of [lower, 1]^d.
pub(super) fn sobol(
    dimensions: usize,
    lower: f64,
    points: usize,
    stream: &mut Stream,
) -> Result<Vec<Vec<f64>>, motjuste_gp::Error> {
    let bounds = Bounds::cube(dimensions, lower, 1.0)?;
    let mut unit = Sobol::scrambled(dimensions, stream.next_u64())?;
    let points = bounds.stretch(&unit.points(points)?)?;
    Ok(points.rows().map(<[f64]>::to_vec).collect())
}
