//! `report.html` of `motjuste solve`: what a model came to on a mathematical problem, in pictures.

mod descent;
#[cfg(test)]
mod fixture;
pub(crate) mod linreg;
mod plane;
#[cfg(test)]
mod tests;
mod tours;
pub(crate) mod tsp;

use minijinja::value::Serde;
use minijinja::{Value, context};
use motjuste::budget::Spending;
use motjuste::problem::Progress;
use motjuste::solve::{Comparison, Counts, Ending};
use serde::Serialize;

use super::chart::Chart;
use super::dropped::{self, Refused};
use super::figures::{Figure, LedgerLine};
use super::format;
use crate::table::Table;

/// Cases from this one on are folded away.
const OPEN: usize = 3;

/// What the page is made of.
#[derive(Debug)]
pub(crate) struct Sheet<'a> {
    /// The search's name.
    pub name: &'a str,
    /// The model that proposed points.
    pub model: &'a str,
    /// What came of it.
    pub story: Story,
    /// The methods side by side.
    pub tables: &'a [Table],
    /// What became of the replies.
    pub replies: Counts,
    /// Why there are fewer cases than planned, where the budget cut them.
    pub cut: Option<String>,
    /// What was used.
    pub spending: &'a Spending,
    /// The resolved settings.
    pub settings_toml: &'a str,
}

/// A problem's part of the page.
#[derive(Debug)]
pub(crate) struct Story {
    /// The problem in a few words.
    title: &'static str,
    /// What came out, in one sentence.
    statement: String,
    /// What that means beside the methods without a model.
    verdict: String,
    /// One for each search.
    cases: Vec<Case>,
    /// What the model's replies could not be used for, and why.
    refused: Vec<Refused>,
}

/// One search.
#[derive(Debug, Serialize)]
struct Case {
    name: String,
    is_open: bool,
    is_solved: bool,
    /// How it ended.
    outcome: String,
    /// The search in one sentence.
    lead: String,
    pictures: Vec<Picture>,
}

/// One drawing of a search.
#[derive(Debug, Serialize)]
struct Picture {
    /// Whether it is a map, which is square, and no chart.
    is_map: bool,
    /// Whether a line of it has its name in the right margin.
    is_named: bool,
    chart: Chart,
}

/// The whole page.
///
/// # Errors
/// When the template names what it is not given, which a test rules out.
pub(crate) fn render(sheet: &Sheet<'_>) -> Result<String, minijinja::Error> {
    super::render_template("solve.html", values(sheet))
}

fn values(sheet: &Sheet<'_>) -> Value {
    let Sheet { story, replies, spending, .. } = sheet;
    context! {
        style => super::style(),
        title => story.title,
        name => format::visible(sheet.name),
        model => format::visible(sheet.model),
        statement => &story.statement,
        verdict => &story.verdict,
        cut => &sheet.cut,
        tables => Serde(sheet.tables),
        figures => Serde(figures(story.cases.len(), replies, spending)),
        cases => Serde(&story.cases),
        failed => Serde(failed(&story.cases)),
        refused => Serde(dropped::lines(&story.refused)),
        refused_lead => refused_lead(replies),
        settings => format::visible(sheet.settings_toml),
        ledger => Serde([LedgerLine::of("model", "proposes points", spending)]),
    }
}

fn figures(searches: usize, replies: &Counts, spending: &Spending) -> Vec<Figure> {
    let number = |number: usize| format::count(number as u64);
    let (read, written) = (spending.tokens_in, spending.tokens_out);
    let tokens = format!("{} read, {} written", format::count(read), format::count(written));
    vec![
        Figure::new("searches", number(searches), String::new()),
        Figure::new("replies", number(replies.replies), "of the model".into()),
        Figure::new("new points", number(replies.new), "evaluated".into()),
        Figure::new("known points", number(replies.repeated), "cost no evaluation".into()),
        Figure::new("dropped replies", number(replies.refused), "without a point".into()),
        Figure::new("tokens", format::count(read + written), tokens),
    ]
}

/// The searches that did not come to their end, by name and outcome.
fn failed(cases: &[Case]) -> Vec<String> {
    let failed = cases.iter().filter(|case| !case.is_solved);
    failed.map(|case| format!("{}: {}", case.name, case.outcome)).collect()
}

fn refused_lead(replies: &Counts) -> String {
    match (replies.refused, replies.replies) {
        (0, all) => format!("Each of {} named a point.", format::counted(all, "reply")),
        (refused, all) => format!(
            "{} of {} named no point that can be evaluated.",
            format::count(refused as u64),
            format::counted(all, "reply")
        ),
    }
}

fn is_solved<P>(run: &Comparison<P>) -> bool {
    run.model.ending.solved().is_some()
}

/// How a search ended, in words.
fn outcome<P>(run: &Comparison<P>) -> String {
    let steps = format::counted(run.model.steps, "step");
    match run.model.ending {
        Ending::Solved { steps } => format!("solved in step {}", format::count(steps as u64)),
        Ending::Steps => format!("not solved in {steps}"),
        Ending::Cap(_) => format!("cut short by the budget after {steps}"),
    }
}

/// What became of a search's replies, in words.
fn told<P>(run: &Comparison<P>, point: &str) -> String {
    let Counts { replies, new, repeated, refused, .. } = &run.model.replies;
    format!(
        "{}: {}, {} known, {} without one.",
        format::counted(*replies, "reply"),
        format::counted(*new, &format!("new {point}")),
        format::count(*repeated as u64),
        format::count(*refused as u64)
    )
}

/// The replies of a search that named no point.
fn refused<P>(case: &str, progress: &Progress<P>) -> impl Iterator<Item = Refused> {
    use motjuste::problem::Verdict;
    let steps = progress.steps.iter().enumerate();
    let replies = steps.flat_map(|(step, replies)| {
        replies.replies.iter().map(move |(reply, verdict)| (step + 1, reply, verdict))
    });
    replies.filter_map(move |(step, reply, verdict)| match verdict {
        Verdict::Refused(reason) => Some(Refused {
            place: format!("{case}, step {step}"),
            reason: reason.clone(),
            reply: reply.clone(),
        }),
        Verdict::Accepted(_) | Verdict::Known(_) => None,
    })
}
