//! What the rows of a study ask, where the server was given the study's task.

use std::sync::Arc;

use motjuste::journal::StudyConfig;
use motjuste::task::{Example, Task};

/// The tasks that the server was given.
#[derive(Clone, Default)]
pub(crate) struct Tasks {
    tasks: Vec<(String, Arc<Task>)>,
}

impl Tasks {
    /// One more task.
    pub(crate) fn add(&mut self, task: Arc<Task>) {
        self.tasks.push((task.data_hash(), task));
    }

    /// The task of a study: the one whose data is the very same.
    fn of(&self, config: &StudyConfig) -> Option<&Task> {
        let is_meant = |(data, task): &&(String, Arc<Task>)| {
            *data == config.task.data && task.name() == config.task.name
        };
        self.tasks.iter().find(is_meant).map(|(_, task)| task.as_ref())
    }

    /// The dev rows of a study.
    pub(crate) fn dev(&self, config: &StudyConfig) -> Option<&[Example]> {
        self.of(config).map(Task::dev)
    }

    /// The held-out rows of a study.
    pub(crate) fn test(&self, config: &StudyConfig) -> Option<&[Example]> {
        self.of(config).map(Task::test)
    }
}
