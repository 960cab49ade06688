//! Who has children with whom.

use rand::RngExt;
use rand::seq::index::sample;

use crate::history::Trial;
use crate::metric::Mode;
use crate::random::Stream;

/// The two parents of each of so many children, by wheel: a member is drawn in proportion to its score.
///
/// The two are different. In the published code a pool of parents is drawn first, with replacement, and two of its
/// places for each child, so that a member may be crossed with itself.
pub(super) fn pairs<'a>(
    members: &[&'a Trial],
    children: usize,
    mode: Mode,
    stream: &mut Stream,
) -> Vec<[&'a Trial; 2]> {
    match mode {
        Mode::Strict => (0..children).map(|_| different(members, stream)).collect(),
        Mode::Compat => {
            let pool: Vec<&Trial> =
                (0..children.max(2)).map(|_| members[wheel(members, None, stream)]).collect();
            let pair = |_| {
                let two = sample(stream, pool.len(), 2);
                [pool[two.index(0)], pool[two.index(1)]]
            };
            (0..children).map(pair).collect()
        }
    }
}

fn different<'a>(members: &[&'a Trial], stream: &mut Stream) -> [&'a Trial; 2] {
    let first = wheel(members, None, stream);
    let second = wheel(members, Some(first), stream);
    [members[first], members[second]]
}

/// A place on the wheel, another than the one that is taken; any of them alike where nobody scores.
fn wheel(members: &[&Trial], taken: Option<usize>, stream: &mut Stream) -> usize {
    let open: Vec<usize> = (0..members.len()).filter(|place| Some(*place) != taken).collect();
    let score = |place: usize| members[place].score().unwrap_or(0.0);
    let all: f64 = open.iter().map(|&place| score(place)).sum();
    let mut at = stream.random_range(0.0..1.0) * all;
    let stops = |place: &&usize| {
        at -= score(**place);
        at < 0.0
    };
    let stop = if all > 0.0 { open.iter().find(stops).or(open.last()) } else { None };
    stop.copied().unwrap_or_else(|| open[stream.random_range(0..open.len())])
}

/// Two others than the member at this place, different from each other.
pub(super) fn others<'a>(
    members: &[&'a Trial],
    place: usize,
    stream: &mut Stream,
) -> [&'a Trial; 2] {
    let other = |index: usize| members[if index < place { index } else { index + 1 }];
    let two = sample(stream, members.len() - 1, 2);
    [other(two.index(0)), other(two.index(1))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Evaluation, ExampleScore, TrialState};
    use crate::random::Streams;
    use crate::usage::Usage;

    fn trial(id: usize, score: f64) -> Trial {
        Trial {
            id,
            step: 0,
            candidate: id,
            instruction: id.to_string(),
            state: TrialState::Complete,
            evaluation: Some(Evaluation::new(
                vec![ExampleScore::new(0, Some(score), "")],
                Usage::default(),
            )),
            repeats: None,
        }
    }

    #[test]
    fn the_wheel_turns_in_proportion_to_scores() {
        let all = [trial(0, 0.6), trial(1, 0.3), trial(2, 0.1), trial(3, 0.0)];
        let members: Vec<&Trial> = all.iter().collect();
        let mut stream = Streams::new(0).stream("wheel", 0);
        let mut counts = [0; 4];
        (0..4000).for_each(|_| counts[wheel(&members, None, &mut stream)] += 1);
        assert!((2250..2550).contains(&counts[0]) && (1080..1320).contains(&counts[1]));
        assert_eq!(counts[3], 0);
        let hopeless = [trial(0, 0.0), trial(1, 0.0)];
        let members: Vec<&Trial> = hopeless.iter().collect();
        let ones = (0..400).filter(|_| wheel(&members, None, &mut stream) == 1).count();
        assert!((150..250).contains(&ones));
    }

    #[test]
    fn parents_differ_unless_told_otherwise() {
        let all = [trial(0, 0.9), trial(1, 0.1), trial(2, 0.0)];
        let members: Vec<&Trial> = all.iter().collect();
        let mut stream = Streams::new(0).stream("pairs", 0);
        let same = |pairs: Vec<[&Trial; 2]>| pairs.iter().filter(|it| it[0].id == it[1].id).count();
        assert_eq!(same(pairs(&members, 200, Mode::Strict, &mut stream)), 0);
        assert!(same(pairs(&members, 200, Mode::Compat, &mut stream)) > 100);
        for place in 0..3 {
            let [a, b] = others(&members, place, &mut stream);
            assert!(a.id != b.id && a.id != place && b.id != place);
        }
    }
}
