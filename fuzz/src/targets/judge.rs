//! Verdicts of judging models.

use futures::executor::block_on;
use motjuste::model::Scripted;
use motjuste::score::{Answer, Judge, Score};
use motjuste::task::Example;

use crate::memory::{choice, parts};

const SCALES: [f64; 4] = [10.0, 1.0, 100.0, 0.3];

/// The first byte chooses the scale; then a rubric (none where it is empty) and what the judge says.
pub fn run(data: &[u8]) {
    let (choice, rest) = choice(data);
    let text = String::from_utf8_lossy(rest);
    let [rubric, said] = parts::<2>(&text);
    let rubric = Some(rubric).filter(|rubric| !rubric.is_empty()).map(str::to_owned);
    let judge = Judge::new("judge", rubric);
    let Ok(judge) = judge.and_then(|judge| judge.with_scale(SCALES[usize::from(choice & 3)]))
    else {
        return;
    };
    let said = said.to_owned();
    let model = Scripted::new("judge", move |_| said.clone());
    let row = Example::new("input", ["output"]);
    let verdicts = block_on(judge.score(&[Answer::to(&row, "answer")], Some(&model)));
    for verdict in verdicts.into_iter().flatten() {
        assert!(verdict.score.is_none_or(|score| (0.0..=1.0).contains(&score)), "{verdict:?}");
    }
}
