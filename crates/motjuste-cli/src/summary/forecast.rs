//! What a run may use at the most.

use motjuste::Result;
use motjuste::budget::Budget;
use motjuste::cost::Cost;
use motjuste::study::Forecast;
use motjuste_page::{Column, Table};

use super::line;
use crate::files;
use crate::output::WorstCase;

/// What a run may use at the most.
pub(crate) fn forecast(
    forecast: &Forecast,
    budget: &Budget,
    unpriced: &[String],
    json: bool,
) -> Result<()> {
    if json {
        let worst_case = forecast;
        line(&files::json(&WorstCase { worst_case, budget, no_price_known_for: unpriced })?);
        return Ok(());
    }
    line(&forecast_text(forecast, budget));
    for name in unpriced {
        line(&format!("no price is known for {name}: its money is not in the table"));
    }
    Ok(())
}

/// The worst case as a table, and the caps.
pub(crate) fn forecast_text(forecast: &Forecast, budget: &Budget) -> String {
    let head = format!("at the most, for {} trials:", forecast.trials);
    [head, table(forecast).to_text()].into_iter().chain(caps(budget)).collect::<Vec<_>>().join("\n")
}

fn table(forecast: &Forecast) -> Table {
    let roles = [
        ("generator", forecast.generator),
        ("target", forecast.target),
        ("judge", forecast.judge),
        ("assessment", forecast.assessment),
    ];
    let used = roles.iter().filter(|(_, cost)| cost.calls > 0);
    let total = ("in all", roles.iter().map(|(_, cost)| *cost).sum());
    let columns = [
        Column::text("").at_least(12),
        Column::number("calls").at_least(8),
        Column::number("tokens in").at_least(12),
        Column::number("tokens out").at_least(12),
        Column::number("money").at_least(10),
    ];
    Table::new("Worst case", columns, used.chain([&total]).map(|(name, cost)| row(name, cost)))
}

fn row(name: &str, Cost { calls, usage, usd }: &Cost) -> [String; 5] {
    let numbers = [*calls, usage.tokens_in, usage.tokens_out].map(|number| number.to_string());
    let [calls, read, written] = numbers;
    [name.to_owned(), calls, read, written, usd.to_string()]
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
