//! What must hold for every page of a mathematical problem.

use motjuste_page::check::{attributes, imbalance};

use super::Failure;
use super::fixture::{Fixture, lines, pairs, round_trip, usual, walk};
use crate::StopReason as Stop;

/// Every state the page must survive, by name.
fn states() -> Vec<(&'static str, Fixture)> {
    let useless = pairs(&[&["I cannot", "I cannot"]], Stop::Steps);
    let at_once = pairs(&[&["[15, 14]"]], Stop::Solved { step: 1 });
    let far = pairs(&[&["[1e300, 1e300]", "[-1e12, 3]"]], Stop::Steps);
    vec![
        ("usual", usual()),
        ("useless", lines(&[useless])),
        ("at-once", lines(std::slice::from_ref(&at_once))),
        ("far", lines(&[far])),
        ("many", lines(&vec![at_once; 12])),
        ("tour", round_trip(10)),
        ("long-tour", round_trip(60)),
        ("failures", failures()),
    ]
}

/// A solved search, and two instances that the model failed on.
fn failures() -> Fixture {
    let reason = "the prompt of 1500 tokens exceeds <the> context".to_owned();
    let failure =
        |n: usize| Failure { name: format!("seed {n}, 60 points"), reason: reason.clone() };
    Fixture { failures: vec![failure(1), failure(2)], ..lines(&[walk()]) }
}

#[test]
fn failures_of_the_model_are_listed_and_counted_nowhere() {
    let html = failures().html();
    assert!(html.contains("The model failed on 2 instances, which no number here counts."));
    assert!(
        html.contains("seed 2, 60 points: the prompt of 1500 tokens exceeds &lt;the&gt; context")
    );
    assert!(html.contains("Found in 1 of 1 search."));
    assert!(html.contains("Each search that could be made solved its problem."));
    assert!(!usual().html().contains("The model failed"));
}

#[test]
fn every_state_gives_a_whole_page_that_needs_nothing_from_outside() {
    for (name, fixture) in states() {
        let html = fixture.html();
        assert_eq!(imbalance(&html), None, "{name}");
        assert!(html.contains("Ledger") && html.ends_with("</html>"), "{name}");
        for wrong in ["NaN", "inf%", "http:", "src=", "<script", "url("] {
            assert!(!html.contains(wrong), "{name}: {wrong}");
        }
    }
}

#[test]
fn every_mark_of_a_chart_lies_within_it() {
    for (name, fixture) in states() {
        let html = fixture.html();
        for x in attributes(&html, "circle", "cx").iter().filter_map(|x| x.strip_suffix('%')) {
            assert!((0.0..=100.0).contains(&x.parse::<f64>().unwrap()), "{name}: {x}");
        }
        for y in attributes(&html, "circle", "cy") {
            assert!((0.0..=300.0).contains(&y.parse::<f64>().unwrap()), "{name}: {y}");
        }
    }
}

#[test]
fn the_plane_shows_start_proposals_and_optimum_and_says_what_it_leaves_out() {
    let (run, _) = walk();
    let html = usual().html();
    let (plane, _) = html.split_once("plane0-name").unwrap().1.split_once("</svg>").unwrap();
    let marks = |class: &str| plane.matches(&format!("<circle class=\"{class}\"")).count();
    assert_eq!(marks("repeat"), run.trajectory.progress.start.len());
    assert_eq!((marks("new"), marks("ring")), (run.model.replies.new - 1, 1));
    assert!(plane.contains("the optimum: [15, 14]") && plane.contains("step 2: [16, 14]"));
    assert!(html.contains("Without 1 pair far off."), "[2000, 5]");
}

#[test]
fn the_headline_counts_and_the_verdict_says_no_more_than_the_interval() {
    let html = usual().html();
    assert!(html.contains("Found in 1 of 2 searches."));
    assert!(html.contains("random search found it in 0, coordinate descent found it in 2"));
    assert!(html.contains("Not distinguishable from coordinate descent"));
    assert!(html.contains("the cap on money ended instance 2 of 5"));
}

#[test]
fn failures_and_dropped_replies_are_listed_with_their_reason() {
    let html = usual().html();
    assert!(html.contains("repeat 1: cut short by the budget after 1 step"));
    assert!(html.contains("solved in step 3"));
    assert!(html.contains("3 of 13 replies named no point"));
    assert!(html.contains("no pair of numbers in square brackets"));
    assert!(html.contains("repeat 0, step 1") && html.contains("no idea"));
    assert!(!html.contains("<b>"), "a reply does nothing");
}

#[test]
fn the_tour_stands_beside_the_reference_with_the_ways_they_do_not_share() {
    let html = round_trip(10).html();
    assert_eq!(html.matches("class=\"map\"").count(), 2);
    assert_eq!(html.matches("<line class=\"way").count(), 20);
    let other = html.matches("way other").count();
    assert!(other > 0 && other.is_multiple_of(2), "each has as many ways of its own: {other}");
    assert!(html.contains("The best known tour") && html.contains("not solved in 1 step"));
    assert!(html.contains("longer on 1."));
}

/// `cargo test -p motjuste-problems write_every_search -- --ignored`, then open them in a browser.
#[test]
#[ignore = "writes pages to look at"]
fn write_every_search() {
    let folder = std::env::temp_dir().join("motjuste-pages");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, fixture) in states() {
        std::fs::write(folder.join(format!("solve-{name}.html")), fixture.html()).unwrap();
    }
}
