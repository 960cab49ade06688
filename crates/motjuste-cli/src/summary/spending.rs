//! What was used, and what ended it.

use motjuste::budget::{Account, Spending, StopReason};
use motjuste::money::Usd;

use motjuste_page::format::counted;

use super::{line, note};

/// What one role has used, in a line.
pub(crate) fn spent(name: &str, spent: &Spending) -> String {
    let mut line = format!(
        "{name:<12}{} {}, {} from the cache, {} {} in, {} out",
        spent.calls,
        of(spent.calls, "call"),
        spent.cache_hits,
        spent.tokens_in,
        of(spent.tokens_in, "token"),
        spent.tokens_out
    );
    if spent.usd > Usd::ZERO {
        line += &format!(", {}", spent.usd);
    }
    if spent.lost > 0 {
        line += &format!(", {} lost without an answer", spent.lost);
    }
    line
}

/// The name of so many things.
pub(super) fn of(number: u64, thing: &str) -> String {
    if number == 1 { thing.to_owned() } else { format!("{thing}s") }
}

/// What a study is under a smaller budget than it has run for.
pub(crate) fn beginning(trials: usize) -> String {
    format!(
        "this study has run for {}; under the present budget it is its beginning, which is kept already",
        counted(trials, "trial")
    )
}

/// What ended a search.
pub(crate) fn stop_words(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Trials => "its number of trials",
        StopReason::Finished => "the method, which has nothing left to try",
        StopReason::NoHeadroom => {
            "the prompt in use, which nothing promises to improve (--search-on goes on)"
        }
        StopReason::Perfect => "an instruction right on every dev row (--search-on goes on)",
        StopReason::NothingNew => "the generator, which brought nothing new",
        StopReason::TargetCalls => "the cap on target calls",
        StopReason::GeneratorCalls => "the cap on generator calls",
        StopReason::Tokens => "the cap on tokens",
        StopReason::Usd => "the cap on money",
        StopReason::Score => "the score that was asked for",
        StopReason::Seconds => "the cap on time",
    }
}

/// What every role has used.
pub(crate) fn account(used: &Account) {
    used_lines(used).iter().for_each(|text| line(text));
}

/// What was used until a search failed, beside the output.
pub(crate) fn used_until_it_failed(used: &Account) {
    let lines = used_lines(used);
    if !lines.is_empty() {
        note("used until it failed, and kept:");
        lines.iter().for_each(|text| note(text));
    }
}

fn used_lines(used: &Account) -> Vec<String> {
    let roles = [
        ("target", &used.target),
        ("generator", &used.generator),
        ("judge", &used.judge),
        ("assessment", &used.assessment),
    ];
    let used = roles.iter().filter(|(_, spent)| spent.calls + spent.cache_hits > 0);
    used.map(|(name, spending)| spent(name, spending)).collect()
}
