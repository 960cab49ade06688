//! What was used, by whom.

use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

use crate::cost::Cost;
use crate::money::Usd;

/// Who a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The target, during the search.
    Target,
    /// The generator, during the search.
    Generator,
    /// The model that judges answers, during the search.
    Judge,
    /// All of them, scoring the winner and the baselines after the search.
    Assessment,
}

/// What one role has used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spending {
    /// Calls that this study paid for, or may have paid for.
    pub calls: u64,
    /// Those of them that never brought an answer: they are counted at their worst.
    #[serde(default)]
    pub lost: u64,
    /// Calls that the cache answered.
    pub cache_hits: u64,
    /// Tokens read in the paid calls.
    pub tokens_in: u64,
    /// Tokens written in the paid calls.
    pub tokens_out: u64,
    /// Money for the paid calls.
    #[serde(default)]
    pub usd: Usd,
    /// Those of the calls that another study had paid for: counted here, and not paid again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub shared: u64,
    /// Their part of the money.
    #[serde(default, skip_serializing_if = "Usd::is_zero")]
    pub shared_usd: Usd,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Spending {
    /// Tokens read and written.
    pub fn tokens(&self) -> u64 {
        self.tokens_in.saturating_add(self.tokens_out)
    }

    pub(super) fn settle(&mut self, cost: Cost) {
        self.calls = self.calls.saturating_add(cost.calls);
        self.tokens_in = self.tokens_in.saturating_add(cost.usage.tokens_in);
        self.tokens_out = self.tokens_out.saturating_add(cost.usage.tokens_out);
        self.usd += cost.usd;
    }

    pub(super) fn share(&mut self, cost: Cost) {
        self.settle(cost);
        self.shared = self.shared.saturating_add(cost.calls);
        self.shared_usd += cost.usd;
    }

    pub(super) fn lose(&mut self, cost: Cost) {
        self.settle(cost);
        self.lost = self.lost.saturating_add(cost.calls);
    }
}

impl Add for Spending {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            calls: self.calls.saturating_add(other.calls),
            lost: self.lost.saturating_add(other.lost),
            cache_hits: self.cache_hits.saturating_add(other.cache_hits),
            tokens_in: self.tokens_in.saturating_add(other.tokens_in),
            tokens_out: self.tokens_out.saturating_add(other.tokens_out),
            usd: self.usd + other.usd,
            shared: self.shared.saturating_add(other.shared),
            shared_usd: self.shared_usd + other.shared_usd,
        }
    }
}

/// What every role has used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Account {
    /// The search's calls to the target.
    pub target: Spending,
    /// The search's texts from the generator.
    pub generator: Spending,
    /// The search's calls to the model that judges answers.
    #[serde(default)]
    pub judge: Spending,
    /// The calls that score the winner and the baselines after the search.
    pub assessment: Spending,
}

impl Add for Account {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            target: self.target + other.target,
            generator: self.generator + other.generator,
            judge: self.judge + other.judge,
            assessment: self.assessment + other.assessment,
        }
    }
}

impl Sum for Account {
    fn sum<I: Iterator<Item = Self>>(accounts: I) -> Self {
        accounts.fold(Self::default(), Add::add)
    }
}

impl Account {
    /// The money that all roles have used.
    pub fn usd(&self) -> Usd {
        self.target.usd + self.generator.usd + self.judge.usd + self.assessment.usd
    }

    /// The calls of all roles that were made: without what the cache answered and what other studies had paid for.
    pub fn made_calls(&self) -> u64 {
        let roles = [self.target, self.generator, self.judge, self.assessment];
        roles.iter().map(|role| role.calls.saturating_sub(role.shared)).sum()
    }

    /// The money that was really paid: without what other studies had paid for.
    pub fn paid_usd(&self) -> Usd {
        let mut paid = self.usd();
        let roles = [self.target, self.generator, self.judge, self.assessment];
        roles.iter().for_each(|role| paid -= role.shared_usd);
        paid
    }

    pub(super) fn role(&mut self, role: Role) -> &mut Spending {
        match role {
            Role::Target => &mut self.target,
            Role::Generator => &mut self.generator,
            Role::Judge => &mut self.judge,
            Role::Assessment => &mut self.assessment,
        }
    }

    pub(super) fn search_tokens(&self) -> u64 {
        let others = self.generator.tokens().saturating_add(self.judge.tokens());
        self.target.tokens().saturating_add(others)
    }
}
