//! The search for the wording that makes a black-box language model do a task.
//!
//! | part | what it is |
//! |---|---|
//! | [`Task`](task::Task) | rows in three splits, what the models read, and how an answer is scored |
//! | [`Model`](model::Model) | requests in, completions out; generator, target and judge are roles that any model can play |
//! | [`Score`](score::Score) | answers in, verdicts out: a metric, a program, a judging model, a function |
//! | [`Method`](method::Method) | what to write next, and what to pay for next, from the history alone; it never talks to a model |
//! | [`Study`](study::Study) | the loop: propose, generate, read, allocate, evaluate, write down; and the proof on rows that no search saw |
//! | [`Calls`](calls::Calls) | the way out to the models: cache, then budget, then attempts |
//! | [`Journal`](storage::Journal), [`Responses`](storage::Responses) | where a study's events, and what was paid for, outlive the process |
//!
//! ```text
//!  History ─propose─▶ Proposals ─generator─▶ replies ─read─▶ candidates ─allocate─▶ jobs ─target─▶ scores
//!     ▲                                                                                              │
//!     └──────────────────────────── one durable event for each step ◀────────────────────────────────┘
//! ```
//!
//! A study's state is the fold of its events, and a method is a pure function of it: a study that was
//! killed and is opened again goes on as if nothing had happened, with the same result and the same bill.
//! The budget is a promise: what may be spent is reserved before a call leaves.
//!
//! The examples below lie in the folder `examples`; the tests run them. [`conformance`] holds suites for
//! storages and methods of your own.
//!
//! ## A first study
//!
//! A task in code, two models, three settings.
//!
//! ```ignore
#![doc = include_str!("../examples/first_study.rs")]
//! ```
//!
//! ## A model of your own
//!
//! Anything that answers requests, in one attempt each.
//!
//! ```ignore
#![doc = include_str!("../examples/own_model.rs")]
//! ```
//!
//! ## A metric of your own
//!
//! A function from an answer to a verdict, which may say why, and may be missing.
//!
//! ```ignore
#![doc = include_str!("../examples/own_metric.rs")]
//! ```
//!
//! ## A search method of your own
//!
//! Settings, and what to write next.
//!
//! ```ignore
#![doc = include_str!("../examples/own_method.rs")]
//! ```
//!
//! ## A loop of your own
//!
//! The parts of [`Study::run`](study::Study::run), one by one.
//!
//! ```ignore
#![doc = include_str!("../examples/own_loop.rs")]
//! ```

pub mod budget;
pub mod calls;
pub mod comparison;
pub mod conformance;
pub mod cost;
mod counted;
pub mod error;
mod example;
pub mod experiment;
pub mod fingerprint;
pub mod history;
pub mod interval;
pub mod journal;
pub mod matrix;
pub mod method;
pub mod metric;
pub mod model;
pub mod money;
#[cfg(feature = "parquet")]
mod parquet_thread;
pub mod process;
pub mod prompt;
pub mod random;
pub mod report;
mod sampling;
pub mod score;
pub mod statistics;
mod stop_reason;
pub mod storage;
pub mod study;
pub mod task;
mod template;
pub mod usage;
mod verdict;
pub mod work;

pub use error::{Error, Result};
