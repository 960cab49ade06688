//! What scipy and statsmodels return for fixed inputs: `tests/golden/statistics/make.py`.

use motjuste::interval::{Block, Estimate};
use motjuste::statistics::{
    Attempt, Scope, Spread, calls_to_reach, holm, interquartile_mean, mcnemar, mean_curve,
    paired_difference, ranks, rows_to_tell, student_p_value, student_quantile,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

fn cases<T: DeserializeOwned>(name: &str) -> T {
    let text = include_str!("../golden/statistics/statistics.json");
    let mut all: serde_json::Value = serde_json::from_str(text).unwrap();
    serde_json::from_value(all[name].take()).unwrap()
}

/// Both sides are sums of rounded terms; nothing is known better than to a few parts in 10¹⁰.
#[track_caller]
fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-10 * expected.abs().max(1.0), "{found} {expected}");
}

#[derive(Deserialize)]
struct Point {
    p: f64,
    degrees: f64,
    t: f64,
}

#[test]
fn student_agrees_with_scipy() {
    for Point { p, degrees, t } in cases::<Vec<Point>>("student") {
        assert_near(student_p_value(t, degrees), p);
        assert!((student_p_value(t, degrees) / p - 1.0).abs() < 1e-9, "{t} {degrees}");
    }
    for Point { p, degrees, t } in cases::<Vec<Point>>("quantiles") {
        assert_near(student_quantile(p, degrees), t);
    }
}

#[derive(Deserialize)]
struct Discordant {
    b: u64,
    c: u64,
    exact: f64,
    mid: f64,
}

#[test]
fn mcnemar_agrees_with_statsmodels() {
    for Discordant { b, c, exact, mid } in cases::<Vec<Discordant>>("mcnemar") {
        assert_near(mcnemar(b, c).exact_p, exact);
        assert_near(mcnemar(b, c).mid_p, mid);
        assert_eq!(mcnemar(c, b).mid_p, mcnemar(b, c).mid_p);
    }
}

#[derive(Deserialize)]
struct Family {
    p: Vec<f64>,
    adjusted: Vec<f64>,
}

#[test]
fn holm_agrees_with_statsmodels() {
    for Family { p, adjusted } in cases::<Vec<Family>>("holm") {
        let mut with_gap: Vec<Option<f64>> = p.into_iter().map(Some).collect();
        with_gap.insert(1, None);
        let mut found = holm(&with_gap);
        assert_eq!(found.remove(1), None);
        found
            .iter()
            .zip(adjusted)
            .for_each(|(found, expected)| assert_near(found.unwrap(), expected));
    }
}

#[derive(Deserialize)]
struct Ranked {
    scores: Vec<f64>,
    ranks: Vec<f64>,
}

#[test]
fn ranks_agree_with_scipy() {
    for Ranked { scores, ranks: expected } in cases::<Vec<Ranked>>("ranks") {
        assert_eq!(ranks(&scores), expected);
    }
}

#[derive(Deserialize)]
struct Share {
    hits: usize,
    n: usize,
    low: f64,
    high: f64,
}

#[test]
fn wilson_agrees_with_statsmodels() {
    for Share { hits, n, low, high } in cases::<Vec<Share>>("wilson") {
        let found = Estimate::of(&[vec![1.0; hits], vec![0.0; n - hits]].concat());
        assert_near(found.low, low);
        assert_near(found.high, high);
    }
}

#[derive(Deserialize)]
struct Trimmed {
    tasks: Vec<Vec<f64>>,
    mean: f64,
}

#[test]
fn interquartile_means_agree_with_scipy() {
    for Trimmed { tasks, mean } in cases::<Vec<Trimmed>>("trimmed") {
        assert_near(interquartile_mean(&tasks).value, mean);
    }
}

#[derive(Deserialize)]
struct Mixed {
    tasks: Vec<Block>,
    mean: f64,
    error_of_mixed_model: f64,
    p: f64,
    low: f64,
    high: f64,
}

#[test]
fn tasks_like_these_agree_with_the_mixed_model_and_students_test() {
    for case in cases::<Vec<Mixed>>("mixed") {
        let found = paired_difference(&case.tasks, Scope::TasksLikeThese);
        assert_near(found.difference.value, case.mean);
        assert_near(found.p_value, case.p);
        assert_near(found.difference.low, case.low);
        assert_near(found.difference.high, case.high);
        // The mixed model is fitted by search.
        let error = found.standard_error.unwrap();
        assert!((error - case.error_of_mixed_model).abs() < 1e-5, "{error}");
    }
}

#[derive(Deserialize)]
struct TwoWay {
    tasks: Vec<Block>,
    /// What is due to seeds, rows and neither, as parts of the squared error.
    parts: [f64; 3],
    squares: [f64; 3],
}

#[test]
fn these_tasks_agree_with_the_analysis_of_variance() {
    for case in cases::<Vec<TwoWay>>("two_way") {
        let [seeds, rows, both] = case.parts;
        let error = (seeds + rows - both).sqrt();
        let degrees = error.powi(4) / case.squares.iter().sum::<f64>();
        let found = paired_difference(&case.tasks, Scope::TheseTasks);
        assert!(seeds > both && rows > both, "no component is cut at 0");
        let [tasks, m, n] = [case.tasks.len(), case.tasks[0].len(), case.tasks[0][0].len()];
        let [tasks, m, n] = [tasks as f64, m as f64, n as f64];
        let spread = Spread::of(&case.tasks);
        assert_near(spread.seeds, (seeds - both) * m * tasks);
        assert_near(spread.rows, (rows - both) * n * tasks);
        assert_near(spread.rest, both * m * n * tasks);
        // Two pairs are added over all tasks: they move an error, which is at most a third of 1/√2 a row, by little.
        assert!(
            (found.standard_error.unwrap() - error).abs() < 1.0 / (tasks * n),
            "{found:?} {error}"
        );
        assert!(
            (found.degrees_of_freedom.unwrap() / degrees).ln().abs() < 0.7,
            "{found:?} {degrees}"
        );
    }
}

#[derive(Deserialize)]
struct Welch {
    a: Vec<f64>,
    b: Vec<f64>,
    low: f64,
    high: f64,
}

#[test]
fn a_band_of_two_tasks_is_welchs_interval() {
    let case: Welch = cases("welch");
    let runs = |values: &[f64]| values.iter().map(|value| vec![(1, *value)]).collect();
    let point = mean_curve(&[runs(&case.a), runs(&case.b)], &[1])[0];
    assert_near(point.low.unwrap(), case.low);
    assert_near(point.high.unwrap(), case.high);
}

#[derive(Deserialize)]
struct Survival {
    runs: Vec<(u64, bool)>,
    median: Option<u64>,
    low: Option<u64>,
    high: Option<u64>,
}

#[test]
fn calls_to_reach_agree_with_statsmodels() {
    for Survival { runs, median, low, high } in cases::<Vec<Survival>>("survival") {
        let attempt = |(calls, reached)| Attempt { calls, reached };
        let found = calls_to_reach(&runs.into_iter().map(attempt).collect::<Vec<_>>());
        assert_eq!((found.median, found.low, found.high), (median, low, high));
    }
}

#[derive(Deserialize)]
struct Rows {
    difference: f64,
    variance: f64,
    t_rows: f64,
    z_rows: f64,
}

#[test]
fn rows_to_tell_agree_with_statsmodels() {
    for case in cases::<Vec<Rows>>("power") {
        let found = rows_to_tell(case.difference, case.variance).unwrap() as f64;
        // statsmodels solves for the power of the noncentral t; the formula is within a row of it.
        assert!((found - case.t_rows.ceil()).abs() <= 1.0, "{found} {}", case.t_rows);
        assert!(found > case.z_rows);
    }
}
