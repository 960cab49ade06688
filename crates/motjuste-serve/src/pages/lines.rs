//! The trials of a study as the charts take them.

use motjuste::history::{Trial, TrialState};
use motjuste::journal::Outcome;
use motjuste::report::TrialLine;

/// Every trial that was evaluated, without its answers: a chart needs none, and a long study has many.
pub(super) fn lines(outcome: &Outcome) -> Vec<TrialLine> {
    let evaluated = |trial: &&Trial| trial.state != TrialState::Waiting;
    outcome.history.trials().iter().filter(evaluated).map(line).collect()
}

fn line(trial: &Trial) -> TrialLine {
    let evaluation = trial.evaluation.as_ref();
    TrialLine {
        trial: trial.id,
        step: trial.step,
        state: trial.state,
        instruction: trial.instruction.clone(),
        z: None,
        score: evaluation.and_then(|evaluation| evaluation.score),
        per_example: evaluation.map_or(Vec::new(), |evaluation| evaluation.all_scores()),
        examples: Vec::new(),
        answers: Vec::new(),
        repeats: trial.repeats,
    }
}

/// At most `most` of the trials, evenly, the best so far among them.
pub(super) fn thinned(lines: &[TrialLine], most: usize) -> Vec<TrialLine> {
    let every = lines.len().div_ceil(most).max(1);
    let mut best = f64::NEG_INFINITY;
    let mut is_shown = |(index, line): &(usize, &TrialLine)| {
        let score = line.score.filter(|_| line.state == TrialState::Complete);
        let is_better = score.is_some_and(|score| score > best);
        best = score.map_or(best, |score| score.max(best));
        is_better || index.is_multiple_of(every)
    };
    let shown = lines.iter().enumerate().filter(|pair| is_shown(pair));
    shown.map(|(_, line)| line.clone()).collect()
}
