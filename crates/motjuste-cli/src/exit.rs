//! Exit codes, and how an error is shown.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 2 | the request is wrong: arguments, task file, method, model name, budget below one evaluation |
//! | 3 | a budget cap ended the search early; the result is written |
//! | 4 | the task's data is missing or malformed |
//! | 5 | a model failed, or wrote no instruction at all; of several instances of a problem, on some, and the result is written |
//! | 6 | the store failed |
//! | 7 | a result, or what is printed, cannot be written |
//! | 8 | a computation has no answer |
//! | 129, 130, 143 | interrupted by SIGHUP, Ctrl-C or SIGTERM; running again goes on from there |

use std::process::ExitCode;

use motjuste::Error;
use motjuste::budget::StopReason;
use motjuste::error::Setting;
use motjuste::report::Report;

use crate::output::Failure;
use crate::{signals, summary};

/// The exit code of a finished search.
pub(crate) fn of_search(report: &Report) -> ExitCode {
    let is_unproven = report.instruction.is_some() && report.test.is_none();
    let is_capped = report.stop_reason.is_some_and(StopReason::is_cap) || is_unproven;
    ExitCode::from(match (is_capped, &report.instruction) {
        (true, _) => 3,
        (false, None) => 5,
        (false, Some(_)) => 0,
    })
}

/// The exit code of searches on mathematical problems. A budget that cut them short counts before a model
/// that failed on some of them.
pub(crate) fn of_searches(is_cut: bool, has_failed: bool) -> ExitCode {
    ExitCode::from(match (is_cut, has_failed) {
        (true, _) => 3,
        (false, true) => 5,
        (false, false) => 0,
    })
}

/// Shows what is wrong with a command line, or the help and the version that it asks for.
pub(crate) fn of_unread(error: &clap::Error) -> ExitCode {
    let printed = error.print();
    let is_lost = |error: &std::io::Error| error.kind() != std::io::ErrorKind::BrokenPipe;
    match printed.err().filter(is_lost) {
        Some(_) if !error.use_stderr() => ExitCode::from(7),
        _ => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)),
    }
}

/// Shows an error and gives its exit code.
pub(crate) fn report(error: &Error, json: bool) -> ExitCode {
    let help = help(error);
    if json {
        summary::json(&Failure { error: &error.to_string(), help: help.as_deref() });
    }
    summary::note(&format!("error: {error}"));
    if let Some(help) = &help {
        summary::note(&format!("  help: {help}"));
    }
    ExitCode::from(code(error))
}

/// What to do next, with the flag that the setting to change has here.
fn help(error: &Error) -> Option<String> {
    let help = error.help()?;
    Some(match error.setting().and_then(flag) {
        Some(flag) => format!("{help} ({flag})"),
        None => help.to_owned(),
    })
}

/// How the flag is called that changes a setting.
pub(crate) fn flag(setting: &Setting) -> Option<String> {
    Some(match setting {
        Setting::Store => "--store STORE".to_owned(),
        Setting::Folder => "--out DIR".to_owned(),
        Setting::Cache => "--cache read-write".to_owned(),
        Setting::TargetInterface => "--target-api completions, --chat-template never".to_owned(),
        Setting::Prices => "--prices FILE".to_owned(),
        Setting::Embedder => "--embedder MODEL".to_owned(),
        Setting::Timeout => "--timeout SECONDS".to_owned(),
        Setting::ThinkingTokens => "--thinking-tokens N".to_owned(),
        Setting::AnswerTokens => "--answer-tokens N".to_owned(),
        Setting::Concurrency => "--concurrency N, --requests-per-minute N".to_owned(),
        Setting::Parameters => {
            "--target-params, --generator-params or --judge-params JSON".to_owned()
        }
        Setting::CaFile => "--ca-file FILE".to_owned(),
        Setting::Encoding => "for init: --encoding NAME".to_owned(),
        Setting::HttpKey => "--allow-http-key".to_owned(),
        Setting::EnvFile => "--env-file FILE".to_owned(),
        Setting::TaskFile(rows) => format!("motjuste init --data {}", rows.display()),
        Setting::Import(tool, file) => format!("motjuste import {tool} {}", file.display()),
        Setting::Method(setting, value) => format!("--set {setting}={value}"),
        Setting::Budget(line) => match line {
            StopReason::Trials => "--budget-trials, --budget-target-calls".to_owned(),
            StopReason::TargetCalls => "--budget-target-calls".to_owned(),
            StopReason::GeneratorCalls => "--budget-generator-calls".to_owned(),
            StopReason::Tokens => "--budget-tokens".to_owned(),
            StopReason::Usd => "--budget-usd".to_owned(),
            StopReason::Seconds => "--budget-seconds".to_owned(),
            StopReason::Score => "--stop-at-score".to_owned(),
            StopReason::Finished
            | StopReason::NothingNew
            | StopReason::NoHeadroom
            | StopReason::Perfect => return None,
        },
        _ => return None,
    })
}

fn code(error: &Error) -> u8 {
    match error {
        error if error.is_data() => 4,
        error if error.is_model() => 5,
        error if error.is_storage() => 6,
        error if error.is_output() => 7,
        error if error.is_numerics() => 8,
        error if error.is_interrupted() => signals::code(),
        _ => 2,
    }
}
