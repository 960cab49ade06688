//! Numbers of tokens, as servers tell them.

use motjuste::usage::Usage;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What is told and is no number of tokens: negative, a fraction, a text.
const UNREADABLE: u64 = u64::MAX;

/// No model reads or writes more in one call.
const MOST: u64 = 10_000_000;

/// A number of tokens; none where it is missing or null. One that cannot be read is beyond all measure, for
/// [`believable`] to find.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let told = Option::<Value>::deserialize(deserializer)?;
    Ok(told.filter(|told| !told.is_null()).map(|told| {
        let whole = told.as_f64().filter(|told| told.fract() == 0.0 && *told >= 0.0);
        told.as_u64().or(whole.map(|told| told as u64)).unwrap_or(UNREADABLE)
    }))
}

/// The usage with its worst case in the place of what no call can use; and whether that was so.
pub(crate) fn believable(told: Usage, worst: Usage) -> (Usage, bool) {
    let is_odd = |told: u64, worst: u64| told > worst.max(MOST);
    let believed = |told, worst| if is_odd(told, worst) { worst } else { told };
    let usage = Usage {
        tokens_in: believed(told.tokens_in, worst.tokens_in),
        tokens_out: believed(told.tokens_out, worst.tokens_out),
    };
    (usage, usage != told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Told {
        #[serde(default, deserialize_with = "count")]
        tokens: Option<u64>,
    }

    fn read(body: &str) -> Option<u64> {
        serde_json::from_str::<Told>(body).unwrap().tokens
    }

    #[test]
    fn a_count_is_read_where_it_is_one() {
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"tokens": null}"#), None);
        assert_eq!(read(r#"{"tokens": 12}"#), Some(12));
        assert_eq!(read(r#"{"tokens": 12.0}"#), Some(12));
        for odd in ["-1", "1.5", "\"12\"", "[]", "{}", "true", "1e400", "-0.5"] {
            let read = serde_json::from_str::<Told>(&format!(r#"{{"tokens": {odd}}}"#));
            assert!(read.is_err() || read.unwrap().tokens == Some(UNREADABLE), "{odd}");
        }
    }

    #[test]
    fn what_no_call_can_use_is_counted_at_its_worst() {
        let worst = Usage { tokens_in: 90, tokens_out: 9 };
        let told = |tokens_in, tokens_out| believable(Usage { tokens_in, tokens_out }, worst);
        assert_eq!(told(120, 3000), (Usage { tokens_in: 120, tokens_out: 3000 }, false));
        assert_eq!(told(10_u64.pow(15), 3), (Usage { tokens_in: 90, tokens_out: 3 }, true));
        assert_eq!(told(UNREADABLE, UNREADABLE), (worst, true));
    }
}
