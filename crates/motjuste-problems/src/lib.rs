//! The two mathematical problems of OPRO (arXiv 2309.03409, section 3): a language model reads the
//! best points so far with their values and proposes better ones.
//!
//! | module | holds |
//! |---|---|
//! | [`linear_regression`], [`tsp`] | the problems: instances, files, meta-prompts, replies, and methods without a model |
//! | [`Problem`], [`Search`] | a problem as a search sees it, and the search between calls of a model: pure and synchronous |
//! | [`Solver`] | a search with a model that is paid for, under a budget |
//! | [`comparison`] | the model beside baseline methods, on one instance |
//! | [`runs`] | many instances under one budget: runs, failures, summaries and tables as data |
//! | [`page`] | the report page |
//!
//! The crate uses the public items of `motjuste`, `motjuste-gp` and `motjuste-page` alone, as any other
//! client would.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use std::sync::Arc;
//! use motjuste::budget::Budget;
//! use motjuste::metric::Mode;
//! use motjuste::model::Scripted;
//! use motjuste::storage::InMemory;
//! use motjuste_problems::runs::{self, LinearRegressionCase, Options};
//! use motjuste_problems::{Settings, Setup, Solver};
//!
//! let solver = Solver::new(Setup {
//!     model: Arc::new(Scripted::new("oracle", |_| "surely [15, 14]".into())),
//!     budget: Budget { trials: None, ..Budget::default() },
//!     calls: Default::default(),
//!     responses: Arc::new(InMemory::default()),
//!     stop: Arc::default(),
//! });
//! let cases = LinearRegressionCase::draw(&[[15.0, 14.0]], 2, 0);
//! let options = Options { mode: Mode::Strict, seed: 0, settings: Settings::default() };
//! let results = runs::solve(&solver, &cases, options, &()).await.unwrap();
//! assert_eq!((results.runs.len(), results.summary[0].found), (2, 2));
//! # });
//! ```

mod best_found;
pub mod comparison;
pub mod linear_regression;
pub mod page;
mod problem;
pub mod runs;
mod search;
mod solver;
mod spread;
mod template;
pub mod tsp;

pub use best_found::{BestFound, best_of};
pub use problem::{Evaluated, Problem};
pub use search::{Next, Progress, Reading, Search, Settings, Step};
pub use solver::{Counts, ModelRun, Setup, Solver, StopReason, Trajectory};
pub use spread::Spread;
