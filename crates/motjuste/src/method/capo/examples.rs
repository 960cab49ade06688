//! Which train rows an instruction shows as examples.

use rand::RngExt;
use rand::seq::SliceRandom;
use rand::seq::index::sample;

use crate::metric::Mode;
use crate::random::Stream;

/// How examples are chosen: out of so many train rows, so many at the most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Examples {
    pub rows: usize,
    pub most: usize,
    pub mode: Mode,
}

impl Examples {
    /// Those of a first instruction: any number, different rows.
    pub fn first(self, stream: &mut Stream) -> Vec<usize> {
        let count = stream.random_range(0..=self.most);
        sample(stream, self.rows, count.min(self.rows)).into_vec()
    }

    /// Those of a child, before it mutates: drawn from those of both parents, as many as these have on average. In the
    /// published code a row that both show may come twice.
    pub fn crossed(self, mother: &[usize], father: &[usize], stream: &mut Stream) -> Vec<usize> {
        let mut all = [mother, father].concat();
        let count = all.len() / 2;
        if self.mode == Mode::Strict {
            all.sort_unstable();
            all.dedup();
        }
        let chosen = sample(stream, all.len(), count.min(all.len()));
        chosen.into_iter().map(|index| all[index]).collect()
    }

    /// Those of a child: with equal chances one more, one less, or as many as before; in any order.
    ///
    /// In the published code one more is thrown away again.
    pub fn mutated(self, mut examples: Vec<usize>, stream: &mut Stream) -> Vec<usize> {
        match stream.random_range(0..3) {
            0 if self.mode == Mode::Strict && examples.len() < self.most => {
                examples.extend(self.another(&examples, stream));
            }
            1 if !examples.is_empty() => {
                examples.swap_remove(stream.random_range(0..examples.len()));
            }
            _ => {}
        }
        examples.shuffle(stream);
        examples
    }

    /// A row that is not among these.
    fn another(self, examples: &[usize], stream: &mut Stream) -> Option<usize> {
        let open: Vec<usize> = (0..self.rows).filter(|row| !examples.contains(row)).collect();
        (!open.is_empty()).then(|| open[stream.random_range(0..open.len())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    const STRICT: Examples = Examples { rows: 9, most: 5, mode: Mode::Strict };
    const COMPAT: Examples = Examples { mode: Mode::Compat, ..STRICT };

    fn is_distinct(mut rows: Vec<usize>) -> bool {
        rows.sort_unstable();
        rows.windows(2).all(|pair| pair[0] < pair[1])
    }

    #[test]
    fn rows_differ_and_stay_within_their_number() {
        let mut stream = Streams::new(0).stream("examples", 0);
        let mut counts = [0; 6];
        for _ in 0..600 {
            let (a, b) = (STRICT.first(&mut stream), STRICT.first(&mut stream));
            counts[a.len()] += 1;
            let child = STRICT.crossed(&a, &b, &mut stream);
            assert!(child.len() <= (a.len() + b.len()) / 2);
            assert!(child.iter().all(|row| a.contains(row) || b.contains(row)));
            let child = STRICT.mutated(child, &mut stream);
            assert!(child.len() <= 5 && is_distinct(child));
        }
        assert!(counts.iter().all(|count| (70..130).contains(count)), "{counts:?}");
        let none = Examples { most: 0, ..STRICT };
        assert!(
            none.first(&mut stream).is_empty() && none.mutated(Vec::new(), &mut stream).is_empty()
        );
    }

    #[test]
    fn examples_come_and_go_alike_and_in_the_published_code_only_go() {
        let mut stream = Streams::new(0).stream("examples", 1);
        let mut sizes = |from: Examples| -> Vec<usize> {
            (0..300).map(|_| from.mutated(vec![1, 2], &mut stream).len()).collect()
        };
        let count = |sizes: &[usize], size| sizes.iter().filter(|one| **one == size).count();
        let (strict, compat) = (sizes(STRICT), sizes(COMPAT));
        assert!([1, 2, 3].iter().all(|size| (75..125).contains(&count(&strict, *size))));
        assert_eq!(count(&compat, 3), 0);
        assert!((75..125).contains(&count(&compat, 1)));
    }
}
