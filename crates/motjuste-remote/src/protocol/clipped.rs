//! JSON that was not read to its end.

/// The beginning of a JSON text as a whole one: what is open is closed, and what is unfinished is left out. So an
/// answer that is much longer than what was asked for can be cut, and still be read.
pub(crate) fn closed(beginning: &[u8]) -> Vec<u8> {
    let mut reading = Reading::default();
    let mut safe = 0;
    for (index, byte) in beginning.iter().enumerate() {
        // What stands before a comma is whole, a number too.
        if *byte == b',' && !reading.in_text {
            safe = index;
        }
        reading.take(*byte);
        if reading.may_end_with(*byte) {
            safe = index + 1;
        }
    }
    let mut whole = whole_characters(&beginning[..safe]).to_vec();
    let mut reading = Reading::default();
    whole.iter().for_each(|byte| reading.take(*byte));
    whole.extend(reading.in_text.then_some(b'"'));
    whole.extend(reading.open.iter().rev());
    whole
}

/// Without the beginning of a character, or the first half of one that is written as two escapes.
fn whole_characters(text: &[u8]) -> &[u8] {
    let whole = match std::str::from_utf8(text) {
        Err(error) if error.error_len().is_none() => &text[..error.valid_up_to()],
        _ => text,
    };
    match whole.split_last_chunk::<6>() {
        Some((
            before,
            [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', _, _],
        )) => before,
        _ => whole,
    }
}

/// Where in a JSON text a byte stands.
#[derive(Default)]
struct Reading {
    /// What closes what is open, the innermost last.
    open: Vec<u8>,
    in_text: bool,
    /// Bytes of an escape that are still to come.
    escape: usize,
    /// Whether the text that is read, or was read last, is a key; and whether the next one is.
    is_key: bool,
    key_is_next: bool,
}

impl Reading {
    fn take(&mut self, byte: u8) {
        match byte {
            b'u' if self.escape == 1 => self.escape = 4,
            _ if self.escape > 0 => self.escape -= 1,
            b'\\' if self.in_text => self.escape = 1,
            b'"' => {
                self.in_text = !self.in_text;
                self.is_key = self.key_is_next;
            }
            _ if self.in_text => {}
            b'{' | b'[' => {
                self.open.push(if byte == b'{' { b'}' } else { b']' });
                self.key_is_next = byte == b'{';
            }
            b'}' | b']' => {
                self.open.pop();
            }
            b',' => self.key_is_next = self.open.last() == Some(&b'}'),
            b':' => self.key_is_next = false,
            _ => {}
        }
    }

    /// Whether the text can be closed behind this byte, which was taken last.
    fn may_end_with(&self, byte: u8) -> bool {
        match self.in_text {
            true => !self.is_key && self.escape == 0,
            false => matches!(byte, b'{' | b'[' | b'}' | b']') || (byte == b'"' && !self.is_key),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const ANSWER: &str = r#" {"id": 12.5, "ok": true, "choices": [{"message": {"content": "a\n\"é\ud83d\ude00\u00e9}{", "b":
        []}, "n": null}], "usage": {"prompt_tokens": 9, "x": {}}}"#;

    #[test]
    fn every_beginning_can_be_read() {
        for length in 2..=ANSWER.len() {
            let whole = closed(&ANSWER.as_bytes()[..length]);
            let read: Result<Value, _> = serde_json::from_slice(&whole);
            assert!(read.is_ok(), "{length}: {}", String::from_utf8_lossy(&whole));
        }
        assert_eq!(closed(ANSWER.as_bytes()), ANSWER.as_bytes());
    }

    #[test]
    fn what_was_said_so_far_is_kept() {
        let cut = |part: &str| ANSWER.find(part).unwrap();
        let read = |length| serde_json::from_slice::<Value>(&closed(&ANSWER.as_bytes()[..length]));
        let said = |length| read(length).unwrap()["choices"][0]["message"]["content"].clone();
        assert_eq!(said(cut("\\\"é")), "a\n");
        assert_eq!(said(cut("\\ude00")), "a\n\"é");
        assert_eq!(said(cut("}{")), "a\n\"é😀é");
        assert_eq!(read(cut("prompt_tokens") + 15).unwrap()["usage"], serde_json::json!({}));
    }
}
