//! One iteration of the search for a trigger: a gradient, candidates, exact losses.

use motjuste::model::{Swap, SwapReply, Swapped};
use motjuste::{Error, Result};

use super::Reply;
use super::exact::losses;
use super::open::Open;
use super::rows::{Row, lead, rows};
use super::task::{Measured, Task};
use super::words::Filter;
use super::{ranking, trigger};
use crate::gradient::{Row as Graded, gradients};

pub(super) fn answer(open: &Open, swap: &Swap) -> Result<Reply<SwapReply>> {
    let learnt = rows(open, &swap.gradient, "for the gradient")?;
    let measured = rows(open, &swap.evaluation, "to measure the losses on")?;
    let lead = lead(&[&learnt, &measured])?;
    let now = trigger::tokens(open, &swap.trigger, lead)?;
    check(swap, &now)?;
    trigger::check(open, &now, lead)?;
    let task = Task::new(open, &swap.loss)?;
    let (gradient, read) = gradient(open, &task, &learnt, &now, swap.position)?;
    let promises = ranking::promises(open, now[swap.position], &gradient);
    let tokens = candidates(open, swap, &task, [&learnt, &measured], (&now, lead), &promises)?;
    let triggers: Vec<Vec<u32>> = tokens.iter().map(|&w| with(&now, swap.position, w)).collect();
    let (mut all, asked) = measure(open, &task, &measured, &now, &triggers)?;
    let Measured { loss, accuracy } = all.remove(0);
    let swaps = tokens.iter().zip(&triggers).zip(all).map(|((&token, trigger), measured)| {
        let text = trigger::text(open, trigger, lead)?;
        let Measured { loss, accuracy } = measured;
        Ok(Swapped { token, text, promised: promises[token as usize], loss, accuracy })
    });
    let swaps = swaps.collect::<Result<_>>()?;
    let text = trigger::text(open, &now, lead)?;
    Ok((SwapReply { trigger: now, text, loss, accuracy, swaps }, read + asked))
}

fn check(swap: &Swap, trigger: &[u32]) -> Result<()> {
    if swap.position >= trigger.len() {
        return Err(Error::configuration(format!(
            "place {} is outside a trigger of {} tokens, which are counted from 0",
            swap.position,
            trigger.len()
        ))
        .with_help("name a place within the trigger"));
    }
    if swap.candidates == 0 {
        return Err(Error::configuration("no candidate is to be tried")
            .with_help("try at least one candidate"));
    }
    Ok(())
}

/// A trigger with another token in one place.
fn with(trigger: &[u32], position: usize, token: u32) -> Vec<u32> {
    let mut swapped = trigger.to_vec();
    swapped[position] = token;
    swapped
}

/// The mean over rows of the gradient at one token of the trigger, and how many tokens were read.
pub(super) fn gradient(
    open: &Open,
    task: &Task,
    rows: &[Row],
    trigger: &[u32],
    position: usize,
) -> Result<(Vec<f32>, usize)> {
    let row = |row: &Row| {
        let (tokens, aims) = task.aims(row, trigger)?;
        open.check(&tokens)?;
        let embeddings = tokens.iter().flat_map(|&w| open.decoder.embedding.row(w)).collect();
        let place = row.around.head.len() + position;
        Ok(Graded { embeddings, aims, wanted: place..place + 1 })
    };
    let rows = rows.iter().map(row).collect::<Result<Vec<_>>>()?;
    let read = rows.iter().map(|row| row.embeddings.len()).sum::<usize>();
    let mut mean = vec![0f64; open.decoder.config.hidden];
    for graded in gradients(open.decoder, open.packed, &rows) {
        let parts = mean.iter_mut().zip(&graded.gradient);
        parts.for_each(|(mean, &g)| *mean += f64::from(g) / rows.len() as f64);
    }
    let read = read / open.decoder.config.hidden;
    Ok((mean.into_iter().map(|mean| mean as f32).collect(), read))
}

/// The tokens with the greatest promise that may be tried, and are read as they are written.
fn candidates(
    open: &Open,
    swap: &Swap,
    task: &Task,
    rows: [&[Row]; 2],
    (trigger, lead): (&[u32], &str),
    promises: &[f64],
) -> Result<Vec<u32>> {
    let answers = task.answer_tokens(rows.concat().iter())?;
    let filter = Filter { tokenizer: &open.text.tokenizer, exclude: swap.exclude, answers };
    ranking::best(promises, swap.candidates, |token| {
        Ok(token != trigger[swap.position]
            && filter.allows(token)
            && trigger::survives(open, &with(trigger, swap.position, token), lead)?)
    })
}

/// Loss and accuracy of the trigger as it is, then of others, and how many tokens were read.
pub(super) fn measure(
    open: &Open,
    task: &Task,
    rows: &[Row],
    now: &[u32],
    others: &[Vec<u32>],
) -> Result<(Vec<Measured>, usize)> {
    let mut questions = Vec::new();
    for trigger in std::iter::once(now).chain(others.iter().map(Vec::as_slice)) {
        for row in rows {
            questions.extend(task.questions(row, trigger)?);
        }
    }
    let lost = losses(open, &questions);
    let read = questions.iter().map(|question| question.tokens()).sum();
    let each = lost.chunks(lost.len() / (1 + others.len()));
    Ok((each.map(|lost| task.measured(rows, lost)).collect(), read))
}
