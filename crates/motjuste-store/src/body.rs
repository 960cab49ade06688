//! Texts as they are kept: large ones packed, and each with a sum that tells when it was changed.

use std::io::Read;

/// A text of at least this many bytes is packed. Shorter ones stay readable in the tables: they gain little.
const LARGE: usize = 1024;

/// A longer text is not packed, and what unpacks to more was changed: a few kilobytes can unpack to any length.
const LARGEST: usize = 256 << 20;

/// Zstandard's own default: a third of the size of JSON, at a few hundred megabytes a second.
const LEVEL: i32 = 3;

/// A text as a row has it. <https://facebook.github.io/zstd>
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Body {
    /// The text; empty where it is packed.
    pub text: String,
    /// The text, compressed with Zstandard.
    pub packed: Option<Vec<u8>>,
    /// The sum of the text and of where it stands; none in rows of earlier formats.
    pub sum: Option<i64>,
}

impl Body {
    /// A text that people read in the table, whatever its size. `place` names its row.
    pub(crate) fn plain(place: &[&[u8]], text: String) -> Self {
        Self { sum: Some(sum(place, &text)), packed: None, text }
    }

    /// A text that is packed where that makes it smaller, or where a table could not hold it as text.
    pub(crate) fn packed(place: &[&[u8]], text: String) -> Self {
        let body = Self::plain(place, text);
        let is_large = (LARGE..=LARGEST).contains(&body.text.len());
        let is_no_text = body.text.contains('\0') && body.text.len() <= LARGEST;
        let packed = (is_large || is_no_text)
            .then(|| zstd::bulk::compress(body.text.as_bytes(), LEVEL).ok())
            .flatten();
        match packed {
            Some(packed) if is_no_text || packed.len() < body.text.len() => {
                Self { text: String::new(), packed: Some(packed), ..body }
            }
            _ => body,
        }
    }

    /// The text, unless it was changed since it was written.
    pub(crate) fn read(self, place: &[&[u8]]) -> Option<String> {
        let text = match self.packed {
            None => self.text,
            Some(packed) => unpacked(&packed, LARGEST as u64)?,
        };
        self.sum.is_none_or(|expected| sum(place, &text) == expected).then_some(text)
    }
}

/// The text in a packed body, unless it is longer than so many bytes.
fn unpacked(packed: &[u8], most: u64) -> Option<String> {
    let mut text = String::new();
    let mut decoder = zstd::Decoder::new(packed).ok()?.take(most + 1);
    decoder.read_to_string(&mut text).ok()?;
    (text.len() as u64 <= most).then_some(text)
}

/// 64 bits of BLAKE3 over the row's name and its text, each with its length.
fn sum(place: &[&[u8]], text: &str) -> i64 {
    let mut hasher = blake3::Hasher::new();
    for part in place.iter().copied().chain([text.as_bytes()]) {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    number(&hasher.finalize())
}

/// The first 64 bits of a hash, as a database has a number.
pub(crate) fn number(hash: &blake3::Hash) -> i64 {
    hash.as_bytes().iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &[&[u8]] = &[b"key", b"payer"];

    #[test]
    fn what_is_kept_comes_back() {
        for text in ["", "short", "with \0 in it", &"long ".repeat(1000), &"é漢🦀".repeat(500)]
        {
            let body = Body::packed(PLACE, text.to_owned());
            assert_eq!(body.packed.is_some(), text.len() >= LARGE || text.contains('\0'));
            assert_eq!(body.read(PLACE).as_deref(), Some(text));
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let plain = Body::packed(PLACE, "{\"text\":\"billing\"}".to_owned());
        for index in 0..plain.text.len() {
            let mut bytes = plain.text.clone().into_bytes();
            bytes[index] ^= 1;
            let text = String::from_utf8(bytes).unwrap();
            assert_eq!(Body { text, ..plain.clone() }.read(PLACE), None);
        }
        let large = Body::packed(PLACE, "some text and more of it. ".repeat(100));
        for index in 0..large.packed.as_ref().unwrap().len() {
            let mut packed = large.packed.clone().unwrap();
            packed[index] ^= 0x10;
            let read = Body { packed: Some(packed), ..large.clone() }.read(PLACE);
            assert!(read.is_none_or(|text| text == "some text and more of it. ".repeat(100)));
        }
    }

    #[test]
    fn a_few_bytes_that_unpack_to_very_many_are_no_text() {
        let zeros = zstd::bulk::compress(&vec![b'0'; 1 << 20], 19).unwrap();
        assert!(zeros.len() < 200);
        assert_eq!(unpacked(&zeros, 1 << 20).map(|text| text.len()), Some(1 << 20));
        assert_eq!(unpacked(&zeros, (1 << 20) - 1), None);
    }

    #[test]
    fn a_text_in_another_row_is_noticed_and_one_of_an_earlier_format_is_believed() {
        let body = Body::plain(PLACE, "text".to_owned());
        assert_eq!(body.clone().read(&[b"keyp", b"ayer"]), None);
        assert_eq!(Body { sum: None, ..body }.read(PLACE).as_deref(), Some("text"));
    }
}
