//! Scoring a whole pool.

use futures::{StreamExt, TryStreamExt, stream};

use super::{About, Line, Matrix, Wording};
use crate::Result;
use crate::study::{Eval, Scorer};
use crate::task::Split;

impl Matrix {
    /// Scores every instruction on every dev and test row. What is in the store already is not asked again, so
    /// a matrix that was interrupted goes on where it was.
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
    /// let matrix = Matrix::fill(eval, pool, &|| ()).await.unwrap();
    /// assert_eq!(matrix.best(), 1.0);
    /// # });
    /// ```
    ///
    /// # Errors
    /// Whatever the model or the store fails with, and
    /// [`Error::is_interrupted`](crate::Error::is_interrupted) when asked to stop.
    pub async fn fill(eval: Eval, pool: Vec<Wording>, done: &dyn Fn()) -> Result<Self> {
        let scorer = eval.scorer()?;
        let about = About::of(scorer.task(), scorer.target(), scorer.max_tokens());
        let line = async |wording: Wording| {
            let line = scored(&scorer, wording).await;
            done();
            line
        };
        let lines = stream::iter(pool).map(line).buffered(scorer.at_a_time());
        Ok(Self { about, lines: lines.try_collect().await? })
    }
}

async fn scored(scorer: &Scorer, wording: Wording) -> Result<Line> {
    let dev = scorer.score(&wording.instruction, Split::Dev).await?;
    let test = scorer.score(&wording.instruction, Split::Test).await?;
    Ok(Line { wording, dev: dev.per_example, test: test.per_example })
}
