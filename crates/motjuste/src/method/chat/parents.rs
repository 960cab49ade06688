//! Which instruction is improved next.
//!
//! Of the leaders, the first; or the one that is the highest in a draw from what is known of each (Thompson 1933); or,
//! with some chance, one that is best on rows where others are not: a draw by the number of rows on which a leader
//! has the highest score, each row shared by all that have it (after the front by example of GEPA, arXiv 2507.19457,
//! in which a row that all get right counts for all of them).

use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use serde::{Deserialize, Serialize};

use super::Chat;
use super::draws::normal;
use crate::history::{History, Standing, Trial, standings};
use crate::random::Stream;

/// Which of the leaders is improved next.
///
/// ```
/// use motjuste::method::{Chat, Parentage};
/// assert_eq!(Chat::default().parent, Parentage::Leader);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parentage {
    /// The one that leads.
    #[default]
    Leader,
    /// The one that is the highest in a draw from the posterior distributions of the first eight.
    Posterior,
}

/// Leaders that a parent is drawn from.
const LEADERS: usize = 8;

impl Chat {
    /// Those that may be improved: instructions without demonstrations, the most promising first.
    pub(super) fn parents<'a>(&self, history: &'a History) -> Vec<&'a Trial> {
        let is_drawn = self.parent == Parentage::Posterior || self.front_share > 0.0;
        self.leaders(history, if is_drawn { LEADERS } else { 1 })
    }

    /// One of these.
    pub(super) fn drawn<'a>(
        &self,
        history: &History,
        parents: &[&'a Trial],
        stream: &mut Stream,
    ) -> Option<&'a Trial> {
        if self.front_share > 0.0 && stream.random::<f64>() < self.front_share {
            return by_front(parents, stream);
        }
        match self.parent {
            Parentage::Leader => parents.first().copied(),
            Parentage::Posterior => by_posterior(history, parents, stream),
        }
    }
}

/// The highest of a draw each.
fn by_posterior<'a>(
    history: &History,
    parents: &[&'a Trial],
    stream: &mut Stream,
) -> Option<&'a Trial> {
    let standings: BTreeMap<usize, Standing> =
        standings(history).into_iter().map(|it| (it.trial, it)).collect();
    let known = parents.iter().filter_map(|&parent| Some((standings.get(&parent.id)?, parent)));
    let known: Vec<(&Standing, &Trial)> = known.collect();
    let place = highest(known.iter().map(|(standing, _)| *standing), stream)?;
    known.get(place).map(|(_, parent)| *parent)
}

/// The place of the highest of a draw each.
fn highest<'a>(
    standings: impl Iterator<Item = &'a Standing>,
    stream: &mut Stream,
) -> Option<usize> {
    let drawn = standings.map(|of| of.mean + of.sd * normal(stream)).enumerate();
    drawn.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(place, _)| place)
}

/// A draw by shares of the front; the first where no row tells the parents apart.
fn by_front<'a>(parents: &[&'a Trial], stream: &mut Stream) -> Option<&'a Trial> {
    let scores: Vec<_> = parents.iter().map(|parent| parent.scores()).collect();
    let place = WeightedIndex::new(shares(&scores)).map(|weights| weights.sample(stream));
    parents.get(place.unwrap_or(0)).copied()
}

/// On how many rows each has the highest score: of the rows on which those that have it differ. A row that several
/// are the best on is divided among them.
fn shares(scores: &[BTreeMap<usize, f64>]) -> Vec<f64> {
    let rows: BTreeSet<usize> = scores.iter().flat_map(BTreeMap::keys).copied().collect();
    let mut shares = vec![0.0; scores.len()];
    for row in rows {
        let on_row = || scores.iter().filter_map(|one| one.get(&row));
        let (least, most) =
            (on_row().copied().fold(1.0, f64::min), on_row().copied().fold(0.0, f64::max));
        let is_best =
            |one: &BTreeMap<usize, f64>| one.get(&row).is_some_and(|score| *score >= most);
        let best = scores.iter().filter(|one| is_best(one)).count() as f64;
        for (share, _) in
            shares.iter_mut().zip(scores).filter(|(_, one)| least < most && is_best(one))
        {
            *share += 1.0 / best;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    #[test]
    fn who_is_known_least_of_two_alike_is_drawn_as_often_and_who_is_behind_seldom() {
        let standing =
            |mean, sd| Standing { trial: 0, rows: 9, estimate: mean, variance: 0.0, mean, sd };
        let standings = [standing(0.5, 0.01), standing(0.5, 0.2), standing(0.3, 0.1)];
        let mut stream = Streams::new(0).stream("parents", 0);
        let mut counts = [0; 3];
        (0..1000).for_each(|_| counts[highest(standings.iter(), &mut stream).unwrap()] += 1);
        assert!((400..560).contains(&counts[0]) && (400..560).contains(&counts[1]), "{counts:?}");
        assert!((10..80).contains(&counts[2]), "{counts:?}");
        assert_eq!(highest([].iter(), &mut stream), None);
    }

    #[test]
    fn a_row_counts_where_it_tells_leaders_apart_and_is_shared() {
        let a = [(0, 1.0), (1, 1.0), (2, 1.0), (3, 0.0)].into();
        let b = [(0, 1.0), (1, 0.0), (2, 1.0), (3, 1.0)].into();
        let c = [(0, 1.0), (1, 0.0), (2, 0.0), (4, 1.0)].into();
        // Row 0 is right for all, row 4 is nobody else's.
        assert_eq!(shares(&[a, b, c]), [1.5, 1.5, 0.0]);
    }
}
