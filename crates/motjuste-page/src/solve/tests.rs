//! What must hold for every page of a mathematical problem.

use motjuste::solve::Ending;
use motjuste_page::check::{attributes, imbalance};

use super::fixture::{Fixture, linreg, pairs, round_trip, usual, walk};

/// Every state the page must survive, by name.
fn states() -> Vec<(&'static str, Fixture)> {
    let useless = pairs(&[&["I cannot", "I cannot"]], Ending::Steps);
    let at_once = pairs(&[&["[15, 14]"]], Ending::Solved { steps: 1 });
    let far = pairs(&[&["[1e300, 1e300]", "[-1e12, 3]"]], Ending::Steps);
    vec![
        ("usual", usual()),
        ("useless", linreg(&[useless])),
        ("at-once", linreg(std::slice::from_ref(&at_once))),
        ("far", linreg(&[far])),
        ("many", linreg(&vec![at_once; 12])),
        ("tour", round_trip(10)),
        ("long-tour", round_trip(60)),
    ]
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
fn the_tour_stands_beside_the_oracles_with_the_ways_they_do_not_share() {
    let html = round_trip(10).html();
    assert_eq!(html.matches("class=\"map\"").count(), 2);
    assert_eq!(html.matches("<line class=\"way").count(), 20);
    let other = html.matches("way other").count();
    assert!(other > 0 && other.is_multiple_of(2), "each has as many ways of its own: {other}");
    assert!(html.contains("The best known tour") && html.contains("not solved in 1 step"));
    assert!(html.contains("longer on 1."));
}

/// `cargo test -p motjuste-page write_every_search -- --ignored`, then open them in a browser.
#[test]
#[ignore = "writes pages to look at"]
fn write_every_search() {
    let folder = std::env::temp_dir().join("motjuste-pages");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, fixture) in states() {
        std::fs::write(folder.join(format!("solve-{name}.html")), fixture.html()).unwrap();
    }
}
