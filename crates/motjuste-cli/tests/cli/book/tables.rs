//! The chapter on the task file, from its schema.

use serde_json::Value;

const HEAD: &str = "# The task file\n\n<!-- Written by a test from docs/schema/task.schema.json: \
    MOTJUSTE_WRITE_BOOK=1 cargo test -p motjuste-cli --test cli book -->\n\n\
    A task file is TOML. Paths in it are relative to the file. Keys that it does not know are refused.\n\
    An editor can check a task file with the schema `docs/schema/task.schema.json`.\n";

/// The chapter: a table for the file, one for each of its tables, and one for each form of a metric.
pub fn task_file(schema: &Value) -> String {
    let whole =
        Section { kind: "", titles: vec!["The whole file".to_owned()], table: schema, named: &[] };
    let mut text = HEAD.to_owned() + &whole.text(schema);
    let sections = merged(tables(schema, schema, ""));
    text.extend(sections.iter().map(|section| section.text(schema)));
    let metric = resolve(schema, &schema["properties"]["metric"]);
    let forms = metric["anyOf"].as_array().into_iter().flatten();
    let forms = forms.map(|form| resolve(schema, form)).filter(|form| !members(form).is_empty());
    let sections = merged(forms.map(form).collect());
    text.extend(sections.iter().map(|section| section.text(schema)));
    text
}

/// A table of a task file, under all the names that it has.
struct Section<'a> {
    /// What stands before the titles.
    kind: &'static str,
    titles: Vec<String>,
    table: &'a Value,
    /// Keys that the title says already.
    named: &'a [&'a str],
}

/// The tables in a table, with those in them.
fn tables<'a>(schema: &'a Value, table: &'a Value, above: &str) -> Vec<Section<'a>> {
    let inner = members(table).into_iter().map(|(key, value)| (key, resolve(schema, value)));
    inner
        .filter(|(_, value)| !members(value).is_empty())
        .flat_map(|(key, value)| {
            let name = format!("{above}{key}");
            let mut sections = tables(schema, value, &format!("{name}."));
            sections.insert(
                0,
                Section { kind: "", titles: vec![format!("[{name}]")], table: value, named: &[] },
            );
            sections
        })
        .collect()
}

/// A form of the metric, told by its name or by the key that it alone has.
fn form(form: &Value) -> Section<'_> {
    let name = &form["properties"]["name"];
    let names = choices(name).unwrap_or_default();
    let titles = match names.is_empty() {
        true => vec![format!("`{{ {} = … }}`", form["required"][0].as_str().unwrap_or_default())],
        false => names.iter().map(|name| name.replace('"', "")).collect(),
    };
    let named: &[&str] = if names.is_empty() { &[] } else { &["name"] };
    Section { kind: "Metric ", titles, table: form, named }
}

/// Sections that say the same are one.
fn merged(sections: Vec<Section<'_>>) -> Vec<Section<'_>> {
    let mut merged: Vec<Section<'_>> = Vec::new();
    for section in sections {
        match merged.iter_mut().find(|other| other.says() == section.says()) {
            Some(other) => other.titles.extend(section.titles),
            None => merged.push(section),
        }
    }
    merged
}

impl Section<'_> {
    /// The description, and each key but those that the title says, with what it is.
    fn says(&self) -> (&Value, Vec<(&String, &Value)>) {
        let mut members = members(self.table);
        members.retain(|(key, _)| !self.named.contains(&key.as_str()));
        (&self.table["description"], members)
    }

    fn text(&self, schema: &Value) -> String {
        let (about, members) = self.says();
        let mut text = format!("\n## {}{}\n\n", self.kind, self.titles.join(", "));
        if let Some(about) = about.as_str().filter(|_| !std::ptr::eq(self.table, schema)) {
            text += &format!("{}\n\n", line(about));
        }
        if members.is_empty() {
            return text.trim_end().to_owned() + "\n";
        }
        text += "| key | what it is | value | default |\n|---|---|---|---|\n";
        text.extend(members.iter().map(|(key, value)| row(schema, self.table, key, value)));
        text
    }
}

/// The row of a key.
fn row(schema: &Value, table: &Value, key: &str, value: &Value) -> String {
    let about = value["description"].as_str().or(resolve(schema, value)["description"].as_str());
    let required = table["required"].as_array().into_iter().flatten().any(|name| name == key);
    let default = if required { "must be there".to_owned() } else { default(value) };
    let (about, kind) = (line(about.unwrap_or_default()), kind(schema, value));
    format!("| `{key}` | {about} | {kind} | {default} |\n")
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
    if !value["const"].is_null() {
        return Some(code(&value["const"]).into_iter().collect());
    }
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

/// A description as a cell of a table, without the links of the code's documentation.
fn line(text: &str) -> String {
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    text = text.replace('<', "&lt;").replace("[`", "`").replace("`]", "`");
    while let Some((before, rest)) = text.split_once("(super::") {
        text = format!("{before}{}", rest.split_once(')').map_or("", |(_, after)| after));
    }
    text
}
