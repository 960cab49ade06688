//! The tests of a configuration: variables and assertions of each, defaults merged in.

use std::path::PathBuf;

use motjuste::Result;
use motjuste::task::Columns;
use serde_json::Value;

use super::{expected, files};
use crate::document::Document;
use crate::draft::Draft;

/// One test: a row to be.
#[derive(Debug, Clone, Default)]
pub(super) struct Case {
    /// Its variables, and what else is known of it.
    pub vars: Columns,
    /// The columns that are no variables.
    pub aside: Vec<String>,
    /// Its assertions.
    pub asserts: Vec<Value>,
    /// What their mean must reach.
    pub threshold: Option<f64>,
    /// The folder that its files are relative to.
    pub folder: PathBuf,
    /// The model that grades.
    pub grader: Option<String>,
}

/// The tests of a configuration: listed, in files, and those of scenarios.
pub(super) fn of_config(draft: &mut Draft, config: &Columns, from: &Document) -> Result<Vec<Case>> {
    let default = config.get("defaultTest").cloned().unwrap_or_default();
    let default = match default.as_str().and_then(files::path_in) {
        Some(path) => files::read(path, from)?.values()?.into_iter().next().unwrap_or_default(),
        None => default,
    };
    let mut tests = listed(draft, config.get("tests").unwrap_or(&Value::Null), from)?;
    tests.extend(scenarios(draft, config, from)?);
    let mut cases = Vec::new();
    for (test, origin) in &tests {
        let merged = merged(&default, test);
        for mut case in of_test(draft, &merged, origin)? {
            case.asserts = case.asserts.iter().map(|it| resolved(it, config)).collect();
            cases.push(case);
        }
    }
    Ok(cases)
}

/// The tests in a file that is no configuration.
pub(super) fn of_rows(draft: &mut Draft, rows: &[Value], from: &Document) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for row in rows {
        cases.extend(of_test(draft, &as_test(row, from), from)?);
    }
    Ok(cases)
}

/// Tests with the file that each stands in.
type Tests = Vec<(Value, Document)>;

fn listed(draft: &mut Draft, tests: &Value, from: &Document) -> Result<Tests> {
    let mut found = Tests::new();
    match tests {
        Value::Null => {}
        Value::Array(all) => {
            for test in all {
                found.extend(listed(draft, test, from)?);
            }
        }
        Value::String(text) => {
            let path = files::path_in(text).unwrap_or(text);
            if path.contains("://") || files::is_code(path) {
                draft.notes.lost(format!(
                    "the tests of {path}: save them as CSV or JSON, and give that file"
                ));
                return Ok(found);
            }
            for file in files::matching(path, from) {
                let document = Document::read(&file)?;
                let rows = document.rows()?;
                found.extend(rows.iter().map(|row| (as_test(row, &document), document.clone())));
            }
        }
        Value::Object(one) => match one.get("path").and_then(Value::as_str) {
            Some(path) if !one.contains_key("vars") => {
                return listed(draft, &Value::from(path), from);
            }
            _ => found.push((tests.clone(), from.clone())),
        },
        _ => draft.notes.lost("tests that are neither a list nor a file"),
    }
    Ok(found)
}

/// Every variable set of a scenario with every test of it.
fn scenarios(draft: &mut Draft, config: &Columns, from: &Document) -> Result<Tests> {
    let mut found = Tests::new();
    for scenario in config.get("scenarios").and_then(Value::as_array).into_iter().flatten() {
        let tests = listed(draft, scenario.get("tests").unwrap_or(&Value::Null), from)?;
        for set in scenario.get("config").and_then(Value::as_array).into_iter().flatten() {
            found.extend(tests.iter().map(|(test, origin)| (merged(set, test), origin.clone())));
        }
    }
    Ok(found)
}

/// A row of a table, or an object without `vars`, as a test.
fn as_test(row: &Value, from: &Document) -> Value {
    let Value::Object(columns) = row else { return row.clone() };
    if columns.contains_key("vars") || (columns.contains_key("assert") && !from.is_table()) {
        return row.clone();
    }
    let (mut vars, mut asserts, mut metadata, mut threshold) =
        (Columns::new(), Vec::new(), Columns::new(), Value::Null);
    for (name, value) in columns {
        let cell = value.as_str().unwrap_or_default();
        match name.strip_prefix("__") {
            None => _ = vars.insert(name.clone(), value.clone()),
            Some(it) if it.starts_with("expected") && cell.is_empty() => {}
            Some(it) if it.starts_with("expected") => asserts.push(expected::assertion(cell)),
            Some("threshold") => threshold = cell.parse::<f64>().map_or(Value::Null, Value::from),
            Some(it) => {
                if let Some(name) = it.strip_prefix("metadata:") {
                    metadata.insert(name.trim_matches(['[', ']']).to_owned(), value.clone());
                }
            }
        }
    }
    serde_json::json!({ "vars": vars, "assert": asserts, "metadata": metadata, "threshold": threshold })
}

/// A test over its defaults: variables one by one, assertions behind those of the defaults.
fn merged(default: &Value, test: &Value) -> Value {
    let (Value::Object(default), Value::Object(test)) = (default, test) else {
        return test.clone();
    };
    let mut all = default.clone();
    for (name, value) in test.iter().filter(|(_, value)| !value.is_null()) {
        let both = match (all.get(name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                let mut both = old.clone();
                both.extend(new.clone());
                Value::Object(both)
            }
            (Some(Value::Array(old)), Value::Array(new)) if name == "assert" => {
                let skips = test.get("options").and_then(|it| it.get("disableDefaultAsserts"));
                let old = if skips == Some(&Value::Bool(true)) { &[][..] } else { old };
                Value::from([old, new].concat())
            }
            _ => value.clone(),
        };
        all.insert(name.clone(), both);
    }
    Value::Object(all)
}

/// The rows of a test: one, or one for each value of variables that list several.
fn of_test(draft: &mut Draft, test: &Value, from: &Document) -> Result<Vec<Case>> {
    let vars = match test.get("vars") {
        Some(Value::Object(vars)) => vars.clone(),
        Some(Value::String(text)) => match files::path_in(text) {
            Some(path) => match files::read(path, from)?.values()?.into_iter().next() {
                Some(Value::Object(vars)) => vars,
                _ => Columns::new(),
            },
            None => Columns::new(),
        },
        _ => Columns::new(),
    };
    let options = test.get("options");
    tell_of_options(draft, options);
    let metadata = test.get("metadata").and_then(Value::as_object).cloned().unwrap_or_default();
    let grader = options.and_then(|it| it.get("provider")).and_then(Value::as_str);
    let case = Case {
        asserts: test.get("assert").and_then(Value::as_array).cloned().unwrap_or_default(),
        threshold: test.get("threshold").and_then(Value::as_f64),
        folder: from.folder().to_owned(),
        grader: grader.and_then(crate::names::model),
        aside: metadata.keys().filter(|name| !vars.contains_key(*name)).cloned().collect(),
        vars: metadata,
    };
    let mut cases = vec![case];
    for (name, value) in &vars {
        let values = values(value, from)?;
        cases = cases.into_iter().flat_map(|case| with_each(&case, name, &values)).collect();
    }
    Ok(cases)
}

fn with_each(case: &Case, name: &str, values: &[Value]) -> Vec<Case> {
    let with = |value: &Value| {
        let mut case = case.clone();
        case.vars.insert(name.to_owned(), value.clone());
        case
    };
    values.iter().map(with).collect()
}

/// The values of a variable: a list means one test for each; `file://` means the file's content.
fn values(value: &Value, from: &Document) -> Result<Vec<Value>> {
    match value {
        Value::Array(all) if all.iter().all(|it| !it.is_object()) && !all.is_empty() => {
            Ok(all.clone())
        }
        Value::String(text) => match files::path_in(text) {
            None => Ok(vec![value.clone()]),
            Some(path) => {
                let document = files::read(path, from)?;
                match document.ending().as_str() {
                    "json" | "yaml" | "yml" => document.values(),
                    _ => Ok(vec![Value::from(document.text.trim_end())]),
                }
            }
        },
        other => Ok(vec![other.clone()]),
    }
}

fn tell_of_options(draft: &mut Draft, options: Option<&Value>) {
    let Some(Value::Object(options)) = options else { return };
    for name in ["transform", "postprocess"] {
        match options.get(name).and_then(Value::as_str).map(str::trim) {
            Some("output.trim()") => draft.notes.carried(
                "answers are compared without the white space around them, as output.trim() does",
            ),
            Some(code) => draft
                .notes
                .lost(format!("the option {name}, `{code}`: answers are scored as they come")),
            None => {}
        }
    }
    for name in ["prefix", "suffix"].iter().filter(|name| options.contains_key(**name)) {
        draft.notes.lost(format!("the option {name}: write it into the prompt"));
    }
}

/// An assertion with `$ref` replaced by what it names.
fn resolved(assert: &Value, config: &Columns) -> Value {
    let name = assert.get("$ref").and_then(Value::as_str).and_then(|it| it.rsplit('/').next());
    let template = name.and_then(|name| config.get("assertionTemplates")?.get(name));
    template.unwrap_or(assert).clone()
}
