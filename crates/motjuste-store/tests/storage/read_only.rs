//! Stores that may only be read: by their permissions, and by their folder's.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use motjuste::storage::{Journal, Responses};
use motjuste_store::SqliteStore;

use crate::sample::{event, key, response};
use crate::server::{as_a_user, is_root};
use crate::sqlite::{filled, place};

const STORE: &str = "MOTJUSTE_TEST_READ_ONLY";

/// Not a test: reads as a user who may not write, and fails where that writes.
#[tokio::test]
#[ignore = "a process that other tests start"]
async fn child() {
    let Some(path) = std::env::var_os(STORE).map(PathBuf::from) else { return };
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert!(error.to_string().ends_with("cannot be opened for writing"), "{error}");
    assert!(error.help().is_some());
    let store = SqliteStore::open_to_read(&path).await.unwrap();
    assert_eq!(store.studies().await.unwrap(), ["antonyms"]);
    assert_eq!(store.events("antonyms").await.unwrap(), [event(0, "write the opposite")]);
    assert_eq!(store.recall(&key(0)).await.unwrap(), Some(response("antonyms", "cold")));
    let error = store.remember(&key(1), &response("antonyms", "hot")).await.unwrap_err();
    assert!(error.to_string().ends_with("was opened for reading alone"), "{error}");
    println!("read;");
}

/// Reads the store as a user whom permissions bind: the superuser may write to everything.
fn read_as_a_user(folder: &Path, store: &Path) {
    let program = folder.join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let arguments = ["--exact", "read_only::child", "--ignored", "--nocapture"];
    let mut command = as_a_user();
    let child = command.arg(&program).args(arguments).env(STORE, store).output().unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    let error = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success() && said.contains("read;"), "{said}\n{error}");
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_store_that_may_only_be_read_is_read() {
    let (folder, _) = place();
    allow(folder.path(), 0o755);
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let path = inner.join("store.sqlite");
    filled(&path).await;
    allow(&path, 0o444);
    if is_root() {
        // Where the folder may be written to, SQLite makes its log there.
        allow(&inner, 0o777);
        read_as_a_user(folder.path(), &path);
    }
    allow(&inner, 0o555);
    read_as_a_user(folder.path(), &path);
    allow(&inner, 0o755);
}
