//! A scratch folder with a task in it, and the binary to run there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A folder of its own for one test.
pub struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("task.toml"), task_file()).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// The binary with these arguments, and the consent that nobody is there to be asked for.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.unasked(arguments);
        let asks = ["run", "compare", "solve"].contains(arguments.first().unwrap_or(&""));
        let is_given = arguments.iter().any(|argument| ["--yes", "-y"].contains(argument));
        if asks && !is_given && arguments != ["solve"] {
            command.arg("--yes");
        }
        command
    }

    /// The binary with these arguments and no others.
    pub fn unasked(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_motjuste"));
        command.current_dir(self.folder.path()).args(arguments).env_remove("MOTJUSTE_STORE");
        command
    }

    pub fn motjuste(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs and insists on an exit code; returns standard output.
    pub fn expect(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.motjuste(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs, insists on an exit code, and on words in the error and its help.
    pub fn refused(&self, code: i32, arguments: &[&str], words: &[&str]) {
        self.tells(code, arguments, words);
    }

    /// Runs, insists on an exit code, and on words beside the result.
    pub fn tells(&self, code: i32, arguments: &[&str], words: &[&str]) {
        let output = self.motjuste(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{said}");
        for word in words {
            assert!(said.contains(word), "{arguments:?} should say {word:?}:\n{said}");
        }
    }

    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

/// First letters of words: six train, six dev and eight test examples, inline.
pub fn task_file() -> String {
    let list = |words: &str| {
        let rows = words
            .split_whitespace()
            .map(|word| format!("  {{ input = \"{word}\", output = \"{}\" }},\n", &word[..1]));
        format!("[\n{}]", rows.collect::<String>())
    };
    format!(
        "name = \"first_letter\"\nmetric = \"induction_exact_match\"\n[data]\ntrain = {}\ndev = {}\ntest = {}\n",
        list("house river apple stone cloud paper"),
        list("tiger lemon bread glass window garden"),
        list("mirror bottle candle pocket winter summer orange silver"),
    )
}

/// Arguments of a study small enough for a test.
pub const SMALL: &[&str] = &[
    "run",
    "task.toml",
    "--generator",
    "embedded",
    "--budget-trials",
    "16",
    "--set",
    "pool.size=48",
    "--out",
    "out",
];

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A result without what differs from run to run.
pub fn without_time(mut result: Value) -> Value {
    result.as_object_mut().unwrap().remove("wall_s");
    result
}
