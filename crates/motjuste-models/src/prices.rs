//! What models cost: a built-in table that a file of the user's goes before.

use std::collections::BTreeMap;
use std::path::Path;

use motjuste::cost::Price;
use motjuste::error::Setting;
use motjuste::{Error, Result};
use serde::Deserialize;

use crate::name::ModelName;

/// Prices by model: a built-in table, and one of the user's that goes before it.
pub struct Prices(Vec<Table>);

type Table = BTreeMap<String, Entry>;

/// US dollars per million tokens.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    read: f64,
    written: f64,
}

impl Prices {
    /// The built-in table alone.
    ///
    /// # Errors
    /// Never, unless the program is damaged.
    pub fn built_in() -> Result<Self> {
        Self::load(None)
    }

    /// The built-in table, behind the one in `file`.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the file cannot be read or is no table of prices.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let own = file.map(read).transpose()?;
        let built_in = parse(include_str!("prices.toml"), "the built-in price table")?;
        Ok(Self(own.into_iter().chain([built_in]).collect()))
    }

    /// What the model of this name costs; none when that is not known.
    ///
    /// A dated version (`openai/gpt-4.1-mini-2025-04-14`) costs what its model does.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when its price is no amount of dollars.
    pub fn of(&self, name: &str) -> Result<Option<Price>> {
        let model = ModelName::new(name);
        if !model.is_remote() || model.is_self_served() {
            return Ok(Some(self.entry(name).map_or(Ok(Price::FREE), Entry::price)?));
        }
        self.entry(name).map(Entry::price).transpose()
    }

    /// What the model of this name costs, which must be known under a cap on money.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when it must be known and is not.
    pub fn under(&self, is_capped: bool, name: &str) -> Result<Price> {
        match self.of(name)? {
            Some(price) => Ok(price),
            None if !is_capped => Ok(Price::FREE),
            None => Err(unknown(name)),
        }
    }

    fn entry(&self, name: &str) -> Option<Entry> {
        let name = name.replacen("::", "/", 1).replacen(':', "/", 1);
        let dated = |known: &&String| {
            let rest = name.strip_prefix(known.as_str()).and_then(|rest| rest.strip_prefix('-'));
            rest.is_some_and(|rest| rest.starts_with("20"))
        };
        let exact = self.0.iter().find_map(|table| table.get(&name));
        let dated = || self.0.iter().find_map(|table| table.get(table.keys().filter(dated).max()?));
        exact.or_else(dated).copied()
    }
}

impl Entry {
    fn price(self) -> Result<Price> {
        Price::per_million(self.read, self.written)
    }
}

fn unknown(name: &str) -> Error {
    Error::configuration(format!("no price is known for {name}"))
        .with_help(format!(
            "write \"{name}\" = {{ read = …, written = … }}, in US dollars per million tokens, to a \
             file of prices and give that; or set no cap on money"
        ))
        .with_setting(Setting::Prices)
}

fn read(path: &Path) -> Result<Table> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::configuration(format!("cannot read the prices in {}: {error}", path.display()))
            .with_help("give a TOML file")
            .with_setting(Setting::Prices)
    })?;
    parse(&text, &path.display().to_string())
}

fn parse(text: &str, place: &str) -> Result<Table> {
    toml::from_str(text).map_err(|error| {
        Error::configuration(format!("{place}: {}", error.to_string().trim_end())).with_help(
            "a line is \"openai/gpt-4.1-mini\" = { read = 0.40, written = 1.60 }, in US dollars \
             per million tokens",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(prices: &Prices, name: &str) -> Option<Price> {
        prices.of(name).unwrap()
    }

    #[test]
    fn local_and_self_served_models_are_free_and_unknown_ones_unknown() {
        let prices = Prices::load(None).unwrap();
        for name in ["embedded", "hosted_vllm/any", "ollama/llama3:8b"] {
            assert_eq!(price(&prices, name), Some(Price::FREE), "{name}");
        }
        assert_eq!(price(&prices, "openai/never-heard-of"), None);
        assert_eq!(price(&prices, "openai_compatible/any"), None);
    }

    #[test]
    fn a_dated_version_costs_what_its_model_does() {
        let prices = Prices::load(None).unwrap();
        let mini = price(&prices, "openai/gpt-4.1-mini");
        assert_eq!(mini, Some(Price::per_million(0.4, 1.6).unwrap()));
        assert_eq!(price(&prices, "openai:gpt-4.1-mini-2025-04-14"), mini);
        assert_ne!(price(&prices, "openai/gpt-4.1-2025-04-14"), mini);
    }

    #[test]
    fn a_file_goes_before_the_table_and_its_faults_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prices.toml");
        std::fs::write(&file, "\"openai/gpt-4.1-mini\" = { read = 1, written = 2 }").unwrap();
        let prices = Prices::load(Some(&file)).unwrap();
        let own = Price::per_million(1.0, 2.0).unwrap();
        assert_eq!(price(&prices, "openai/gpt-4.1-mini"), Some(own));
        std::fs::write(&file, "\"openai/x\" = { reed = 1, written = 2 }").unwrap();
        let error = Prices::load(Some(&file)).err().unwrap();
        assert!(error.to_string().contains("reed"), "{error}");
    }
}
