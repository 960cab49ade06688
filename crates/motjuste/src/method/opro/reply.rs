//! Reading an instruction from the generator's reply.

use super::layout::Slot;
use crate::metric::python::{first_group, strip};

/// The text between the slot's markers, such as `<INS>` and `</INS>`; a missing marker is the
/// reply's start or end. Empty when the end comes first.
///
/// ```
/// use motjuste::method::opro::{Slot, tagged};
/// assert_eq!(tagged("Sure: <INS> Think. </INS>", Slot::Ins), "Think.");
/// ```
pub fn tagged(reply: &str, slot: Slot) -> &str {
    let start = reply.find(slot.open()).map_or(0, |start| start + slot.open().len());
    let end = reply.find(slot.close()).unwrap_or(reply.len());
    strip(reply.get(start..end).unwrap_or_default())
}

/// Whether the reply has either of the slot's markers.
pub(super) fn is_tagged(reply: &str, slot: Slot) -> bool {
    reply.contains(slot.open()) || reply.contains(slot.close())
}

/// The first `[…]` on one line, without its brackets; empty when there is none.
///
/// ```
/// assert_eq!(motjuste::method::opro::bracketed("[abc] [d]"), "abc");
/// ```
pub fn bracketed(reply: &str) -> String {
    let group = first_group(reply, "[", "]").unwrap_or_default();
    group.get(1..group.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// The first `<TEXT>…</TEXT>`, across lines.
///
/// ```
/// assert_eq!(motjuste::method::opro::text_tag("x <TEXT>a\nb</TEXT>"), Some("a\nb"));
/// ```
pub fn text_tag(reply: &str) -> Option<&str> {
    let (_, inside) = reply.split_once("<TEXT>")?;
    Some(inside.split_once("</TEXT>")?.0)
}

/// Trims, deletes `**`, and begins with a capital; with `period`, ends with one unless the text
/// ends a sentence already.
///
/// ```
/// use motjuste::method::opro::polish;
/// assert_eq!(polish(" let's **go** ", true), "Let's go.");
/// ```
pub fn polish(text: &str, period: bool) -> String {
    let text = strip(text);
    if text.is_empty() {
        return String::new();
    }
    let mut polished = capitalised(&text.replace("**", ""));
    if period && !polished.ends_with(['.', '?', '!']) {
        polished.push('.');
    }
    polished
}

/// A single letter stays as it is.
fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        Some(first) if !rest.as_str().is_empty() => first.to_uppercase().chain(rest).collect(),
        _ => text.to_owned(),
    }
}

/// The published identity of an instruction: the MD5 of its bytes in hexadecimal.
///
/// ```
/// let key = motjuste::method::opro::md5_key("Let's go.");
/// assert_eq!(key, "c0c68dc16d3a29c25093fc6ebb9f5a0d");
/// ```
pub fn md5_key(instruction: &str) -> String {
    use md5::{Digest, Md5};
    let digest = Md5::digest(instruction.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
