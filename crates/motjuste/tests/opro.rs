//! OPRO as a pure function: meta-prompts byte for byte, choices, and what replies come to.

#![allow(clippy::unwrap_used, reason = "a test")]

use motjuste::history::{History, Round};
use motjuste::metric::Mode;
use motjuste::model::Generation;
use motjuste::optimizer::Optimizer;
use motjuste::optimizer::opro::{
    ExemplarChoice, Layout, MetaPrompt, Opro, OproConfig, Order, Position, Reason, ScoreDisplay,
    Style, Verdict,
};
use motjuste::proposal::Proposal;
use motjuste::random::{Stream, Streams};
use motjuste::task::Example;
use motjuste::trial::{Evaluation, ExampleScore, Trial, TrialState};
use motjuste::usage::Usage;
use serde::Deserialize;

/// A history of one round: instructions with their per-example scores.
fn history(scored: &[(&str, &[f64])]) -> History {
    let trials = scored.iter().enumerate().map(|(id, (instruction, scores))| {
        let judged = |(example, score): (usize, &f64)| ExampleScore {
            example,
            score: *score,
            answer: String::new(),
        };
        let per_example = scores.iter().enumerate().map(judged).collect();
        Trial {
            id,
            round: 0,
            state: TrialState::Complete,
            instruction: (*instruction).to_owned(),
            soft_prompt: None,
            evaluation: Some(Evaluation::new(per_example, Usage::default())),
            repeats: None,
        }
    });
    let generation = |text: &str| Generation {
        text: text.to_owned(),
        features: vec![],
        usage: Usage::default(),
    };
    let mut history = History::new();
    history.push(Round {
        index: 0,
        proposals: scored.iter().map(|(text, _)| Proposal::Instruction((*text).into())).collect(),
        generations: scored.iter().map(|(text, _)| generation(text)).collect(),
        trials: trials.collect(),
    });
    history
}

fn examples() -> Vec<Example> {
    let example = |i: usize| Example { input: format!("q{i}"), outputs: vec![format!("a{i}")] };
    (0..4).map(example).collect()
}

fn stream() -> Stream {
    Streams::new(0).stream("ask", 1)
}

fn first(config: &OproConfig, history: &History, step: usize) -> MetaPrompt {
    let opro = Opro::new(config.clone());
    opro.meta_prompts(history, step, &mut stream()).unwrap().swap_remove(0)
}

fn two() -> History {
    history(&[("Think.", &[1.0, 0.0, 1.0, 1.0]), ("", &[0.0, 0.0, 1.0, 0.0])])
}

fn constant(k: usize) -> OproConfig {
    // NumPy's generator with seed 0 draws the places 2 and 3 of four.
    let exemplar_choice = ExemplarChoice::Constant;
    OproConfig { exemplars: k, exemplar_choice, mode: Mode::Compat, ..OproConfig::default() }
}

#[test]
fn the_tagged_meta_prompt_is_these_bytes() {
    let expected = "Write an instruction, which stands for <INS>. Here are instructions that were \
        tried before, each with its score. Scores range from 0 to 100.\n\
        \ntext:\n\nscore:\n25\n\
        \ntext:\nThink.\nscore:\n75\n\
        \n\nHere are some of the problems.\n\
        \nProblem:\n<INS>\nq2\n\nGround truth answer:\na2\n\
        \nProblem:\n<INS>\nq3\n\nGround truth answer:\na3\n\
        \n\nWrite an instruction that is different from all of the instructions above and has a \
        higher score than any of them. Begin it with <INS> and end it with </INS>. It should be \
        concise and effective, and apply to all problems of this kind.";
    assert_eq!(first(&constant(2), &two(), 0).text(&examples()).unwrap(), expected);
}

#[test]
fn the_bracketed_meta_prompt_is_these_bytes() {
    let config = OproConfig { style: Style::Bracketed, ..constant(1) };
    let expected = "Here are some texts with their scores. A higher score means a better text. They \
        are arranged from the worst to the best.\n\n\
        \ntext:\n\nscore:\n25\n\
        \ntext:\nThink.\nscore:\n75\n\
        \n\nThese examples show what a text is for. It takes the place of <INS> in each input; the \
        input is then read and an output is given. The output is wrong when it differs from the \
        one shown, and correct when it is the same.\n\n\
        \ninput:\n<INS>\nq2\n\noutput:\na2\n\
        \n\nWrite a new text that is different from those above and has as high a score as \
        possible. Put the text in square brackets.";
    assert_eq!(first(&config, &two(), 0).text(&examples()).unwrap(), expected);
}

#[test]
fn the_meta_prompt_of_instructions_only_is_these_bytes() {
    let mut config = OproConfig::instructions_only("grade school math");
    config.layout = Layout { position: Position::ABegin, qa: true };
    let expected = "Write a piece of text at the beginning of the answer that raises the precision \
        of the answers to grade school math problems.\
        \n\nPrecision: 25 <TEXT></TEXT>\
        \n\nPrecision: 75 <TEXT>Think.</TEXT>";
    assert_eq!(first(&config, &two(), 0).text(&[]).unwrap(), expected);
    config.display = ScoreDisplay::Exact;
    assert!(first(&config, &two(), 0).text(&[]).unwrap().contains("Precision: 0.25 <TEXT>"));
}

#[test]
fn examples_show_where_the_instruction_goes() {
    let shown = |style, position, qa| {
        let layout = Layout { position, qa };
        let text = first(&OproConfig { style, layout, ..constant(1) }, &two(), 0);
        text.text(&examples()).unwrap()
    };
    let tagged = [
        (Position::BeforeQ, true, "\ninput:\n<INS>\nQ: q2\nA:\nGround truth answer:\na2\n"),
        (Position::QBegin, true, "\ninput:\nQ: <INS>\nq2\nA:\nGround truth answer:\na2\n"),
        (Position::QEnd, true, "\ninput:\nQ: q2\n<INS>\nA:\nGround truth answer:\na2\n"),
        (Position::ABegin, true, "\nQ: q2\nA: <Start>\nGround truth answer:\na2\n"),
        (Position::QBegin, false, "\nProblem:\n<INS>\nq2\n\nGround truth answer:\na2\n"),
        (Position::QEnd, false, "\nProblem:\nq2\n<INS>\n\nGround truth answer:\na2\n"),
    ];
    for (position, qa, block) in tagged {
        let text = shown(Style::Tagged, position, qa);
        assert!(text.contains(block), "{position:?} {qa}: {text}");
        assert_eq!(text.contains("</Start>"), position == Position::ABegin);
    }
    let bracketed = [
        (Position::BeforeQ, true, "\ninput:\n<INS>\nQ: q2\nA:\noutput:\na2\n"),
        (Position::QBegin, true, "\ninput:\nQ: <INS>\nq2\nA:\noutput:\na2\n"),
        (Position::QEnd, true, "\ninput:\nQ: q2\n<INS>\nA:\noutput:\na2\n"),
        (Position::ABegin, true, "\ninput:\nQ: q2\nA: <INS>\noutput:\na2\n"),
        (Position::QBegin, false, "\ninput:\n<INS>\nq2\n\noutput:\na2\n"),
        (Position::QEnd, false, "\ninput:\nq2\n<INS>\n\noutput:\na2\n"),
    ];
    for (position, qa, block) in bracketed {
        let text = shown(Style::Bracketed, position, qa);
        assert!(text.contains(block), "{position:?} {qa}: {text}");
    }
}

#[test]
fn order_display_and_place_are_settings() {
    let text = |config: OproConfig| first(&config, &two(), 0).text(&examples()).unwrap();
    let base = OproConfig { mode: Mode::Strict, ..constant(1) };
    let descending = text(OproConfig { order: Order::Descending, ..base.clone() });
    assert!(descending.contains("\ntext:\nThink.\nscore:\n75\n\ntext:\n\nscore:\n25\n"));
    let hidden = text(OproConfig { display: ScoreDisplay::Hidden, ..base.clone() });
    assert!(!hidden.contains("score") && hidden.contains("\ntext:\nThink.\n\n\nHere"));
    let twenty = text(OproConfig { display: ScoreDisplay::Buckets(20), ..base.clone() });
    assert!(twenty.contains("from 0 to 20.") && twenty.contains("score:\n15\n"));
    let exact = text(OproConfig { display: ScoreDisplay::Exact, ..base.clone() });
    assert!(exact.contains("from 0 to 1.") && exact.contains("score:\n0.75\n"));
    let compat = OproConfig { display: ScoreDisplay::Buckets(20), ..constant(1) };
    assert!(text(compat).contains("from 0 to 100."));
    let late = text(OproConfig { instructions_first: false, ..base.clone() });
    assert!(late.find("Problem:").unwrap() < late.find("text:").unwrap());
    let bare = text(OproConfig { exemplars: 0, ..base });
    assert!(!bare.contains("problems.\n") && bare.contains("score:\n75\n\n\nWrite an"));
}

#[test]
fn the_best_are_shown_above_the_threshold() {
    let all = history(&[("a", &[0.2]), ("b", &[0.4]), ("c", &[0.4]), ("d", &[0.1])]);
    let shown = |shown, threshold, mode| {
        let config = OproConfig { shown, threshold, mode, ..constant(0) };
        let trajectory = first(&config, &all, 0).trajectory;
        trajectory.into_iter().map(|shown| shown.instruction).collect::<String>()
    };
    assert_eq!(shown(0, 0.0, Mode::Strict), "dabc");
    assert_eq!(shown(3, 0.0, Mode::Strict), "abc");
    assert_eq!(shown(3, 0.3, Mode::Strict), "bc");
    assert_eq!(shown(3, 0.5, Mode::Strict), "c");
    assert_eq!(shown(3, 0.5, Mode::Compat), "");
}

#[test]
fn examples_are_chosen_by_their_criterion() {
    let all = history(&[
        ("a", &[0.0, 0.0, 0.0, 1.0, 1.0, 0.5]),
        ("b", &[0.0, 1.0, 0.0, 1.0, 1.0, 1.0]),
        ("c", &[0.0, 1.0, 1.0, 1.0, 0.0, 1.0]),
    ]);
    let chosen = |exemplar_choice, exemplars, mode, step, shown| {
        let config = OproConfig { exemplar_choice, exemplars, mode, shown, ..constant(0) };
        first(&config, &all, step).exemplars
    };
    use ExemplarChoice::*;
    // NumPy: RandomState(step).choice(6, 3, replace=False), sorted.
    assert_eq!(chosen(Random, 3, Mode::Compat, 0, 20), [1, 2, 5]);
    assert_eq!(chosen(Random, 3, Mode::Compat, 1, 20), [1, 2, 4]);
    assert_eq!(chosen(Constant, 3, Mode::Compat, 1, 20), [1, 2, 5]);
    assert_eq!(chosen(Random, 9, Mode::Strict, 0, 20), [0, 1, 2, 3, 4, 5]);
    assert_eq!(chosen(AccumulativeMostFrequent, 2, Mode::Strict, 0, 20), [0, 2]);
    assert_eq!(chosen(AccumulativeMostFrequent, 9, Mode::Compat, 0, 20), [0, 2, 1, 4]);
    // The published draw is uniform: RandomState(3).choice([0, 2, 1, 4], 2).
    assert_eq!(chosen(AccumulativeMostFrequent, 2, Mode::Compat, 3, 20), [2, 4]);
    assert_eq!(chosen(CurrentMostFrequent, 1, Mode::Strict, 0, 20), [0]);
    assert_eq!(chosen(CurrentMostFrequent, 2, Mode::Strict, 0, 20), [0, 2]);
    // Only c is shown; it answers 0 and 4 wrong.
    assert_eq!(chosen(CurrentMostFrequent, 2, Mode::Strict, 0, 1), [0, 4]);
}

#[test]
fn a_step_asks_its_meta_prompt_in_new_draws_at_its_temperature() {
    let config = OproConfig { steps: 10, temperature_growth: 1.0, ..constant(1) };
    let opro = Opro::new(config);
    let ask = |step| opro.meta_prompts(&two(), step, &mut stream()).unwrap();
    let draws = |step| ask(step).iter().map(|meta| meta.draw).collect::<Vec<_>>();
    assert_eq!((draws(0), draws(3)), ((0..8).collect(), (24..32).collect()));
    assert_eq!((ask(0)[0].temperature, ask(5)[7].temperature), (1.0, 1.5));
    assert!(ask(10).is_empty());
}

#[test]
fn no_meta_prompt_is_longer_than_the_longest() {
    let long = "é".repeat(500);
    let history = history(&[(&long, &[1.0, 0.0]), ("b", &[0.5, 0.0])]);
    for style in [Style::Tagged, Style::Bracketed] {
        let config = OproConfig { style, exemplars: 2, ..OproConfig::default() };
        let longest = Opro::new(config.clone()).longest_meta_prompt(&examples());
        let text = first(&config, &history, 3).text(&examples()).unwrap();
        assert!(text.len() <= longest.text(&examples()).unwrap().len());
        assert_eq!((longest.trajectory.len(), longest.exemplars.len()), (20, 2));
    }
}

fn judged(config: OproConfig, replies: &[&str]) -> Vec<Verdict> {
    Opro::new(config).judge(&two(), replies.iter().copied())
}

#[test]
fn replies_become_instructions_or_reasons() {
    let gsm8k = OproConfig::gsm8k();
    let long = format!("<INS>{}</INS>", "é".repeat(501));
    let ramble = "word ".repeat(101);
    let replies = [
        "Here: <INS> work **slowly** </INS> ok?",
        "<INS>Work slowly</INS>",
        "</INS>x<INS>",
        "<INS>Use 2 steps</INS>",
        "no markers at all",
        "<INS>Think.</INS>",
        "<INS>FOLLOW INSTRUCTIONS</INS>",
        "<INS>put <Start> first</INS>",
        &long,
        &ramble,
    ];
    let accepted = |text: &str| Verdict::Accepted(text.to_owned());
    let dropped = |text: &str, reason| Verdict::Dropped(text.to_owned(), reason);
    let strict = judged(gsm8k.clone(), &replies);
    let expected = [
        accepted("Work slowly"),
        dropped("Work slowly", Reason::Known),
        dropped("", Reason::Unparsed),
        dropped("Use 2 steps", Reason::Digits),
        accepted("No markers at all"),
        dropped("Think.", Reason::Known),
        accepted("FOLLOW INSTRUCTIONS"),
        dropped("Put <Start> first", Reason::Marker),
    ];
    assert_eq!(strict[..8], expected);
    assert!(matches!(strict[8], Verdict::Dropped(_, Reason::TooLong)));
    assert_eq!(strict[9], dropped("", Reason::Unparsed));
    let compat = judged(OproConfig { mode: Mode::Compat, ..gsm8k }, &replies);
    assert_eq!(compat[2], accepted(""));
    assert_eq!(compat[5], accepted("Think."), "initial instructions are forgotten");
    assert_eq!(compat[6], dropped("FOLLOW INSTRUCTIONS", Reason::Marker));
    assert_eq!(compat[7], accepted("Put <Start> first"));
    assert!(matches!(compat[9], Verdict::Dropped(_, Reason::TooLong)));
}

#[test]
fn other_styles_read_other_marks() {
    let bracketed = OproConfig { style: Style::Bracketed, ..OproConfig::default() };
    let verdicts = judged(bracketed, &["[abc] [d]", "[a\nb]", "unclosed [abc", "[]", "[use 2]"]);
    let accepted = |text: &str| Verdict::Accepted(text.to_owned());
    let unparsed = Verdict::Dropped(String::new(), Reason::Unparsed);
    assert_eq!(
        verdicts[..4],
        [accepted("Abc"), unparsed.clone(), unparsed.clone(), unparsed.clone()]
    );
    assert_eq!(verdicts[4], accepted("Use 2"));
    let only = OproConfig::instructions_only("math");
    let verdicts = judged(only, &["x</TEXT> <TEXT>go\non</TEXT> <TEXT>y</TEXT>", "<TEXT>open"]);
    assert_eq!(verdicts, [accepted("Go\non"), unparsed]);
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let default = OproConfig::default;
    let only = || OproConfig::instructions_only("math");
    let wrong = [
        OproConfig { layout: Layout { position: Position::ABegin, qa: false }, ..default() },
        OproConfig { batch: 0, ..default() },
        OproConfig { initial: vec![], ..default() },
        OproConfig { temperature: -1.0, ..default() },
        OproConfig { display: ScoreDisplay::Buckets(0), ..default() },
        OproConfig { exemplars: 3, ..only() },
        OproConfig { domain: String::new(), ..only() },
        OproConfig { layout: Layout { position: Position::BeforeQ, qa: true }, ..only() },
    ];
    for config in wrong {
        let error = Opro::new(config.clone()).ask(&History::new(), &mut stream()).unwrap_err();
        assert!(error.is_configuration() && error.help().is_some(), "{config:?}");
    }
    for config in [OproConfig::gsm8k(), OproConfig::bbh(), OproConfig::mmlu(), only()] {
        assert!(config.checked().is_ok());
    }
}

#[test]
fn settings_survive_being_written_down() {
    use motjuste::optimizer::OptimizerConfig;
    for name in ["opro", "opro-gsm8k", "opro-bbh", "opro-mmlu"] {
        let config = OptimizerConfig::named(name).unwrap();
        assert_eq!(config.name(), name);
        let written = toml::Table::try_from(&config).unwrap();
        assert_eq!(OptimizerConfig::deserialize(written.clone()).unwrap(), config);
        let mut hidden = written;
        hidden.insert("display".to_owned(), "hidden".into());
        let OptimizerConfig::Opro(hidden) = OptimizerConfig::deserialize(hidden).unwrap() else {
            panic!("another method")
        };
        assert_eq!(hidden.display, ScoreDisplay::Hidden);
    }
}
