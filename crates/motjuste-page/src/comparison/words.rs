//! How estimates and differences are written on the page and in its tables.

use motjuste::budget::{Account, Spending};
use motjuste::interval::{Difference, Estimate};
use motjuste::money::Usd;
use motjuste::statistics::{CallsToReach, InterquartileMean, MeanRank};

use crate::format;

/// What stands where there is nothing to say.
pub(super) const NONE: &str = "–";

/// A value where there is one.
pub(super) fn or_none<T>(value: Option<T>, text: impl Fn(T) -> String) -> String {
    value.map_or(NONE.to_owned(), text)
}

/// An interval of scores; none where it is everything, which says nothing.
pub(super) fn interval(estimate: Estimate) -> String {
    match (estimate.low, estimate.high) {
        (low, high) if low <= 0.0 && high >= 1.0 => NONE.to_owned(),
        (low, high) => format::interval(low, high),
    }
}

/// An interval of differences, as `−0.03 to +0.12`; none where it is everything.
pub(super) fn margin(difference: Difference) -> String {
    match (difference.low, difference.high) {
        (low, high) if low <= -1.0 && high >= 1.0 => NONE.to_owned(),
        (low, high) => format!("{} to {}", format::signed(low), format::signed(high)),
    }
}

/// A difference with its interval.
pub(super) fn with_margin(difference: Difference) -> String {
    format!("{} ({})", format::signed(difference.value), margin(difference))
}

/// Over fewer tasks ranks are often the same by chance, and an interval of them would hold too little.
const TASKS_FOR_AN_INTERVAL: usize = 5;

/// A mean rank over so many tasks, with its interval where they are enough.
pub(super) fn rank(rank: MeanRank, tasks: usize) -> String {
    match tasks < TASKS_FOR_AN_INTERVAL {
        true => format!("{:.1}", rank.rank),
        false => format!("{:.1} ({:.1}–{:.1})", rank.rank, rank.low, rank.high),
    }
}

/// An interquartile mean, with its interval where it has one.
pub(super) fn middle(mean: InterquartileMean) -> String {
    let interval = mean.low.zip(mean.high);
    let interval = interval.map(|(low, high)| format!(" ({})", format::interval(low, high)));
    format::score(mean.value) + &interval.unwrap_or_default()
}

/// The median of calls to a level, and how many studies came to it.
pub(super) fn reach(reach: CallsToReach) -> String {
    let share = format::percent(reach.share.score);
    match reach.median {
        Some(median) => format!("{} ({share})", format::count(median)),
        None => format!("{NONE} ({share})"),
    }
}

/// Wins, ties and losses, as `2/1/0`.
pub(super) fn tally(wins: usize, ties: usize, losses: usize) -> String {
    format!("{wins}/{ties}/{losses}")
}

/// Money; of none it is not known whether nobody sends a bill, or no price was known.
pub(super) fn money(usd: Usd) -> String {
    if usd == Usd::ZERO { NONE.to_owned() } else { usd.to_string() }
}

/// What the roles used: target, generator, judge, assessment.
pub(super) fn roles(account: &Account) -> [Spending; 4] {
    [account.target, account.generator, account.judge, account.assessment]
}

/// The calls of all roles, as if all had been paid.
pub(super) fn calls(account: &Account) -> u64 {
    roles(account).iter().map(|role| role.calls).sum()
}

/// The tokens of all roles.
pub(super) fn tokens(account: &Account) -> u64 {
    roles(account).iter().map(Spending::tokens).sum()
}

/// A difference seen from the other side where `sign` is -1.
pub(super) fn turned(difference: Difference, sign: f64) -> Difference {
    let Difference { value, low, high } = difference;
    if sign < 0.0 { Difference { value: -value, low: -high, high: -low } } else { difference }
}
