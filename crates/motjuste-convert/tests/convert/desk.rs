//! A folder with files of another tool, and the task that is made of them.

use std::path::{Path, PathBuf};

use motjuste::score::Answer;
use motjuste::task::{Example, Task, load};
use motjuste_convert::{Format, Imported, import};

/// A folder of its own for one test.
pub struct Desk(tempfile::TempDir);

impl Desk {
    /// A folder with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What is made of these files.
    pub fn import(&self, format: Option<Format>, names: &[&str]) -> Imported {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        import(format, &paths).unwrap()
    }

    /// What is made of these files, and the task that it is.
    pub fn task(&self, format: Option<Format>, names: &[&str]) -> (Imported, Task) {
        let imported = self.import(format, names);
        let folder = self.path("made");
        write(&folder, &imported);
        let task = load(&folder.join("task.toml"));
        let task = task.unwrap_or_else(|error| {
            panic!("{error}; {:?}\n{}", error.help(), imported.files["task.toml"])
        });
        (imported, task)
    }
}

fn write(folder: &Path, imported: &Imported) {
    std::fs::create_dir_all(folder).unwrap();
    for (name, text) in &imported.files {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

/// All rows of a task.
pub fn rows(task: &Task) -> Vec<&Example> {
    task.train().iter().chain(task.dev()).chain(task.test()).collect()
}

/// The scores of an answer to each row.
pub fn scores(task: &Task, answer: impl Fn(&Example) -> String) -> Vec<Option<f64>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let rows = rows(task);
    let texts: Vec<String> = rows.iter().map(|row| answer(row)).collect();
    let answers: Vec<Answer<'_>> =
        rows.iter().zip(&texts).map(|(row, text)| Answer::to(row, text)).collect();
    let verdicts = runtime.block_on(task.score().score(&answers, None)).unwrap();
    verdicts.into_iter().map(|verdict| verdict.score).collect()
}

/// The text of a column.
pub fn cell<'a>(row: &'a Example, name: &str) -> &'a str {
    row.columns[name].as_str().unwrap()
}

/// The prompt that the target reads for the first dev row, a line a message.
pub fn sent(task: &Task) -> String {
    let instruction = task.start().yours().unwrap_or_default();
    let prompt = task.templates().prompt(instruction, &task.dev()[0]).unwrap();
    prompt.text()
}

/// Whether a list of notes tells of something.
pub fn tells(notes: &[String], what: &str) -> bool {
    notes.iter().any(|note| note.contains(what))
}
