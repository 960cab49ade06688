//! A task: examples of what is wanted, in three splits that do not touch, and a metric.

pub(crate) mod copied;
mod data;
pub mod dataset;
mod doubts;
mod duplicates;
mod file;
mod metric;
mod sections;
mod split;
mod start;
mod text;

use crate::counted::counted;
pub use crate::example::{Columns, Example, field};
pub use crate::prompt::conversation;
pub use data::FileFormat;
#[cfg(feature = "schema")]
pub use file::file_schema;
pub use file::load;
pub use start::Start;

use std::sync::Arc;

use crate::metric::Exact;
use crate::model::{Model, RoleParameters};
use crate::prompt::{Templates, placeholders};
use crate::random::Streams;
use crate::score::{Bare, BuiltIn, Score};
use crate::{Error, Result};

/// What a person wants done, and how to tell that it is done.
///
/// A task is checked when it is made: no split is empty, and no input stands in two of them, because a
/// search that has seen the test examples proves nothing.
///
/// ```
/// use motjuste::task::{Example, Task};
/// let example = |input: &str| Example::new(input, [input.to_uppercase()]);
/// let task = Task::new("shout", vec![example("a")], vec![example("b")], vec![example("c")]).unwrap();
/// assert_eq!(task.dev()[0].outputs, ["B"]);
/// assert!(Task::new("leak", vec![example("a")], vec![example("a")], vec![example("c")]).is_err());
/// ```
#[derive(Debug, Clone)]
pub struct Task {
    name: String,
    score: Arc<dyn Score>,
    train: Vec<Example>,
    dev: Vec<Example>,
    test: Vec<Example>,
    templates: Templates,
    start: Start,
    notes: Vec<String>,
    description: String,
    forbids_copies: bool,
    hidden: Vec<String>,
    parameters: RoleParameters,
}

/// A part of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Where demonstrations come from.
    Train,
    /// What a search scores on.
    Dev,
    /// What nobody looks at before the choice is made.
    Test,
}

impl Split {
    /// Its name in a task file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Dev => "dev",
            Self::Test => "test",
        }
    }
}

impl Task {
    /// A task with the metric `exact` of the answer alone, and the default templates.
    ///
    /// # Errors
    /// [`Error::is_data`] when a split is empty, naming it, or when an input stands in two splits;
    /// [`Error::is_configuration`] when the name cannot be part of a file's name.
    pub fn new(
        name: impl Into<String>,
        train: Vec<Example>,
        dev: Vec<Example>,
        test: Vec<Example>,
    ) -> Result<Self> {
        let score = Arc::new(Bare::new(BuiltIn::of(Exact::default())));
        let task = Self { train, ..Self::unchecked(name.into(), score, dev, test) };
        check_name(&task.name)?;
        split::refuse_empty(&task, &[Split::Train, Split::Dev, Split::Test])?;
        split::refuse_leaks(&task)?;
        Ok(task)
    }

    /// As [`Self::new`], without a train split: for methods that need no demonstrations.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn without_train(
        name: impl Into<String>,
        dev: Vec<Example>,
        test: Vec<Example>,
    ) -> Result<Self> {
        let score = Arc::new(Bare::new(BuiltIn::of(Exact::default())));
        let task = Self::unchecked(name.into(), score, dev, test);
        check_name(&task.name)?;
        split::refuse_empty(&task, &[Split::Dev, Split::Test])?;
        split::refuse_leaks(&task)?;
        Ok(task)
    }

    fn unchecked(
        name: String,
        score: Arc<dyn Score>,
        dev: Vec<Example>,
        test: Vec<Example>,
    ) -> Self {
        Self {
            name,
            score,
            train: Vec::new(),
            dev,
            test,
            templates: Templates::default(),
            start: Start::default(),
            notes: Vec::new(),
            description: String::new(),
            forbids_copies: false,
            hidden: Vec::new(),
            parameters: RoleParameters::default(),
        }
    }

    /// The same task with other train, dev and test rows.
    ///
    /// # Errors
    /// [`Error::is_data`] when the dev or the test split is empty, and when an input stands in two splits.
    pub fn with_rows(
        self,
        train: Vec<Example>,
        dev: Vec<Example>,
        test: Vec<Example>,
    ) -> Result<Self> {
        let task = Self { train, dev, test, ..self };
        split::refuse_empty(&task, &[Split::Dev, Split::Test])?;
        split::refuse_leaks(&task)?;
        Ok(task)
    }

    /// The same task, its answers scored otherwise.
    #[must_use]
    pub fn with_score(self, score: impl Score + 'static) -> Self {
        Self { score: Arc::new(score), ..self }
    }

    /// The same task, its models reading other templates.
    #[must_use]
    pub fn with_templates(self, templates: Templates) -> Self {
        Self { templates, ..self }
    }

    /// The same task with the prompts that a person has in use: they are scored first, and the first of
    /// them is compared with the result. Where the task says nothing else, the instruction is then the
    /// system's message and the input the user's; or, where it has slots for columns, the whole prompt.
    ///
    /// ```
    /// use motjuste::task::{Example, Task};
    /// let row = |input: &str| vec![Example::new(input, ["x"])];
    /// let task = Task::new("t", row("a"), row("b"), row("c")).unwrap();
    /// let task = task.with_start(["Be kind. [[edit]]Answer.[[/edit]]"]).unwrap();
    /// assert_eq!(task.start().instructions(), ["Answer."]);
    /// assert_eq!(task.whole("Reply."), "Be kind. Reply.");
    /// ```
    ///
    /// # Errors
    /// [`Error::is_configuration`] for a prompt without a letter, for marks that are not one pair, and for a
    /// prompt that shows the expected output.
    pub fn with_start(self, prompts: impl IntoIterator<Item = impl Into<String>>) -> Result<Self> {
        let prompts: Vec<String> = prompts.into_iter().map(Into::into).collect();
        let (start, frame) = Start::of(&prompts)?;
        let templates = match (start.yours(), self.dev.first()) {
            (Some(yours), Some(row)) => {
                let whole = frame.around(yours);
                self.templates.with_default_messages(&whole, row).with_frame(frame)
            }
            _ => self.templates,
        };
        Self { start, templates, ..self }.checked()
    }

    /// The same task as this model is asked: a base model without messages, unless somebody worded them or an input is a conversation.
    pub(crate) fn asked_of(self, target: &dyn Model) -> Self {
        match target.abilities().base && !self.dev.iter().any(is_conversation) {
            true => Self { templates: self.templates.for_base(), ..self },
            false => self,
        }
    }

    /// The same task; where its inputs are conversations and nothing words the prompt, they go out as
    /// messages behind the instruction.
    fn with_conversations(self) -> Self {
        match self.dev.iter().find(|&row| is_conversation(row)) {
            Some(row) => {
                let templates = self.templates.with_default_messages("", row);
                Self { templates, ..self }
            }
            None => self,
        }
    }

    /// The same task, unless its prompt shows the expected output or names what a row does not have.
    fn checked(mut self) -> Result<Self> {
        let yours = self.start.yours().map(|yours| self.whole(yours)).unwrap_or_default();
        let names = self.templates.columns(&yours);
        self.refuse_shown_outputs(&names)?;
        for name in names.iter().filter(|name| *name != "input") {
            let has = |row: &&Example| field(&row.columns, name).is_some();
            let rows = || self.train.iter().chain(&self.dev).chain(&self.test);
            let note =
                format!("{{{{ {name} }}}} in the prompt names no column: it is sent as it stands");
            match (rows().filter(has).count(), rows().count()) {
                (0, _) if !self.notes.contains(&note) => self.notes.push(note),
                (count, all) if 0 < count && count < all => {
                    let lacking = counted(all - count, "row");
                    return Err(Error::data(format!(
                        "the prompt names the column \"{name}\", and it is missing in {lacking}"
                    ))
                    .with_help("fill it in; null stands for an empty text"));
                }
                _ => {}
            }
        }
        self.dev.first().map_or(Ok(()), |row| self.templates.check(row))?;
        self.refuse_without_rows(&names)?;
        self.note_foreign_placeholders(&yours);
        Ok(self)
    }

    /// Notes a column that the prompt names as other tools do: `{ticket}` or `${ticket}`.
    fn note_foreign_placeholders(&mut self, yours: &str) {
        for written in placeholders(yours).into_iter().filter(|it| !it.starts_with("{{")) {
            let name = written.trim_start_matches(['$', '{']).trim_end_matches('}');
            let is_column = self.dev.iter().any(|row| field(&row.columns, name).is_some());
            let note = format!(
                "{written} in the prompt is sent as it stands; {{{{ {name} }}}} would show the column"
            );
            if is_column && !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    /// Refuses a prompt that shows nothing of a row: all rows would be asked the same.
    fn refuse_without_rows(&self, names: &[String]) -> Result<()> {
        let shows = |row: &Example| {
            names.iter().any(|name| name == "input" || field(&row.columns, name).is_some())
        };
        if self.dev.first().is_none_or(shows) {
            return Ok(());
        }
        let message = "the prompt shows nothing of a row: all rows would be asked the same";
        Err(Error::configuration(message).with_help(
            "write {{ input }} where the input of a row stands, or the name of a column in its place",
        ))
    }

    /// The same task, what there is to doubt in its rows among the notes.
    fn with_doubts(mut self) -> Self {
        let yours = self.start.yours().map(|yours| self.whole(yours)).unwrap_or_default();
        let shown = self.templates.columns(&yours);
        self.notes.extend(doubts::doubts(&self, &shown));
        self
    }

    /// Refuses a prompt that names the column of the expected output, or a column that holds it.
    fn refuse_shown_outputs(&self, names: &[String]) -> Result<()> {
        let holds = |hidden: &str, name: &str| {
            hidden == name || hidden.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
        };
        let shown = names.iter().find(|name| self.hidden.iter().any(|hidden| holds(hidden, name)));
        shown.map_or(Ok(()), |name| {
            let message =
                format!("the prompt shows the column \"{name}\", which is the expected output");
            Err(Error::configuration(message)
                .with_help("leave it out of the prompt: the target would copy it"))
        })
    }

    /// The prompts that a person has in use.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// The whole prompt that an instruction is part of: what a person deploys.
    pub fn whole(&self, instruction: &str) -> String {
        self.templates.frame().around(instruction)
    }

    /// The same task, no instruction of which may hold eight words in a row of one of its rows.
    #[must_use]
    pub fn forbidding_copies(self) -> Self {
        Self { forbids_copies: true, ..self }
    }

    /// Whether an instruction that copies a row is dropped.
    pub fn forbids_copies(&self) -> bool {
        self.forbids_copies
    }

    /// Of each row of the task that an instruction copies, the first eight words in a row that they have in
    /// common, unless these stand in the person's own prompt.
    ///
    /// ```
    /// use motjuste::task::{Example, Task};
    /// let row = |input: &str| vec![Example::new(input, ["x"])];
    /// let dev = row("the courier went to the wrong door on Monday");
    /// let task = Task::new("t", row("a"), dev, row("c")).unwrap();
    /// assert!(task.copied("Sort tickets.").is_empty());
    /// assert_eq!(task.copied("If the courier went to the wrong door on Monday: late.").len(), 1);
    /// ```
    pub fn copied(&self, instruction: &str) -> Vec<String> {
        let rows = self.train.iter().chain(&self.dev).chain(&self.test);
        let known = self.start.yours().unwrap_or_default();
        copied::copied_of_rows(instruction, known, rows)
    }

    /// What the task is for, in the words of the person; empty where nothing is said.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What a chat model is told of the task: what it is for, what the target reads, how answers are scored;
    /// and no row.
    pub fn in_words(&self) -> String {
        let mut parts = vec![
            format!("What the model reads:\n{}", self.templates.layout()),
            format!("How its answers are scored: {}.", self.score.id()),
        ];
        if !self.description.trim().is_empty() {
            parts.insert(0, format!("What it is for: {}", self.description.trim()));
        }
        parts.extend(self.placeholders_in_words());
        parts.join("\n\n")
    }

    /// What a chat model must know of the placeholders in the prompt in use: it may not be shown that prompt.
    fn placeholders_in_words(&self) -> Option<String> {
        let kept = self.start.placeholders();
        (!kept.is_empty()).then(|| {
            format!(
                "Every instruction must hold, letter for letter, and each as often as here: {}. Something of each input \
                 is put in the place of what stands in double braces.",
                kept.join(", ")
            )
        })
    }

    /// The same task with words on what it is for: what a generator that is asked in words reads of it.
    #[must_use]
    pub fn described(self, description: impl Into<String>) -> Self {
        Self { description: description.into(), ..self }
    }

    /// The part of a whole prompt that may change: what [`Self::whole`] was made of; the prompt itself where it
    /// has nothing of what stands around.
    pub fn instruction_in<'a>(&self, whole: &'a str) -> &'a str {
        let frame = self.templates.frame();
        let inside =
            whole.strip_prefix(&*frame.before).and_then(|it| it.strip_suffix(&*frame.after));
        inside.unwrap_or(whole)
    }

    /// What was left out when the task was read, and what else there is to know of it.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The same task, these columns of its rows shown to no model that reads columns: those that hold the
    /// expected output. A nested field is named by its path, such as `expected.label`.
    #[must_use]
    pub fn hiding(self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { hidden: columns.into_iter().map(Into::into).collect(), ..self }
    }

    /// The columns that no model is shown.
    pub fn hidden(&self) -> &[String] {
        &self.hidden
    }

    /// The same task, its models asked otherwise.
    #[must_use]
    pub fn with_parameters(self, parameters: RoleParameters) -> Self {
        Self { parameters, ..self }
    }

    /// How models behind an API are asked, by role.
    pub fn parameters(&self) -> &RoleParameters {
        &self.parameters
    }

    /// A short name, used in file names.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How an answer is scored.
    pub fn score(&self) -> &Arc<dyn Score> {
        &self.score
    }

    /// Where demonstrations come from.
    pub fn train(&self) -> &[Example] {
        &self.train
    }

    /// What the search scores on.
    pub fn dev(&self) -> &[Example] {
        &self.dev
    }

    /// What nobody looks at before the choice is made.
    pub fn test(&self) -> &[Example] {
        &self.test
    }

    /// The examples of a split.
    pub fn split(&self, split: Split) -> &[Example] {
        match split {
            Split::Train => &self.train,
            Split::Dev => &self.dev,
            Split::Test => &self.test,
        }
    }

    /// What the models read.
    pub fn templates(&self) -> &Templates {
        &self.templates
    }

    /// A hash of the metric's data: every example of every split, in order.
    pub fn data_hash(&self) -> String {
        let splits = (&self.train, &self.dev, &self.test);
        // Serialising plain data to memory has no way to fail.
        blake3::hash(&serde_json::to_vec(&splits).unwrap_or_default()).to_hex()[..16].to_owned()
    }
}

/// The name becomes part of file names.
/// Whether the input of a row is a conversation.
fn is_conversation(row: &Example) -> bool {
    row.columns.get("input").and_then(conversation).is_some()
}

fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(plain) {
        return Ok(());
    }
    Err(Error::configuration(format!("the task name {name:?} cannot be used in a file name"))
        .with_help("use letters, digits, _ and -"))
}

/// The examples that a generator reads: draws from the train split, and nothing of dev or test; where there
/// is no train split, draws from what is scored on, as in OPRO's published tasks.
///
/// ```
/// use motjuste::task::{Demonstrations, Example, Task};
/// let example = |input: &str| Example::new(input, ["x"]);
/// let train = vec![example("a"), example("b")];
/// let task = Task::new("t", train, vec![example("c")], vec![example("d")]).unwrap();
/// assert_eq!(Demonstrations::of(&task, 5, 0).draw(0).len(), 2);
/// ```
#[derive(Debug, Clone)]
pub struct Demonstrations {
    examples: Vec<Example>,
    count: usize,
    streams: Streams,
}

impl Demonstrations {
    /// Draws of `count` examples of a task (or all, if fewer) in a study with this seed.
    pub fn of(task: &Task, count: usize, seed: u64) -> Self {
        let examples = if task.train.is_empty() { &task.dev } else { &task.train };
        Self { examples: examples.clone(), count, streams: Streams::new(seed) }
    }

    /// The demonstrations of draw number `draw`: distinct examples in random order.
    pub fn draw(&self, draw: u64) -> Vec<Example> {
        let mut stream = self.streams.stream("demonstrations", draw);
        let count = self.count.min(self.examples.len());
        let chosen = rand::seq::index::sample(&mut stream, self.examples.len(), count);
        chosen.iter().map(|index| self.examples[index].clone()).collect()
    }
}
