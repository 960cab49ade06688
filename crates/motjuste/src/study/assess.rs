//! What the winner and its baselines score on held-out examples, once the choice is made.

use super::Study;
use crate::evaluator::Evaluator;
use crate::interval::Estimate;
use crate::journal::{Assessed, Assessment};
use crate::model::metered::Phase;
use crate::model::{Decoding, GenerationRequest};
use crate::task::Example;
use crate::usage::Cost;
use crate::{Error, Result};

impl Study {
    /// Scores the winner, the empty instruction and the Manual instruction, outside the search
    /// budget.
    pub(super) async fn assess(&self) -> Result<Assessment> {
        let (task, answering) = (self.evaluator.task.clone(), self.evaluator.answering);
        let evaluator = self.models.evaluator(&self.meter, task, answering, Phase::Assessment)?;
        let winner = match self.outcome.winner() {
            Some(trial) => Some(self.assess_one(&evaluator, trial.instruction.clone()).await?),
            None => None,
        };
        let empty = self.assess_one(&evaluator, String::new()).await?;
        let manual = self.assess_one(&evaluator, self.manual_instruction().await?).await?;
        Ok(Assessment { winner, empty, manual, account: self.meter.ledger().account() })
    }

    async fn assess_one(&self, evaluator: &Evaluator, instruction: String) -> Result<Assessed> {
        let known = self.outcome.history.find(&instruction);
        let dev = match known.and_then(|trial| trial.evaluation.clone()) {
            Some(evaluation) => evaluation,
            None => evaluator.evaluate(&instruction, &self.dev_examples(None)).await?,
        };
        let examples: Vec<(usize, &Example)> = evaluator.task.test.iter().enumerate().collect();
        let test = evaluator.evaluate(&instruction, &examples).await?;
        let interval = Estimate::of(&test.scores());
        Ok(Assessed { instruction, dev, test, interval })
    }

    async fn manual_instruction(&self) -> Result<String> {
        let request = self.manual_request()?;
        let generator = self.meter.generator(self.generator.model.clone(), Phase::Assessment);
        let written = generator.generate(&[request]).await?;
        Ok(written.into_iter().next().map(|generation| generation.text).unwrap_or_default())
    }

    pub(super) fn manual_request(&self) -> Result<GenerationRequest> {
        Ok(GenerationRequest {
            soft_prompt: None,
            prompt: self.evaluator.task.templates.induce(&self.brief.demonstrations(0))?,
            decoding: Decoding::greedy(self.config.generator.max_tokens),
            features: false,
        })
    }

    /// Keeps the money for the assessment out of the search's reach.
    pub(super) fn put_by_for_the_assessment(&self) -> Result<()> {
        let ledger = self.meter.ledger();
        if ledger.budget().usd.is_some() {
            ledger.put_by(self.worst_case_of_the_assessment()?.usd);
        }
        Ok(())
    }

    /// Refuses a cap on money under which not one instruction can be evaluated and proven.
    pub(super) fn refuse_money_below_one_trial(&self) -> Result<()> {
        let Some(cap) = self.meter.ledger().budget().usd else { return Ok(()) };
        let trial = self.worst_case_of_a_trial()?;
        let needed = trial.usd + self.worst_case_of_the_assessment()?.usd;
        if needed <= cap {
            return Ok(());
        }
        let message = format!("a budget of {cap} does not cover one evaluation and its proof");
        Err(Error::budget(message).with_help(format!(
            "that may take {needed} at the worst; raise --budget-usd, or have fewer examples"
        )))
    }

    /// The most that writing one instruction and scoring it on the dev examples can cost.
    fn worst_case_of_a_trial(&self) -> Result<Cost> {
        let written = self.generator.road.cost(1, self.longest_request()?.worst_case());
        Ok(written + self.worst_case_of_an_evaluation()?.total())
    }

    /// The most that the assessment can cost, with instructions as long as the longest so far, or
    /// as long as they may be where there is none.
    pub(super) fn worst_case_of_the_assessment(&self) -> Result<Cost> {
        let lengths = self.outcome.history.trials().map(|trial| trial.instruction.len());
        let length = lengths.max().unwrap_or_else(|| self.longest_instruction());
        let instruction = "x".repeat(length);
        let dev: Vec<&Example> = self.dev_examples(None).into_iter().map(|(_, e)| e).collect();
        let test: Vec<&Example> = self.evaluator.task.test.iter().collect();
        let winner = self.worst_case_of(&instruction, &test)?;
        let baseline = winner + self.worst_case_of(&instruction, &dev)?;
        let manual = self.generator.road.cost(1, self.manual_request()?.worst_case());
        Ok(winner + baseline + baseline + manual)
    }
}
