//! SGLang's `/generate` with `input_embeds`: prompts as nested lists of numbers.

use motjuste::Result;
use motjuste::model::{Completion, Decoding, Embeddings, FinishReason};
use motjuste::usage::Usage;
use serde::{Deserialize, Serialize};

use super::garbage::is_garbage_text;
use super::payload;
use crate::protocol::chat::finish_reason;
use crate::protocol::{Unread, count, from_json, seed, to_json};

#[derive(Debug, Serialize)]
struct Ask<'a> {
    /// Shape (prompts, tokens, hidden).
    input_embeds: Vec<Vec<&'a [f32]>>,
    sampling_params: Sampling,
}

#[derive(Debug, Serialize)]
struct Sampling {
    max_new_tokens: usize,
    temperature: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sampling_seed: Option<u64>,
}

pub(super) fn body(
    embeddings: &[&Embeddings],
    hidden: usize,
    decoding: &Decoding,
) -> Result<Vec<u8>> {
    embeddings.iter().try_for_each(|rows| payload::check(rows, hidden))?;
    let sampling_params = Sampling {
        max_new_tokens: decoding.max_tokens,
        temperature: decoding.temperature,
        sampling_seed: seed(decoding),
    };
    let input_embeds = embeddings.iter().map(|rows| rows.values.chunks_exact(hidden).collect());
    to_json(&Ask { input_embeds: input_embeds.collect(), sampling_params })
}

#[derive(Debug, Deserialize)]
struct Answer {
    text: String,
    #[serde(default)]
    meta_info: Told,
}

#[derive(Debug, Default, Deserialize)]
struct Told {
    #[serde(default, deserialize_with = "count")]
    completion_tokens: Option<u64>,
    finish_reason: Option<Finish>,
}

#[derive(Debug, Deserialize)]
struct Finish {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// One completion for each embedded prompt, of which `rows` tells the lengths.
pub(super) fn read(
    body: &[u8],
    rows: &[usize],
    decoding: &Decoding,
) -> Result<Vec<Completion>, Unread> {
    let answers: Vec<Answer> = from_json(body)?;
    if answers.len() != rows.len() {
        let count = answers.len();
        let message = format!("{count} texts, not one for each of {} prompts", rows.len());
        return Err(Unread::Malformed(message));
    }
    if answers.iter().any(Answer::is_broken) {
        return Err(Unread::Malformed("a text was broken off or is no text".to_owned()));
    }
    let completion = |(answer, &rows): (Answer, &usize)| {
        let most = decoding.max_tokens as u64;
        let tokens_out = answer.meta_info.completion_tokens.unwrap_or(most);
        let usage = Usage { tokens_in: rows as u64, tokens_out };
        let finish_reason = answer.finish_reason();
        Completion { text: answer.text, finish_reason, usage, ..Completion::default() }
    };
    Ok(answers.into_iter().zip(rows).map(completion).collect())
}

impl Answer {
    fn finish_reason(&self) -> FinishReason {
        let finish = self.meta_info.finish_reason.as_ref();
        finish_reason(finish.and_then(|finish| finish.kind.as_deref()))
    }

    fn is_broken(&self) -> bool {
        let finish = self.meta_info.finish_reason.as_ref();
        let is_aborted = finish.is_some_and(|finish| finish.kind.as_deref() == Some("abort"));
        is_aborted || is_garbage_text(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `tests/golden/check.py` reads the same numbers back with PyTorch.
    #[test]
    fn numbers_are_written_so_that_they_are_read_equal() {
        let rows = |from: u16, to: u16| {
            let values = (from..to).map(|i| (f32::from(i) - 4.0) / 7.0).collect();
            Embeddings { values, hidden: 3 }
        };
        let decoding = Decoding { max_tokens: 8, temperature: 0.5, draw: 7 };
        let sent = body(&[&rows(0, 6), &rows(6, 9)], 3, &decoding).unwrap();
        let golden = include_str!("../../tests/golden/input_embeds_2x3_1x3.json");
        assert_eq!(String::from_utf8(sent).unwrap(), golden.trim_end());
        let mut broken = rows(0, 6);
        broken.values[1] = f32::NAN;
        assert!(body(&[&broken], 3, &decoding).is_err());
    }
}
