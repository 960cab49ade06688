//! Scoring a whole pool.

use futures::{StreamExt, TryStreamExt, stream};

use super::{About, Line, Matrix, Wording};
use crate::study::{Eval, Scorer};
use crate::task::Split;
use crate::{Error, Result};

impl Matrix {
    /// Scores every instruction on every dev and test row. What is in the store already is not asked again, so
    /// a matrix that was interrupted goes on where it was. `known`, a matrix of the same, grows: its lines stay, and
    /// the instructions that it lacks are scored.
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
        known: Option<Self>,
        done: &dyn Fn(),
    ) -> Result<Self> {
        let scorer = eval.scorer()?;
        let about = About::of(scorer.task(), scorer.target(), scorer.max_tokens());
        let mut matrix = match known {
            Some(known) if known.about != about => return Err(known.of_something_else(&about)),
            known => known.unwrap_or(Self { about, lines: Vec::new() }),
        };
        let lacking = pool.into_iter().filter(|wording| !matrix.holds(wording));
        let line = async |wording: Wording| {
            let line = scored(&scorer, wording).await;
            done();
            line
        };
        let lines = stream::iter(lacking.collect::<Vec<_>>()).map(line);
        let lines: Vec<Line> = lines.buffered(scorer.at_a_time()).try_collect().await?;
        matrix.lines.extend(lines);
        Ok(matrix)
    }
}

impl Matrix {
    /// How many of these instructions it holds.
    pub fn count(&self, pool: &[Wording]) -> usize {
        pool.iter().filter(|wording| self.holds(wording)).count()
    }

    fn holds(&self, wording: &Wording) -> bool {
        self.lines.iter().any(|line| line.wording.instruction == wording.instruction)
    }

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
