//! A key that cannot be shown by accident.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine};
use motjuste::{Error, Result};
use reqwest::header::HeaderValue;

/// Shown in the place of a key.
const HIDDEN: &str = "[hidden]";

/// A key shorter than this is not searched for in texts: it would be found inside ordinary words.
const SHORTEST: usize = 4;

/// So many characters of a key in a row are hidden in a message, where nobody misses them.
const PART_IN_MESSAGE: usize = 8;

/// So many are hidden in an answer, whose words must stay as they are: fewer may be anybody's.
const PART_IN_ANSWER: usize = 16;

/// A key of letters alone that is shorter than this is a word, such as the EMPTY that servers of one's own are given:
/// an answer may say it.
const WORD: usize = 12;

/// A key. Its `Debug` hides it, it has no `Display`, and it can take itself out of texts: whole, in parts, from
/// back to front, and in base64.
#[derive(Clone)]
pub(crate) struct Secret {
    key: String,
    message: Arc<Traces>,
    answer: Arc<Traces>,
}

/// Where a text is to be hidden: a key, and all parts of it of one length, in every form.
struct Traces {
    whole: Option<String>,
    length: usize,
    parts: HashSet<Vec<u8>>,
}

impl Secret {
    pub(crate) fn new(key: String) -> Self {
        let is_word = key.len() < WORD && key.chars().all(char::is_alphabetic);
        let in_messages = Some(key.clone()).filter(|key| key.len() >= SHORTEST);
        let in_answers = in_messages.clone().filter(|_| !is_word);
        let message = Arc::new(Traces::of(&key, in_messages, PART_IN_MESSAGE));
        let answer = Arc::new(Traces::of(&key, in_answers, PART_IN_ANSWER));
        Self { key, message, answer }
    }

    /// The key as a header that is left out of every log.
    pub(crate) fn header(&self, prefix: &str) -> Result<HeaderValue> {
        let value = HeaderValue::from_str(&format!("{prefix}{}", self.key));
        let mut value = value.map_err(|_| {
            Error::configuration("the API key holds characters that no header can carry")
                .with_help("copy the key again, without line breaks or quotes")
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// A message without the key.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.message.hidden(text).unwrap_or_else(|| text.to_owned())
    }

    /// An answer without the key, if it holds it.
    pub(crate) fn censored(&self, answer: &str) -> Option<String> {
        self.answer.hidden(answer)
    }
}

impl Traces {
    fn of(key: &str, whole: Option<String>, length: usize) -> Self {
        let parts = match key.is_ascii() {
            true => forms(key).iter().flat_map(|form| parts(form, length)).collect(),
            false => HashSet::new(),
        };
        Self { whole, length, parts }
    }

    /// The text without what is to be hidden; none where nothing is.
    fn hidden(&self, text: &str) -> Option<String> {
        let whole = self.whole.as_ref().filter(|whole| text.contains(whole.as_str()));
        let without = whole.map(|whole| text.replace(whole, HIDDEN));
        self.without_parts(without.as_deref().unwrap_or(text)).or(without)
    }

    /// Parts are ASCII, so they begin and end between characters.
    fn without_parts(&self, text: &str) -> Option<String> {
        let (mut out, mut end) = (String::new(), 0);
        let windows = text.as_bytes().windows(self.length).enumerate();
        for (start, _) in windows.filter(|(_, part)| self.parts.contains(*part)) {
            if start > end || end == 0 {
                out.push_str(&text[end..start]);
                out.push_str(HIDDEN);
            }
            end = start + self.length;
        }
        (end > 0).then(|| out + &text[end..])
    }
}

/// The key as it is, from back to front, and in base64 behind any number of other bytes.
fn forms(key: &str) -> Vec<String> {
    let mut forms = vec![key.to_owned(), key.chars().rev().collect()];
    for before in 0..3 {
        let bytes = [&vec![0; before], key.as_bytes()].concat();
        for engine in [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD] {
            // The first characters depend on what stands before, the last ones on what comes after.
            let form = engine.encode(&bytes);
            let certain = form.get((before * 8).div_ceil(6)..bytes.len() / 3 * 4);
            forms.push(certain.unwrap_or_default().to_owned());
        }
    }
    forms
}

fn parts(form: &str, length: usize) -> impl Iterator<Item = Vec<u8>> {
    form.as_bytes().windows(length).map(<[u8]>::to_vec)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-proj-q7Rz0pLmX2vB9nTe";

    #[test]
    fn a_secret_is_hidden_wherever_it_could_be_seen() {
        let secret = Secret::new("sk-1234567890".to_owned());
        assert_eq!(format!("{:?}", Some(&secret)), "Some([hidden])");
        assert_eq!(secret.redact("key sk-1234567890!"), "key [hidden]!");
        assert!(!format!("{:?}", secret.header("Bearer ").unwrap()).contains("sk-"));
    }

    #[test]
    fn a_message_shows_no_part_and_no_other_form() {
        let secret = Secret::new(KEY.to_owned());
        let reversed: String = KEY.chars().rev().collect();
        let parts = [&KEY[..KEY.len() - 4], &KEY[6..15], &reversed, "sk-proj-q7Rz0pLm X2vB9nTe"];
        for part in parts {
            let said = secret.redact(&format!("é {part} ü"));
            assert!(said.contains(HIDDEN) && said.starts_with("é ") && said.ends_with(" ü"));
            assert!(
                !part
                    .as_bytes()
                    .windows(8)
                    .any(|part| { said.as_bytes().windows(8).any(|said| said == part) })
            );
        }
        for before in ["", "u", "user:", "ab"] {
            let encoded = BASE64_STANDARD_NO_PAD.encode(format!("{before}{KEY}:x"));
            let said = secret.redact(&encoded);
            assert!(said.contains(HIDDEN) && said.len() < 30, "{before}: {said}");
        }
        for harmless in ["", "sk-proj", "the key is wrong", "ünïcödé"] {
            assert_eq!(secret.redact(harmless), harmless);
        }
    }

    #[test]
    fn an_answer_loses_the_key_and_no_word_of_its_own() {
        let secret = Secret::new(KEY.to_owned());
        assert_eq!(secret.censored(&format!("it is {KEY}.")).unwrap(), "it is [hidden].");
        assert!(secret.censored(&KEY[..KEY.len() - 4]).is_some());
        assert_eq!(secret.censored("keys begin with sk-proj-"), None);
        for word in ["EMPTY", "none", "dummy", "k"] {
            assert_eq!(Secret::new(word.to_owned()).censored("EMPTY, none, dummy, k"), None);
        }
        assert_eq!(Secret::new("team-1".to_owned()).censored("x team-1").unwrap(), "x [hidden]");
    }

    #[test]
    fn a_key_that_no_header_can_carry_is_refused_without_showing_it() {
        let error = Secret::new("sk-\n123".to_owned()).header("").unwrap_err();
        assert!(error.is_configuration() && !format!("{error:?}").contains("sk-"));
    }
}
