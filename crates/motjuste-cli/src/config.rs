//! The folder of a person's settings.

use std::path::PathBuf;

/// Where a table of prices is kept: in the folder that `MOTJUSTE_CONFIG` names, or in the system's folder for
/// settings; none where there is no such folder.
pub(crate) fn prices() -> Option<PathBuf> {
    let named = std::env::var_os("MOTJUSTE_CONFIG").filter(|folder| !folder.is_empty());
    let usual = || dirs::config_dir().map(|folder| folder.join("motjuste"));
    named.map(PathBuf::from).or_else(usual).map(|folder| folder.join("prices.toml"))
}
