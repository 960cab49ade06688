//! What was typed for the table of prices.

use std::path::PathBuf;

use clap::Args as ClapArgs;

#[derive(Debug, ClapArgs)]
pub(crate) struct PricesArgs {
    /// Only models whose names contain this.
    pub name: Option<String>,

    /// Check a TOML file of prices and keep it: it goes before the built-in table from then on.
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    pub update: Option<PathBuf>,

    /// A file with prices that goes before the others.
    #[arg(long, env = "MOTJUSTE_PRICES", value_name = "FILE")]
    pub prices: Option<PathBuf>,
}
