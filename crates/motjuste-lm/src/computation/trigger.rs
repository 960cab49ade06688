//! The tokens of a trigger.

use motjuste::model::Trigger;
use motjuste::{Error, Result};

use super::open::Open;

/// The tokens that a trigger is or begins with, behind what leads to it.
///
/// # Errors
/// When there are none, or the model does not have one of them.
pub(super) fn tokens(open: &Open, trigger: &Trigger, lead: &str) -> Result<Vec<u32>> {
    if trigger.is_empty() {
        return Err(Error::configuration("a trigger has no tokens")
            .with_help("give it a length of at least 1"));
    }
    let tokens = match trigger {
        Trigger::Tokens(tokens) => tokens.clone(),
        Trigger::Begin { text, length } => begin(open, text, *length, lead)?,
    };
    open.check_known(&tokens)?;
    Ok(tokens)
}

/// The first tokens of a text, which is repeated, with spaces between, until there are enough.
fn begin(open: &Open, text: &str, length: usize, lead: &str) -> Result<Vec<u32>> {
    let tokenizer = &open.text.tokenizer;
    let mut repeated = format!("{lead}{text}");
    let once = tokenizer.encode(text)?.len();
    if once == 0 {
        return Err(Error::configuration("a trigger cannot begin with an empty text")
            .with_help("begin it with a word"));
    }
    // Where tokens grow together over a seam there may be fewer than `once` for each text, but never none.
    let mut tokens = tokenizer.encode(&repeated)?;
    while tokens.len() < length {
        repeated = format!("{repeated} {text}");
        tokens = tokenizer.encode(&repeated)?;
    }
    tokens.truncate(length);
    Ok(tokens)
}

/// The words of a trigger, without what leads to it.
pub(super) fn text(open: &Open, tokens: &[u32], lead: &str) -> Result<String> {
    let text = open.text.tokenizer.decode(tokens)?;
    Ok(text.strip_prefix(lead).map_or(text.clone(), str::to_owned))
}

/// Whether tokens are read again as they are written, once they are a text behind what leads to them.
pub(super) fn survives(open: &Open, tokens: &[u32], lead: &str) -> Result<bool> {
    let text = text(open, tokens, lead)?;
    Ok(open.text.tokenizer.encode(&format!("{lead}{text}"))? == tokens)
}

/// Refuses a trigger that would be read otherwise than it is written: no swap could mend it.
pub(super) fn check(open: &Open, tokens: &[u32], lead: &str) -> Result<()> {
    if survives(open, tokens, lead)? {
        return Ok(());
    }
    let text = text(open, tokens, lead)?;
    Err(Error::configuration(format!(
        "the trigger `{text}` is read as other tokens than it is made of"
    ))
    .with_help("begin the trigger with other words, or give it another length"))
}
