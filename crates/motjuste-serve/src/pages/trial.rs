//! One instruction: where it comes from, and what the target answered, row by row.

use motjuste::Result;
use motjuste::history::{History, Proposal, Shown, SwapPlan, Trial};
use motjuste::model::Trigger;
use motjuste::task::Example;
use motjuste_page::{Html, format, template};
use serde::Serialize;

use super::asked::Asked;
use super::document::{Document, Follows};
use super::lineage::{children, parents};
use super::links::Links;
use super::matrix::{self, Column};
use super::study::note;
use super::words::{score, text};
use crate::shelf::Folded;

/// The most relatives that are named.
const RELATIVES: usize = 20;

#[derive(Serialize)]
struct Values {
    title: String,
    instruction: Html,
    size: &'static str,
    score: String,
    note: Option<String>,
    origin: String,
    repeats: Option<(String, String)>,
    parents: Vec<Relative>,
    children: Vec<Relative>,
    more_children: Option<String>,
    shown: Vec<(String, Html)>,
    reply: Option<Html>,
    matrix: Option<Html>,
}

#[derive(Serialize)]
struct Relative {
    link: String,
    name: String,
    score: String,
    instruction: String,
}

/// The page; none where the study has no such trial.
pub(crate) fn trial(
    folded: &Folded,
    number: usize,
    examples: Option<&[Example]>,
    asked: &Asked,
    links: &Links,
) -> Result<Option<String>> {
    let history = &folded.outcome.history;
    let Some(trial) = history.trials().get(number) else { return Ok(None) };
    let values = Values {
        matrix: answers(trial, examples, asked)?,
        ..values(trial, history, &folded.study, links)
    };
    let back = links.study(&folded.study);
    let document = Document {
        title: &values.title,
        trail: vec![
            ("Studies".to_owned(), Some(links.root())),
            (folded.study.clone(), Some(back)),
            (format!("trial {number}"), None),
        ],
        follows: Follows::These(vec![folded.study.clone()]),
        body: template(include_str!("trial.html"), &values)?,
    };
    document.into_html(links).map(Some)
}

fn values(trial: &Trial, history: &History, study: &str, links: &Links) -> Values {
    let relative = |other: &&Trial| relative(other, study, links);
    let (from, to) = (parents(trial, history), children(trial, history));
    let more = to.len().saturating_sub(RELATIVES);
    Values {
        title: format!("Trial {}", trial.id),
        instruction: text(&trial.instruction),
        size: size(&trial.instruction),
        score: score(trial.evaluation.as_ref().and_then(|evaluation| evaluation.score)),
        note: note(trial.state, rows(trial)),
        origin: origin(trial, history),
        repeats: trial.repeats.map(|first| (links.trial(study, first), format!("trial {first}"))),
        parents: from.iter().take(RELATIVES).map(relative).collect(),
        children: to.iter().take(RELATIVES).map(relative).collect(),
        more_children: (more > 0).then(|| format!("and {} more", format::count(more as u64))),
        shown: shown(trial, history),
        reply: reply(trial, history),
        matrix: None,
    }
}

fn rows(trial: &Trial) -> usize {
    trial.evaluation.as_ref().map_or(0, |evaluation| evaluation.per_example.len())
}

fn size(instruction: &str) -> &'static str {
    match instruction.chars().count() {
        0..=280 => "medium",
        281..=900 => "long",
        _ => "very-long",
    }
}

fn relative(trial: &Trial, study: &str, links: &Links) -> Relative {
    Relative {
        link: links.trial(study, trial.id),
        name: format!("trial {}", trial.id),
        score: score(trial.evaluation.as_ref().and_then(|evaluation| evaluation.score)),
        instruction: format::visible(&format::brief(&trial.instruction)),
    }
}

/// Which step brought it, and how.
fn origin(trial: &Trial, history: &History) -> String {
    let candidate = history.candidates().get(trial.candidate);
    let proposal = candidate.and_then(|candidate| history.proposal_of(candidate));
    let how = match proposal {
        Some(Proposal::SoftPrompt(_)) => "written by the generator after a soft prompt".to_owned(),
        Some(Proposal::Ask(_)) => "written by the generator, asked in words".to_owned(),
        Some(Proposal::Swap(plan)) => swapped(plan),
        Some(Proposal::Policy(plan)) if plan.greedy => {
            "the likeliest prompt of the policy".to_owned()
        }
        Some(Proposal::Policy(_)) => "drawn from the policy".to_owned(),
        Some(Proposal::Instruction(_)) => "brought as it is".to_owned(),
        Some(Proposal::Composed(_)) => "put together from words and train rows".to_owned(),
        _ => "of unknown origin".to_owned(),
    };
    let place = candidate.map_or(String::new(), |candidate| {
        let reply = format::count(candidate.origin.reply as u64 + 1);
        format!(", reply {reply}")
    });
    format!("Step {}{place}: {how}.", format::count(trial.step as u64))
}

/// What an iteration of a trigger search brought: its first also the trigger that it begins with.
fn swapped(plan: &SwapPlan) -> String {
    let (token, tokens) = (plan.position + 1, plan.trigger.len());
    let swap = format!("a swap of token {token} in a trigger of {tokens}");
    match plan.trigger {
        Trigger::Begin { .. } => format!("the first trigger, or {swap}"),
        Trigger::Tokens(_) => swap,
    }
}

/// The earlier instructions that the generator read, with the scores as they were shown.
fn shown(trial: &Trial, history: &History) -> Vec<(String, Html)> {
    let candidate = history.candidates().get(trial.candidate);
    let Some(Proposal::Ask(ask)) = candidate.and_then(|candidate| history.proposal_of(candidate))
    else {
        return Vec::new();
    };
    let entry = |shown: &Shown| {
        (shown.score.as_deref().map_or("–".to_owned(), format::visible), text(&shown.instruction))
    };
    ask.shown.iter().map(entry).collect()
}

/// What the generator wrote, where that is more than the instruction. What it computed is no text to read.
fn reply(trial: &Trial, history: &History) -> Option<Html> {
    let candidate = history.candidates().get(trial.candidate)?;
    if let Some(Proposal::Swap(_) | Proposal::Policy(_)) = history.proposal_of(candidate) {
        return None;
    }
    let reply = &history.reply_of(candidate)?.text;
    (reply.trim() != trial.instruction.trim()).then(|| text(reply))
}

fn answers(trial: &Trial, examples: Option<&[Example]>, asked: &Asked) -> Result<Option<Html>> {
    let Some(evaluation) = &trial.evaluation else { return Ok(None) };
    let column = Column { title: "answered".to_owned(), evaluation };
    matrix::draw(&[column], examples, asked).map(Some)
}
