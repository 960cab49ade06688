//! TRIPLE (Shi, Yang, Chen, Yang, Yang and Shen, arXiv 2402.09723): the best of many prompts with a fixed number of
//! calls, as a bandit whose arms are the instructions of the pool and whose pulls are dev rows.
//!
//! | symbol | meaning |
//! |---|---|
//! | K | instructions, drawn from the pool |
//! | T | calls |
//! | L | rounds, ⌈log₂ K⌉ |
//! | S | instructions that are left |
//!
//! *Halving* (Karnin, Koren and Somekh 2013): L rounds; in each, every instruction that is left gets ⌊T / (L S)⌋ rows
//! more, and the better half stays. *Continuous rejects* (Wang, Tran-Thanh and Proutiere 2023): one row for all at a
//! time; the worst goes once its gap exceeds a bound that falls as calls are used up.
//!
//! [`Triple::default`] is TRIPLE-SH, [`Triple::continuous`] TRIPLE-CR; `FIDELITY.md` lists every difference.

use serde::{Deserialize, Serialize};

use super::arms::{self, Arm, ROWS};
use super::pool::{self, Pool};
use super::soft_prompts;
use super::{Bounds, HiddenStates, Method, MethodId, Needs, Registered};
use crate::history::{Allocation, Candidate, History, Job, Proposal, Reading, Reply, Rows};
use crate::random::Stream;
use crate::{Error, Result};

/// TRIPLE: the best of many instructions with a fixed number of calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Triple {
    /// How the pool is decoded; its `start` and `batch` have no part in this.
    pub pool: Pool,
    /// What decides which instructions stay.
    pub rule: Elimination,
    /// Instructions of the pool that take part, K, drawn at random.
    pub prompts: usize,
    /// Calls of the target, T. The rows that the winner lacks at the end, which are no more than the study scores
    /// on, are set aside from them. A study that is limited by calls should be given as many; one that is given fewer ends
    /// before the method does, perhaps without a winner, and one that is given more does not use them.
    pub calls: u64,
    /// Whether all are scored on the same rows, or each on a draw of its own, as published.
    pub paired: bool,
}

/// What decides which instructions stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Elimination {
    /// Sequential halving: TRIPLE-SH.
    Halving,
    /// Continuous rejects, by the gap to the mean of the others: TRIPLE-CR with CR-A.
    RejectsByMean,
    /// Continuous rejects, by the gap to the next worst: TRIPLE-CR with CR-C.
    RejectsByNext,
}

impl Default for Triple {
    fn default() -> Self {
        Self {
            pool: Pool::default(),
            rule: Elimination::Halving,
            prompts: 150,
            calls: 3000,
            paired: true,
        }
    }
}

/// The arms that are left, and the rows that each must have.
struct Round<'r, 'a> {
    left: Vec<&'r Arm<'a>>,
    rows: usize,
}

impl Round<'_, '_> {
    /// Whether a row is lacking.
    fn is_open(&self) -> bool {
        !self.left.iter().all(|arm| arm.has(self.rows))
    }

    /// What it lacks; who is not in it any more is given up.
    fn allocation(&self, arms: &[Arm<'_>]) -> Allocation {
        let is_left = |arm: &Arm<'_>| self.left.iter().any(|it| it.id() == arm.id());
        let is_given_up = |arm: &&Arm<'_>| arm.is_partial() && !is_left(arm);
        let lacking = self.left.iter().filter(|arm| arm.is_open() && !arm.has(self.rows));
        Allocation {
            jobs: lacking.map(|arm| arm.job(self.rows)).collect(),
            prune: arms.iter().filter(is_given_up).map(|arm| arm.id()).collect(),
            ..Allocation::default()
        }
    }

    /// The arms in order of their means, the best and the earlier of equals first.
    fn sort(&mut self) {
        let rows = self.rows;
        self.left.sort_by(|a, b| b.mean(rows).total_cmp(&a.mean(rows)));
    }
}

/// The step that the arms begin in: the one after the pool was decoded, when the study's projection is known.
const FIRST: usize = 1;

impl Triple {
    /// TRIPLE-CR with the test that alone decides in the published code.
    ///
    /// ```
    /// use motjuste::method::{Elimination, Triple};
    /// assert_eq!(Triple::continuous().rule, Elimination::RejectsByMean);
    /// ```
    pub fn continuous() -> Self {
        Self { rule: Elimination::RejectsByMean, ..Self::default() }
    }

    /// The dev rows in the order in which this candidate is scored on them.
    fn order(&self, history: &History, candidate: usize) -> Vec<usize> {
        match self.paired {
            true => arms::order(history, "rows"),
            false => arms::order(history, &format!("rows of {candidate}")),
        }
    }

    /// Calls for all but the rows that the winner may lack at the end.
    fn calls(&self, history: &History) -> u64 {
        self.calls.saturating_sub(history.rows().len() as u64)
    }

    /// Rows for each in a round of halving, ⌊T / (L S)⌋ and at least one.
    fn share(&self, history: &History, arms: usize, left: usize) -> usize {
        let rows = self.calls(history) / (rounds(arms) * left.max(1)) as u64;
        usize::try_from(rows.max(1)).unwrap_or(usize::MAX)
    }

    /// The instructions that take part: as many as get a row each in every round.
    fn most(&self, history: &History) -> usize {
        let calls = usize::try_from(self.calls(history)).unwrap_or(usize::MAX);
        let fits = |count: &usize| rounds(*count).saturating_mul(*count) <= calls;
        match self.rule {
            Elimination::Halving => (1..=self.prompts).rev().find(fits).unwrap_or(1),
            Elimination::RejectsByMean | Elimination::RejectsByNext => {
                self.prompts.min(calls).max(1)
            }
        }
    }

    /// Every instruction that takes part, on its first rows.
    fn begin(&self, history: &History, stream: &mut Stream) -> Vec<Job> {
        let is_open = |it: &&Candidate| history.find(&it.instruction).is_none();
        let open: Vec<&Candidate> = history.candidates().iter().filter(is_open).collect();
        let chosen = pool::drawn(&open, self.most(history), stream);
        let rows = match self.rule {
            Elimination::Halving => self.share(history, chosen.len(), chosen.len()),
            Elimination::RejectsByMean | Elimination::RejectsByNext => 1,
        };
        let job = |it: &&Candidate| {
            let order = self.order(history, it.id);
            let rows = Rows::These(order.into_iter().take(rows).collect());
            Job { candidate: it.id, rows }
        };
        chosen.iter().map(job).collect()
    }

    /// The trials that take part and have begun.
    fn arms<'a>(&self, history: &'a History) -> Vec<Arm<'a>> {
        let own = history.trials().iter().filter(|trial| trial.step == FIRST);
        own.filter_map(|trial| Arm::of(trial, self.order(history, trial.candidate))).collect()
    }

    /// The first round of halving that lacks a row, or the last.
    fn halved<'r, 'a>(&self, history: &History, arms: &'r [Arm<'a>]) -> Round<'r, 'a> {
        let all = history.rows().len();
        let mut round = Round { left: arms.iter().collect(), rows: 0 };
        loop {
            let more = self.share(history, arms.len(), round.left.len());
            round.rows = round.rows.saturating_add(more).min(all);
            if round.is_open() || round.left.len() <= 1 {
                return round;
            }
            round.sort();
            round.left.truncate(round.left.len().div_ceil(2));
        }
    }

    /// The first sweep over all that are left that lacks a row, or the winner.
    fn rejected<'r, 'a>(&self, history: &History, arms: &'r [Arm<'a>]) -> Round<'r, 'a> {
        let (all, budget) = (history.rows().len(), self.calls(history));
        let mut round = Round { left: arms.iter().collect(), rows: 0 };
        let mut spent_on_rejected = 0;
        while round.left.len() > 1 && round.rows < all {
            let next = spent_on_rejected + ((round.rows + 1) * round.left.len()) as u64;
            if next > budget && round.rows > 0 {
                break;
            }
            round.rows += 1;
            if round.is_open() {
                return round;
            }
            round.sort();
            if self.rejects(&round, budget.saturating_sub(spent_on_rejected)) {
                round.left.pop();
                spent_on_rejected += round.rows as u64;
            }
        }
        round.sort();
        round.left.truncate(1);
        round
    }

    /// Whether the worst goes: its gap to the others exceeds `1 / sqrt(beta) - 1`, with
    /// `beta = pulls log(S) / calls that are left`, `log(S) = 1/2 + 1/2 + 1/3 + ... + 1/S`.
    fn rejects(&self, round: &Round<'_, '_>, calls: u64) -> bool {
        let means: Vec<f64> = round.left.iter().map(|arm| arm.mean(round.rows)).collect();
        let Some((worst, others)) = means.split_last() else { return false };
        let others = match self.rule {
            Elimination::RejectsByNext => others.last().copied().unwrap_or(*worst),
            Elimination::Halving | Elimination::RejectsByMean => {
                others.iter().sum::<f64>() / others.len() as f64
            }
        };
        let log = 0.5 + (2..=means.len()).map(|i| 1.0 / i as f64).sum::<f64>();
        let beta = (round.rows * means.len()) as f64 * log / calls.max(1) as f64;
        others - worst > 1.0 / beta.sqrt() - 1.0
    }

    /// The next round, or all rows for the winner.
    fn go_on(&self, history: &History) -> Allocation {
        let arms = self.arms(history);
        let mut round = match self.rule {
            Elimination::Halving => self.halved(history, &arms),
            Elimination::RejectsByMean | Elimination::RejectsByNext => {
                self.rejected(history, &arms)
            }
        };
        if !round.is_open() {
            round.rows = history.rows().len();
        }
        round.allocation(&arms)
    }
}

/// ⌈log₂ K⌉, and at least one.
fn rounds(arms: usize) -> usize {
    (1..usize::BITS as usize).find(|rounds| arms <= 1 << rounds).unwrap_or(usize::BITS as usize)
}

impl Registered for Triple {
    const NAME: &'static str = "triple-sh";
    const SUMMARY: &'static str = "TRIPLE (arXiv 2402.09723): the best of the pool's instructions with a fixed number of \
                                   calls, by sequential halving.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("triple-cr", Self::continuous())]
    }
}

impl Method for Triple {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        Needs { dev_examples: ROWS, ..soft_prompts::needs(HiddenStates::Unused) }
    }

    fn check(&self) -> Result<()> {
        if self.prompts == 0 || self.calls == 0 {
            return Err(Error::configuration("no prompts or no calls are no search").with_help(
                "set prompts and calls to 1 or more; the paper gives 5 calls a prompt",
            ));
        }
        self.pool.check()
    }

    fn bounds(&self, _: u64) -> Bounds {
        self.pool.bounds()
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        self.pool.propose(history, stream)
    }

    fn read(&self, history: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        pool::read(history, replies)
    }

    fn allocate(
        &self,
        history: &History,
        _: &[Candidate],
        stream: &mut Stream,
    ) -> Result<Allocation> {
        Ok(match history.steps().len() {
            0 => Allocation::default(),
            FIRST => self.begin(history, stream).into(),
            _ => self.go_on(history),
        })
    }
}
