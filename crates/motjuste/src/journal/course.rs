//! What a search held for the best as it went on.

use super::outcome::{Outcome, chosen};
use crate::history::{Evaluation, History, Step};

/// What a search held for the best after some of its calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Calls to the target so far.
    pub calls: u64,
    /// What would have been its result.
    pub instruction: String,
    /// The dev score of that, on the rows that were paid for.
    pub dev: f64,
    /// How many rows these are.
    pub rows: usize,
}

/// A course has so many moments at the most: one whenever another part of all calls is done, and the end besides.
pub(crate) const MOMENTS: u64 = 25;

impl Outcome {
    /// What the search held for the best as it went on, at up to 25 moments at about equal distances in calls, and at its end.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use motjuste::method::Fixed;
    /// use motjuste::model::Scripted;
    /// use motjuste::study::Study;
    /// use motjuste::task::{Example, Task};
    ///
    /// let row = |input: &str| vec![Example::new(input, ["yes"])];
    /// let task = Task::new("agree", row("a"), row("b"), row("c")).unwrap();
    /// let target = Scripted::new("m", |request| if request.text().contains("yes") { "yes" } else { "no" }.into());
    /// let given = Fixed { instructions: vec!["Answer.".into(), "Say yes.".into()] };
    /// let study = Study::of(task, target).method(given).test_course(true);
    /// let outcome = study.open().await.unwrap().run(&()).await.unwrap();
    /// let course = outcome.course();
    /// let last = course.last().unwrap();
    /// assert_eq!((last.calls, last.instruction.as_str(), last.dev), (2, "Say yes.", 1.0));
    /// let test = outcome.assessment.unwrap().test_of("Say yes.").unwrap();
    /// assert_eq!(test.score, 1.0);
    /// # });
    /// ```
    pub fn course(&self) -> Vec<Held> {
        let config = &self.config;
        let start = config.task.start.clone();
        let mut history = History::scored_on(config.rows(0)).starting_with(start);
        let steps = self.history.steps();
        let draws = config.target.sampling.calls();
        let all: u64 = steps.iter().map(answers).sum::<u64>() * draws;
        let (mut calls, mut due) = (0, 0);
        let mut course = Vec::new();
        for step in steps {
            calls += answers(step) * draws;
            history.push(step.clone());
            if calls < due && step.index + 1 < steps.len() {
                continue;
            }
            due = calls + all.div_ceil(MOMENTS).max(1);
            course.extend(held(&history, self, calls));
        }
        course
    }
}

fn held(history: &History, outcome: &Outcome, calls: u64) -> Option<Held> {
    let trial = chosen(&outcome.config, history)?;
    let evaluation = trial.evaluation.as_ref()?;
    let (dev, rows) = (evaluation.score?, evaluation.per_example.len());
    Some(Held { calls, instruction: trial.instruction.clone(), dev, rows })
}

/// The answers of the target that a step paid for.
fn answers(step: &Step) -> u64 {
    let scored = step.assignments.iter().filter(|one| one.repeats.is_none());
    let scored = scored.filter_map(|one| one.evaluation.as_ref());
    let examined = step.examinations.iter().filter_map(|one| one.evaluation.as_ref());
    scored.chain(examined).map(|all: &Evaluation| all.per_example.len() as u64).sum()
}
