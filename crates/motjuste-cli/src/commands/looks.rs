//! Looks at test rows: each one makes the next a little less honest, so they are counted.

use std::collections::{BTreeMap, HashSet};

use motjuste::experiment::{Experiment, MakeStudy};
use motjuste::journal::Event;
use motjuste::storage::Storage;
use motjuste::{Error, Result};

use crate::summary;

/// Counts the studies, other than those of this comparison, that were scored on the test rows of its tasks; where there
/// are some, a further look must be asked for.
pub(super) async fn refuse_unless_again(
    experiment: &Experiment,
    make: &dyn MakeStudy,
    storage: &dyn Storage,
    again: bool,
) -> Result<()> {
    let own: HashSet<String> = experiment.names(make)?.into_iter().collect();
    let looks = looks(experiment, storage, &own).await?;
    if looks.is_empty() {
        return Ok(());
    }
    let told: Vec<String> =
        looks.iter().map(|(task, count)| format!("{task} by {count}")).collect();
    let told =
        format!("the test rows were looked at by other studies already: {}", told.join(", "));
    match again {
        true => {
            summary::note(&told);
            Ok(())
        }
        false => Err(Error::configuration(told).with_help(
            "whoever looks at test rows again and again chooses by their luck; use fresh rows, or look again with --again",
        )),
    }
}

/// How many other studies were scored on the test rows of each task.
async fn looks(
    experiment: &Experiment,
    storage: &dyn Storage,
    own: &HashSet<String>,
) -> Result<BTreeMap<String, usize>> {
    let tasks: BTreeMap<String, &str> =
        experiment.tasks().iter().map(|task| (task.data_hash(), task.name())).collect();
    let mut looks = BTreeMap::new();
    for study in storage.studies().await? {
        // A study's name begins with its task's.
        if own.contains(&study) || !tasks.values().any(|task| study.starts_with(*task)) {
            continue;
        }
        let events = storage.events(&study).await?;
        let data = events.iter().find_map(|event| match event {
            Event::Created { config } => Some(config.task.data.as_str()),
            _ => None,
        });
        let is_assessed = events.iter().any(|event| matches!(event, Event::Assessed(_)));
        if let Some(task) = data.and_then(|data| tasks.get(data)).filter(|_| is_assessed) {
            *looks.entry((*task).to_owned()).or_default() += 1;
        }
    }
    Ok(looks)
}
