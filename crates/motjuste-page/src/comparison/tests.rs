//! What must hold for every page and table of a comparison.

use std::collections::HashMap;
use std::sync::LazyLock;

use motjuste::comparison::{ComparisonReport, MethodResult};
use motjuste::experiment::RunState;

use super::fixture::{World, large, skilled, spoil, usual};
use super::{
    ComparisonPage, by_task, contestants, data, headline, leaderboard, leaderboard_in_full, notes,
    pairs, power, studies, words,
};
use crate::chart::BOTTOM;
use crate::check::{attributes, imbalance};
use crate::{Table, format};

const HOSTILE: &str = "=cmd|' /C calc'!A0 </script><script>alert('1')</script> & \"quit\" <b> | \\end{tabular} \
                       \u{202e}olleh 👩‍🚀\u{0}\u{1b}[31m\nnext";

fn page(report: &ComparisonReport, inputs: &[Vec<String>]) -> String {
    ComparisonPage { report, settings: "seeds = 3\n", inputs }.to_html().unwrap()
}

/// A world with methods that differ.
fn differing() -> ComparisonReport {
    static REPORT: LazyLock<ComparisonReport> = LazyLock::new(make_differing);
    REPORT.clone()
}

fn make_differing() -> ComparisonReport {
    World { rows: 40, ..World::usual() }.report(|runs| {
        skilled(runs, 4, 40);
        spoil(runs);
    })
}

fn hostile() -> ComparisonReport {
    let mut report = differing();
    report.methods.iter_mut().for_each(|method| HOSTILE.clone_into(&mut method.method));
    for task in &mut report.tasks {
        HOSTILE.clone_into(&mut task.task);
        HOSTILE.clone_into(&mut task.metric);
        task.cells.iter_mut().flatten().for_each(|cell| cell.instruction = HOSTILE.repeat(3));
    }
    for run in &mut report.studies {
        HOSTILE.clone_into(&mut run.task);
        (run.instruction, run.study) = (Some(HOSTILE.to_owned()), Some(HOSTILE.to_owned()));
    }
    HOSTILE.clone_into(&mut report.about.target);
    report
}

/// No study is complete.
fn nothing() -> ComparisonReport {
    World::usual().report(|runs| runs.iter_mut().for_each(|run| run.state = RunState::NotReached))
}

/// What a hand-written file may hold.
fn without_tasks() -> ComparisonReport {
    let mut report = nothing();
    (report.tasks, report.studies) = (Vec::new(), Vec::new());
    report
}

fn small(tasks: usize, methods: usize, seeds: u64) -> ComparisonReport {
    let mut world = World { seeds, ..World::usual() };
    world.tasks.truncate(tasks);
    world.methods.truncate(methods);
    world.report(|_| ())
}

/// Every state the page must survive, by name.
fn states() -> Vec<(&'static str, ComparisonReport)> {
    // Statistics that draw ten thousand times are slow without optimisation.
    static STATES: LazyLock<Vec<(&'static str, ComparisonReport)>> = LazyLock::new(make_states);
    STATES.clone()
}

fn make_states() -> Vec<(&'static str, ComparisonReport)> {
    vec![
        ("usual", usual()),
        ("differing", differing()),
        ("nothing", nothing()),
        ("without-tasks", without_tasks()),
        ("one-task", small(1, 4, 3)),
        ("one-seed", small(3, 4, 1)),
        ("one-method", small(3, 1, 3)),
        ("one-of-each", small(1, 1, 1)),
        ("hostile", hostile()),
    ]
}

/// The rows of a CSV, each by its column names.
fn rows(table: &Table) -> Vec<HashMap<String, String>> {
    let csv = table.to_csv();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// The number in a column, which is the expected one to the last bit.
fn assert_number(row: &HashMap<String, String>, column: &str, expected: Option<f64>) {
    let found = row[column].parse::<f64>().ok();
    assert_eq!(found, expected, "{column}");
}

#[test]
fn every_state_gives_a_page_with_balanced_tags() {
    for (name, report) in states() {
        let html = page(&report, &World::usual().inputs());
        assert_eq!(imbalance(&html), None, "{name}");
        assert!(html.contains("Ledger") && html.ends_with("</html>"), "{name}");
        assert!(!html.contains("NaN") && !html.contains("inf%"), "{name}");
    }
}

#[test]
fn the_page_needs_nothing_from_outside() {
    for (name, report) in states().into_iter().filter(|(name, _)| *name != "hostile") {
        let html = page(&report, &[]).to_lowercase();
        for outside in [
            "http:",
            "https:",
            "src=",
            "@import",
            "url(",
            "<script",
            "//",
            "javascript:",
            "href=\"#",
        ] {
            assert!(!html.contains(outside), "{name}: {outside}");
        }
        assert_eq!(attributes(&html, "link", "href"), ["data:,"], "{name}");
    }
}

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    let inputs = vec![vec![HOSTILE.to_owned(); 40]; 3];
    let html = page(&hostile(), &inputs);
    assert!(!html.contains("<script") && !html.contains("</script") && !html.contains("<b> |"));
    assert!(html.contains("&lt;&#x2f;script&gt;&lt;script&gt;alert("));
    assert!(!html.contains('\u{202e}') && !html.contains('\0') && !html.contains('\u{1b}'));
    for (element, attribute) in [("td", "title"), ("td", "data-label")] {
        assert!(attributes(&html, element, attribute).iter().all(|text| !text.contains('<')));
    }
    for table in [leaderboard_in_full(&hostile()), by_task(&hostile()), data::studies(&hostile())] {
        let latex = table.to_latex();
        assert_eq!(latex.matches("\\end{tabular}").count(), 1);
        assert!(
            table
                .to_csv()
                .lines()
                .all(|line| !line.starts_with(['=', '"']) || line.starts_with("\"'="))
        );
    }
}

#[test]
fn a_report_that_was_written_down_gives_the_same_page() {
    let report = differing();
    let read: ComparisonReport =
        serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    let inputs = World::usual().inputs();
    assert_eq!(page(&report, &inputs), page(&read, &inputs));
}

#[test]
fn every_mark_lies_within_its_chart() {
    for (name, report) in states() {
        let html = page(&report, &[]);
        for x in attributes(&html, "svg class=\"point\"", "x") {
            let x: f64 = x.trim_end_matches('%').parse().unwrap();
            assert!((0.0..=100.0).contains(&x), "{name}: {x}");
        }
        for y in attributes(&html, "svg class=\"point\"", "y") {
            assert!((0.0..=BOTTOM).contains(&y.parse::<f64>().unwrap()), "{name}: {y}");
        }
    }
}

#[test]
fn the_leaderboard_for_programs_holds_each_number_in_its_column() {
    let report = differing();
    let rows = rows(&data::leaderboard(&report));
    for (row, index) in rows.iter().zip(report.ranked()) {
        let method: &MethodResult = &report.methods[index];
        assert_eq!(row["method"], method.method);
        let (test, wide) = (method.test.unwrap(), method.test_of_tasks_like_these.unwrap());
        let gap = method.winners_curse.unwrap().difference;
        let middle = method.interquartile_mean.unwrap();
        for (column, expected) in [
            ("test", test.score),
            ("test_low", test.low),
            ("test_high", test.high),
            ("like_these_low", wide.low),
            ("like_these_high", wide.high),
            ("dev", method.dev.unwrap().score),
            ("interquartile_mean", middle.value),
            ("dev_less_test", gap.value),
            ("dev_less_test_low", gap.low),
            ("dev_less_test_high", gap.high),
            ("complete", method.complete as f64),
            ("studies", method.studies as f64),
            ("target_calls", method.used.target.calls as f64),
            ("generator_calls", method.used.generator.calls as f64),
            ("judge_calls", method.used.judge.calls as f64),
            ("assessment_calls", method.used.assessment.calls as f64),
            ("calls_made", method.used.made_calls() as f64),
            ("tokens", words::tokens(&method.used) as f64),
        ] {
            assert_number(row, column, Some(expected));
        }
        assert_number(row, "rank", method.rank.map(|rank| rank.rank));
        assert_number(row, "rank_high", method.rank.map(|rank| rank.high));
        assert_number(row, "interquartile_mean_low", middle.low);
        let against = method.against_reference.as_ref();
        let these = |of: fn(&motjuste::statistics::Comparison) -> f64| {
            against.map(|it| of(&it.these_tasks))
        };
        let others = |of: fn(&motjuste::statistics::Comparison) -> f64| {
            against.map(|it| of(&it.tasks_like_these))
        };
        assert_number(row, "difference", these(|it| it.difference.value));
        assert_number(row, "difference_low", these(|it| it.difference.low));
        assert_number(row, "difference_high", these(|it| it.difference.high));
        assert_number(row, "p", these(|it| it.p_value));
        assert_number(row, "corrected_p", against.map(|it| it.corrected_p));
        assert_number(row, "like_these_difference_low", others(|it| it.difference.low));
        assert_number(row, "like_these_p", others(|it| it.p_value));
        assert_number(
            row,
            "like_these_corrected_p",
            against.map(|it| it.corrected_p_of_tasks_like_these),
        );
        assert_number(row, "wins", against.map(|it| it.wins as f64));
        assert_number(row, "losses", against.map(|it| it.losses as f64));
        assert_number(row, "smallest_difference", against.and_then(|it| it.smallest_difference));
    }
    assert_eq!(rows.len(), report.methods.len());
}

#[test]
fn the_studies_for_programs_are_all_there_each_with_its_own_numbers() {
    let report = differing();
    let rows = rows(&data::studies(&report));
    assert_eq!(rows.len(), 36);
    for (row, run) in rows.iter().zip(&report.studies) {
        assert_eq!(row["method"], report.methods[run.at.cell].method);
        assert_eq!((&row["task"], row["seed"].parse().ok()), (&run.task, Some(run.at.seed)));
        assert_number(row, "dev", run.dev);
        assert_number(row, "test", run.test.map(|test| test.score));
        assert_number(row, "test_high", run.test.map(|test| test.high));
        assert_number(row, "target_calls", Some(run.account.target.calls as f64));
        assert_number(row, "usd_paid", Some(run.account.paid_usd().as_dollars()));
        assert_eq!(Some(&row["instruction"]), run.instruction.as_ref());
    }
    assert_eq!(rows.iter().filter(|row| row["state"] == "cut").count(), 4);
    assert_eq!(studies(&report).to_csv().matches(",complete,").count(), 32);
}

#[test]
fn each_method_and_task_has_its_own_score() {
    let report = differing();
    let shown = rows(&by_task(&report));
    for (row, task) in shown.iter().zip(&report.tasks) {
        assert_eq!(row["task"], task.task);
        for (method, cell) in report.methods.iter().zip(&task.cells) {
            let score =
                cell.as_ref().map_or("–".to_owned(), |cell| format::score(cell.test.score));
            assert_eq!(row[&method.method], score);
        }
    }
    assert_eq!(shown[1]["opro"], "–");
    let long = rows(&data::by_task(&report));
    assert_eq!(long.len(), 11);
    for row in long {
        let task = report.tasks.iter().find(|task| task.task == row["task"]).unwrap();
        let index =
            report.methods.iter().position(|method| method.method == row["method"]).unwrap();
        let cell = task.cells[index].as_ref().unwrap();
        assert_number(&row, "test", Some(cell.test.score));
        assert_number(&row, "dev", Some(cell.dev));
        assert_number(&row, "seeds", Some(cell.seeds.len() as f64));
        assert_eq!(row["instruction"], cell.instruction);
    }
}

#[test]
fn a_pair_reads_from_the_better_to_the_worse_and_turns_with_its_sign() {
    let report = differing();
    for (row, (pair, sign)) in rows(&pairs(&report)).iter().zip(super::pairs::ordered(&report)) {
        let place = |name: &String| {
            let methods = contestants::contestants(&report);
            methods.iter().find(|one| one.name == *name).unwrap().place
        };
        assert!(place(&row["method"]) < place(&row["less"]));
        let value = sign * pair.versus.these_tasks.difference.value;
        assert_eq!(row["difference"], format::signed(value));
        let better = if sign > 0.0 { pair.first } else { pair.second };
        assert_eq!(row["method"], report.methods[better].method);
        let (wins, losses) = match sign > 0.0 {
            true => (pair.versus.wins, pair.versus.losses),
            false => (pair.versus.losses, pair.versus.wins),
        };
        assert_eq!(row["wins/ties/losses"], words::tally(wins, pair.versus.ties, losses));
    }
    let turned =
        words::turned(motjuste::interval::Difference { value: 0.2, low: -0.1, high: 0.5 }, -1.0);
    assert_eq!((turned.value, turned.low, turned.high), (-0.2, -0.5, 0.1));
}

#[test]
fn the_headline_names_the_leader_and_what_it_is_compared_with() {
    let report = differing();
    let [leader, second] = [report.ranked()[0], report.ranked()[1]];
    let text = headline(&report);
    let against = report.methods[leader].against_reference.as_ref().unwrap();
    let difference = format::signed(against.these_tasks.difference.value);
    assert!(
        text.starts_with(&format!("{} leads (test score ", report.methods[leader].method)),
        "{text}"
    );
    assert!(
        text.contains(&format!("reference, manual, by {difference} (95\u{a0}% interval")),
        "{text}"
    );
    assert!(
        text.contains(&format!("the second, {}, by ", report.methods[second].method)),
        "{text}"
    );
    assert!(text.contains(&format!("p\u{a0}{}", format::p_value(against.corrected_p))), "{text}");
    assert!(text.contains("survive correction for their number (Holm)"), "{text}");
    assert!(headline(&usual()).contains("who leads may be luck"), "{}", headline(&usual()));
    assert!(headline(&nothing()).contains("nothing to compare"));
    assert!(headline(&small(3, 1, 3)).starts_with("manual alone has complete studies"));
}

#[test]
fn the_notes_say_what_was_used_cut_and_missing() {
    let report = usual();
    let notes = notes(&report).join("\n");
    let made = format::count(report.used.made_calls());
    assert!(notes.contains(&format!("{made} calls were really made")), "{notes}");
    assert!(notes.contains("32 of 36 studies are complete; 4 cut short"), "{notes}");
    assert!(notes.contains("Without a complete study: opro on plural."), "{notes}");
    assert!(notes.contains("2 test scores could not be had"), "{notes}");
    let ahead = super::notes(&differing()).join("\n");
    assert!(ahead.contains("There opro is ahead of ape (by +"), "{ahead}");
    assert!(super::notes(&small(1, 1, 1)).join("").contains("The one study is complete."));
}

#[test]
fn the_tasks_that_a_method_lacks_are_named_as_far_as_they_can_be_read() {
    let lacks = |lacked: std::ops::Range<usize>| {
        let (_, mut report) = large();
        report.tasks[lacked].iter_mut().for_each(|task| task.cells[1] = None);
        notes(&report).join("\n")
    };
    let (of_all, of_many) = (lacks(0..7), lacks(0..6));
    let together = "random-pick, evoprompt-ga, gepa, capo, mipro on all 7 tasks.";
    assert!(of_all.contains(together), "{of_all}");
    assert!(of_many.contains("first_word_letter and 2 more;"), "{of_many}");
    let failed = "Failed, evoprompt-ga, gepa, capo, mipro: the search ended";
    assert!(of_all.contains(failed), "{of_all}");
}

#[test]
fn who_has_no_line_has_no_key_to_it() {
    let page = page(&large().1, &[]);
    assert!(page.contains("manual</bdi></li>") || page.contains("manual (reference)</bdi></li>"));
    assert!(!page.contains("evoprompt-ga</bdi></li>"));
}

#[test]
fn a_study_that_failed_is_told_with_its_reason() {
    let mut report = usual();
    let run = &mut report.studies[4];
    (run.state, run.failure) = (RunState::Failed, Some("no such model".to_owned()));
    let notes = notes(&report).join("\n");
    assert!(notes.contains("4 cut short, 1 failed"), "{notes}");
    assert!(notes.contains("Failed, manual: no such model."), "{notes}");
    let row = &rows(&data::studies(&report))[4];
    assert_eq!((row["state"].as_str(), row["failure"].as_str()), ("failed", "no such model"));
}

#[test]
fn a_method_that_lacks_a_task_does_not_lead() {
    let report = World::usual().report(|runs| {
        skilled(runs, 4, 12);
        let lacks = runs.iter_mut().filter(|run| (run.at.cell, run.at.task) == (3, 1));
        lacks.for_each(|run| run.state = RunState::Cut);
    });
    assert_eq!(report.ranked().last(), Some(&3));
}

#[test]
fn the_leaderboard_fits_a_terminal() {
    let mut reports: Vec<ComparisonReport> =
        states().into_iter().map(|(_, report)| report).collect();
    let mut long = differing();
    long.methods[1].method = "instructzero kernel=instruction-coupled, soft_tokens=10".to_owned();
    for method in &mut long.methods {
        (method.used.target.calls, method.complete, method.studies) = (155_000, 155, 155);
        if let Some(versus) = &mut method.against_reference {
            (versus.wins, versus.ties, versus.losses) = (10, 11, 10);
        }
    }
    reports.push(long);
    for report in reports {
        for line in leaderboard(&report).to_text().lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= 100, "{line}");
        }
    }
}

#[test]
fn the_table_of_power_says_what_rows_would_tell() {
    let report = differing();
    let rows = rows(&power(&report));
    for row in rows.iter().filter(|row| row["less"] == "manual") {
        let index =
            report.methods.iter().position(|method| method.method == row["method"]).unwrap();
        let known = report.power(index, 0).unwrap();
        assert_eq!(row["difference"], format::signed(known.observed));
        assert_eq!(row["smallest told"], format::score(known.smallest.unwrap()));
        let to_tell = known.rows_to_tell.map_or("–".to_owned(), format::count);
        assert_eq!(row["rows to tell it"], to_tell);
    }
    assert!(rows.len() >= 3);
}

#[test]
fn rows_that_differ_are_shown_where_their_inputs_are_given() {
    let report = differing();
    assert!(!page(&report, &[]).contains("that differ</summary>"));
    let world = World { rows: 40, ..World::usual() };
    let html = page(&report, &world.inputs());
    assert!(html.contains("that differ</summary>") && html.contains(">antonyms test "));
}

/// `cargo test -p motjuste-page write_every_comparison -- --ignored`, then open them in a browser.
#[test]
#[ignore = "writes pages to look at"]
fn write_every_comparison() {
    let folder = std::env::temp_dir().join("motjuste-pages");
    std::fs::create_dir_all(&folder).unwrap();
    let (world, report) = large();
    let pages =
        states().into_iter().map(|(name, report)| (name, page(&report, &World::usual().inputs())));
    for (name, html) in pages.chain([("large", page(&report, &world.inputs()))]) {
        std::fs::write(folder.join(format!("compare-{name}.html")), html).unwrap();
    }
    std::fs::write(folder.join("compare.txt"), leaderboard(&report).to_text()).unwrap();
    std::fs::write(folder.join("compare.tex"), leaderboard_in_full(&report).to_latex()).unwrap();
    std::fs::write(folder.join("compare.md"), leaderboard(&report).to_markdown()).unwrap();
}
