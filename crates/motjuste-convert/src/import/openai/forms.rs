//! The forms of an export, and what is in each.

use motjuste::model::MessageRole;
use motjuste::prompt::MessageTemplate;
use motjuste::task::Columns;
use serde_json::Value;

use super::{content, template};
use crate::draft::EARLIER;
use crate::fields;
use crate::notes::Notes;
use crate::prompt::slots;

/// What the files hold together.
#[derive(Debug, Default)]
pub(super) struct Export {
    /// The eval's name.
    pub name: Option<String>,
    /// The model that was asked.
    pub model: Option<String>,
    /// The items, an answer that was given earlier among their columns.
    pub rows: Vec<Columns>,
    /// The messages that were sent for a row, by its number.
    pub rendered: Vec<(usize, Vec<MessageTemplate>)>,
    /// The prompt's messages with slots.
    pub template: Option<Vec<MessageTemplate>>,
    /// The graders as they are defined.
    pub graders: Vec<Value>,
    /// The names of graders whose definition is not there.
    pub named: Vec<String>,
    /// What was lost on the way.
    pub notes: Notes,
}

impl Export {
    /// Takes a value of a file; in a table, a row is an item.
    pub fn take(&mut self, value: &Value, is_table: bool) {
        let list = |name: &str| value.get(name).and_then(Value::as_array).cloned();
        if is_table {
            return self.row(fields::columns(value, "input"));
        }
        self.definition(value);
        if value.get("eval").is_some_and(Value::is_object) {
            return self.script(value, list("rows").unwrap_or_default());
        }
        if let Some(data) = list("data") {
            return data.iter().for_each(|it| self.take(it, false));
        }
        if let Some(item) = value.get("datasource_item").or_else(|| value.get("item")) {
            return self.result(item, value);
        }
        let is_row = value.is_object()
            && value.get("object").is_none()
            && value.get("testing_criteria").is_none();
        if is_row {
            self.row(fields::columns(value, "input"));
        }
    }

    /// Takes the text of the prompt in use: the whole prompt where it names columns, else the system's message.
    pub fn prompt(&mut self, text: &str) {
        let text = template::ours(text.trim_end());
        let role = if slots(&text).is_empty() { MessageRole::System } else { MessageRole::User };
        self.template = Some(vec![MessageTemplate::new(role, text)]);
    }

    fn row(&mut self, row: Columns) {
        if !row.is_empty() {
            self.rows.push(row);
        }
    }

    /// An eval's or a run's definition: name, graders, model, messages.
    fn definition(&mut self, value: &Value) {
        if let Some(criteria) = value.get("testing_criteria").and_then(Value::as_array) {
            self.graders.extend(criteria.iter().cloned());
            self.name = self.name.take().or_else(|| fields::text(value, "name").map(str::to_owned));
        }
        let Some(source) = value.get("data_source") else { return };
        self.model = self.model.take().or_else(|| fields::text(source, "model").map(str::to_owned));
        let messages = source.get("input_messages").and_then(|it| it.get("template"));
        if self.template.is_none() {
            self.template = messages.and_then(template::messages);
        }
        let rows = source.get("source").and_then(|it| it.get("content")).and_then(Value::as_array);
        for row in rows.into_iter().flatten().filter_map(|it| it.get("item")) {
            self.row(fields::columns(row, "input"));
        }
    }

    /// The file of the export script: the eval, its rows, its runs with their results.
    fn script(&mut self, value: &Value, rows: Vec<Value>) {
        self.definition(&value["eval"]);
        let runs = value.get("runs").and_then(Value::as_array).cloned().unwrap_or_default();
        for run in &runs {
            self.definition(run.get("run").unwrap_or(run));
        }
        if rows.is_empty() {
            let items =
                runs.first().and_then(|run| run.get("output_items")).and_then(Value::as_array);
            return items.into_iter().flatten().for_each(|it| self.take(it, false));
        }
        for row in &rows {
            self.row(fields::columns(row.get("item").unwrap_or(row), "input"));
        }
    }

    /// One item with what came of it: the messages that were sent, the answer, the grades.
    fn result(&mut self, item: &Value, value: &Value) {
        let mut row = fields::columns(item, "input");
        let sample = value.get("sample").unwrap_or(&Value::Null);
        if let Some(messages) = sample.get("input").and_then(template::messages) {
            self.rendered.push((self.rows.len(), messages));
        }
        self.model = self.model.take().or_else(|| fields::text(sample, "model").map(str::to_owned));
        if let Some(answer) = answer(sample) {
            row.insert(EARLIER.to_owned(), Value::from(answer));
        }
        for name in ["rating", "output_feedback", "feedback"] {
            if let Some(said) = value.get(name).filter(|it| it.is_string() || it.is_number()) {
                row.insert(name.to_owned(), said.clone());
            }
        }
        self.names(value);
        self.rows.push(row);
    }

    /// The names of the graders in a result.
    fn names(&mut self, value: &Value) {
        let grades = value.get("grades").and_then(Value::as_object).into_iter();
        let results = value.get("results").and_then(Value::as_array).into_iter().flatten();
        let of_results = results.filter_map(|it| fields::text(it, "name").map(str::to_owned));
        for name in grades.flat_map(|it| it.keys().cloned()).chain(of_results) {
            if !self.named.contains(&name) {
                self.named.push(name);
            }
        }
    }
}

/// The answer in a sample.
fn answer(sample: &Value) -> Option<String> {
    let list = sample.get("outputs").or_else(|| sample.get("output"))?.as_array()?;
    list.iter().rev().find_map(|it| content(it.get("content")?))
}
