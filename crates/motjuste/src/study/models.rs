//! The models that answer and judge, behind the meter.

use std::sync::Arc;

use crate::evaluator::{Answering, Evaluator};
use crate::model::LanguageModel;
use crate::model::metered::{Meter, Phase};
use crate::scoring::Scorer;
use crate::task::Task;
use crate::{Error, Result};

/// The target and the judge.
pub(super) struct Models {
    pub target: Arc<dyn LanguageModel>,
    pub judge: Option<Arc<dyn LanguageModel>>,
}

impl Models {
    /// What scores instructions, on the account of `phase`; every call passes `meter`.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the target or the judge is not up to the task.
    pub fn evaluator(
        &self,
        meter: &Arc<Meter>,
        task: Arc<Task>,
        answering: Answering,
        phase: Phase,
    ) -> Result<Evaluator> {
        refuse_a_target_without_prefill(&task, self.target.as_ref())?;
        let judge = self.judge.clone().map(|judge| meter.judge(judge, phase));
        let scorer = Scorer::new(&task.scoring, judge)?;
        let target = meter.target(self.target.clone(), phase);
        Ok(Evaluator { task, target, scorer, answering })
    }
}

fn refuse_a_target_without_prefill(task: &Task, target: &dyn LanguageModel) -> Result<()> {
    if !task.templates.begins_answers() || target.takes_prefill() {
        return Ok(());
    }
    let message =
        format!("the instruction begins the answer, and {} begins its answers itself", target.id());
    Err(Error::configuration(message).with_help(
        "ask it for completions (--target-api completions), load it without a chat template, or put \
         the instruction at q_begin or q_end",
    ))
}
