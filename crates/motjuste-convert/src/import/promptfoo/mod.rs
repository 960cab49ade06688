//! Configurations of promptfoo: prompts, tests and assertions.

mod cases;
mod expected;
mod files;
mod prompts;
mod scoring;

use motjuste::Result;
use motjuste::task::Columns;
use serde_json::Value;

use crate::document::Document;
use crate::draft::Draft;
use cases::Case;

/// A task of a configuration, or of a table of tests; further files add prompts and tests.
pub(super) fn draft(documents: &[Document]) -> Result<Draft> {
    let mut draft = Draft::default();
    let mut cases = Vec::new();
    for document in documents {
        match config(document)? {
            Some(config) => cases.extend(of_config(&mut draft, &config, document)?),
            None if is_prompt(document) => prompts::take(&mut draft, &[prompts::of_file(document)]),
            None => {
                let rows = document.rows()?;
                cases.extend(cases::of_rows(&mut draft, &rows, document)?);
            }
        }
    }
    prompts::tell_of_none(&mut draft);
    draft.rows = cases.iter().map(|case| case.vars.clone()).collect();
    draft.aside = cases.iter().flat_map(|case| case.aside.iter().cloned()).collect();
    scoring::score(&mut draft, &cases);
    Ok(draft)
}

/// The configuration that a document is, if it is one.
fn config(document: &Document) -> Result<Option<Columns>> {
    let values = match document.ending().as_str() {
        "yaml" | "yml" | "json" => document.values()?,
        _ => return Ok(None),
    };
    Ok(match values.into_iter().next() {
        Some(Value::Object(config))
            if config.contains_key("prompts") || config.contains_key("tests") =>
        {
            Some(config)
        }
        _ => None,
    })
}

fn is_prompt(document: &Document) -> bool {
    let is_text = matches!(&document.ending()[..], "txt" | "md" | "j2" | "jinja");
    let is_chat =
        || crate::prompt::messages(&serde_json::from_str(&document.text).unwrap_or_default());
    is_text
        || (document.ending() == "json"
            && document.text.trim().starts_with('[')
            && is_chat().is_some())
}

/// The parts of a configuration that have no counterpart, beside providers.
const PARTS: [&str; 7] = [
    "redteam",
    "nunjucksFilters",
    "extensions",
    "derivedMetrics",
    "outputPath",
    "sharing",
    "transform",
];

fn of_config(draft: &mut Draft, config: &Columns, document: &Document) -> Result<Vec<Case>> {
    if let Some(title) = config.get("description").and_then(Value::as_str) {
        draft.description = title.to_owned();
    }
    draft.name = crate::names::task_name(match document.stem() {
        "promptfooconfig" => {
            document.folder().file_name().and_then(|it| it.to_str()).unwrap_or("promptfoo")
        }
        stem => stem,
    });
    for part in PARTS.iter().filter(|part| config.contains_key(**part)) {
        draft.notes.lost(format!("`{part}`: nothing here corresponds to it"));
    }
    providers(draft, config.get("providers").or_else(|| config.get("targets")));
    let found = prompts::of_config(draft, config.get("prompts").unwrap_or(&Value::Null), document)?;
    prompts::take(draft, &found);
    cases::of_config(draft, config, document)
}

/// The first model that is asked is the target to name; its settings have flags of their own.
fn providers(draft: &mut Draft, providers: Option<&Value>) {
    let all = match providers {
        Some(Value::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
        None => return,
    };
    let name = |it: &Value| match it {
        Value::Object(one) => one
            .get("id")
            .and_then(Value::as_str)
            .or(one.keys().next().map(String::as_str))
            .map(str::to_owned),
        other => other.as_str().map(str::to_owned),
    };
    let names: Vec<String> = all.iter().filter_map(name).collect();
    draft.target = names.iter().find_map(|name| crate::names::model(name));
    for other in names.iter().filter(|name| crate::names::model(name).is_none()) {
        draft.notes.lost(format!(
            "the provider {other}: a program or a server; name it as the target yourself"
        ));
    }
    if all.iter().any(|it| it.get("config").is_some()) {
        draft.notes.lost("settings of providers, such as temperature: give them with the target");
    }
}
