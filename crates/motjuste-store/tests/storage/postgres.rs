//! What a store on a server does beyond the traits.

use std::sync::Arc;
use std::time::Duration;

use motjuste::storage::{Journal, Responses};
use motjuste_store::PostgresStore;
use sqlx::{Connection, PgConnection, query, query_scalar, raw_sql};
use tokio::task::JoinSet;

use crate::sample::{event, key, response};
use crate::server::server;

/// The database as any program sees it, with the tables of the store at this address in sight.
async fn sql(url: &str) -> PgConnection {
    let (plain, schema) = url.split_once("?schema=").unwrap();
    let mut connection = PgConnection::connect(plain).await.unwrap();
    query("SELECT set_config('search_path', $1, false)")
        .bind(schema)
        .execute(&mut connection)
        .await
        .unwrap();
    connection
}

/// A store with an event and a response.
async fn filled(url: &str) -> PostgresStore {
    let store = PostgresStore::open(url).await.unwrap();
    store.append("antonyms", 0, &event(0, "write the opposite")).await.unwrap();
    store.remember(&key(0), &response("antonyms", "cold")).await.unwrap();
    store
}

/// Ends the sessions of all stores in this schema.
async fn cut(url: &str) {
    let schema = url.split_once("?schema=").unwrap().1.to_owned();
    let mut connection = sql(url).await;
    let cut: i64 = query_scalar(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE application_name = $1 AND pid <> pg_backend_pid()",
    )
    .bind(format!("test {schema}"))
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert!(cut > 0, "nobody was connected");
}

/// The address of a new store whose sessions [`cut`] knows.
fn named() -> String {
    let url = server().fresh();
    let schema = url.split_once("?schema=").unwrap().1.to_owned();
    format!("{url}&application_name=test%20{schema}")
}

/// The same, without the name.
fn unnamed(url: &str) -> &str {
    url.split_once('&').unwrap().0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn what_was_kept_is_there_for_the_next_process() {
    let url = server().fresh();
    filled(&url).await.close().await.unwrap();
    let store = PostgresStore::open(&url).await.unwrap();
    assert_eq!(store.studies().await.unwrap(), ["antonyms"]);
    assert_eq!(store.events("antonyms").await.unwrap(), [event(0, "write the opposite")]);
    assert_eq!(store.recall(&key(0)).await.unwrap(), Some(response("antonyms", "cold")));
    store.close().await.unwrap();
    let error = store.studies().await.unwrap_err();
    assert!(error.to_string().ends_with("is closed"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn many_may_make_a_store_at_once_and_stores_share_a_database() {
    let url = server().fresh();
    let mut tasks = JoinSet::new();
    for number in 0..8 {
        let url = url.clone();
        tasks.spawn(async move {
            let store = PostgresStore::open(&url).await.unwrap();
            store.append(&format!("study {number}"), 0, &event(0, "one")).await.unwrap();
        });
    }
    tasks.join_all().await;
    assert_eq!(PostgresStore::open(&url).await.unwrap().studies().await.unwrap().len(), 8);
    let other = PostgresStore::open(&server().fresh()).await.unwrap();
    assert!(other.studies().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn a_second_process_is_told_who_runs_a_study() {
    let url = server().fresh();
    let (ours, theirs) = (filled(&url).await, PostgresStore::open(&url).await.unwrap());
    let held = ours.lease("antonyms").await.unwrap();
    let error = theirs.lease("antonyms").await.err().unwrap().to_string();
    let process = format!("is being run by process {} on ", std::process::id());
    assert!(error.contains(&process) && error.contains(", since 2"), "{error}");
    assert_eq!(theirs.events("antonyms").await.unwrap().len(), 1);
    let elsewhere = PostgresStore::open(&server().fresh()).await.unwrap();
    elsewhere.lease("antonyms").await.unwrap();
    drop(held);
    theirs.lease("antonyms").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn a_lease_whose_connection_breaks_is_lost_and_free() {
    let url = named();
    let store = filled(&url).await;
    let held = store.lease("antonyms").await.unwrap();
    held.check().unwrap();
    cut(unnamed(&url)).await;
    let lost = async {
        while held.check().is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), lost).await.unwrap();
    let error = held.check().unwrap_err();
    assert!(error.to_string().contains("the lease of the study antonyms was lost"), "{error}");
    let other = PostgresStore::open(&url).await.unwrap().lease("antonyms").await.unwrap();
    assert!(other.check().is_ok() && held.check().is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn what_is_written_while_connections_break_is_kept_once() {
    let url = named();
    let store = Arc::new(filled(&url).await);
    for round in 1..6 {
        cut(unnamed(&url)).await;
        store.append("antonyms", round, &event(round, "again")).await.unwrap();
        let mut tasks = JoinSet::new();
        for number in 0..50 {
            let (store, number) = (store.clone(), round * 50 + number);
            tasks.spawn(async move {
                store.remember(&key(number), &response("antonyms", "warm")).await.unwrap();
            });
        }
        tasks.join_all().await;
    }
    assert_eq!(store.events("antonyms").await.unwrap().len(), 6);
    for number in 50..300 {
        assert!(store.recall(&key(number)).await.unwrap().is_some(), "{number}");
    }
    let error = store.append("antonyms", 5, &event(5, "again")).await.unwrap_err();
    assert!(error.to_string().contains("already has event 5"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn two_processes_that_keep_the_same_responses_do_not_wait_for_each_other() {
    let url = server().fresh();
    let stores = [filled(&url).await, filled_again(&url).await].map(Arc::new);
    let mut tasks = JoinSet::new();
    for number in 0..400 {
        for (store, number) in stores.iter().cloned().zip([number, 399 - number]) {
            tasks.spawn(async move {
                store.remember(&key(number), &response("antonyms", "warm")).await.unwrap();
            });
        }
    }
    tasks.join_all().await;
}

async fn filled_again(url: &str) -> PostgresStore {
    PostgresStore::open(url).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn a_store_opened_for_reading_reads_and_writes_nothing() {
    let url = server().fresh();
    let error = PostgresStore::open_to_read(&url).await.unwrap_err();
    assert!(error.to_string().contains("there is no store at"), "{error}");
    filled(&url).await;
    let store = PostgresStore::open_to_read(&url).await.unwrap();
    assert_eq!(store.studies().await.unwrap(), ["antonyms"]);
    assert_eq!(store.recall(&key(0)).await.unwrap(), Some(response("antonyms", "cold")));
    let error = store.remember(&key(1), &response("antonyms", "hot")).await.unwrap_err();
    assert!(error.to_string().ends_with("was opened for reading alone"), "{error}");
    assert!(store.lease("antonyms").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn a_changed_text_is_noticed() {
    let url = server().fresh();
    let store = filled(&url).await;
    let mut connection = sql(&url).await;
    raw_sql(
        "UPDATE events SET body = replace(body, 'opposite', 'Opposite');
         UPDATE responses SET body = replace(body, 'cold', 'bold')",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    for error in
        [store.events("antonyms").await.unwrap_err(), store.recall(&key(0)).await.unwrap_err()]
    {
        assert!(error.to_string().contains("was changed since it was written"), "{error}");
    }
}

/// Opens what must not open.
async fn refused(url: &str, what: &str, help: &str) {
    let error = PostgresStore::open(url).await.unwrap_err();
    let said = format!("{error} · {}", error.help().unwrap_or_default());
    assert!(said.contains(what) && said.contains(help), "{said}");
    assert!(!format!("{said} {error:?}").contains("a-wonder"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn what_cannot_be_opened_says_why() {
    let server = server();
    let url = server.fresh();
    refused(&server.url("tester:wrong", "postgres"), "refuses the user tester", "PGPASSWORD").await;
    let away = url.replace("/postgres?", "/nowhere?");
    refused(&away, "there is no database nowhere", "createdb nowhere").await;
    refused("postgresql://me@127.0.0.1:1/work", "does not answer", "that the server runs").await;
    filled(&url).await;
    let mut connection = sql(&url).await;
    query("UPDATE format SET number = 7").execute(&mut connection).await.unwrap();
    refused(&url, "a newer motjuste (format 7, this program knows 2)", "update motjuste").await;
    query("DROP TABLE format").execute(&mut connection).await.unwrap();
    refused(&url, "holds other tables", "?schema=NAME").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn a_user_who_may_not_write_is_told_and_may_read() {
    let url = server().fresh();
    filled(&url).await;
    let schema = url.split_once("?schema=").unwrap().1;
    let mut connection = sql(&url).await;
    let grant = format!(
        "CREATE ROLE guest_{schema} LOGIN PASSWORD 'a-guest'; GRANT USAGE ON SCHEMA {schema} TO guest_{schema};
         GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO guest_{schema}"
    );
    raw_sql(sqlx::AssertSqlSafe(grant)).execute(&mut connection).await.unwrap();
    let guest =
        server().url(&format!("guest_{schema}:a-guest"), &format!("postgres?schema={schema}"));
    refused(&guest, "does not let the user guest_", "GRANT ALL").await;
    let store = PostgresStore::open_to_read(&guest).await.unwrap();
    assert_eq!(store.events("antonyms").await.unwrap().len(), 1);
}
