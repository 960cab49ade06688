//! What is printed. What writes to the terminal is [`door`] alone.

mod comparison;
mod convert;
mod door;
mod forecast;
mod models;
mod prices;
mod result;
mod ruler;
mod scores;
mod spending;
mod studies;
mod worker;

pub(crate) use comparison::comparison;
pub(crate) use convert::{exported_prompt, imported, new_task};
pub(crate) use door::{Beside, ask, exact, finish, is_watched, json, line, note, question};
pub(crate) use forecast::{estimate, estimate_text};
pub(crate) use models::{exported, inspected, models, probe};
pub(crate) use prices::{installed, prices};
pub(crate) use result::{evaluation, result, room_to_think, written};
pub(crate) use ruler::{matrix, measured};
pub(crate) use scores::scores;
pub(crate) use spending::{account, beginning, spent, stop_words, used_until_it_failed};
pub(crate) use studies::{studies, trials};
pub(crate) use worker::{served, served_text, workers};
