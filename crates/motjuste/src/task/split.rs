//! Dividing examples into train, dev and test, and refusing splits that share an input.

use std::collections::{BTreeMap, HashMap};

use rand::seq::SliceRandom;
use serde::Deserialize;

use super::{Example, Split, Task};
use crate::counted::counted;
use crate::random::Streams;
use crate::{Error, Result};

/// How to divide one list of examples: shares of its distinct inputs, shuffled with a seed.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(super) struct Ratio {
    /// The share of train.
    train: f64,
    /// The share of dev.
    dev: f64,
    /// The share of test.
    test: f64,
    /// The seed of the shuffling.
    seed: u64,
}

impl Default for Ratio {
    fn default() -> Self {
        Self { train: 0.4, dev: 0.3, test: 0.3, seed: 0 }
    }
}

/// Train, dev and test, in that order.
pub(super) type Splits = [Vec<Example>; 3];

/// Divides `examples` by distinct input, so that a repeated input stays in one split.
///
/// Each split gets at least one input; the rest follows the shares (largest remainder).
pub(super) fn divide(examples: Vec<Example>, ratio: Ratio) -> Result<Splits> {
    let shares = [ratio.train, ratio.dev, ratio.test];
    if shares.iter().any(|share| !share.is_finite() || *share <= 0.0) {
        return Err(Error::configuration("every share of [data.split] must be above 0")
            .with_help("for example: split = { train = 0.4, dev = 0.3, test = 0.3 }"));
    }
    let mut groups = group_by_input(examples);
    if groups.len() < 3 {
        let inputs = counted(groups.len(), "distinct input");
        let message = format!("{inputs} cannot fill train, dev and test");
        return Err(Error::data(message).with_help("add examples: three are the least"));
    }
    groups.shuffle(&mut Streams::new(ratio.seed).stream("split", 0));
    let [train, dev, _] = sizes(groups.len(), shares);
    let test = groups.split_off(train + dev);
    let dev = groups.split_off(train);
    Ok([groups, dev, test].map(|groups| groups.into_iter().flatten().collect()))
}

/// How examples were divided, where nobody said how, or said it in other numbers than shares of 1.
pub(super) fn told(splits: &Splits, ratio: Option<Ratio>) -> Option<String> {
    let Ratio { train, dev, test, .. } = ratio.unwrap_or_default();
    let [trained, developed, tested] = splits.each_ref().map(Vec::len);
    let counts = format!("{trained} train, {developed} dev and {tested} test rows");
    let sum = train + dev + test;
    match ratio {
        None => Some(format!("the examples are divided {train} : {dev} : {test} into {counts}")),
        Some(_) if (sum - 1.0).abs() > 1e-6 => Some(format!(
            "the shares of [data.split] sum to {sum} and not to 1: they are taken as {train} : {dev} : \
             {test}, which makes {counts}"
        )),
        Some(_) => None,
    }
}

fn group_by_input(examples: Vec<Example>) -> Vec<Vec<Example>> {
    let mut order: Vec<Vec<Example>> = Vec::new();
    let mut indices: HashMap<String, usize> = HashMap::new();
    for example in examples {
        let index = *indices.entry(example.input.trim().to_owned()).or_insert(order.len());
        match order.get_mut(index) {
            Some(group) => group.push(example),
            None => order.push(vec![example]),
        }
    }
    order
}

/// Whole numbers that sum to `n`, each at least 1, as close to the shares as rounding allows.
fn sizes(n: usize, shares: [f64; 3]) -> [usize; 3] {
    let total: f64 = shares.iter().sum();
    let spare = (n - 3) as f64;
    let exact = shares.map(|share| share / total * spare);
    let mut sizes = exact.map(|share| 1 + share as usize);
    let mut by_remainder = [0, 1, 2];
    by_remainder.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()));
    for index in by_remainder.into_iter().take(n - sizes.iter().sum::<usize>()) {
        sizes[index] += 1;
    }
    sizes
}

pub(super) fn refuse_empty(task: &Task, splits: &[Split]) -> Result<()> {
    for &split in splits {
        if task.split(split).is_empty() {
            let name = split.name();
            return Err(Error::data(format!("the {name} split of task {} is empty", task.name))
                .with_help(format!("give it at least one example: [data] {name} = …")));
        }
    }
    Ok(())
}

/// A test example that the search has seen proves nothing, so inputs may stand in one split only.
pub(super) fn refuse_leaks(task: &Task) -> Result<()> {
    let mut seen: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    let mut leaks = Vec::new();
    for (name, examples) in named(task) {
        for (index, example) in examples.iter().enumerate() {
            let earlier = *seen.entry(example.input.trim()).or_insert((name, index));
            if earlier.0 != name {
                leaks.push((&example.input, earlier, (name, index)));
            }
        }
    }
    leaks.first().map_or(Ok(()), |first| Err(leak(first, leaks.len())))
}

/// The first of so many leaks.
fn leak(&(input, a, b): &(&String, (&str, usize), (&str, usize)), count: usize) -> Error {
    let (first, second) = (a.1 + 1, b.1 + 1);
    let more = match count {
        1 => String::new(),
        count => format!(", and {} inputs more", count - 1),
    };
    let message = format!(
        "the input {input:?} is in two splits: {} example {first} and {} example {second}{more}",
        a.0, b.0
    );
    Error::data(message).with_help(
        "keep it in one of them, or write [data] duplicates = \"drop\": a search that has seen the test \
         examples proves nothing",
    )
}

fn named(task: &Task) -> [(&'static str, &[Example]); 3] {
    [("train", &task.train), ("dev", &task.dev), ("test", &task.test)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples(n: usize) -> Vec<Example> {
        (0..n).map(|i| Example::new(i.to_string(), ["x"])).collect()
    }

    #[test]
    fn ten_examples_fill_all_three_splits() {
        let [train, dev, test] = divide(examples(10), Ratio::default()).unwrap();
        assert_eq!((train.len(), dev.len(), test.len()), (4, 3, 3));
    }

    #[test]
    fn a_small_share_still_gets_an_example() {
        assert_eq!(sizes(4, [0.98, 0.01, 0.01]), [2, 1, 1]);
    }

    #[test]
    fn shares_that_were_not_said_or_do_not_sum_to_1_are_told() {
        let of = |ratio: Option<Ratio>| {
            told(&divide(examples(10), ratio.unwrap_or_default()).unwrap(), ratio)
        };
        assert!(of(None).unwrap().contains("4 train, 3 dev and 3 test rows"));
        assert_eq!(of(Some(Ratio::default())), None);
        let odd = Ratio { train: 0.5, dev: 0.5, test: 0.5, seed: 0 };
        assert!(of(Some(odd)).unwrap().contains("sum to 1.5"));
    }

    #[test]
    fn two_inputs_are_too_few() {
        assert!(divide(examples(2), Ratio::default()).unwrap_err().is_data());
    }

    #[test]
    fn a_repeated_input_stays_in_one_split() {
        let twice = [examples(6), examples(6)].concat();
        for split in divide(twice, Ratio::default()).unwrap() {
            assert_eq!(split.len() % 2, 0);
        }
    }

    #[test]
    fn the_same_seed_divides_the_same_way_and_another_does_not() {
        let with = |seed| divide(examples(30), Ratio { seed, ..Ratio::default() }).unwrap();
        assert_eq!(with(1), with(1));
        assert_ne!(with(1), with(2));
    }
}
