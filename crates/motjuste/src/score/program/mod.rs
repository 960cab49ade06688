//! A metric that is a program: one JSON line in for each answer, one out for each score.

mod run;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use async_trait::async_trait;

use super::{Answer, Score, Verdict};
use crate::counted::counted;
use crate::example::{Columns, Example};
use crate::metric::Expects;
use crate::model::Model;
use crate::{Error, Result, fingerprint};
use run::{Fault, Run, run};

/// Programs of one task that run at the same time.
const AT_ONCE: usize = 4;

/// How long a program may take for the answers of one instruction, unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(300);

/// The most bytes that a program may write: so many, and so many more for each answer.
const OUTPUT: u64 = 1 << 20;
const OUTPUT_OF_ONE: u64 = 64 << 10;

/// The characters of a line that is no score which are shown.
const SHOWN: usize = 200;

/// The most bytes of a feedback that are kept.
const FEEDBACK: usize = 4000;

/// A program that scores answers.
///
/// It is started for every instruction. It reads lines of
/// `{"input": …, "answer": …, "accepted": […], "columns": {…}}` and writes as many lines, in order, each of them
/// one of
///
/// | line | meaning |
/// |---|---|
/// | `0.5` | the score, from 0 to 1, or to the scale |
/// | `true`, `false` | right, wrong |
/// | `{"score": 0.5, "feedback": "…", "parts": {"facts": 1}}` | a score with what there is to say, and what it is made of, on the same scale; only the score must be there |
/// | `{"missing": "…"}`, `null` | no score, and why |
///
/// What it writes to its error output is shown when it fails. It ends with everything that it started, and
/// after [`Program::with_timeout`] at the latest.
#[derive(Debug, Clone)]
pub struct Program {
    program: String,
    arguments: Vec<String>,
    folder: PathBuf,
    files: String,
    scale: f64,
    patience: Duration,
    room: Arc<Semaphore>,
}

#[derive(Serialize)]
struct Line<'a> {
    input: &'a str,
    answer: &'a str,
    accepted: &'a [String],
    columns: &'a Columns,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number, true, false, null, or an object")]
enum Written {
    Truth(bool),
    Number(Option<f64>),
    Missing(Missing),
    Object(Scored),
}

/// No score, and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Missing {
    missing: String,
}

/// A score with more to it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scored {
    /// It must be there, and may be null.
    #[serde(deserialize_with = "Option::deserialize")]
    score: Option<Points>,
    feedback: Option<String>,
    #[serde(default)]
    parts: Option<BTreeMap<String, f64>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Points {
    Truth(bool),
    Number(f64),
}

impl Written {
    /// The verdict on this scale.
    fn verdict(self, scale: f64) -> Verdict {
        let truth = |is_right: bool| Verdict::from(is_right);
        match self {
            Self::Truth(is_right) => truth(is_right),
            Self::Number(score) => {
                Verdict { score: score.map(|it| it / scale), ..Verdict::default() }
            }
            Self::Missing(Missing { missing }) => Verdict::missing(clipped(missing)),
            Self::Object(Scored { score, feedback, parts }) => {
                let verdict = match score {
                    Some(Points::Truth(is_right)) => truth(is_right),
                    Some(Points::Number(score)) => Verdict::from(score / scale),
                    None => Verdict::default(),
                };
                let parts = parts.unwrap_or_default().into_iter();
                let parts = parts.map(|(name, part)| (name, part / scale)).collect();
                Verdict { feedback: feedback.map(clipped), parts, ..verdict }
            }
        }
    }
}

/// A text of at most so many bytes, cut between characters.
fn clipped(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(FEEDBACK));
    text
}

impl Program {
    /// The program and arguments of `words`, run in `folder`. Words that name files there are part
    /// of the metric: when such a file changes, it is another metric.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when there is no word.
    pub fn new(words: Vec<String>, folder: &Path) -> Result<Self> {
        // The folder of a file without one is the present one.
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let files = fingerprint::files(&words, folder);
        let mut words = words.into_iter();
        let program = words.next().ok_or_else(|| {
            Error::configuration("the metric's command is empty")
                .with_help("give a program and its arguments, such as [\"python3\", \"score.py\"]")
        })?;
        let room = Arc::new(Semaphore::new(AT_ONCE));
        let arguments = words.collect();
        let (folder, scale) = (folder.to_owned(), 1.0);
        Ok(Self { program, arguments, folder, files, scale, patience: PATIENCE, room })
    }

    /// The same program, whose perfect answer has the score `scale` instead of 1.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when that is not a number above 0.
    ///
    /// ```
    /// use motjuste::score::Program;
    /// let program = Program::new(vec!["sh".into(), "score.sh".into()], ".".as_ref()).unwrap();
    /// assert!(program.clone().with_scale(100.0).is_ok());
    /// assert!(program.with_scale(-1.0).is_err());
    /// ```
    pub fn with_scale(self, scale: f64) -> Result<Self> {
        super::check_scale(scale)?;
        Ok(Self { scale, ..self })
    }

    /// The same program, which may take so long for the answers of one instruction; 300 seconds by default.
    /// How long it takes is no part of what it is.
    #[must_use]
    pub fn with_timeout(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    fn words(&self) -> Vec<&str> {
        std::iter::once(&self.program).chain(&self.arguments).map(String::as_str).collect()
    }

    async fn score_all(&self, answers: &[Answer<'_>]) -> Result<Vec<Verdict>> {
        // The semaphore is never closed, so a permit always comes.
        let _permit = self.room.acquire().await.ok();
        let (input, most) = (lines(answers)?, OUTPUT + OUTPUT_OF_ONE * answers.len() as u64);
        let Self { program, arguments, folder, patience, .. } = self;
        match run(program, arguments, folder, &input, *patience, most).await {
            Ok(run) if run.status.success() => self.read(&run, answers.len()),
            Ok(Run { status, said, .. }) => {
                Err(self.fault(&format!("failed with {status}"), &said))
            }
            Err(fault) => Err(self.failed(&fault)),
        }
    }

    /// A run that came to nothing.
    fn failed(&self, fault: &Fault) -> Error {
        match fault {
            Fault::Absent(what, error) => self.fault(&format!("{what}: {error}"), ""),
            Fault::Endless => self.fault("wrote more than any scores are, and was ended", ""),
            Fault::Interrupted => Error::interrupted(),
            Fault::Late(said) => {
                let what =
                    format!("took longer than {} s, and was ended", self.patience.as_secs_f64());
                self.fault(&what, said).with_help(
                    "give it more time with timeout = SECONDS beside its command, or mend it; what was \
                     paid for is kept",
                )
            }
        }
    }

    fn read(&self, run: &Run, expected: usize) -> Result<Vec<Verdict>> {
        let text = String::from_utf8_lossy(&run.output);
        let scores: Vec<Verdict> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| self.verdict(line, &run.said))
            .collect::<Result<_>>()?;
        if scores.len() == expected {
            return Ok(scores);
        }
        let (scores, answers) = (counted(scores.len(), "score"), counted(expected, "answer"));
        let what = format!("wrote {scores} for {answers}");
        Err(self.fault(&what, &run.said))
    }

    fn verdict(&self, line: &str, said: &str) -> Result<Verdict> {
        let written: Written =
            serde_json::from_str(line).map_err(|error| self.no_score(line, &error, said))?;
        let verdict = written.verdict(self.scale);
        let mut numbers = verdict.score.iter().chain(verdict.parts.values());
        match numbers.all(|number| (0.0..=1.0).contains(number)) {
            true => Ok(verdict),
            false => Err(self.no_score(line, &"outside of the scale", said)),
        }
    }

    fn no_score(&self, line: &str, why: &dyn Display, said: &str) -> Error {
        let short: String = line.chars().take(SHOWN).collect();
        self.fault(&format!("wrote {short:?}, which is no score ({why})"), said)
    }

    fn fault(&self, what: &str, said: &str) -> Error {
        Error::data(format!("the metric `{}` {what}{said}", self.words().join(" "))).with_help(
            format!(
                "it reads JSON lines {{input, answer, accepted, columns}} and writes as many lines: a \
                 number from 0 to {}, true or false, {{\"score\", \"feedback\", \"parts\"}} or \
                 {{\"missing\"}}; what was paid for is kept, so mend it and run again",
                self.scale
            ),
        )
    }
}

#[async_trait]
impl Score for Program {
    fn id(&self) -> String {
        let scale =
            if self.scale == 1.0 { String::new() } else { format!(", scale {}", self.scale) };
        format!("command {:?}, files {}{scale}", self.words(), self.files)
    }

    fn expects(&self) -> Expects {
        Expects::NOTHING
    }

    async fn score(&self, answers: &[Answer<'_>], _: Option<&dyn Model>) -> Result<Vec<Verdict>> {
        self.score_all(answers).await
    }
}

fn lines(answers: &[Answer<'_>]) -> Result<String> {
    let line = |a: &Answer<'_>| {
        let Example { input, outputs: accepted, columns } = a.example;
        let line = Line { input, answer: a.text, accepted, columns };
        serde_json::to_string(&line)
            .map(|line| line + "\n")
            .map_err(|error| Error::data(format!("an answer cannot be written as JSON: {error}")))
    };
    answers.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn score(script: &str, answers: &[&str]) -> Result<Vec<f64>> {
        let words = ["sh", "-c", script].map(str::to_owned).to_vec();
        let metric = Program::new(words, Path::new("."))?;
        let example = Example::new("a \"b\"\n", ["x", "y"]);
        let answered: Vec<_> = answers.iter().map(|answer| Answer::to(&example, answer)).collect();
        let verdicts = metric.score(&answered, None).await?;
        Ok(verdicts.into_iter().map(|verdict| verdict.score.unwrap_or(-1.0)).collect())
    }

    #[tokio::test]
    async fn a_program_scores_line_by_line() {
        let script = r#"while read -r line; do case "$line" in *'"answer":"x"'*) echo 1;; *) echo '{"score": 0.25}';; esac; done"#;
        assert_eq!(score(script, &["x", "z", "x"]).await.unwrap(), [1.0, 0.25, 1.0]);
    }

    #[tokio::test]
    async fn a_program_may_say_why_and_may_have_no_score() {
        let script = r#"cat >/dev/null; echo '{"score": 0.5, "feedback": "long", "parts": {"a": 1}}'; echo null"#;
        let metric = Program::new(["sh", "-c", script].map(str::to_owned).to_vec(), Path::new("."));
        let example = Example::new("a", ["x"]);
        let answers = ["y", "z"].map(|answer| Answer::to(&example, answer));
        let verdicts = metric.unwrap().score(&answers, None).await.unwrap();
        assert_eq!(verdicts[0].feedback.as_deref(), Some("long"));
        assert_eq!((verdicts[0].parts["a"], verdicts[1].score), (1.0, None));
    }

    async fn verdict(script: &str, scale: f64) -> Result<Verdict> {
        let words = ["sh", "-c", script].map(str::to_owned).to_vec();
        let metric = Program::new(words, Path::new("."))?.with_scale(scale)?;
        let columns = serde_json::json!({ "tone": "kind" });
        let row = Example::new("a", ["x"]).with_columns(columns.as_object().unwrap().clone());
        Ok(metric.score(&[Answer::to(&row, "y")], None).await?.remove(0))
    }

    #[tokio::test]
    async fn every_form_of_a_line_is_read_on_its_scale() {
        let said = async |line: &str, scale| {
            verdict(&format!("cat >/dev/null; echo '{line}'"), scale).await.unwrap()
        };
        assert_eq!(said("true", 100.0).await.score, Some(1.0));
        assert_eq!(said("false", 1.0).await.score, Some(0.0));
        assert_eq!(said("50", 100.0).await.score, Some(0.5));
        assert_eq!(said("{\"score\": true}", 5.0).await.score, Some(1.0));
        let whole =
            said("{\"score\": 40, \"feedback\": null, \"parts\": {\"a\": 80}}", 100.0).await;
        assert_eq!((whole.score, whole.parts["a"], whole.feedback), (Some(0.4), 0.8, None));
        let missing = said("{\"missing\": \"no network\"}", 1.0).await;
        assert_eq!((missing.score, missing.feedback.as_deref()), (None, Some("no network")));
    }

    #[tokio::test]
    async fn unknown_keys_and_numbers_off_the_scale_are_refused() {
        for line in [
            "{\"score\": 1, \"reason\": \"x\"}",
            "{\"missing\": \"x\", \"score\": 1}",
            "{\"score\": 101}",
            "{\"feedback\": \"x\"}",
            "{\"score\": 1, \"parts\": {\"a\": 101}}",
            "\"1\"",
        ] {
            let error =
                verdict(&format!("cat >/dev/null; echo '{line}'"), 100.0).await.unwrap_err();
            assert!(
                error.is_data() && error.help().unwrap().contains("0 to 100"),
                "{line} {error}"
            );
        }
    }

    #[tokio::test]
    async fn columns_go_in_and_long_feedback_is_cut_between_characters() {
        let script = r#"read -r line; case "$line" in *'"columns":{"tone":"kind"}'*) ;; *) exit 3;; esac
            printf '{"score": 0, "feedback": "a'; for i in $(seq 1000); do printf 'éééé'; done; echo '"}'"#;
        let feedback = verdict(script, 1.0).await.unwrap().feedback.unwrap();
        assert_eq!(feedback.len(), FEEDBACK - 1);
    }

    #[tokio::test]
    async fn thousands_of_answers_do_not_block_the_pipe() {
        let long = "z".repeat(200);
        let answers = vec![&long[..]; 3000];
        assert_eq!(score("sed 's/.*/0/'", &answers).await.unwrap().len(), 3000);
    }

    #[tokio::test]
    async fn every_way_to_fail_is_told_with_what_the_program_said() {
        let failed = |script: &'static str| async move {
            let error = score(script, &["x", "y"]).await.unwrap_err();
            assert!(error.is_data() && error.help().is_some());
            error.to_string()
        };
        assert!(failed("echo no module >&2; exit 3").await.ends_with("exit status: 3: no module"));
        assert!(failed("cat >/dev/null; echo 1").await.contains("1 score for 2 answers"));
        assert!(failed("cat >/dev/null; echo 1; echo 1.5").await.contains("\"1.5\""));
        assert!(failed("cat >/dev/null; echo 1; echo NaN").await.contains("NaN"));
        let absent = Program::new(vec!["no-such-program".into()], Path::new(".")).unwrap();
        assert!(
            absent.score(&[], None).await.unwrap_err().to_string().contains("cannot be started")
        );
    }

    #[test]
    fn a_changed_script_is_another_metric() {
        let folder = tempfile::tempdir().unwrap();
        let identity = |content: &str| {
            std::fs::write(folder.path().join("score.sh"), content).unwrap();
            let words = vec!["sh".into(), "score.sh".into()];
            Program::new(words, folder.path()).unwrap().id()
        };
        assert_ne!(identity("echo 1"), identity("echo 0"));
    }
}
