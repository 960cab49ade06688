//! GSM8K (Cobbe et al., arXiv 2110.14168): grade-school mathematics.

use std::path::Path;

use super::{Dataset, Raw, example, published_split, read};
use crate::Result;
use crate::metric::{Mode, Published};
use crate::task::Example;

/// The share of the training questions that OPRO scores on.
const SHARE: f64 = 0.035;

pub(super) fn load(folder: &Path, mode: Mode) -> Result<Dataset> {
    let train = questions(&folder.join("gsm_train.tsv"))?;
    let test = questions(&folder.join("gsm_test.tsv"))?;
    let parts = published_split(train.len(), SHARE, 0.0);
    let take = |indices: &[usize]| indices.iter().map(|index| train[*index].clone()).collect();
    let (scored, spare) = (take(&parts.train), take(&parts.test));
    Ok(Raw { name: "gsm8k".into(), metric: Published::Number, spare, scored, test }.finish(mode))
}

/// Question, answer and worked solution, between tabs; quotation marks mean nothing.
fn questions(path: &Path) -> Result<Vec<Example>> {
    let text = read::text(path)?;
    let rows = text.lines().enumerate();
    rows.map(|(index, line)| {
        let mut cells = line.split('\t');
        match (cells.next(), cells.next()) {
            (Some(question), Some(answer)) => Ok(example(question.to_owned(), answer)),
            _ => Err(read::malformed(path, format!("line {} has no second column", index + 1))),
        }
    })
    .collect()
}
