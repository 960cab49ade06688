//! Task files, with the files that they name.

use motjuste::task::load;

use crate::memory::{folder, parts};

/// Three texts: the task file, `rows.csv`, `prompt.txt`.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let [task, rows, prompt] = parts::<3>(&text);
    let folder = folder(&[
        ("task.toml", task.as_bytes()),
        ("rows.csv", rows.as_bytes()),
        ("prompt.txt", prompt.as_bytes()),
    ]);
    if let Ok(task) = load(&folder.join("task.toml")) {
        let row = &task.dev()[0];
        let _ = task.in_words();
        let _ = task.copied("eight words in a row of one of its rows");
        let _ = task.templates().prompt("Answer.", row);
    }
}
