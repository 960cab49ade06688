//! The parts of a task file that say where rows are and what the models read.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::data::{Fields, FileFormat, Policy, Reading};
use super::split::Ratio;
use crate::example::Columns;
use crate::metric::Expects;
use crate::model::MessageRole;
use crate::prompt::{MessageTemplate, Templates};
use crate::{Error, Result};

/// The examples: all three splits, or one list to divide.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = with_alias))]
#[serde(deny_unknown_fields)]
pub(super) struct DataSection {
    /// Where demonstrations come from.
    pub train: Option<Source>,
    /// What a search scores on; `validation` is another name for it.
    #[serde(alias = "validation")]
    pub dev: Option<Source>,
    /// What nobody looks at before the choice is made.
    pub test: Option<Source>,
    /// All examples, in place of the splits.
    pub examples: Option<Source>,
    /// How to divide them.
    pub split: Option<Ratio>,
    /// The column of the input, or a list of columns; a path such as inputs.question reaches into nested
    /// values. Without it: the column `input`, or the columns that the prompt names.
    input: Option<Fields>,
    /// The column of the expected output, or a path.
    #[serde(default = "output_column")]
    output: String,
    /// What divides the columns of a table; found in the header where it is not given.
    delimiter: Option<char>,
    /// The encoding of files without a byte-order mark that are not UTF-8, such as windows-1252.
    encoding: Option<String>,
    /// What to do with rows that have no expected output, where the metric reads one.
    #[serde(default)]
    unlabelled: Policy,
    /// What to do with inputs that stand in two splits: refuse the task, or keep each in the split that
    /// counts most (test, then dev).
    #[serde(default)]
    pub duplicates: Policy,
}

impl DataSection {
    /// How its files are read, for a prompt that names these columns.
    pub fn reading(&self, prompt: Vec<String>, expects: Expects) -> Reading {
        Reading {
            input: self.input.clone(),
            output: self.output.clone(),
            format: FileFormat { delimiter: self.delimiter, encoding: self.encoding.clone() },
            unlabelled: self.unlabelled,
            prompt,
            expects,
        }
    }

    /// The column of the expected output.
    pub fn output(&self) -> &str {
        &self.output
    }
}

/// Where examples are.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "expected a path, or a list of { input, output } tables")]
pub(super) enum Source {
    /// A file: JSONL, a JSON array, CSV or TSV.
    File(PathBuf),
    /// Here.
    Inline(Vec<Columns>),
}

fn output_column() -> String {
    "output".to_owned()
}

/// The dev split under its other name, too.
#[cfg(feature = "schema")]
fn with_alias(schema: &mut schemars::Schema) {
    let properties = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut);
    if let Some(properties) = properties
        && let Some(dev) = properties.get("dev").cloned()
    {
        properties.insert("validation".to_owned(), dev);
    }
}

/// What the target reads, as messages: `{{ instruction }}` is where the instruction stands, `{{ column }}`
/// is filled from the row. Any other brace stays as it is.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct PromptSection {
    /// The system's message: a text, or the path of a file.
    system: Option<String>,
    /// The user's message: a text, or the path of a file.
    user: Option<String>,
    /// All messages, in place of the two.
    messages: Option<Vec<MessageTemplate>>,
}

impl PromptSection {
    /// The same section with the messages that stand among the templates.
    pub fn with(self, templates: &TemplateSection) -> Self {
        let system = self.system.or_else(|| templates.system.clone());
        Self { system, user: self.user.or_else(|| templates.user.clone()), ..self }
    }

    /// The messages, if it says any.
    pub fn messages(&self, folder: &Path) -> Result<Option<Vec<MessageTemplate>>> {
        let message = |role, content: &Option<String>| {
            let content = content.as_deref().map(|content| text(content, folder)).transpose();
            Ok(content?.map(|content| MessageTemplate::new(role, content)))
        };
        let two =
            [message(MessageRole::System, &self.system)?, message(MessageRole::User, &self.user)?];
        let two: Vec<MessageTemplate> = two.into_iter().flatten().collect();
        match (&self.messages, two.is_empty()) {
            (None, true) => Ok(None),
            (None, false) => Ok(Some(with_input(two))),
            (Some(messages), true) => Ok(Some(messages.clone())),
            (Some(_), false) => {
                Err(Error::configuration("[prompt] has messages, and system or user as well")
                    .with_help("write all messages in the list, or system and user alone"))
            }
        }
    }
}

/// A system message alone gets the input as the user's message.
fn with_input(mut messages: Vec<MessageTemplate>) -> Vec<MessageTemplate> {
    if messages.iter().all(|message| message.role == MessageRole::System) {
        messages.push(MessageTemplate::new(MessageRole::User, "{{ input }}"));
    }
    messages
}

/// The prompt that is in use, or several.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "expected the path of a file or a text, or a list of them")]
pub(super) enum StartSection {
    /// One: the path of a file, or a text.
    One(String),
    /// Several; the result is compared with the first.
    Many(Vec<String>),
}

impl StartSection {
    /// The prompts.
    pub fn prompts(&self, folder: &Path) -> Result<Vec<String>> {
        match self {
            Self::One(prompt) => Ok(vec![text(prompt, folder)?]),
            Self::Many(prompts) => prompts.iter().map(|prompt| text(prompt, folder)).collect(),
        }
    }
}

/// Templates of one text, in place of the built-in ones.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateSection {
    /// What a generator of soft prompts reads behind them.
    induce: Option<String>,
    /// What the target reads, in one message: instruction, input and columns.
    pub follow: Option<String>,
    /// What the target's answer begins with.
    begin: Option<String>,
    /// The system's message: another place for that of [prompt].
    system: Option<String>,
    /// The user's message: another place for that of [prompt].
    user: Option<String>,
}

impl TemplateSection {
    /// The templates: the built-in ones, but for those that it names.
    pub fn templates(&self, folder: &Path) -> Result<Templates> {
        let mut templates = Templates::default();
        if let Some(induce) = &self.induce {
            templates = templates.with_induce(text(induce, folder)?)?;
        }
        if let Some(follow) = &self.follow {
            templates = templates.with_follow(text(follow, folder)?)?;
        }
        if let Some(begin) = &self.begin {
            templates = templates.with_begin(text(begin, folder)?)?;
        }
        Ok(templates)
    }
}

/// A text: that of the file of this name, if there is one, else the value itself. The line break that
/// editors put at the end of a file is not part of it.
pub(super) fn text(value: &str, folder: &Path) -> Result<String> {
    let path = folder.join(value);
    let is_name = !value.contains(['\n', '{']) && value.len() < 1000;
    if is_name && (path.is_file() || looks_like_a_path(value)) {
        let read = file(&path)?;
        let read = read.strip_prefix('\u{feff}').unwrap_or(&read);
        return Ok(read
            .strip_suffix('\n')
            .map_or(read, |text| text.trim_end_matches('\r'))
            .to_owned());
    }
    Ok(value.to_owned())
}

/// The content of a file that a task file names.
pub(super) fn file(path: &Path) -> Result<String> {
    super::text::text(path).map_err(|error| {
        Error::data(format!("cannot read {}: {error}", path.display()))
            .with_help("paths in a task file are relative to the task file")
    })
}

/// Whether a value can only be meant as the path of a file: one word with a file's ending.
fn looks_like_a_path(value: &str) -> bool {
    let endings = ["txt", "md", "prompt", "j2", "jinja", "jinja2"];
    let ending = Path::new(value).extension().and_then(|ending| ending.to_str());
    !value.contains(char::is_whitespace) && ending.is_some_and(|ending| endings.contains(&ending))
}
