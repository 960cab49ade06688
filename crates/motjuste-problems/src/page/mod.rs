//! The page of a mathematical problem: what a model found, in words and pictures.

mod content;
mod descent;
#[cfg(test)]
mod fixture;
mod linear_regression;
mod plane;
mod search;
#[cfg(test)]
mod tests;
mod tours;
mod tsp;

pub use content::PageContent;
pub use linear_regression::LinearRegressionSearch;
pub use tsp::TspSearch;

use motjuste::Result;
use motjuste::budget::Spending;
use motjuste_page::dropped;
use motjuste_page::{Figure, Frame, Html, LedgerLine, Table, format, template};
use search::Search;
use serde::Serialize;

use crate::solver::Counts;

impl PageContent {
    /// Searches for the true pair of a linear regression.
    pub fn linear_regression(searches: &[LinearRegressionSearch<'_>]) -> Self {
        linear_regression::content(searches)
    }

    /// Searches for a short tour.
    pub fn tsp(searches: &[TspSearch<'_>]) -> Self {
        tsp::content(searches)
    }
}

/// The page of one or more searches on a mathematical problem.
#[derive(Debug)]
pub struct SolvePage<'a> {
    /// The name of the searches.
    pub name: &'a str,
    /// The model that proposed points.
    pub model: &'a str,
    /// What came of them.
    pub content: PageContent,
    /// The methods side by side.
    pub tables: &'a [Table],
    /// What became of the replies.
    pub replies: Counts,
    /// The instances that the model failed on.
    pub failures: Vec<Failure>,
    /// Why there are fewer searches than planned, where the budget cut them.
    pub cut: Option<String>,
    /// What was used.
    pub spending: &'a Spending,
    /// The resolved settings.
    pub settings: &'a str,
}

/// An instance that the model failed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The instance.
    pub name: String,
    /// Why.
    pub reason: String,
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
    failures_lead: String,
    failures: &'a [Failure],
    figures: Vec<Figure>,
    tables: Vec<Html>,
    unsolved: Vec<String>,
    searches: &'a [Search],
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
            title: self.content.title,
            style: include_str!("page.css"),
            body: template(include_str!("page.html"), &self.values()?)?,
            settings: self.settings,
            ledger: &[LedgerLine::of("model", "proposes points", self.spending)],
            small_print: SMALL_PRINT,
        };
        frame.to_html()
    }

    fn values(&self) -> Result<Values<'_>> {
        let Self { content, replies, spending, .. } = self;
        Ok(Values {
            name: format::visible(self.name),
            title: content.title,
            model: format::visible(self.model),
            statement: &content.statement,
            verdict: &content.verdict,
            cut: &self.cut,
            failures_lead: failures_lead(self.failures.len()),
            failures: &self.failures,
            figures: figures(content.searches.len(), replies, spending),
            tables: self.tables.iter().map(Table::to_html).collect(),
            unsolved: unsolved(&content.searches),
            searches: &content.searches,
            dropped_lead: dropped_lead(replies),
            dropped: dropped::table(&content.dropped)?,
        })
    }
}

fn figures(searches: usize, replies: &Counts, spending: &Spending) -> Vec<Figure> {
    let number = |number: usize| format::count(number as u64);
    let (read, written) = (spending.tokens_in, spending.tokens_out);
    let tokens = format!("{} read, {} written", format::count(read), format::count(written));
    vec![
        Figure::new("searches", number(searches), String::new()),
        Figure::new("replies", number(replies.total), "of the model".into()),
        Figure::new("new points", number(replies.new), "evaluated".into()),
        Figure::new("known points", number(replies.duplicates), "cost no evaluation".into()),
        Figure::new("dropped replies", number(replies.invalid), "without a point".into()),
        Figure::new("tokens", format::count(read + written), tokens),
    ]
}

/// What the failures mean for the numbers of the page.
fn failures_lead(failures: usize) -> String {
    match failures {
        0 => String::new(),
        1 => "The model failed on 1 instance, which no number here counts.".to_owned(),
        n => format!(
            "The model failed on {} instances, which no number here counts.",
            format::count(n as u64)
        ),
    }
}

/// The searches that did not solve their problem, by name and outcome.
fn unsolved(searches: &[Search]) -> Vec<String> {
    let unsolved = searches.iter().filter(|search| !search.is_solved);
    unsolved.map(|search| format!("{}: {}", search.name, search.outcome)).collect()
}

fn dropped_lead(replies: &Counts) -> String {
    match (replies.invalid, replies.total) {
        (0, all) => format!("Each of {} named a point.", format::counted(all, "reply")),
        (dropped, all) => format!(
            "{} of {} named no point that can be evaluated.",
            format::count(dropped as u64),
            format::counted(all, "reply")
        ),
    }
}
