//! Each method over all tasks.

use super::{MethodResult, Table, pairs, tasks};
use crate::experiment::{CellRun, Moment};
use crate::interval::Block;
use crate::statistics::{
    Attempt, CallsToReach, MeanRank, Scope, Steps, calls_to, calls_to_reach, interquartile_mean,
    mean_curve, mean_ranks, mean_score, winners_curse,
};

pub(super) fn results(table: &Table<'_>) -> Vec<MethodResult> {
    let against = pairs::against_reference(table);
    let ranks = ranks(table);
    let result = |(method, against)| MethodResult {
        against_reference: against,
        rank: ranks[method],
        ..alone(table, method)
    };
    against.into_iter().enumerate().map(result).collect()
}

/// What can be said of a method without the others.
fn alone(table: &Table<'_>, method: usize) -> MethodResult {
    let tasks: Vec<Vec<&CellRun>> =
        (0..table.tasks()).map(|task| table.complete(method, task)).collect();
    let planned = table.runs.iter().filter(|run| run.at.cell == method);
    let test = blocks(&tasks, |run| &run.test_scores);
    let dev = blocks(&tasks, |run| &run.dev_scores);
    let score = |scope| (!test.is_empty()).then(|| mean_score(&test, scope));
    let of_studies: Vec<Vec<f64>> = tasks.iter().map(|runs| means(runs)).collect();
    let points = tasks::points(table);
    let courses = |of: fn(&[&CellRun]) -> Vec<Steps>| -> Vec<Vec<Steps>> {
        tasks.iter().map(|runs| of(runs)).collect()
    };
    MethodResult {
        method: table.experiment.cells()[method].label.clone(),
        complete: tasks.iter().map(Vec::len).sum(),
        studies: planned.clone().count(),
        test: score(Scope::TheseTasks),
        test_of_tasks_like_these: score(Scope::TasksLikeThese),
        dev: (!dev.is_empty()).then(|| mean_score(&dev, Scope::TheseTasks)),
        rank: None,
        interquartile_mean: (!test.is_empty()).then(|| interquartile_mean(&of_studies)),
        winners_curse: (dev.len() == test.len() && !dev.is_empty())
            .then(|| winners_curse(&dev, &test, Scope::TheseTasks)),
        against_reference: None,
        calls_to_reference: calls_to_reference(table, &tasks),
        curve: mean_curve(&courses(tasks::dev_steps), &points),
        test_curve: tasks::test_curve(&courses(tasks::test_steps), &points),
        used: planned.map(|run| run.account).sum(),
    }
}

fn blocks(tasks: &[Vec<&CellRun>], of: fn(&CellRun) -> &Vec<Option<f64>>) -> Vec<Block> {
    let blocks = tasks.iter().map(|runs| tasks::scores(runs, of));
    blocks.filter(|block| block.iter().any(|seed| !seed.is_empty())).collect()
}

/// The score of each study.
fn means(runs: &[&CellRun]) -> Vec<f64> {
    runs.iter().filter_map(|run| Some(run.test?.score)).collect()
}

/// The mean rank of each method that has complete studies on as many tasks as any, among those, over the tasks on which all of them have as
/// many; none without such a task. A method that lacks tasks would leave too few to rank the others on.
fn ranks(table: &Table<'_>) -> Vec<Option<MeanRank>> {
    let covered = |method: usize| {
        (0..table.tasks()).filter(|task| !table.complete(method, *task).is_empty()).count()
    };
    let most = (0..table.methods()).map(covered).max().unwrap_or(0);
    let has_most = |method: &usize| most > 0 && covered(*method) == most;
    let present: Vec<usize> = (0..table.methods()).filter(has_most).collect();
    let scores = |task| -> Vec<Vec<f64>> {
        present.iter().map(|method| means(&table.complete(*method, task))).collect()
    };
    let is_whole = |methods: &Vec<Vec<f64>>| {
        methods.iter().all(|seeds| !seeds.is_empty() && seeds.len() == methods[0].len())
    };
    let tasks: Vec<Vec<Vec<f64>>> = (0..table.tasks()).map(scores).filter(is_whole).collect();
    let mut ranks = vec![None; table.methods()];
    if !tasks.is_empty() {
        present
            .iter()
            .zip(mean_ranks(&tasks))
            .for_each(|(method, rank)| ranks[*method] = Some(rank));
    }
    ranks
}

/// How the studies of a method came to the score that the reference's answers have on the same task.
fn calls_to_reference(table: &Table<'_>, tasks: &[Vec<&CellRun>]) -> Option<CallsToReach> {
    let is_tested = table.runs.iter().any(|run| run.course.iter().any(|it| it.test.is_some()));
    let score = |run: &CellRun| if is_tested { run.test.map(|test| test.score) } else { run.dev };
    let mut attempts = Vec::new();
    for (task, runs) in tasks.iter().enumerate() {
        let reference: Vec<f64> = table.complete(0, task).into_iter().filter_map(score).collect();
        if reference.is_empty() {
            continue;
        }
        let level = reference.iter().sum::<f64>() / reference.len() as f64;
        attempts.extend(runs.iter().map(|run| attempt(run, is_tested, level)));
    }
    (!attempts.is_empty()).then(|| calls_to_reach(&attempts))
}

/// Whether a study held a test score of this level, or such a dev score on all rows, and when.
fn attempt(run: &CellRun, is_tested: bool, level: f64) -> Attempt {
    let whole = run.dev_scores.len();
    let score = |it: &Moment| match is_tested {
        true => Some((it.calls, it.test?)),
        false => (it.rows >= whole).then_some((it.calls, it.dev)),
    };
    let steps: Steps = run.course.iter().filter_map(score).collect();
    let reached = calls_to(&steps, level);
    let all = run.course.last().map_or(0, |last| last.calls);
    Attempt { calls: reached.unwrap_or(all), reached: reached.is_some() }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::report;
    use super::*;

    /// A search that is right on its first dev row after 10 calls, and on all four after 40.
    fn lucky(run: &mut CellRun, test: [Option<f64>; 2]) {
        let moment = |calls, rows, test| Moment { calls, dev: 1.0, rows, test };
        run.course = vec![moment(10, 1, test[0]), moment(40, 4, test[1])];
        (run.dev, run.dev_scores) = (Some(1.0), vec![Some(1.0); 4]);
    }

    #[tokio::test]
    async fn a_score_on_few_rows_is_not_the_score_of_the_reference() {
        let median = async |test| {
            let report = report(|run| lucky(run, test)).await;
            report.methods[1].calls_to_reference.unwrap().median
        };
        assert_eq!(median([None, None]).await, Some(40));
        assert_eq!(median([Some(1.0), Some(1.0)]).await, Some(10));
        assert_eq!(median([Some(0.5), Some(1.0)]).await, Some(40));
        assert_eq!(median([Some(0.5), Some(0.5)]).await, None);
    }
}
