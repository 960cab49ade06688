//! What models cost: a built-in table that files of the user's go before.

mod names;
mod table;

pub use table::PriceTable;

use std::path::{Path, PathBuf};

use motjuste::cost::Price;
use motjuste::error::Setting;
use motjuste::{Error, Result};

use crate::name::ModelName;
use table::Entry;

/// Prices by model: a built-in table, and those of the user's that go before it.
///
/// ```
/// use motjuste_models::Prices;
/// let prices = Prices::built_in()?;
/// assert_eq!(prices.of("azure/gpt-4.1-mini")?, prices.of("openai/gpt-4.1-mini-2025-04-14")?);
/// assert_eq!(prices.of("openai/never-heard-of")?, None);
/// # Ok::<(), motjuste::Error>(())
/// ```
pub struct Prices {
    tables: Vec<PriceTable>,
    /// Where a table of the user's is looked for.
    installed: Option<PathBuf>,
}

impl Prices {
    /// The built-in table alone.
    ///
    /// # Errors
    /// Never, unless the program is damaged.
    pub fn built_in() -> Result<Self> {
        Self::load(None, None)
    }

    /// The built-in table, behind the one that is [installed](Self::install) at a place, if it is, behind the
    /// one in `file`.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when a file cannot be read or is no table of prices.
    pub fn load(file: Option<&Path>, installed: Option<&Path>) -> Result<Self> {
        let files = file.into_iter().chain(installed.filter(|place| place.exists()));
        let built_in = std::iter::once_with(PriceTable::built_in);
        let tables = files.map(PriceTable::read).chain(built_in).collect::<Result<_>>()?;
        Ok(Self { tables, installed: installed.map(Path::to_owned) })
    }

    /// Checks a table and puts it where [`Self::load`] finds it from then on.
    ///
    /// # Errors
    /// As [`PriceTable::read`]; [`Error::is_output`] when it cannot be written there.
    pub fn install(file: &Path, place: &Path) -> Result<PriceTable> {
        let table = PriceTable::read(file)?;
        let part = place.with_extension("part");
        let folder = place.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::copy(file, &part))
            .and_then(|_| std::fs::rename(&part, place))
            .map_err(|error| {
                Error::output(format!("cannot write prices to {}: {error}", place.display()))
                    .with_help("make the folder writable, or give the file to each command")
                    .with_setting(Setting::Prices)
            })?;
        Ok(table.kept_at(place))
    }

    /// The tables, the one that goes before the others first.
    pub fn tables(&self) -> &[PriceTable] {
        &self.tables
    }

    /// What the model of this name costs; none when that is not known.
    ///
    /// A version (`openai/gpt-4.1-mini-2025-04-14`) costs what its model does, and so does a model of OpenAI,
    /// Anthropic, Google or xAI behind a gateway (`openrouter/openai/gpt-4.1-mini`).
    ///
    /// # Errors
    /// [`Error::is_configuration`] when its price is no amount of dollars.
    pub fn of(&self, name: &str) -> Result<Option<Price>> {
        let model = ModelName::new(name);
        let price = self.entry(name).map(|(_, entry)| entry.price()).transpose()?;
        let is_free = !model.is_remote() || model.is_self_served();
        Ok(price.or(is_free.then_some(Price::FREE)))
    }

    /// The table that says what the model of this name costs.
    pub fn table_of(&self, name: &str) -> Option<&PriceTable> {
        self.entry(name).map(|(table, _)| table)
    }

    /// What the model of this name costs, which must be known under a cap on money.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when it must be known and is not.
    pub fn under(&self, is_capped: bool, name: &str) -> Result<Price> {
        match self.of(name)? {
            Some(price) => Ok(price),
            None if !is_capped => Ok(Price::FREE),
            None => Err(self.unknown(name)),
        }
    }

    fn entry(&self, name: &str) -> Option<(&PriceTable, Entry)> {
        let names = names::of(name);
        let find = |table: &PriceTable| names.iter().find_map(|name| table.entry(name));
        self.tables.iter().find_map(|table| Some((table, find(table)?)))
    }

    fn unknown(&self, name: &str) -> Error {
        let place = match &self.installed {
            Some(place) => place.display().to_string(),
            None => "a file that you give".to_owned(),
        };
        let key = toml::Value::from(name);
        Error::configuration(format!("no price is known for {name}"))
            .with_help(format!(
                "cap trials, calls or tokens, and not money; or add these two lines, with its price in place of \
                 the dots (0 where it costs nothing), to {place}\n\
                 \n    # US dollars per million tokens\n    {key} = {{ read = …, written = … }}\n\
                 \n  which may be another file for this run alone"
            ))
            .with_setting(Setting::Prices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(prices: &Prices, name: &str) -> Option<Price> {
        prices.of(name).unwrap()
    }

    fn dollars(read: f64, written: f64) -> Option<Price> {
        Some(Price::per_million(read, written).unwrap())
    }

    #[test]
    fn local_and_self_served_models_are_free_and_unknown_ones_unknown() {
        let prices = Prices::built_in().unwrap();
        for name in ["embedded", "hosted_vllm/any", "ollama/llama3:8b"] {
            assert_eq!(price(&prices, name), Some(Price::FREE), "{name}");
        }
        for name in [
            "openai/never-heard-of",
            "openai_compatible/any",
            "command:python3 app.py",
            "http://127.0.0.1:1/x",
        ] {
            assert_eq!(price(&prices, name), None, "{name}");
        }
    }

    #[test]
    fn a_dated_version_costs_what_its_model_does() {
        let prices = Prices::built_in().unwrap();
        let mini = price(&prices, "openai/gpt-4.1-mini");
        assert_eq!(mini, dollars(0.4, 1.6));
        for name in [
            "openai:gpt-4.1-mini-2025-04-14",
            "openrouter/openai/gpt-4.1-mini",
            "azure/gpt-4.1-mini",
        ] {
            assert_eq!(price(&prices, name), mini, "{name}");
        }
        assert_ne!(price(&prices, "openai/gpt-4.1-2025-04-14"), mini);
        assert_eq!(price(&prices, "openai/gpt-4o-2024-05-13"), dollars(5.0, 15.0));
        assert_eq!(price(&prices, "bedrock/openai.gpt-oss-20b-1:0"), dollars(0.07, 0.3));
        assert_eq!(price(&prices, "openai/gpt-5-ultra"), None);
    }

    #[test]
    fn the_built_in_table_says_of_when_it_is() {
        let table = PriceTable::built_in().unwrap();
        assert!(table.date.is_some() && table.len() > 40);
    }

    #[test]
    fn a_file_goes_before_the_table_and_its_faults_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prices.toml");
        let load = |text: &str| {
            std::fs::write(&file, text).unwrap();
            Prices::load(Some(&file), None)
        };
        let prices =
            load("date = \"2026-01-31\"\n\"openai/gpt-4.1-mini\" = { read = 1, written = 2 }")
                .unwrap();
        assert_eq!(price(&prices, "openai/gpt-4.1-mini"), dollars(1.0, 2.0));
        let table = prices.table_of("openai/gpt-4.1-mini").unwrap();
        assert_eq!(table.date.as_deref(), Some("2026-01-31"));
        for (text, word) in [
            ("\"openai/x\" = { reed = 1, written = 2 }", "reed"),
            ("\"openai/x\" = { read = -1, written = 2 }", "openai/x"),
            ("\"openai/x\" = { read = …, written = … }", "prices.toml"),
            ("# nothing", "no price"),
        ] {
            let error = load(text).err().unwrap();
            assert!(error.is_configuration() && error.to_string().contains(word), "{error}");
        }
    }

    #[test]
    fn an_installed_table_is_used_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let (file, place) =
            (folder.path().join("mine.toml"), folder.path().join("config/prices.toml"));
        std::fs::write(&file, "\"command:python3 app.py\" = { read = 1, written = 2 }").unwrap();
        let name = "command:python3 app.py";
        assert!(Prices::load(None, Some(&place)).unwrap().of(name).unwrap().is_none());
        assert_eq!(Prices::install(&file, &place).unwrap().len(), 1);
        let prices = Prices::load(None, Some(&place)).unwrap();
        assert_eq!(price(&prices, name), dollars(1.0, 2.0));
        assert_eq!(prices.table_of(name).unwrap().source, place.display().to_string());
        std::fs::write(&file, "oops").unwrap();
        assert!(Prices::install(&file, &place).is_err());
        assert!(Prices::load(None, Some(&place)).is_ok(), "a bad file replaces nothing");
    }

    #[test]
    fn a_cap_with_an_unknown_price_names_the_lines_and_where() {
        let prices = Prices::load(None, Some(Path::new("/config/prices.toml"))).unwrap();
        let error = prices.under(true, "command:app \"x\"").unwrap_err();
        let help = error.help().unwrap();
        assert!(
            help.contains("/config/prices.toml") && help.contains("US dollars per million"),
            "{help}"
        );
        let line = help.lines().find(|line| line.contains("read = …")).unwrap();
        let line = line.replacen('…', "1", 1).replacen('…', "2", 1);
        let table: toml::Table = toml::from_str(&line).unwrap();
        assert!(table.contains_key("command:app \"x\""));
        assert_eq!(prices.under(false, "openai/unheard-of").unwrap(), Price::FREE);
    }
}
