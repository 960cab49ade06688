//! What models cost.

use motjuste::Result;
use motjuste_models::{PriceTable, Prices};
use motjuste_page::format::counted;

use super::line;
use crate::files;
use crate::output::{ModelPrice, PriceList, PriceSource};

/// The prices of the models whose names contain `part`, and the tables that they are from.
pub(crate) fn prices(prices: &Prices, part: Option<&str>, json: bool) -> Result<()> {
    let listed = listed(prices, &part.unwrap_or_default().to_lowercase());
    if json {
        let sources = prices.tables().iter().map(source).collect();
        line(&files::json(&PriceList { sources, prices: listed })?);
        return Ok(());
    }
    let width = listed.iter().map(|price| price.model.chars().count()).max().unwrap_or(0).max(5);
    line(&format!("{:<width$}  {:>9}  {:>9}", "model", "read", "written"));
    for price in &listed {
        let (model, from) =
            (price.model, if price.source == "built-in" { "" } else { price.source });
        let row =
            format!("{model:<width$}  {:>9}  {:>9}  {from}", usd(price.read), usd(price.written));
        line(row.trim_end());
    }
    for table in prices.tables() {
        let date = table.date.as_deref().map_or_else(String::new, |date| format!(" of {date}"));
        line(&format!("{}{date}: {}", table.source, counted(table.len(), "model")));
    }
    line(
        "US dollars per million tokens. Prices change: check them, and `motjuste prices --update FILE`.",
    );
    Ok(())
}

/// Where a table was put.
pub(crate) fn installed(table: &PriceTable, json: bool) -> Result<()> {
    line(&match json {
        true => files::json(&PriceList { sources: vec![source(table)], prices: Vec::new() })?,
        false => format!("{}: {}, used from now on", table.source, counted(table.len(), "model")),
    });
    Ok(())
}

/// Every model once, as the first table that has it says.
fn listed<'a>(prices: &'a Prices, part: &str) -> Vec<ModelPrice<'a>> {
    let mut listed: Vec<ModelPrice<'a>> = Vec::new();
    for table in prices.tables() {
        for (model, read, written) in table.prices() {
            let is_new = !listed.iter().any(|one| one.model == model);
            if is_new && model.to_lowercase().contains(part) {
                listed.push(ModelPrice { model, read, written, source: &table.source });
            }
        }
    }
    listed
}

fn source(table: &PriceTable) -> PriceSource<'_> {
    PriceSource { source: &table.source, date: table.date.as_deref(), models: table.len() }
}

fn usd(amount: f64) -> String {
    let text = format!("{amount:.4}");
    let cents = text.find('.').map_or(text.len(), |point| point + 3);
    let end = text.trim_end_matches('0').len().max(cents);
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::usd;

    #[test]
    fn amounts_have_cents_and_more_where_they_need_them() {
        assert_eq!(
            (usd(10.0), usd(0.075), usd(0.0375)),
            ("10.00".into(), "0.075".into(), "0.0375".into())
        );
    }
}
