//! What a run may use at the most.

use motjuste::Result;
use motjuste::budget::Budget;
use motjuste::study::Forecast;
use motjuste::usage::Cost;

use super::line;
use crate::files;

/// What a run may use at the most.
pub(crate) fn forecast(
    forecast: &Forecast,
    budget: &Budget,
    unpriced: &[String],
    json: bool,
) -> Result<()> {
    if json {
        let value = serde_json::json!({
            "worst_case": forecast, "budget": budget, "no_price_known_for": unpriced,
        });
        line(&files::json(&value)?);
        return Ok(());
    }
    line(&forecast_text(forecast, budget));
    for name in unpriced {
        line(&format!("no price is known for {name}: its money is not in the table"));
    }
    Ok(())
}

/// The worst case as a table.
pub(crate) fn forecast_text(forecast: &Forecast, budget: &Budget) -> String {
    let mut lines = vec![
        format!("at the most, for {} trials:", forecast.trials),
        format!("{:<12}{:>10}{:>14}{:>14}{:>12}", "", "calls", "tokens in", "tokens out", "money"),
    ];
    let row = |name: &str, cost: &Cost| {
        let Cost { calls, usage, usd } = cost;
        let (read, written) = (usage.tokens_in, usage.tokens_out);
        format!("{name:<12}{calls:>10}{read:>14}{written:>14}{:>12}", usd.to_string())
    };
    let roles = [
        ("generator", forecast.generator),
        ("target", forecast.target),
        ("judge", forecast.judge),
        ("assessment", forecast.assessment),
    ];
    let used = roles.iter().filter(|(_, cost)| cost.calls > 0);
    lines.extend(used.map(|(name, cost)| row(name, cost)));
    lines.push(row("in all", &roles.iter().map(|(_, cost)| *cost).sum()));
    lines.extend(caps(budget));
    lines.join("\n")
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
