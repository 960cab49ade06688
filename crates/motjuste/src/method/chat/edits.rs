//! Edits of a long instruction: texts that stand in it once, and what comes in their places.

use std::ops::Range;

use super::tags::{MOST_EDITS, Tags, pairs};
use crate::history::Found;
use crate::metric::python::strip;

/// The instruction that a reply's edits make of its parent, behind those edits that are dropped; none where no edit is
/// left.
pub(super) fn edited(parent: &str, reply: &str, tags: &Tags) -> Vec<Found> {
    let mut places: Vec<(Range<usize>, String)> = Vec::new();
    let mut found = Vec::new();
    for (index, (find, replace)) in edits(parent, reply, tags).into_iter().enumerate() {
        match place(parent, &find, &replace, &places) {
            _ if index >= MOST_EDITS => found.push(Found::dropped(find, "an edit too many")),
            Ok(place) => places.push((place, replace)),
            Err(reason) => found.push(Found::dropped(find, reason)),
        }
    }
    if !places.is_empty() {
        found.push(Found::new(applied(parent, places)));
    }
    found
}

/// Each text to be found with the one that comes in its place, which stands before the next text to be found.
fn edits(parent: &str, reply: &str, tags: &Tags) -> Vec<(String, String)> {
    let names = tags.names();
    let [find, replace] = names.as_slice() else { return Vec::new() };
    let (finds, replaces) = (pairs(reply, find), pairs(reply, replace));
    let text = |range: &Range<usize>| with_breaks_of(parent, strip(&reply[range.clone()]));
    let edit = |(index, find): (usize, &Range<usize>)| {
        let next = finds.get(index + 1).map_or(reply.len(), |next| next.start);
        let own = replaces.iter().find(|it| it.start >= find.end && it.start < next)?;
        Some((text(find), text(own)))
    };
    finds.iter().enumerate().filter_map(edit).collect()
}

/// Where an edit takes place, or why it cannot.
fn place(
    parent: &str,
    find: &str,
    replace: &str,
    others: &[(Range<usize>, String)],
) -> Result<Range<usize>, &'static str> {
    let start = match (parent.find(find), parent.rfind(find)) {
        _ if find.is_empty() => return Err("an edit of no text"),
        _ if find == replace => return Err("an edit that changes nothing"),
        (Some(first), Some(last)) if first == last => first,
        (Some(_), _) => return Err("an edit of a text that stands there more than once"),
        (None, _) => return Err("an edit of a text that does not stand there"),
    };
    let range = start..start + find.len();
    let overlaps =
        |(other, _): &(Range<usize>, String)| other.start < range.end && range.start < other.end;
    if others.iter().any(overlaps) { Err("an edit that overlaps another") } else { Ok(range) }
}

/// The text with all of these places filled anew.
fn applied(parent: &str, mut places: Vec<(Range<usize>, String)>) -> String {
    places.sort_by_key(|(range, _)| range.start);
    let mut text = parent.to_owned();
    for (range, replace) in places.into_iter().rev() {
        text.replace_range(range, &replace);
    }
    text
}

/// A text with the line breaks that another has.
pub(super) fn with_breaks_of(parent: &str, text: &str) -> String {
    let plain = text.replace("\r\n", "\n");
    if parent.contains("\r\n") { plain.replace('\n', "\r\n") } else { plain }
}

#[cfg(test)]
mod tests {
    use super::super::tags::Form;
    use super::*;

    const PARENT: &str = "Sort the ticket. Greet {{ user }}. Be brief. Be kind.";

    fn read(parent: &str, reply: &str) -> (Option<String>, Vec<String>) {
        let found = edited(parent, reply, &Tags::avoiding(Form::Edits, &[parent]));
        let (kept, dropped): (Vec<Found>, Vec<Found>) =
            found.into_iter().partition(|found| found.dropped.is_none());
        let reasons = dropped.into_iter().filter_map(|found| found.dropped).collect();
        (kept.into_iter().next().map(|found| found.instruction), reasons)
    }

    fn edit(find: &str, replace: &str) -> String {
        format!("<find>{find}</find>\n<replace>{replace}</replace>\n")
    }

    #[test]
    fn edits_are_made_where_their_text_stands_and_the_rest_stays_to_the_letter() {
        let reply = edit("Be kind.", "Be kind, always.") + "and\n" + &edit("\nSort ", "Rank\n");
        let (text, dropped) = read(PARENT, &reply);
        let expected = "Rank the ticket. Greet {{ user }}. Be brief. Be kind, always.";
        assert_eq!(text.as_deref(), Some(expected));
        assert!(dropped.is_empty());
        assert_eq!(read(PARENT, &edit("Be brief. ", "")).0.unwrap().len(), PARENT.len() - 9);
        // In whatever order they come: one place does not move because another grew.
        let backwards = edit("Be kind.", "Stay.") + &edit("brief", "as short as you can");
        let last = backwards + &edit("Sort", "Put in order");
        assert_eq!(
            read(PARENT, &last).0.as_deref(),
            Some("Put in order the ticket. Greet {{ user }}. Be as short as you can. Stay.")
        );
    }

    #[test]
    fn an_edit_that_cannot_be_made_is_dropped_with_its_reason_and_the_others_are_made() {
        let reply = edit("Be ", "Stay ") + &edit("brief", "short") + &edit("Shout.", "Cry.");
        let (text, dropped) = read(PARENT, &reply);
        assert!(text.unwrap().contains("Be short."));
        assert!(dropped[0].contains("more than once") && dropped[1].contains("does not stand"));
        for (reply, reason) in
            [(edit("", "More."), "no text"), (edit("kind", "kind"), "changes nothing")]
        {
            let (text, dropped) = read(PARENT, &reply);
            assert!(text.is_none() && dropped[0].contains(reason), "{dropped:?}");
        }
        // A text that overlaps itself stands there twice.
        assert!(read("say aaa", &edit("aa", "b")).1[0].contains("more than once"));
    }

    #[test]
    fn overlapping_edits_do_not_both_happen_and_a_fourth_does_not_either() {
        let reply = edit("Be brief. Be kind", "Be yourself") + &edit("brief", "long");
        let (text, dropped) = read(PARENT, &reply);
        assert!(text.unwrap().ends_with("Be yourself."));
        assert_eq!(dropped, ["an edit that overlaps another"]);
        let four: String = ["Sort", "Greet", "brief", "kind"].map(|it| edit(it, "x")).concat();
        let (text, dropped) = read(PARENT, &four);
        assert!(text.unwrap().ends_with("Be kind."));
        assert_eq!(dropped, ["an edit too many"]);
        // Side by side is no overlap.
        let beside = edit("Be brief", "A") + &edit(". Be kind.", "B");
        assert!(read(PARENT, &beside).0.unwrap().ends_with("}}. AB"));
    }

    #[test]
    fn everything_may_be_deleted_and_is_then_an_empty_text_for_the_reader_to_refuse() {
        assert_eq!(read(PARENT, &edit(PARENT, "")).0.as_deref(), Some(""));
    }

    #[test]
    fn line_breaks_are_those_of_the_parent_whatever_the_reply_has() {
        let parent = "One.\r\nTwo.\r\nThree.";
        let (text, _) = read(parent, &edit("One.\nTwo.", "One.\nTwo and a half."));
        assert_eq!(text.as_deref(), Some("One.\r\nTwo and a half.\r\nThree."));
        let (text, _) = read("One.\nTwo.", &edit("One.\r\nTwo.", "A.\r\nB."));
        assert_eq!(text.as_deref(), Some("A.\nB."));
    }

    #[test]
    fn tags_that_the_parent_shows_are_none_of_ours() {
        let parent = "Put it in <find> and </find>, then <replace>x</replace>.";
        let ours = "<find-2>then <replace>x</replace></find-2><replace-2>done</replace-2>";
        assert_eq!(read(parent, ours).0.as_deref(), Some("Put it in <find> and </find>, done."));
        assert_eq!(read(parent, &edit("Put", "Set")), (None, vec![]));
    }

    #[test]
    fn a_text_to_be_found_without_its_replacement_is_no_edit() {
        let cut =
            "<find>brief</find><find>kind</find><replace>mild</replace><find>Sort</find><repl";
        assert!(read(PARENT, cut).0.unwrap().ends_with("Be brief. Be mild."));
        assert_eq!(read(PARENT, "I would not change it."), (None, vec![]));
    }
}
