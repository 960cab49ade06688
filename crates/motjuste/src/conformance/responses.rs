//! What every store of responses and attempts promises.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::sample::{attempt, key, response};
use super::{ensure, equal};
use crate::Result;
use crate::storage::{Responses, StoredResponse};

/// Checks an implementation of [`Responses`]; `make` gives an empty one each time.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use motjuste::conformance;
/// use motjuste::storage::InMemory;
/// conformance::responses(async || Ok(InMemory::default())).await.unwrap();
/// # });
/// ```
///
/// # Errors
/// With the promise that is broken; and whatever `make` or the store fails with.
pub async fn responses<R: Responses + 'static>(make: impl AsyncFn() -> Result<R>) -> Result<()> {
    starts_empty(&make().await?).await?;
    keeps_the_first_response(&make().await?).await?;
    counts_what_was_begun_and_not_closed(&make().await?).await?;
    closes_without_replacing(&make().await?).await?;
    lets_one_of_many_remember(Arc::new(make().await?)).await
}

async fn starts_empty(store: &dyn Responses) -> Result<()> {
    ensure(store.recall(&key(0)).await?.is_none(), "a new store has no response")?;
    ensure(store.unanswered("nobody").await?.is_empty(), "a new store has no attempt")
}

async fn keeps_the_first_response(store: &dyn Responses) -> Result<()> {
    let first = response("antonyms", "cold \0 é 漢 🦀");
    store.remember(&key(0), &first).await?;
    store.remember(&key(0), &response("second letter", "hot")).await?;
    let long = response("antonyms", &"long ".repeat(300_000));
    store.remember(&key(1), &long).await?;
    equal(&store.recall(&key(0)).await?, &Some(first), "the first response under a key stays")?;
    equal(&store.recall(&key(1)).await?, &Some(long), "a long response comes back whole")?;
    ensure(store.recall(&key(2)).await?.is_none(), "a key without response has none")
}

async fn counts_what_was_begun_and_not_closed(store: &dyn Responses) -> Result<()> {
    let mut ids = Vec::new();
    for tokens in [1, 2, 3] {
        ids.push(store.begin("antonyms#1", &attempt(tokens)).await?);
    }
    let [first, _, third] = ids[..] else { return Ok(()) };
    store.begin("antonyms#2", &attempt(4)).await?;
    let answer = (key(5), response("antonyms#1", "cold"));
    store.close(first, std::slice::from_ref(&answer)).await?;
    store.close(third, &[]).await?;
    let promise = "attempts that were begun and not closed are unanswered, and no others";
    equal(&store.unanswered("antonyms#1").await?, &vec![attempt(2)], promise)?;
    let promise = "every payer has attempts of its own";
    equal(&store.unanswered("antonyms#2").await?, &vec![attempt(4)], promise)?;
    ensure(store.unanswered("antonyms#3").await?.is_empty(), promise)?;
    let promise = "the response that an attempt brought is kept";
    equal(&store.recall(&answer.0).await?, &Some(answer.1), promise)
}

async fn closes_without_replacing(store: &dyn Responses) -> Result<()> {
    let first = response("antonyms", "cold");
    store.remember(&key(0), &first).await?;
    let id = store.begin("antonyms#1", &attempt(1)).await?;
    let both = [(key(0), response("antonyms", "hot")), (key(1), response("antonyms", "warm"))];
    store.close(id, &both).await?;
    let promise = "a response that an attempt brought does not replace an earlier one";
    equal(&store.recall(&key(0)).await?, &Some(first), promise)?;
    let warm = Some(both[1].1.clone());
    equal(&store.recall(&key(1)).await?, &warm, "every response that an attempt brought is kept")?;
    ensure(store.unanswered("antonyms#1").await?.is_empty(), "a closed attempt is not unanswered")
}

async fn lets_one_of_many_remember(store: Arc<dyn Responses>) -> Result<()> {
    let mut tasks: JoinSet<Result<Option<StoredResponse>>> = JoinSet::new();
    for number in 0..20 {
        let store = store.clone();
        tasks.spawn(async move {
            let response = response("race", &format!("number {number}"));
            store.remember(&key(9), &response).await?;
            store.recall(&key(9)).await
        });
    }
    let mut kept = tasks.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
    ensure(kept.iter().all(Option::is_some), "what was kept is found at once")?;
    kept.dedup();
    equal(&kept.len(), &1, "the first response under a key stays, whoever looks")
}
