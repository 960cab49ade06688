//! What the models read: templates in files, filled with nothing but what they name.

use minijinja::{Environment, UndefinedBehavior, context};

use crate::example::Example;
use crate::{Error, Result};

/// The templates of a study, checked when they are made.
///
/// ```
/// use motjuste::prompt::Templates;
/// let templates = Templates::default();
/// let prompt = templates.follow("write the first letter.", "house").unwrap();
/// assert_eq!(prompt, "Instruction: write the first letter.\n\nInput: house\nOutput:");
/// ```
#[derive(Debug, Clone)]
pub struct Templates {
    environment: Environment<'static>,
    induce_hash: String,
    follow_hash: String,
    /// Empty where the model begins its answer itself.
    begin_hash: String,
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

const FOLLOW_TEMPLATE: &str = include_str!("prompts/follow.txt");

impl Default for Templates {
    /// The templates of InstructZero's published code, which are APE's.
    fn default() -> Self {
        let mut templates = Self {
            environment: Environment::new(),
            induce_hash: String::new(),
            follow_hash: String::new(),
            begin_hash: String::new(),
        };
        templates.environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // The shipped templates are valid: a test renders both.
        let _ = templates.set(INDUCE, include_str!("prompts/induce.txt").to_owned());
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
    /// It may name `instruction` and `input`.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when it does not parse or names anything else.
    pub fn with_follow(mut self, source: String) -> Result<Self> {
        self.set(FOLLOW, source)?;
        self.follow("", "")?;
        Ok(self)
    }

    /// Gives a template for the beginning of the answer, from which the target goes on.
    ///
    /// It may name `instruction` and `input`.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when it does not parse or names anything else.
    pub fn with_begin(mut self, source: String) -> Result<Self> {
        self.set(BEGIN, source)?;
        self.begin("", "")?;
        Ok(self)
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

    /// What the target reads: the instruction and one input.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the template cannot be filled.
    pub fn follow(&self, instruction: &str, input: &str) -> Result<String> {
        self.render(FOLLOW, context! { instruction, input })
    }

    /// What the target's answer begins with; empty where no template says.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the template cannot be filled.
    pub fn begin(&self, instruction: &str, input: &str) -> Result<String> {
        match self.begins_answers() {
            true => self.render(BEGIN, context! { instruction, input }),
            false => Ok(String::new()),
        }
    }

    /// Whether the target goes on from the beginning of an answer.
    pub fn begins_answers(&self) -> bool {
        !self.begin_hash.is_empty()
    }

    /// Whether what the target reads is worded by the default template.
    pub fn follows_by_default(&self) -> bool {
        self.follow_hash == hash(FOLLOW_TEMPLATE) && !self.begins_answers()
    }

    /// Hashes of what the generator and the target read: part of a study's identity.
    pub fn hashes(&self) -> (String, String) {
        let target = match self.begins_answers() {
            true => format!("{}-{}", self.follow_hash, self.begin_hash),
            false => self.follow_hash.clone(),
        };
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

fn hash(source: &str) -> String {
    blake3::hash(source.as_bytes()).to_hex()[..16].to_owned()
}

fn refuse(name: &str, error: minijinja::Error) -> Error {
    let known = if name == INDUCE { "demonstrations" } else { "instruction and input" };
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
    fn an_unknown_variable_is_refused_when_the_template_is_made() {
        let error = Templates::default().with_follow("{{ instructoin }}".into()).unwrap_err();
        assert!(error.is_configuration() && error.help().unwrap().contains("instruction"));
    }
}
