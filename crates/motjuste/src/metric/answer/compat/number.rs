//! The published reading of numbers.

use crate::metric::python::{is_alpha, is_decimal, parse_float, strip};

/// Replaced in this order and wherever they occur, so that `eighteen` becomes `8teen`.
const WORDS: [(&str, &str); 28] = [
    ("zero", "0"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("thirteen", "13"),
    ("fourteen", "14"),
    ("fifteen", "15"),
    ("sixteen", "16"),
    ("seventeen", "17"),
    ("eighteen", "18"),
    ("nineteen", "19"),
    ("twenty", "20"),
    ("thirty", "30"),
    ("forty", "40"),
    ("fifty", "50"),
    ("sixty", "60"),
    ("seventy", "70"),
    ("eighty", "80"),
    ("ninety", "90"),
];

/// The number in `answer`, rounded half to even; the first one when `indicated`, else the last.
pub(super) fn normalise(answer: &str, indicated: bool, decimals: usize) -> String {
    let right = answer.rsplit('=').next().unwrap_or_default();
    let plain = right.replace(['$', ',', '%', '€', '£'], "");
    let digits = with_digits(strip(plain.split(':').next().unwrap_or_default()));
    let token = without_unit(token(&digits, indicated));
    match parse_float(token) {
        Some(value) => format!("{value:.decimals$}"),
        None => last_digits(token).unwrap_or(token).to_owned(),
    }
}

fn with_digits(text: &str) -> String {
    WORDS.iter().fold(text.to_owned(), |text, (word, digits)| text.replace(word, digits))
}

/// The first token in reading direction that is not made of letters, else the first of all.
fn token(text: &str, indicated: bool) -> &str {
    let mut tokens: Vec<&str> = text.split(' ').collect();
    if !indicated {
        tokens.reverse();
    }
    let is_word = |token: &&str| !token.is_empty() && token.chars().all(is_alpha);
    tokens.iter().find(|token| !is_word(token)).or(tokens.first()).copied().unwrap_or_default()
}

fn without_unit(token: &str) -> &str {
    let token = token.trim_end_matches(is_alpha);
    token.strip_suffix('-').unwrap_or(token)
}

/// The last run of digits of the first line that has one.
fn last_digits(token: &str) -> Option<&str> {
    let line = token.split('\n').find(|line| line.contains(is_decimal))?;
    line.split(|character| !is_decimal(character)).rfind(|run| !run.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::{Form, normalise};

    #[test]
    fn numbers_come_out_as_in_the_definition() {
        let cases = [
            ("18", "18"),
            ("The answer is 18.", "18"),
            ("The answer is $18.", "18"),
            ("the answer is: 18", "18"),
            ("#### 18", "18"),
            ("answer: 1,234 dollars", "1234"),
            ("Answer: 18", ""),
            ("answer:\n5", ""),
            ("Total:\n18", ""),
            ("So 16 - 3 - 4 = 9 eggs, 9*2 = 18", "18"),
            ("She makes 9 * 2 = $18 every day", "18"),
            ("The answer is 10 or 12", "10"),
            ("I think 10 or 12", "12"),
            ("2 hours and 30 minutes", "30"),
            ("The answer is 5600 pounds", "5600"),
            ("156kgs", "156"),
            ("823-yard", "823"),
            ("The 6th", "6"),
            ("50%", "50"),
            ("€20", "20"),
            ("-5", "-5"),
            ("The answer is -5", "-5"),
            ("eight", "8"),
            ("answer is ten", "10"),
            ("eighteen", "8"),
            ("fourteen", "4"),
            ("The answer is twenty-five", "5"),
            ("seventy two", "2"),
            ("someone", "1"),
            ("The answer is none", "1"),
            ("12.5", "12"),
            ("13.5", "14"),
            ("0.5", "0"),
            ("7.5", "8"),
            ("3/4", "4"),
            ("The answer is 1/2", "2"),
            ("1e3", "1000"),
            ("$1,000,000", "1000000"),
            ("nan", ""),
            ("inf", ""),
            ("no number here", ""),
            ("", ""),
            ("**18**", "18"),
            ("The final answer is **18**.", "18"),
            ("The answer is \\boxed{18}", "18"),
            ("18 is the answer", "18"),
            ("18 is the correct answer. Really", "18"),
            ("The answer is 18. Q: next question 5", "18"),
            ("Question: foo 18", ""),
            ("Using eq: 3+4 = 7", ""),
            ("I have 5  apples", ""),
            ("answer is 7, not answer is 9", "9"),
            ("5 this is the solution: 7", "5"),
            ("answer is about 1.25 million", "1"),
        ];
        for (reply, expected) in cases {
            assert_eq!(normalise(reply, Form::Number { decimals: 0 }), expected, "{reply}");
        }
    }

    #[test]
    fn decimals_are_rounded_from_the_binary_value() {
        let two = |reply| normalise(reply, Form::Number { decimals: 2 });
        assert_eq!(["12.345", "12", "the answer is 3.14159"].map(two), ["12.35", "12.00", "3.14"]);
    }
}
