//! What the winner and its baselines score on held-out examples, once the choice is made.

use tokio::join;

use super::Study;
use super::evaluator::Evaluator;
use crate::Result;
use crate::cost::Cost;
use crate::example::Example;
use crate::interval::Estimate;
use crate::journal::{Assessed, Assessment, MOMENTS, Proven};
use crate::method::Choice;
use crate::model::{Decoding, Model, Request};

impl Study {
    /// What is missing of the scoring on the test examples, outside the search budget.
    pub(super) async fn assess(&self) -> Result<Assessment> {
        let (task, answers) = (self.evaluator.task.clone(), self.evaluator.answers);
        let calls = self.calls.after_the_search();
        let evaluator = Evaluator::new(&calls, task, &self.models, answers)?;
        let known = match &self.outcome.assessment {
            Some(known) => known.clone(),
            None => self.assess_the_result(&evaluator).await?,
        };
        if !self.tests_course || known.course.is_some() {
            return Ok(known);
        }
        let course = Some(self.assess_the_course(&evaluator, &known).await?);
        Ok(Assessment { course, account: self.ledger().account(), ..known })
    }

    /// Whether all is scored on the test examples that is to be.
    pub(super) fn is_assessed(&self) -> bool {
        let assessment = self.outcome.assessment.as_ref();
        assessment.is_some_and(|all| all.course.is_some() || !self.tests_course)
    }

    /// The test scores of what the search held for the best and that is not scored yet.
    async fn assess_the_course(
        &self,
        evaluator: &Evaluator,
        known: &Assessment,
    ) -> Result<Vec<Proven>> {
        let mut texts: Vec<String> =
            self.outcome.course().into_iter().map(|held| held.instruction).collect();
        texts.sort_unstable();
        texts.dedup();
        texts.retain(|text| known.test_of(text).is_none());
        let rows: Vec<usize> = (0..evaluator.task.test().len()).collect();
        let mut course = Vec::new();
        for instruction in texts {
            let test = evaluator.evaluate(&instruction, evaluator.task.test(), &rows).await?;
            course.push(Proven { instruction, test: Estimate::of(&test.scores()) });
        }
        Ok(course)
    }

    /// Scores the winner, the empty instruction and the Manual instruction.
    async fn assess_the_result(&self, evaluator: &Evaluator) -> Result<Assessment> {
        let winner = self.outcome.winner().map(|trial| trial.instruction.as_str());
        let yours = self.config.task.start.first().map(String::as_str);
        // Side by side, so that a call waits for its turn alone, and not for the slowest of another instruction.
        let (winner, yours, empty, manual) = join!(
            self.assess_one_of(evaluator, winner),
            self.assess_one_of(evaluator, yours),
            self.assess_one(evaluator, String::new()),
            async { self.assess_one(evaluator, self.manual_instruction().await?).await },
        );
        let (winner, yours, empty, manual) = (winner?, yours?, empty?, manual?);
        let account = self.ledger().account();
        Ok(Assessment { winner, yours, empty, manual, course: None, account })
    }

    async fn assess_one_of(
        &self,
        evaluator: &Evaluator,
        instruction: Option<&str>,
    ) -> Result<Option<Assessed>> {
        match instruction {
            Some(instruction) => {
                Ok(Some(self.assess_one(evaluator, instruction.to_owned()).await?))
            }
            None => Ok(None),
        }
    }

    async fn assess_one(&self, evaluator: &Evaluator, instruction: String) -> Result<Assessed> {
        let known = self.outcome.history.find(&instruction);
        let known = known.filter(|trial| trial.score().is_some());
        let known = known.and_then(|trial| trial.evaluation.clone());
        let dev = async {
            let rows = self.outcome.history.rows();
            match known {
                Some(evaluation) => Ok(evaluation),
                None => evaluator.evaluate(&instruction, evaluator.task.dev(), rows).await,
            }
        };
        let rows: Vec<usize> = (0..evaluator.task.test().len()).collect();
        let test = evaluator.evaluate(&instruction, evaluator.task.test(), &rows);
        let (dev, test) = join!(dev, test);
        let (dev, test) = (dev?, test?);
        let interval = Estimate::of(&test.scores());
        Ok(Assessed { instruction, dev, test, interval })
    }

    /// The most answers that the assessment needs.
    pub(super) fn answers_of_the_assessment(&self) -> usize {
        let (test, dev) = (self.evaluator.task.test().len(), self.outcome.history.rows().len());
        let yours = usize::from(!self.config.task.start.is_empty());
        let calls = self.evaluator.answers.sampling.calls() as usize;
        let partial = usize::from(self.config.choice == Choice::PosteriorMean);
        let course = if self.tests_course { MOMENTS as usize } else { 0 };
        ((3 + yours + course) * test + (2 + partial) * dev) * calls
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
        let course = match self.tests_course {
            true => winner.times(MOMENTS),
            false => Cost::default(),
        };
        // A winner that is chosen before it is complete is scored on the dev rows that it lacks.
        let winner = match self.config.choice {
            Choice::PosteriorMean => baseline,
            Choice::Earliest | Choice::Latest => winner,
        };
        Ok(winner + yours + baseline + baseline + manual + course)
    }
}
