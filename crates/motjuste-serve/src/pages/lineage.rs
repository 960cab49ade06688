//! Which instruction was made of which, where a method says so.

use std::collections::{BTreeSet, HashMap};

use motjuste::history::{Candidate, History, Trial};
use motjuste::journal::Outcome;
use motjuste_page::chart::{self, Chart, Scale, tooltip};
use motjuste_page::format;

/// The most trials with parents that are drawn, the newest.
const DRAWN: usize = 400;

/// The trials that a trial was made of.
pub(super) fn parents<'a>(trial: &Trial, history: &'a History) -> Vec<&'a Trial> {
    let candidate: Option<&Candidate> = history.candidates().get(trial.candidate);
    let parents = candidate.map_or(&[][..], |candidate| &candidate.origin.parents);
    parents.iter().filter_map(|&parent| scored(parent, history)).collect()
}

/// The trials that were made of a trial.
pub(super) fn children<'a>(trial: &Trial, history: &'a History) -> Vec<&'a Trial> {
    let is_child = |other: &&Trial| parents(other, history).iter().any(|one| one.id == trial.id);
    history.trials().iter().filter(|other| other.repeats.is_none()).filter(is_child).collect()
}

/// The trial of a candidate: the first one of its text.
fn scored(candidate: usize, history: &History) -> Option<&Trial> {
    let trial = history.trial_of(candidate)?;
    history.trials().get(trial.repeats.unwrap_or(trial.id))
}

/// A line from every instruction to those that were made of it; none where no instruction has a parent.
pub(super) fn chart(outcome: &Outcome) -> Option<Chart> {
    let history = &outcome.history;
    let first = history.trials().iter().filter(|trial| trial.repeats.is_none());
    let pairs = first.map(|trial| (trial, parents(trial, history)));
    let mut born: Vec<(&Trial, Vec<&Trial>)> = pairs.filter(|(_, from)| !from.is_empty()).collect();
    let all = born.len();
    born.drain(..all.saturating_sub(DRAWN));
    let winner = outcome.winner()?;
    let line = ancestors(winner, history);
    (!born.is_empty()).then(|| draw(&born, all, winner, &line, history))
}

/// A trial and all that it goes back to.
fn ancestors(trial: &Trial, history: &History) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![trial.repeats.unwrap_or(trial.id)];
    while let Some(id) = open.pop() {
        if found.insert(id) {
            let parents =
                history.trials().get(id).map_or(Vec::new(), |trial| parents(trial, history));
            open.extend(parents.iter().map(|parent| parent.id));
        }
    }
    found
}

fn draw(
    born: &[(&Trial, Vec<&Trial>)],
    all: usize,
    winner: &Trial,
    line: &BTreeSet<usize>,
    history: &History,
) -> Chart {
    let across = Scale::across(0.0, history.steps().len().saturating_sub(1) as f64);
    let mut shown: HashMap<usize, &Trial> = HashMap::new();
    let (mut plain, mut marked) = (String::new(), String::new());
    for (child, from) in born {
        for parent in from {
            let is_marked = line.contains(&child.id) && line.contains(&parent.id);
            let (class, to) =
                if is_marked { ("best", &mut marked) } else { ("descent", &mut plain) };
            to.push_str(&chart::line(class, place(parent, across), place(child, across)));
            shown.insert(parent.id, parent);
        }
        shown.insert(child.id, child);
    }
    let lead = lead(born.len(), all, line.len() - 1);
    let dots = dots(&shown, line, across);
    let body = chart::score_axis("dev score")
        + &chart::count_axis(across, "step")
        + &plain
        + &marked
        + &dots;
    let name = format!("Lineage of the instructions; the best is trial {}", winner.id);
    let legend = vec![
        chart::key(&chart::line("descent", (0.0, 10.0), (100.0, 10.0)), "was made of"),
        chart::key(&chart::line("best", (0.0, 10.0), (100.0, 10.0)), "the line of the best"),
    ];
    Chart { svg: Some(chart::svg("lineage", &name, &lead, &body)), lead, legend }
}

fn lead(drawn: usize, all: usize, steps: usize) -> String {
    let told = match steps {
        0 => "The best goes back to none.".to_owned(),
        steps => format!("The best goes back to {}.", format::counted(steps, "other")),
    };
    let newest = match drawn == all {
        true => String::new(),
        false => format!(" The newest {} are drawn.", format::count(drawn as u64)),
    };
    let (made, was) = (format::counted(all, "instruction"), if all == 1 { "was" } else { "were" });
    format!("{made} {was} made of earlier ones. {told}{newest}")
}

fn place(trial: &Trial, across: Scale) -> (f64, f64) {
    let score = trial.evaluation.as_ref().and_then(|evaluation| evaluation.score);
    (across.at(trial.step as f64), Scale::score().at(score.unwrap_or(0.0)))
}

fn dots(shown: &HashMap<usize, &Trial>, line: &BTreeSet<usize>, across: Scale) -> String {
    let mut trials: Vec<&Trial> = shown.values().copied().collect();
    trials.sort_by_key(|trial| (line.contains(&trial.id), trial.id));
    let dot = |trial: &Trial| {
        let class = if line.contains(&trial.id) { "best-dot" } else { "new" };
        let score = trial.evaluation.as_ref().and_then(|evaluation| evaluation.score);
        let score = score.map_or("–".to_owned(), format::score);
        let label = format!("trial {}: {score}. {}", trial.id, format::brief(&trial.instruction));
        chart::circle(class, place(trial, across), 4.0, &tooltip(&label))
    };
    trials.into_iter().map(dot).collect()
}
