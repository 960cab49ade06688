//! vLLM's `/v1/completions` with `prompt_embeds`: a list of embedded prompts, a choice for each.

use motjuste::Result;
use motjuste::model::{Completion, Decoding, Embeddings};
use motjuste::usage::Usage;
use serde::{Deserialize, Serialize};

use super::garbage::{are_garbage_ids, is_garbage_text};
use super::payload;
use crate::protocol::chat::finish_reason;
use crate::protocol::{Unread, count, from_json, seed, to_json};

/// `prompt` is left out: an empty one is refused, and any other would be answered beside.
#[derive(Debug, Serialize)]
struct Ask<'a> {
    model: &'a str,
    prompt_embeds: Vec<String>,
    max_tokens: usize,
    temperature: f64,
    n: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    return_token_ids: bool,
}

pub(super) fn body(
    model: &str,
    embeddings: &[&Embeddings],
    hidden: usize,
    decoding: &Decoding,
) -> Result<Vec<u8>> {
    let prompts = embeddings.iter().map(|rows| payload::encode(rows, hidden));
    to_json(&Ask {
        model,
        prompt_embeds: prompts.collect::<Result<_>>()?,
        max_tokens: decoding.max_tokens,
        temperature: decoding.temperature,
        n: 1,
        seed: seed(decoding),
        return_token_ids: true,
    })
}

#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Total>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    index: usize,
    text: String,
    token_ids: Option<Vec<u32>>,
    finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Total {
    #[serde(default, deserialize_with = "count")]
    completion_tokens: Option<u64>,
}

/// One completion for each embedded prompt, of which `rows` tells the lengths.
pub(super) fn read(
    body: &[u8],
    rows: &[usize],
    decoding: &Decoding,
) -> Result<Vec<Completion>, Unread> {
    let Answer { mut choices, usage } = from_json(body)?;
    choices.sort_by_key(|choice| choice.index);
    if choices.is_empty() {
        return Err(Unread::Empty);
    }
    if !choices.iter().map(|choice| choice.index).eq(0..rows.len()) {
        let count = choices.len();
        let message = format!("{count} choices, not one for each of {} prompts", rows.len());
        return Err(Unread::Malformed(message));
    }
    if choices.iter().any(Choice::is_garbage) {
        return Err(Unread::Malformed("the server's cache seems to be spoiled".to_owned()));
    }
    let written = written(&choices, usage, decoding);
    let completion = |((choice, &rows), tokens_out): ((Choice, &usize), u64)| Completion {
        finish_reason: finish_reason(choice.finish_reason.as_deref()),
        text: choice.text,
        usage: Usage { tokens_in: rows as u64, tokens_out },
        ..Completion::default()
    };
    Ok(choices.into_iter().zip(rows).zip(written).map(completion).collect())
}

impl Choice {
    fn is_garbage(&self) -> bool {
        match &self.token_ids {
            Some(ids) => are_garbage_ids(ids),
            None => is_garbage_text(&self.text),
        }
    }
}

/// The tokens written for each choice: from their ids, else an even share of the total rounded
/// up, else the most that there can be.
fn written(choices: &[Choice], usage: Option<Total>, decoding: &Decoding) -> Vec<u64> {
    let total = usage.and_then(|usage| usage.completion_tokens);
    let share = total.map(|total| total.div_ceil(choices.len().max(1) as u64));
    let share = share.unwrap_or(decoding.max_tokens as u64);
    let count = |choice: &Choice| choice.token_ids.as_ref().map_or(share, |ids| ids.len() as u64);
    choices.iter().map(count).collect()
}
