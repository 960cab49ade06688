//! What is told of a task that can be run, and may not be what was meant.

use std::collections::HashMap;

use super::{Split, Task};
use crate::example::{Example, field};

/// Fewer test rows prove next to nothing.
const FEW: usize = 10;

/// What there is to doubt in the rows, as a prompt that shows these columns puts them.
pub(super) fn doubts(task: &Task, shown: &[String]) -> Vec<String> {
    let found = [contradictions(task, shown), empty_inputs(task), few_test_rows(task)];
    found.into_iter().flatten().collect()
}

/// Rows that ask the same and accept nothing in common: whoever is right about one is wrong about the other.
fn contradictions(task: &Task, shown: &[String]) -> Option<String> {
    let mut count = 0;
    let mut first = None;
    for split in [Split::Train, Split::Dev, Split::Test] {
        let mut known: HashMap<String, usize> = HashMap::new();
        for (index, row) in task.split(split).iter().enumerate() {
            let earlier = *known.entry(asked(row, shown)).or_insert(index);
            if contradict(&task.split(split)[earlier], row) {
                count += 1;
                first.get_or_insert((split.name(), earlier + 1, index + 1));
            }
        }
    }
    let (split, one, other) = first?;
    let (rows, first) = match count {
        1 => ("a row asks the same as an earlier one and accepts".to_owned(), ""),
        _ => (
            format!("{count} rows ask the same as an earlier one and accept"),
            "the first of them ",
        ),
    };
    Some(format!(
        "{rows} another output, {first}{split} example {other}, after example {one}: no prompt is right \
         about both"
    ))
}

fn contradict(one: &Example, other: &Example) -> bool {
    !one.outputs.is_empty()
        && !other.outputs.is_empty()
        && !one.outputs.iter().any(|output| other.outputs.contains(output))
}

/// What a row asks: its input, and the columns that the prompt shows.
fn asked(row: &Example, shown: &[String]) -> String {
    let values = shown.iter().filter_map(|name| field(&row.columns, name));
    values.fold(row.input.trim().to_owned(), |asked, value| format!("{asked}\u{0}{value}"))
}

fn empty_inputs(task: &Task) -> Option<String> {
    let rows = task.train().iter().chain(task.dev()).chain(task.test());
    match rows.filter(|row| row.input.trim().is_empty()).count() {
        0 => None,
        1 => Some("a row has an empty input".to_owned()),
        count => Some(format!("{count} rows have an empty input")),
    }
}

fn few_test_rows(task: &Task) -> Option<String> {
    let rows = task.test().len();
    let told = if rows == 1 { "is 1 test row" } else { &format!("are {rows} test rows") };
    (rows < FEW).then(|| {
        format!("there {told}: that proves next to nothing, whatever the result; 30 begin to prove something")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(input: &str, output: &str) -> Example {
        Example::new(input, [output])
    }

    #[test]
    fn rows_that_contradict_each_other_are_told() {
        let test: Vec<Example> = (0..FEW).map(|i| row(&format!("t{i}"), "x")).collect();
        let task =
            |dev: Vec<Example>| Task::new("t", vec![row("a", "x")], dev, test.clone()).unwrap();
        let told = doubts(&task(vec![row("b", "1"), row("c", "1"), row("b ", "2")]), &[]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(
            told[0],
            "a row asks the same as an earlier one and accepts another output, dev example 3, after example \
             1: no prompt is right about both"
        );
        let two = vec![row("b", "1"), row("b", "2"), row("b", "3")];
        assert!(doubts(&task(two), &[])[0].starts_with("2 rows ask the same"));
        assert_eq!(doubts(&task(vec![row("b", "1"), row("b", "1")]), &[]), [""; 0]);
        let columns =
            |value: &str| serde_json::json!({ "tone": value }).as_object().unwrap().clone();
        let apart = vec![
            row("b", "1").with_columns(columns("kind")),
            row("b", "2").with_columns(columns("curt")),
        ];
        assert_eq!(doubts(&task(apart.clone()), &["tone".to_owned()]), [""; 0]);
        assert_eq!(doubts(&task(apart), &[]).len(), 1);
    }

    #[test]
    fn empty_inputs_and_few_test_rows_are_told() {
        let task =
            Task::new("t", vec![row("a", "x")], vec![row(" ", "1")], vec![row("c", "1")]).unwrap();
        let told = doubts(&task, &[]);
        assert!(told[0].contains("empty input") && told[1].contains("1 test row"), "{told:?}");
    }
}
