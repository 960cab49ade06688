//! The problems against recorded instances and check values (`opro_math/`), and against the whole published set.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};

use motjuste::random::Streams;
use motjuste_problems::Problem;
use motjuste_problems::linear_regression::{self, LinearRegression};
use motjuste_problems::tsp;
use serde_json::Value;

fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opro_math").join(name)
}

fn published(name: &str) -> PathBuf {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("MOTJUSTE_SHARED").map_or(default, PathBuf::from);
    shared.join("data/opro_math").join(name)
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn losses_come_out(path: &Path) {
    let mut instances = linear_regression::load(path).unwrap().into_iter();
    for repeat in json(path)["repeats"].as_array().unwrap() {
        for setting in repeat["settings"].as_array().unwrap() {
            let instance = instances.next().unwrap();
            let problem = LinearRegression::new(instance.clone());
            let near = |found: f64, expected: &Value| {
                // Fifty terms summed in another order.
                assert!((found / expected.as_f64().unwrap() - 1.0).abs() < 1e-12);
            };
            near(problem.value(&instance.truth), &setting["loss_at_truth"]);
            for (pair, loss) in
                instance.start.iter().zip(setting["start_losses"].as_array().unwrap())
            {
                near(problem.value(pair), loss);
            }
        }
    }
    assert!(instances.next().is_none());
}

#[test]
fn recorded_losses_come_out() {
    losses_come_out(&own("linear_regression.json"));
}

fn tours_come_out(path: &Path) {
    let file = json(path);
    let instances = tsp::load(path).unwrap();
    assert!(instances.len() >= 5);
    for (published, entry) in instances.iter().zip(file["instances"].as_array().unwrap()) {
        let instance = &published.instance;
        let near = |tour: &[usize], name: &str| {
            // The file's lengths carry nine decimals at least.
            let difference = instance.length(tour) - entry[name].as_f64().unwrap();
            assert!(difference.abs() < 1e-8, "{} {name} {difference}", published.name);
        };
        near(&tsp::nearest_neighbour(instance), "nn_length");
        near(&tsp::farthest_insertion(instance), "fi_length");
        near(&published.oracle, "oracle_length");
        let best = tsp::best_known(instance, 20, &mut Streams::new(0).stream("best known", 0));
        if published.exact && instance.points().len() <= 15 {
            near(&tsp::held_karp(instance).unwrap(), "oracle_length");
            near(&best, "oracle_length");
        }
        // Many-start local search ends within two per cent of the best known of fifty points.
        assert!(instance.length(&best) <= 1.02 * instance.length(&published.oracle));
    }
}

#[test]
fn recorded_tours_come_out() {
    tours_come_out(&own("tsp.json"));
}

#[test]
#[ignore = "needs the published data; set MOTJUSTE_SHARED"]
fn every_published_problem_comes_out() {
    losses_come_out(&published("linear_regression.json"));
    tours_come_out(&published("tsp.json"));
}

#[test]
fn the_papers_instance_has_its_published_lengths_and_optimum() {
    let path = own("tsp.json");
    let instance = &tsp::load(&path).unwrap()[0].instance;
    for trace in json(&path)["paper_traces"].as_array().unwrap() {
        let nodes = trace["trace"].as_str().unwrap().split(',');
        let tour: Vec<usize> = nodes.map(|node| node.parse().unwrap()).collect();
        assert_eq!(instance.length(&tour).trunc(), trace["shown_length"].as_f64().unwrap());
    }
    let lengths = [
        instance.length(&tsp::nearest_neighbour(instance)),
        instance.length(&tsp::farthest_insertion(instance)),
        instance.length(&tsp::held_karp(instance).unwrap()),
    ];
    // The published values carry three decimals.
    for (length, published) in lengths.into_iter().zip([901.791, 765.690, 765.690]) {
        assert!((length - published).abs() < 5e-4, "{length}");
    }
}
