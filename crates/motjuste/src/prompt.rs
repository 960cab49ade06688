//! What the models read: templates in files, filled with nothing but what they name.

use minijinja::{Environment, UndefinedBehavior, context};

use crate::example::Example;
use crate::{Error, Result};

/// The two templates of a study, checked when they are made.
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
}

const INDUCE: &str = "induce";
const FOLLOW: &str = "follow";

impl Default for Templates {
    /// The templates of InstructZero's published code, which are APE's.
    fn default() -> Self {
        let mut templates = Self {
            environment: Environment::new(),
            induce_hash: String::new(),
            follow_hash: String::new(),
        };
        templates.environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // The shipped templates are valid: a test renders both.
        let _ = templates.set(INDUCE, include_str!("prompts/induce.txt").to_owned());
        let _ = templates.set(FOLLOW, include_str!("prompts/follow.txt").to_owned());
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
        let example = Example { input: String::new(), outputs: vec![String::new()] };
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

    /// Hashes of the two templates, induce first: part of a study's identity.
    pub fn hashes(&self) -> (&str, &str) {
        (&self.induce_hash, &self.follow_hash)
    }

    fn set(&mut self, name: &'static str, source: String) -> Result<()> {
        let hash = blake3::hash(source.as_bytes()).to_hex()[..16].to_owned();
        self.environment.add_template_owned(name, source).map_err(|error| refuse(name, error))?;
        match name {
            INDUCE => self.induce_hash = hash,
            _ => self.follow_hash = hash,
        }
        Ok(())
    }

    fn render(&self, name: &str, values: minijinja::Value) -> Result<String> {
        let template = self.environment.get_template(name).map_err(|error| refuse(name, error))?;
        template.render(values).map_err(|error| refuse(name, error))
    }
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
        let example = |input: &str, output: &str| Example {
            input: input.into(),
            outputs: vec![output.into()],
        };
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
