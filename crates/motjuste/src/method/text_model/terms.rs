//! The terms of texts, weighted.

use std::collections::BTreeMap;

/// Texts as sparse rows of weighted terms; columns are the terms that stand in two texts or more.
pub(super) struct Terms {
    /// One row for each text: columns, ascending, with their weights.
    pub rows: Vec<Vec<(usize, f64)>>,
    /// The number of columns.
    pub width: usize,
}

impl Terms {
    /// Words and pairs of neighbouring words, weighted by (1 + ln tf) ln(N / df) over all texts, each row of unit
    /// length (Salton and Buckley 1988). A term that stands in every text weighs nothing.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let counts: Vec<BTreeMap<String, usize>> = texts.map(terms).collect();
        let mut texts_with: BTreeMap<&str, usize> = BTreeMap::new();
        for term in counts.iter().flat_map(BTreeMap::keys) {
            *texts_with.entry(term).or_default() += 1;
        }
        let shared = texts_with.into_iter().filter(|(_, texts)| *texts > 1);
        let columns: BTreeMap<&str, (usize, f64)> = shared
            .enumerate()
            .map(|(column, (term, texts))| {
                (term, (column, (counts.len() as f64 / texts as f64).ln()))
            })
            .collect();
        let weighted = |counts: &BTreeMap<String, usize>| {
            let row = counts.iter().filter_map(|(term, count)| {
                let (column, rarity) = columns.get(term.as_str())?;
                Some((*column, (1.0 + (*count as f64).ln()) * rarity))
            });
            unit(row.collect())
        };
        Self { rows: counts.iter().map(weighted).collect(), width: columns.len() }
    }
}

/// How often each word and each pair of neighbours stands in a text.
fn terms(text: &str) -> BTreeMap<String, usize> {
    let small = text.to_lowercase();
    let words: Vec<&str> =
        small.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let pairs = words.windows(2).map(|pair| pair.join(" "));
    let mut counts = BTreeMap::new();
    for term in words.iter().map(|word| (*word).to_owned()).chain(pairs) {
        *counts.entry(term).or_default() += 1;
    }
    counts
}

fn unit(mut row: Vec<(usize, f64)>) -> Vec<(usize, f64)> {
    let length = row.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
    if length > 0.0 {
        row.iter_mut().for_each(|(_, weight)| *weight /= length);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_text_has_weighs_nothing_and_what_one_text_has_is_no_column() {
        let terms =
            Terms::of(["say the plural", "say the colour", "say the plural form"].into_iter());
        // say, the, say the (in all three); plural, the plural (in two).
        assert_eq!(terms.width, 5);
        let weighing =
            |row: &[(usize, f64)]| row.iter().filter(|(_, weight)| *weight > 0.0).count();
        assert_eq!([0, 1, 2].map(|row: usize| weighing(&terms.rows[row])), [2, 0, 2]);
        let length: f64 = terms.rows[0].iter().map(|(_, weight)| weight * weight).sum();
        assert!((length - 1.0).abs() < 1e-12);
    }
}
