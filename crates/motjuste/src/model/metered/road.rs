//! Who pays for a call, and at which price.

use std::sync::Arc;

use super::target::MeteredModel;
use super::{Meter, MeteredGenerator};
use crate::budget::Role;
use crate::model::{Generator, LanguageModel};
use crate::money::Price;
use crate::usage::{Cost, Usage};

/// Whether a call is part of the search, or of the scoring after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Search,
    Assessment,
}

impl Phase {
    fn role(self, search: Role) -> Role {
        match self {
            Self::Search => search,
            Self::Assessment => Role::Assessment,
        }
    }
}

/// A road out: which role pays, at which price, and whether calls leave the process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Road {
    pub(crate) role: Role,
    price: Price,
    pub(crate) is_remote: bool,
}

impl Road {
    /// What `calls` calls cost that use `usage`.
    pub(crate) fn cost(&self, calls: u64, usage: Usage) -> Cost {
        self.price.of(calls, usage)
    }
}

impl Meter {
    /// The road to the target.
    pub(crate) fn target(
        self: &Arc<Self>,
        model: Arc<dyn LanguageModel>,
        phase: Phase,
    ) -> Arc<dyn LanguageModel> {
        self.model(model, phase.role(Role::Target), self.policy.target_price)
    }

    /// The road to the judge.
    pub(crate) fn judge(
        self: &Arc<Self>,
        model: Arc<dyn LanguageModel>,
        phase: Phase,
    ) -> Arc<dyn LanguageModel> {
        self.model(model, phase.role(Role::Judge), self.policy.judge_price)
    }

    /// The road to the generator.
    pub(crate) fn generator(
        self: &Arc<Self>,
        model: Arc<dyn Generator>,
        phase: Phase,
    ) -> MeteredGenerator {
        let (role, price) = (phase.role(Role::Generator), self.policy.generator_price);
        let road = Road { role, price, is_remote: model.is_remote() };
        MeteredGenerator { model, meter: self.clone(), road }
    }

    /// The road to the model that proposes points of a mathematical problem.
    pub(crate) fn optimizer(
        self: &Arc<Self>,
        model: Arc<dyn LanguageModel>,
    ) -> Arc<dyn LanguageModel> {
        self.model(model, Role::Generator, self.policy.generator_price)
    }

    fn model(
        self: &Arc<Self>,
        model: Arc<dyn LanguageModel>,
        role: Role,
        price: Price,
    ) -> Arc<dyn LanguageModel> {
        let road = Road { role, price, is_remote: model.is_remote() };
        Arc::new(MeteredModel { model, meter: self.clone(), road })
    }
}
