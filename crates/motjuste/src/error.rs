//! One error for the whole library: a kind to branch on, a sentence to read, a next step to take.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::stop_reason::StopReason;

/// The result of everything in motjuste that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong and what to do about it.
///
/// Callers branch on the predicates (`is_data`, `is_budget`, …); people read [`fmt::Display`] and
/// [`Error::help`].
///
/// ```
/// use motjuste::Error;
/// let error = Error::data("dev.jsonl, line 3: expected a JSON object").with_help("fix the line");
/// assert!(error.is_data());
/// assert_eq!(error.help(), Some("fix the line"));
/// ```
#[derive(Debug, Clone)]
pub struct Error {
    kind: Kind,
    message: String,
    help: Option<String>,
    setting: Option<Box<Setting>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    attempt: Attempt,
}

/// A setting of a study or a command that mends an error when it is changed. Front ends know how theirs is
/// called.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Setting {
    /// Where studies and responses are kept.
    Store,
    /// Where a result's files go.
    Folder,
    /// A line of the budget.
    Budget(StopReason),
    /// Which kept responses answer in place of a call.
    Cache,
    /// Which interface of a server the target is asked through.
    TargetInterface,
    /// The prices of models.
    Prices,
    /// The local twin of a served generator.
    Embedder,
    /// How long an answer may take.
    Timeout,
    /// Tokens that a reasoning model may take for thinking.
    ThinkingTokens,
    /// The largest number of tokens in an answer.
    AnswerTokens,
    /// How many calls are in flight.
    Concurrency,
    /// Fields of the request's body, and headers.
    Parameters,
    /// The certificates of authorities to trust besides the machine's own.
    CaFile,
    /// The encoding of a file of rows.
    Encoding,
    /// Whether a key may go to another machine without encryption.
    HttpKey,
    /// The file with variables of the environment.
    EnvFile,
    /// The task file, which can be written for this file of rows.
    TaskFile(std::path::PathBuf),
    /// The task, which can be made of this file of another tool.
    Import(&'static str, std::path::PathBuf),
    /// A setting of the method, and the value to give it.
    Method(&'static str, &'static str),
}

/// What a failed attempt means for the next one, and for the bill.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Attempt {
    is_transient: bool,
    is_given_up: bool,
    retry_after: Option<Duration>,
    may_be_billed: bool,
    is_of_one_request: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Configuration,
    Data,
    Model,
    /// With the line of the budget that a call would have crossed, where it was a call.
    Budget(Option<StopReason>),
    Storage,
    Output,
    Numerics,
    Interrupted,
}

impl Error {
    /// The request itself is wrong: an unknown key, method, metric or model.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(Kind::Configuration, message)
    }

    /// The task's data is missing or malformed.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(Kind::Data, message)
    }

    /// A model could not be loaded or did not answer.
    pub fn model(message: impl Into<String>) -> Self {
        Self::new(Kind::Model, message)
    }

    /// The budget does not allow the next step.
    pub fn budget(message: impl Into<String>) -> Self {
        Self::new(Kind::Budget(None), message)
    }

    /// A call would cross this line of the budget.
    pub(crate) fn cap(reason: StopReason) -> Self {
        Self::new(
            Kind::Budget(Some(reason)),
            format!("the budget allows no further call ({reason:?})"),
        )
        .with_help("run again with a larger budget; nothing paid for is lost")
        .with_setting(Setting::Budget(reason))
    }

    /// The store cannot be read or written.
    pub fn storage(message: impl Into<String>) -> Self {
        Self::new(Kind::Storage, message)
    }

    /// A result cannot be written where it was asked for.
    pub fn output(message: impl Into<String>) -> Self {
        Self::new(Kind::Output, message)
    }

    /// A computation has no answer: a matrix that no jitter makes positive definite.
    pub fn numerics(message: impl Into<String>) -> Self {
        Self::new(Kind::Numerics, message)
    }

    /// The person asked to stop; what was done so far is kept.
    pub fn interrupted() -> Self {
        Self::new(Kind::Interrupted, "interrupted; everything so far is kept")
            .with_help("run the same command again to go on from here")
    }

    fn new(kind: Kind, message: impl Into<String>) -> Self {
        let (message, attempt) = (message.into(), Attempt::default());
        Self { kind, message, help: None, setting: None, source: None, attempt }
    }

    /// Adds what the person should do next.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Names the setting to change, for a front end to word in its own way.
    ///
    /// ```
    /// use motjuste::error::Setting;
    /// use motjuste::Error;
    /// let error = Error::storage("the store is locked").with_help("use another store");
    /// assert_eq!(error.with_setting(Setting::Store).setting(), Some(&Setting::Store));
    /// ```
    #[must_use]
    pub fn with_setting(mut self, setting: Setting) -> Self {
        self.setting = Some(Box::new(setting));
        self
    }

    /// Keeps the error that caused this one.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let source: Box<dyn std::error::Error + Send + Sync> = source.into();
        self.source = Some(Arc::from(source));
        self
    }

    /// Says that the same request may succeed later, and not before `after` where that is known.
    ///
    /// ```
    /// use std::time::Duration;
    /// use motjuste::Error;
    /// let error = Error::model("429 Too Many Requests").transient(Some(Duration::from_secs(2)));
    /// assert!(error.is_transient() && !error.may_be_billed());
    /// assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
    /// ```
    #[must_use]
    pub fn transient(mut self, after: Option<Duration>) -> Self {
        self.attempt.is_transient = true;
        self.attempt.retry_after = after;
        self
    }

    /// Says that the model may have done the work, and charged for it, though no answer came.
    #[must_use]
    pub fn perhaps_billed(mut self) -> Self {
        self.attempt.may_be_billed = true;
        self
    }

    /// Says that only this request got no answer, and others may get theirs: a score that rests on it is
    /// missing, and the search goes on.
    ///
    /// ```
    /// use motjuste::Error;
    /// assert!(Error::model("the program crashed").of_one_request().is_of_one_request());
    /// ```
    #[must_use]
    pub fn of_one_request(mut self) -> Self {
        self.attempt.is_of_one_request = true;
        self
    }

    /// Adds to the sentence why there is no further attempt.
    #[must_use]
    pub(crate) fn given_up(mut self, why: &str) -> Self {
        self.message = format!("{}, {why}", self.message);
        (self.attempt.is_transient, self.attempt.is_given_up) = (false, true);
        self
    }

    /// Says where, in front of the sentence.
    #[must_use]
    pub(crate) fn within(mut self, place: &str) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// What to do next, when there is something to do.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The setting to change, where one helps.
    pub fn setting(&self) -> Option<&Setting> {
        self.setting.as_deref()
    }

    /// Whether another attempt may have succeeded, and there were enough: the server may answer later.
    pub fn is_given_up(&self) -> bool {
        self.attempt.is_given_up
    }

    /// Whether the same request may succeed later.
    pub fn is_transient(&self) -> bool {
        self.attempt.is_transient
    }

    /// How long to wait at least before the same request, where the model said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.attempt.retry_after
    }

    /// Whether the failed attempt may have been charged for.
    pub fn may_be_billed(&self) -> bool {
        self.attempt.may_be_billed
    }

    /// Whether only this request got no answer, and others may get theirs.
    pub fn is_of_one_request(&self) -> bool {
        self.attempt.is_of_one_request
    }

    /// Whether the request itself is wrong.
    pub fn is_configuration(&self) -> bool {
        self.kind == Kind::Configuration
    }

    /// Whether the task's data is wrong.
    pub fn is_data(&self) -> bool {
        self.kind == Kind::Data
    }

    /// Whether a model failed.
    pub fn is_model(&self) -> bool {
        self.kind == Kind::Model
    }

    /// Whether the budget forbids the next step.
    pub fn is_budget(&self) -> bool {
        matches!(self.kind, Kind::Budget(_))
    }

    /// The line of the budget that a call would have crossed: a loop that meets it ends for this reason.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use std::sync::Arc;
    /// use motjuste::budget::{Budget, Ledger, StopReason};
    /// use motjuste::calls::{CallPolicy, Calls};
    /// use motjuste::model::{Decoding, Model, Request, Scripted};
    /// use motjuste::storage::InMemory;
    ///
    /// let ledger = Arc::new(Ledger::new(Budget { target_calls: Some(0), ..Budget::default() }));
    /// let calls = Calls::new(Arc::new(InMemory::default()), ledger, "me", CallPolicy::default());
    /// let model = calls.target(Arc::new(Scripted::new("echo", |request| request.text())));
    /// let refused = model.answer(&Request::new("hi", Decoding::greedy(8))).await.unwrap_err();
    /// assert_eq!(refused.stop_reason(), Some(StopReason::TargetCalls));
    /// # });
    /// ```
    pub fn stop_reason(&self) -> Option<StopReason> {
        match self.kind {
            Kind::Budget(reason) => reason,
            _ => None,
        }
    }

    /// Whether the store failed.
    pub fn is_storage(&self) -> bool {
        self.kind == Kind::Storage
    }

    /// Whether a result could not be written.
    pub fn is_output(&self) -> bool {
        self.kind == Kind::Output
    }

    /// Whether the person asked to stop.
    pub fn is_interrupted(&self) -> bool {
        self.kind == Kind::Interrupted
    }

    /// Whether a computation has no answer.
    pub fn is_numerics(&self) -> bool {
        self.kind == Kind::Numerics
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
