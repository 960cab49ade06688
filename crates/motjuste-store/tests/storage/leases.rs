//! A lease ends with its process, however that ends; and who asks meanwhile is told who has it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use motjuste::storage::Journal;
use motjuste_store::{Address, SqliteStore, open};

use crate::server::server;
use crate::sqlite::place;

const STORE: &str = "MOTJUSTE_TEST_LEASE";

/// Not a test: a process that runs a study for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a process that other tests start"]
async fn child() {
    let Ok(address) = std::env::var(STORE) else { return };
    let store = open(&Address::parse(address.as_ref()).unwrap()).await.unwrap();
    let lease = store.lease("antonyms").await.unwrap();
    println!("held;");
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if lease.check().is_err() {
            println!("lost;");
            return;
        }
    }
}

/// A process that has the lease.
fn holder(address: &str) -> (Child, impl Iterator<Item = String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "leases::child", "--ignored", "--nocapture"])
        .env(STORE, address)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.ends_with("held;")), "it never had the lease");
    (child, lines)
}

async fn a_killed_process_gives_it_back(address: &str) {
    let (mut child, _) = holder(address);
    let store = open(&Address::parse(address.as_ref()).unwrap()).await.unwrap();
    let error = store.lease("antonyms").await.err().unwrap();
    let who = format!("process {} on ", child.id());
    assert!(error.is_storage() && error.to_string().contains(&who), "{error}");
    assert!(error.help().unwrap().contains("nothing was asked or paid"));
    store.lease("another study").await.unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    store.lease("antonyms").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_gives_its_lease_back_at_once() {
    let (_folder, path) = place();
    a_killed_process_gives_it_back(path.to_str().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn a_killed_process_gives_its_lease_back_at_once_on_a_server() {
    a_killed_process_gives_it_back(&server().fresh()).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "waits for half a minute"]
async fn a_process_that_is_not_heard_of_loses_its_lease_and_notices() {
    let address = server().fresh();
    let (mut child, mut lines) = holder(&address);
    let signal = |name: &str| {
        assert!(
            Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success()
        );
    };
    signal("-STOP");
    let store = open(&Address::parse(address.as_ref()).unwrap()).await.unwrap();
    assert!(store.lease("antonyms").await.is_err());
    tokio::time::sleep(Duration::from_secs(40)).await;
    let lease = store.lease("antonyms").await.unwrap();
    signal("-CONT");
    assert!(lines.any(|line| line.ends_with("lost;")));
    lease.check().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn a_lease_leaves_no_file_and_holds_through_a_link() {
    let (folder, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let lease = store.lease("antonyms").await.unwrap();
    #[cfg(unix)]
    {
        let link = folder.path().join("link.sqlite");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let other = SqliteStore::open(&link).await.unwrap();
        assert!(other.lease("antonyms").await.is_err());
        other.close().await.unwrap();
        std::fs::remove_file(link).unwrap();
    }
    drop(lease);
    store.close().await.unwrap();
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_lease_whose_file_is_removed_is_lost() {
    let (folder, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let lease = store.lease("antonyms").await.unwrap();
    for file in folder.path().read_dir().unwrap().flatten() {
        if file.file_name().to_string_lossy().contains("-lease-") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    let error = lease.check().unwrap_err();
    assert!(error.to_string().contains("was lost"), "{error}");
    let second = store.lease("antonyms").await.unwrap();
    drop(lease);
    second.check().unwrap();
    assert!(store.lease("antonyms").await.is_err(), "the first took the second's file along");
}
