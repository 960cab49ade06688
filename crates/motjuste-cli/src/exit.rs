//! Exit codes, and how an error is shown.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 2 | the request is wrong: arguments, task file, method, model name, budget below one evaluation |
//! | 3 | a budget cap ended the search early; the result is written |
//! | 4 | the task's data is missing or malformed |
//! | 5 | a model failed |
//! | 6 | the store failed |
//! | 7 | a result cannot be written |
//! | 8 | a computation has no answer |
//! | 130 | interrupted; running again goes on from there |

use std::process::ExitCode;

use motjuste::Error;
use motjuste::budget::StopReason;
use motjuste::report::Report;

use crate::summary;

/// The exit code of a finished search.
pub(crate) fn of_search(report: &Report) -> ExitCode {
    let is_unproven = report.instruction.is_some() && report.test.is_none();
    let is_capped = report.stop_reason.is_some_and(StopReason::is_cap) || is_unproven;
    ExitCode::from(if is_capped { 3 } else { 0 })
}

/// Shows an error and gives its exit code.
pub(crate) fn report(error: &Error, json: bool) -> ExitCode {
    if json {
        let said = serde_json::json!({ "error": error.to_string(), "help": error.help() });
        summary::line(&said.to_string());
    }
    summary::note(&format!("error: {error}"));
    if let Some(help) = error.help() {
        summary::note(&format!("  help: {help}"));
    }
    ExitCode::from(code(error))
}

fn code(error: &Error) -> u8 {
    match error {
        error if error.is_data() => 4,
        error if error.is_model() => 5,
        error if error.is_storage() => 6,
        error if error.is_output() => 7,
        error if error.is_numerics() => 8,
        error if error.is_interrupted() => 130,
        _ => 2,
    }
}
