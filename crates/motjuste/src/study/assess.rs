//! What the winner and its baselines score on held-out examples, once the choice is made.

use std::sync::Arc;

use super::Study;
use crate::Result;
use crate::budget::Role;
use crate::evaluator::Evaluator;
use crate::interval::Estimate;
use crate::journal::{Assessed, Assessment};
use crate::model::metered::{MeteredGenerator, MeteredModel};
use crate::model::{Decoding, GenerationRequest};
use crate::task::Example;

impl Study {
    /// Scores the winner, the empty instruction and the Manual instruction, outside the search
    /// budget.
    pub(super) async fn assess(&self) -> Result<Assessment> {
        let evaluator = self.assessing_evaluator();
        let winner = match self.outcome.winner() {
            Some(trial) => Some(self.assess_one(&evaluator, trial.instruction.clone()).await?),
            None => None,
        };
        let empty = self.assess_one(&evaluator, String::new()).await?;
        let manual = self.assess_one(&evaluator, self.manual_instruction().await?).await?;
        Ok(Assessment { winner, empty, manual, account: self.meter.ledger().account() })
    }

    fn assessing_evaluator(&self) -> Evaluator {
        let target = Arc::new(MeteredModel {
            model: self.target.clone(),
            meter: self.meter.clone(),
            role: Role::Assessment,
        });
        Evaluator { target, ..self.evaluator.clone() }
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
        let request = GenerationRequest {
            soft_prompt: None,
            prompt: self.evaluator.task.templates.induce(&self.brief.demonstrations(0))?,
            decoding: Decoding::greedy(self.instruction_tokens),
            features: false,
        };
        let generator = MeteredGenerator {
            model: self.generator.model.clone(),
            meter: self.meter.clone(),
            role: Role::Assessment,
        };
        let written = generator.generate(&[request]).await?;
        Ok(written.into_iter().next().map(|generation| generation.text).unwrap_or_default())
    }
}
