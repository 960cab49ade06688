//! The servers that a command calls.

use motjuste::Result;

use crate::name::ModelName;
use crate::prices::Prices;

/// The models of a command that are behind an API, each once.
pub struct Servers {
    /// Their names.
    pub names: Vec<String>,
    /// Those that may send a bill: neither a server that people run themselves, nor a program of theirs.
    pub billing: Vec<String>,
    /// Those whose price is not known.
    pub unpriced: Vec<String>,
    /// The roles that they play, where that is known.
    pub roles: Unpriced,
}

/// Roles whose model costs nobody knows what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unpriced {
    /// Who writes instructions.
    pub generator: bool,
    /// Who is instructed.
    pub target: bool,
    /// Who judges answers.
    pub judge: bool,
}

impl Servers {
    /// Those among the models of these names.
    ///
    /// # Errors
    /// As [`Prices::of`].
    pub fn among(models: &[&str], prices: &Prices) -> Result<Self> {
        let (names, billing, unpriced) = Default::default();
        let mut servers = Self { names, billing, unpriced, roles: Unpriced::default() };
        for &name in models.iter().filter(|name| ModelName::new(**name).is_remote()) {
            if servers.names.iter().any(|known| known == name) {
                continue;
            }
            if prices.of(name)?.is_none() {
                servers.unpriced.push(name.to_owned());
            }
            if !ModelName::new(name).is_own() {
                servers.billing.push(name.to_owned());
            }
            servers.names.push(name.to_owned());
        }
        Ok(servers)
    }
}
