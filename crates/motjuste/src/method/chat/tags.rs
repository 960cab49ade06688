//! The tags that a reply is asked to put around what is wanted, and by which it is found again.

use std::ops::Range;

use minijinja::context;

use crate::Result;
use crate::history::{Part, Proposal};
use crate::template::fill;

const INSTRUCTIONS: &str = include_str!("../../prompts/chat/reply.txt");
const EDITS: &str = include_str!("../../prompts/chat/reply-edits.txt");
const PARAGRAPHS: &str = include_str!("../../prompts/chat/reply-paragraph.txt");

/// The most edits in a reply.
pub(super) const MOST_EDITS: usize = 3;

/// What stands in the tags of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Whole instructions.
    Instructions,
    /// Pairs of a text that stands in the instruction and of what comes in its place.
    Edits,
    /// Wordings of this paragraph of the instruction, counted from 1.
    Paragraph(usize),
}

/// The tags of a form, with a mark that no text has which is shown beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tags {
    pub form: Form,
    mark: String,
}

impl Tags {
    /// Tags that stand in none of these texts.
    pub fn avoiding(form: Form, texts: &[&str]) -> Self {
        let texts: Vec<String> = texts.iter().map(|text| text.to_ascii_lowercase()).collect();
        let mut tags = Self { form, mark: String::new() };
        let mut number = 2;
        while texts.iter().any(|text| tags.stand_in(text)) {
            tags.mark = format!("-{number}");
            number += 1;
        }
        tags
    }

    fn stand_in(&self, text: &str) -> bool {
        let stands =
            |tag: &str| text.contains(&format!("<{tag}>")) || text.contains(&format!("</{tag}>"));
        self.names().iter().any(|tag| stands(tag))
    }

    /// The tags that a prompt asks for: those that its last part names last.
    pub fn of(proposal: &Proposal) -> Self {
        let last = match proposal {
            Proposal::Ask(ask) => ask.parts.last(),
            _ => None,
        };
        let named = match last {
            Some(Part::Text(text)) => text.rsplit_once("</").and_then(|(_, it)| it.split_once('>')),
            _ => None,
        };
        Self::named(named.map_or("", |(tag, _)| tag))
    }

    /// The tags of which this one is the last.
    fn named(tag: &str) -> Self {
        let of = |form, mark: &str| Self { form, mark: mark.to_owned() };
        if let Some(mark) = tag.strip_prefix("replace") {
            return of(Form::Edits, mark);
        }
        if let Some(rest) = tag.strip_prefix("paragraph-") {
            let digits = rest.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(rest.len());
            let (number, mark) = rest.split_at(digits);
            return of(Form::Paragraph(number.parse().unwrap_or(0)), mark);
        }
        of(Form::Instructions, tag.strip_prefix("instruction").unwrap_or(""))
    }

    /// Their names, in the order in which a reply has them.
    pub fn names(&self) -> Vec<String> {
        let mark = &self.mark;
        match self.form {
            Form::Instructions => vec![format!("instruction{mark}")],
            Form::Edits => vec![format!("find{mark}"), format!("replace{mark}")],
            Form::Paragraph(number) => vec![format!("paragraph-{number}{mark}")],
        }
    }

    /// What a prompt says of the reply, which is to bring so many texts.
    pub fn request(&self, count: usize) -> Result<String> {
        match (self.form, self.names().as_slice()) {
            (Form::Edits, [find, replace]) => {
                fill(EDITS, context! { most => MOST_EDITS, find, replace })
            }
            (Form::Paragraph(number), [tag]) => fill(PARAGRAPHS, context! { count, number, tag }),
            (_, names) => fill(INSTRUCTIONS, context! { count, tag => names.first() }),
        }
    }
}

/// Where texts stand between complete pairs of a tag, in letters of any size. A pair that holds another opening is none:
/// it was quoted.
pub(super) fn pairs(reply: &str, tag: &str) -> Vec<Range<usize>> {
    let (open, close) =
        (format!("<{tag}>").to_ascii_lowercase(), format!("</{tag}>").to_ascii_lowercase());
    // Small letters of ASCII are as long as large ones, so places are the same.
    let small = reply.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(end) = small[from..].find(&close).map(|at| from + at) {
        if let Some(start) = small[from..end].rfind(&open).map(|at| from + at + open.len()) {
            found.push(start..end);
        }
        from = end + close.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Ask;
    use crate::model::Decoding;

    #[test]
    fn tags_are_found_again_and_differ_from_all_that_is_shown() {
        for form in [Form::Instructions, Form::Edits, Form::Paragraph(12)] {
            let plain = Tags::avoiding(form, &["<find", "nothing"]);
            assert_eq!(plain.mark, "");
            let shown: Vec<String> = plain
                .names()
                .iter()
                .map(|tag| format!("say </{}> now", tag.to_uppercase()))
                .collect();
            let marked = Tags::avoiding(form, &[&shown[0]]);
            assert_eq!(marked.mark, "-2");
            for tags in [plain, marked] {
                let parts = vec![Part::Text(tags.request(2).unwrap())];
                let ask = Proposal::Ask(Box::new(Ask::new(parts, Decoding::greedy(8))));
                assert_eq!(Tags::of(&ask), tags);
            }
        }
        assert_eq!(Tags::of(&Proposal::Instruction("x".into())).names(), ["instruction"]);
    }
}
