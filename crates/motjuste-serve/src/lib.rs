//! The live page: every study of a store, as it runs, in a browser.
//!
//! [`Live`] looks at a [`Storage`](motjuste::storage::Storage) once a second, folds what is new, and tells
//! every browser by server-sent events; the browser then fetches what it shows again. The page only reads:
//! no request changes anything.
//!
//! ```text
//!   Storage ──listing, events_from──▶ Shelf ──Folded, Summary──▶ pages ──HTML──▶ browser
//!                                       └── what changed ──▶ Hub ──server-sent events──┘
//! ```
//!
//! A [`Live::router`] is an [`axum::Router`], to be mounted in a server of one's own:
//!
//! ```
//! use std::sync::Arc;
//! use motjuste::storage::InMemory;
//! use motjuste_serve::{Access, Live};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let live = Live::over(Arc::new(InMemory::default()));
//! tokio::spawn(live.clone().watch());
//! let router: axum::Router = live.router(Access::this_machine());
//! # });
//! ```
//!
//! [`Access`] says who may look: browsers on this machine, or whoever has a [`Token`].

mod access;
mod assets;
mod examples;
mod guard;
mod hub;
mod live;
mod pages;
mod routes;
mod shelf;

pub use access::{Access, Token};
pub use live::Live;
