//! What was typed becomes what it means: flags become settings, names become models.

mod calls;
mod experiment;
mod method;
mod models;
mod prices;
mod solve;
mod study;
mod suite;
mod task;
mod worker;

pub(crate) use calls::{is_capped, patience};
pub(crate) use experiment::{cells_of_replay, experiment};
pub(crate) use models::{opener, target_name, writer_name};
pub(crate) use prices::has_price;
pub(crate) use solve::{options, solver};
pub(crate) use study::{
    Models, eval, eval_of, eval_of_matrix, given, role, servers_of_matrix, study,
};
pub(crate) use task::task;
pub(crate) use worker::{patience_of_worker, worker};
