//! The longest meta-prompt that a search can come to: what a forecast of costs needs.

use std::cmp::Reverse;

use super::meta_prompt::{MetaPrompt, Shown};
use super::settings::{OproConfig, Order, ScoreDisplay};
use crate::example::Example;

/// As many instructions as are ever shown, each as long as it may be, and the longest examples.
pub(super) fn longest(config: &OproConfig, scored: &[Example]) -> MetaPrompt {
    let all = config.initial.len() + config.steps * config.batch;
    let count = if config.shown == 0 { all } else { config.shown.min(all) };
    let instruction = "x".repeat(config.longest_in_bytes());
    let score = (config.display != ScoreDisplay::Hidden).then(|| u32::MAX.to_string());
    let mut exemplars: Vec<usize> = (0..scored.len()).collect();
    exemplars.sort_by_key(|place| Reverse(length(&scored[*place])));
    exemplars.truncate(config.exemplars);
    MetaPrompt {
        style: config.style,
        layout: config.layout,
        trajectory: vec![Shown { instruction, score }; count],
        order: Order::Ascending,
        top_score: Some(u32::MAX),
        exemplars,
        instructions_first: config.instructions_first,
        domain: config.domain.clone(),
        temperature: config.temperature,
        max_tokens: config.max_tokens,
        draw: 0,
    }
}

fn length(example: &Example) -> usize {
    example.input.len() + example.outputs.first().map_or(0, String::len)
}
