//! What every page shows, and what it never does.

use std::sync::Arc;

use axum::http::StatusCode;
use motjuste::storage::InMemory;
use motjuste_page::check::imbalance;

use crate::shop::{config, created, step, store, write};
use crate::{get, live};

const DONE: &str = "/studies/shop-mine-seed0-aaaa";

/// The address of the study whose name is as bad as a name can be.
async fn hostile_address() -> String {
    let list = get(&live(store().await).await, "/").await.text;
    let link = list.split("href=\"").find(|rest| rest.starts_with("/studies/a%20study%2Fwith"));
    link.unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn every_page_is_there_and_lets_no_foreign_text_act() {
    let live = live(store().await).await;
    let hostile = hostile_address().await;
    let pages = [
        "/".to_owned(),
        DONE.to_owned(),
        format!("{DONE}?order=newest"),
        format!("{DONE}/trials/2"),
        format!("{DONE}/trials/1?rows=missed"),
        format!("{DONE}/held-out"),
        format!("{DONE}/held-out?rows=differing"),
        hostile.clone(),
        format!("{hostile}/trials/0"),
        "/compare?study=shop-mine-seed0-aaaa&study=shop-mine-seed1-bbbb".to_owned(),
    ];
    for path in pages {
        let page = get(&live, &path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(imbalance(&page.text), None, "{path}");
        assert_eq!(page.text.matches("<script").count(), 1, "{path}: our own script alone");
        for bad in ["<img", "onerror=alert(2)>", "\u{202e}", "\u{0}", "\u{1b}", "style=\"", "NaN"] {
            assert!(!page.text.contains(bad), "{path} holds {bad:?}");
        }
    }
}

#[tokio::test]
async fn the_list_tells_what_every_study_came_to() {
    let live = live(store().await).await;
    let page = get(&live, "/").await.text;
    for told in ["2 done", "1 not ended", "3 trials · 4,000 calls", "1.00", "0.67", "shop"] {
        assert!(page.contains(told), "{told}\n{page}");
    }
    let found = get(&live, "/?find=seed1").await.text;
    assert!(found.contains("seed1-bbbb") && !found.contains("seed0-aaaa"));
    assert!(get(&live, "/?find=nowhere").await.text.contains("No study has this in its name"));
    let empty = crate::live(Arc::default()).await;
    assert!(get(&empty, "/").await.text.contains("Nothing is in this store yet"));
}

#[tokio::test]
async fn a_study_tells_how_it_came_about() {
    let live = live(store().await).await;
    let page = get(&live, DONE).await.text;
    let told = [
        "The instruction for",
        "Best so far",
        "Every trial",
        "Lineage",
        "The best goes back to 2 others",
        "Instructions",
        "Ledger",
        "a/generator",
        "trials/2",
        "held-out",
        "on 3 test examples",
    ];
    for told in told {
        assert!(page.contains(told), "{told}\n{page}");
    }
    let (best, newest) = (page.find("trials/0").unwrap(), page.find("trials/2").unwrap());
    assert!(newest < best, "the best comes first");
}

#[tokio::test]
async fn an_instruction_tells_every_answer_and_where_it_comes_from() {
    let live = live(store().await).await;
    let page = get(&live, &format!("{DONE}/trials/1")).await.text;
    for told in [
        "Say so.",
        "answer 1",
        "asks 11",
        "yes 11",
        "because answer",
        "Made of",
        "trials/0",
        "trials/2",
    ] {
        assert!(page.contains(told), "{told}\n{page}");
    }
    assert!(page.contains("I would say: Say so."), "the whole reply");
    let hits = get(&live, &format!("{DONE}/trials/2?rows=missed")).await.text;
    assert!(hits.contains("0 of 3 rows were not all right"));
}

#[tokio::test]
async fn held_out_rows_stand_side_by_side() {
    let live = live(store().await).await;
    let page = get(&live, &format!("{DONE}/held-out?rows=differing")).await.text;
    for told in [
        "3 of 3 rows came out differently",
        "best found",
        "Manual",
        "Empty",
        "held out 3",
        "asks 21",
    ] {
        assert!(page.contains(told), "{told}\n{page}");
    }
    let unproven = get(&live, &format!("{}/held-out", hostile_address().await)).await;
    assert_eq!(unproven.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn two_studies_are_compared_no_further_than_they_can_be() {
    let live = live(store().await).await;
    let both = "/compare?study=shop-mine-seed0-aaaa&study=shop-mine-seed1-bbbb";
    let page = get(&live, both).await.text;
    for told in ["A and B are not distinguishable on 3 held-out rows", "seed 0", "seed 1", "4,000"]
    {
        assert!(page.contains(told), "{told}\n{page}");
    }
    let differing = get(&live, &format!("{both}&rows=differing")).await.text;
    assert!(differing.contains("1 of 3 rows came out differently"));
    for query in ["", "?study=shop-mine-seed0-aaaa", "?study=a&study=b&study=c"] {
        let refused = get(&live, &format!("/compare{query}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.text.contains("mark two"));
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_with_a_way_back() {
    let live = live(store().await).await;
    for path in [
        "/studies/none",
        "/studies/none/trials/0",
        &format!("{DONE}/trials/99"),
        &format!("{DONE}/trials/x"),
        "/nowhere",
        "/studies/%ff",
    ] {
        let page = get(&live, path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text.contains("All studies"), "{path}");
    }
    for path in ["/?page=0", "/?colour=red", &format!("{DONE}?order=worst")] {
        assert_eq!(get(&live, path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test]
async fn long_lists_and_texts_come_in_pages() {
    let storage = Arc::new(InMemory::default());
    for number in 0..90u64 {
        write(&storage, &format!("study-{number:02}"), vec![created(config("many", number))]).await;
    }
    let mut long = vec![created(config("long", 0))];
    long.extend(
        (0..120).map(|index| step(index, &format!("take {index} {}", "x".repeat(20_000)), 1)),
    );
    write(&storage, "long", long).await;
    let live = live(storage).await;
    // A look ends after a while; the next one reads on.
    while get(&live, "/").await.text.contains("still being read") {
        live.look().await.unwrap();
    }
    let list = get(&live, "/?page=2").await.text;
    assert!(
        list.contains("41 to 80 of 91")
            && list.contains("page=3")
            && list.matches("<li ").count() == 40
    );
    let study = get(&live, "/studies/long").await.text;
    assert!(study.contains("1 to 50 of 120") && study.contains("the first 8,000 of"));
    assert!(study.len() < 2_000_000, "{} bytes", study.len());
    let last = get(&live, "/studies/long?page=99").await.text;
    assert!(last.contains("101 to 120 of 120"));
}

#[tokio::test]
async fn without_the_task_rows_are_told_by_number() {
    let live = motjuste_serve::Live::over(store().await);
    let page = get(&live, &format!("{DONE}/trials/1")).await.text;
    assert!(
        page.contains("was not given the task")
            && page.contains("answer 1")
            && !page.contains("asks 11")
    );
}

#[tokio::test]
async fn a_nested_router_keeps_its_addresses_below_its_path() {
    let live = live(store().await).await.below("/motjuste/");
    let router =
        axum::Router::new().nest("/motjuste", live.router(motjuste_serve::Access::this_machine()));
    let page = crate::ask(router, &format!("/motjuste{DONE}"), &[("host", "localhost")]).await;
    assert_eq!(page.status, StatusCode::OK);
    let links = page.text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    for link in links.filter(|link| link.starts_with('/')) {
        assert!(link.starts_with("/motjuste"), "{link}");
    }
    assert!(page.text.contains("src=\"/motjuste/live.js\""));
}
