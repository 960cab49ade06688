//! No cap is ever crossed, whatever goes wrong, however many methods share a budget; and what was paid for is kept.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::join_all;
use motjuste::budget::{Account, Budget, Ledger};
use motjuste::calls::{CallPolicy, Calls, Metered, RetryPolicy};
use motjuste::cost::Price;
use motjuste::model::{Completion, Decoding, Model, Request};
use motjuste::money::Usd;
use motjuste::storage::{InMemory, ResponseKey, Responses};
use motjuste::usage::Usage;
use motjuste::{Error, Result};
use tokio::time::Instant;

/// A number that is spread evenly and follows from its parts.
fn mixed(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |mixed, part| {
        let mixed = (mixed ^ part).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 29)
    })
}

/// A server that answers late, refuses, fails and breaks off by a seed, and counts what it would charge.
struct Stormy {
    seed: u64,
    attempts: AtomicU64,
    charged: Mutex<Usage>,
    calls: AtomicU64,
}

impl Stormy {
    fn of(seed: u64) -> Arc<Self> {
        let (attempts, calls) = (AtomicU64::new(0), AtomicU64::new(0));
        Arc::new(Self { seed, attempts, charged: Mutex::default(), calls })
    }

    fn charge(&self, usage: Usage) {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let mut charged = self.charged.lock().unwrap();
        *charged = *charged + usage;
    }

    async fn attempt(&self, request: &Request) -> Result<Completion> {
        let number = self.attempts.fetch_add(1, Ordering::SeqCst);
        let luck = mixed(&[self.seed, number, request.text().len() as u64]);
        tokio::time::sleep(Duration::from_millis(luck % 900)).await;
        let worst = request.worst_case();
        let usage = Usage {
            tokens_in: worst.tokens_in - luck % 7,
            tokens_out: (luck >> 8) % (worst.tokens_out + 1),
        };
        match (luck >> 16) % 10 {
            0 => Err(Error::model("429").transient(Some(Duration::from_millis(luck % 3000)))),
            1 => {
                self.charge(worst);
                Err(Error::model("broke off").transient(None).perhaps_billed())
            }
            2 => Err(Error::model("an odd row").of_one_request()),
            _ => {
                self.charge(usage);
                Ok(Completion { usage, ..Completion::of(request.text()) })
            }
        }
    }
}

#[async_trait]
impl Model for Stormy {
    fn id(&self) -> &str {
        "stormy"
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        join_all(batch.iter().map(|request| self.attempt(request))).await
    }
}

fn price() -> Price {
    Price::per_million(1.0, 4.0).unwrap()
}

fn policy() -> CallPolicy {
    let retry = RetryPolicy { attempts: 4, ..RetryPolicy::default() };
    let (target_price, generator_price, judge_price) = (price(), price(), price());
    CallPolicy { retry, target_price, generator_price, judge_price, ..CallPolicy::default() }
}

/// Eight methods that ask all roles at once, many requests in common; whether each answer is in the store.
async fn storm(calls: &[Calls], server: &Arc<Stormy>, store: &InMemory) {
    let methods = calls.iter().enumerate().map(async |(method, calls)| {
        let roles: [Metered; 3] = [
            calls.target(server.clone()),
            calls.generator(server.clone()),
            calls.judge(server.clone()),
        ];
        let asked = roles.iter().enumerate().map(async |(role, model)| {
            let batch: Vec<Request> = (0..40)
                .map(|i| {
                    let text = format!("{role} {}", mixed(&[method as u64 / 2, i]) % 10_000);
                    Request::new(text, Decoding::greedy(30))
                })
                .collect();
            for (request, answer) in batch.iter().zip(model.complete(&batch).await) {
                if answer.is_ok() {
                    let key = ResponseKey::of(model.id(), request);
                    assert!(store.recall(&key).await.unwrap().is_some(), "an answer was not kept");
                }
            }
        });
        join_all(asked).await;
    });
    join_all(methods).await;
}

fn budgets() -> [Budget; 4] {
    let none = Budget { trials: None, ..Budget::default() };
    [
        Budget { target_calls: Some(90), generator_calls: Some(70), ..none },
        Budget { tokens: Some(9_000), ..none },
        Budget { usd: Some(Usd::dollars(0.015).unwrap()), ..none },
        Budget { seconds: Some(2.0), ..none },
    ]
}

fn within(budget: &Budget, account: &Account) {
    let search = account.target.tokens() + account.generator.tokens() + account.judge.tokens();
    assert!(budget.target_calls.is_none_or(|cap| account.target.calls <= cap));
    assert!(budget.generator_calls.is_none_or(|cap| account.generator.calls <= cap));
    assert!(budget.tokens.is_none_or(|cap| search <= cap));
    assert!(budget.usd.is_none_or(|cap| account.usd() <= cap));
}

#[tokio::test(start_paused = true)]
async fn no_cap_is_crossed_and_no_answer_lost_whatever_goes_wrong() {
    for seed in 0..40 {
        for budget in budgets() {
            let (server, store) = (Stormy::of(seed), Arc::new(InMemory::default()));
            let ledger = Arc::new(Ledger::new(budget));
            let payer = |i| Calls::new(store.clone(), ledger.clone(), format!("m{i}"), policy());
            let calls: Vec<Calls> = (0..8).map(payer).collect();
            let begun = Instant::now();
            storm(&calls, &server, &store).await;
            let (account, charged) = (ledger.account(), *server.charged.lock().unwrap());
            within(&budget, &account);
            assert_eq!(ledger.in_flight(), 0, "seed {seed}");
            assert!(budget.seconds.is_none_or(|cap| begun.elapsed().as_secs_f64() <= cap + 1.001));
            // The bill is never below the server's; without calls that were given up it is the server's.
            let paid = account.target.calls + account.generator.calls + account.judge.calls;
            let counted = server.calls.load(Ordering::SeqCst);
            assert!(paid >= counted && account.usd() >= price().of(0, charged).usd);
            assert!(budget.seconds.is_some() || paid == counted, "{paid} {counted}");
            assert!(counted > 20, "hardly anything was asked");
        }
    }
}
