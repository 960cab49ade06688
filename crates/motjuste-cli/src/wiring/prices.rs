//! What the models of a command cost.

use motjuste::Result;
use motjuste::cost::Price;
use motjuste_models::Prices;

use crate::args::CallArgs;
use crate::{config, summary};

/// The prices of a command whose models are `names`. A price that the person's settings changed is told.
pub(super) fn prices(calls: &CallArgs, names: &[&str]) -> Result<Prices> {
    let installed = config::prices();
    let prices = Prices::load(calls.prices.as_deref(), installed.as_deref())?;
    let place = installed.map(|place| place.display().to_string());
    let mut told: Vec<&str> = Vec::new();
    for &name in names {
        let table = prices.table_of(name).filter(|table| Some(&table.source) == place.as_ref());
        if let Some(table) = table.filter(|_| !told.contains(&name)) {
            summary::note(&format!("{name} costs what {} says", table.source));
            told.push(name);
        }
    }
    Ok(prices)
}

/// Whether a model of this name costs money, and how much is known.
pub(crate) fn has_price(name: &str) -> Result<bool> {
    let prices = Prices::load(None, config::prices().as_deref())?;
    Ok(prices.of(name)?.is_some_and(|price| price != Price::FREE))
}
