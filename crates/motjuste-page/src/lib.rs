//! Report pages: results of motjuste as one self-contained HTML file, for people who would rather
//! look than read.
//!
//! A page is a single file without scripts, fonts or links: what it shows is in it. [`StudyPage`]
//! is the page of a study:
//!
//! ```
//! use motjuste::journal::Outcome;
//! use motjuste::report::Report;
//! use motjuste::task::Task;
//! use motjuste_page::StudyPage;
//!
//! fn page(study: &str, outcome: &Outcome, task: &Task) -> motjuste::Result<String> {
//!     let report = Report::of(study, outcome, None);
//!     StudyPage::of(&report, outcome, task, "seed = 0\n")?.to_html()
//! }
//! ```
//!
//! [`ComparisonPage`] is the page of methods compared, and [`comparison`] its tables for a terminal and for files.
//!
//! What it is made of serves pages of other results too. A page is a [`Frame`] around a body, which
//! a [`template`] fills with [`Table`]s, [`Figure`]s, [`chart`]s and [dropped replies](dropped):
//!
//! ```
//! use motjuste_page::{Column, Frame, Html, Table};
//! # fn main() -> motjuste::Result<()> {
//! let columns = [Column::text("method"), Column::number("gap")];
//! let table = Table::new("Gaps", columns, [["2-opt", "0.4 %"], ["random tours", "31.0 %"]]);
//! let body = Html::new(format!("<section>\n<h2>Gaps</h2>\n{}</section>\n", table.to_html()));
//! let frame = Frame {
//!     title: "Tours", style: "", body, settings: "n = 10\n", ledger: &[], small_print: "",
//! };
//! assert!(frame.to_html()?.contains("2-opt"));
//! # Ok(())
//! # }
//! ```

pub mod chart;
pub mod check;
pub mod comparison;
#[cfg(test)]
mod contrast;
pub mod dropped;
mod figure;
pub mod format;
mod frame;
mod html;
mod ledger;
mod study;
mod table;

pub use comparison::ComparisonPage;
pub use figure::Figure;
pub use frame::Frame;
pub use html::{Html, template};
pub use ledger::LedgerLine;
pub use study::{
    MetaPromptText, ScoredExample, StudyPage, faulty_answers, parts, verdict, words_of_rows,
};
pub use table::{Column, Table};

/// The style of all pages, as CSS.
pub const STYLE: &str = include_str!("style.css");
