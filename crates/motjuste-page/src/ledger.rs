//! The ledger: what each role used.

use std::collections::BTreeMap;

use motjuste::Result;
use motjuste::budget::Spending;
use motjuste::money::Usd;
use motjuste::report::LedgerReport;
use serde::Serialize;

use crate::format::count;
use crate::html::{Html, template};

/// One role's line of the ledger.
///
/// ```
/// use motjuste::budget::Spending;
/// use motjuste_page::LedgerLine;
/// let line = LedgerLine::of("model", "proposes points", &Spending::default());
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct LedgerLine {
    role: &'static str,
    purpose: &'static str,
    calls: String,
    lost: String,
    cache_hits: String,
    tokens_in: String,
    tokens_out: String,
    usd: String,
}

impl LedgerLine {
    /// What each role of a study used, and the sum.
    pub fn of_study(ledger: &LedgerReport) -> Vec<Self> {
        let mut lines = vec![
            Self::of("target", "answers, in the search", &ledger.target),
            Self::of("generator", "writes instructions", &ledger.generator),
        ];
        if ledger.judge != Spending::default() {
            lines.push(Self::of("judge", "scores answers, in the search", &ledger.judge));
        }
        lines.extend([
            Self::of("assessment", "scores winner and baselines, after it", &ledger.assessment),
            Self::of("in all", "", &total(ledger)),
        ]);
        lines
    }

    /// The section of a page with these lines, the sum in the last.
    ///
    /// ```
    /// use motjuste_page::LedgerLine;
    /// assert!(LedgerLine::table(&[])?.to_string().contains("paid calls"));
    /// # Ok::<(), motjuste::Error>(())
    /// ```
    ///
    /// # Errors
    /// When it cannot be drawn, which a test rules out.
    pub fn table(lines: &[Self]) -> Result<Html> {
        template(include_str!("ledger.html"), &BTreeMap::from([("ledger", lines)]))
    }

    /// What one role used, and for what.
    pub fn of(role: &'static str, purpose: &'static str, spending: &Spending) -> Self {
        Self {
            role,
            purpose,
            calls: count(spending.calls),
            lost: count(spending.lost),
            cache_hits: count(spending.cache_hits),
            tokens_in: count(spending.tokens_in),
            tokens_out: count(spending.tokens_out),
            // Of no money at all it is not known whether nobody sends a bill, or no price was known.
            usd: match spending.usd {
                Usd::ZERO => "–".to_owned(),
                usd => usd.to_string(),
            },
        }
    }
}

fn total(ledger: &LedgerReport) -> Spending {
    let roles = [ledger.target, ledger.generator, ledger.judge, ledger.assessment];
    roles.into_iter().fold(Spending::default(), |sum, spending| sum + spending)
}
