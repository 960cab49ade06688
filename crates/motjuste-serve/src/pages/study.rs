//! One study: the best so far, how it came about, what it cost, every instruction.

use std::time::SystemTime;

use motjuste::history::{Trial, TrialState};
use motjuste::report::{Report, TrialLine};
use motjuste::{Error, Result};
use motjuste_page::chart::Chart;
use motjuste_page::{Html, LedgerLine, format, parts, template};
use serde::Serialize;

use super::asked::{Asked, Order};
use super::document::{Document, Follows};
use super::lineage;
use super::lines::{lines, thinned};
use super::links::{Links, encoded};
use super::paging::Paging;
use super::words::{bar, moment, score, state, text};
use crate::shelf::{Entry, Folded};

/// Instructions to a page.
const LENGTH: usize = 50;
/// How many trials a chart draws.
const POINTS: usize = 1_500;

#[derive(Serialize)]
struct Values {
    headline: Html,
    about: Vec<(&'static str, String)>,
    state: String,
    moved: Html,
    calls_out: Option<String>,
    compare: String,
    study: String,
    others: Vec<(String, String)>,
    proof: Html,
    held_out: Option<String>,
    figures: Html,
    progress: Chart,
    trials: Chart,
    lineage: Option<Chart>,
    orders: Vec<(&'static str, String, bool)>,
    rows: Vec<Row>,
    paging: Html,
    ledger: Html,
    settings: String,
}

#[derive(Serialize)]
struct Row {
    link: String,
    score: String,
    bar: Html,
    note: Option<String>,
    instruction: Html,
    is_winner: bool,
    trial: usize,
    step: usize,
}

/// The page. `others` are the studies that it can be compared with.
pub(crate) fn study(
    folded: &Folded,
    entry: Option<&Entry>,
    others: &[String],
    asked: &Asked,
    links: &Links,
    now: SystemTime,
) -> Result<String> {
    let (report, lines) = (folded.report(), lines(&folded.outcome));
    let list = instructions(folded, asked.order);
    let paging = Paging::of(list.len(), LENGTH, asked.page);
    let values = Values {
        headline: parts::headline(&report)?,
        about: about(folded),
        state: entry.map_or(String::new(), |entry| state(entry, now).to_owned()),
        moved: moment(entry.and_then(|entry| entry.moved), now),
        calls_out: entry.and_then(calls_out),
        compare: links.to("/compare"),
        study: encoded(&folded.study),
        others: others.iter().map(|name| (encoded(name), format::visible(name))).collect(),
        proof: parts::proof(&report)?,
        held_out: folded.outcome.assessment.as_ref().map(|_| links.held_out(&folded.study)),
        figures: parts::figures(&report, &lines)?,
        progress: parts::best_so_far(&report, &lines),
        trials: every_trial(&report, &lines),
        lineage: lineage::chart(&folded.outcome),
        orders: orders(asked),
        rows: paging.cut(list).map(|trial| row(trial, folded, &report, links)).collect(),
        paging: paging.links(asked)?,
        ledger: LedgerLine::table(&LedgerLine::of_study(&report.ledger))?,
        settings: settings(folded)?,
    };
    let document = Document {
        title: &report.task,
        trail: vec![("Studies".to_owned(), Some(links.root())), (folded.study.clone(), None)],
        follows: Follows::These(vec![folded.study.clone()]),
        body: template(include_str!("study.html"), &values)?,
    };
    document.into_html(links)
}

fn about(folded: &Folded) -> Vec<(&'static str, String)> {
    let config = &folded.outcome.config;
    let facts = [
        ("method", format!("{}, seed {}", config.method.label, config.seed)),
        ("target", config.target.model.clone()),
        ("generator", config.generator.model.clone()),
    ];
    facts.map(|(name, value)| (name, format::visible(&value))).into()
}

fn calls_out(entry: &Entry) -> Option<String> {
    let out = entry.calls_out;
    (out > 0).then(|| format!("{} without an answer yet", format::counted(out, "call")))
}

/// The chart of all trials, or, of very many, of some.
fn every_trial(report: &Report, lines: &[TrialLine]) -> Chart {
    let shown = thinned(lines, POINTS);
    let chart = parts::every_trial(report, &shown);
    match shown.len() == lines.len() {
        true => chart,
        false => Chart { lead: some_of(shown.len(), lines.len()), ..chart },
    }
}

fn some_of(shown: usize, all: usize) -> String {
    let [shown, all] = [shown, all].map(|number| format::count(number as u64));
    format!("{shown} of {all} trials, evenly chosen, with every one that was the best so far.")
}

fn orders(asked: &Asked) -> Vec<(&'static str, String, bool)> {
    let order = |name, order| (name, asked.in_order(order), asked.order == order);
    vec![order("best first", Order::Best), order("newest first", Order::Newest)]
}

/// The first trial of every instruction, in this order.
fn instructions(folded: &Folded, order: Order) -> Vec<&Trial> {
    let trials = folded.outcome.history.trials().iter().rev();
    let mut list: Vec<&Trial> = trials
        .filter(|trial| trial.repeats.is_none() && trial.state != TrialState::Waiting)
        .collect();
    if order == Order::Best {
        let rank = |trial: &Trial| trial.score().unwrap_or(f64::NEG_INFINITY);
        list.sort_by(|a, b| rank(b).total_cmp(&rank(a)).then(a.id.cmp(&b.id)));
    }
    list
}

fn row(trial: &Trial, folded: &Folded, report: &Report, links: &Links) -> Row {
    let evaluation = trial.evaluation.as_ref();
    let mean = evaluation.and_then(|evaluation| evaluation.score);
    let rows = evaluation.map_or(0, |evaluation| evaluation.per_example.len());
    Row {
        link: links.trial(&folded.study, trial.id),
        score: score(mean),
        bar: bar(mean),
        note: note(trial.state, rows),
        instruction: text(&trial.instruction),
        is_winner: report.instruction.as_ref() == Some(&trial.instruction),
        trial: trial.id,
        step: trial.step,
    }
}

/// What a score is worth that is not one on all rows.
pub(super) fn note(state: TrialState, rows: usize) -> Option<String> {
    let rows = format::counted(rows, "row");
    match state {
        TrialState::Complete => None,
        TrialState::Pruned => Some(format!("given up after {rows}")),
        TrialState::Partial => Some(format!("scored on {rows}")),
        TrialState::Failed => Some("failed".to_owned()),
        TrialState::Waiting => Some("waiting".to_owned()),
    }
}

/// The configuration as TOML; as JSON where a setting is null, for which TOML has no word.
fn settings(folded: &Folded) -> Result<String> {
    let config = &folded.outcome.config;
    let text = toml::to_string(config).or_else(|_| serde_json::to_string_pretty(config));
    let text = text.map_err(|error| {
        Error::output(format!(
            "the configuration of study {} cannot be shown: {error}",
            folded.study
        ))
    })?;
    Ok(format::visible(&text))
}
