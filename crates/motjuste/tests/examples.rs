//! The examples are compiled and run, and short enough to be read.

#[path = "../examples/first_study.rs"]
mod first_study;
#[path = "../examples/own_loop.rs"]
mod own_loop;
#[path = "../examples/own_method.rs"]
mod own_method;
#[path = "../examples/own_metric.rs"]
mod own_metric;
#[path = "../examples/own_model.rs"]
mod own_model;

#[test]
fn every_example_runs() {
    first_study::main().unwrap();
    own_loop::main().unwrap();
    own_method::main().unwrap();
    own_metric::main().unwrap();
    own_model::main().unwrap();
}

#[test]
fn every_example_has_at_most_40_lines() {
    for (name, text) in [
        ("first_study", include_str!("../examples/first_study.rs")),
        ("own_loop", include_str!("../examples/own_loop.rs")),
        ("own_method", include_str!("../examples/own_method.rs")),
        ("own_metric", include_str!("../examples/own_metric.rs")),
        ("own_model", include_str!("../examples/own_model.rs")),
    ] {
        assert!(text.lines().count() <= 40, "{name} has {} lines", text.lines().count());
    }
}
