//! Texts with slots: `{{ name }}` is replaced by a value of that name, and everything else stays as it is.

/// A text cut at its slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slots<'a>(Vec<Piece<'a>>);

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    /// Text between slots.
    Text(&'a str),
    /// A slot: what it names, and how it is written.
    Slot { name: &'a str, written: &'a str },
}

impl<'a> Slots<'a> {
    /// Cuts a text at its slots.
    pub fn of(text: &'a str) -> Self {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some((start, end)) = next_slot(rest) {
            pieces.push(Piece::Text(&rest[..start]));
            let written = &rest[start..end];
            pieces.push(Piece::Slot { name: written[2..written.len() - 2].trim(), written });
            rest = &rest[end..];
        }
        pieces.push(Piece::Text(rest));
        Self(pieces)
    }

    /// The names of the slots, in order, repetitions included.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter_map(|piece| match *piece {
            Piece::Slot { name, .. } => Some(name),
            Piece::Text(_) => None,
        })
    }

    /// The name of the slot that is all there is, but for white space.
    pub fn alone(&self) -> Option<&'a str> {
        match self.0.as_slice() {
            [Piece::Text(before), Piece::Slot { name, .. }, Piece::Text(after)]
                if before.trim().is_empty() && after.trim().is_empty() =>
            {
                Some(*name)
            }
            _ => None,
        }
    }

    /// The text with each slot filled that has a value; the others stay as they are written. Values are
    /// not looked at again: a slot in a value stays.
    pub fn fill(&self, value: impl Fn(&str) -> Option<String>) -> String {
        let text = |piece: &Piece<'_>| match *piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Slot { name, written } => value(name).unwrap_or_else(|| written.to_owned()),
        };
        self.0.iter().map(text).collect()
    }
}

/// Where the next `{{ … }}` begins and ends: no brace and no line break between.
fn next_slot(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("{{")?;
        let inside = &text[start + 2..];
        let stop = inside.find(['{', '}', '\n'])?;
        if inside[stop..].starts_with("}}") && !inside[..stop].trim().is_empty() {
            return Some((start, start + 2 + stop + 2));
        }
        from = start + 1;
    }
}

/// The placeholders of a text, in order: `{{ … }}`, `${…}`, and `{name}` with a plain name. What a program
/// fills in later must survive a rewording.
///
/// ```
/// use motjuste::prompt::placeholders;
/// let found = placeholders("For {{ user }}: {item.x} costs ${price}, see {\"a\": 1}.");
/// assert_eq!(found, ["{{ user }}", "{item.x}", "${price}"]);
/// ```
pub fn placeholders(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|at| from + at) {
        match placeholder_at(text, open) {
            Some((start, end)) => {
                found.push(&text[start..end]);
                from = end;
            }
            None => from = open + 1,
        }
    }
    found
}

/// Where the placeholder begins and ends whose first brace is at `open`.
fn placeholder_at(text: &str, open: usize) -> Option<(usize, usize)> {
    if text[open..].starts_with("{{") {
        let (start, end) = next_slot(&text[open..])?;
        return (start == 0).then_some((open, open + end));
    }
    let close = open + text[open..].find('}')?;
    let name = &text[open + 1..close];
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let is_shell = text[..open].ends_with('$');
    (begins && name.chars().all(is_plain)).then_some((open - usize::from(is_shell), close + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_slots_are_filled_and_foreign_braces_stay() {
        let text = "{{a}} {b} {{ item.x }} {{{a}}} {\"k\": {\"v\": 1}} {{ }} {{a\n}}";
        let filled = Slots::of(text).fill(|name| (name == "a").then(|| "{{ b }}".to_owned()));
        assert_eq!(filled, "{{ b }} {b} {{ item.x }} {{{ b }}} {\"k\": {\"v\": 1}} {{ }} {{a\n}}");
        assert_eq!(Slots::of("none").fill(|_| None), "none");
    }

    #[test]
    fn names_and_a_slot_alone_are_told() {
        assert!(Slots::of("{{ a }}, {{b.c}}").names().eq(["a", "b.c"]));
        assert_eq!(Slots::of(" {{ messages }}\n").alone(), Some("messages"));
        assert_eq!(Slots::of("see {{ messages }}").alone(), None);
    }

    #[test]
    fn placeholders_are_told_from_other_braces() {
        assert_eq!(
            placeholders("{{x}}{y}${z} {1} {a b} {} {{{w}}}"),
            ["{{x}}", "{y}", "${z}", "{{w}}"]
        );
    }
}
