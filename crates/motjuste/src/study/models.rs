//! The models that answer and judge, behind the meter.

use std::sync::Arc;

use crate::Result;
use crate::evaluator::{Answering, Evaluator};
use crate::model::LanguageModel;
use crate::model::metered::{Meter, Phase};
use crate::scoring::Scorer;
use crate::task::Task;

/// The target and the judge, and the meter that every call to them passes.
pub(super) struct Models {
    pub target: Arc<dyn LanguageModel>,
    pub judge: Option<Arc<dyn LanguageModel>>,
    pub meter: Arc<Meter>,
}

impl Models {
    /// What scores instructions, on the account of `phase`.
    pub fn evaluator(
        &self,
        task: Arc<Task>,
        answering: Answering,
        phase: Phase,
    ) -> Result<Evaluator> {
        let judge = self.judge.clone().map(|judge| self.meter.judge(judge, phase));
        let scorer = Scorer::new(&task.scoring, judge)?;
        let target = self.meter.target(self.target.clone(), phase);
        Ok(Evaluator { task, target, scorer, answering })
    }
}
