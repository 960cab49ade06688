//! Made-up searches, always the same: what the tests render and what a designer looks at.

use motjuste::budget::{Spending, StopReason};
use motjuste::random::Streams;
use motjuste_page::{Column, Table};

use super::{Failure, LinearRegressionSearch, PageContent, SolvePage, TspSearch};
use crate::comparison::{BaselineMethod, Comparison};
use crate::linear_regression::{Instance, LinearRegression, Pair};
use crate::tsp::{Instance as Map, Tour, Tsp, farthest_insertion, nearest_neighbour};
use crate::{
    BestFound, Counts, Problem, Progress, Search, Settings, StopReason as Stop, Trajectory, best_of,
};

/// What a page is rendered from, owned.
pub(super) struct Fixture {
    pub content: PageContent,
    pub replies: Counts,
    pub failures: Vec<Failure>,
    pub cut: Option<String>,
}

impl Fixture {
    pub(super) fn html(self) -> String {
        let columns = [Column::text("w = 15, b = 14"), Column::number("found")];
        let table = Table::new("w = 15, b = 14", columns, [["model", "1 of 2"]]);
        let page = SolvePage {
            name: "linreg-w15-b14-seed0-0123456789",
            model: "openai/<model>",
            content: self.content,
            tables: &[table],
            replies: self.replies,
            failures: self.failures,
            cut: self.cut,
            spending: &Spending { calls: 24, tokens_in: 9000, ..Spending::default() },
            settings: "steps = 3\n",
        };
        page.to_html().unwrap()
    }
}

/// The pair that the fixture's searches are after.
pub(super) const TRUTH: Pair = [15.0, 14.0];

/// A search whose replies are these, step by step.
pub(super) fn pairs(replies: &[&[&str]], stop_reason: Stop) -> (Comparison<Pair>, f64) {
    let instance = Instance::draw(TRUTH, Streams::new(0));
    let problem = LinearRegression::new(instance.clone());
    let search = Search::new(&problem, Settings::default());
    let mut progress = search.begin(instance.start.clone());
    for step in replies {
        let step = search.read(&progress, step.iter().map(|&reply| reply.to_owned()).collect());
        progress.steps.push(step);
    }
    let trajectory = Trajectory { progress, stop_reason };
    let model = trajectory.summary(&problem).unwrap();
    let baselines = [("random search", [0.0, 0.0]), ("coordinate descent", TRUTH)];
    let baselines = baselines
        .map(|(method, point)| (method, best_of(&problem, [point]).unwrap()))
        .map(|(method, found)| BaselineMethod { method, found });
    let loss = problem.value(&TRUTH);
    (Comparison { trajectory, model, baselines: baselines.to_vec() }, loss)
}

pub(super) fn lines(runs: &[(Comparison<Pair>, f64)]) -> Fixture {
    let named = |(repeat, (comparison, loss)): (usize, &'_ (Comparison<Pair>, f64))| {
        (format!("w = 15, b = 14, repeat {repeat}"), comparison.clone(), *loss)
    };
    let owned: Vec<_> = runs.iter().enumerate().map(named).collect();
    let searches = owned.iter().map(|(name, comparison, loss)| LinearRegressionSearch {
        name: name.clone(),
        truth: TRUTH,
        loss_at_truth: *loss,
        comparison,
    });
    Fixture {
        content: PageContent::linear_regression(&searches.collect::<Vec<_>>()),
        replies: runs.iter().map(|(run, _)| &run.model.replies).sum(),
        failures: Vec::new(),
        cut: None,
    }
}

/// A walk to the true pair, with what a model says on its way.
pub(super) fn walk() -> (Comparison<Pair>, f64) {
    pairs(
        &[
            &["[18, 18]", "no idea", "[17, 18]", "[2000, 5]"],
            &["[16, 14]", "[18, 18]", "[15]", "<b>[a, b]</b>"],
            &["[15, 14]", "[14, 14]", "[16, 13]", "[15, 15]"],
        ],
        Stop::Solved { step: 3 },
    )
}

/// The walk, and a search that is cut.
pub(super) fn usual() -> Fixture {
    let cut = pairs(&[&["[-3, -20]"]], Stop::Budget(StopReason::Usd));
    let fixture = lines(&[walk(), cut]);
    Fixture { cut: Some("the cap on money ended instance 2 of 5".into()), ..fixture }
}

/// A tour of `n` points, longer than the one that it is measured from.
pub(super) fn round_trip(n: usize) -> Fixture {
    let map = Map::draw(n, Streams::new(4));
    let reference = farthest_insertion(&map);
    let problem = Tsp::new(map.clone(), Some(map.length(&reference)));
    let search = Search::new(&problem, Settings::default());
    let start: Vec<Tour> = vec![(0..n).collect()];
    let mut progress: Progress<Tour> = search.begin(start);
    let written = |tour: &Tour| {
        let nodes: Vec<_> = tour.iter().map(usize::to_string).collect();
        format!("<trace>{}</trace>", nodes.join(","))
    };
    let replies = vec![written(&nearest_neighbour(&map)), "0, 1, 2".to_owned()];
    let step = search.read(&progress, replies);
    progress.steps.push(step);
    let trajectory = Trajectory { progress, stop_reason: Stop::Steps };
    let model = trajectory.summary(&problem).unwrap();
    let found: BestFound<Tour> = best_of(&problem, [reference.clone()]).unwrap();
    let baselines = vec![BaselineMethod { method: "farthest insertion", found }];
    let comparison = Comparison { trajectory, model, baselines };
    let search = TspSearch {
        name: "seed 4".into(),
        points: map.points(),
        reference: &reference,
        reference_length: map.length(&reference),
        is_exact: false,
        comparison: &comparison,
    };
    let replies = comparison.model.replies.clone();
    Fixture { content: PageContent::tsp(&[search]), replies, failures: Vec::new(), cut: None }
}
