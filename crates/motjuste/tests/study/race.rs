//! A method of somebody else that races: few rows first, more for the better half, none for the rest.

use motjuste::Result;
use motjuste::history::{
    Allocation, Ask, Candidate, Found, History, Job, Part, Proposal, Reading, Reply, Rows, Trial,
};
use motjuste::method::{Bounds, Method, MethodId, Needs, PromptBound, Registered};
use motjuste::model::{Decoding, Request};
use motjuste::random::Stream;
use serde::{Deserialize, Serialize};

/// Successive halving: each rung doubles the rows of the better half, and gives up the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Race {
    /// Replies in a step.
    pub replies: usize,
    /// Rows of the first rung.
    pub rows: usize,
    /// Steps that ask for replies.
    pub heats: usize,
}

impl Default for Race {
    fn default() -> Self {
        Self { replies: 3, rows: 4, heats: 100 }
    }
}

/// Instructions in a reply.
pub const LINES: usize = 2;

/// A generator for it: two instructions in each reply, and a line that is none.
pub fn write_lines(request: &Request) -> String {
    let draw = request.decoding.draw as usize;
    let word =
        |power: usize| ["a", "b", "c", "d", "e"][(7 * draw + 3) / 5usize.pow(power as u32) % 5];
    let other = ["e", "d", "a", "b", "c"][draw % 5];
    let (first, second, third) = (word(0), word(1), word(2));
    format!("write {first} {second} {third}.\n# {draw}\nwrite {second} {other} {first}.")
}

impl Race {
    fn ask(&self, draw: usize) -> Proposal {
        let decoding = Decoding { max_tokens: 24, temperature: 1.0, draw: draw as u64 };
        let text = Part::Text("Write instructions, one a line.".to_owned());
        Proposal::Ask(Box::new(Ask::new(vec![text], decoding)))
    }

    /// The better half of the trials that race; of equals the earlier.
    fn halves<'a>(&self, history: &'a History) -> (Vec<&'a Trial>, Vec<&'a Trial>) {
        let mut racing: Vec<&Trial> = history.partial().collect();
        let score = |trial: &Trial| trial.evaluation.as_ref().and_then(|it| it.score);
        racing.sort_by(|a, b| score(b).partial_cmp(&score(a)).unwrap().then(a.id.cmp(&b.id)));
        let rest = racing.split_off(racing.len().div_ceil(2));
        (racing, rest)
    }

    fn rung(&self, history: &History, rows: usize) -> Rows {
        let all = history.rows();
        if rows < all.len() { Rows::These(all[..rows].to_vec()) } else { Rows::All }
    }
}

impl Registered for Race {
    const NAME: &'static str = "race";
    const SUMMARY: &'static str = "Few rows first, more for the better half.";
}

impl Method for Race {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self)
    }

    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn bounds(&self, trials: u64) -> Bounds {
        let Proposal::Ask(ask) = self.ask(0) else { return Bounds::default() };
        Bounds {
            replies: trials.next_multiple_of(self.replies as u64),
            prompt: Some(PromptBound::of(&ask)),
            instruction_bytes: Some(64),
            ..Bounds::default()
        }
    }

    fn propose(&self, history: &History, _: &mut Stream) -> Result<Vec<Proposal>> {
        let heats = history.steps().iter().filter(|step| !step.proposals.is_empty()).count();
        if history.partial().next().is_some() || heats >= self.heats {
            return Ok(Vec::new());
        }
        Ok((0..self.replies).map(|reply| self.ask(heats * self.replies + reply)).collect())
    }

    /// Every line is an instruction, but for comments and those that are known.
    fn read(&self, history: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        let mut seen = std::collections::HashSet::new();
        let mut found = |line: &str| match line {
            _ if line.starts_with('#') => Found::dropped(line, "a comment"),
            _ if history.find(line).is_some() || !seen.insert(line.to_owned()) => {
                Found::dropped(line, "known already")
            }
            _ => Found::new(line),
        };
        replies.iter().map(|reply| reply.text.lines().map(&mut found).collect()).collect()
    }

    fn allocate(
        &self,
        history: &History,
        fresh: &[Candidate],
        _: &mut Stream,
    ) -> Result<Allocation> {
        if history.partial().next().is_none() {
            let rows = self.rung(history, self.rows);
            let begin = |it: &Candidate| Job { candidate: it.id, rows: rows.clone() };
            return Ok(fresh.iter().map(begin).collect::<Vec<_>>().into());
        }
        let (better, rest) = self.halves(history);
        let more = |trial: &&Trial| {
            let rows = trial.evaluation.as_ref().map_or(0, |it| it.per_example.len());
            Job { candidate: trial.candidate, rows: self.rung(history, 2 * rows) }
        };
        Ok(Allocation {
            jobs: better.iter().map(more).collect(),
            prune: rest.iter().map(|trial| trial.id).collect(),
            ..Allocation::default()
        })
    }
}
