//! What the comparison used, and what is missing in it.

use motjuste::budget::StopReason;
use motjuste::comparison::ComparisonReport;
use motjuste::experiment::{CellRun, End, RunState};
use motjuste::money::Usd;

use super::contestants::{name, pair, scored};
use super::words;
use crate::format::{count, counted, p_value, signed, visible};

/// What the studies used, how many came to their end, and what is missing, a sentence or two each.
///
/// ```
/// use motjuste::comparison::ComparisonReport;
/// fn say(report: &ComparisonReport) -> String {
///     motjuste_page::comparison::notes(report).join("\n")
/// }
/// ```
pub fn notes(report: &ComparisonReport) -> Vec<String> {
    let missing = [failures(report), lacking(report), unscored(report)];
    [used(report), came_to(report)].into_iter().chain(missing.into_iter().flatten()).collect()
}

/// What all studies used as if each had paid, and what was really made and paid.
fn used(report: &ComparisonReport) -> String {
    let used = &report.used;
    let money = |usd: Usd, word: &str| match usd {
        Usd::ZERO => String::new(),
        usd => format!("{word}{usd}"),
    };
    format!(
        "The studies used {} calls and {} tokens{}, each counted as if it had paid for all of its calls; {} \
         calls were really made{}.",
        count(words::calls(used)),
        count(words::tokens(used)),
        money(used.usd(), " for "),
        count(used.made_calls()),
        money(used.paid_usd(), ", for ")
    )
}

/// How many studies came to their end, and what ended the others.
fn came_to(report: &ComparisonReport) -> String {
    let number = |state| report.studies.iter().filter(|run| run.state == state).count();
    let (all, complete) = (report.studies.len(), number(RunState::Complete));
    if complete == all {
        return match all {
            1 => "The one study is complete.".to_owned(),
            _ => format!("All {} are complete.", counted(all, "study")),
        };
    }
    let others = [
        (number(RunState::Cut), "cut short"),
        (number(RunState::NotReached), "not reached"),
        (number(RunState::Failed), "failed"),
    ];
    let others = others.iter().filter(|(n, _)| *n > 0);
    let others: Vec<String> =
        others.map(|(n, what)| format!("{} {what}", count(*n as u64))).collect();
    format!(
        "{} of {} are complete; {}, and counted nowhere{}.",
        count(complete as u64),
        counted(all, "study"),
        others.join(", "),
        report.ended_by.as_ref().map_or(String::new(), |end| format!(" ({})", reason(end)))
    )
}

fn reason(end: &End) -> String {
    match end {
        End::Cap(StopReason::TargetCalls) => "target calls used up".to_owned(),
        End::Cap(StopReason::GeneratorCalls) => "generator calls used up".to_owned(),
        End::Cap(StopReason::Tokens) => "tokens used up".to_owned(),
        End::Cap(StopReason::Usd) => "money used up".to_owned(),
        End::Cap(StopReason::Seconds) => "time used up".to_owned(),
        End::Cap(_) => "budget used up".to_owned(),
        End::Refused(why) => visible(why),
    }
}

/// Why studies failed, each reason once, with the methods that it is true of.
fn failures(report: &ComparisonReport) -> Option<String> {
    let reason = |run: &CellRun| Some((run.at.cell, visible(run.failure.as_deref()?)));
    let mut failed: Vec<(usize, String)> = report.studies.iter().filter_map(reason).collect();
    failed.sort();
    failed.dedup();
    let reasons = said_together(report, failed, ": ");
    (!reasons.is_empty()).then(|| format!("Failed, {}.", reasons.join("; ")))
}

/// What is said of methods, those of which the same is said together.
fn said_together(
    report: &ComparisonReport,
    said: Vec<(usize, String)>,
    before: &str,
) -> Vec<String> {
    let mut groups: Vec<(Vec<String>, String)> = Vec::new();
    for (method, words) in said {
        let name = name(report, method);
        match groups.iter_mut().find(|(_, known)| *known == words) {
            Some((names, _)) => names.push(name),
            None => groups.push((vec![name], words)),
        }
    }
    groups.into_iter().map(|(names, words)| names.join(", ") + before + &words).collect()
}

/// The methods without a complete study on a task, whose means are of other tasks.
fn lacking(report: &ComparisonReport) -> Option<String> {
    let tasks = |method: usize| {
        let tasks = report.tasks.iter().filter(move |task| task.cells[method].is_none());
        tasks.map(|task| visible(&task.task)).collect::<Vec<_>>()
    };
    let lacks = |method: usize| {
        let tasks = tasks(method);
        (!tasks.is_empty()).then(|| (method, named(&tasks, report.tasks.len())))
    };
    let lacks = (0..report.methods.len()).filter_map(lacks).collect();
    let lacks = said_together(report, lacks, " on ");
    (!lacks.is_empty()).then(|| {
        format!(
            "Without a complete study: {}. A mean is of the tasks that a method has, and who lacks one does \
             not lead; differences are of the tasks that both have.{}",
            lacks.join("; "),
            ahead(report)
        )
    })
}

/// These of so many tasks by name, the first of them where they are many.
fn named(tasks: &[String], all: usize) -> String {
    const MANY: usize = 5;
    match tasks.len() {
        count if count == all && count > 1 => format!("all {count} tasks"),
        count if count > MANY => {
            format!("{} and {} more", tasks[..MANY - 1].join(", "), count + 1 - MANY)
        }
        _ => tasks.join(", "),
    }
}

/// Which methods that lack a task are ahead of the leader on those that both have.
fn ahead(report: &ComparisonReport) -> String {
    let [leader, ..] = scored(report)[..] else { return String::new() };
    let lacks = |method: &usize| report.covered(*method) < report.covered(leader);
    let gap = |method: usize| {
        let (pair, sign) = pair(report, method, leader)?;
        let gap = words::turned(pair.versus.these_tasks.difference, sign);
        let (one, other) = (name(report, method), name(report, leader));
        let (by, p) = (signed(gap.value), p_value(pair.versus.corrected_p));
        (gap.value > 0.0)
            .then(|| format!(" There {one} is ahead of {other} (by {by}, corrected p\u{a0}{p})."))
    };
    scored(report).into_iter().filter(lacks).filter_map(gap).collect()
}

/// The test scores that complete studies lack.
fn unscored(report: &ComparisonReport) -> Option<String> {
    let complete = report.studies.iter().filter(|run| run.state == RunState::Complete);
    let missing = complete.flat_map(|run| &run.test_scores).filter(|score| score.is_none()).count();
    (missing > 0).then(|| {
        let scores = counted(missing, "test score");
        format!("{scores} could not be had; such rows are left out of the means, and count as neither right nor wrong.")
    })
}
