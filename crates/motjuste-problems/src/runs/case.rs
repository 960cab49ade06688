//! An instance with what tells it from the others of a list.

use std::future::Future;

use motjuste::Result;
use motjuste::metric::Mode;
use motjuste::storage::ResponseKey;
use motjuste_page::Table;
use serde::Serialize;
use serde_json::Value;

use crate::comparison::Comparison;
use crate::page::PageContent;
use crate::search::{Progress, Settings};
use crate::solver::Solver;

/// How instances are put to a model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Options {
    /// How replies are read.
    pub mode: Mode,
    /// The seed of the searches' draws.
    pub seed: u64,
    /// How the searches ask, and how long.
    pub settings: Settings,
}

/// An instance of a problem: how it is solved, and how results of its kind are shown.
pub trait Case: Sized {
    /// The name of the problem.
    const PROBLEM: &'static str;
    /// What is searched for.
    type Point;
    /// What came of one case.
    type Run: Serialize;
    /// One method on several cases.
    type Summary: Serialize;

    /// The name of the case among the others.
    fn name(&self) -> String;

    /// What is added to the seed for case number `index` of a list.
    fn draw(&self, index: usize) -> u64;

    /// What tells the case from all others.
    fn identity(&self) -> Value;

    /// Puts the case to the model, with this very seed; `on_step` hears of every step.
    ///
    /// # Errors
    /// As [`Solver::solve`].
    fn solve(
        &self,
        solver: &Solver,
        options: Options,
        on_step: &dyn Fn(&Progress<Self::Point>),
    ) -> impl Future<Output = Result<Self::Run>>;

    /// These cases in a few letters, for the name of a folder.
    fn label(cases: &[Self]) -> String;

    /// The model beside the baseline methods.
    fn comparison(run: &Self::Run) -> &Comparison<Self::Point>;

    /// Method by method, what came of all runs.
    fn summary(runs: &[Self::Run]) -> Vec<Self::Summary>;

    /// What a person reads.
    fn tables(runs: &[Self::Run], summary: &[Self::Summary]) -> Vec<Table>;

    /// What the page says and shows.
    fn page_content(runs: &[Self::Run]) -> PageContent;
}

/// The name of the searches of these cases with a model. With more steps they are the same searches.
///
/// ```
/// use motjuste::metric::Mode;
/// use motjuste_problems::Settings;
/// use motjuste_problems::runs::{LinearRegressionCase, Options, name};
/// let cases = LinearRegressionCase::draw(&[[15.0, 14.0]], 2, 0);
/// let options = Options { mode: Mode::Strict, seed: 0, settings: Settings::default() };
/// let longer = Options { settings: Settings { steps: 900, ..options.settings }, ..options };
/// assert!(name("gpt@1", &cases, options).starts_with("linreg-w15-b14-seed0-"));
/// assert_eq!(name("gpt@1", &cases, options), name("gpt@1", &cases, longer));
/// ```
pub fn name<C: Case>(model: &str, cases: &[C], options: Options) -> String {
    let Options { mode, seed, settings } = options;
    let settings = Settings { steps: 0, ..settings };
    let identities: Vec<_> = cases.iter().map(C::identity).collect();
    let key = ResponseKey::of(model, &(mode, seed, settings, identities));
    let hash: String = key.0[..5].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-seed{seed}-{hash}", C::PROBLEM, C::label(cases))
}
