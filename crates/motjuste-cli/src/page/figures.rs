//! The study in numbers: what it took, and who used it.

use motjuste::budget::{Spending, StopReason};
use motjuste::report::{LedgerReport, Report, TrialLine};
use serde::Serialize;

use super::format::{count, counted, seconds};

/// One number, its name, and what it is made of.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    name: &'static str,
    value: String,
    note: String,
}

impl Figure {
    pub(super) fn new(name: &'static str, value: String, note: String) -> Self {
        Self { name, value, note }
    }
}

/// The study in seven figures.
pub(super) fn key_figures(report: &Report, trials: &[TrialLine]) -> Vec<Figure> {
    let counts = &report.trials;
    let (target, generator) = (&report.ledger.target, &report.ledger.generator);
    let read = target.tokens_in + generator.tokens_in;
    let written = target.tokens_out + generator.tokens_out;
    let repeats = trials.iter().filter(|trial| trial.repeats.is_some()).count();
    vec![
        Figure::new(
            "trials",
            count((counts.complete + counts.pruned + counts.failed) as u64),
            trials_note(report, trials),
        ),
        Figure::new(
            "distinct instructions",
            count(counts.distinct_instructions as u64),
            format!("{} repeated one", counted(repeats, "trial")),
        ),
        Figure::new("target calls", count(target.calls), "paid, in the search".into()),
        Figure::new(
            "cache hits",
            count(target.cache_hits + generator.cache_hits),
            "answered for nothing".into(),
        ),
        Figure::new(
            "tokens",
            count(read + written),
            format!("{} read, {} written", count(read), count(written)),
        ),
        Figure::new("time", time(report), "of the search, as last run".into()),
        Figure::new("ended", ended(report.stop_reason).into(), String::new()),
    ]
}

fn time(report: &Report) -> String {
    // The clock is written down when the search ends.
    report.stop_reason.map_or("–".to_owned(), |_| seconds(report.wall_s))
}

fn trials_note(report: &Report, trials: &[TrialLine]) -> String {
    let rounds = trials.iter().map(|trial| trial.round).collect::<std::collections::BTreeSet<_>>();
    let mut note = format!("in {}", counted(rounds.len(), "round"));
    for (number, what) in [(report.trials.pruned, "pruned"), (report.trials.failed, "failed")] {
        if number > 0 {
            note.push_str(&format!(", {} {what}", count(number as u64)));
        }
    }
    note
}

fn ended(reason: Option<StopReason>) -> &'static str {
    match reason {
        None => "not yet",
        Some(StopReason::Trials) => "all planned trials run",
        Some(StopReason::Finished) => "nothing left to propose",
        Some(StopReason::TargetCalls) => "target calls used up",
        Some(StopReason::GeneratorCalls) => "generator calls used up",
        Some(StopReason::Tokens) => "tokens used up",
        Some(StopReason::Usd) => "money used up",
        Some(StopReason::Seconds) => "time used up",
    }
}

/// One role's line of the ledger.
#[derive(Debug, Serialize)]
pub(super) struct LedgerLine {
    role: &'static str,
    purpose: &'static str,
    calls: String,
    lost: String,
    cache_hits: String,
    tokens_in: String,
    tokens_out: String,
    usd: String,
}

/// What every role used, and the sum.
pub(super) fn ledger(ledger: &LedgerReport) -> Vec<LedgerLine> {
    let roles = [&ledger.target, &ledger.generator, &ledger.judge, &ledger.assessment];
    let sum = |of: fn(&Spending) -> u64| roles.iter().map(|spending| of(spending)).sum();
    let total = Spending {
        calls: sum(|spending| spending.calls),
        lost: sum(|spending| spending.lost),
        cache_hits: sum(|spending| spending.cache_hits),
        tokens_in: sum(|spending| spending.tokens_in),
        tokens_out: sum(|spending| spending.tokens_out),
        usd: roles.iter().map(|spending| spending.usd).sum(),
    };
    let judge = LedgerLine::of("judge", "scores answers, in the search", &ledger.judge);
    let mut lines = vec![
        LedgerLine::of("target", "answers, in the search", &ledger.target),
        LedgerLine::of("generator", "writes instructions", &ledger.generator),
        LedgerLine::of("assessment", "scores winner and baselines, after it", &ledger.assessment),
        LedgerLine::of("in all", "", &total),
    ];
    if ledger.judge != Spending::default() {
        lines.insert(2, judge);
    }
    lines
}

impl LedgerLine {
    pub(super) fn of(role: &'static str, purpose: &'static str, spending: &Spending) -> Self {
        Self {
            role,
            purpose,
            calls: count(spending.calls),
            lost: count(spending.lost),
            cache_hits: count(spending.cache_hits),
            tokens_in: count(spending.tokens_in),
            tokens_out: count(spending.tokens_out),
            usd: spending.usd.to_string(),
        }
    }
}
