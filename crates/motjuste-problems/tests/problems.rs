//! The two mathematical problems: invariants, meta-prompts byte for byte, and the search.

#![allow(clippy::unwrap_used, reason = "a test")]

use motjuste::metric::Mode;
use motjuste::random::Streams;
use motjuste_problems::linear_regression::{self, LinearRegression};
use motjuste_problems::tsp::{self, Tour, Tsp};
use motjuste_problems::{Evaluated, Next, Problem, Reading, Search, Settings};

fn line(truth: [f64; 2]) -> LinearRegression {
    let start = vec![[10.0, 13.0], [15.0, 10.0]];
    LinearRegression::new(linear_regression::Instance { truth, noise: vec![0.0; 50], start })
}

#[test]
fn the_meta_prompt_of_linear_regression_is_these_bytes() {
    let mut problem = line([15.0, 14.0]);
    problem.shown = 2;
    let point = |w, b, value| Evaluated { point: [w, b], value };
    let known = [
        point(16.0, 14.0, 42925.9),
        point(10.0, 13.0, 9e9),
        point(15.0, 10.0, 800.0),
        point(15.0, 10.0, 800.4),
    ];
    let expected = "You are minimising a function of two variables, w and b. Nobody knows its \
        formula; you learn of it from pairs that were tried. They follow with the value of the \
        function at each, in descending order of value. Lower values are better.\n\
        \ninput:\nw=16, b=14\nvalue:\n42925\n\
        \ninput:\nw=15, b=10\nvalue:\n800\n\
        \nPropose one new pair (w, b) that is different from every pair above and has a lower \
        value than all of them. Do not write code. End your reply with the pair, two numbers in \
        square brackets: [w, b]";
    assert_eq!(problem.meta_prompt(&known).unwrap(), expected);
}

#[test]
fn the_meta_prompt_of_tsp_is_these_bytes() {
    let instance = tsp::Instance::new(vec![[0, 0], [0, 3], [4, 3], [-4, 0]]);
    let problem = Tsp::new(instance, None);
    let known = [[0, 1, 2, 3], [0, 2, 1, 3]]
        .map(|tour| Evaluated { point: tour.to_vec(), value: problem.value(&tour.to_vec()) });
    let expected = "These are the coordinates of 4 points: (0): (0, 0), (1): (0, 3), (2): (4, 3), \
        (3): (-4, 0).\nA trace visits every point once and returns to where it began. Some traces \
        follow with their lengths, in descending order of length. Shorter traces are better.\n\
        \n<trace> 0,1,2,3 </trace>\nlength:\n19\n\
        \n<trace> 0,2,1,3 </trace>\nlength:\n18\n\
        \nPropose one new trace that is different from every trace above and shorter than all of \
        them. It begins at point 0 and visits every point exactly once. Write it between <trace> \
        and </trace>, the numbers of the points separated by commas.";
    assert_eq!(problem.meta_prompt(&known).unwrap(), expected);
}

#[test]
fn proposals_are_rounded_merged_and_accounted_for() {
    let problem = line([15.0, 14.0]);
    let search = Search::new(&problem, Settings::default());
    let mut progress = search.begin(vec![[10.0, 13.0]]);
    let replies = ["[15.5, 13.5]", "[16, 14]", "[10, 13]", "nothing", "[-0.4, 1]"];
    let step = search.read(&progress, replies.map(str::to_owned).to_vec());
    let readings: Vec<_> = step.replies.iter().map(|(_, reading)| reading.clone()).collect();
    assert!(matches!(&readings[0], Reading::New(new) if new.point == [16.0, 14.0]));
    assert!(matches!(&readings[1], Reading::Duplicate(old) if old.point == [16.0, 14.0]));
    assert!(matches!(&readings[2], Reading::Duplicate(old) if old.point == [10.0, 13.0]));
    assert!(matches!(&readings[3], Reading::Invalid(_)));
    assert!(matches!(&readings[4], Reading::New(new) if new.point[0].is_sign_positive()));
    progress.steps.push(step);
    assert_eq!(progress.evaluated().count(), 3);
    assert_eq!(progress.best().unwrap().point, [16.0, 14.0]);
}

/// A model that halves the distance of the best pair to the truth, and babbles in between.
fn hint(best: [f64; 2], truth: [f64; 2]) -> String {
    let closer = |axis: usize| best[axis] + ((truth[axis] - best[axis]) / 2.0 * 1.01).round();
    format!("w and b as [w, b]: [{}, {}]", closer(0), closer(1))
}

#[test]
fn a_search_ends_when_solved_and_resumes_from_its_progress() {
    let truth = [31.0, -7.0];
    let problem = line(truth);
    let search = Search::new(&problem, Settings { steps: 50, ..Settings::default() });
    let mut progress = search.begin(vec![[10.0, 13.0]]);
    let solving = loop {
        // The progress is all there is: written down and read back, it goes on the same way.
        let written = serde_json::to_string(&progress).unwrap();
        progress = serde_json::from_str(&written).unwrap();
        match search.next(&progress).unwrap() {
            Next::Solved { step } => break step,
            Next::OutOfSteps => panic!("not solved"),
            Next::Ask(prompt) => {
                let best = progress.best().unwrap().point;
                assert!(prompt.contains(&format!("w={}, b={}\n", best[0], best[1])));
                let step = search.read(&progress, vec![hint(best, truth)]);
                progress.steps.push(step);
            }
        }
    };
    assert_eq!(solving, progress.steps.len());
    assert_eq!(progress.best().unwrap().value, 0.0);
}

#[test]
fn a_model_that_never_proposes_a_point_ends_with_the_steps() {
    let problem = line([15.0, 14.0]);
    let search = Search::new(&problem, Settings { steps: 3, ..Settings::default() });
    let mut progress = search.begin(vec![[10.0, 13.0]]);
    while let Next::Ask(_) = search.next(&progress).unwrap() {
        let step = search.read(&progress, vec!["I cannot".to_owned(); 8]);
        progress.steps.push(step);
    }
    assert_eq!((progress.steps.len(), progress.evaluated().count()), (3, 1));
    assert_eq!(search.next(&progress).unwrap(), Next::OutOfSteps);
}

#[test]
fn equal_loss_counts_in_strict_alone() {
    let strict = line([15.0, 14.0]);
    let mut compat = strict.clone();
    compat.mode = Mode::Compat;
    let equal = Evaluated { point: [15.0, 15.0], value: strict.value(&[15.0, 14.0]) };
    assert!(strict.is_solved(&equal) && !compat.is_solved(&equal));
}

fn every_tour(n: usize) -> Vec<Tour> {
    let mut tours = vec![vec![0]];
    for node in 1..n {
        let at_every_index = |tour: Tour| {
            (1..=tour.len()).map(move |index| {
                let mut longer = tour.clone();
                longer.insert(index, node);
                longer
            })
        };
        tours = tours.into_iter().flat_map(at_every_index).collect();
    }
    tours
}

#[test]
fn the_exact_optimum_is_the_shortest_of_all_tours() {
    for (n, seed) in (3..=8).flat_map(|n| [(n, 0), (n, 1)]) {
        let instance = tsp::Instance::draw(n, Streams::new(seed));
        let exact = tsp::held_karp(&instance).unwrap();
        let lengths = every_tour(n).into_iter().map(|tour| instance.length(&tour));
        let shortest = lengths.fold(f64::INFINITY, f64::min);
        // Sums of at most eight roundings of numbers below 300.
        assert!((instance.length(&exact) - shortest).abs() < 1e-10, "n = {n}");
        let mut visited = exact.clone();
        visited.sort_unstable();
        assert!(exact[0] == 0 && visited == (0..n).collect::<Tour>());
    }
    assert!(
        tsp::held_karp(&tsp::Instance::draw(21, Streams::new(0))).unwrap_err().is_configuration()
    );
}

proptest::proptest! {
    #[test]
    fn local_search_keeps_the_points_and_never_lengthens(n in 0_usize..12, seed in 0_u64..1000) {
        let instance = tsp::Instance::draw(n, Streams::new(seed));
        for start in tsp::start_tours(n.max(1), &[], 2, Streams::new(seed)) {
            let start: Tour = start.into_iter().filter(|node| *node < n).collect();
            for better in [
                tsp::two_opt(&instance, start.clone()),
                tsp::improve(&instance, start.clone()),
            ] {
                let mut visited = better.clone();
                visited.sort_unstable();
                assert_eq!(visited, (0..n).collect::<Tour>());
                assert_eq!(better.first(), start.first());
                assert!(instance.length(&better) <= instance.length(&start) + 1e-9);
            }
        }
    }

    #[test]
    fn constructions_visit_every_point_once(n in 0_usize..12, seed in 0_u64..1000) {
        let instance = tsp::Instance::draw(n, Streams::new(seed));
        for tour in [tsp::nearest_neighbour(&instance), tsp::farthest_insertion(&instance)] {
            let mut visited = tour.clone();
            visited.sort_unstable();
            assert_eq!(visited, (0..n).collect::<Tour>());
        }
    }
}

#[test]
fn start_tours_differ_from_the_oracle_and_from_each_other() {
    let tours = tsp::start_tours(10, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 5, Streams::new(0));
    assert!(tours.len() == 5 && tours.iter().all(|tour| tour[0] == 0));
    assert_eq!(tsp::start_tours(3, &[0, 1, 2], 5, Streams::new(0)), [vec![0, 2, 1]]);
}
