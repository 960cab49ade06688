//! Answers row by row: one column for each instruction that answered the same rows.

use std::collections::{BTreeMap, BTreeSet};

use motjuste::Result;
use motjuste::history::{Evaluation, ExampleScore};
use motjuste::model::FinishReason;
use motjuste::task::Example;
use motjuste_page::{Html, format, template};
use serde::Serialize;

use super::asked::{Asked, Rows};
use super::paging::Paging;
use super::words::text;

/// Rows to a page.
const LENGTH: usize = 50;
/// How many rows are drawn as boxes.
const BOXES: usize = 2_000;
/// From how many rows on their boxes are small.
const CROWD: usize = 250;

/// An instruction that answered.
pub(super) struct Column<'a> {
    pub(super) title: String,
    pub(super) evaluation: &'a Evaluation,
}

#[derive(Serialize)]
struct Values {
    lead: String,
    has_texts: bool,
    filters: Vec<Filter>,
    columns: Vec<Head>,
    rows: Vec<Row>,
    paging: Html,
}

#[derive(Serialize)]
struct Filter {
    name: &'static str,
    link: String,
    is_chosen: bool,
}

#[derive(Serialize)]
struct Head {
    title: String,
    score: String,
    boxes: Vec<Square>,
    is_crowded: bool,
}

#[derive(Serialize)]
struct Square {
    kind: &'static str,
    tooltip: String,
}

#[derive(Serialize)]
struct Row {
    number: usize,
    input: Option<Html>,
    accepted: Option<Html>,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    title: String,
    kind: &'static str,
    verdict: String,
    mark: Html,
    answer: Html,
    note: Option<String>,
}

/// The table; with what the rows ask where the examples of the split are at hand.
pub(super) fn draw(
    columns: &[Column<'_>],
    examples: Option<&[Example]>,
    asked: &Asked,
) -> Result<Html> {
    let answers: Vec<BTreeMap<usize, &ExampleScore>> = columns.iter().map(by_row).collect();
    let all: BTreeSet<usize> = answers.iter().flat_map(|column| column.keys().copied()).collect();
    let shown: Vec<usize> =
        all.iter().copied().filter(|row| is_shown(*row, &answers, asked.rows)).collect();
    let paging = Paging::of(shown.len(), LENGTH, asked.page);
    let row = |&row: &usize| row_of(row, columns, &answers, examples);
    let values = Values {
        lead: lead(shown.len(), all.len(), asked.rows),
        has_texts: examples.is_some(),
        filters: filters(asked, columns.len()),
        columns: columns.iter().map(head).collect(),
        rows: paging.cut(&shown).map(row).collect(),
        paging: paging.links(asked)?,
    };
    template(include_str!("matrix.html"), &values)
}

fn by_row<'a>(column: &Column<'a>) -> BTreeMap<usize, &'a ExampleScore> {
    column.evaluation.per_example.iter().map(|one| (one.example, one)).collect()
}

fn is_shown(row: usize, answers: &[BTreeMap<usize, &ExampleScore>], rows: Rows) -> bool {
    let mut kinds = answers.iter().map(|column| kind(column.get(&row).copied()));
    match rows {
        Rows::All => true,
        Rows::Missed => kinds.any(|kind| kind != "hit"),
        Rows::Differing => kinds.collect::<BTreeSet<_>>().len() > 1,
    }
}

fn lead(shown: usize, all: usize, rows: Rows) -> String {
    let [some, every] = [shown, all].map(|number| format::count(number as u64));
    match rows {
        Rows::All => format::counted(all, "row"),
        Rows::Missed => format!("{some} of {every} rows were not all right."),
        Rows::Differing => format!("{some} of {every} rows came out differently."),
    }
}

fn filters(asked: &Asked, columns: usize) -> Vec<Filter> {
    let kinds = [(Rows::All, "all rows"), (Rows::Missed, "missed"), (Rows::Differing, "differing")];
    let kinds = kinds.into_iter().filter(|(rows, _)| columns > 1 || *rows != Rows::Differing);
    kinds
        .map(|(rows, name)| Filter {
            name,
            link: asked.of_rows(rows),
            is_chosen: asked.rows == rows,
        })
        .collect()
}

fn head(column: &Column<'_>) -> Head {
    let all = &column.evaluation.per_example;
    Head {
        title: format::visible(&column.title),
        score: column.evaluation.score.map_or("–".to_owned(), format::score),
        boxes: all.iter().take(BOXES).map(small_box).collect(),
        is_crowded: all.len() > CROWD,
    }
}

fn small_box(one: &ExampleScore) -> Square {
    let tooltip = format!("row {}: {}", one.example + 1, verdict(Some(one)));
    Square { kind: kind(Some(one)), tooltip }
}

fn row_of(
    row: usize,
    columns: &[Column<'_>],
    answers: &[BTreeMap<usize, &ExampleScore>],
    examples: Option<&[Example]>,
) -> Row {
    let example = examples.and_then(|examples| examples.get(row));
    let cells = columns.iter().zip(answers);
    Row {
        number: row + 1,
        input: example.map(|example| text(&example.input)),
        accepted: example.map(|example| text(&example.outputs.join("\nor "))),
        cells: cells
            .map(|(column, answers)| cell(&column.title, answers.get(&row).copied()))
            .collect(),
    }
}

fn cell(title: &str, one: Option<&ExampleScore>) -> Cell {
    Cell {
        title: format::visible(title),
        kind: kind(one),
        verdict: verdict(one),
        mark: mark(one),
        answer: one.map_or(Html::new("<i class=\"none\">not asked</i>"), |one| text(&one.answer)),
        note: one.and_then(note),
    }
}

fn kind(one: Option<&ExampleScore>) -> &'static str {
    match one.and_then(|one| one.score) {
        None => "missing",
        Some(score) if score >= 1.0 => "hit",
        Some(score) if score <= 0.0 => "miss",
        Some(_) => "partial",
    }
}

fn verdict(one: Option<&ExampleScore>) -> String {
    match (kind(one), one.and_then(|one| one.score)) {
        ("partial", Some(score)) => format::score(score),
        ("missing", _) => "no score".to_owned(),
        (kind, _) => kind.to_owned(),
    }
}

/// A box that is as full as the score is high.
fn mark(one: Option<&ExampleScore>) -> Html {
    let full = one.and_then(|one| one.score).unwrap_or(0.0).clamp(0.0, 1.0) * 100.0;
    Html::new(format!(
        "<svg class=\"cell\" aria-hidden=\"true\"><rect y=\"{:.0}%\" width=\"100%\" height=\"{full:.0}%\"/></svg>",
        100.0 - full
    ))
}

/// How the answer ended, where that is not as it should be, and what the metric said.
fn note(one: &ExampleScore) -> Option<String> {
    let ended = match one.finish_reason {
        FinishReason::Length => Some("cut at the token limit"),
        FinishReason::Filter => Some("withheld by a content filter"),
        FinishReason::ToolCalls => Some("called a tool"),
        _ => None,
    };
    let feedback = one.feedback.as_deref().map(format::brief);
    let feedback = feedback.map(|text| text.trim_matches(['“', '”']).to_owned());
    let parts: Vec<String> = ended.map(str::to_owned).into_iter().chain(feedback).collect();
    (!parts.is_empty()).then(|| format::visible(&parts.join("; ")))
}
