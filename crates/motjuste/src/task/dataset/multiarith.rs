//! MultiArith (Roy and Roth, 2015): arithmetic in several steps.

use std::path::Path;

use serde::Deserialize;

use super::{Dataset, Raw, example, read};
use crate::Result;
use crate::metric::{Mode, Published};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    s_question: String,
    l_solutions: Vec<f64>,
}

pub(super) fn load(folder: &Path, mode: Mode) -> Result<Dataset> {
    let path = folder.join("MultiArith.json");
    let items: Vec<Item> = read::json(&path)?;
    let items = items.into_iter().map(|item| {
        let first = item.l_solutions.first();
        let answer = first.ok_or_else(|| read::malformed(&path, "a question without solution"))?;
        Ok(example(item.s_question.trim().to_owned(), format!("{:.0}", answer.trunc())))
    });
    let items = items.collect::<Result<_>>()?;
    Ok(Raw::divided("multiarith".into(), Published::Number, items, 0.2).finish(mode))
}
