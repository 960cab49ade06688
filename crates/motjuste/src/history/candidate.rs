//! An instruction that may be paid for, and where it comes from.

/// An instruction with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its number in the study, from 0, in the order of reading.
    pub id: usize,
    /// The text.
    pub instruction: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a candidate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The index of its step.
    pub step: usize,
    /// The index of its reply, which is that of its proposal.
    pub reply: usize,
    /// Its position among the instructions in the reply, from 0.
    pub position: usize,
    /// The candidates that it was made of.
    pub parents: Vec<usize>,
}

/// What is to be paid for: an instruction on some rows of the dev split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The candidate, by its id.
    pub candidate: usize,
    /// The rows; those that the candidate was scored on before cost nothing again.
    pub rows: Rows,
}

/// Rows of the dev split that score an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// All rows that the study scores on.
    All,
    /// As many, drawn from the dev split anew for each trial.
    Redrawn,
    /// These, by their index in the dev split.
    These(Vec<usize>),
}

impl Job {
    /// A candidate on all rows.
    pub fn all(candidate: &Candidate) -> Self {
        Self { candidate: candidate.id, rows: Rows::All }
    }
}

/// What a method wants paid for, and what it gives up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allocation {
    /// The jobs, the most urgent first: a budget that ends early leaves out the last.
    pub jobs: Vec<Job>,
    /// Trials that can no longer win, by their ids.
    pub prune: Vec<usize>,
    /// Candidates whose answers to train rows are wanted: each by its id, with rows of the train split.
    pub examine: Vec<(usize, Vec<usize>)>,
}

impl From<Vec<Job>> for Allocation {
    fn from(jobs: Vec<Job>) -> Self {
        Self { jobs, ..Self::default() }
    }
}
