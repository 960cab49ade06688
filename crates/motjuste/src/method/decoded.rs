//! The pool as points of a feature space: what the generator wrote for each soft prompt, by instruction.

use std::collections::HashMap;
use std::ops::Range;

use motjuste_gp::{Error as GpError, Points};
use serde::{Deserialize, Serialize};

use super::motjuste::{COMPONENTS, Features};
use super::soft_prompts::projection_of;
use super::{hidden_states::hidden_states, text_model};
use crate::history::{Candidate, History, Job, Proposal, Reply, Rows, Trial};
use crate::random::{Stream, Streams};

/// The instructions of a pool with their points.
pub(super) struct Decoded<'a> {
    /// One for each candidate, in order; its points stand one after the other.
    pub(super) groups: Vec<Group<'a>>,
    /// One row for each point.
    pub(super) features: Points,
}

/// An instruction with its preimage.
pub(super) struct Group<'a> {
    pub(super) candidate: &'a Candidate,
    /// Its rows of the features.
    pub(super) points: Range<usize>,
    /// Its score, once it is complete.
    pub(super) score: Option<f64>,
    /// Whether it was never paid for.
    pub(super) is_open: bool,
}

/// The points of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Members {
    /// The soft prompt that it was first read from.
    First,
    /// Every soft prompt that led to it.
    All,
}

/// Which dev rows score an instruction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DevRows {
    /// The same for every instruction.
    #[default]
    Same,
    /// A new draw for every instruction.
    Redrawn,
}

impl DevRows {
    /// A candidate on its rows.
    pub(super) fn job(self, candidate: &Candidate) -> Job {
        let rows = match self {
            Self::Same => Rows::All,
            Self::Redrawn => Rows::Redrawn,
        };
        Job { candidate: candidate.id, rows }
    }
}

impl<'a> Decoded<'a> {
    /// The first so many candidates of a history, or all of them, with the features of their points.
    pub(super) fn of(
        history: &'a History,
        features: Features,
        members: Members,
        most: usize,
    ) -> Result<Self, GpError> {
        let preimages = Preimages::of(history, members);
        let mut points: Vec<(&Candidate, Option<&Reply>)> = Vec::new();
        let mut groups = Vec::new();
        for candidate in history.candidates().iter().take(most) {
            let first = points.len();
            points.extend(preimages.of_candidate(candidate).into_iter().map(|it| (candidate, it)));
            let (score, is_open) = standing(history, candidate);
            groups.push(Group { candidate, points: first..points.len(), score, is_open });
        }
        Ok(Self { groups, features: rows(&points, features)? })
    }

    /// The indices of the groups that were never paid for.
    pub(super) fn open(&self) -> Vec<usize> {
        (0..self.groups.len()).filter(|index| self.groups[*index].is_open).collect()
    }

    /// The indices of the groups that have a score, with it.
    pub(super) fn scored(&self) -> Vec<(usize, f64)> {
        let groups = self.groups.iter().enumerate();
        groups.filter_map(|(index, group)| Some((index, group.score?))).collect()
    }
}

/// The score of a candidate's instruction, and whether nothing was paid for it yet.
fn standing(history: &History, candidate: &Candidate) -> (Option<f64>, bool) {
    let trial = history.find(&candidate.instruction);
    let is_open = trial.is_none() && history.trial_of(candidate.id).is_none();
    (trial.and_then(Trial::score), is_open)
}

/// Which replies hold a text.
struct Preimages<'a> {
    history: &'a History,
    /// None where only the first counts.
    replies: Option<HashMap<&'a str, Vec<&'a Reply>>>,
}

impl<'a> Preimages<'a> {
    fn of(history: &'a History, members: Members) -> Self {
        let replies = (members == Members::All).then(|| {
            let mut replies: HashMap<&str, Vec<&Reply>> = HashMap::new();
            for reply in history.steps().iter().flat_map(|step| &step.replies) {
                replies.entry(&reply.text).or_default().push(reply);
            }
            replies
        });
        Self { history, replies }
    }

    /// At least one entry.
    fn of_candidate(&self, candidate: &Candidate) -> Vec<Option<&'a Reply>> {
        let all = self.replies.as_ref().and_then(|all| all.get(candidate.instruction.as_str()));
        match all {
            Some(all) => all.iter().copied().map(Some).collect(),
            None => vec![self.history.reply_of(candidate)],
        }
    }
}

/// One row for each point: every view that was asked for. A single view stays as it is; two are brought to one
/// scale.
fn rows(points: &[(&Candidate, Option<&Reply>)], features: Features) -> Result<Points, GpError> {
    let candidates: Vec<&Candidate> = points.iter().map(|(candidate, _)| *candidate).collect();
    let words = || text_model::words(&candidates);
    let terms = || text_model::terms(&candidates, COMPONENTS);
    let states = || hidden_states(points.iter().map(|(_, reply)| *reply));
    match features {
        _ if points.is_empty() => Points::new(1, Vec::new()),
        Features::Words => alone(words()),
        Features::Terms => alone(terms()),
        Features::HiddenStates => alone(states()),
        Features::Both => text_model::joined(vec![words(), states()], points.len()),
    }
}

/// A view without a column says nothing, which one of zeros says too.
fn alone(mut view: Vec<Vec<f64>>) -> Result<Points, GpError> {
    view.iter_mut().filter(|row| row.is_empty()).for_each(|row| row.push(0.0));
    Points::from_rows(&view)
}

/// A stream that is the same in every step of a study, or the same in all studies: what a network's first
/// parameters, or an order of rows, are drawn from.
pub(super) fn lasting_stream(history: &History, what: &str, is_fixed: bool) -> Stream {
    let seed = projection_of(history).filter(|_| !is_fixed).map_or(0, |it| it.seed);
    Streams::new(seed).stream(what, 0)
}

/// Whether a candidate is a prompt that a person has in use.
pub(super) fn is_given(history: &History, candidate: &Candidate) -> bool {
    matches!(history.proposal_of(candidate), Some(Proposal::Instruction(_)))
}
