//! What the winner hit and missed, example by example.

use minijinja::Value;
use serde::Serialize;

use super::{Detail, format};

/// How many misses are shown before the fold.
const SHOWN: usize = 8;
/// From how many examples on their cells are small.
const CROWD: usize = 250;
/// How many accepted outputs are spelled out.
const ACCEPTED: usize = 5;

/// One split's examples.
#[derive(Debug, Serialize)]
pub(super) struct Split {
    name: &'static str,
    /// The examples in one sentence.
    lead: String,
    /// One cell for each example, in order.
    cells: Vec<Cell>,
    /// Whether the cells are too many to be large.
    is_crowded: bool,
    /// The misses, worst first, and the hits.
    parts: Vec<Part>,
}

/// Some of the examples, behind a fold or not.
#[derive(Debug, Serialize)]
struct Part {
    /// What is behind the fold; none when there is no fold.
    fold: Option<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Cell {
    /// `hit`, `miss` or `partial`.
    kind: &'static str,
    /// How much of the cell is filled, in percent.
    fill: String,
    tooltip: String,
}

#[derive(Debug, Serialize)]
struct Row {
    number: usize,
    /// `hit`, `miss` or `partial`.
    kind: &'static str,
    verdict: String,
    fill: String,
    input: Value,
    accepted: Value,
    answer: Value,
}

impl Split {
    pub(super) fn of(name: &'static str, details: &[Detail]) -> Self {
        Self {
            name,
            lead: lead(details),
            cells: details.iter().enumerate().map(|(place, detail)| cell(place, detail)).collect(),
            is_crowded: details.len() > CROWD,
            parts: parts(details),
        }
    }
}

fn is_hit(detail: &Detail) -> bool {
    detail.score >= 1.0
}

fn is_graded(details: &[Detail]) -> bool {
    details.iter().any(|detail| detail.score > 0.0 && detail.score < 1.0)
}

fn lead(details: &[Detail]) -> String {
    let (n, hits) = (details.len(), details.iter().filter(|detail| is_hit(detail)).count());
    let mean = details.iter().map(|detail| detail.score).sum::<f64>() / n.max(1) as f64;
    match n {
        0 => "Nothing was scored here.".to_owned(),
        _ if is_graded(details) => {
            let partial = details.iter().filter(|detail| !is_hit(detail) && detail.score > 0.0);
            format!(
                "Mean {} on {}: {hits} right, {} in part, {} wrong.",
                format::score(mean),
                format::counted(n, "example"),
                partial.clone().count(),
                n - hits - partial.count()
            )
        }
        _ => format!("{hits} of {} right.", format::counted(n, "example")),
    }
}

fn fill(detail: &Detail) -> String {
    format!("{:.0}", detail.score.clamp(0.0, 1.0) * 100.0)
}

fn cell(place: usize, detail: &Detail) -> Cell {
    let (input, answer) = (format::brief(&detail.input), format::brief(&detail.answer));
    let tooltip = format!("{}. {}: {input} → {answer}", place + 1, verdict(detail));
    Cell { kind: kind(detail), fill: fill(detail), tooltip: format::visible(&tooltip) }
}

fn kind(detail: &Detail) -> &'static str {
    match detail.score {
        score if score >= 1.0 => "hit",
        score if score <= 0.0 => "miss",
        _ => "partial",
    }
}

fn verdict(detail: &Detail) -> String {
    match kind(detail) {
        "partial" => format::score(detail.score),
        kind => kind.to_owned(),
    }
}

fn parts(details: &[Detail]) -> Vec<Part> {
    let rows = details.iter().enumerate();
    let (hits, mut misses): (Vec<_>, Vec<_>) = rows.partition(|(_, detail)| is_hit(detail));
    misses.sort_by(|(_, a), (_, b)| a.score.total_cmp(&b.score));
    let more = misses.split_off(SHOWN.min(misses.len()));
    let fewer = if is_graded(details) { "short of a full score" } else { "missed" };
    let parts = [
        (None, misses),
        (Some(format!("{} more {fewer}", format::count(more.len() as u64))), more),
        (Some(format::counted(hits.len(), "hit")), hits),
    ];
    let part = |(fold, examples): (Option<String>, Vec<(usize, &Detail)>)| Part {
        fold,
        rows: examples.into_iter().map(row).collect(),
    };
    parts.into_iter().map(part).filter(|part| !part.rows.is_empty()).collect()
}

fn row((place, detail): (usize, &Detail)) -> Row {
    Row {
        number: place + 1,
        kind: kind(detail),
        verdict: verdict(detail),
        fill: fill(detail),
        input: format::text(&detail.input),
        accepted: accepted(&detail.accepted),
        answer: format::text(&detail.answer),
    }
}

/// The accepted outputs, one or the other.
fn accepted(outputs: &[String]) -> Value {
    let first: Vec<String> =
        outputs.iter().take(ACCEPTED).map(|output| format::text(output).to_string()).collect();
    let mut html = first.join(" <span class=\"or\">or</span> ");
    if outputs.len() > ACCEPTED {
        let more = format::count((outputs.len() - ACCEPTED) as u64);
        html.push_str(&format!(" <span class=\"or\">or {more} more</span>"));
    }
    Value::from_safe_string(html)
}
