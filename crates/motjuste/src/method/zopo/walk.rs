//! The walk, replayed from its start: it is a function of the scores, so the first step to an instruction without a
//! score is the next one to pay for.

use std::collections::BTreeSet;

use motjuste_gp::Error as GpError;

use super::Zopo;
use super::local::{Fitted, Local};
use crate::method::decoded::Decoded;

/// Where a walk stands.
pub(super) struct Walk<'a> {
    settings: &'a Zopo,
    decoded: &'a Decoded<'a>,
    local: &'a Local<'a>,
    /// What was scored, in order; what could not be scored is visited and not here.
    scored: Vec<(usize, f64)>,
    visited: BTreeSet<usize>,
    adam: Adam,
    /// The best score at the last turn, and turns since then without a better one.
    best: f64,
    stale: usize,
    /// Turns in a row at which the process was unsure.
    unsure: usize,
    has_begun: bool,
    /// Where a turn stands that looks around first.
    looks_from: Option<usize>,
}

/// What a turn leads to.
enum Turn {
    /// One instruction.
    Step(usize),
    /// The unscored neighbours of where it stands.
    Explore(Vec<usize>),
    /// Everything is scored.
    End,
}

impl<'a> Walk<'a> {
    /// A walk that begins from the best of these.
    pub(super) fn new(
        settings: &'a Zopo,
        decoded: &'a Decoded<'a>,
        local: &'a Local<'a>,
        start: Vec<usize>,
    ) -> Self {
        let mut walk = Self {
            settings,
            decoded,
            local,
            scored: Vec::new(),
            visited: BTreeSet::new(),
            adam: Adam::new(local.place(0).len(), settings.learning_rate),
            best: f64::NEG_INFINITY,
            stale: 0,
            unsure: 0,
            has_begun: false,
            looks_from: None,
        };
        start.into_iter().for_each(|index| walk.visit(index));
        walk.best = walk.scored.iter().map(|it| it.1).fold(f64::NEG_INFINITY, f64::max);
        walk
    }

    fn visit(&mut self, index: usize) {
        self.visited.insert(index);
        if let Some(score) = self.decoded.groups[index].score {
            self.scored.push((index, score));
        }
    }

    /// Walks until it comes to what is not paid for: that, or nothing at the end of the pool.
    pub(super) fn until_unpaid(mut self) -> Result<Vec<usize>, GpError> {
        loop {
            let next = match self.turn()? {
                Turn::Step(index) => vec![index],
                Turn::Explore(indices) => indices,
                Turn::End => return Ok(Vec::new()),
            };
            let is_open = |index: &&usize| self.decoded.groups[**index].is_open;
            let unpaid: Vec<usize> = next.iter().filter(is_open).copied().collect();
            if !unpaid.is_empty() {
                return Ok(unpaid);
            }
            next.into_iter().for_each(|index| self.visit(index));
        }
    }

    fn turn(&mut self) -> Result<Turn, GpError> {
        let Some(at) = self.stand() else { return Ok(self.any()) };
        let place = self.local.place(at);
        let fitted = self.local.fitted(place, &self.scored)?;
        let gradient = fitted.gradient(place)?;
        let is_unsure = fitted.is_unsure(place)?;
        self.unsure = if is_unsure { self.unsure + 1 } else { 0 };
        let is_flat = gradient.iter().all(|slope| *slope == 0.0);
        if is_flat || self.unsure >= self.settings.unsure_steps {
            (self.stale, self.unsure) = (0, 0);
            let around = self.around(place);
            if !around.is_empty() {
                self.looks_from = Some(at);
                return Ok(Turn::Explore(around));
            }
        }
        self.stride(&fitted, place, gradient, is_unsure)
    }

    /// The instruction that a turn begins from: the last, or the best after too many turns without a gain. A turn
    /// that looked around goes on where it stood.
    fn stand(&mut self) -> Option<usize> {
        if let Some(at) = self.looks_from.take() {
            return Some(at);
        }
        let last = *self.scored.last()?;
        let best = self.scored.iter().fold(self.scored[0], |a, b| if b.1 > a.1 { *b } else { a });
        let here = if self.has_begun { last } else { best };
        self.has_begun = true;
        if here.1 > self.best {
            (self.best, self.stale) = (here.1, 0);
        } else {
            self.stale += 1;
        }
        if self.stale <= self.settings.patience {
            return Some(here.0);
        }
        self.stale = 0;
        self.adam = Adam::new(self.local.place(0).len(), self.settings.learning_rate);
        Some(best.0)
    }

    /// One step of Adam and another as long as the process is sure, each to the nearest unscored instruction.
    fn stride(
        &mut self,
        fitted: &Fitted<'_>,
        place: &[f64],
        mut gradient: Vec<f64>,
        mut is_unsure: bool,
    ) -> Result<Turn, GpError> {
        let mut place = place.to_vec();
        let mut next = None;
        for stride in 0..self.settings.strides {
            if stride > 0 && is_unsure {
                break;
            }
            let moved = self.adam.step(&place, &gradient);
            let aim = if stride > 0 && self.settings.lost_stride_fault { &place } else { &moved };
            let Some(index) = self.nearest_open(aim) else { break };
            next = Some(index);
            if is_unsure {
                break;
            }
            place = self.local.place(index).to_vec();
            is_unsure = fitted.is_unsure(&place)?;
            if !self.settings.lost_stride_fault {
                gradient = fitted.gradient(&place)?;
            }
        }
        Ok(next.map_or(Turn::End, Turn::Step))
    }

    fn open(&self) -> Vec<usize> {
        (0..self.decoded.groups.len()).filter(|index| !self.visited.contains(index)).collect()
    }

    fn nearest_open(&self, place: &[f64]) -> Option<usize> {
        self.local.nearest(place, &self.open(), 1).first().copied()
    }

    /// The unvisited ones among the nearest instructions of the pool.
    fn around(&self, place: &[f64]) -> Vec<usize> {
        let all: Vec<usize> = (0..self.decoded.groups.len()).collect();
        let mut around = self.local.nearest(place, &all, self.settings.neighbours);
        around.retain(|index| !self.visited.contains(index));
        around
    }

    /// Any instruction, where nothing has a score.
    fn any(&self) -> Turn {
        self.open().first().copied().map_or(Turn::End, Turn::Step)
    }
}

/// Adam with PyTorch's constants, on the way up.
struct Adam {
    rate: f64,
    steps: i32,
    mean: Vec<f64>,
    square: Vec<f64>,
}

impl Adam {
    fn new(dimensions: usize, rate: f64) -> Self {
        Self { rate, steps: 0, mean: vec![0.0; dimensions], square: vec![0.0; dimensions] }
    }

    fn step(&mut self, place: &[f64], gradient: &[f64]) -> Vec<f64> {
        self.steps += 1;
        let (first, second) = (1.0 - 0.9f64.powi(self.steps), 1.0 - 0.999f64.powi(self.steps));
        let moments = self.mean.iter_mut().zip(&mut self.square);
        let one = |((place, slope), (mean, square)): ((&f64, &f64), (&mut f64, &mut f64))| {
            *mean = 0.9 * *mean + 0.1 * slope;
            *square = 0.999 * *square + 0.001 * slope * slope;
            place + self.rate / first * *mean / ((*square / second).sqrt() + 1e-8)
        };
        place.iter().zip(gradient).zip(moments).map(one).collect()
    }
}
