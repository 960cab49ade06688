//! Files that are never on a disk, and bytes that choose what is done with the rest.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

thread_local! {
    static FOLDER: OnceCell<PathBuf> = const { OnceCell::new() };
}

/// A folder of this thread in memory, where there is such a place, with these files in it.
pub fn folder(files: &[(&str, &[u8])]) -> PathBuf {
    let folder = FOLDER.with(|folder| folder.get_or_init(create).clone());
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).expect("the folder of the target can be written");
    }
    folder
}

fn create() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let name = format!("motjuste-fuzz-{}-{:?}", std::process::id(), std::thread::current().id());
    let folder = place.join(name.replace(['(', ')'], "-"));
    std::fs::create_dir_all(&folder).expect("a folder in memory");
    folder
}

/// The first byte, and what is behind it.
pub fn choice(data: &[u8]) -> (u8, &[u8]) {
    data.split_first().map_or((0, data), |(first, rest)| (*first, rest))
}

/// The parts of a text between lines of `%`; empty texts where there are fewer.
pub fn parts<const N: usize>(text: &str) -> [&str; N] {
    let mut parts = text.splitn(N, "\n%\n");
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}
