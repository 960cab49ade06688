//! All studies of the store, those that are running first.

use std::time::SystemTime;

use motjuste::Result;
use motjuste::budget::Account;
use motjuste_page::{Html, format, template};
use serde::Serialize;

use super::asked::Asked;
use super::document::{Document, Follows};
use super::links::{Links, encoded};
use super::paging::Paging;
use super::spark;
use super::words::{moment, score, state, total};
use crate::shelf::{All, Entry, Summary};

/// Studies to a page.
const LENGTH: usize = 40;

#[derive(Serialize)]
struct Values {
    lead: String,
    figures: Vec<(&'static str, String, String)>,
    compare: String,
    home: String,
    find: String,
    rows: Vec<Row>,
    paging: Html,
    empty: Option<String>,
}

#[derive(Serialize)]
struct Row {
    study: String,
    link: String,
    name: String,
    about: String,
    instruction: String,
    state: &'static str,
    is_running: bool,
    moved: Html,
    spark: Html,
    best: String,
    test: Option<String>,
    spent: String,
}

/// The page.
pub(crate) fn overview(all: &All, asked: &Asked, links: &Links, now: SystemTime) -> Result<String> {
    let shown = sorted(all, asked, now);
    let paging = Paging::of(shown.len(), LENGTH, asked.page);
    let values = Values {
        lead: lead(all, now),
        figures: figures(all),
        compare: links.to("/compare"),
        home: links.root(),
        find: asked.find.clone(),
        rows: paging.cut(&shown).map(|entry| row(entry, links, now)).collect(),
        paging: paging.links(asked)?,
        empty: shown.is_empty().then(|| nothing(all, asked)),
    };
    let document = Document {
        title: "Studies",
        trail: Vec::new(),
        follows: Follows::All,
        body: template(include_str!("overview.html"), &values)?,
    };
    document.into_html(links)
}

/// Those that were asked for: running ones, those that have not ended, the rest; each kind the newest first.
fn sorted<'a>(all: &'a All, asked: &Asked, now: SystemTime) -> Vec<&'a Entry> {
    let is_meant = |entry: &&Entry| entry.listing.study.contains(&asked.find);
    let mut shown: Vec<&Entry> = all.entries.iter().rev().filter(is_meant).collect();
    shown.sort_by_key(|entry| match state(entry, now) {
        "running" | "being tested" => 0,
        "not ended" | "not tested" => 1,
        _ => 2,
    });
    shown
}

fn lead(all: &All, now: SystemTime) -> String {
    let count = |wanted: &[&str]| {
        all.entries.iter().filter(|entry| wanted.contains(&state(entry, now))).count()
    };
    let kinds = [
        (count(&["running", "being tested"]), "running"),
        (count(&["not ended", "not tested"]), "not ended"),
        (count(&["done"]), "done"),
        (count(&["unreadable"]), "unreadable"),
        (all.unread, "still being read"),
    ];
    let told = kinds.iter().filter(|(number, _)| *number > 0);
    let told: Vec<String> =
        told.map(|(number, kind)| format!("{} {kind}", format::count(*number as u64))).collect();
    if told.is_empty() { "No study yet".to_owned() } else { told.join(", ") }
}

fn figures(all: &All) -> Vec<(&'static str, String, String)> {
    let summaries = || all.entries.iter().filter_map(|entry| entry.summary.as_ref().ok());
    let account: Account = summaries().map(|summary| summary.account).sum();
    let spent = total(&account);
    let trials: usize = summaries().map(|summary| summary.trials).sum();
    let out: usize = all.entries.iter().map(|entry| entry.calls_out).sum();
    let waiting = match out {
        0 => String::new(),
        out => format!("{} more without an answer yet", format::count(out as u64)),
    };
    vec![
        ("studies", format::count((all.entries.len() + all.unread) as u64), String::new()),
        ("trials", format::count(trials as u64), String::new()),
        ("calls", format::count(spent.calls), waiting),
        ("tokens", format::count(spent.tokens()), String::new()),
        ("money", spent.usd.to_string(), "as far as prices are known".to_owned()),
    ]
}

fn nothing(all: &All, asked: &Asked) -> String {
    match (asked.find.is_empty(), all.unread) {
        (false, _) => "No study has this in its name.".to_owned(),
        (true, 0) => {
            "Nothing is in this store yet: a study appears here with its first step.".to_owned()
        }
        (true, _) => "The store is being read.".to_owned(),
    }
}

fn row(entry: &Entry, links: &Links, now: SystemTime) -> Row {
    let study = &entry.listing.study;
    let state = state(entry, now);
    let row = Row {
        study: encoded(study),
        link: links.study(study),
        name: format::visible(study),
        about: String::new(),
        instruction: String::new(),
        is_running: matches!(state, "running" | "being tested"),
        state,
        moved: moment(entry.moved, now),
        spark: Html::new(""),
        best: "–".to_owned(),
        test: None,
        spent: String::new(),
    };
    match &entry.summary {
        Ok(summary) => Row { spent: spent(entry, summary), ..row.told(summary) },
        Err(error) => Row { instruction: format::visible(&error.to_string()), ..row },
    }
}

impl Row {
    fn told(self, summary: &Summary) -> Self {
        let about = format!("{} · seed {} · {}", summary.method, summary.seed, summary.target);
        let instruction = summary.instruction.as_deref().map(format::brief);
        Self {
            name: format::visible(&summary.task),
            about: format::visible(&about),
            instruction: instruction.map_or(String::new(), |text| format::visible(&text)),
            spark: spark::draw(&summary.curve),
            best: score(summary.best),
            test: summary.test.map(|test| format::score(test.score)),
            ..self
        }
    }
}

fn spent(entry: &Entry, summary: &Summary) -> String {
    let all = total(&summary.account);
    let mut parts = vec![
        format::counted(summary.trials, "trial"),
        format::counted(usize::try_from(all.calls).unwrap_or(usize::MAX), "call"),
        all.usd.to_string(),
    ];
    if entry.calls_out > 0 {
        parts.push(format!("{} out", format::counted(entry.calls_out, "call")));
    }
    parts.join(" · ")
}
