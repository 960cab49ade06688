//! The ledger: what each role used.

use std::collections::BTreeMap;

use motjuste::Result;
use motjuste::budget::Spending;
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
            usd: spending.usd.to_string(),
        }
    }
}

fn total(ledger: &LedgerReport) -> Spending {
    let roles = [&ledger.target, &ledger.generator, &ledger.judge, &ledger.assessment];
    let sum = |of: fn(&Spending) -> u64| roles.iter().map(|spending| of(spending)).sum();
    Spending {
        calls: sum(|spending| spending.calls),
        lost: sum(|spending| spending.lost),
        cache_hits: sum(|spending| spending.cache_hits),
        tokens_in: sum(|spending| spending.tokens_in),
        tokens_out: sum(|spending| spending.tokens_out),
        usd: roles.iter().map(|spending| spending.usd).sum(),
    }
}
