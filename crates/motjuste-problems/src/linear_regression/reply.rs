//! Reading a pair from a reply.

use motjuste::metric::Mode;
use motjuste::metric::python::{groups, parse_float};

use super::Pair;

/// The pair of the last `[…]` that can be one. The published code stops at the last group that does
/// not merely repeat the names `w` and `b`; strict goes on to the last group that is a pair.
pub(super) fn pair(reply: &str, mode: Mode) -> Result<Pair, String> {
    let mut candidates =
        groups(reply, "[", "]").into_iter().rev().filter(|group| !names_only(group));
    let found = match mode {
        Mode::Compat => candidates.next().and_then(numbers),
        Mode::Strict => candidates.find_map(numbers),
    };
    found.ok_or_else(|| "no pair of numbers in square brackets".to_owned())
}

/// `w, b` and the like.
fn names_only(group: &str) -> bool {
    !group.contains('=') && group.contains(['w', 'b'])
}

fn numbers(group: &str) -> Option<Pair> {
    let parts = group.split(',').map(|part| part.rsplit('=').next().unwrap_or_default());
    let numbers: Option<Vec<f64>> = parts.map(parse_float).collect();
    let pair: Pair = numbers?.try_into().ok()?;
    pair.iter().all(|x| x.is_finite()).then_some(pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_replies_holds() {
        let both = |reply| (pair(reply, Mode::Compat).ok(), pair(reply, Mode::Strict).ok());
        let same = |pair: Option<Pair>| (pair, pair);
        assert_eq!(both("… so [15, 14]"), same(Some([15.0, 14.0])));
        assert_eq!(both("[w=15, b=14]"), same(Some([15.0, 14.0])));
        assert_eq!(both("[15, 14] which is [w, b]"), same(Some([15.0, 14.0])));
        assert_eq!(both("[1] and [15.5, 13.5]"), same(Some([15.5, 13.5])));
        assert_eq!(both("[15, 14] [final]"), (None, Some([15.0, 14.0])));
        for reply in ["[w, b]", "[15]", "[a, b]", "15, 14", "[15,\n14]", "[inf, 1]", "[1, 2, 3]"] {
            assert_eq!(both(reply), same(None), "{reply}");
        }
    }
}
