//! The models that answer and judge, behind the meter.

use std::sync::Arc;

use crate::Result;
use crate::evaluator::{Answering, Evaluator};
use crate::model::LanguageModel;
use crate::model::metered::{Meter, Phase};
use crate::scoring::Scorer;
use crate::task::Task;

/// The target and the judge.
pub(super) struct Models {
    pub target: Arc<dyn LanguageModel>,
    pub judge: Option<Arc<dyn LanguageModel>>,
}

impl Models {
    /// What scores instructions, on the account of `phase`; every call passes `meter`.
    pub fn evaluator(
        &self,
        meter: &Arc<Meter>,
        task: Arc<Task>,
        answering: Answering,
        phase: Phase,
    ) -> Result<Evaluator> {
        let judge = self.judge.clone().map(|judge| meter.judge(judge, phase));
        let scorer = Scorer::new(&task.scoring, judge)?;
        let target = meter.target(self.target.clone(), phase);
        Ok(Evaluator { task, target, scorer, answering })
    }
}
