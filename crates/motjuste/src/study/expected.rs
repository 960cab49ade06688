//! What a study will use about, before anything is spent.

use super::Study;
use super::evaluator::WorstCase;
use super::forecast::Forecast;
use crate::Result;
use crate::cost::Cost;
use crate::example::Example;
use crate::model::TEMPLATE_TOKENS;
use crate::usage::Usage;

/// Bytes of an instruction, where no prompt is in use: four sentences.
const INSTRUCTION: usize = 300;

/// Instructions that a search holds for the best one after the other: of a hundred in random order, five are better than all before.
const COURSE: u64 = 5;

impl Study {
    /// What this study will use about, from its beginning: as many trials as at the most, each on as many rows as the
    /// method [has in the end](crate::method::Needs::usual_rows), instructions as long as the prompt in use (300 bytes where there is none), rows of average length, four bytes a token, and texts
    /// half as long as they may be ([`Usage::as_a_rule`]).
    ///
    /// # Errors
    /// As [`Self::forecast`].
    pub fn expected(&self) -> Result<Forecast> {
        let dev = self.dev_examples();
        let usual = self.method.needs().usual_rows.min(dev.len());
        let evaluation = self.expected_scoring(&dev[..usual])?;
        let may_begin = self.most_trials()?;
        let trials = self.most_evaluations(may_begin, evaluation.target.calls);
        let bounds = self.method.bounds(trials);
        let examined = self.expected_examinations(bounds.examined_rows)?;
        Ok(Forecast {
            trials,
            generator: self.expected_text(trials)?.times(bounds.replies),
            target: evaluation.target.times(trials) + examined.target,
            judge: evaluation.judge.times(trials) + examined.judge,
            assessment: self.expected_assessment(self.expected_scoring(&dev)?)?,
        })
    }

    /// Scoring an instruction on `examples`.
    fn expected_scoring(&self, examples: &[&Example]) -> Result<WorstCase> {
        let instruction = "x".repeat(self.expected_instruction() + self.expected_shown());
        Ok(self.evaluator.as_a_rule(self.evaluator.worst_case(&instruction, examples)?))
    }

    /// Train rows that the method examines trials on.
    fn expected_examinations(&self, rows: u64) -> Result<WorstCase> {
        let train: Vec<&Example> = self.evaluator.task.train().iter().collect();
        let median = train.len() / 2;
        let mut by_length = train;
        by_length.sort_by_key(|row| row.input.len());
        let Some(row) = by_length.get(median).filter(|_| rows > 0) else {
            return Ok(WorstCase::default());
        };
        let one = self.expected_scoring(&[row])?;
        Ok(WorstCase { target: one.target.times(rows), judge: one.judge.times(rows) })
    }

    /// One text of the generator.
    fn expected_text(&self, trials: u64) -> Result<Cost> {
        let bounds = self.method.bounds(trials);
        let most = match (bounds.computation, bounds.prompt) {
            (Some(computation), _) => self.worst_computation(computation)?,
            (None, None) => self.manual_request()?.worst_case(),
            (None, Some(prompt)) => {
                let task = &self.evaluator.task;
                let length =
                    |row: &Example| row.input.len() + row.outputs.first().map_or(0, String::len);
                let rows: Vec<usize> = task.train().iter().chain(task.dev()).map(length).collect();
                let shown = prompt.rows * rows.iter().sum::<usize>() / rows.len().max(1);
                let longest = prompt.instructions * self.most_words();
                let frame = prompt.bytes.saturating_sub(longest);
                let described = if prompt.describes_task { task.in_words().len() } else { 0 };
                let instructions = prompt.instructions * self.expected_instruction();
                let bytes = frame + shown + instructions + described + TEMPLATE_TOKENS;
                Usage { tokens_in: bytes as u64, tokens_out: prompt.max_tokens as u64 }
            }
        };
        Ok(self.generator.cost_as_a_rule(self.generator.cost(1, most)))
    }

    /// The scoring after the search: winner, baselines, and the prompt in use on the test rows; the baselines on the
    /// dev rows.
    fn expected_assessment(&self, dev: WorstCase) -> Result<Cost> {
        let test: Vec<&Example> = self.evaluator.task.test().iter().collect();
        let test = self.expected_scoring(&test)?.total();
        let manual = self.generator.cost(1, self.manual_request()?.worst_case());
        let course = if self.tests_course { COURSE } else { 0 };
        let on_test = if self.config.task.start.is_empty() { 3 } else { 4 } + course;
        let manual = self.generator.cost_as_a_rule(manual);
        Ok(test.times(on_test) + dev.total().times(2) + manual)
    }

    /// The bytes of the train rows that an instruction shows: half as many as it may, of average length.
    fn expected_shown(&self) -> usize {
        let train = self.evaluator.task.train();
        let length = |row: &Example| row.input.len() + row.outputs.first().map_or(0, String::len);
        let all: usize = train.iter().map(length).sum();
        self.method.bounds(1).instruction_rows * all / (2 * train.len().max(1))
    }

    fn expected_instruction(&self) -> usize {
        self.config
            .task
            .start
            .iter()
            .map(String::len)
            .max()
            .unwrap_or(INSTRUCTION)
            .min(self.longest_instruction())
    }
}
