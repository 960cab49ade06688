//! Programs as models: an application, an agent, a pipeline, asked over pipes.
//!
//! A process is started when there is a question for it, asked one question at a time, and kept for the
//! next. One that crashes, is silent for too long or writes what is no reply is ended; the next question
//! starts another.

mod pool;
mod process;
mod stderr;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::join_all;
use motjuste::model::{Abilities, Completion, Model, Request};
use motjuste::usage::Usage;
use motjuste::{Error, Result, fingerprint};

use crate::endpoint::Timeouts;
use crate::environment::Environment;
use crate::habits::Habits;
use crate::notice::Notices;
use crate::protocol::{Unread, program, to_json};
use crate::tidy::Answered;
use pool::Pool;
use process::{Fault, Launch};

/// Processes of a program, unless more are asked for.
const PROCESSES: usize = 8;

const HELP: &str = "a program reads a line of JSON with `instruction`, `columns` and `messages`, and writes a \
                    line {\"answer\": TEXT} or {\"error\": TEXT, \"retry\": true}; whatever else it has to say \
                    goes to its error output";

/// How a program is run.
#[derive(Debug, Clone)]
pub struct ProgramSettings {
    /// The most processes at the same time, each with one question.
    pub processes: usize,
    /// How long a question may take, the start of a process included.
    pub timeout: Duration,
    /// What the program finds in its environment beside that of this process.
    pub environment: Environment,
    /// Who hears of what its answers turned out to be like.
    pub notices: Notices,
}

impl Default for ProgramSettings {
    fn default() -> Self {
        let (timeout, environment) = (Timeouts::default().total, Environment::default());
        Self { processes: PROCESSES, timeout, environment, notices: Notices::default() }
    }
}

/// A program as a model: a pool of processes that read questions and write answers, a line of JSON each.
///
/// It is asked `{"id", "instruction", "columns", "messages", "prompt", "max_tokens", "temperature", "draw"}`
/// and answers `{"answer": text}`, with `"usage": {"input_tokens", "output_tokens"}` and `"finish_reason"`
/// where it knows them, or `{"error": text, "retry": true}`. A question without an answer is an
/// [error of one request](Error::is_of_one_request), told with the last lines of the program's error output.
///
/// ```no_run
/// use motjuste::model::{Decoding, Model, Request};
/// use motjuste_remote::{ProgramModel, ProgramSettings};
/// # async fn ask() -> motjuste::Result<()> {
/// let model = ProgramModel::open("python3 app.py", &ProgramSettings::default())?;
/// let answer = model.answer(&Request::new("The opposite of hot is", Decoding::greedy(8))).await?;
/// println!("{}", answer.text);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ProgramModel {
    id: String,
    command: String,
    pool: Pool,
    timeout: Duration,
    environment: Environment,
    notices: Notices,
    habits: Habits,
    questions: AtomicU64,
}

impl ProgramModel {
    /// The program and arguments in `command`, quoted as in a shell, run in the present folder by no shell.
    /// Nothing is started yet. Words that name files are part of the model: when such a file changes, it is
    /// another one.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when there is no program, or a quote is open.
    pub fn open(command: &str, settings: &ProgramSettings) -> Result<Self> {
        let words = shlex::split(command).filter(|words| !words.is_empty()).ok_or_else(|| {
            Error::configuration(format!("`{command}` is no command"))
                .with_help("write a program and its arguments, such as command:python3 app.py")
        })?;
        let files = fingerprint::files(&words, Path::new("."));
        let id = format!("command {words:?}, files {files}");
        let environment = settings.environment.clone();
        let launch = Launch { words, variables: environment.added().to_vec() };
        let pool = Pool::new(launch, settings.processes);
        let (command, timeout) = (command.trim().to_owned(), settings.timeout);
        let (notices, habits) = (settings.notices.clone(), Habits::default());
        let questions = AtomicU64::new(1);
        Ok(Self { id, command, pool, timeout, environment, notices, habits, questions })
    }

    async fn one(&self, request: &Request) -> Result<Completion> {
        let id = self.questions.fetch_add(1, Ordering::Relaxed);
        let mut line = to_json(&program::Ask::new(request, Some(id)))?;
        line.push(b'\n');
        let read = |reply: &[u8]| program::read(reply, Some(id), request.worst_case());
        match self.pool.ask(&line, self.timeout, read).await {
            Ok(Ok(completion)) => Ok(self.tidied(completion, request.worst_case())),
            Ok(Err((said, retry))) => Err(self.reported(&said, retry)),
            Err(fault) => Err(self.failed(&fault)),
        }
    }

    /// An answer as it may be kept, which could use `worst` at the most.
    fn tidied(&self, answer: Completion, worst: Usage) -> Completion {
        let who = format!("the program `{}`", self.command);
        let (habits, notices) = (&self.habits, &self.notices);
        let answered = Answered { who: &who, habits, notices, worst };
        answered.tidied(answer, |text| self.environment.censored(text))
    }

    /// The program is well and says that it has no answer.
    fn reported(&self, said: &str, retry: bool) -> Error {
        let said = self.environment.redact(said);
        let error = Error::model(format!("the program `{}` reported: {said}", self.command))
            .with_help("mend what the program names; what was paid for is kept")
            .perhaps_billed()
            .of_one_request();
        if retry { error.transient(None) } else { error }
    }

    fn failed(&self, fault: &Fault) -> Error {
        let message = self.environment.redact(&format!("the program `{}` {fault}", self.command));
        match fault {
            Fault::Absent(_) => Error::configuration(message)
                .with_help("check the program's name and the folder that you are in"),
            _ => Error::model(message)
                .with_help(HELP)
                .transient(None)
                .perhaps_billed()
                .of_one_request(),
        }
    }
}

#[async_trait]
impl Model for ProgramModel {
    fn id(&self) -> &str {
        &self.id
    }

    fn abilities(&self) -> Abilities {
        Abilities { parts: true, ..Abilities::default() }
    }

    /// A program may call an API that sends a bill.
    fn is_remote(&self) -> bool {
        true
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        join_all(batch.iter().map(|request| self.one(request))).await
    }
}

/// What was read of a line: a completion, or what the program says went wrong and whether to try again.
type Told = Result<Completion, (String, bool)>;

/// A reply that is garbage is a fault; one that reports an error is none.
fn told(read: Result<Completion, Unread>) -> Result<Told, String> {
    match read {
        Ok(completion) => Ok(Ok(completion)),
        Err(Unread::Failed { said, retry }) => Ok(Err((said, retry))),
        Err(Unread::Malformed(why)) => Err(why),
        Err(Unread::Empty | Unread::Refused(_)) => Err("it holds no answer".to_owned()),
    }
}
