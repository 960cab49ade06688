//! The newest states of policies, so that a lesson need not be learnt twice.

use std::sync::{Arc, Mutex, PoisonError};

use blake3::Hash;
use motjuste::model::Lesson;
use motjuste::{Error, Result};
use serde::Serialize;

use super::actions::Actions;
use super::state::State;

/// States that are kept: one for each of so many studies that run side by side.
const KEPT: usize = 4;

/// States by the hash of all that they are a function of, oldest first.
#[derive(Default)]
pub(crate) struct Policies {
    kept: Mutex<Vec<(Hash, Arc<State>)>>,
}

impl Policies {
    /// The state after some lessons: from the newest one that is kept of the same policy, or from the first.
    pub(super) fn learnt(&self, actions: &Actions, lessons: &[Lesson]) -> Result<Arc<State>> {
        let keys = keys(actions, lessons)?;
        let (known, mut state) =
            self.newest(&keys).unwrap_or_else(|| (0, Arc::new(State::first(actions))));
        for lesson in &lessons[known..] {
            Arc::make_mut(&mut state).learn(actions, lesson)?;
        }
        self.keep(&keys, &state);
        Ok(state)
    }

    /// Takes out the state that knows most of some lessons, and says how many.
    fn newest(&self, keys: &[Hash]) -> Option<(usize, Arc<State>)> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |(hash, _): &(Hash, Arc<State>)| keys.iter().position(|key| key == hash);
        let (place, lessons) = kept
            .iter()
            .enumerate()
            .filter_map(|(place, state)| Some((place, known(state)?)))
            .max_by_key(|(_, lessons)| *lessons)?;
        Some((lessons, kept.remove(place).1))
    }

    fn keep(&self, keys: &[Hash], state: &Arc<State>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(keys.last().map(|&key| (key, Arc::clone(state))));
        let old = kept.len().saturating_sub(KEPT);
        kept.drain(..old);
    }
}

/// What names the state before the first lesson and after each: the policy, the start text, the lessons so far.
fn keys(actions: &Actions, lessons: &[Lesson]) -> Result<Vec<Hash>> {
    let mut key = hash(&(actions.policy, actions.start))?;
    let mut keys = vec![key];
    for lesson in lessons {
        key = hash(&(key.as_bytes(), lesson))?;
        keys.push(key);
    }
    Ok(keys)
}

fn hash(what: &impl Serialize) -> Result<Hash> {
    let bytes = serde_json::to_vec(what)
        .map_err(|e| Error::model(format!("a policy cannot be named: {e}")).with_source(e))?;
    Ok(blake3::hash(&bytes))
}
