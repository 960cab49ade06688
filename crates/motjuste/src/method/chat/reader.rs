//! From a chat model's reply to instructions: complete pairs of tags, and never the whole text.

use std::collections::HashSet;

use super::edits::edited;
use super::paragraphs::reworded;
use super::tags::{Form, Tags, pairs};
use crate::history::{Found, History, Proposal, Reading, Reply};
use crate::metric::python::strip;
use crate::model::FinishReason;

/// The instructions in each reply, in order; or why there is none.
pub(in crate::method) fn read(
    history: &History,
    proposals: &[Proposal],
    replies: &[Reply],
    longest: usize,
) -> Vec<Reading> {
    read_by(history, proposals, replies, longest, found)
}

/// The last instruction in each reply; with `whole`, a reply without tags is one.
pub(in crate::method) fn read_last(
    history: &History,
    proposals: &[Proposal],
    replies: &[Reply],
    longest: usize,
    whole: bool,
) -> Vec<Reading> {
    let last = |proposal: &Proposal, reply: &Reply| match found(proposal, reply) {
        Ok(mut found) => Ok(found.pop().into_iter().collect()),
        Err(UNTAGGED) if whole => Ok(vec![Found::new(strip(&reply.text))]),
        Err(reason) => Err(reason),
    };
    read_by(history, proposals, replies, longest, last)
}

/// The instructions that `found` finds in each reply, those that are new and usable.
fn read_by(
    history: &History,
    proposals: &[Proposal],
    replies: &[Reply],
    longest: usize,
    found: impl Fn(&Proposal, &Reply) -> Result<Vec<Found>, &'static str>,
) -> Vec<Reading> {
    let mut seen: HashSet<String> =
        history.candidates().iter().map(|it| key(&it.instruction)).collect();
    seen.extend(history.start().iter().map(|start| key(start)));
    let one = |(proposal, reply): (&Proposal, &Reply)| {
        let all = match found(proposal, reply) {
            Ok(all) => all,
            Err(reason) => return vec![Found::dropped("", reason)],
        };
        let parents = parents(history, proposal);
        let judged = |found: Found| match refusal(&found, longest, &mut seen) {
            Some(reason) => Found::dropped(found.instruction, reason),
            None => Found { parents: parents.clone(), ..found },
        };
        all.into_iter().map(judged).collect()
    };
    proposals.iter().zip(replies).map(one).collect()
}

/// Why there is nothing in a reply that has no complete pair of tags, and was not cut.
const UNTAGGED: &str = "no instruction in the reply";

/// What stands in the reply's tags, put in its place where it is a part of an instruction.
fn found(proposal: &Proposal, reply: &Reply) -> Result<Vec<Found>, &'static str> {
    if reply.finish_reason == FinishReason::Filter {
        return Err("withheld by a filter");
    }
    let text = without_thinking(&reply.text).ok_or("thinking that never ends")?;
    let (tags, parent) = (Tags::of(proposal), parent(proposal));
    let found = match tags.form {
        Form::Instructions => texts(text, &tags).map(Found::new).collect(),
        Form::Edits => edited(parent, text, &tags),
        Form::Paragraph(number) => {
            let whole = texts(text, &tags).filter_map(|words| reworded(parent, number, words));
            whole.map(Found::new).collect()
        }
    };
    match (found.is_empty(), reply.finish_reason) {
        (false, _) => Ok(found),
        (true, FinishReason::Length) => Err("cut before an instruction was complete"),
        (true, _) => Err(UNTAGGED),
    }
}

/// What stands between pairs of the first tag.
fn texts<'a>(reply: &'a str, tags: &Tags) -> impl Iterator<Item = &'a str> {
    let found = tags.names().into_iter().take(1).flat_map(|tag| pairs(reply, &tag));
    found.map(|range| without_fence(strip(&reply[range])))
}

/// The instruction that a prompt is about first.
fn parent(proposal: &Proposal) -> &str {
    match proposal {
        Proposal::Ask(ask) => ask.shown.first().map_or("", |shown| &shown.instruction),
        _ => "",
    }
}

/// The reply behind the thinking at its start; none where that is never closed.
fn without_thinking(reply: &str) -> Option<&str> {
    for (open, close) in [("<think>", "</think>"), ("<thinking>", "</thinking>")] {
        if let Some(rest) = reply.trim_start().strip_prefix(open) {
            return Some(rest.split_once(close)?.1);
        }
    }
    Some(reply)
}

/// A text without the code fence that encloses all of it.
fn without_fence(text: &str) -> &str {
    let inside = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    let body = inside.and_then(|inside| inside.split_once('\n')).map(|(_, body)| body);
    body.filter(|body| !body.contains("```")).map_or(text, strip)
}

/// Why a text becomes no candidate.
fn refusal(found: &Found, longest: usize, seen: &mut HashSet<String>) -> Option<String> {
    if found.dropped.is_some() {
        return found.dropped.clone();
    }
    let text = found.instruction.as_str();
    if !text.chars().any(char::is_alphabetic) || text.contains(char::REPLACEMENT_CHARACTER) {
        return Some("not usable as an instruction".to_owned());
    }
    if text.len() > longest {
        return Some(format!("longer than {longest} bytes (setting longest)"));
    }
    (!seen.insert(key(text))).then(|| "known already".to_owned())
}

/// What two wordings share that differ in white space alone.
fn key(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The candidates that a prompt is about.
fn parents(history: &History, proposal: &Proposal) -> Vec<usize> {
    let Proposal::Ask(ask) = proposal else { return Vec::new() };
    let shown = ask.shown.iter().filter_map(|shown| history.find(&shown.instruction));
    shown.map(|trial| trial.candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(reply: &str, finish_reason: FinishReason) -> Vec<(String, Option<String>)> {
        let reply = Reply { finish_reason, ..Reply::of(reply) };
        let proposal = Proposal::Instruction(String::new());
        let readings = read(&History::new(), &[proposal], &[reply], 40);
        readings.concat().into_iter().map(|found| (found.instruction, found.dropped)).collect()
    }

    fn kept(reply: &str) -> Vec<String> {
        let all = reading(reply, FinishReason::Stop);
        all.into_iter().filter(|(_, dropped)| dropped.is_none()).map(|(text, _)| text).collect()
    }

    fn reason(reply: &str, finish_reason: FinishReason) -> String {
        reading(reply, finish_reason).remove(0).1.unwrap()
    }

    #[test]
    fn complete_pairs_are_instructions_and_nothing_else_is() {
        let two =
            "Sure. <instruction>Say a.</instruction> or <instruction>\n Say b. \n</instruction>";
        assert_eq!(kept(two), ["Say a.", "Say b."]);
        assert_eq!(kept("Answer only with the label."), [""; 0]);
        assert_eq!(
            kept("<think><instruction>Draft.</instruction></think><instruction>It.</instruction>"),
            ["It."]
        );
        assert_eq!(kept("<instruction>```\nSay c.\n```</instruction>"), ["Say c."]);
        assert_eq!(kept("<instruction>Do ```x``` now</instruction>"), ["Do ```x``` now"]);
        let xml = "<instruction><instructions>Be brief.</instructions></instruction>";
        assert_eq!(kept(xml), ["<instructions>Be brief.</instructions>"]);
    }

    #[test]
    fn the_last_pair_counts_where_one_is_asked_for() {
        let last = |reply: &str, whole| {
            let proposal = Proposal::Instruction(String::new());
            let readings =
                read_last(&History::new(), &[proposal], &[Reply::of(reply)], 40, whole).concat();
            (readings.len(), readings[0].instruction.clone(), readings[0].dropped.is_some())
        };
        let two = "<instruction>Step 1.</instruction> <instruction>Step 2.</instruction>";
        assert_eq!(last(two, true), (1, "Step 2.".to_owned(), false));
        assert_eq!(last("Say it. ", false), (1, String::new(), true));
        assert_eq!(last("Say it. ", true), (1, "Say it.".to_owned(), false));
        assert!(last("<think>Say it.", true).2);
    }

    #[test]
    fn what_is_dropped_has_a_reason() {
        assert!(
            reason("<think><instruction>D</instruction>", FinishReason::Stop)
                .contains("never ends")
        );
        assert!(reason("<instruction>Say", FinishReason::Length).contains("cut"));
        assert!(reason("no", FinishReason::Stop).contains("no instruction"));
        assert!(reason("", FinishReason::Filter).contains("filter"));
        let long = format!("<instruction>{}</instruction>", "a".repeat(41));
        assert!(reason(&long, FinishReason::Stop).contains("longer than 40"));
        let twice = reading(
            "<instruction>a b</instruction><instruction>a  b</instruction>",
            FinishReason::Length,
        );
        assert_eq!(twice[1].1.as_deref(), Some("known already"));
    }
}
