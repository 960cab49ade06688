//! Code blocks of a Markdown page, and the page without them.

use std::fs;
use std::path::Path;

/// A fenced block of code.
pub struct Block {
    pub language: String,
    /// What stands behind the language, such as `run` or `file=task.toml`.
    pub marks: Vec<String>,
    pub text: String,
    /// The page and the line that it begins in.
    pub place: String,
}

impl Block {
    pub fn is(&self, mark: &str) -> bool {
        self.marks.iter().any(|known| known == mark)
    }

    /// The value of a mark such as `file=task.toml`.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.marks.iter().find_map(|mark| mark.strip_prefix(name)?.strip_prefix('='))
    }
}

/// The blocks of a page, in order.
pub fn of(page: &Path) -> Vec<Block> {
    parts(page).1
}

/// The text of a page outside its blocks, line by line.
pub fn prose(page: &Path) -> Vec<(usize, String)> {
    parts(page).0
}

fn parts(page: &Path) -> (Vec<(usize, String)>, Vec<Block>) {
    let text = fs::read_to_string(page).unwrap();
    let name = page.file_name().unwrap().to_string_lossy().into_owned();
    let (mut prose, mut blocks, mut open) = (Vec::new(), Vec::new(), None::<Block>);
    for (index, line) in text.lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(info), None) => open = Some(begin(info, format!("{name}:{}", index + 1))),
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some(mut block)) => {
                block.text += line;
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => prose.push((index + 1, line.to_owned())),
        }
    }
    assert!(open.is_none(), "{name}: a block of code does not end");
    (prose, blocks)
}

fn begin(info: &str, place: String) -> Block {
    let mut words = info.trim().split(',').map(str::to_owned);
    let language = words.next().unwrap_or_default();
    Block { language, marks: words.collect(), text: String::new(), place }
}
