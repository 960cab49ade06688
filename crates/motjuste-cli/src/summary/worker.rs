//! What a worker did.

use motjuste::work::Served;

use super::{json as print_json, line};

/// Who makes the calls of a study.
pub(crate) fn workers(count: usize) -> String {
    match count {
        0 => "no worker is at the store yet: the calls are made here".to_owned(),
        1 => "1 worker makes the calls".to_owned(),
        count => format!("{count} workers make the calls"),
    }
}

/// What a worker did, in words.
pub(crate) fn served_text(Served { answered, failed }: Served) -> String {
    let calls = if answered == 1 { "1 call".to_owned() } else { format!("{answered} calls") };
    match failed {
        0 => format!("{calls} answered"),
        failed => format!("{calls} answered, {failed} failed"),
    }
}

/// Prints what a worker did.
pub(crate) fn served(served: Served, json: bool) {
    if json { print_json(&served) } else { line(&served_text(served)) }
}
