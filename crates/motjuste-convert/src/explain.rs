//! Task files with comments that say what each line does.

use motjuste::model::MessageRole;
use motjuste::prompt::MessageTemplate;
use motjuste::task::FileFormat;
use motjuste::{Error, Result};
use serde::Serialize;
use serde_json::Value;

use crate::draft::{Draft, MetricDraft, start_file};

/// The task file of a draft.
pub(crate) fn task_file(draft: &Draft) -> Result<String> {
    let mut text = format!(
        "# A task for motjuste. Paths are relative to this file.\nname = {}\n",
        toml(&draft.name)?
    );
    if !draft.description.is_empty() {
        text += "\n# What it is for: a chat model that writes prompts reads it.\n";
        text += &format!("description = {}\n", toml(&draft.description)?);
    }
    text += &metric(&draft.metric)?;
    text += &start(draft)?;
    text += &data(draft)?;
    text += &prompt(&draft.prompt.messages)?;
    Ok(text)
}

fn metric(metric: &MetricDraft) -> Result<String> {
    let (comment, value) = match metric {
        MetricDraft::Named(name, settings) if settings.is_empty() => (about(name), toml(name)?),
        MetricDraft::Named(name, settings) => {
            let setting = |(key, value): &(&str, Value)| Ok(format!(", {key} = {}", toml(value)?));
            let settings = settings.iter().map(setting).collect::<Result<String>>()?;
            (about(name), format!("{{ name = {}{settings} }}", toml(name)?))
        }
        MetricDraft::Program(command) => {
            let words = command.iter().map(toml).collect::<Result<Vec<_>>>()?.join(", ");
            let comment = "A program in this folder scores each answer: JSON lines in and out.";
            (comment, format!("{{ command = [{words}] }}"))
        }
        MetricDraft::Judge { model, rubric, scale } => {
            let mut value = format!("judge = {}", toml(model)?);
            if rubric.is_some() {
                value += &format!(", rubric = {}", toml(MetricDraft::RUBRIC)?);
            }
            if let Some(scale) = scale {
                value += &format!(", scale = {scale}");
            }
            (
                "A model reads each answer and gives points: name one that you trust.",
                format!("{{ {value} }}"),
            )
        }
    };
    Ok(format!("\n# How an answer is scored. {comment}\nmetric = {value}\n"))
}

/// What a metric counts as right.
pub(crate) fn about(name: &str) -> &'static str {
    match name {
        "exact" => "Right is what equals an expected output.",
        "exact_ignore_case" => {
            "Right is what equals an expected output, upper and lower case alike."
        }
        "contains" => "Right is what contains an expected output as whole words.",
        "regex" => "Right is an answer in which the pattern in the output column is found.",
        "label" | "one_of" => {
            "Right is an answer that names the expected label, and no other label."
        }
        "labels" => "The share of the expected labels that the answer names, and no others.",
        "number" => "Right is an answer with the expected number.",
        "json" => "Right is the same JSON value, whatever the order of its members.",
        "f1" => "The words that answer and expected output have in common.",
        "rouge_l" => {
            "The longest sequence of words that answer and expected output have in common."
        }
        _ => "See docs/src/scores.md.",
    }
}

fn start(draft: &Draft) -> Result<String> {
    let own = (0..draft.prompt.start.len()).map(start_file);
    let files: Vec<String> = draft.start_files.iter().cloned().chain(own).collect();
    let value = match files.as_slice() {
        [] => return Ok(String::new()),
        [one] => toml(one)?,
        many => toml(&many)?,
    };
    Ok(format!(
        "\n# The prompt in use: the search begins with it, and the result is compared with it.\n\
         # [[edit]] and [[/edit]] around a part let only that part change.\nstart = {value}\n"
    ))
}

fn data(draft: &Draft) -> Result<String> {
    let inputs = match draft.inputs.as_slice() {
        [one] => toml(one)?,
        many => toml(&many)?,
    };
    let file = toml(draft.data_file.as_deref().unwrap_or("rows.jsonl"))?;
    let mut text = format!(
        "\n[data]\n# All rows; they are divided into train, dev and test.\nexamples = {file}\n\
         # The columns that the target is given.\ninput = {inputs}\n"
    );
    text += &format(&draft.format)?;
    if let Some(output) = &draft.output {
        text += &format!("# The column with the expected output.\noutput = {}\n", toml(output)?);
    }
    Ok(text)
}

fn format(format: &FileFormat) -> Result<String> {
    let mut text = String::new();
    if let Some(delimiter) = format.delimiter {
        text += &format!("# What divides the columns.\ndelimiter = {}\n", toml(&delimiter)?);
    }
    if let Some(encoding) = &format.encoding {
        text +=
            &format!("# How the file's characters are written.\nencoding = {}\n", toml(encoding)?);
    }
    Ok(text)
}

fn prompt(messages: &[MessageTemplate]) -> Result<String> {
    const HEAD: &str = "\n# What the target reads: {{ instruction }} is what the search rewrites, {{ column }} comes from \
                        the row.\n";
    match messages {
        [] => Ok(String::new()),
        [one] if is_short(one, MessageRole::User) => {
            Ok(format!("{HEAD}[prompt]\nuser = {}\n", toml(&one.content)?))
        }
        [system, user]
            if is_short(system, MessageRole::System) && is_short(user, MessageRole::User) =>
        {
            let (system, user) = (toml(&system.content)?, toml(&user.content)?);
            Ok(format!("{HEAD}[prompt]\nsystem = {system}\nuser = {user}\n"))
        }
        many => many.iter().try_fold(HEAD.to_owned(), |text, message| {
            let (role, content) = (toml(message.role.name())?, toml(&message.content)?);
            Ok(format!("{text}[[prompt.messages]]\nrole = {role}\ncontent = {content}\n"))
        }),
    }
}

/// Whether a message can be given under the name of its role: a text with a slot is never read as a path.
fn is_short(message: &MessageTemplate, role: MessageRole) -> bool {
    message.role == role && message.content.contains('{')
}

/// A value in TOML.
fn toml<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    let value = toml::Value::try_from(value).map_err(|error| {
        Error::output(format!("the task file cannot be written: {error}"))
            .with_help("tell us which file it was made of")
    })?;
    Ok(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::PromptDraft;

    #[test]
    fn every_text_comes_back_from_the_file() {
        let hard = "say \"x\"\\\n\t''' \"\"\" {{ a }} é \u{7f}";
        let user = MessageTemplate::new(MessageRole::User, hard);
        let three = [
            MessageTemplate::new(MessageRole::System, "plain.txt"),
            user.clone(),
            MessageTemplate::new(MessageRole::Assistant, ""),
        ];
        let draft = Draft {
            name: "t".to_owned(),
            description: hard.to_owned(),
            inputs: vec!["a b".to_owned(), "c.d".to_owned()],
            output: Some("x".to_owned()),
            prompt: PromptDraft { messages: three.to_vec(), start: vec![hard.to_owned()] },
            ..Draft::default()
        };
        let read: toml::Table = toml::from_str(&task_file(&draft).unwrap()).unwrap();
        assert_eq!(read["description"].as_str(), Some(hard));
        assert_eq!(read["prompt"]["messages"][1]["content"].as_str(), Some(hard));
        assert_eq!(read["data"]["input"][1].as_str(), Some("c.d"));
        assert_eq!(prompt(&[user]).unwrap().matches("[prompt]").count(), 1);
    }
}
