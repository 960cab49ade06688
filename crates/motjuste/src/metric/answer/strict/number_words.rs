//! English number words: "twenty-five", "one hundred and five", "million".

const UNITS: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 8] =
    ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

const SCALES: [(&str, f64); 5] =
    [("hundred", 1e2), ("thousand", 1e3), ("million", 1e6), ("billion", 1e9), ("trillion", 1e12)];

/// The scale word that follows a number, and how long it is with the space before it.
pub(super) fn scale(text: &str) -> Option<(f64, usize)> {
    let word: &str = text.strip_prefix(' ')?;
    let length = word.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(word.len());
    let name = word[..length].to_ascii_lowercase();
    scale_of(&name).map(|scale| (scale, 1 + length))
}

/// Every number in words, with its position.
pub(super) fn all(text: &str) -> impl Iterator<Item = (usize, f64)> {
    let mut numbers: Vec<(usize, Spoken)> = Vec::new();
    let mut open = false;
    for (position, word) in words(text) {
        if open && numbers.last_mut().is_some_and(|(_, spoken)| spoken.takes(&word)) {
            continue;
        }
        let begun = Spoken::begin(&word);
        open = begun.is_some();
        numbers.extend(begun.map(|spoken| (position, spoken)));
    }
    numbers.into_iter().map(|(position, spoken)| (position, spoken.whole + spoken.part))
}

fn words(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut position = 0;
    text.split(|c: char| !c.is_alphanumeric()).filter_map(move |word| {
        let start = text[position..].find(word).map_or(position, |offset| position + offset);
        position = start + word.len();
        (!word.is_empty()).then(|| (start, word.to_lowercase()))
    })
}

/// A number that is being spoken: what is complete, and what a scale word may still multiply.
struct Spoken {
    whole: f64,
    part: f64,
}

impl Spoken {
    fn begin(word: &str) -> Option<Self> {
        small(word).map(|part| Self { whole: 0.0, part })
    }

    /// Whether the word goes on with this number.
    fn takes(&mut self, word: &str) -> bool {
        let below_ten = self.part % 100.0 >= 20.0 && self.part % 10.0 == 0.0;
        let below_hundred = self.part % 100.0 == 0.0 && (self.part > 0.0 || self.whole > 0.0);
        match (word, small(word), scale_of(word)) {
            ("and", ..) => self.whole + self.part >= 100.0,
            (_, Some(unit), _) if below_hundred || (below_ten && (1.0..10.0).contains(&unit)) => {
                self.part += unit;
                true
            }
            (_, _, Some(scale)) if scale == 1e2 && self.part < 100.0 => {
                self.part *= scale;
                true
            }
            (_, _, Some(scale)) if scale > 1e2 => {
                self.whole += self.part * scale;
                self.part = 0.0;
                true
            }
            _ => false,
        }
    }
}

fn small(word: &str) -> Option<f64> {
    let unit = UNITS.iter().position(|unit| *unit == word);
    let ten = || TENS.iter().position(|ten| *ten == word).map(|position| 10 * (position + 2));
    unit.or_else(ten).map(|value| value as f64)
}

fn scale_of(word: &str) -> Option<f64> {
    SCALES.iter().find(|(name, _)| *name == word).map(|(_, scale)| *scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<f64> {
        all(text).map(|(_, value)| value).collect()
    }

    #[test]
    fn spoken_numbers_are_one_number() {
        assert_eq!(values("twenty-five"), [25.0]);
        assert_eq!(values("one hundred and five"), [105.0]);
        assert_eq!(values("two thousand three hundred forty"), [2340.0]);
        assert_eq!(values("three million"), [3_000_000.0]);
    }

    #[test]
    fn neighbours_stay_apart() {
        assert_eq!(values("one, two and twenty ten"), [1.0, 2.0, 20.0, 10.0]);
        assert_eq!(values("someone weighs a ton; none of it"), [0.0; 0]);
    }
}
