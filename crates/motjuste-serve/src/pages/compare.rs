//! Two studies side by side.

use std::fmt::Write;

use motjuste::Result;
use motjuste::history::Evaluation;
use motjuste::interval::Difference;
use motjuste::report::Report;
use motjuste::task::Example;
use motjuste_page::chart::{self, Chart, Scale};
use motjuste_page::{Html, format, parts, template};
use serde::Serialize;

use super::asked::Asked;
use super::document::{Document, Follows};
use super::lines::lines;
use super::links::Links;
use super::matrix::{self, Column};
use super::words::{score, text, total};
use crate::shelf::{Folded, Stage};

/// The names of the two, in words and as classes of the style.
const NAMES: [&str; 2] = ["A", "B"];

#[derive(Serialize)]
struct Values {
    sides: [Side; 2],
    facts: Vec<(&'static str, [String; 2])>,
    verdict: String,
    chart: Chart,
    matrix: Option<Html>,
}

#[derive(Serialize)]
struct Side {
    name: &'static str,
    study: String,
    link: String,
    instruction: Option<Html>,
}

/// The page. `examples` are the held-out rows of the task that both are studies of.
pub(crate) fn compare(
    studies: [&Folded; 2],
    examples: Option<&[Example]>,
    asked: &Asked,
    links: &Links,
) -> Result<String> {
    let reports = studies.map(Folded::report);
    let tests = studies.map(test);
    let values = Values {
        sides: [0, 1].map(|index| side(NAMES[index], studies[index], &reports[index], links)),
        facts: facts(studies, &reports),
        verdict: verdict(studies, tests),
        chart: curves(studies),
        matrix: side_by_side(studies, tests, examples, asked)?,
    };
    let document = Document {
        title: "Two studies",
        trail: vec![
            ("Studies".to_owned(), Some(links.root())),
            ("two studies side by side".to_owned(), None),
        ],
        follows: Follows::These(studies.map(|one| one.study.clone()).into()),
        body: template(include_str!("compare.html"), &values)?,
    };
    document.into_html(links)
}

fn side(name: &'static str, folded: &Folded, report: &Report, links: &Links) -> Side {
    Side {
        name,
        study: format::visible(&folded.study),
        link: links.study(&folded.study),
        instruction: report.instruction.as_deref().map(text),
    }
}

fn facts(studies: [&Folded; 2], reports: &[Report; 2]) -> Vec<(&'static str, [String; 2])> {
    let of = |fact: &dyn Fn(&Folded, &Report) -> String| {
        [0, 1].map(|index| format::visible(&fact(studies[index], &reports[index])))
    };
    let spent = |folded: &Folded| total(&folded.outcome.account);
    vec![
        ("task", of(&|_, report| report.task.clone())),
        ("method", of(&|_, report| format!("{}, seed {}", report.method, report.seed))),
        ("target", of(&|folded, _| folded.outcome.config.target.model.clone())),
        ("generator", of(&|folded, _| folded.outcome.config.generator.model.clone())),
        ("state", of(&|folded, _| stage(folded).to_owned())),
        ("dev score", of(&|_, report| score(report.dev.map(|dev| dev.score)))),
        ("held-out score", of(&|_, report| held_out(report))),
        (
            "trials",
            of(&|folded, _| format::count(folded.outcome.history.evaluated_trials() as u64)),
        ),
        ("calls", of(&|folded, _| format::count(spent(folded).calls))),
        ("tokens", of(&|folded, _| format::count(spent(folded).tokens()))),
        ("money", of(&|folded, _| spent(folded).usd.to_string())),
    ]
}

fn stage(folded: &Folded) -> &'static str {
    match Stage::of(&folded.outcome) {
        Stage::Searching => "searching",
        Stage::Proving => "not tested",
        Stage::Done => "done",
    }
}

fn held_out(report: &Report) -> String {
    let Some(test) = report.test else { return "–".to_owned() };
    format!("{} ({})", format::score(test.score), format::interval(test.low, test.high))
}

/// What the winner of a study scored on the held-out rows.
fn test(folded: &Folded) -> Option<&Evaluation> {
    Some(&folded.outcome.assessment.as_ref()?.winner.as_ref()?.test)
}

/// Whether both are studies of the very same rows, judged the same way.
fn is_same_task(studies: [&Folded; 2]) -> bool {
    let [one, other] = studies.map(|folded| &folded.outcome.config.task);
    one.data == other.data && one.scoring == other.scoring && one.name == other.name
}

/// Which is better, and no more than the interval allows.
fn verdict(studies: [&Folded; 2], tests: [Option<&Evaluation>; 2]) -> String {
    if !is_same_task(studies) {
        return "They are studies of different rows, or judge answers differently: their scores say nothing \
                about each other."
            .to_owned();
    }
    let [Some(one), Some(other)] = tests else {
        return "Not both have been scored on the held-out rows: nothing is proven yet.".to_owned();
    };
    match difference(one, other) {
        None => "They were not scored on the same held-out rows.".to_owned(),
        Some(difference) => told(&difference, one.per_example.len()),
    }
}

/// The score of the first less that of the second, paired by row; none where the rows are not the same.
fn difference(one: &Evaluation, other: &Evaluation) -> Option<Difference> {
    let rows = |evaluation: &Evaluation| -> Vec<usize> {
        evaluation.per_example.iter().map(|one| one.example).collect()
    };
    let pairs = Difference::of_pairs(&one.all_scores(), &other.all_scores());
    let is_same = rows(one) == rows(other) && !pairs.is_empty();
    is_same.then(|| Difference::paired(&[vec![pairs]]))
}

fn told(difference: &Difference, rows: usize) -> String {
    let rows = format::counted(rows, "held-out row");
    let by = format::score(difference.value.abs());
    let (low, high) = (format::signed(difference.low), format::signed(difference.high));
    let compared = if difference.is_above() {
        format!("A is better than B, by {by} on {rows}")
    } else if difference.is_below() {
        format!("B is better than A, by {by} on {rows}")
    } else {
        format!("A and B are not distinguishable on {rows}")
    };
    format!("{compared}; the 95\u{a0}% interval of A less B is {low} to {high}.")
}

/// Both curves of the best so far, over the target calls.
fn curves(studies: [&Folded; 2]) -> Chart {
    let lines = studies.map(|folded| lines(&folded.outcome));
    let calls = lines.each_ref().map(|lines| -> usize {
        let paid = lines.iter().filter(|line| line.repeats.is_none());
        paid.map(|line| line.per_example.len()).sum()
    });
    let across = Scale::across(0.0, calls[0].max(calls[1]) as f64);
    let mut body = chart::score_axis("dev score") + &chart::count_axis(across, "target calls");
    let mut names = Vec::new();
    for (index, lines) in lines.iter().enumerate() {
        let rises = parts::improved(lines);
        let Some(&(_, best, _)) = rises.last() else { continue };
        body += &curve(
            index,
            &rises.iter().map(|rise| (rise.0, rise.1)).collect::<Vec<_>>(),
            calls[index],
            across,
        );
        let label = format!("{} {}", NAMES[index], format::score(best));
        names.push((["name winner", "name second"][index], Scale::score().at(best), label));
    }
    let lead = "The best dev score so far, over the target calls that it took.".to_owned();
    body += &chart::margin_labels(names);
    Chart {
        svg: Some(chart::svg("curves", "Best so far of both studies", &lead, &body)),
        lead,
        legend: Vec::new(),
    }
}

/// A step line that ends where its study does.
fn curve(index: usize, rises: &[(usize, f64)], calls: usize, across: Scale) -> String {
    let class = ["best", "best second"][index];
    let ends = rises.iter().skip(1).map(|(at, _)| *at).chain([calls]);
    let mut svg = String::new();
    let mut before = None;
    for (&(at, score), end) in rises.iter().zip(ends) {
        let (x, y) = (across.at(at as f64), Scale::score().at(score));
        let from = before.unwrap_or(y);
        let _ = write!(
            svg,
            "{}{}",
            chart::line(class, (x, from), (x, y)),
            chart::line(class, (x, y), (across.at(end as f64), y))
        );
        before = Some(y);
    }
    svg
}

/// What both winners answered to the held-out rows, where these are the same.
fn side_by_side(
    studies: [&Folded; 2],
    tests: [Option<&Evaluation>; 2],
    examples: Option<&[Example]>,
    asked: &Asked,
) -> Result<Option<Html>> {
    let ([Some(one), Some(other)], true) = (tests, is_same_task(studies)) else { return Ok(None) };
    let column = |title: &str, evaluation| Column { title: title.to_owned(), evaluation };
    let columns = [column(NAMES[0], one), column(NAMES[1], other)];
    matrix::draw(&columns, examples, asked).map(Some)
}
