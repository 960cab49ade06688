//! The right to run a study, as a lock on a file beside the store.
//!
//! The operating system frees the lock when its process ends, however it ends; no clock has a say in it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use motjuste::error::Setting;
use motjuste::storage::{Holder, Lease, being_run, lost};
use motjuste::{Error, Result};

/// How long to wait for the name of a holder that has just taken its lease, and for one who only looks at it.
const GLANCES: [Duration; 3] =
    [Duration::from_millis(1), Duration::from_millis(10), Duration::from_millis(50)];

/// A lock on a file, which names its holder.
struct Locked {
    study: String,
    path: PathBuf,
    file: File,
}

/// Takes the lease of `study` in the store at `store`.
pub(super) fn take(store: &Path, study: &str, holder: &Holder) -> Result<impl Lease + use<>> {
    let path = place(store, study);
    let file = lock_patiently(&path).map_err(|error| unusable(&path, error))?;
    let Some(mut file) = file else { return Err(being_run(study, read(&path).as_ref())) };
    name(&mut file, holder).map_err(|error| unusable(&path, error))?;
    Ok(Locked { study: study.to_owned(), path, file })
}

/// Whether a process has the lease of `study`. Who looks at a file that a killed process left has it for a moment.
pub(super) fn is_taken(store: &Path, study: &str) -> bool {
    let file = File::open(place(store, study));
    file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Beside the store, wherever a link to it lies; any name of a study fits.
fn place(store: &Path, study: &str) -> PathBuf {
    let store = fs::canonicalize(store).unwrap_or_else(|_| store.to_owned());
    let mut path = store.into_os_string();
    path.push(format!("-lease-{}", &blake3::hash(study.as_bytes()).to_hex()[..16]));
    path.into()
}

/// The file, locked; none where another keeps the lock.
fn lock_patiently(path: &Path) -> io::Result<Option<File>> {
    for pause in GLANCES {
        if let Some(file) = lock(path)? {
            return Ok(Some(file));
        }
        std::thread::sleep(pause);
    }
    lock(path)
}

/// The file, locked; none while another has the lock.
fn lock(path: &Path) -> io::Result<Option<File>> {
    loop {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            // Whoever had it may have removed the file between our opening and our locking it.
            Ok(()) if !is_at(&file, path) => {}
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Whether this is still the file of that name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let same = |ours: fs::Metadata, theirs: fs::Metadata| {
        ours.dev() == theirs.dev() && ours.ino() == theirs.ino()
    };
    file.metadata().is_ok_and(|ours| fs::metadata(path).is_ok_and(|theirs| same(ours, theirs)))
}

/// An open file keeps its name there.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

fn name(file: &mut File, holder: &Holder) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&serde_json::to_vec(holder)?)
}

/// Who has it, as far as it can be read.
fn read(path: &Path) -> Option<Holder> {
    GLANCES.iter().find_map(|pause| {
        std::thread::sleep(*pause);
        let mut text = String::new();
        File::open(path).ok()?.read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    })
}

fn unusable(path: &Path, error: io::Error) -> Error {
    Error::storage(format!("cannot lock {}: {error}", path.display()))
        .with_help("use a store in a folder that you can write to, on a disk that locks files")
        .with_setting(Setting::Store)
        .with_source(error)
}

impl Lease for Locked {
    fn check(&self) -> Result<()> {
        match is_at(&self.file, &self.path) {
            true => Ok(()),
            false => Err(lost(&self.study, &format!("{} was removed", self.path.display()))),
        }
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // Still locked, so nobody else has it; what is left behind would do no harm.
        if cfg!(unix) && is_at(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}
