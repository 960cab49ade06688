//! EvoPrompt's decisions against those of the package promptolution, as `tests/golden/packages/make_promptolution.py`
//! recorded them.

use std::sync::LazyLock;

use serde_json::Value;

use super::{Donor, EvoPrompt, Evolution, GENETIC, parents};
use crate::history::{
    Assignment, Evaluation, ExampleScore, Found, History, Part, Proposal, Reply, Step, Trial,
};
use crate::method::Writer;
use crate::method::recorded::{list, numbers, read};
use crate::method::soft_prompts::count;
use crate::metric::Mode;
use crate::random::{Stream, Streams};
use crate::usage::Usage;

static GOLDEN: LazyLock<Value> =
    LazyLock::new(|| read(include_str!("../../../tests/golden/packages/promptolution.json")));

fn texts(value: &Value) -> Vec<&str> {
    list(value).iter().map(|text| text.as_str().unwrap()).collect()
}

fn stream() -> Stream {
    Streams::new(0).stream("golden", 0)
}

fn method(evolution: Evolution) -> EvoPrompt {
    EvoPrompt { evolution, population: count(4), mode: Mode::Compat, ..EvoPrompt::default() }
}

/// Adds a step with these instructions, each from the reply of this place.
fn push(history: &mut History, made: &[(usize, &str, f64)]) {
    let (index, first) = (history.steps().len(), history.trials().len());
    let replies = made.iter().map(|(place, ..)| place + 1).max().unwrap_or(0);
    let mut readings = vec![Vec::new(); replies];
    made.iter().for_each(|(place, text, _)| readings[*place].push(Found::new(*text)));
    let mut made = made.to_vec();
    made.sort_by_key(|(place, ..)| *place);
    let scored = made.iter().enumerate().map(|(offset, (_, _, score))| Assignment {
        trial: first + offset,
        candidate: first + offset,
        rows: vec![0],
        repeats: None,
        evaluation: Some(Evaluation::new(
            vec![ExampleScore::new(0, Some(*score), "")],
            Usage::default(),
        )),
    });
    history.push(Step {
        index,
        proposals: (0..replies).map(|_| Proposal::Instruction(String::new())).collect(),
        assignments: scored.collect(),
        readings,
        ..Step::default()
    });
}

/// The first instructions, and no paraphrase of any.
fn founded(run: &Value) -> History {
    let mut history = History::scored_on(vec![0]);
    let scores = numbers(&run["first_scores"]);
    let first = texts(&run["first"]).into_iter().zip(scores).enumerate();
    push(
        &mut history,
        &first.map(|(place, (text, score))| (place, text, score)).collect::<Vec<_>>(),
    );
    push(&mut history, &[]);
    history
}

fn children(step: &Value) -> Vec<(&str, f64)> {
    texts(&step["children"]).into_iter().zip(numbers(&step["scores"])).collect()
}

fn words<'a>(members: &[&'a Trial]) -> Vec<&'a str> {
    members.iter().map(|member| member.instruction.as_str()).collect()
}

#[test]
fn a_genetic_population_goes_the_way_of_the_package() {
    let (run, method) = (&GOLDEN["genetic"], method(Evolution::Genetic));
    let mut history = founded(run);
    for step in list(&run["steps"]) {
        // Parents are of the population, as ours.
        let members = words(&method.population(&history));
        let told = list(&step["told"]).iter().flat_map(texts);
        assert!(told.clone().all(|one| members.contains(&one)) && told.count() == 8);
        let made: Vec<(usize, &str, f64)> =
            children(step).into_iter().enumerate().map(|(i, (text, it))| (i, text, it)).collect();
        push(&mut history, &made);
        assert_eq!(words(&method.population(&history)), texts(&step["population"]), "{step}");
    }
    // Four first ones and four children a step, as ours.
    assert_eq!(run["evaluations"], 4 + 5 * 4);
    assert_eq!(history.trials().len(), 4 + 5 * 4);
}

/// The package sorts its population after each step, ours keeps the places: the members are the same.
#[test]
fn a_differential_population_goes_the_way_of_the_package() {
    let (run, method) = (&GOLDEN["differential"], method(Evolution::Differential));
    let mut history = founded(run);
    for step in list(&run["steps"]) {
        let members = method.population(&history);
        for told in list(&step["told"]).iter().map(texts) {
            let [member, a, b, donor] = told.try_into().unwrap();
            assert!(member != a && member != b && a != b, "{step}");
            let ours = method.donor(&history, &members, &[], &mut stream());
            assert_eq!(ours.unwrap().instruction, donor, "{step}");
        }
        let own = |told: &Value| {
            let member = told[0].as_str().unwrap();
            members.iter().position(|it| it.instruction == member).unwrap()
        };
        let own = list(&step["told"]).iter().map(own).zip(children(step));
        let made: Vec<(usize, &str, f64)> = own.map(|(i, (text, it))| (i, text, it)).collect();
        push(&mut history, &made);
        let (mut ours, mut theirs) =
            (words(&method.population(&history)), texts(&step["population"]));
        assert_eq!(history.best().unwrap().instruction, theirs[0]);
        ours.sort_unstable();
        theirs.sort_unstable();
        assert_eq!(ours, theirs, "{step}");
    }
}

/// The two that differ come first, then the donor, and the member that the child competes with last: the published
/// code crosses with that one.
#[test]
fn the_member_is_the_last_that_a_prompt_tells_of() {
    let history = founded(&GOLDEN["differential"]);
    let method = method(Evolution::Differential);
    let members = method.population(&history);
    let asks = method.differing(&history, &members, &mut stream()).unwrap();
    for (ask, member) in asks.iter().zip(words(&members)) {
        let Some(Part::Text(text)) = ask.parts.last() else { panic!("no text") };
        assert!(text.contains(&format!("# Instruction 4\n\n<data>\n{member}\n</data>")));
        assert!(text.contains("# Instruction 3\n\n<data>\nfirst 3\n</data>"));
    }
    assert_eq!(asks.len(), 4);
}

/// Its prompt has no place for the best, whatever it draws: this is what `donor = none` restores.
#[test]
fn the_prompt_of_the_package_shows_no_donor() {
    assert_eq!(GOLDEN["has_donor"], false);
    let history = founded(&GOLDEN["differential"]);
    let method = EvoPrompt { donor: Donor::None, ..method(Evolution::Differential) };
    let members = method.population(&history);
    assert!(method.donor(&history, &members, &[], &mut stream()).is_none());
}

#[test]
fn parents_are_drawn_as_often_as_in_the_package() {
    for wheel in list(&GOLDEN["wheels"]) {
        let scores = numbers(&wheel["scores"]);
        let mut history = History::scored_on(vec![0]);
        let names: Vec<String> = (0..scores.len()).map(|place| place.to_string()).collect();
        let made = names.iter().zip(&scores).enumerate();
        push(
            &mut history,
            &made.map(|(i, (name, score))| (i, name.as_str(), *score)).collect::<Vec<_>>(),
        );
        let members: Vec<&Trial> = history.trials().iter().collect();
        let theirs: Vec<f64> = list(&wheel["counts"]).iter().flat_map(numbers).collect();
        let (draws, size) = (theirs.iter().sum::<f64>(), scores.len());
        let mut ours = vec![0.0; theirs.len()];
        let mut stream = stream();
        for _ in 0..draws as usize / size {
            for [a, b] in parents::pairs(&members, size, Mode::Compat, &mut stream) {
                ours[a.id * size + b.id] += 1.0;
            }
        }
        let is_near = |(a, b): (&f64, &f64)| {
            let share = (a + b) / (2.0 * draws);
            // Children of a step share a pool, so counts vary more than those of independent draws.
            (a - b).abs() <= 7.0 * (2.0 * draws * share * (1.0 - share)).sqrt()
        };
        assert!(ours.iter().zip(&theirs).all(is_near), "{ours:?} {theirs:?}");
    }
}

/// A reply is read as in the package, in its tags: but for a tag without the other, and for nothing at all.
#[test]
fn replies_are_read_as_in_the_package() {
    let (history, writer) = (History::new(), Writer::default());
    let ask = writer.breed(&history, GENETIC, &["One.", "Two."], &["One.", "Two."], 0).unwrap();
    let proposals = [Proposal::Ask(Box::new(ask))];
    let ours = |reply: &str| {
        let replies = [Reply::of(reply.replace("prompt>", "instruction>"))];
        let read = writer.read(&history, &proposals, &replies, Mode::Compat);
        let kept = read[0].iter().find(|found| found.dropped.is_none());
        kept.map(|found| found.instruction.clone())
    };
    let mut differ = Vec::new();
    for case in list(&GOLDEN["readings"]) {
        let (reply, theirs) = (case["reply"].as_str().unwrap(), case["text"].as_str().unwrap());
        if ours(reply).as_deref() != Some(theirs) {
            differ.push(reply);
        }
    }
    assert_eq!(differ, ["<prompt>open", "a</prompt>b", "<prompt></prompt>"]);
}
