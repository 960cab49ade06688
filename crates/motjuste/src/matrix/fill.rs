//! Scoring a whole pool.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};

use super::{About, Line, Matrix, Wording};
use crate::study::{Eval, Scorer};
use crate::task::Split;
use crate::{Error, Result};

impl Matrix {
    /// Scores every instruction on every dev and test row. What is in the store already is not asked again, so
    /// a matrix that was interrupted goes on where it was; and an instruction that stands in `known`, a smaller
    /// matrix of the same, is taken from there.
    ///
    /// `done` hears of every instruction that is scored.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use std::sync::Arc;
    /// use motjuste::matrix::{Matrix, Wording};
    /// use motjuste::model::Scripted;
    /// use motjuste::study::Eval;
    /// use motjuste::task::{Example, Task};
    /// let example = |input: &str| Example::new(input, ["x"]);
    /// let task = Task::new("t", vec![example("a")], vec![example("b")], vec![example("c")]).unwrap();
    /// let eval = Eval::of(task, Arc::new(Scripted::new("m", |_| "x".into())));
    /// let pool = vec![Wording { instruction: "say x".into(), source: String::new() }];
    /// let matrix = Matrix::fill(eval, pool, None, &|| ()).await.unwrap();
    /// assert_eq!(matrix.best(), 1.0);
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`Error::is_data`] when `known` was scored with something else; whatever the model or the store fails with, and
    /// [`Error::is_interrupted`](crate::Error::is_interrupted) when asked to stop.
    pub async fn fill(
        eval: Eval,
        pool: Vec<Wording>,
        known: Option<&Self>,
        done: &dyn Fn(),
    ) -> Result<Self> {
        let scorer = eval.scorer()?;
        let about = About::of(scorer.task(), scorer.target(), scorer.max_tokens());
        if let Some(known) = known.filter(|known| known.about != about) {
            return Err(known.of_something_else(&about));
        }
        let lines = known.iter().flat_map(|known| &known.lines);
        let lines: HashMap<&Wording, &Line> = lines.map(|line| (&line.wording, line)).collect();
        let line = async |wording: Wording| {
            let line = match lines.get(&wording) {
                Some(line) => Ok((*line).clone()),
                None => scored(&scorer, wording).await,
            };
            done();
            line
        };
        let lines = stream::iter(pool).map(line).buffered(scorer.at_a_time());
        Ok(Self { about, lines: lines.try_collect().await? })
    }
}

impl Matrix {
    fn of_something_else(&self, wanted: &About) -> Error {
        let differs = match &self.about {
            about if about.data != wanted.data => "other rows",
            about if about.scoring != wanted.scoring => "another metric",
            about if about.target != wanted.target => "another target",
            _ => "other settings",
        };
        Error::data(format!("there is a matrix of {} already, with {differs}", self.about.task))
            .with_help("write the new one to another file")
    }
}

async fn scored(scorer: &Scorer, wording: Wording) -> Result<Line> {
    let dev = scorer.score(&wording.instruction, Split::Dev).await?;
    let test = scorer.score(&wording.instruction, Split::Test).await?;
    Ok(Line { wording, dev: dev.per_example, test: test.per_example })
}
