//! The choices that a question offers.

/// The texts of the question's choices `(A)`, `(B)`, …, lower-case, in order; empty if it has none.
///
/// Of several runs of letters the one with the most texts counts, the last of equals: a question may
/// talk about "(A) or (B)" before it lists them, and ask for "(A) (B) (C)" after.
///
/// ```
/// use motjuste::metric::answer::strict::options;
/// assert_eq!(options("(A) or (B)?\n(A) red (B) blue\nSay (A) or (B)."), ["red", "blue"]);
/// ```
pub fn options(question: &str) -> Vec<String> {
    let texts = |run: &Vec<(usize, char)>| run_texts(question, run);
    let filled = |texts: &Vec<String>| texts.iter().filter(|text| !text.is_empty()).count();
    runs(question).iter().map(texts).max_by_key(filled).unwrap_or_default()
}

/// Unbroken runs of letters from `(A)`, at least two long.
fn runs(question: &str) -> Vec<Vec<(usize, char)>> {
    let mut runs: Vec<Vec<(usize, char)>> = Vec::new();
    for (position, letter) in marks(question) {
        let next = runs.last().map_or('A', |run| (b'A' + run.len() as u8) as char);
        match runs.last_mut() {
            Some(run) if letter == next => run.push((position, letter)),
            _ if letter == 'A' => runs.push(vec![(position, letter)]),
            _ => {}
        }
    }
    runs.retain(|run| run.len() > 1);
    runs
}

fn marks(question: &str) -> impl Iterator<Item = (usize, char)> {
    let triples = question.as_bytes().windows(3).enumerate();
    triples.filter_map(|(position, triple)| match triple {
        [b'(', letter @ b'A'..=b'Z', b')'] => Some((position, char::from(*letter))),
        _ => None,
    })
}

/// What stands behind each letter, up to the next one or the end of the line.
fn run_texts(question: &str, run: &[(usize, char)]) -> Vec<String> {
    let ends = run.iter().skip(1).map(|(position, _)| *position).chain([question.len()]);
    let pieces = run.iter().zip(ends).map(|((position, _), end)| &question[position + 3..end]);
    pieces
        .map(|piece| {
            let line = piece.trim_start_matches(' ').lines().next().unwrap_or_default();
            line.trim_matches(|c: char| !c.is_alphanumeric() && !"[](){}<>".contains(c))
                .to_lowercase()
        })
        .collect()
}
