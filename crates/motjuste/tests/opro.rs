//! OPRO as a pure function: meta-prompts byte for byte, choices, and what replies come to.

#![allow(clippy::unwrap_used, reason = "a test")]

use motjuste::history::{
    Assignment, Evaluation, ExampleScore, Found, History, Proposal, Reply, Step,
};
use motjuste::method::opro::{
    ExemplarChoice, Layout, MetaPrompt, Order, Position, Reason, ScoreDisplay, Style,
};
use motjuste::method::{Method, Opro, PromptBound, Registry};
use motjuste::metric::Mode;
use motjuste::random::{Stream, Streams};
use motjuste::task::Example;
use motjuste::usage::Usage;

/// A history of one step: instructions with their per-example scores.
fn history(scored: &[(&str, &[f64])]) -> History {
    let rows = scored.first().map_or(0, |(_, scores)| scores.len());
    let assignment = |(trial, (_, scores)): (usize, &(&str, &[f64]))| {
        let per_example = scores.iter().enumerate();
        let per_example = per_example.map(|(row, score)| ExampleScore::new(row, Some(*score), ""));
        let evaluation = Some(Evaluation::new(per_example.collect(), Usage::default()));
        let rows = (0..scores.len()).collect();
        Assignment { trial, candidate: trial, rows, repeats: None, evaluation }
    };
    let mut history = History::scored_on((0..rows).collect());
    history.push(Step {
        index: 0,
        proposals: scored.iter().map(|(text, _)| Proposal::Instruction((*text).into())).collect(),
        replies: scored.iter().map(|(text, _)| Reply::of(*text)).collect(),
        readings: scored.iter().map(|(text, _)| vec![Found::new(*text)]).collect(),
        assignments: scored.iter().enumerate().map(assignment).collect(),
        pruned: Vec::new(),
        examinations: Vec::new(),
    });
    history
}

fn examples() -> Vec<Example> {
    let example = |i: usize| Example::new(format!("q{i}"), [format!("a{i}")]);
    (0..4).map(example).collect()
}

fn stream() -> Stream {
    Streams::new(0).stream("ask", 1)
}

fn first(config: &Opro, history: &History, step: usize) -> MetaPrompt {
    config.meta_prompts(history, step, &mut stream()).unwrap().swap_remove(0)
}

/// The prompt in words, its examples filled in.
fn text(meta: &MetaPrompt, dev: &[Example]) -> String {
    meta.ask().unwrap().text("", &[], dev).unwrap()
}

fn two() -> History {
    history(&[("Think.", &[1.0, 0.0, 1.0, 1.0]), ("", &[0.0, 0.0, 1.0, 0.0])])
}

fn constant(k: usize) -> Opro {
    // NumPy's generator with seed 0 draws the places 2 and 3 of four.
    let exemplar_choice = ExemplarChoice::Constant;
    Opro { exemplars: k, exemplar_choice, mode: Mode::Compat, ..Opro::default() }
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
    assert_eq!(text(&first(&constant(2), &two(), 0), &examples()), expected);
}

#[test]
fn the_bracketed_meta_prompt_is_these_bytes() {
    let config = Opro { style: Style::Bracketed, ..constant(1) };
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
    assert_eq!(text(&first(&config, &two(), 0), &examples()), expected);
}

#[test]
fn the_meta_prompt_of_instructions_only_is_these_bytes() {
    let mut config = Opro::instructions_only("grade school math");
    config.layout = Layout { position: Position::ABegin, qa: true };
    let expected = "Write a piece of text at the beginning of the answer that raises the precision \
        of the answers to grade school math problems.\
        \n\nPrecision: 25 <TEXT></TEXT>\
        \n\nPrecision: 75 <TEXT>Think.</TEXT>";
    assert_eq!(text(&first(&config, &two(), 0), &[]), expected);
    config.display = ScoreDisplay::Exact;
    assert!(text(&first(&config, &two(), 0), &[]).contains("Precision: 0.25 <TEXT>"));
}

#[test]
fn examples_show_where_the_instruction_goes() {
    let shown = |style, position, qa| {
        let layout = Layout { position, qa };
        text(&first(&Opro { style, layout, ..constant(1) }, &two(), 0), &examples())
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
    let text = |config: Opro| text(&first(&config, &two(), 0), &examples());
    let base = Opro { mode: Mode::Strict, ..constant(1) };
    let descending = text(Opro { order: Order::Descending, ..base.clone() });
    assert!(descending.contains("\ntext:\nThink.\nscore:\n75\n\ntext:\n\nscore:\n25\n"));
    let hidden = text(Opro { display: ScoreDisplay::Hidden, ..base.clone() });
    assert!(!hidden.contains("score") && hidden.contains("\ntext:\nThink.\n\n\nHere"));
    let twenty = text(Opro { display: ScoreDisplay::Buckets(20), ..base.clone() });
    assert!(twenty.contains("from 0 to 20.") && twenty.contains("score:\n15\n"));
    let exact = text(Opro { display: ScoreDisplay::Exact, ..base.clone() });
    assert!(exact.contains("from 0 to 1.") && exact.contains("score:\n0.75\n"));
    let compat = Opro { display: ScoreDisplay::Buckets(20), ..constant(1) };
    assert!(text(compat).contains("from 0 to 100."));
    let late = text(Opro { instructions_first: false, ..base.clone() });
    assert!(late.find("Problem:").unwrap() < late.find("text:").unwrap());
    let bare = text(Opro { exemplars: 0, ..base });
    assert!(!bare.contains("problems.\n") && bare.contains("score:\n75\n\n\nWrite an"));
}

#[test]
fn the_best_are_shown_above_the_threshold() {
    let all = history(&[("a", &[0.2]), ("b", &[0.4]), ("c", &[0.4]), ("d", &[0.1])]);
    let shown = |shown, threshold, mode| {
        let config = Opro { shown, threshold, mode, ..constant(0) };
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
        let config = Opro { exemplar_choice, exemplars, mode, shown, ..constant(0) };
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
    let config = Opro { steps: 10, temperature_growth: 1.0, ..constant(1) };
    let ask = |step| config.meta_prompts(&two(), step, &mut stream()).unwrap();
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
        let config = Opro { style, exemplars: 2, ..Opro::default() };
        let bound = config.bounds(100).prompt.unwrap();
        let asked = PromptBound::of(&first(&config, &history, 3).ask().unwrap());
        assert!(asked.bytes <= bound.bytes && asked.rows <= bound.rows);
        assert_eq!((bound.rows, bound.max_tokens), (2, config.max_tokens));
        // Room for twenty instructions of 500 characters of up to four bytes.
        assert!(bound.bytes > 20 * 2000, "{}", bound.bytes);
    }
}

fn read(config: Opro, replies: &[&str]) -> Vec<Found> {
    let replies: Vec<Reply> = replies.iter().map(|reply| Reply::of(*reply)).collect();
    config.read(&two(), &[], &replies).into_iter().flatten().collect()
}

#[test]
fn replies_become_instructions_or_reasons() {
    let gsm8k = Opro::gsm8k();
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
    let accepted = |text: &str| Found::new(text);
    let dropped = |text: &str, reason: Reason| Found::dropped(text, reason);
    let strict = read(gsm8k.clone(), &replies);
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
    let reason = |found: &Found| found.dropped.clone().unwrap();
    assert_eq!(reason(&strict[8]), Reason::TooLong.to_string());
    assert_eq!(strict[9], dropped("", Reason::Unparsed));
    let compat = read(Opro { mode: Mode::Compat, ..gsm8k }, &replies);
    assert_eq!(compat[2], accepted(""));
    assert_eq!(compat[5], accepted("Think."), "initial instructions are forgotten");
    assert_eq!(compat[6], dropped("FOLLOW INSTRUCTIONS", Reason::Marker));
    assert_eq!(compat[7], accepted("Put <Start> first"));
    assert_eq!(reason(&compat[9]), Reason::TooLong.to_string());
}

#[test]
fn other_styles_read_other_marks() {
    let bracketed = Opro { style: Style::Bracketed, ..Opro::default() };
    let verdicts = read(bracketed, &["[abc] [d]", "[a\nb]", "unclosed [abc", "[]", "[use 2]"]);
    let accepted = |text: &str| Found::new(text);
    let unparsed = Found::dropped("", Reason::Unparsed);
    assert_eq!(
        verdicts[..4],
        [accepted("Abc"), unparsed.clone(), unparsed.clone(), unparsed.clone()]
    );
    assert_eq!(verdicts[4], accepted("Use 2"));
    let only = Opro::instructions_only("math");
    let verdicts = read(only, &["x</TEXT> <TEXT>go\non</TEXT> <TEXT>y</TEXT>", "<TEXT>open"]);
    assert_eq!(verdicts, [accepted("Go\non"), unparsed]);
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let default = Opro::default;
    let only = || Opro::instructions_only("math");
    let wrong = [
        Opro { layout: Layout { position: Position::ABegin, qa: false }, ..default() },
        Opro { initial: vec![], ..default() },
        Opro { temperature: -1.0, ..default() },
        Opro { display: ScoreDisplay::Buckets(0), ..default() },
        Opro { exemplars: 3, ..only() },
        Opro { domain: String::new(), ..only() },
        Opro { layout: Layout { position: Position::BeforeQ, qa: true }, ..only() },
    ];
    for config in wrong {
        let error = config.check().unwrap_err();
        assert!(error.is_configuration() && error.help().is_some(), "{config:?}");
    }
    for config in [Opro::gsm8k(), Opro::bbh(), Opro::mmlu(), only()] {
        assert!(config.check().is_ok());
    }
    let none =
        Registry::built_in().method("opro", &[("batch".to_owned(), 0.into())]).err().unwrap();
    assert!(none.is_configuration() && none.help().is_some(), "{none}");
}

#[test]
fn settings_survive_being_written_down() {
    let registry = Registry::built_in();
    for name in ["opro", "opro-gsm8k", "opro-bbh", "opro-mmlu"] {
        let written = registry.method(name, &[]).unwrap().id();
        assert_eq!((written.name.as_str(), written.label.as_str()), ("opro", name));
        let read: Opro = serde_json::from_value(written.settings.clone()).unwrap();
        assert_eq!(read.id(), written);
        let hidden = registry.method(name, &[("display".to_owned(), "hidden".into())]).unwrap();
        let hidden: Opro = serde_json::from_value(hidden.id().settings).unwrap();
        assert_eq!(hidden.display, ScoreDisplay::Hidden);
        assert_eq!(Opro { display: read.display, ..hidden }, read);
    }
}
