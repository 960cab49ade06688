//! The study in numbers.

use motjuste::budget::StopReason;
use motjuste::money::Usd;
use motjuste::report::{Report, TrialLine};

use super::answers::faulty_answers;
use crate::figure::Figure;
use crate::format::{brief, count, counted, seconds};

/// The study in seven figures, and more where it cost money or some answers are faulty.
pub(super) fn key_figures(report: &Report, trials: &[TrialLine]) -> Vec<Figure> {
    let counts = &report.trials;
    let (target, generator) = (&report.ledger.target, &report.ledger.generator);
    let read = target.tokens_in + generator.tokens_in;
    let written = target.tokens_out + generator.tokens_out;
    let repeats = trials.iter().filter(|trial| trial.repeats.is_some()).count();
    let answers = faulty_answers(&report.answers).map(|told| because(told, report));
    let mut figures = vec![
        Figure::new(
            "trials",
            count((counts.complete + counts.partial + counts.pruned + counts.failed) as u64),
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
    ];
    let ledger = &report.ledger;
    let roles = [&ledger.target, &ledger.generator, &ledger.judge, &ledger.assessment];
    let mut money = Usd::ZERO;
    roles.iter().for_each(|spent| money += spent.usd);
    if money > Usd::ZERO {
        figures.push(Figure::new("money", money.to_string(), "held-out scoring included".into()));
    }
    figures.extend(
        answers.map(|told| Figure::new("answers", count(report.answers.answers as u64), told)),
    );
    figures
}

/// What is wrong with answers, and the most frequent reason for which some have no score.
fn because(told: String, report: &Report) -> String {
    match report.missing.first() {
        Some(most) => format!("{told}; {} × {}", count(most.answers as u64), brief(&most.reason)),
        None => told,
    }
}

fn time(report: &Report) -> String {
    // The clock is written down when the search ends.
    report.stop_reason.map_or("–".to_owned(), |_| seconds(report.wall_s))
}

fn trials_note(report: &Report, trials: &[TrialLine]) -> String {
    let steps = trials.iter().map(|trial| trial.step).collect::<std::collections::BTreeSet<_>>();
    let mut note = format!("in {}", counted(steps.len(), "step"));
    let counts = &report.trials;
    let others =
        [(counts.partial, "in part"), (counts.pruned, "pruned"), (counts.failed, "failed")];
    for (number, what) in others {
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
        Some(StopReason::NoHeadroom) => "nothing promises to be better than yours",
        Some(StopReason::Perfect) => "right on every dev row",
        Some(StopReason::NothingNew) => "nothing new proposed",
        Some(StopReason::TargetCalls) => "target calls used up",
        Some(StopReason::GeneratorCalls) => "generator calls used up",
        Some(StopReason::Tokens) => "tokens used up",
        Some(StopReason::Usd) => "money used up",
        Some(StopReason::Score) => "good enough",
        Some(StopReason::Seconds) => "time used up",
    }
}
