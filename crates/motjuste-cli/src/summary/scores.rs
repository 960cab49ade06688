//! The scores of given answers, and why.

use motjuste::Result;
use motjuste::budget::Account;
use motjuste::interval::Estimate;
use motjuste::score::Verdict;
use motjuste::task::Example;
use motjuste_page::format::brief;

use super::line;
use super::result::interval;
use crate::files;
use crate::letters::on_one_line;
use crate::output::{ScoredAnswer, Scores};

/// The verdict on each answer, which comes with the index of its row; then the mean.
pub(crate) fn scores(
    rows: &[Example],
    answers: &[(usize, String)],
    verdicts: &[Verdict],
    account: &Account,
    json: bool,
) -> Result<()> {
    let scored: Vec<ScoredAnswer<'_>> = answers
        .iter()
        .zip(verdicts)
        .filter_map(|((index, answer), verdict)| {
            Some(scored(*index, rows.get(*index)?, answer, verdict))
        })
        .collect();
    let known: Vec<f64> = scored.iter().filter_map(|answer| answer.score).collect();
    let (score, missing) = (Estimate::of(&known), scored.len() - known.len());
    if json {
        let (answers, ledger) = (&scored, &account.assessment);
        line(&files::json(&Scores { score: &score, missing, answers, ledger })?);
        return Ok(());
    }
    scored.iter().for_each(tell);
    match known.is_empty() {
        true => line("score       –"),
        false => line(&format!("score       {:.2}  {}", score.score, interval(score))),
    }
    if missing > 0 {
        line(&format!("missing     {missing} of {} answers have no score", scored.len()));
    }
    Ok(())
}

fn scored<'a>(
    index: usize,
    row: &'a Example,
    answer: &'a str,
    verdict: &'a Verdict,
) -> ScoredAnswer<'a> {
    ScoredAnswer {
        index,
        input: &row.input,
        answer,
        read: verdict.read.as_deref(),
        accepted: &row.outputs,
        score: verdict.score,
        feedback: verdict.feedback.as_deref(),
        parts: &verdict.parts,
    }
}

/// An answer on a line; what there is to say about it on another.
fn tell(answer: &ScoredAnswer<'_>) {
    let (mark, shown) = match answer.score {
        Some(1.0) => ("✓", "1.00".to_owned()),
        Some(score) => ("✗", format!("{score:.2}")),
        None => ("?", "–   ".to_owned()),
    };
    let (row, input) = (answer.index + 1, brief(answer.input));
    line(&format!("{mark} {shown}  row {row}  {input} → {}", brief(answer.answer)));
    let read = answer.read.filter(|read| *read != answer.answer.trim());
    let read = read.map(|read| format!("read {}", brief(read)));
    let parts = answer.parts.iter().map(|(name, part)| format!("{name:?} {part:.2}"));
    let said = answer.feedback.map(on_one_line);
    for told in said.or(read).into_iter().chain(parts) {
        line(&format!("        {told}"));
    }
}
