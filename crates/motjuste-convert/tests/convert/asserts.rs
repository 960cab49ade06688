//! Rows that are checked each in its own way, by the program that the folder gets.

use crate::desk::{Desk, cell, rows, scores, tells};

/// A configuration with these assertions for three rows; each says what a right answer is.
fn config(asserts: [&str; 3]) -> String {
    let test = |(index, assert): (usize, &&str)| {
        format!("  - {{vars: {{x: 'row {index}'}}, assert: [{assert}]}}\n")
    };
    let tests: String = asserts.iter().enumerate().map(test).collect();
    format!("prompts: ['Do {{{{ x }}}}']\ntests:\n{tests}")
}

fn scored(asserts: [&str; 3], right: [&str; 3], wrong: [&str; 3]) {
    let desk = Desk::with(&[("c.yaml", &config(asserts))]);
    let (imported, task) = desk.task(None, &["c.yaml"]);
    assert_eq!(imported.metric, "program", "{}", imported.files["task.toml"]);
    let of = |answers: [&'static str; 3]| {
        scores(&task, move |row| {
            let index: usize = cell(row, "x")[4..].parse().unwrap();
            answers[index].to_owned()
        })
    };
    let leak = |all: [&str; 3]| all.map(|text| &*Box::leak(text.to_owned().into_boxed_str()));
    assert_eq!(of(leak(right)), [Some(1.0); 3], "{asserts:?}");
    assert_eq!(of(leak(wrong)), [Some(0.0); 3], "{asserts:?}");
}

#[test]
fn texts_are_found_in_every_way() {
    scored(
        [
            "{type: equals, value: a}",
            "{type: contains, value: 'b.'}",
            "{type: not-icontains, value: C}",
        ],
        [" a ", "ab.", "d"],
        ["aa", "b", "abc"],
    );
    scored(
        [
            "{type: contains-any, value: [a, b]}",
            "{type: icontains-all, value: [a, b]}",
            "{type: starts-with, value: Dear}",
        ],
        ["xb", "B A", "Dear Ann"],
        ["x", "B", "My Dear"],
    );
    scored(
        [
            "{type: is-json}",
            "{type: contains-json}",
            "{type: levenshtein, value: kitten, threshold: 3}",
        ],
        ["{\"a\": 1}", "so: [1] it is", "sitting"],
        ["a", "so", "a long way off"],
    );
    scored(
        [
            "{type: equals, value: {a: 1}}",
            "{type: regex, value: '^a(?!b)'}",
            "{type: contains, value: x}",
        ],
        ["{ \"a\": 1 }", "ac", "x"],
        ["{}", "ab", "y"],
    );
}

#[test]
fn python_is_run_and_files_of_checks_come_along() {
    let config = config([
        "{type: python, value: len(output) < 4}",
        "{type: python, value: 'file://checks/tone.py'}",
        "{type: python, value: 'file://checks/tone.py:has_vars'}",
    ]);
    let tone = "def get_assert(output, context):\n    return {'pass': output == 'kind', 'score': 0.5, 'reason': 'so so'}\n\n\
                def has_vars(output, context):\n    return context['vars']['x'] == output\n";
    let desk = Desk::with(&[("c.yaml", &config), ("checks/tone.py", tone)]);
    let (imported, task) = desk.task(None, &["c.yaml"]);
    assert_eq!(imported.files["tone.py"], tone);
    let answered = scores(&task, |row| match cell(row, "x") {
        "row 0" => "abc".to_owned(),
        "row 1" => "kind".to_owned(),
        other => other.to_owned(),
    });
    let of = |name: &str| {
        let at = rows(&task).iter().position(|row| cell(row, "x") == name).unwrap();
        answered[at]
    };
    assert_eq!(["row 0", "row 1", "row 2"].map(of), [Some(1.0), Some(0.5), Some(1.0)]);
}

#[test]
fn weights_count_and_a_threshold_decides() {
    let two = "{type: contains, value: a, weight: 3}, {type: contains, value: b}";
    let desk = Desk::with(&[
        ("mean.yaml", &config([two, two, two])),
        ("mark.yaml", &config([two, two, two]).replace("{vars:", "{threshold: 0.7, vars:")),
    ]);
    let (_, mean) = desk.task(None, &["mean.yaml"]);
    assert_eq!(scores(&mean, |_| "a".to_owned()), [Some(0.75); 3]);
    let (_, mark) = desk.task(None, &["mark.yaml"]);
    assert_eq!(scores(&mark, |_| "a".to_owned()), [Some(1.0); 3]);
    assert_eq!(scores(&mark, |_| "b".to_owned()), [Some(0.0); 3]);
}

#[test]
fn a_row_without_a_check_has_no_score() {
    let config = config(["{type: is-json}", "{type: is-json}", ""]);
    let desk = Desk::with(&[("c.yaml", &config)]);
    let (imported, task) = desk.task(None, &["c.yaml"]);
    assert!(tells(&imported.notes.lost, "1 rows have no assertion"));
    let missing = scores(&task, |_| "{}".to_owned()).into_iter().filter(Option::is_none).count();
    assert_eq!(missing, 1);
}
