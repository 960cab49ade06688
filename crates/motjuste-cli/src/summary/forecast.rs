//! What a run may use at the most.

use motjuste::Result;
use motjuste::budget::Budget;
use motjuste::cost::Cost;
use motjuste::money::Usd;
use motjuste::study::Forecast;
use motjuste_models::{Servers, Unpriced};
use motjuste_page::{Column, Table};

use super::line;
use super::spending::of;
use crate::files;
use crate::output::{Estimated, WorstCase};

/// What a run may use at the most, and about.
pub(crate) fn estimate(
    worst_case: &Forecast,
    expected: &Forecast,
    budget: &Budget,
    servers: &Servers,
    json: bool,
) -> Result<()> {
    let no_price_known_for = &servers.unpriced;
    if json {
        let worst_case = WorstCase { worst_case, budget, no_price_known_for };
        line(&files::json(&Estimated { worst_case, expected })?);
        return Ok(());
    }
    line(&estimate_text(worst_case, expected, budget, servers.roles));
    tell_unpriced(servers);
    Ok(())
}

fn tell_unpriced(servers: &Servers) {
    for name in &servers.unpriced {
        line(&format!("no price is known for {name}: its money is not in the table"));
    }
}

/// The worst case as a table, what is expected as another, and the caps.
pub(crate) fn estimate_text(
    worst_case: &Forecast,
    expected: &Forecast,
    budget: &Budget,
    unpriced: Unpriced,
) -> String {
    let expected =
        ["as a rule, about:".to_owned(), table("Expected", expected, unpriced).to_text()];
    [worst(worst_case, unpriced), expected]
        .into_iter()
        .flatten()
        .chain(caps(budget))
        .collect::<Vec<_>>()
        .join("\n")
}

fn worst(worst_case: &Forecast, unpriced: Unpriced) -> [String; 2] {
    let head =
        format!("at the most, for {} {}:", worst_case.trials, of(worst_case.trials, "trial"));
    [head, table("Worst case", worst_case, unpriced).to_text()]
}

fn table(name: &'static str, forecast: &Forecast, unpriced: Unpriced) -> Table {
    let Unpriced { generator, target, judge } = unpriced;
    let roles = [
        ("generator", forecast.generator, generator),
        ("target", forecast.target, target),
        ("judge", forecast.judge, judge),
        ("assessment", forecast.assessment, generator || target || judge),
    ];
    let used = roles.iter().filter(|(_, cost, _)| cost.calls > 0);
    let is_unpriced = used.clone().any(|(_, _, is_unpriced)| *is_unpriced);
    let total = ("in all", roles.iter().map(|(_, cost, _)| *cost).sum(), is_unpriced);
    let columns = [
        Column::text("").at_least(12),
        Column::number("calls").at_least(8),
        Column::number("tokens in").at_least(12),
        Column::number("tokens out").at_least(12),
        Column::number("money").at_least(10),
    ];
    Table::new(name, columns, used.chain([&total]).map(row))
}

/// What costs what nobody knows is not free.
fn row((name, cost, is_unpriced): &(&str, Cost, bool)) -> [String; 5] {
    let Cost { calls, usage, usd } = cost;
    let numbers = [*calls, usage.tokens_in, usage.tokens_out].map(|number| number.to_string());
    let [calls, read, written] = numbers;
    let money = match (is_unpriced, *usd == Usd::ZERO) {
        (false, _) => usd.to_string(),
        (true, true) => "unknown".to_owned(),
        (true, false) => format!("{usd} + ?"),
    };
    [(*name).to_owned(), calls, read, written, money]
}

/// The caps that hold whatever the table says.
fn caps(budget: &Budget) -> Option<String> {
    let counts = [
        (budget.target_calls, "target calls"),
        (budget.generator_calls, "generator calls"),
        (budget.tokens, "tokens in the search"),
    ];
    let counts = counts.iter().filter_map(|(cap, what)| Some(format!("{} {what}", (*cap)?)));
    let money = budget.usd.map(|usd| format!("{usd} in all"));
    let caps: Vec<_> = counts.chain(money).collect();
    (!caps.is_empty()).then(|| format!("and never more than {}", caps.join(", ")))
}
