//! What the winner and its baselines score on held-out examples, once the choice is made.

use super::Study;
use super::evaluator::Evaluator;
use crate::Result;
use crate::cost::Cost;
use crate::example::Example;
use crate::interval::Estimate;
use crate::journal::{Assessed, Assessment};
use crate::model::{Decoding, Model, Request};

impl Study {
    /// Scores the winner, the empty instruction and the Manual instruction, outside the search
    /// budget.
    pub(super) async fn assess(&self) -> Result<Assessment> {
        let (task, answers) = (self.evaluator.task.clone(), self.evaluator.answers);
        let calls = self.calls.after_the_search();
        let evaluator = Evaluator::new(&calls, task, &self.models, answers)?;
        let winner = match self.outcome.winner() {
            Some(trial) => Some(self.assess_one(&evaluator, trial.instruction.clone()).await?),
            None => None,
        };
        let yours = match self.config.task.start.first() {
            Some(yours) => Some(self.assess_one(&evaluator, yours.clone()).await?),
            None => None,
        };
        let empty = self.assess_one(&evaluator, String::new()).await?;
        let manual = self.assess_one(&evaluator, self.manual_instruction().await?).await?;
        Ok(Assessment { winner, yours, empty, manual, account: self.ledger().account() })
    }

    async fn assess_one(&self, evaluator: &Evaluator, instruction: String) -> Result<Assessed> {
        let known = self.outcome.history.find(&instruction);
        let known = known.filter(|trial| trial.score().is_some());
        let dev = match known.and_then(|trial| trial.evaluation.clone()) {
            Some(evaluation) => evaluation,
            None => {
                let rows = self.outcome.history.rows();
                evaluator.evaluate(&instruction, evaluator.task.dev(), rows).await?
            }
        };
        let test = evaluator.task.test();
        let rows: Vec<usize> = (0..test.len()).collect();
        let test = evaluator.evaluate(&instruction, test, &rows).await?;
        let interval = Estimate::of(&test.scores());
        Ok(Assessed { instruction, dev, test, interval })
    }

    /// The most answers that the assessment needs.
    pub(super) fn answers_of_the_assessment(&self) -> usize {
        let (test, dev) = (self.evaluator.task.test().len(), self.outcome.history.rows().len());
        let yours = usize::from(!self.config.task.start.is_empty());
        let calls = self.evaluator.answers.sampling.calls() as usize;
        ((3 + yours) * test + 2 * dev) * calls
    }

    async fn manual_instruction(&self) -> Result<String> {
        let generator = self.calls.after_the_search().generator(self.generator.model().clone());
        let written = generator.answer(&self.manual_request()?).await?;
        Ok(written.text.trim().to_owned())
    }

    pub(super) fn manual_request(&self) -> Result<Request> {
        let prompt = self.evaluator.task.templates().induce(&self.demonstrations.draw(0))?;
        Ok(Request::new(prompt, Decoding::greedy(self.config.generator.max_tokens)))
    }

    /// The most that the assessment can cost, with instructions as long as the longest so far, or
    /// as long as they may be where there is none.
    pub(super) fn worst_case_of_the_assessment(&self) -> Result<Cost> {
        let longest = self.outcome.history.longest_instruction();
        let length = longest.unwrap_or_else(|| self.longest_instruction());
        let instruction = "x".repeat(length);
        let test: Vec<&Example> = self.evaluator.task.test().iter().collect();
        let winner = self.worst_case_of(&instruction, &test)?;
        let baseline = winner + self.worst_case_of(&instruction, &self.dev_examples())?;
        let manual = self.generator.cost(1, self.manual_request()?.worst_case());
        let yours = match self.config.task.start.is_empty() {
            true => Cost::default(),
            false => winner,
        };
        Ok(winner + yours + baseline + baseline + manual)
    }
}
