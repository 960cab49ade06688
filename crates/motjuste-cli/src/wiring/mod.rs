//! What was typed becomes what it means: names become models, flags become settings.

mod calls;
mod local;
mod method;
mod models;
mod prices;
mod servers;
mod setup;
mod solve;

pub(crate) use local::EMBEDDED;
pub(crate) use models::Opener;
pub(crate) use servers::Servers;
pub(crate) use setup::{setup, single};
pub(crate) use solve::{settings, solver};
