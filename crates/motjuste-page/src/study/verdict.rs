//! Whether the winner is better than its baselines, in words.

use motjuste::report::{Baseline, Baselines, Report};

use crate::format;

/// What the test scores of a study say, in one sentence, and no more than their interval allows.
///
/// The person's own prompt, or else the Manual instruction, answered the same test examples as the winner,
/// so the two are compared by their paired difference.
///
/// ```
/// use motjuste::report::Report;
/// fn show(report: &Report) -> String {
///     motjuste_page::verdict(report)
/// }
/// ```
pub fn verdict(report: &Report) -> String {
    nothing_worked(report).unwrap_or_else(|| compared(report))
}

/// That no instruction got anything right, where that is so: then none is better than another, and what is
/// wrong is something else.
pub(super) fn nothing_worked(report: &Report) -> Option<String> {
    let best = report.dev.map(|dev| dev.score).filter(|_| report.stop_reason.is_some());
    let answers = &report.answers;
    let cause = if answers.answers > 0 && answers.empty == answers.answers {
        "every answer was empty"
    } else if answers.answers > 0 && answers.empty + answers.cut >= answers.answers {
        "every answer was empty or cut"
    } else {
        "look at what was answered, and at what the metric reads of it"
    };
    (best == Some(0.0)).then(|| {
        format!(
            "Nothing worked: every instruction scored 0.00 on the dev examples, so none was chosen \
                 for being better. It is not the wording: {cause}."
        )
    })
}

fn compared(report: &Report) -> String {
    let ended = report.stop_reason.is_some();
    match (&report.instruction, report.test, &report.baselines) {
        (None, ..) if ended => "The search ended before any trial was complete.".to_owned(),
        (None, ..) => "No trial is complete yet.".to_owned(),
        (Some(instruction), Some(test), Some(baselines)) => match &baselines.yours {
            Some(yours) if *instruction == yours.instruction => {
                "Keep your prompt: the search found none that scored higher on the dev examples."
                    .to_owned()
            }
            Some(yours) => against_yours(report.keep_yours, test.n, yours),
            None if *instruction == baselines.manual.instruction => {
                "The search chose the Manual instruction itself.".to_owned()
            }
            None => against("the Manual instruction", test.n, &baselines.manual),
        },
        _ if ended => "Not scored on the test examples yet: nothing is proven so far.".to_owned(),
        _ => "The best so far: the search has not ended, and nothing is proven yet.".to_owned(),
    }
}

fn against_yours(keep: bool, examples: usize, yours: &Baseline) -> String {
    let compared = against("your prompt", examples, yours);
    if keep { format!("Keep your prompt. {compared}") } else { compared }
}

/// The winner beside a baseline, and no more than the interval of the difference allows.
fn against(name: &str, examples: usize, baseline: &Baseline) -> String {
    let Some(difference) = baseline.difference else {
        return format!("Not compared with {name} on the same test examples.");
    };
    let examples = format::counted(examples, "test example");
    let by = format::score(difference.value.abs());
    let compared = if difference.is_above() {
        format!("Better than {name}, by {by} on {examples}")
    } else if difference.is_below() {
        format!("Worse than {name}, by {by} on {examples}")
    } else {
        format!("Not distinguishable from {name} on {examples}")
    };
    let (low, high) = (format::signed(difference.low), format::signed(difference.high));
    format!("{compared}; the 95\u{a0}% interval of the difference is {low} to {high}.")
}

/// The baselines by name.
pub(super) fn named(baselines: &Baselines) -> impl Iterator<Item = (&'static str, &Baseline)> {
    let yours = baselines.yours.iter().map(|yours| ("Yours", yours));
    let uniform = baselines.uniform.iter().map(|uniform| ("Uniform", uniform));
    yours.chain(uniform).chain([("Manual", &baselines.manual), ("Empty", &baselines.empty)])
}
