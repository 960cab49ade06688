//! A world in which no wording is better than another: what wins on dev must not be called better.

use motjuste::method::Registry;
use motjuste::model::{Request, Scripted};
use motjuste::report::Report;
use motjuste::study::Study;
use motjuste::task::{Example, Task};

/// Rows whose numbers no other seed has.
fn task(seed: usize) -> Task {
    let rows = |split: usize, count: usize| {
        (0..count).map(|i| Example::new(format!("{seed}-{split}-{i}"), ["yes"])).collect()
    };
    let task = Task::new("null", rows(0, 12), rows(1, 40), rows(2, 60)).unwrap();
    task.with_start(["Answer."]).unwrap()
}

/// Right six times in ten, by chance, whatever the instruction says.
fn answer(request: &Request) -> String {
    let hash = blake3::hash(request.text().as_bytes());
    let chance = u32::from_le_bytes(hash.as_bytes()[..4].try_into().unwrap());
    if f64::from(chance) < 0.6 * f64::from(u32::MAX) { "yes" } else { "no" }.to_owned()
}

/// Another text each time.
fn write(request: &Request) -> String {
    let hash = blake3::hash(format!("{:?}", request).as_bytes()).to_hex();
    let text = format!("Answer, minding rule {}.", &hash[..8]);
    match request.soft_prompt {
        Some(_) => text,
        None => format!("<instruction>{text}</instruction>"),
    }
}

async fn is_called_better(method: &str, seed: usize) -> bool {
    let method = Registry::built_in().method(method, &changes(method)).unwrap();
    let study = Study::of(task(seed), Scripted::new("chance", answer))
        .generator(Scripted::new("writer", write))
        .method(method)
        .seed(seed as u64)
        .trials(25);
    let outcome = study.open().await.unwrap().run(&()).await.unwrap();
    let report = Report::of("s", &outcome, None);
    let yours = report.baselines.unwrap().yours.unwrap();
    !report.keep_yours && yours.difference.is_some_and(|difference| difference.is_above())
}

fn changes(method: &str) -> Vec<(String, serde_json::Value)> {
    match method {
        "motjuste" | "random-pick" => vec![("pool.size".to_owned(), 40.into())],
        "ape" => vec![("texts".to_owned(), 25.into())],
        _ => Vec::new(),
    }
}

/// How many of so many studies call their result better than the prompt in use.
async fn called_better(method: &str, studies: usize) -> usize {
    let mut better = 0;
    for seed in 0..studies {
        better += usize::from(is_called_better(method, seed).await);
    }
    better
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_wins_by_luck_is_not_called_better() {
    let mut better = 0;
    for method in ["random-pick", "best-of-n", "ape", "evoprompt-ga", "capo"] {
        better += called_better(method, 60).await;
    }
    assert!(better <= 5 * 60 / 20, "{better} of 300");
}

/// Of 400 studies each, 6 to 10 were called better; an interval of 95 % that is right would have 10.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn in_four_hundred_studies_of_each_method_either() {
    for method in [
        "motjuste",
        "random-pick",
        "motjuste-chat",
        "best-of-n",
        "ape",
        "gepa",
        "evoprompt-ga",
        "evoprompt-de",
        "capo",
    ] {
        let better = called_better(method, 400).await;
        println!("{method}: {better} of 400");
        assert!(better <= 400 / 20, "{method}: {better} of 400");
    }
}
