//! The servers that a command calls.

use motjuste::Result;

use crate::name::ModelName;
use crate::prices::Prices;

/// The models of a command that are behind an API, each once.
pub struct Servers {
    /// Their names.
    pub names: Vec<String>,
    /// Those whose price is not known.
    pub unpriced: Vec<String>,
}

impl Servers {
    /// Those among the models of these names.
    ///
    /// # Errors
    /// As [`Prices::of`].
    pub fn among(models: &[&str], prices: &Prices) -> Result<Self> {
        let mut servers = Self { names: Vec::new(), unpriced: Vec::new() };
        for &name in models.iter().filter(|name| ModelName::new(**name).is_remote()) {
            if servers.names.iter().any(|known| known == name) {
                continue;
            }
            if prices.of(name)?.is_none() {
                servers.unpriced.push(name.to_owned());
            }
            servers.names.push(name.to_owned());
        }
        Ok(servers)
    }
}
