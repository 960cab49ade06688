//! Tokens that stand for the labels of a task (AutoPrompt, arXiv 2010.15980, section 2.3).
//!
//! A logistic regression p(y | h) = softmax(W h + b) learns the label y of each row from h, the state behind
//! the final norm from which the token behind the prompt is predicted. Tokens w are scored by p(y | e_w) with
//! their rows e_w of the output matrix.

use std::collections::BTreeMap;

use motjuste::Result;
use motjuste::model::{Exclude, LabelReply, LabelSearch};
use motjuste::{Error, model::Labelled};

use super::open::Open;
use super::regression::Regression;
use super::rows::{Row, lead, rows};
use super::words::Filter;
use super::{Reply, ranking, trigger};
use crate::batches::in_batches;
use crate::reading::{Reading, Sequence, read};

pub(super) fn answer(open: &Open, search: &LabelSearch) -> Result<Reply<LabelReply>> {
    let names: Vec<&str> = distinct(&search.rows);
    check(search, &names)?;
    let rows = rows(open, &search.rows, "to learn labels from")?;
    let trigger = trigger::tokens(open, &search.trigger, lead(&[&rows])?)?;
    let readings = readings(open, &rows, &trigger)?;
    let labels: Vec<usize> = search.rows.iter().map(|row| index(&names, &row.answer)).collect();
    let states = states(open, &readings);
    let mut regression = Regression::new(open.decoder.config.hidden, names.len());
    regression.fit(&states.concat(), &labels, search.steps, search.learning_rate);
    let chosen = tokens(open, &regression, names.len(), search.tokens)?;
    let word = |&token: &u32| open.text.tokenizer.decode(&[token]);
    let words = |tokens: &Vec<u32>| tokens.iter().map(word).collect::<Result<Vec<_>>>();
    let named = |(name, words)| (str::to_owned(name), words);
    let written = chosen.iter().map(words).collect::<Result<Vec<_>>>()?;
    let read = readings.iter().map(|reading| reading.sequence.tokens.len()).sum();
    let reply = LabelReply {
        trigger,
        words: names.iter().copied().zip(written).map(named).collect(),
        labels: BTreeMap::from_iter(names.iter().map(|&name| name.to_owned()).zip(chosen)),
    };
    Ok((reply, read))
}

fn check(search: &LabelSearch, names: &[&str]) -> Result<()> {
    if let [only] = names {
        return Err(Error::configuration(format!("every row has the label `{only}`"))
            .with_help("give rows of at least two labels"));
    }
    if search.steps == 0 {
        return Err(Error::configuration("no step is taken to learn the labels")
            .with_help("take at least one step"));
    }
    if search.tokens == 0 {
        return Err(Error::configuration("no token is to stand for a label")
            .with_help("ask for at least one token a label"));
    }
    if !(search.learning_rate.is_finite() && search.learning_rate > 0.0) {
        return Err(Error::configuration(format!(
            "a learning rate of {} is no number above 0",
            search.learning_rate
        ))
        .with_help("the published code has 3e-4"));
    }
    Ok(())
}

/// The labels, in the order of their names.
fn distinct(rows: &[Labelled]) -> Vec<&str> {
    let mut names: Vec<&str> = rows.iter().map(|row| &row.answer[..]).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn index(names: &[&str], name: &str) -> usize {
    names.binary_search(&name).unwrap_or(0)
}

fn readings(open: &Open, rows: &[Row], trigger: &[u32]) -> Result<Vec<Reading>> {
    let reading = |tokens: Vec<u32>| {
        open.check(&tokens)?;
        let sequence = Sequence { tokens, ..Sequence::default() };
        Ok(Reading::new(sequence, 1, 0, &open.decoder.config))
    };
    rows.iter().map(|row| reading(row.prompt(trigger))).collect()
}

/// The hidden state of the last token of each reading.
fn states(open: &Open, readings: &[Reading]) -> Vec<Vec<f32>> {
    in_batches(open.decoder, readings, |rows| {
        let readings: Vec<&Reading> = rows.iter().map(|&row| &readings[row]).collect();
        read(open.decoder, &readings).into_iter().map(|read| read.hidden).collect()
    })
}

/// The best tokens of each label that may be written, and are read as they are written.
fn tokens(
    open: &Open,
    regression: &Regression,
    labels: usize,
    count: usize,
) -> Result<Vec<Vec<u32>>> {
    let head = open.packed.head(open.decoder);
    let scores = regression.log_shares(&head.forward(regression.maps()));
    let filter = Filter {
        tokenizer: &open.text.tokenizer,
        exclude: Exclude::default(),
        answers: Default::default(),
    };
    let of_label = |label: usize| {
        let costs: Vec<f64> = scores.iter().skip(label).step_by(labels).map(|p| -p).collect();
        ranking::best(&costs, count, |token| {
            Ok(filter.allows(token) && trigger::survives(open, &[token], "")?)
        })
    };
    (0..labels).map(of_label).collect()
}
