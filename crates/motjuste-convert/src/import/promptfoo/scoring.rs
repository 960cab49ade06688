//! From the assertions of all tests to one metric.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::cases::Case;
use super::expected::GRADED;
use super::files;
use crate::checks;
use crate::draft::{CHECKS, Draft, MetricDraft};
use crate::fields;
use crate::judge;
use crate::prompt::renamed;

/// The metric: what the assertions without a model say, or else a judge with the rubrics.
pub(super) fn score(draft: &mut Draft, cases: &[Case]) {
    let filled: Vec<Vec<Value>> = cases.iter().map(filled).collect();
    let checked: Vec<Vec<Value>> = filled.iter().map(|all| known(draft, all)).collect();
    let graded: Vec<Vec<Value>> = filled.iter().map(|all| graded(all)).collect();
    let grader = cases.iter().find_map(|case| case.grader.clone());
    let counts = [&checked, &graded].map(|lists| lists.iter().any(|list| !list.is_empty()));
    match counts {
        [true, rubrics] => {
            compare(draft, cases, &checked);
            if rubrics {
                tell_of_rubrics(draft, &graded);
            }
        }
        [false, true] => rubric(draft, &graded, grader),
        [false, false] => {
            super::super::judged(draft, "no test has an assertion that can be carried over")
        }
    }
}

/// The assertions of a test, variables put into their values.
fn filled(case: &Case) -> Vec<Value> {
    let fill = |text: &str| {
        renamed(text, |name| {
            let value = motjuste::task::field(&case.vars, name)?;
            Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })
    };
    let one = |assert: &Value| {
        let mut assert = assert.clone();
        let is_code = matches!(kind(&assert), "javascript" | "python");
        match assert.get_mut("value") {
            Some(Value::String(text)) if !is_code => *text = fill(text),
            Some(Value::Array(all)) => {
                for item in all {
                    if let Value::String(text) = item {
                        *text = fill(text);
                    }
                }
            }
            _ => {}
        }
        assert
    };
    case.asserts.iter().map(one).collect()
}

fn kind(assert: &Value) -> &str {
    fields::text(assert, "type").unwrap_or_default()
}

/// The assertions that need no model, and tells of those that have no counterpart.
fn known(draft: &mut Draft, asserts: &[Value]) -> Vec<Value> {
    let mut found = Vec::new();
    for assert in asserts {
        let parts = assert.get("assert").and_then(Value::as_array);
        let is_known = match parts {
            Some(parts) => parts.iter().all(|it| checks::is_known(kind(it))),
            None => checks::is_known(kind(assert)),
        };
        if is_known {
            found.push(assert.clone());
        } else if !GRADED.contains(&kind(assert)) {
            draft
                .notes
                .lost(format!("assertions of the kind {}: nothing here makes them", kind(assert)));
        }
    }
    found
}

/// The assertions that a model grades by a text.
fn graded(asserts: &[Value]) -> Vec<Value> {
    asserts.iter().filter(|it| GRADED.contains(&kind(it))).cloned().collect()
}

/// One assertion of the same kind in every test becomes a metric; anything else a program.
fn compare(draft: &mut Draft, cases: &[Case], checked: &[Vec<Value>]) {
    if let Some(metric) = alike(draft, cases, checked) {
        draft.notes.carried(format!("the assertions as the metric {}", metric.name()));
        draft.metric = metric;
        return;
    }
    let mut checked = checked.to_vec();
    let further = carry_files(draft, cases, &mut checked);
    write_checks(draft, cases, &checked);
    let (metric, files) = checks::program(&further);
    draft.files.extend(files);
    draft.metric = metric;
    draft.notes.carried(
        "each row's own assertions, by the program checks.py: a score is their weighted mean, or, with a \
         threshold, whether the mean reaches it",
    );
    if checked.iter().flatten().any(|it| kind(it).ends_with("-json") && !it["value"].is_null()) {
        draft.notes.carried("checks of a JSON schema need the Python package jsonschema");
    }
    let without = checked.iter().filter(|list| list.is_empty()).count();
    if without > 0 {
        draft.notes.lost(format!("{without} rows have no assertion: they get no score"));
    }
}

/// Every row's own assertions as a column, and, where one of them has it, the answer to show.
fn write_checks(draft: &mut Draft, cases: &[Case], checked: &[Vec<Value>]) {
    let shown =
        |assert: &Value| assert["value"].as_str().filter(|_| is_answer(assert)).map(Value::from);
    let expected = fields::free("expected", &draft.rows);
    for ((row, case), asserts) in draft.rows.iter_mut().zip(cases).zip(checked) {
        let checks = json!({ "threshold": case.threshold, "checks": asserts });
        row.insert(CHECKS.to_owned(), checks);
        if let Some(answer) = asserts.iter().find_map(shown) {
            row.insert(expected.clone(), answer);
            draft.output = Some(expected.clone());
        }
    }
}

/// Whether the value of an assertion is an answer to show.
fn is_answer(assert: &Value) -> bool {
    matches!(kind(assert), "equals" | "contains" | "icontains" | "starts-with")
}

/// The built-in metric of assertions that are one a test, and of one kind.
fn alike(draft: &mut Draft, cases: &[Case], checked: &[Vec<Value>]) -> Option<MetricDraft> {
    let one = |list: &Vec<Value>| match list.as_slice() {
        [only] if only.get("threshold").is_none_or(Value::is_null) => Some(only.clone()),
        _ => None,
    };
    let all: Vec<Value> = checked.iter().map(one).collect::<Option<_>>()?;
    let kinds: BTreeSet<&str> = all.iter().map(kind).collect();
    let is_whole = cases.iter().all(|case| case.threshold.is_none_or(|it| it > 0.0 && it <= 1.0));
    let kind = kinds.first().filter(|_| kinds.len() == 1 && is_whole)?;
    let name = fields::free("expected", &draft.rows);
    let structured = |it: &Value| it["value"].is_object() || it["value"].is_array();
    let metric = match *kind {
        "equals" if all.iter().all(structured) => MetricDraft::named("json"),
        kind => {
            let texts = all.iter().map(|it| scalar(&it["value"])).collect::<Option<Vec<_>>>()?;
            checks::built_in(kind, &texts.iter().map(String::as_str).collect::<Vec<_>>())?
        }
    };
    for (row, assert) in draft.rows.iter_mut().zip(&all) {
        let value = scalar(&assert["value"]).map_or_else(|| assert["value"].clone(), Value::from);
        row.insert(name.clone(), value);
    }
    draft.output = Some(name);
    Some(metric)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Copies the files that assertions call into the folder; returns their names there.
fn carry_files(draft: &mut Draft, cases: &[Case], checked: &mut [Vec<Value>]) -> Vec<String> {
    let mut names = BTreeSet::new();
    for (case, asserts) in cases.iter().zip(checked) {
        for value in asserts.iter_mut().filter_map(|it| it.get_mut("value")) {
            let Some(path) = value.as_str().and_then(files::path_in).map(str::to_owned) else {
                continue;
            };
            let (file, call) = path.split_at(end_of_file(&path));
            let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
            match std::fs::read_to_string(case.folder.join(file)) {
                Ok(text) => _ = draft.files.insert(name.to_owned(), text),
                Err(_) => draft
                    .notes
                    .lost(format!("the file {file} is not there: copy it into the folder")),
            }
            names.insert(name.to_owned());
            *value = Value::from(format!("file://{name}{call}"));
        }
    }
    if !names.is_empty() {
        draft.notes.carried(
            "files that assertions call: checks.py runs them on this machine, read them first",
        );
    }
    names.into_iter().collect()
}

/// Where the name of the file ends in a reference such as `checks/tone.py:is_kind`.
fn end_of_file(path: &str) -> usize {
    let mark =
        [".py:", ".js:", ".cjs:"].iter().find_map(|mark| Some(path.find(mark)? + mark.len() - 1));
    mark.unwrap_or(path.len())
}

/// The rubric of every row: one for all, or a column.
fn rubric(draft: &mut Draft, graded: &[Vec<Value>], grader: Option<String>) {
    let texts: Vec<String> = graded.iter().map(|list| criterion(list)).collect();
    let first = texts.first().cloned().unwrap_or_default();
    let rubric = match texts.iter().all(|text| *text == first) {
        true => judge::rubric(&first),
        false => {
            let name = fields::free("rubric", &draft.rows);
            for (row, text) in draft.rows.iter_mut().zip(&texts) {
                row.insert(name.clone(), Value::from(text.as_str()));
            }
            draft.aside.push(name.clone());
            judge::rubric_of_rows(&name)
        }
    };
    let own = graded.iter().flatten().find_map(|it| fields::text(it, "provider"));
    let model = own.and_then(crate::names::model).or(grader);
    if model.is_none() {
        draft.notes.carried(format!(
            "the judge is {}, as nothing names another: change it",
            crate::names::JUDGE
        ));
    }
    draft.notes.carried("the rubrics as rubric.txt: the judge gives points from 0 to 10");
    draft.metric = MetricDraft::judge(model, rubric);
}

/// What a model grades by, in one text.
fn criterion(asserts: &[Value]) -> String {
    let text = |it: &Value| match (kind(it), it["value"].as_str()) {
        ("factuality" | "model-graded-factuality", Some(text)) => {
            Some(format!("It agrees with these facts: {text}"))
        }
        ("llm-rubric" | "g-eval" | "model-graded-closedqa", Some(text)) => Some(text.to_owned()),
        (kind, text) => Some(format!("{kind} {}", text.unwrap_or_default()).trim().to_owned()),
    };
    let texts: Vec<String> = asserts.iter().filter_map(text).collect();
    match texts.is_empty() {
        true => "how well it does what was asked".to_owned(),
        false => texts.join("\n"),
    }
}

/// Rubrics beside assertions that need no model: a task has one metric.
fn tell_of_rubrics(draft: &mut Draft, graded: &[Vec<Value>]) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for list in graded.iter().filter(|list| !list.is_empty()) {
        *counts.entry(criterion(list)).or_default() += 1;
    }
    let mut all: Vec<(String, usize)> = counts.into_iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let texts: Vec<String> = all.iter().take(10).map(|(text, _)| format!("- {text}")).collect();
    let wish = format!("An answer shall also be, as a reader would see it:\n{}", texts.join("\n"));
    draft.description = format!("{}\n{wish}", draft.description).trim().to_owned();
    draft.files.insert(MetricDraft::RUBRIC.to_owned(), judge::rubric(&all[0].0));
    draft.notes.lost(format!(
        "what a model grades ({}): a task has one metric, and the assertions without a model were taken. \
         The wish stands in the description; rubric.txt is there for a judge in the metric's place",
        all.iter().take(3).map(|(text, _)| format!("{text:?}")).collect::<Vec<_>>().join(", ")
    ));
}
