//! The published bandits and races over a decoded pool: what they learn, what they repeat, what they pay for.

use std::collections::BTreeSet;

use motjuste::history::{History, Trial, TrialState};
use motjuste::method::{
    Ape, Elimination, Features, HbBoPs, Initialisation, Instinct, Method, NeuralUcb, Pool, Presto,
    Race, RandomPick, Rule, Triple, Ucb, Zopo,
};

use crate::landscape::{Landscape, rows};

const SEEDS: u64 = 100;
const START: usize = 10;
const ROWS: usize = 20;

fn pool() -> Pool {
    Pool { size: 120, start: START, batch: 1.try_into().unwrap(), ..Pool::default() }
}

fn random_pick() -> RandomPick {
    RandomPick { pool: pool(), race: Race { rule: Rule::Off, ..Race::default() } }
}

fn instinct(initialisation: Initialisation) -> Instinct {
    let strict = Instinct::default();
    let bandit = NeuralUcb {
        initialisation,
        width: 16,
        steps: 100,
        learning_rate: 1e-2,
        nu: 0.01,
        ..strict.bandit
    };
    Instinct { pool: pool(), bandit, ..strict }
}

fn presto() -> Presto {
    let strict = Presto::default();
    let bandit = NeuralUcb { width: 12, steps: 50, learning_rate: 2e-2, nu: 0.01, ..strict.bandit };
    Presto { pool: Pool { size: 80, ..pool() }, bandit, ..strict }
}

/// In how many landscapes the instructions that a method chose after the first so many are better, on average, than those
/// of a random pick from the same pool; and by how much on average.
fn against_random(method: &dyn Method, calls: usize, first: usize) -> (usize, f64) {
    let control = random_pick();
    let gap = |seed: u64| {
        let landscape = Landscape::new(seed, 100, ROWS);
        let mean = |method: &dyn Method| {
            landscape.mean_ability(&landscape.play(method, seed, calls), first)
        };
        mean(method) - mean(&control)
    };
    let gaps: Vec<f64> = (0..SEEDS).map(gap).collect();
    let won = gaps.iter().filter(|gap| **gap > 0.0).count();
    (won, gaps.iter().sum::<f64>() / gaps.len() as f64)
}

const CALLS: usize = ROWS * (START + 12);

#[test]
fn instinct_learns_from_its_scores_and_with_the_published_start_far_less() {
    let (won, library) = against_random(&instinct(Initialisation::Library), CALLS, START);
    println!("instinct, library start: better in {won} of {SEEDS}, by {library:.3}");
    assert!(won >= 95, "{won}, {library}");
    let (won, normal) = against_random(&instinct(Initialisation::Normal), CALLS, START);
    println!("instinct, published start: better in {won} of {SEEDS}, by {normal:.3}");
    assert!(normal < 0.5 * library, "{normal} {library}");
}

#[test]
fn presto_learns_from_its_scores() {
    let (won, gap) = against_random(&presto(), CALLS, START);
    println!("presto: better in {won} of {SEEDS}, by {gap:.3}");
    assert!(won >= 95, "{won}, {gap}");
}

#[test]
fn zopo_climbs() {
    let zopo = Zopo { pool: pool(), ..Zopo::default() };
    let (won, gap) = against_random(&zopo, CALLS, START);
    println!("zopo: better in {won} of {SEEDS}, by {gap:.3}");
    assert!(won >= 95, "{won}, {gap}");
}

#[test]
fn hbbops_begins_with_what_its_process_promises() {
    let method = HbBoPs { pool: pool(), features: Features::HiddenStates, ..HbBoPs::default() };
    let (won, gap) = against_random(&method, CALLS, 4);
    println!("hbbops: better in {won} of {SEEDS}, by {gap:.3}");
    assert!(won >= 95, "{won}, {gap}");
}

/// The winner's ability on average over seeds.
fn won(method: &dyn Method, calls: usize) -> f64 {
    let one = |seed: u64| {
        let landscape = Landscape::new(seed, 100, ROWS).harder();
        landscape.won(&landscape.play(method, seed, calls))
    };
    (0..SEEDS).map(one).sum::<f64>() / SEEDS as f64
}

#[test]
fn triple_finds_better_instructions_than_scoring_each_on_all_rows() {
    let calls = 400;
    let control = won(&random_pick(), calls);
    for rule in [Elimination::Halving, Elimination::RejectsByMean, Elimination::RejectsByNext] {
        let method = Triple { pool: pool(), rule, prompts: 60, calls: calls as u64, paired: true };
        let found = won(&method, calls);
        println!("{rule:?}: {found:.3}, a random pick: {control:.3}");
        assert!(found > control + if rule == Elimination::Halving { 0.05 } else { 0.0 });
    }
}

fn triple(rule: Elimination, paired: bool) -> Triple {
    Triple { pool: pool(), rule, prompts: 8, calls: 100, paired }
}

fn sizes(history: &History, state: TrialState) -> Vec<usize> {
    let trials = history.trials().iter().filter(|trial| trial.state == state);
    let mut sizes: Vec<usize> = trials.map(|trial| rows(trial).len()).collect();
    sizes.sort_unstable();
    sizes
}

/// T = 100 less the 20 rows of the winner, three rounds: ⌊80/24⌋ = 3 rows for 8, ⌊80/12⌋ = 6 more for 4,
/// ⌊80/6⌋ = 13 more for 2, of which there are 11.
#[test]
fn halving_gives_each_round_its_share() {
    let landscape = Landscape::new(3, 150, ROWS);
    let history = landscape.play(&triple(Elimination::Halving, true), 3, 1000);
    assert_eq!(sizes(&history, TrialState::Pruned), [3, 3, 3, 3, 9, 9]);
    assert_eq!(sizes(&history, TrialState::Complete), [20, 20]);
    let paid: usize = history.trials().iter().map(|it| rows(it).len()).sum();
    assert!(paid <= 100, "{paid}");
    let smallest: BTreeSet<Vec<usize>> =
        history.trials().iter().map(rows).filter(|rows| rows.len() == 3).collect();
    assert_eq!(smallest.len(), 1, "paired: all on the same rows");
    let unpaired = landscape.play(&triple(Elimination::Halving, false), 3, 1000);
    let drawn: BTreeSet<Vec<usize>> =
        unpaired.trials().iter().map(rows).filter(|rows| rows.len() == 3).collect();
    assert!(drawn.len() > 1, "each on its own");
}

#[test]
fn halving_keeps_the_better_half_of_what_it_has_seen() {
    let landscape = Landscape::new(5, 150, ROWS);
    let history = landscape.play(&triple(Elimination::Halving, true), 5, 1000);
    let score = |trial: &Trial| {
        let seen = trial.evaluation.as_ref().unwrap();
        seen.per_example.iter().filter_map(|it| it.score).sum::<f64>()
    };
    let first = history.steps()[1].assignments[0].rows.clone();
    let on_first = |trial: &Trial| {
        let seen = trial.evaluation.as_ref().unwrap().per_example.iter();
        seen.filter(|it| first.contains(&it.example)).filter_map(|it| it.score).sum::<f64>()
    };
    let (out, kept): (Vec<&Trial>, Vec<&Trial>) =
        history.trials().iter().partition(|trial| rows(trial).len() == first.len());
    let worst_kept = kept.iter().map(|it| on_first(it)).fold(f64::INFINITY, f64::min);
    assert!(out.iter().all(|trial| score(trial) <= worst_kept));
}

#[test]
fn rejects_stay_within_their_calls_and_end_with_a_complete_winner() {
    let landscape = Landscape::new(4, 150, ROWS);
    for rule in [Elimination::RejectsByMean, Elimination::RejectsByNext] {
        let history = landscape.play(&triple(rule, true), 4, 1000);
        let paid: usize = history.trials().iter().map(|it| rows(it).len()).sum();
        assert!(paid <= 100, "{rule:?} {paid}");
        assert_eq!(sizes(&history, TrialState::Complete), [20], "{rule:?}");
        assert_eq!(history.partial().count(), 0, "{rule:?}");
    }
}

#[test]
fn rungs_are_nested_and_only_the_whole_wins() {
    let landscape = Landscape::new(6, 150, 80);
    let method = HbBoPs { pool: pool(), features: Features::HiddenStates, ..HbBoPs::default() };
    let history = landscape.play(&method, 6, 2500);
    let mut seen: Vec<Vec<usize>> = history.trials().iter().map(rows).collect();
    seen.sort_by_key(Vec::len);
    let sizes: BTreeSet<usize> = seen.iter().map(Vec::len).collect();
    assert_eq!(sizes, [10, 20, 40, 80].into());
    for pair in seen.windows(2) {
        assert!(pair[0].iter().all(|row| pair[1].contains(row)), "a rung holds the lower ones");
    }
    // The widest bracket: eight begin on 10 rows, four go on, two, one.
    let widest: Vec<usize> = history.trials()[..8].iter().map(|it| rows(it).len()).collect();
    let count = |size: usize| widest.iter().filter(|it| **it == size).count();
    assert_eq!([count(10), count(20), count(40), count(80)], [4, 2, 1, 1]);
    assert_eq!(history.best().unwrap().state, TrialState::Complete);
}

/// The instructions that were chosen twice.
fn repeats(history: &History) -> usize {
    let texts: BTreeSet<&str> = history.trials().iter().map(|it| it.instruction.as_str()).collect();
    history.trials().len() - texts.len()
}

#[test]
fn instinct_repeats_as_published_or_never() {
    let landscape = Landscape::new(8, 150, ROWS);
    let strict = instinct(Initialisation::Library);
    assert_eq!(repeats(&landscape.play(&strict, 8, CALLS)), 0);
    let published = Instinct { repeats: true, ..strict };
    assert!(repeats(&landscape.play(&published, 8, CALLS)) > 0);
}

#[test]
fn presto_begins_with_instructions_that_many_soft_prompts_lead_to() {
    let landscape = Landscape::new(9, 150, ROWS);
    let preimage = |history: &History, trial: &Trial| {
        let replies = history.steps()[0].replies.iter();
        replies.filter(|reply| reply.text == trial.instruction).count()
    };
    let mean = |method: &Presto| {
        let history = landscape.play(method, 9, CALLS);
        assert!(history.steps()[0].assignments.is_empty());
        assert_eq!((history.steps()[1].assignments.len(), repeats(&history)), (START, 0));
        let start = &history.trials()[..START];
        start.iter().map(|it| preimage(&history, it)).sum::<usize>() as f64 / START as f64
    };
    let covering = presto();
    let mut random = presto();
    random.coverage.on = false;
    assert!(mean(&covering) > 1.5 * mean(&random), "{} {}", mean(&covering), mean(&random));
}

#[test]
fn a_search_that_stops_at_one_does() {
    let landscape = Landscape::new(10, 150, 2);
    let zopo = Zopo { pool: pool(), stop_at_one: true, ..Zopo::default() };
    let presto = Presto { stop_at_one: true, ..presto() };
    let methods: [(&dyn Method, usize); 2] = [(&zopo, 0), (&presto, 1)];
    for (method, start) in methods {
        let history = landscape.play(method, 10, 2 * 100);
        assert_eq!(history.best().and_then(Trial::score), Some(1.0));
        let found = history.trials().iter().find(|it| it.score() == Some(1.0)).unwrap();
        let last = history.trials().last().unwrap();
        assert_eq!(found.step.max(start), last.step, "nothing begins after it");
    }
}

/// A method is a function of the history: asked again, it answers the same.
#[test]
fn zopo_takes_the_same_walk_from_any_point_of_it() {
    let landscape = Landscape::new(11, 150, ROWS);
    for zopo in [Zopo::default(), Zopo { stop_at_one: false, ..Zopo::compat() }] {
        let zopo = Zopo { pool: pool(), ..zopo };
        let (short, long) =
            (landscape.play(&zopo, 11, ROWS * 15), landscape.play(&zopo, 11, ROWS * 30));
        let texts = |history: &History| -> Vec<String> {
            history.trials().iter().map(|it| it.instruction.clone()).collect()
        };
        assert_eq!(texts(&short)[..15], texts(&long)[..15]);
        assert_eq!(repeats(&long), 0);
    }
}

/// Of so many landscapes of 50 instructions, the share in which the answer is as good as the best, nearly; and the rows
/// that were paid for in each.
fn hits(method: &dyn Method, rows_there_are: usize) -> (f64, usize) {
    let mut paid = 0;
    let mut one = |seed: u64| {
        let landscape = Landscape::new(seed, 50, rows_there_are);
        let history = landscape.play(method, seed, usize::MAX);
        let answer = landscape.ability(&history.most_promising().unwrap().instruction);
        paid = history.trials().iter().map(|it| rows(it).len()).sum();
        f64::from(u8::from(answer >= landscape.abilities()[0] - 0.03))
    };
    let hits: f64 = (0..SEEDS).map(&mut one).sum();
    (hits / SEEDS as f64, paid)
}

#[test]
fn upper_confidence_bounds_find_the_best_with_fewer_rows_than_scoring_all_alike() {
    let (bandit, few) = hits(&Ape::bandit(), 100);
    let (as_many, same) = hits(&Ape::default(), 32);
    let (more, many) = hits(&Ape::default(), 64);
    println!("ucb: {bandit} with {few} rows; all alike: {as_many} with {same}, {more} with {many}");
    assert_eq!((few, same, many), (1600, 1600, 3200));
    assert!(bandit > as_many + 0.05, "{bandit} {as_many}");
    assert!(bandit >= more, "{bandit} {more}");
}

/// So many rounds of three out of nine instructions on four rows each.
fn small_bandit(rounds: usize, paired: bool) -> Ape {
    let rows = 4.try_into().unwrap();
    let ucb = Ucb { rounds, instructions: 0.34, rows, paired, ..Ucb::default() };
    Ape { texts: 9.try_into().unwrap(), ucb, ..Ape::bandit() }
}

#[test]
fn a_bandit_begins_all_before_it_goes_on_and_ends_after_its_rounds() {
    let landscape = Landscape::new(1, 9, ROWS);
    let of = |rounds: usize| landscape.play(&small_bandit(rounds, true), 1, usize::MAX);
    let counts = |history: &History| -> Vec<usize> {
        history.trials().iter().map(|it| rows(it).len()).collect()
    };
    assert_eq!(counts(&of(1)), [4; 3]);
    assert_eq!(counts(&of(3)), [4; 9]);
    let (few, many) = (of(7), of(12));
    assert_eq!(counts(&few).iter().sum::<usize>(), 7 * 3 * 4);
    assert_eq!(few.steps()[..7], many.steps()[..7]);
    let first: BTreeSet<Vec<usize>> = of(3).trials().iter().map(rows).collect();
    assert_eq!(first.len(), 1, "paired: all on the same rows");
    let unpaired = landscape.play(&small_bandit(3, false), 1, usize::MAX);
    assert!(unpaired.trials().iter().map(rows).collect::<BTreeSet<_>>().len() > 3);
}

/// Nine instructions have 9 × 20 rows, which are 15 rounds of 3 × 4.
#[test]
fn a_bandit_pays_no_row_twice_and_passes_over_whoever_has_all() {
    let landscape = Landscape::new(2, 9, ROWS);
    let history = landscape.play(&small_bandit(100, true), 2, usize::MAX);
    assert_eq!(sizes(&history, TrialState::Complete), [ROWS; 9]);
    let paid = history.steps().iter().flat_map(|step| &step.assignments);
    assert_eq!(paid.map(|it| it.rows.len()).sum::<usize>(), 9 * ROWS);
}

/// What is better gets more rows.
#[test]
fn a_bandit_spends_on_what_is_good() {
    let landscape = Landscape::new(3, 50, 100).harder();
    let history = landscape.play(&Ape::bandit(), 3, usize::MAX);
    let best = landscape.abilities()[4];
    let (good, bad): (Vec<&Trial>, Vec<&Trial>) =
        history.trials().iter().partition(|it| landscape.ability(&it.instruction) >= best);
    let mean = |trials: &[&Trial]| {
        trials.iter().map(|it| rows(it).len()).sum::<usize>() as f64 / trials.len() as f64
    };
    assert!(mean(&good) > 1.5 * mean(&bad), "{} {}", mean(&good), mean(&bad));
}

#[test]
fn a_bandit_goes_with_neither_a_race_nor_resampling() {
    assert!(Ape::bandit().check().is_ok());
    let raced = Ape { race: Race::default(), ..Ape::bandit() };
    let resampled = Ape { rounds: 1, ..Ape::bandit() };
    let weightless = Ape { ucb: Ucb { c: -1.0, ..Ucb::default() }, ..Ape::bandit() };
    for refused in [raced, resampled, weightless] {
        assert!(refused.check().unwrap_err().is_configuration());
    }
}
