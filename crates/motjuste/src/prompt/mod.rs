//! What the models read: templates in files, filled with nothing but what they name.

mod conversation;
mod frame;
mod messages;
mod slots;

pub use conversation::conversation;
pub use frame::Frame;
pub use messages::MessageTemplate;
pub use slots::placeholders;

use std::borrow::Cow;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use crate::example::Example;
use crate::model::{Message, MessageRole, Prompt};
use crate::{Error, Result};

/// The templates of a study, checked when they are made.
///
/// ```
/// use motjuste::prompt::Templates;
/// use motjuste::task::Example;
/// let row = Example::new("house", ["h"]);
/// let prompt = Templates::default().prompt("write the first letter.", &row).unwrap();
/// assert_eq!(prompt.text(), "Instruction: write the first letter.\n\nInput: house\nOutput:");
/// ```
#[derive(Debug, Clone)]
pub struct Templates {
    environment: Environment<'static>,
    induce_hash: String,
    follow_hash: String,
    /// Empty where the model begins its answer itself.
    begin_hash: String,
    /// The target's prompt as messages, in place of the follow template.
    messages: Option<Vec<MessageTemplate>>,
    /// Whether nobody worded the messages: they are the default ones for a person's prompt.
    has_default_messages: bool,
    /// What stands around every instruction.
    frame: Frame,
    /// Whether the instruction has slots for columns of its own.
    fills_instruction: bool,
    /// Whether a base model reads it: what would be the default messages is the follow template.
    is_for_base: bool,
}

/// What the target reads, as templates over `instruction` and `input`, where a method words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetPrompt {
    /// The prompt.
    pub follow: String,
    /// What the answer begins with.
    pub begin: Option<String>,
    /// The setting of the method that leaves the prompt to the task, and its value.
    pub leave_to_task: (&'static str, &'static str),
}

const INDUCE: &str = "induce";
const FOLLOW: &str = "follow";
const BEGIN: &str = "begin";

const FOLLOW_TEMPLATE: &str = include_str!("../prompts/follow.txt");

impl Default for Templates {
    /// The templates of InstructZero's published code, which are APE's.
    fn default() -> Self {
        let mut templates = Self {
            environment: Environment::new(),
            induce_hash: String::new(),
            follow_hash: String::new(),
            begin_hash: String::new(),
            messages: None,
            has_default_messages: false,
            frame: Frame::default(),
            fills_instruction: false,
            is_for_base: false,
        };
        templates.environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // The shipped templates are valid: a test renders both.
        let _ = templates.set(INDUCE, include_str!("../prompts/induce.txt").to_owned());
        let _ = templates.set(FOLLOW, FOLLOW_TEMPLATE.to_owned());
        templates
    }
}

impl Templates {
    /// Replaces the template that shows demonstrations and asks what the instruction was.
    ///
    /// It may name `demonstrations`, a list of `input` and `output`.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when it does not parse or names anything else.
    pub fn with_induce(mut self, source: String) -> Result<Self> {
        self.set(INDUCE, source)?;
        let example = Example::new(String::new(), [String::new()]);
        self.induce(&[example])?;
        Ok(self)
    }

    /// Replaces the template that puts an instruction and an input together.
    ///
    /// It may name `instruction`, `input` and columns of the rows.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when it does not parse.
    pub fn with_follow(mut self, source: String) -> Result<Self> {
        self.set(FOLLOW, source)?;
        Ok(Self { messages: None, has_default_messages: false, ..self })
    }

    /// The target's prompt as messages.
    ///
    /// ```
    /// use motjuste::model::{Message, MessageRole, Prompt};
    /// use motjuste::prompt::{MessageTemplate, Templates};
    /// use motjuste::task::Example;
    /// let system = MessageTemplate::new(MessageRole::System, "{{ instruction }}");
    /// let user = MessageTemplate::new(MessageRole::User, "{{ input }}");
    /// let templates = Templates::default().with_messages(vec![system, user]).unwrap();
    /// let prompt = templates.prompt("Be brief.", &Example::new("hot?", ["cold"])).unwrap();
    /// assert_eq!(prompt, vec![Message::system("Be brief."), Message::user("hot?")].into());
    /// ```
    ///
    /// # Errors
    /// [`Error::is_configuration`] when no message has a slot for the instruction: all instructions would
    /// score alike.
    pub fn with_messages(self, messages: Vec<MessageTemplate>) -> Result<Self> {
        if !messages.iter().any(MessageTemplate::has_instruction) {
            return Err(Error::configuration("the prompt has no place for the instruction")
                .with_help(
                    "write {{ instruction }} where it stands, in the system or the user message",
                ));
        }
        Ok(Self { messages: Some(messages), has_default_messages: false, ..self })
    }

    /// Where nobody worded the prompt: the instruction as the system's message, the input as the user's; where the instruction has slots
    /// for columns of its own, it is the whole prompt.
    pub(crate) fn with_default_messages(self, instruction: &str, row: &Example) -> Self {
        let fills_instruction = messages::names_a_column(instruction, row);
        if !self.follows_by_default() && !self.has_default_messages {
            return Self { fills_instruction, ..self };
        }
        let messages = match fills_instruction {
            true => vec![slot(MessageRole::User, messages::INSTRUCTION)],
            false => two_messages(),
        };
        Self { messages: Some(messages), has_default_messages: true, fills_instruction, ..self }
    }

    /// As a base model is asked, which goes on with a text: where nobody worded the prompt, the default template in place of the
    /// default messages.
    pub(crate) fn for_base(self) -> Self {
        let is_text = self.has_default_messages && !self.fills_instruction;
        let messages = self.messages.filter(|_| !is_text);
        let has_default_messages = self.has_default_messages && !is_text;
        Self { messages, has_default_messages, is_for_base: true, ..self }
    }

    /// The messages around this whole instruction. Where the prompt in use is all there is, with slots for
    /// columns, an instruction without any would show nothing of a row: the input follows it.
    fn messages_for(&self, whole: &str) -> Option<Cow<'_, [MessageTemplate]>> {
        let is_bare = || slots::Slots::of(whole).names().next().is_none();
        match self.has_default_messages && self.fills_instruction && is_bare() {
            true if self.is_for_base => None,
            true => Some(Cow::Owned(two_messages())),
            false => self.messages.as_deref().map(Cow::Borrowed),
        }
    }

    /// The same templates, this text around every instruction.
    #[must_use]
    pub fn with_frame(self, frame: Frame) -> Self {
        Self { frame, ..self }
    }

    /// What stands around every instruction.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The target's prompt as messages with this instruction in it, the slots for columns open: what a
    /// person deploys.
    ///
    /// ```
    /// use motjuste::prompt::Templates;
    /// let messages = Templates::default().deployed("Be brief.");
    /// assert_eq!(messages[0].content, "Instruction: Be brief.\n\nInput: {{ input }}\nOutput:");
    /// ```
    pub fn deployed(&self, instruction: &str) -> Vec<MessageTemplate> {
        let whole = self.frame.around(instruction);
        let fill = |text: &str| {
            slots::Slots::of(text)
                .fill(|name| (name == messages::INSTRUCTION).then(|| whole.clone()))
        };
        match self.messages_for(&whole) {
            Some(messages) => {
                let filled =
                    |it: &MessageTemplate| MessageTemplate::new(it.role, fill(&it.content));
                messages.iter().map(filled).collect()
            }
            None => {
                let follow = self.environment.get_template(FOLLOW);
                let source =
                    follow.map_or(String::new(), |follow| fill(without_end(follow.source())));
                vec![MessageTemplate::new(MessageRole::User, source)]
            }
        }
    }

    /// The target's prompt as it is worded, its slots open.
    pub fn layout(&self) -> String {
        let slot = self.frame.around("{{ instruction }}");
        let placed = |text: &str| text.replace("{{ instruction }}", &slot);
        match &self.messages {
            Some(messages) => {
                let line =
                    |it: &MessageTemplate| format!("[{}] {}", it.role.name(), placed(&it.content));
                messages.iter().map(line).collect::<Vec<_>>().join("\n")
            }
            None => {
                let follow = self.environment.get_template(FOLLOW);
                follow.map_or(String::new(), |follow| placed(without_end(follow.source())))
            }
        }
    }

    /// What the prompt, and the slots of this instruction, name besides the instruction.
    pub(crate) fn columns(&self, instruction: &str) -> Vec<String> {
        let mut names: Vec<String> = match &self.messages {
            Some(messages) => {
                messages.iter().flat_map(|it| it.columns()).map(str::to_owned).collect()
            }
            None => self.named_in(FOLLOW),
        };
        names.extend(self.named_in(BEGIN));
        names.extend(slots::Slots::of(instruction).names().map(str::to_owned));
        names.retain(|name| name != messages::INSTRUCTION);
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What a template names; nothing where there is no such template.
    fn named_in(&self, template: &str) -> Vec<String> {
        let found = self.environment.get_template(template);
        found.map_or_else(|_| Vec::new(), |it| it.undeclared_variables(true).into_iter().collect())
    }

    /// Gives a template for the beginning of the answer, from which the target goes on.
    ///
    /// It may name `instruction`, `input` and columns of the rows.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when it does not parse.
    pub fn with_begin(mut self, source: String) -> Result<Self> {
        self.set(BEGIN, source)?;
        Ok(self)
    }

    /// Refuses templates that this row cannot fill, or that have no place for the instruction.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when a template names what the row does not have, or when none names the
    /// instruction: all instructions would score alike.
    pub fn check(&self, row: &Example) -> Result<()> {
        let templates = [FOLLOW, BEGIN].into_iter().filter(|_| self.messages.is_none());
        let mut names = templates.flat_map(|template| self.named_in(template));
        if self.messages.is_none() && !names.any(|name| name == messages::INSTRUCTION) {
            return Err(Error::configuration(
                "the template `follow` has no place for the instruction",
            )
            .with_help("write {{ instruction }} where it stands: without it all score alike"));
        }
        self.prompt("", row)?;
        self.begin("", row).map(|_| ())
    }

    /// The same templates, the target's prompt worded by a method.
    ///
    /// # Errors
    /// As [`Self::with_follow`].
    pub fn with_target_prompt(self, prompt: &TargetPrompt) -> Result<Self> {
        let templates = self.with_follow(prompt.follow.clone())?;
        match &prompt.begin {
            Some(begin) => templates.with_begin(begin.clone()),
            None => Ok(templates),
        }
    }

    /// What the generator reads: the demonstrations, then the question.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the template cannot be filled.
    pub fn induce(&self, demonstrations: &[Example]) -> Result<String> {
        let shown: Vec<_> = demonstrations
            .iter()
            .map(|example| context! { input => &example.input, output => example.outputs.first() })
            .collect();
        self.render(INDUCE, context! { demonstrations => shown })
    }

    /// What the target reads: the instruction and one row.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the template cannot be filled.
    pub fn prompt(&self, instruction: &str, row: &Example) -> Result<Prompt> {
        let messages = self.messages_for(&self.frame.around(instruction));
        let instruction = self.instruction(instruction, row);
        if let Some(messages) = messages {
            let messages = messages::fill(&messages, &instruction, row);
            return match messages.as_slice() {
                [] => Ok(Prompt::from(vec![Message::user("")])),
                _ => Ok(Prompt::from(messages)),
            };
        }
        Ok(Prompt::from(self.render(FOLLOW, self.values(&instruction, row))?))
    }

    /// What the target's answer begins with; empty where no template says.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the template cannot be filled.
    pub fn begin(&self, instruction: &str, row: &Example) -> Result<String> {
        match self.begins_answers() {
            true => {
                let instruction = self.instruction(instruction, row);
                self.render(BEGIN, self.values(&instruction, row))
            }
            false => Ok(String::new()),
        }
    }

    /// The whole instruction as the target reads it.
    fn instruction(&self, instruction: &str, row: &Example) -> String {
        let whole = self.frame.around(instruction);
        if self.fills_instruction { messages::fill_text(&whole, row) } else { whole }
    }

    /// What a template may name: the columns of the row, its input, and the instruction before them.
    fn values(&self, instruction: &str, row: &Example) -> Value {
        let columns = Value::from(Serde(&row.columns));
        let input = row.input.as_str();
        context! { instruction, input, ..columns }
    }

    /// Whether the target goes on from the beginning of an answer.
    pub fn begins_answers(&self) -> bool {
        !self.begin_hash.is_empty()
    }

    /// Whether what the target reads is worded by the default template.
    pub fn follows_by_default(&self) -> bool {
        let is_default = self.follow_hash == hash(FOLLOW_TEMPLATE) && !self.begins_answers();
        is_default && self.messages.is_none()
    }

    /// Hashes of what the generator and the target read: part of a study's identity.
    pub fn hashes(&self) -> (String, String) {
        let mut target = match &self.messages {
            None => self.follow_hash.clone(),
            // Serialising plain data to memory has no way to fail.
            Some(messages) => hash(&serde_json::to_string(messages).unwrap_or_default()),
        };
        if self.begins_answers() {
            target = format!("{target}-{}", self.begin_hash);
        }
        if !self.frame.is_empty() {
            target = format!("{target}-{}", hash(&self.frame.around("\u{0}")));
        }
        (self.induce_hash.clone(), target)
    }

    fn set(&mut self, name: &'static str, source: String) -> Result<()> {
        let hash = hash(&source);
        self.environment.add_template_owned(name, source).map_err(|error| refuse(name, error))?;
        match name {
            INDUCE => self.induce_hash = hash,
            FOLLOW => self.follow_hash = hash,
            _ => self.begin_hash = hash,
        }
        Ok(())
    }

    fn render(&self, name: &str, values: minijinja::Value) -> Result<String> {
        let template = self.environment.get_template(name).map_err(|error| refuse(name, error))?;
        template.render(values).map_err(|error| refuse(name, error))
    }
}

/// A template without the line break at its end, which filling it drops, too.
fn without_end(source: &str) -> &str {
    source.strip_suffix('\n').unwrap_or(source)
}

/// The instruction as the system's message, the input as the user's.
fn two_messages() -> Vec<MessageTemplate> {
    vec![slot(MessageRole::System, messages::INSTRUCTION), slot(MessageRole::User, "input")]
}

fn slot(role: MessageRole, name: &str) -> MessageTemplate {
    MessageTemplate::new(role, format!("{{{{ {name} }}}}"))
}

fn hash(source: &str) -> String {
    blake3::hash(source.as_bytes()).to_hex()[..16].to_owned()
}

fn refuse(name: &str, error: minijinja::Error) -> Error {
    let known = match name {
        INDUCE => "demonstrations",
        _ => "instruction, input and columns of the rows",
    };
    Error::configuration(format!("the {name} template cannot be used: {error}"))
        .with_help(format!("a {name} template may name {known}, and nothing else"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_induce_template_shows_demonstrations_and_asks() {
        let example = |input: &str, output: &str| Example::new(input, [output]);
        let shown = [example("house", "h"), example("<tree>", "t")];
        let expected = "Input: house\nOutput: h\n\nInput: <tree>\nOutput: t\n\n\
                        The instruction was to?";
        assert_eq!(Templates::default().induce(&shown).unwrap(), expected);
    }

    #[test]
    fn beside_a_prompt_with_slots_an_instruction_without_any_is_followed_by_the_input() {
        let row = Example::new("hot?", ["cold"]);
        let templates = Templates::default().with_default_messages("Say: {{ input }}", &row);
        let prompt = |instruction| templates.prompt(instruction, &row).unwrap();
        assert_eq!(prompt("Reply: {{ input }}"), vec![Message::user("Reply: hot?")].into());
        let two = vec![Message::system("Reply."), Message::user("hot?")];
        assert_eq!(prompt("Reply."), two.into());
        assert_eq!(prompt(""), vec![Message::user("hot?")].into());
        assert_eq!(templates.deployed("Reply.")[1].content, "{{ input }}");
    }

    #[test]
    fn an_unknown_variable_is_refused_before_anything_is_sent() {
        let templates = Templates::default().with_follow("{{ instructoin }}".into()).unwrap();
        let error = templates.check(&Example::new("a", ["b"])).unwrap_err();
        assert!(error.is_configuration() && error.help().unwrap().contains("instruction"));
    }
}
