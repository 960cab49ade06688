//! Reading a tour from a reply.

use motjuste::metric::Mode;
use motjuste::metric::python::strip;

use super::Tour;

/// The tour between the first `<trace>` and the next `</trace>`: `n` different points, 0 first.
///
/// The published code skips pieces that are no numbers, and takes −1 for the last point, as Python's
/// lists do; strict accepts neither.
pub(super) fn tour(reply: &str, n: usize, mode: Mode) -> Result<Tour, String> {
    let (_, rest) = reply.split_once("<trace>").ok_or("no <trace>")?;
    let (trace, _) = rest.split_once("</trace>").ok_or("no </trace> behind <trace>")?;
    let pieces: Vec<Option<i64>> = trace.split(',').map(number).collect();
    if mode == Mode::Strict && pieces.contains(&None) {
        return Err("a piece of the trace is not a number".to_owned());
    }
    let numbers: Vec<i64> = pieces.into_iter().flatten().collect();
    check(&numbers, n)?;
    let lowest = if mode == Mode::Strict { 0 } else { -(n as i64) };
    numbers.iter().map(|&number| point(number, n, lowest)).collect()
}

fn number(piece: &str) -> Option<i64> {
    strip(piece).parse().ok()
}

fn check(numbers: &[i64], n: usize) -> Result<(), String> {
    if numbers.len() != n {
        return Err(format!("{} numbers for {n} points", numbers.len()));
    }
    if numbers.first() != Some(&0) {
        return Err("the trace does not begin at point 0".to_owned());
    }
    match numbers.iter().enumerate().find(|(index, number)| numbers[..*index].contains(number)) {
        Some((_, twice)) => Err(format!("point {twice} occurs twice")),
        None => Ok(()),
    }
}

fn point(number: i64, n: usize, lowest: i64) -> Result<usize, String> {
    let n = n as i64;
    match (lowest..n).contains(&number) {
        true => Ok(number.rem_euclid(n) as usize),
        false => Err(format!("there is no point {number}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_replies_holds() {
        let valid = |reply, mode| tour(reply, 4, mode).is_ok();
        let both = |reply| (valid(reply, Mode::Compat), valid(reply, Mode::Strict));
        assert_eq!(both("<trace>0,2,1,3</trace>"), (true, true));
        assert_eq!(both("so <trace> 0, 2 ,1,3 </trace>."), (true, true));
        assert_eq!(both("<trace>0,2,x,1,3</trace>"), (true, false));
        assert_eq!(both("<trace>0,1,2,-1</trace>"), (true, false));
        for reply in [
            "<trace>0,2,1</trace>",
            "0,2,1,3",
            "<trace>0,2,1,3",
            "<trace>2,0,1,3</trace>",
            "<trace>0,2,2,3</trace>",
            "<trace>0,1,2,4</trace>",
            "",
        ] {
            assert_eq!(both(reply), (false, false), "{reply}");
        }
    }

    #[test]
    fn the_first_of_two_traces_is_read() {
        let reply = "<trace>0,2,1</trace> or <trace>0,1,2</trace>";
        assert_eq!(tour(reply, 3, Mode::Strict), Ok(vec![0, 2, 1]));
        assert_eq!(tour("<trace>0,1,-1</trace>", 3, Mode::Compat), Ok(vec![0, 1, 2]));
    }
}
