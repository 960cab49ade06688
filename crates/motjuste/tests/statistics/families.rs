//! How often tests over eight methods reject what is true.

use motjuste::statistics::{Scope, holm, mcnemar, paired_difference};
use rand::RngExt;

use crate::worlds::{Kind, World, stream};

const METHODS: usize = 8;

/// The share of worlds without any difference in which one of eight corrected tests finds one.
fn false_families(worlds: usize, test: impl Fn(usize) -> Vec<Option<f64>>) -> f64 {
    let finds_one = |number: &usize| holm(&test(*number)).iter().flatten().any(|p| *p < 0.05);
    (0..worlds).filter(finds_one).count() as f64 / worlds as f64
}

fn p_values(world: World, scope: Scope, number: usize) -> Vec<Option<f64>> {
    let mut stream = stream("families", number);
    let mut test = || {
        let effects = world.effects(&mut stream);
        Some(paired_difference(&world.differences(&effects, &mut stream), scope).p_value)
    };
    (0..METHODS).map(|_| test()).collect()
}

/// Of 1,000 worlds 5 % are 50 ± 6.9: three standard errors are 2.1 %.
#[test]
fn corrected_tests_reject_a_true_null_in_five_percent_of_worlds() {
    for kind in [Kind::Binary, Kind::NearlyAllRight, Kind::Skewed] {
        let world = World {
            kind,
            tasks: 4,
            seeds: 3,
            rows: 10,
            between_tasks: 0.0,
            between_seeds: 0.15,
            gain: 0.0,
            rare: false,
        };
        let these = false_families(1_000, |number| p_values(world, Scope::TheseTasks, number));
        assert!(these < 0.071, "{kind:?} {these}");
        let world = World { between_tasks: 0.3, ..world };
        let others = false_families(1_000, |number| p_values(world, Scope::TasksLikeThese, number));
        assert!(others < 0.071, "{kind:?} {others}");
    }
}

/// The exact test never rejects too often; the mid-p-value does so by at most little (Fagerland and others 2013).
#[test]
fn corrected_mcnemar_tests_reject_a_true_null_in_five_percent_of_worlds() {
    let counts = |number: usize| {
        let mut stream = stream("mcnemar", number);
        let count = |_| {
            let only_first = (0..20).filter(|_| stream.random::<bool>()).count() as u64;
            mcnemar(only_first, 20 - only_first)
        };
        (0..METHODS).map(count).collect::<Vec<_>>()
    };
    let exact = false_families(4_000, |number| {
        counts(number).iter().map(|one| Some(one.exact_p)).collect()
    });
    let mid =
        false_families(4_000, |number| counts(number).iter().map(|one| Some(one.mid_p)).collect());
    assert!(exact < 0.05, "{exact}");
    assert!(exact <= mid && mid < 0.06, "{mid}");
}
