//! Who leads, by how much, and whether that may be luck.

use motjuste::comparison::{ComparisonReport, Versus};

use super::contestants::{name, pair, scored, survives};
use super::words;
use crate::format;

/// Who leads, by how much over the reference and over the second, and which differences survive correction, in
/// plain words.
///
/// ```
/// use motjuste::comparison::ComparisonReport;
/// fn say(report: &ComparisonReport) -> String {
///     motjuste_page::comparison::headline(report)
/// }
/// ```
pub fn headline(report: &ComparisonReport) -> String {
    let sentences = std::iter::once(leads(report)).chain(survivors(report));
    sentences.collect::<Vec<_>>().join(" ")
}

fn leads(report: &ComparisonReport) -> String {
    match scored(report)[..] {
        [] => "No method has a complete study, so there is nothing to compare.".to_owned(),
        [only] => {
            format!("{} alone has complete studies: {}.", name(report, only), at(report, only))
        }
        [leader, second, ..] => lead_over(report, leader, second),
    }
}

/// A method's score with its interval.
fn at(report: &ComparisonReport, method: usize) -> String {
    words::or_none(report.methods[method].test, |test| {
        let interval = format::interval(test.low, test.high);
        format!("test score {}, 95\u{a0}% interval {interval}", format::score(test.score))
    })
}

fn lead_over(report: &ComparisonReport, leader: usize, second: usize) -> String {
    let tasks = format::counted(report.covered(leader), "task");
    let score = |method: usize| report.methods[method].test.map(|test| test.score);
    let (one, other, at) = (name(report, leader), name(report, second), at(report, leader));
    let first = match score(leader) == score(second) && is_alike(report, leader, second) {
        true => format!("{one} and {other} share the lead ({at}, on {tasks})."),
        false => format!("{one} leads ({at}, on {tasks})."),
    };
    [first, distances(report, leader, second)].join(" ")
}

/// Whether two methods have scores on as many tasks.
fn is_alike(report: &ComparisonReport, one: usize, other: usize) -> bool {
    report.covered(one) == report.covered(other)
}

/// How far the leader is from the reference and from the second.
fn distances(report: &ComparisonReport, leader: usize, second: usize) -> String {
    let (reference, next) = (name(report, 0), name(report, second));
    let from_second = || distance(report, leader, second);
    match (leader, second) {
        (0, _) => format!(
            "It is the reference; from the second, {next}, it differs by {}.",
            from_second()
        ),
        (_, 0) => format!(
            "From the second, {next}, which is the reference, it differs by {}.",
            from_reference(report, leader)
        ),
        _ => format!(
            "It differs from the reference, {reference}, by {}, and from the second, {next}, by {}.",
            from_reference(report, leader),
            from_second()
        ),
    }
}

/// The difference to the reference, corrected for the number of methods.
fn from_reference(report: &ComparisonReport, method: usize) -> String {
    words::or_none(report.methods[method].against_reference.as_ref(), |versus| told(versus, 1.0))
}

/// The difference of two methods, corrected for the number of pairs.
fn distance(report: &ComparisonReport, first: usize, second: usize) -> String {
    words::or_none(pair(report, first, second), |(pair, sign)| told(&pair.versus, sign))
}

fn told(versus: &Versus, sign: f64) -> String {
    let difference = words::turned(versus.these_tasks.difference, sign);
    format!(
        "{} (95\u{a0}% interval {}, corrected p\u{a0}{})",
        format::signed(difference.value),
        words::margin(difference),
        format::p_value(versus.corrected_p)
    )
}

/// How many differences survive correction; nothing where there is none.
fn survivors(report: &ComparisonReport) -> Option<String> {
    let number = |p: fn(&Versus) -> f64| {
        report.pairs.iter().filter(|pair| survives(p(&pair.versus))).count()
    };
    let these = number(|versus| versus.corrected_p);
    let others = number(|versus| versus.corrected_p_of_tasks_like_these);
    let all = format::counted(report.pairs.len(), "difference");
    match (report.pairs.len(), these, others) {
        (0, ..) => None,
        (_, 0, 0) => Some(
            "No difference between two methods survives correction for their number (Holm), neither on \
             these tasks nor on tasks like these: who leads may be luck."
                .to_owned(),
        ),
        _ => Some(format!(
            "Of {all} between two methods, {these} on these tasks and {others} on tasks like these \
             survive correction for their number (Holm)."
        )),
    }
}
