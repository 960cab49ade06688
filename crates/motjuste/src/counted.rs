//! Numbers of things, in words.

/// A number of things with their name: `1 row`, `2 rows`.
pub(crate) fn counted(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// What so many do.
pub(crate) fn have(number: usize) -> &'static str {
    if number == 1 { "has" } else { "have" }
}

#[cfg(test)]
mod tests {
    use super::{counted, have};

    #[test]
    fn one_thing_is_no_things() {
        assert_eq!([0, 1, 2].map(|rows| counted(rows, "row")), ["0 rows", "1 row", "2 rows"]);
        assert_eq!([0, 1, 2].map(have), ["have", "has", "have"]);
    }
}
