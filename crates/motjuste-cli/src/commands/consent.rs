//! The question before calls leave for a server.

use std::io::IsTerminal;

use motjuste::{Error, Result};
use motjuste_models::Servers;

use crate::summary;

/// Whether somebody agreed already or cannot be asked.
#[derive(Clone, Copy)]
pub(super) struct Consent {
    pub is_given: bool,
    /// Whether a cap that was given bounds what is spent.
    pub is_capped: bool,
    pub json: bool,
}

impl Consent {
    /// Names the servers without a price, and asks `question` about all of them, where calls leave
    /// for a server and somebody is there to answer. Where nobody is, a cap is taken for a yes.
    pub(super) fn ask(
        self,
        servers: &Servers,
        question: impl FnOnce(&str) -> Result<String>,
    ) -> Result<()> {
        for name in &servers.unpriced {
            summary::note(&format!(
                "no price is known for {name}: money is not counted (--prices FILE gives one)"
            ));
        }
        if servers.names.is_empty() || self.is_given {
            return Ok(());
        }
        if self.nobody_answers() {
            return self.need_a_cap(servers);
        }
        match summary::ask(&question(&servers.names.join(" and "))?)? {
            true => Ok(()),
            false => Err(Error::interrupted().with_help("nothing was spent; --yes does not ask")),
        }
    }

    /// Refuses to spend what nobody agreed to and nothing bounds.
    fn need_a_cap(self, servers: &Servers) -> Result<()> {
        if self.is_capped || servers.billing.is_empty() {
            return Ok(());
        }
        let names = servers.billing.join(" and ");
        Err(Error::configuration(format!(
            "calls to {names} may cost money, and nobody is asked: there is no terminal, or --json"
        ))
        .with_help(
            "add --yes, or a cap such as --budget-usd 2 or --budget-tokens 1000000; `motjuste estimate` and \
             `compare --plan` say what a run may use at the most",
        ))
    }

    fn nobody_answers(self) -> bool {
        self.json || !std::io::stdin().is_terminal() || !summary::is_watched()
    }
}
