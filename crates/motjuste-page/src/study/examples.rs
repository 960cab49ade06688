//! What the winner hit and missed, example by example.

use motjuste::history::{Evaluation, ExampleScore};
use motjuste::task::Example;
use serde::Serialize;

use crate::format;
use crate::html::Html;

/// How many misses are shown before the fold.
const SHOWN: usize = 8;
/// From how many examples on their cells are small.
const CROWD: usize = 250;
/// How many accepted outputs are spelled out.
const ACCEPTED: usize = 5;

/// What the target made of one example under the winning instruction.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredExample {
    /// What the target read.
    pub input: String,
    /// What counts as right.
    pub accepted: Vec<String>,
    /// What the target answered.
    pub answer: String,
    /// Its score, in [0, 1]; none where it is missing.
    pub score: Option<f64>,
}

impl ScoredExample {
    /// An evaluation next to the examples it is of; `examples` is the whole split.
    ///
    /// ```
    /// use motjuste::history::{Evaluation, ExampleScore};
    /// use motjuste::task::Example;
    /// use motjuste_page::ScoredExample;
    /// let examples = [Example::new("hot", ["cold"])];
    /// let score = ExampleScore::new(0, Some(1.0), "cold");
    /// let all = ScoredExample::all(&examples, &Evaluation::new(vec![score], Default::default()));
    /// assert_eq!((all[0].input.as_str(), all[0].score), ("hot", Some(1.0)));
    /// ```
    pub fn all(examples: &[Example], evaluation: &Evaluation) -> Vec<Self> {
        let one = |scored: &ExampleScore| {
            let example = examples.get(scored.example)?;
            Some(Self {
                input: example.input.clone(),
                accepted: example.outputs.clone(),
                answer: scored.answer.clone(),
                score: scored.score,
            })
        };
        evaluation.per_example.iter().filter_map(one).collect()
    }
}

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
    /// `hit`, `miss`, `partial` or `missing`.
    kind: &'static str,
    /// How much of the cell is filled, in percent.
    fill: String,
    tooltip: String,
}

#[derive(Debug, Serialize)]
struct Row {
    /// `hit`, `miss`, `partial` or `missing`.
    kind: &'static str,
    verdict: String,
    fill: String,
    input: Html,
    accepted: Html,
    answer: Html,
}

impl Split {
    pub(super) fn of(name: &'static str, examples: &[ScoredExample]) -> Self {
        Self {
            name,
            lead: lead(examples),
            cells: examples
                .iter()
                .enumerate()
                .map(|(index, example)| cell(index, example))
                .collect(),
            is_crowded: examples.len() > CROWD,
            parts: parts(examples),
        }
    }
}

fn is_hit(example: &ScoredExample) -> bool {
    example.score.is_some_and(|score| score >= 1.0)
}

fn is_partial(example: &ScoredExample) -> bool {
    example.score.is_some_and(|score| score > 0.0 && score < 1.0)
}

fn is_graded(examples: &[ScoredExample]) -> bool {
    examples.iter().any(is_partial)
}

fn lead(examples: &[ScoredExample]) -> String {
    let hits = examples.iter().filter(|example| is_hit(example)).count();
    let scores: Vec<f64> = examples.iter().filter_map(|example| example.score).collect();
    let n = scores.len();
    let mean = scores.iter().sum::<f64>() / n.max(1) as f64;
    let missing = match examples.len() - n {
        0 => String::new(),
        missing => format!(" {missing} without a score."),
    };
    let told = match n {
        0 => "Nothing was scored here.".to_owned(),
        _ if is_graded(examples) => {
            let partial = examples.iter().filter(|example| is_partial(example));
            format!(
                "Mean {} on {}: {hits} right, {} in part, {} wrong.",
                format::score(mean),
                format::counted(n, "example"),
                partial.clone().count(),
                n - hits - partial.count()
            )
        }
        _ => format!("{hits} of {} right.", format::counted(n, "example")),
    };
    told + &missing
}

fn fill(example: &ScoredExample) -> String {
    format!("{:.0}", example.score.unwrap_or_default().clamp(0.0, 1.0) * 100.0)
}

fn cell(index: usize, example: &ScoredExample) -> Cell {
    let (input, answer) = (format::brief(&example.input), format::brief(&example.answer));
    let tooltip = format!("{}. {}: {input} → {answer}", index + 1, verdict(example));
    Cell { kind: kind(example), fill: fill(example), tooltip: format::visible(&tooltip) }
}

fn kind(example: &ScoredExample) -> &'static str {
    match example.score {
        None => "missing",
        Some(score) if score >= 1.0 => "hit",
        Some(score) if score <= 0.0 => "miss",
        Some(_) => "partial",
    }
}

fn verdict(example: &ScoredExample) -> String {
    match (kind(example), example.score) {
        ("partial", Some(score)) => format::score(score),
        ("missing", _) => "no score".to_owned(),
        (kind, _) => kind.to_owned(),
    }
}

fn parts(examples: &[ScoredExample]) -> Vec<Part> {
    let (hits, mut misses): (Vec<_>, Vec<_>) = examples.iter().partition(|one| is_hit(one));
    let order = |example: &ScoredExample| example.score.unwrap_or(f64::NEG_INFINITY);
    misses.sort_by(|a, b| order(a).total_cmp(&order(b)));
    let more = misses.split_off(SHOWN.min(misses.len()));
    let fewer = if is_graded(examples) { "short of a full score" } else { "missed" };
    let parts = [
        (None, misses),
        (Some(format!("{} more {fewer}", format::count(more.len() as u64))), more),
        (Some(format::counted(hits.len(), "hit")), hits),
    ];
    let part = |(fold, examples): (Option<String>, Vec<&ScoredExample>)| Part {
        fold,
        rows: examples.into_iter().map(row).collect(),
    };
    parts.into_iter().map(part).filter(|part| !part.rows.is_empty()).collect()
}

fn row(example: &ScoredExample) -> Row {
    Row {
        kind: kind(example),
        verdict: verdict(example),
        fill: fill(example),
        input: format::text(&example.input),
        accepted: accepted(&example.accepted),
        answer: format::text(&example.answer),
    }
}

/// The accepted outputs, one or the other.
fn accepted(outputs: &[String]) -> Html {
    let first: Vec<String> =
        outputs.iter().take(ACCEPTED).map(|output| format::text(output).to_string()).collect();
    let mut html = first.join(" <span class=\"or\">or</span> ");
    if outputs.len() > ACCEPTED {
        let more = format::count((outputs.len() - ACCEPTED) as u64);
        html.push_str(&format!(" <span class=\"or\">or {more} more</span>"));
    }
    Html::new(html)
}
