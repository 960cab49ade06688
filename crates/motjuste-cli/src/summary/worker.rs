//! What a worker did.

use motjuste::work::Served;

use super::{json as print_json, line};

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
