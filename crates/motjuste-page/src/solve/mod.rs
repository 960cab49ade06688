//! The page of a mathematical problem: what a model came to, in words and pictures.
//!
//! It uses the public parts of `motjuste_page` and nothing else, so that it can live in any crate.

mod descent;
#[cfg(test)]
mod fixture;
mod linreg;
mod plane;
#[cfg(test)]
mod tests;
mod tours;
mod tsp;

pub use linreg::LinregCase;
pub use tsp::TspCase;

use motjuste::Result;
use motjuste::budget::Spending;
use motjuste::problem::{Progress, Verdict};
use motjuste::solve::{Comparison, Counts, Ending};
use motjuste_page::chart::Chart;
use motjuste_page::dropped::{self, DroppedReply};
use motjuste_page::{Figure, Frame, Html, LedgerLine, Table, format, template};
use serde::Serialize;

/// Cases from this one on are folded away.
const OPEN: usize = 3;

/// The page of one or more searches on a mathematical problem.
#[derive(Debug)]
pub struct SolvePage<'a> {
    /// The name of the searches.
    pub name: &'a str,
    /// The model that proposed points.
    pub model: &'a str,
    /// What came of them.
    pub results: Results,
    /// The methods side by side.
    pub tables: &'a [Table],
    /// What became of the replies.
    pub replies: Counts,
    /// Why there are fewer searches than planned, where the budget cut them.
    pub cut: Option<String>,
    /// What was used.
    pub spending: &'a Spending,
    /// The resolved settings.
    pub settings: &'a str,
}

/// What came of the searches on one kind of problem; see [`Results::linreg`] and
/// [`Results::tsp`].
#[derive(Debug)]
pub struct Results {
    /// The problem in a few words.
    title: &'static str,
    /// What came out, in one sentence.
    statement: String,
    /// What that means beside the methods without a model.
    verdict: String,
    /// One for each search.
    cases: Vec<Case>,
    /// The model's replies that could not be used, and why.
    dropped: Vec<DroppedReply>,
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

const SMALL_PRINT: &str = "± is a standard deviation with n − 1, or a standard error where the \
    table says so. Methods without a model: random search is uniform over the whole numbers of a \
    box; 2-opt begins where the model began.";

/// What the template is filled with.
#[derive(Serialize)]
struct Values<'a> {
    name: String,
    title: &'a str,
    model: String,
    statement: &'a str,
    verdict: &'a str,
    cut: &'a Option<String>,
    figures: Vec<Figure>,
    tables: Vec<Html>,
    failed: Vec<String>,
    cases: &'a [Case],
    dropped_lead: String,
    dropped: Html,
}

impl SolvePage<'_> {
    /// The whole page.
    ///
    /// # Errors
    /// When the page cannot be drawn, which a test rules out.
    pub fn to_html(&self) -> Result<String> {
        let frame = Frame {
            title: self.results.title,
            style: include_str!("solve.css"),
            body: template(include_str!("solve.html"), &self.values()?)?,
            settings: self.settings,
            ledger: &[LedgerLine::of("model", "proposes points", self.spending)],
            small_print: SMALL_PRINT,
        };
        frame.to_html()
    }

    fn values(&self) -> Result<Values<'_>> {
        let Self { results, replies, spending, .. } = self;
        Ok(Values {
            name: format::visible(self.name),
            title: results.title,
            model: format::visible(self.model),
            statement: &results.statement,
            verdict: &results.verdict,
            cut: &self.cut,
            figures: figures(results.cases.len(), replies, spending),
            tables: self.tables.iter().map(Table::to_html).collect(),
            failed: failed(&results.cases),
            cases: &results.cases,
            dropped_lead: dropped_lead(replies),
            dropped: dropped::table(&results.dropped)?,
        })
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

fn dropped_lead(replies: &Counts) -> String {
    match (replies.refused, replies.replies) {
        (0, all) => format!("Each of {} named a point.", format::counted(all, "reply")),
        (dropped, all) => format!(
            "{} of {} named no point that can be evaluated.",
            format::count(dropped as u64),
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
fn replies_in_words<P>(run: &Comparison<P>, point: &str) -> String {
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
fn dropped_replies<P>(case: &str, progress: &Progress<P>) -> impl Iterator<Item = DroppedReply> {
    let steps = progress.steps.iter().enumerate();
    let replies = steps.flat_map(|(step, replies)| {
        replies.replies.iter().map(move |(reply, verdict)| (step + 1, reply, verdict))
    });
    replies.filter_map(move |(step, reply, verdict)| match verdict {
        Verdict::Refused(reason) => Some(DroppedReply {
            origin: format!("{case}, step {step}"),
            reason: reason.clone(),
            reply: reply.clone(),
        }),
        Verdict::Accepted(_) | Verdict::Known(_) => None,
    })
}
