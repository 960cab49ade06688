//! What was typed becomes what it means: names become models, flags become settings.

mod axes;
mod bench;
mod calls;
mod cells;
mod local;
mod method;
mod models;
mod prices;
mod servers;
mod setup;
mod solve;
mod task;

pub(crate) use axes::ABLATIONS;
pub(crate) use bench::{Bench, Plan};
pub(crate) use calls::grid_budget;
pub(crate) use cells::{Cell, cells};
pub(crate) use local::is_gguf;
pub(crate) use models::Opener;
pub(crate) use servers::Servers;
pub(crate) use setup::{setup, single};
pub(crate) use solve::{settings, solver};
pub(crate) use task::task;
