//! The longest meta-prompt that a search can come to: what a worst case of costs needs.

use super::meta_prompt::MetaPrompt;
use super::settings::{Opro, Order, ScoreDisplay};
use crate::history::Shown;

/// As many instructions as are ever shown, each as long as it may be.
pub(super) fn longest(config: &Opro) -> MetaPrompt {
    let all = config.initial.len() + config.steps.saturating_mul(config.batch.get());
    let count = if config.shown == 0 { all } else { config.shown.min(all) };
    let instruction = "x".repeat(config.longest_in_bytes());
    let score = (config.display != ScoreDisplay::Hidden).then(|| u32::MAX.to_string());
    MetaPrompt {
        style: config.style,
        layout: config.layout,
        trajectory: vec![Shown { instruction, score }; count],
        order: Order::Ascending,
        top_score: Some(u32::MAX),
        exemplars: (0..config.exemplars).collect(),
        instructions_first: config.instructions_first,
        domain: config.domain.clone(),
        temperature: config.temperature,
        max_tokens: config.max_tokens,
        draw: 0,
    }
}
