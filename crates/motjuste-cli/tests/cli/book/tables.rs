//! The chapter on the task file, from its schema.

use serde_json::Value;

const HEAD: &str = "# The task file\n\n<!-- Written by a test from docs/schema/task.schema.json: \
    MOTJUSTE_WRITE_BOOK=1 cargo test -p motjuste-cli --test cli book -->\n\n\
    A task file is TOML. Paths in it are relative to the file. Keys that it does not know are refused.\n\
    An editor can check a task file with the schema `docs/schema/task.schema.json`.\n";

/// The chapter: a table for the file, and one for each of its tables.
pub fn task_file(schema: &Value) -> String {
    let mut text = HEAD.to_owned() + &section("The whole file", schema, schema);
    for (key, value) in members(schema) {
        let table = resolve(schema, value);
        if !members(table).is_empty() {
            text += &section(&format!("[{key}]"), table, schema);
        }
    }
    let metric = resolve(schema, &schema["properties"]["metric"]);
    for form in metric["anyOf"].as_array().into_iter().flatten() {
        let form = resolve(schema, form);
        if !members(form).is_empty() {
            text += &section(&format!("metric: {}", form_of(form)), form, schema);
        }
    }
    text
}

/// What a form of the metric is told by: its first required key.
fn form_of(form: &Value) -> String {
    let first = form["required"][0].as_str().unwrap_or("name");
    format!("`{{ {first} = … }}`")
}

fn section(title: &str, table: &Value, schema: &Value) -> String {
    let mut text = format!("\n## {title}\n\n");
    if let Some(about) = table["description"].as_str().filter(|_| title != "The whole file") {
        text += &format!("{}\n\n", line(about));
    }
    text += "| key | what it is | value | default |\n|---|---|---|---|\n";
    let required: Vec<&str> =
        table["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (key, value) in members(table) {
        let about =
            value["description"].as_str().or(resolve(schema, value)["description"].as_str());
        let default = match required.contains(&key.as_str()) {
            true => "must be there".to_owned(),
            false => default(value),
        };
        text += &format!(
            "| `{key}` | {} | {} | {default} |\n",
            line(about.unwrap_or_default()),
            kind(schema, value)
        );
    }
    text
}

fn members(table: &Value) -> Vec<(&String, &Value)> {
    table["properties"].as_object().into_iter().flatten().collect()
}

/// What a reference stands for; of a value that may be absent, what it is when it is there.
fn resolve<'a>(schema: &'a Value, value: &'a Value) -> &'a Value {
    if let Some(name) = value["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        return &schema["$defs"][name];
    }
    let forms = value["anyOf"].as_array().into_iter().flatten();
    let mut present = forms.filter(|form| form["type"] != "null");
    match (present.next(), present.next()) {
        (Some(only), None) => resolve(schema, only),
        _ => value,
    }
}

/// The kind of a value in a few words.
fn kind(schema: &Value, value: &Value) -> String {
    let value = resolve(schema, value);
    if let Some(choices) = choices(value) {
        return choices.join(", ");
    }
    if let Some(forms) = value["anyOf"].as_array() {
        let mut kinds: Vec<String> = forms.iter().map(|form| kind(schema, form)).collect();
        kinds.retain(|kind| kind != "nothing");
        kinds.dedup();
        return kinds.join(", or ");
    }
    let kind = match &value["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").and_then(Value::as_str),
        kind => kind.as_str(),
    };
    match kind {
        Some("string") => "a text".to_owned(),
        Some("array") => "a list".to_owned(),
        Some("object") => "a table".to_owned(),
        Some("boolean") => "`true` or `false`".to_owned(),
        Some("integer") => "a whole number".to_owned(),
        Some("number") => "a number".to_owned(),
        _ => "nothing".to_owned(),
    }
}

/// The values that are possible, where they are listed.
fn choices(value: &Value) -> Option<Vec<String>> {
    let code = |value: &Value| value.as_str().map(|text| format!("`\"{text}\"`"));
    if let Some(values) = value["enum"].as_array() {
        return Some(values.iter().filter_map(code).collect());
    }
    let forms = value["oneOf"].as_array()?;
    Some(forms.iter().filter_map(|form| code(&form["const"])).collect())
}

/// The default as code, unless it is empty.
fn default(value: &Value) -> String {
    match &value["default"] {
        default if is_empty(default) => String::new(),
        default => format!("`{default}`"),
    }
}

/// Whether a default says nothing.
fn is_empty(default: &Value) -> bool {
    match default {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(|value| *value == false || is_empty(value)),
        _ => false,
    }
}

/// A description as a cell of a table.
fn line(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|").replace('<', "&lt;")
}
