//! One table of prices: where it is from, of when it is, what is in it.

use std::collections::BTreeMap;
use std::path::Path;

use motjuste::cost::Price;
use motjuste::error::Setting;
use motjuste::{Error, Result};
use serde::Deserialize;

use super::names;

/// A table of prices: the built-in one, or a file.
#[derive(Debug, Clone)]
pub struct PriceTable {
    /// The file, or `built-in`.
    pub source: String,
    /// The day of which the prices are, where the table says so.
    pub date: Option<String>,
    models: BTreeMap<String, Entry>,
}

/// A table as it is written.
#[derive(Deserialize)]
struct Written {
    date: Option<String>,
    #[serde(flatten)]
    models: BTreeMap<String, Entry>,
}

/// US dollars per million tokens.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) read: f64,
    pub(super) written: f64,
}

impl PriceTable {
    /// The table in the program.
    pub(super) fn built_in() -> Result<Self> {
        Self::parse(include_str!("built_in.toml"), "built-in")
    }

    /// The table in a TOML file, with lines such as `"openai/gpt-4.1-mini" = { read = 0.40, written = 1.60 }`, in
    /// US dollars per million tokens, and perhaps `date = "2026-01-31"`.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the file cannot be read, is no such table, holds no price, or one
    /// that is no amount of money.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::configuration(format!("cannot read the prices in {}: {error}", path.display()))
                .with_help("give a TOML file")
                .with_setting(Setting::Prices)
        })?;
        Self::parse(&text, &path.display().to_string())
    }

    fn parse(text: &str, source: &str) -> Result<Self> {
        let refuse = |what: &str| {
            Error::configuration(format!("{source}: {what}")).with_help(
                "a line is \"openai/gpt-4.1-mini\" = { read = 0.40, written = 1.60 }, in US dollars per \
                 million tokens",
            )
        };
        let Written { date, models } =
            toml::from_str(text).map_err(|error| refuse(error.to_string().trim_end()))?;
        if models.is_empty() {
            return Err(refuse("it holds no price"));
        }
        for (model, entry) in &models {
            entry.price().map_err(|error| refuse(&format!("{model}: {error}")))?;
        }
        Ok(Self { source: source.to_owned(), date, models })
    }

    /// The same table, kept in another file.
    pub(super) fn kept_at(self, place: &Path) -> Self {
        Self { source: place.display().to_string(), ..self }
    }

    /// The models in it with their prices, in US dollars per million tokens read and written.
    pub fn prices(&self) -> impl Iterator<Item = (&str, f64, f64)> {
        self.models.iter().map(|(model, entry)| (model.as_str(), entry.read, entry.written))
    }

    /// The number of models.
    pub fn len(&self) -> usize {
        self.models.len()
    }

    /// Whether there is no model in it, which is never.
    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
    }

    /// The entry of the longest name that `name` is, or is a version of.
    pub(super) fn entry(&self, name: &str) -> Option<Entry> {
        let is_it = |known: &&String| known.as_str() == name || names::is_version(name, known);
        let nearest = self.models.keys().filter(is_it).max_by_key(|known| known.len())?;
        self.models.get(nearest).copied()
    }
}

impl Entry {
    pub(super) fn price(self) -> Result<Price> {
        Price::per_million(self.read, self.written)
    }
}
