//! The question before calls leave for a server.

use std::io::IsTerminal;

use motjuste::{Error, Result};
use motjuste_models::Servers;

use crate::summary;

/// Whether somebody agreed already or cannot be asked.
#[derive(Clone, Copy)]
pub(super) struct Consent {
    pub is_given: bool,
    pub json: bool,
}

impl Consent {
    /// Names the servers without a price, and asks `question` about all of them, where calls leave
    /// for a server and somebody is there to answer.
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
        if servers.names.is_empty() || self.is_given || self.nobody_answers() {
            return Ok(());
        }
        match summary::ask(&question(&servers.names.join(" and "))?)? {
            true => Ok(()),
            false => Err(Error::interrupted().with_help("nothing was spent; --yes does not ask")),
        }
    }

    fn nobody_answers(self) -> bool {
        self.json || !std::io::stdin().is_terminal() || !summary::is_watched()
    }
}
