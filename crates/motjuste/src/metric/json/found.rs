//! The JSON in a reply.

use serde_json::{Deserializer, Value};

use super::is_same;

/// What a reply holds.
#[derive(Debug, PartialEq)]
pub(super) enum Found<'a> {
    /// One value, and the text that it stands in.
    One(Value, &'a str),
    /// Values that differ: which of them is the answer cannot be told.
    Several(Vec<&'a str>),
    /// None, or one that has no end.
    None,
}

/// The value that is the whole text; or the one object or list within it, with a sentence or a code fence around.
pub(super) fn found(text: &str) -> Found<'_> {
    match serde_json::from_str(text) {
        Ok(whole) => Found::One(whole, text),
        Err(_) => within(text),
    }
}

fn within(text: &str) -> Found<'_> {
    let Some(mut all) = values(text) else { return Found::None };
    if all.is_empty() {
        return Found::None;
    }
    let (first, place) = all.swap_remove(0);
    match all.iter().all(|(other, _)| is_same(&first, other)) {
        true => Found::One(first, place),
        false => Found::Several(std::iter::once(place).chain(places(&all)).collect()),
    }
}

fn places<'a>(all: &[(Value, &'a str)]) -> impl Iterator<Item = &'a str> {
    all.iter().map(|(_, place)| *place)
}

/// All objects and lists of a text that stand in no other; none where one has no end, since a part of it would be
/// taken for the whole. Other brackets, such as `[sic]` and `{x}`, are words.
fn values(text: &str) -> Option<Vec<(Value, &str)>> {
    let (mut all, mut from) = (Vec::new(), 0);
    while let Some(offset) = text[from..].find(['{', '[']) {
        let start = from + offset;
        let length = match first(&text[start..]) {
            Some((value, length)) => {
                all.push((value, &text[start..start + length]));
                length
            }
            None => bracketed(&text[start..])?,
        };
        from = start + length;
    }
    Some(all)
}

/// The value that a text begins with, and its length.
fn first(text: &str) -> Option<(Value, usize)> {
    let mut stream = Deserializer::from_str(text).into_iter::<Value>();
    let value = stream.next()?.ok()?;
    Some((value, stream.byte_offset()))
}

/// The length of what stands between the bracket that a text begins with and the one that closes it.
fn bracketed(text: &str) -> Option<usize> {
    let (mut depth, mut is_quoted, mut is_escaped) = (0_usize, false, false);
    for (index, letter) in text.bytes().enumerate() {
        match letter {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return Some(index + 1),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn one_value_is_found_wherever_it_stands() {
        for text in [
            "{\"a\": 1}",
            "Sure! {\"a\": 1}",
            "Here it is:\n```json\n{\"a\": 1}\n```\nAnything else?",
            "{\"a\": 1} is what I read.",
            "{\"a\": 1}, that is {\"a\": 1.0}",
            "As {x} says [sic]: {\"a\": 1}.",
        ] {
            let Found::One(value, place) = found(text) else { panic!("{text}") };
            assert!(is_same(&value, &json!({ "a": 1 })) && place.starts_with('{'), "{text}");
        }
        let list = found("The labels: [\"a\", \"b\"].");
        assert_eq!(list, Found::One(json!(["a", "b"]), "[\"a\", \"b\"]"));
        assert_eq!(found("5"), Found::One(json!(5), "5"));
    }

    #[test]
    fn nothing_is_read_that_may_be_the_wrong_value() {
        for text in [
            "",
            "no idea",
            "It is 5",
            // Cut: the inner value is not the answer.
            "{\"a\": {\"b\": 1}",
            "Sure: {\"a\": [1, 2], \"b\": ",
            // No JSON, with some inside.
            "{'a': {\"b\": 1}}",
            "{\"a\": {\"b\": 1}, oops}",
        ] {
            assert_eq!(found(text), Found::None, "{text}");
        }
        let several = found("Either {\"a\": 1} or {\"a\": 2}");
        assert_eq!(several, Found::Several(vec!["{\"a\": 1}", "{\"a\": 2}"]));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_an_end_of_the_program(text in r#"[{}\[\]"\\a1:, é]{0,24}"#) {
            let _ = found(&text);
        }
    }
}
