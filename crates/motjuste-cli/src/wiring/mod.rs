//! What was typed becomes what it means: names become models, flags become settings.

mod calls;
mod local;
mod method;
mod models;
mod prices;
mod setup;
mod solve;

pub(crate) use models::Opener;
pub(crate) use setup::{remote_models, setup, single, unpriced};
pub(crate) use solve::{Proposer, settings, solver};
