//! A study's result as data: what `result.json`, `trials.jsonl` and the report page are made of.
//!
//! The field names are a contract, described in `docs/schema` and versioned by
//! [`Report::format`](Report).

mod answers;
mod missing;
mod steps;

pub use answers::AnswerCounts;
pub use missing::Missing;
pub use steps::{ReplyLine, StepLine, asked_in};

use serde::{Deserialize, Serialize};

use crate::budget::{Spending, StopReason};
use crate::cost::Cost;
use crate::history::{Evaluation, History, Trial, TrialState};
use crate::interval::{Difference, Estimate};
use crate::journal::{Assessed, Assessment, FORMAT, Outcome};
use crate::storage::Attempt;
use crate::task::Task;

/// The result of one study, all scores in [0, 1].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// The version of this format; it grows when a field changes its meaning or goes.
    #[cfg_attr(feature = "schema", schemars(extend("const" = FORMAT)))]
    pub format: u32,
    /// The study's name in the store.
    pub study: String,
    /// The task's name.
    pub task: String,
    /// The method's name.
    pub method: String,
    /// The seed.
    pub seed: u64,
    /// The model that is instructed, by name and revision.
    #[serde(default)]
    pub target: String,
    /// The model that wrote the instructions, by name and revision.
    #[serde(default)]
    pub generator: String,
    /// Why the search ended; none while it has not.
    pub stop_reason: Option<StopReason>,
    /// The winning instruction; none when no trial was completed.
    pub instruction: Option<String>,
    /// What to deploy: the winner, or the prompt that the person has in use where nothing is better, with
    /// all that stands around the part that may change.
    #[serde(default)]
    pub prompt: Option<String>,
    /// Words in a row that the winner has in common with a row of the task, the first such; none where it has
    /// none, and where the report was made without the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied: Option<String>,
    /// How many rows of the task the winner has such words in common with.
    #[serde(default, skip_serializing_if = "is_none")]
    pub copied_rows: usize,
    /// Whether the prompt that the person has in use should stay: nothing was found that scores higher.
    #[serde(default)]
    pub keep_yours: bool,
    /// The winner's dev score.
    pub dev: Option<DevScore>,
    /// The winner's held-out test score, once assessed.
    pub test: Option<Estimate>,
    /// What the winner is compared with, once assessed.
    pub baselines: Option<Baselines>,
    /// How many trials came to what.
    pub trials: TrialCounts,
    /// How many of the target's answers were cut, withheld, empty or without a score.
    #[serde(default)]
    pub answers: AnswerCounts,
    /// Why answers have no score: the most frequent reasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// What was used.
    pub ledger: LedgerReport,
    /// Calls that left, and whose answers are not there: in flight, or lost with a process that ended. They
    /// may have been charged for, at their worst, and are in no line of the ledger yet.
    #[serde(default, skip_serializing_if = "is_unused")]
    pub open: Spending,
    /// Seconds of wall time that the search took, in the process that ended it.
    pub wall_s: f64,
}

/// A mean over the dev examples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DevScore {
    /// The mean.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1)))]
    pub score: f64,
    /// The number of examples.
    pub n: usize,
}

impl DevScore {
    fn of(dev: &Evaluation) -> Option<Self> {
        Some(Self { score: dev.score?, n: dev.scores().len() })
    }
}

/// What every result is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Baselines {
    /// The prompt that the person has in use, where the task names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yours: Option<Baseline>,
    /// The empty instruction.
    pub empty: Baseline,
    /// The generator's greedy instruction without a soft prompt.
    pub manual: Baseline,
    /// The best of Uniform on the same task, seed and models, if that study is in the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uniform: Option<Baseline>,
}

/// One instruction to compare with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Baseline {
    /// The text.
    pub instruction: String,
    /// Its dev score; none when not one answer could be scored.
    pub dev: Option<DevScore>,
    /// Its test score.
    pub test: Estimate,
    /// The winner's test score less this one, paired by example; none without a winner, and where
    /// the two were scored on different examples.
    #[serde(default)]
    pub difference: Option<Difference>,
}

/// How many trials came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrialCounts {
    /// Scored on every example, repeats included.
    pub complete: usize,
    /// Scored on some examples, and not given up.
    #[serde(default)]
    pub partial: usize,
    /// Stopped early.
    pub pruned: usize,
    /// Failed.
    pub failed: usize,
    /// Different texts among those that have scores.
    pub distinct_instructions: usize,
}

/// What each role used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LedgerReport {
    /// The search's calls to the target.
    pub target: Spending,
    /// The search's texts from the generator.
    pub generator: Spending,
    /// The search's calls to the model that judges answers, where there is one.
    #[serde(default, skip_serializing_if = "is_unused")]
    pub judge: Spending,
    /// The scoring of winner and baselines after the search.
    pub assessment: Spending,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

fn is_unused(spending: &Spending) -> bool {
    *spending == Spending::default()
}

impl Report {
    /// The report of a study, finished or not. `uniform` is the outcome of the Uniform study to
    /// compare with, if there is one.
    pub fn of(study: &str, outcome: &Outcome, uniform: Option<&Outcome>) -> Self {
        let winner = outcome.winner();
        let assessment = outcome.assessment.as_ref();
        let keep_yours = assessment.is_some_and(Assessment::keeps_yours);
        let yours = outcome.config.task.start.first().filter(|_| keep_yours);
        let chosen = yours.or_else(|| winner.map(|trial| &trial.instruction));
        let proven = assessment.and_then(|all| Some(&all.winner.as_ref()?.dev));
        let winner_dev = proven.or_else(|| winner.and_then(|trial| trial.evaluation.as_ref()));
        Self {
            format: FORMAT,
            study: study.to_owned(),
            task: outcome.config.task.name.clone(),
            method: outcome.config.method.label.clone(),
            seed: outcome.config.seed,
            target: outcome.config.target.model.clone(),
            generator: outcome.config.generator.model.clone(),
            stop_reason: outcome.stop_reason,
            instruction: winner.map(|trial| trial.instruction.clone()),
            prompt: chosen.map(|text| outcome.config.task.frame.around(text)),
            copied: None,
            copied_rows: 0,
            keep_yours,
            dev: winner_dev.and_then(DevScore::of),
            test: assessment.and_then(|all| Some(all.winner.as_ref()?.interval)),
            baselines: assessment.map(|all| Baselines::of(all, uniform)),
            trials: TrialCounts::of(outcome),
            answers: AnswerCounts::of_study(outcome),
            missing: Missing::among(answers::evaluations(outcome)),
            ledger: LedgerReport {
                target: outcome.account.target,
                generator: outcome.account.generator,
                judge: outcome.account.judge,
                assessment: outcome.account.assessment,
            },
            open: Spending::default(),
            wall_s: outcome.seconds,
        }
    }

    /// The same report with the calls that left and whose answers are not there.
    #[must_use]
    pub fn with_open_calls(self, attempts: &[Attempt]) -> Self {
        let cost: Cost = attempts.iter().map(|attempt| attempt.cost).sum();
        let open = Spending {
            calls: cost.calls,
            lost: cost.calls,
            tokens_in: cost.usage.tokens_in,
            tokens_out: cost.usage.tokens_out,
            usd: cost.usd,
            ..Spending::default()
        };
        Self { open, ..self }
    }
}

impl Report {
    /// The same report with what can only be told beside the task: whether the winner copies a row.
    #[must_use]
    pub fn beside(self, task: &Task) -> Self {
        let winner = self.instruction.as_deref();
        let copied = winner.map(|winner| task.copied(winner)).unwrap_or_default();
        Self { copied_rows: copied.len(), copied: copied.into_iter().next(), ..self }
    }
}

impl Baselines {
    fn of(assessment: &Assessment, uniform: Option<&Outcome>) -> Self {
        let winner = assessment.winner.as_ref();
        let uniform = uniform.and_then(|uniform| uniform.assessment.as_ref()?.winner.as_ref());
        Self {
            yours: assessment.yours.as_ref().map(|yours| Baseline::of(yours, winner)),
            empty: Baseline::of(&assessment.empty, winner),
            manual: Baseline::of(&assessment.manual, winner),
            uniform: uniform.map(|uniform| Baseline::of(uniform, winner)),
        }
    }
}

impl Baseline {
    fn of(assessed: &Assessed, winner: Option<&Assessed>) -> Self {
        Self {
            instruction: assessed.instruction.clone(),
            dev: DevScore::of(&assessed.dev),
            test: assessed.interval,
            difference: winner.and_then(|winner| difference(&winner.test, &assessed.test)),
        }
    }
}

/// `winner` less `baseline`, example by example; none unless both were scored on the same examples.
fn difference(winner: &Evaluation, baseline: &Evaluation) -> Option<Difference> {
    let (these, those) = (&winner.per_example, &baseline.per_example);
    let mut pairs = these.iter().zip(those);
    let is_same = these.len() == those.len() && pairs.all(|(a, b)| a.example == b.example);
    let differences = Difference::of_pairs(&winner.all_scores(), &baseline.all_scores());
    (is_same && !differences.is_empty()).then(|| Difference::paired(&[vec![differences]]))
}

impl TrialCounts {
    /// Scored on every example or on some.
    ///
    /// ```
    /// use motjuste::report::TrialCounts;
    /// let raced = TrialCounts { complete: 1, partial: 7, pruned: 4, ..TrialCounts::default() };
    /// assert_eq!(raced.scored(), 12);
    /// ```
    pub fn scored(&self) -> usize {
        self.complete + self.partial + self.pruned
    }

    fn of(outcome: &Outcome) -> Self {
        let count =
            |state| outcome.history.trials().iter().filter(|trial| trial.state == state).count();
        Self {
            complete: count(TrialState::Complete),
            partial: count(TrialState::Partial),
            pruned: count(TrialState::Pruned),
            failed: count(TrialState::Failed),
            distinct_instructions: outcome.history.distinct_instructions(),
        }
    }
}

/// One line of `trials.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrialLine {
    /// The trial's number.
    pub trial: usize,
    /// Its step.
    pub step: usize,
    /// How far it got.
    pub state: TrialState,
    /// The text under evaluation.
    pub instruction: String,
    /// The latent point of its soft prompt, where there was one.
    pub z: Option<Vec<f64>>,
    /// Its mean dev score.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1)))]
    pub score: Option<f64>,
    /// Its score on each example; null where it is missing.
    #[cfg_attr(feature = "schema", schemars(inner(range(min = 0, max = 1))))]
    pub per_example: Vec<Option<f64>>,
    /// The index of each of those examples in the dev split.
    pub examples: Vec<usize>,
    /// What the target answered to each of them.
    pub answers: Vec<String>,
    /// The earlier trial with the same instruction.
    pub repeats: Option<usize>,
}

impl TrialLine {
    /// The lines of every trial that was evaluated, in order.
    pub fn all(outcome: &Outcome) -> Vec<Self> {
        let evaluated = |trial: &&Trial| trial.state != TrialState::Waiting;
        let trials = outcome.history.trials().iter().filter(evaluated);
        trials.map(|trial| Self::of(trial, &outcome.history)).collect()
    }

    fn of(trial: &Trial, history: &History) -> Self {
        let examples = trial.evaluation.iter().flat_map(|evaluation| &evaluation.per_example);
        Self {
            trial: trial.id,
            step: trial.step,
            state: trial.state,
            instruction: trial.instruction.clone(),
            z: history.soft_prompt_of(trial).map(|soft_prompt| soft_prompt.z.clone()),
            score: trial.evaluation.as_ref().and_then(|evaluation| evaluation.score),
            per_example: examples.clone().map(|example| example.score).collect(),
            examples: examples.clone().map(|example| example.example).collect(),
            answers: examples.map(|example| example.answer.clone()).collect(),
            repeats: trial.repeats,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::ExampleScore;

    fn evaluation(scores: &[(usize, f64)]) -> Evaluation {
        let score = |&(example, score)| ExampleScore::new(example, Some(score), "");
        Evaluation::new(scores.iter().map(score).collect(), Default::default())
    }

    #[test]
    fn the_difference_to_a_baseline_is_paired_by_example() {
        // Right on ten examples each, eight of them the same.
        let winner: Vec<_> = (0..20).map(|i| (i, f64::from(u8::from(i < 10)))).collect();
        let baseline: Vec<_> =
            (0..20).map(|i| (i, f64::from(u8::from((2..12).contains(&i))))).collect();
        let paired = difference(&evaluation(&winner), &evaluation(&baseline)).unwrap();
        let rows = [vec![1.0; 2], vec![0.0; 8], vec![-1.0; 2], vec![0.0; 8]].concat();
        assert_eq!(paired, Difference::paired(&[vec![rows]]));
    }

    #[test]
    fn other_examples_are_not_paired() {
        let one = evaluation(&[(0, 1.0), (1, 0.0)]);
        assert!(difference(&one, &evaluation(&[(0, 1.0)])).is_none());
        assert!(difference(&one, &evaluation(&[(0, 1.0), (2, 0.0)])).is_none());
        assert!(difference(&evaluation(&[]), &evaluation(&[])).is_none());
    }
}
