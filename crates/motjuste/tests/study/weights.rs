//! Methods that compute on the weights of an open model, on one that is a circle.

use std::sync::{Arc, Mutex};

use motjuste::conformance::{self, Circle, World};
use motjuste::error::Error;
use motjuste::history::{History, Proposal, Step, SwapPlan};
use motjuste::journal::Outcome;
use motjuste::method::{AutoPrompt, BetterBy, Labels, Method, Registry, RlPrompt, Scored, Start};
use motjuste::model::{
    Abilities, Computation, Exclude, Lesson, PolicyReply, PolicyRun, Prompt, Request, Scripted,
    SwapLoss, SwapReply, TRIGGER,
};
use motjuste::storage::InMemory;
use motjuste::study::StudyBuilder;
use motjuste::task::{Example, Task};

use crate::world::{of_task, open, run, target, task, within};

/// So many words: `w0`, `w1`, …
fn words(count: usize) -> Vec<String> {
    (0..count).map(|word| format!("w{word}")).collect()
}

/// A generator whose weights are this circle, and which remembers what it was asked to compute.
fn generator(circle: Circle) -> (Scripted, Arc<Mutex<Vec<Request>>>) {
    let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
    let remembered = asked.clone();
    let model = Scripted::new("circle", move |request| match &request.computation {
        Some(computation) => {
            remembered.lock().unwrap().push(request.clone());
            circle.compute(computation)
        }
        None => "a word".to_owned(),
    });
    (open(model), asked)
}

/// A study of the method in a world in which every instruction is alike.
fn study(method: impl Method + 'static, circle: Circle, seed: u64) -> StudyBuilder {
    let target = target("alike", |_| "x".to_owned());
    of_task(task(), target, Arc::new(InMemory::default()))
        .generator(generator(circle).0)
        .method(method)
        .seed(seed)
        .dev_examples(Some(2))
        .trials(1000)
}

fn swaps(history: &History) -> Vec<(&SwapPlan, SwapReply)> {
    let steps = history.steps().iter();
    let pairs = steps.flat_map(|step| step.proposals.iter().zip(&step.replies));
    pairs
        .filter_map(|(proposal, reply)| match proposal {
            Proposal::Swap(plan) => Some((&**plan, serde_json::from_str(&reply.text).unwrap())),
            _ => None,
        })
        .collect()
}

/// By loss, all train rows in every iteration.
fn by_loss(iterations: usize) -> AutoPrompt {
    let all = 1000.try_into().unwrap();
    AutoPrompt {
        iterations,
        patience: 0,
        better_by: BetterBy::Loss,
        gradient_rows: all,
        evaluation_rows: all,
        text: "w0".to_owned(),
        ..AutoPrompt::default()
    }
}

#[tokio::test]
async fn on_rows_that_stay_the_loss_never_rises_and_falls() {
    let circle = Circle::new(words(40), &["w7", "w21", "w33"]).spread(0.7);
    // Random swaps are often worse than what is there, those along the gradient never are.
    for (seed, circle) in [(0, circle.clone()), (1, circle.clone()), (2, circle.blind())] {
        let outcome = run(study(by_loss(60), circle, seed)).await.unwrap();
        let losses: Vec<f64> = swaps(&outcome.history).iter().map(|(_, it)| it.loss).collect();
        assert_eq!(losses.len(), 60);
        assert!(losses.windows(2).all(|pair| pair[1] <= pair[0]), "{losses:?}");
        assert!(losses[59] < losses[0] - 0.5, "{losses:?}");
    }
}

#[tokio::test]
async fn on_other_rows_in_every_iteration_the_loss_may_rise() {
    let circle = Circle::new(words(40), &["w7", "w21", "w33"]).spread(0.7);
    let few = 2.try_into().unwrap();
    let method = AutoPrompt { gradient_rows: few, evaluation_rows: few, ..by_loss(60) };
    let outcome = run(study(method, circle, 0)).await.unwrap();
    let swaps = swaps(&outcome.history);
    assert!(swaps.windows(2).any(|pair| pair[1].1.loss > pair[0].1.loss));
    let overlaps = |plan: &SwapPlan| plan.gradient.iter().any(|row| plan.evaluation.contains(row));
    assert!(
        !swaps.iter().any(|(plan, _)| overlaps(plan)),
        "rows are others where there are enough"
    );
}

/// Whether the hidden text was found, and after how many iterations.
fn found(outcome: &Outcome, text: &str) -> Option<usize> {
    let candidates = outcome.history.candidates();
    candidates.iter().find(|one| one.instruction == text).map(|one| one.origin.step)
}

const SEEDS: std::ops::Range<u64> = 0..5;

#[tokio::test]
async fn a_planted_trigger_is_found_and_not_by_random_swaps() {
    let hidden = ["w100", "w350", "w600", "w777", "w912"];
    let circle = Circle::new(words(1000), &hidden);
    for seed in SEEDS {
        let outcome = run(study(by_loss(40), circle.clone(), seed)).await.unwrap();
        assert!(found(&outcome, &hidden.join(" ")).is_some(), "seed {seed}");
        let blind = run(study(by_loss(40), circle.clone().blind(), seed)).await.unwrap();
        let evaluations = |outcome: &Outcome| {
            swaps(&outcome.history).iter().map(|(_, it)| it.swaps.len()).sum::<usize>()
        };
        assert_eq!(evaluations(&blind), evaluations(&outcome));
        assert_eq!(found(&blind, &hidden.join(" ")), None, "seed {seed}");
    }
}

#[tokio::test]
async fn what_is_excluded_is_never_tried() {
    let mut all = words(30);
    all.extend(["Big", "x1"].map(str::to_owned));
    let circle = Circle::new(all, &["Big", "x1"]);
    let rows = |range: std::ops::Range<usize>| {
        range.map(|i| Example::new(i.to_string(), ["x1"])).collect()
    };
    let task = Task::new("few", rows(0..10), rows(10..14), rows(20..24)).unwrap();
    let tried = async |exclude: Exclude| {
        let study = of_task(
            task.clone(),
            target("alike", |_| "x".to_owned()),
            Arc::new(InMemory::default()),
        )
        .generator(generator(circle.clone()).0)
        .method(AutoPrompt { exclude, ..by_loss(20) })
        .trials(100);
        let outcome = run(study).await.unwrap();
        let all = swaps(&outcome.history).into_iter().flat_map(|(_, it)| it.swaps);
        let texts: Vec<String> = all.map(|swap| swap.text).collect();
        ["Big", "x1"].map(|word| texts.iter().any(|text| text.split(' ').any(|it| it == word)))
    };
    assert_eq!(tried(Exclude::default()).await, [true, true]);
    assert_eq!(tried(Exclude { capitals: true, answers: false }).await, [false, true]);
    assert_eq!(tried(Exclude { capitals: false, answers: true }).await, [true, false]);
}

#[tokio::test]
async fn every_accepted_trigger_is_scored_and_others_are_dropped_with_a_reason() {
    let circle = Circle::new(words(40), &["w7", "w21", "w33"]).spread(0.7);
    let outcome = run(study(by_loss(30), circle.clone(), 0)).await.unwrap();
    let history = &outcome.history;
    let first = &history.candidates()[..2];
    assert_eq!(first[0].instruction, "w0 w0 w0 w0 w0");
    assert_eq!((first[1].origin.step, first[1].origin.parents.clone()), (0, vec![]));
    assert_eq!(history.candidates()[2].origin.parents, [1], "{:?}", history.candidates());
    assert_eq!(history.trials().len(), history.candidates().len());
    let dropped = history.steps().iter().flat_map(|step| &step.readings).flatten();
    let reasons: Vec<&str> = dropped.filter_map(|found| found.dropped.as_deref()).collect();
    assert!(reasons.iter().any(|reason| reason.starts_with("no swap is better: loss ")));
    let more = AutoPrompt { scored: Scored::Better, ..by_loss(30) };
    let more = run(study(more, circle, 0)).await.unwrap();
    assert!(more.history.trials().len() > history.trials().len());
}

#[tokio::test]
async fn iterations_that_bring_nothing_end_a_search() {
    let circle = Circle::new(words(40), &["w7"]);
    let method = AutoPrompt { patience: 5, ..by_loss(1000) };
    let outcome = run(study(method, circle, 0)).await.unwrap();
    let steps = outcome.history.steps();
    assert!(steps.len() < 100);
    let is_barren = |step: &Step| step.assignments.is_empty();
    assert!(steps.iter().rev().take(5).all(is_barren) && !is_barren(&steps[steps.len() - 6]));
}

fn swap_of(request: &Request) -> &motjuste::model::Swap {
    match request.computation.as_deref() {
        Some(Computation::Swap(swap)) => swap,
        _ => panic!("{request:?}"),
    }
}

/// What the generator is asked to compute in a study of this task.
async fn asked(task: Task, method: impl Method + 'static, circle: Circle) -> Vec<Request> {
    let (model, asked) = generator(circle);
    let study = of_task(task, target("alike", |_| "x".to_owned()), Arc::new(InMemory::default()));
    let study = study.generator(model).method(method).trials(1000);
    run(study).await.unwrap();
    let asked = asked.lock().unwrap();
    asked.clone()
}

fn few() -> Task {
    let rows = |range: std::ops::Range<usize>| {
        range
            .map(|i| Example::new(i.to_string(), [if i % 2 == 0 { "even" } else { "odd" }]))
            .collect()
    };
    Task::new("few", rows(0..10), rows(10..14), rows(20..24)).unwrap()
}

#[tokio::test]
async fn a_row_has_one_place_for_the_trigger_and_its_answer_as_it_is() {
    let circle = Circle::new(words(9), &["w7"]);
    let of_many = asked(task(), by_loss(1), circle.clone()).await;
    let swap = swap_of(&of_many[0]);
    assert_eq!((swap.gradient.len(), swap.evaluation.len()), (10, 10));
    let row = &swap.gradient[3];
    let text = format!("Instruction: {TRIGGER}\n\nInput: 3\nOutput:");
    assert_eq!((row.prompt.clone(), &*row.answer), (Prompt::from(text), "3"));
    assert_eq!(
        swap.loss,
        SwapLoss::Answer { answers: vec![] },
        "every row has an answer of its own"
    );
    let of_few = asked(few(), by_loss(1), circle).await;
    let answers = ["even", "odd"].map(str::to_owned).to_vec();
    assert_eq!(swap_of(&of_few[0]).loss, SwapLoss::Answer { answers });
}

#[tokio::test]
async fn label_tokens_are_searched_for_once_and_then_lost() {
    let circle = Circle::new(words(9), &["w7"]);
    let method = AutoPrompt { labels: Labels::Searched, ..by_loss(4) };
    let asked = asked(few(), method, circle).await;
    let Some(Computation::Labels(search)) = asked[0].computation.as_deref() else { panic!() };
    assert_eq!((search.rows.len(), search.tokens), (10, 3));
    let labels = [("even".to_owned(), vec![0, 1, 2]), ("odd".to_owned(), vec![3, 4, 5])];
    assert_eq!(asked.len(), 5);
    assert!(
        asked[1..].iter().all(|one| swap_of(one).loss == SwapLoss::Labels(labels.clone().into()))
    );
}

#[tokio::test]
async fn the_search_begins_with_the_prompt_in_use_where_it_is_told_to() {
    let circle = Circle::new(words(9), &["w7"]);
    let task = few().with_start(["w3 w4 w5 w6 w7 w8"]).unwrap();
    let method = AutoPrompt { start: Start::InUse, ..by_loss(1) };
    let (model, _) = generator(circle);
    let study = of_task(task, target("alike", |_| "x".to_owned()), Arc::new(InMemory::default()));
    let outcome = run(study.generator(model).method(method).trials(9)).await.unwrap();
    let texts: Vec<&str> = outcome.history.candidates().iter().map(|it| &*it.instruction).collect();
    assert_eq!(&texts[..2], ["w3 w4 w5 w6 w7 w8", "w3 w4 w5 w6 w7"]);
}

/// The reasons why what was read in replies became no candidate.
fn reasons(history: &History) -> Vec<&str> {
    let found = history.steps().iter().flat_map(|step| &step.readings).flatten();
    found.filter_map(|found| found.dropped.as_deref()).collect()
}

#[tokio::test]
async fn a_reply_that_cannot_be_read_is_dropped_with_the_reason() {
    let of_another = r#"{"trigger":[1],"text":"a","loss":1.0,"swaps":[]}"#;
    let trigger = AutoPrompt { patience: 2, ..by_loss(9) };
    let methods: [(Arc<dyn Method>, &str, &str); 3] = [
        (Arc::new(trigger.clone()), "Take \"the\".", "cannot be read: "),
        (Arc::new(trigger), of_another, "is about a trigger of 1 tokens, not 5"),
        (Arc::new(RlPrompt { patience: 1, ..RlPrompt::default() }), "No.", "cannot be read: "),
    ];
    for (method, reply, reason) in methods {
        let model = open(Scripted::new("no circle", move |_| reply.to_owned()));
        let task = few().with_start(["Say it."]).unwrap();
        let study =
            of_task(task, target("alike", |_| "x".to_owned()), Arc::new(InMemory::default()));
        let outcome = run(study.generator(model).method(method).trials(9)).await.unwrap();
        let reasons = reasons(&outcome.history);
        let all = reasons.iter().all(|it| it.starts_with(reason));
        assert!(all && (2..4).contains(&reasons.len()), "{reasons:?}");
        assert_eq!(outcome.history.trials().len(), 1);
    }
}

#[tokio::test]
async fn what_a_trigger_search_cannot_do_without_is_refused_with_help() {
    let refused = async |task: Task, model: Scripted, method: AutoPrompt| -> Error {
        let study =
            of_task(task, target("alike", |_| "x".to_owned()), Arc::new(InMemory::default()));
        run(study.generator(model).method(method).trials(9)).await.unwrap_err()
    };
    let circle = || generator(Circle::new(words(9), &["w7"])).0;
    let rows = |input: &'static str, output: &[&str]| vec![Example::new(input, output.to_vec())];
    let of = |train| Task::new("t", train, rows("a", &["b"]), rows("c", &["d"])).unwrap();
    let closed = circle().with_abilities(Abilities { gradients: false, ..Abilities::ALL });
    let error = refused(few(), closed, by_loss(1)).await;
    assert!(error.is_configuration() && error.to_string().contains("open weights"));
    assert!(error.help().unwrap().contains("GGUF"));
    for train in [rows("e", &[]), rows("a \u{fffc} in it", &["f"])] {
        let error = refused(of(train), circle(), by_loss(1)).await;
        assert!(error.is_configuration() && error.help().is_some(), "{error}");
    }
    let many = AutoPrompt { labels: Labels::Searched, ..by_loss(1) };
    assert!(refused(task(), circle(), many).await.help().unwrap().contains("labels"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_of_searching_keeps_every_promise() {
    let registry = Registry::built_in();
    let world = World { task: few(), ..World::new().unwrap() };
    let searched = AutoPrompt { labels: Labels::Searched, iterations: 30, ..AutoPrompt::default() };
    conformance::method(&registry, &searched.id(), &world).await.unwrap();
    let better = AutoPrompt { scored: Scored::Better, ..AutoPrompt::default() };
    conformance::method(&registry, &better.id(), &world).await.unwrap();
    let ends = RlPrompt {
        steps: 4,
        draws: 3.try_into().unwrap(),
        rows: 2.try_into().unwrap(),
        ..policy()
    };
    let world = World { trials: 100, ..World::new().unwrap() };
    conformance::method(&registry, &ends.id(), &world).await.unwrap();
}

/// A policy that is drawn from without more ado.
fn policy() -> RlPrompt {
    let rows = 5.try_into().unwrap();
    RlPrompt { rows, patience: 0, ..RlPrompt::default() }
}

const HIDDEN: [&str; 5] = ["w3", "w14", "w15", "w42", "w30"];

/// A task with so many dev rows, of which row k asks for the word at place k modulo 5.
fn places(dev: usize) -> Task {
    let rows = |rows: std::ops::Range<usize>| {
        rows.map(|row| Example::new(row.to_string(), ["yes"])).collect()
    };
    Task::new("places", rows(0..5), rows(5..5 + dev), rows(95..100)).unwrap()
}

/// The instruction in a prompt, and the place that it is asked for.
fn asked_for(prompt: &str) -> (&str, usize) {
    let instruction = prompt.lines().next().unwrap().strip_prefix("Instruction: ").unwrap();
    let row: usize = crate::world::input(prompt).parse().unwrap();
    (instruction, row % 5)
}

/// Right where the word at the place is the hidden one: a prompt scores the share of these.
fn honest(prompt: &str) -> String {
    let (instruction, place) = asked_for(prompt);
    let is_right = instruction.split(' ').nth(place) == Some(HIDDEN[place]);
    if is_right { "yes" } else { "no" }.to_owned()
}

/// As often right as at the beginning, whatever the words: rewards shuffled among prompts.
fn shuffled(prompt: &str) -> String {
    let hash = blake3::hash(prompt.as_bytes());
    if hash.as_bytes()[0] < 5 { "yes" } else { "no" }.to_owned()
}

fn study_of_policy(method: RlPrompt, answer: fn(&str) -> String, seed: u64) -> StudyBuilder {
    let circle = Circle::new(words(50), &[]);
    of_task(places(5), target("places", answer), Arc::new(InMemory::default()))
        .generator(generator(circle).0)
        .method(method)
        .seed(seed)
        .trials(100_000)
}

/// Places at which the policy's last word, its likeliest prompt, has the hidden word.
fn recovered(history: &History) -> usize {
    let last = history.steps().iter().rev().find(|step| !step.proposals.is_empty()).unwrap();
    assert!(matches!(&last.proposals[..], [Proposal::Policy(plan)] if plan.greedy));
    let text = &last.readings[0][0].instruction;
    text.split(' ').zip(HIDDEN).filter(|(word, hidden)| word == hidden).count()
}

#[tokio::test]
async fn a_policy_recovers_hidden_words_and_not_from_shuffled_rewards() {
    for seed in 0..3 {
        let outcome = run(study_of_policy(policy(), honest, seed)).await.unwrap();
        assert!(recovered(&outcome.history) >= 4, "seed {seed}: {}", recovered(&outcome.history));
        let control = run(study_of_policy(policy(), shuffled, seed)).await.unwrap();
        assert!(recovered(&control.history) <= 1, "seed {seed}: {}", recovered(&control.history));
    }
}

fn lessons(history: &History) -> Vec<&Lesson> {
    let proposals = history.steps().iter().flat_map(|step| &step.proposals);
    let plans = proposals.filter_map(|proposal| match proposal {
        Proposal::Policy(plan) => Some(plan),
        _ => None,
    });
    plans.filter_map(|plan| plan.lesson.as_ref()).collect()
}

#[tokio::test]
async fn alike_prompts_earn_alike() {
    let method = RlPrompt { steps: 5, ..policy() };
    let outcome = run(study_of_policy(method, |_| "yes".to_owned(), 0)).await.unwrap();
    let lessons = lessons(&outcome.history);
    assert_eq!(lessons.len(), 5);
    assert!(lessons.iter().all(|lesson| lesson.rewards == [0.0; 8]));
}

#[tokio::test]
async fn a_lesson_is_what_the_step_before_scored_on_its_common_rows() {
    let method = RlPrompt { steps: 6, rows: 2.try_into().unwrap(), ..policy() };
    let outcome = run(study_of_policy(method, honest, 1)).await.unwrap();
    let history = &outcome.history;
    let lessons = lessons(history);
    assert_eq!(lessons.len(), 6);
    for (step, lesson) in history.steps().iter().zip(lessons) {
        let drawn: PolicyReply = serde_json::from_str(&step.replies[0].text).unwrap();
        let rows = &step.assignments[0].rows;
        let mean = |text: &str| {
            let scores =
                history.find(text).unwrap().evaluation.as_ref().unwrap().scores_by_example();
            rows.iter().map(|row| scores[row]).sum::<f64>() / 2.0
        };
        let means: Vec<f64> = drawn.prompts.iter().map(|it| mean(&it.text)).collect();
        let z = motjuste::method::reward::standardised(&means);
        assert_eq!(lesson.rewards, z.iter().map(|z| 5.0 * z).collect::<Vec<_>>());
        assert!(lesson.prompts.iter().eq(drawn.prompts.iter().map(|it| &it.tokens)));
    }
}

fn run_of(request: &Request) -> &PolicyRun {
    match request.computation.as_deref() {
        Some(Computation::Policy(run)) => run,
        _ => panic!("{request:?}"),
    }
}

#[tokio::test]
async fn the_policy_hears_every_lesson_and_the_journal_keeps_each_once() {
    let (model, asked) = generator(Circle::new(words(50), &[]));
    let method = RlPrompt { steps: 6, ..policy() };
    let study = study_of_policy(method, honest, 0).generator(model);
    let outcome = run(study).await.unwrap();
    let asked = asked.lock().unwrap();
    let kept: Vec<Lesson> = lessons(&outcome.history).into_iter().cloned().collect();
    assert_eq!((asked.len(), kept.len()), (7, 6));
    for (step, request) in asked.iter().enumerate() {
        assert_eq!(run_of(request).lessons, kept[..step]);
        assert!(request.prompt.text().contains("Input: "), "it begins behind the demonstrations");
    }
    let draws: Vec<_> = asked.iter().map(|one| (run_of(one).draws, run_of(one).greedy)).collect();
    assert_eq!((draws[5], draws[6]), ((8, false), (1, true)));
}

#[tokio::test]
async fn the_leaders_get_all_rows_and_a_prompt_that_is_drawn_again_costs_nothing_twice() {
    let circle = Circle::new(words(2), &[]);
    let method = RlPrompt {
        tokens: 3.try_into().unwrap(),
        leaders: 3.try_into().unwrap(),
        steps: 12,
        ..policy()
    };
    let study = of_task(places(15), target("places", shuffled), Arc::new(InMemory::default()));
    let study = study.generator(generator(circle).0).method(method).trials(1000);
    let outcome = run(study).await.unwrap();
    let history = &outcome.history;
    assert!(
        history.candidates().len() > 90
            && history.trials().len() == history.distinct_instructions()
    );
    let pairs: usize =
        history.trials().iter().map(|it| it.evaluation.as_ref().unwrap().per_example.len()).sum();
    assert_eq!(outcome.account.target.calls as usize, pairs);
    assert_eq!(outcome.winner().unwrap().evaluation.as_ref().unwrap().per_example.len(), 15);
}

#[tokio::test]
async fn steps_that_draw_nothing_new_end_a_search() {
    let circle = Circle::new(words(1), &[]);
    let method = RlPrompt { patience: 3, ..policy() };
    let study = study_of_policy(method, honest, 0).generator(generator(circle).0);
    let outcome = run(study).await.unwrap();
    assert_eq!(outcome.history.trials().len(), 1);
    assert!(outcome.history.steps().len() < 8, "{}", outcome.history.steps().len());
}

#[tokio::test]
async fn a_larger_budget_goes_on_where_a_smaller_one_ended() {
    let small = study_of_policy(RlPrompt { steps: 20, ..policy() }, honest, 3);
    let storage = Arc::new(InMemory::default());
    let at = |trials| within(small.clone().storage(storage.clone()), |it| it.trials = Some(trials));
    run(at(30)).await.unwrap();
    let larger = run(at(60)).await.unwrap();
    let fresh = run(within(small.clone().in_memory(), |it| it.trials = Some(60))).await.unwrap();
    assert_eq!(fresh.history.evaluated_trials(), larger.history.evaluated_trials());
    assert_eq!(lessons(&fresh.history), lessons(&larger.history));
}
