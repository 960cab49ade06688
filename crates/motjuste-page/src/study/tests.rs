//! What must hold for every page.

use motjuste::history::{Evaluation, ExampleScore};
use motjuste::interval::Estimate;
use motjuste::task::Example;

use super::fixture::{Study, paired, rows, study};
use super::progress_chart::{improvements, steps};
use super::{ScoredExample, instructions, steps::shown_in_full, trials_chart, verdict};
use crate::chart;
use crate::check::{attributes, imbalance};

const HOSTILE: &str = "Say </script><script>alert('1')</script> & \"quit\" <b>\n\
                       اكتب عكس الكلمة \u{202e}olleh 👩‍🚀\u{0}\u{1b}[31m";

/// Every state the page must survive, by name.
fn states() -> Vec<(&'static str, Study)> {
    let mut no_examples = study(4, 0, 0, 0).unassessed();
    no_examples.dev.clear();
    let mut unfinished = study(30, 8, 10, 0).unassessed();
    unfinished.report.stop_reason = None;
    let mut empty = Study::without_winner();
    (empty.trials, empty.report.stop_reason) = (Vec::new(), None);
    let short = study(60, 20, 20, 50).with_instruction("Give the antonym.");
    vec![
        ("usual", study(150, 60, 20, 100)),
        ("short", short),
        ("no-winner", Study::without_winner()),
        ("no-trial", empty),
        ("not-assessed", study(30, 8, 10, 0).unassessed()),
        ("unfinished", unfinished),
        ("one-trial", study(1, 0, 20, 100)),
        ("one-example", study(12, 4, 1, 1)),
        ("thousand", study(1000, 400, 20, 100)),
        ("long", study(20, 5, 10, 20).with_instruction(&"Answer in one word. ".repeat(300))),
        ("hostile", hostile()),
        ("empty-instruction", study(9, 2, 10, 20).with_instruction("")),
        ("graded", Study::graded()),
        ("pruned", Study::pruned()),
        ("no-examples", no_examples),
        ("opro", Study::opro()),
        ("opro-null", Study::opro().null()),
        ("opro-unassessed", Study::opro().unassessed()),
    ]
}

fn hostile() -> Study {
    let mut study = study(9, 2, 10, 20).with_instruction(HOSTILE);
    for example in study.dev.iter_mut().chain(&mut study.test) {
        example.input = HOSTILE.to_owned();
        example.accepted = vec![HOSTILE.to_owned(), String::new()];
        example.answer = HOSTILE.repeat(9);
    }
    for text in [&mut study.report.task, &mut study.report.study, &mut study.settings] {
        HOSTILE.clone_into(text);
    }
    if let Some(baselines) = &mut study.report.baselines {
        HOSTILE.clone_into(&mut baselines.manual.instruction);
    }
    study
}

#[test]
fn every_state_gives_a_page_with_balanced_tags() {
    for (name, study) in states() {
        let html = study.html();
        assert_eq!(imbalance(&html), None, "{name}");
        assert!(html.contains("Ledger") && html.ends_with("</html>"), "{name}");
        assert!(!html.contains("NaN") && !html.contains("inf%"), "{name}");
    }
}

#[test]
fn the_page_needs_nothing_from_outside() {
    for (name, study) in states().into_iter().filter(|(name, _)| *name != "hostile") {
        let html = study.html().to_lowercase();
        for outside in
            ["http:", "https:", "src=", "@import", "url(", "<script", "//", "javascript:"]
        {
            assert!(!html.contains(outside), "{name}: {outside}");
        }
    }
}

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    let html = hostile().html();
    assert!(!html.contains("<script") && !html.contains("</script") && !html.contains("<b>"));
    assert!(html.contains("&lt;&#x2f;script&gt;&lt;script&gt;alert("));
    assert!(!html.contains('\u{202e}'));
    assert!(!html.contains('\0') && !html.contains('\u{1b}') && html.contains('␛'));
    // The attribute that quotes could end.
    assert!(attributes(&html, "span", "title").iter().all(|title| !title.contains('<')));
    assert!(html.contains("dir=\"auto\"") && html.contains("<bdi"));
}

#[test]
fn every_mark_lies_within_its_chart() {
    for (name, study) in states() {
        let html = study.html();
        for (element, across, down) in [("circle", "cx", "cy"), ("svg class=\"point\"", "x", "y")] {
            for x in attributes(&html, element, across).iter().filter_map(|x| x.strip_suffix('%')) {
                assert!((0.0..=100.0).contains(&x.parse::<f64>().unwrap()), "{name}: {x}");
            }
            for y in attributes(&html, element, down) {
                assert!((0.0..=chart::BOTTOM).contains(&y.parse::<f64>().unwrap()), "{name}: {y}");
            }
        }
    }
}

#[test]
fn there_is_a_point_for_every_trial_and_one_ring() {
    let study = Study::pruned();
    let html = study.html();
    let marks = |start: &str| html.matches(start).count();
    // The legend draws each kind once more.
    let circles = marks("<circle class=\"new\"") + marks("<circle class=\"repeat\"") - 3;
    let paths = ["pruned", "in-part", "failed"].map(|kind| format!("<path class=\"{kind}\""));
    let shapes = paths.iter().map(|path| marks(path)).sum::<usize>() - 3;
    assert_eq!(circles + shapes, study.trials.len());
    assert_eq!(marks("<circle class=\"ring\""), 2);
    let winner = trials_chart::winner(&study.report, &study.trials).unwrap();
    assert_eq!(Some(&winner.instruction), study.report.instruction.as_ref());
    assert_eq!(winner.repeats, None);
}

#[test]
fn the_best_so_far_never_falls_and_counts_every_paid_call() {
    for study in [study(150, 60, 20, 100), Study::pruned()] {
        let steps = steps(&study.trials);
        let best = |index: usize| steps[index].best.map_or(-1.0, |(score, _)| score);
        for index in 1..steps.len() {
            assert!(steps[index - 1].calls <= steps[index].calls);
            assert!(best(index - 1) <= best(index));
        }
        let mut paid = study.trials.iter().filter(|trial| trial.repeats.is_none());
        let calls: usize = paid.clone().map(|trial| trial.per_example.len()).sum();
        assert_eq!(steps.last().unwrap().calls, calls);
        assert_eq!(steps[0].calls, paid.next().unwrap().per_example.len());
        let found = improvements(&steps);
        assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
        assert_eq!(found.last().unwrap().1, study.report.dev.unwrap().score);
    }
}

#[test]
fn repeats_are_free_and_pruned_scores_are_not_best() {
    let mut study = study(2, 0, 4, 10);
    study.trials[0].state = motjuste::history::TrialState::Pruned;
    study.trials[0].score = Some(1.0);
    let repeat = motjuste::report::TrialLine { repeats: Some(1), ..study.trials[1].clone() };
    study.trials.push(repeat);
    let steps = steps(&study.trials);
    assert_eq!(steps.iter().map(|step| step.calls).collect::<Vec<_>>(), [4, 8]);
    assert_eq!(steps[0].best, None);
    assert_eq!(steps[1].best.map(|(_, trial)| trial.trial), Some(1));
}

/// The verdict where winner and Manual have these scores on the same examples.
fn verdict_of(winner: &[f64], manual: &[f64]) -> String {
    let mut study = study(4, 0, 10, 100);
    study.report.test = Some(Estimate::of(winner));
    let baseline = &mut study.report.baselines.as_mut().unwrap().manual;
    baseline.test = Estimate::of(manual);
    baseline.difference = Some(paired(winner, manual));
    verdict(&study.report)
}

#[test]
fn the_verdict_says_no_more_than_the_interval() {
    let (high, low) = (rows(0.85, 100), rows(0.3, 100));
    assert_eq!(
        verdict_of(&high, &low),
        "Better than the Manual instruction, by 0.55 on 100 test examples; \
         the 95\u{a0}% interval of the difference is +0.44 to +0.64."
    );
    assert!(verdict_of(&low, &high).starts_with("Worse than the Manual instruction, by 0.55"));
    assert!(verdict_of(&[1.0], &[0.0]).starts_with("Not distinguishable"));
}

#[test]
fn the_verdict_pairs_the_answers_to_each_example() {
    let manual = rows(0.8, 100);
    // The seven examples that the winner wins are all that differ: more than luck.
    assert!(verdict_of(&rows(0.87, 100), &manual).starts_with("Better than the Manual"));
    // The same scores, but the winner is right where Manual is wrong, and the other way round.
    let other_way: Vec<f64> = rows(0.87, 100).into_iter().rev().collect();
    assert!(verdict_of(&other_way, &manual).starts_with("Not distinguishable from the Manual"));
}

#[test]
fn without_a_paired_difference_nothing_is_claimed() {
    let mut study = study(4, 0, 10, 100);
    study.report.baselines.as_mut().unwrap().manual.difference = None;
    assert!(verdict(&study.report).starts_with("Not compared with the Manual instruction"));
    assert_eq!(study.html().matches("<dd class=\"small\">difference").count(), 2);
}

#[test]
fn the_verdict_knows_when_there_is_nothing_to_compare() {
    assert!(verdict(&Study::without_winner().report).contains("before any trial"));
    assert!(verdict(&study(4, 0, 10, 0).unassessed().report).contains("Not scored"));
    let mut same = study(4, 0, 10, 20);
    same.report.instruction =
        Some(same.report.baselines.as_ref().unwrap().manual.instruction.clone());
    assert!(verdict(&same.report).contains("the Manual instruction itself"));
}

#[test]
fn the_instructions_are_sorted_and_counted() {
    let study = Study::pruned();
    let lines = instructions::lines(&study.report, &study.trials);
    let complete = lines.iter().take_while(|line| line.note.is_none());
    let scores: Vec<f64> = complete.map(|line| line.score.parse().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b) && scores.len() > 20);
    assert!(lines[0].is_winner);
    assert_eq!(lines.iter().filter(|line| line.is_winner).count(), 1);
    let trials: usize = lines.iter().map(|line| line.repeats + 1).sum();
    assert_eq!(trials, study.trials.len());
    assert_eq!(lines.last().unwrap().note.as_deref(), Some("failed"));
}

#[test]
fn only_a_study_with_steps_shows_them() {
    assert!(!study(30, 0, 10, 10).html().contains("Dev score against test score"));
    let html = Study::opro().html();
    assert!(html.contains("Dev score against test score") && html.contains("test, winner 0."));
    assert!(html.contains("The dev score rose from"));
    assert_eq!(html.matches("The whole meta-prompt").count(), 5, "all of a short study");
    assert!(html.contains("10 of 135 replies gave no new instruction."));
    assert!(html.contains("no instruction in the reply") && html.contains("known already"));
}

#[test]
fn of_a_long_study_the_first_the_last_and_the_winning_step_are_shown_in_full() {
    let mut study = Study::opro();
    let last = study.steps[4].clone();
    study.steps.extend((6..=40).map(|step| motjuste::report::StepLine { step, ..last.clone() }));
    let shown = shown_in_full(&study.report, &study.trials, &study.steps);
    let winner = trials_chart::winner(&study.report, &study.trials).unwrap().step;
    let mut expected = vec![1, winner, 40];
    expected.dedup();
    assert_eq!(shown, expected);
    assert!(study.html().contains("30 more steps"));
}

#[test]
fn where_the_test_score_has_not_risen_the_page_says_so() {
    let null = Study::opro().null();
    let html = null.html();
    assert!(
        html.contains("It includes zero: no gain is shown on examples that the search never saw.")
    );
    assert!(html.contains("the highest of many scores is partly luck"));
    assert!(Study::opro().html().contains("It lies above zero"));
    let unassessed = Study::opro().unassessed().html();
    assert!(!unassessed.contains("includes zero") && unassessed.contains("dev, best"));
}

#[test]
fn scores_find_their_examples_by_index() {
    let example = |text: &str| Example::new(text, [text.to_uppercase()]);
    let scored = |example, score| ExampleScore::new(example, Some(score), "B");
    let evaluation = Evaluation::new(vec![scored(1, 1.0), scored(7, 0.0)], Default::default());
    let found = ScoredExample::all(&[example("a"), example("b")], &evaluation);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].input.as_str(), found[0].accepted[0].as_str()), ("b", "B"));
}

/// `cargo test -p motjuste-page write_every_state -- --ignored`, then open them in a browser.
#[test]
#[ignore = "writes pages to look at"]
fn write_every_state() {
    let folder = std::env::temp_dir().join("motjuste-pages");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, study) in states() {
        std::fs::write(folder.join(format!("{name}.html")), study.html()).unwrap();
    }
}
