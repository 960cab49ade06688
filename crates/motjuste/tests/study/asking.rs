//! How the target is asked: in two rounds, in the layout of a method, from the beginning of an answer.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use motjuste::Result;
use motjuste::error::Setting;
use motjuste::method::Opro;
use motjuste::method::opro::{Layout, Position, TargetPrompt};
use motjuste::model::{Abilities, Completion, Model, Request, Scripted};
use motjuste::storage::{InMemory, Journal};
use motjuste::study::{Sampling, StudyBuilder};
use motjuste::task::Task;

use crate::world::{answer, examples, method, of_task, rewrite, run, setup, target, task, within};

/// Thinks at first, and goes on to the next question; asked for the answer alone, answers.
fn think_first(prompt: &str) -> String {
    match prompt.strip_suffix(" Let me think. So the final answer is") {
        Some(first) => answer(first),
        None => "Let me think. Q: What else?".to_owned(),
    }
}

fn in_two_rounds() -> StudyBuilder {
    let asked_twice = of_task(task(), target("answerer", think_first), Arc::<InMemory>::default());
    let asked_twice = asked_twice.method(method("uniform")).trials(12);
    asked_twice.sampling(Sampling::default().with_second_round())
}

#[tokio::test]
async fn a_second_round_is_scored_in_place_of_the_first_and_billed_beside_it() {
    let once = run(setup("uniform", Arc::new(InMemory::default()), 12)).await.unwrap();
    let twice = run(in_two_rounds()).await.unwrap();
    assert!(twice.history.best().unwrap().score().unwrap() > 0.1);
    for (one, two) in once.history.complete().zip(twice.history.complete()) {
        assert_eq!(one.1.per_example, two.1.per_example);
        assert!(two.1.usage.tokens_in > one.1.usage.tokens_in);
    }
    assert_eq!(twice.account.target.calls, 2 * once.account.target.calls);
    assert_ne!(twice.config.study(), once.config.study());
}

#[tokio::test]
async fn a_second_round_is_within_the_budget() {
    let poor = within(in_two_rounds(), |budget| budget.target_calls = Some(39));
    assert!(run(poor).await.unwrap_err().is_budget());
    let capped = within(in_two_rounds(), |budget| budget.target_calls = Some(99));
    assert_eq!(run(capped).await.unwrap().account.target.calls, 80);
    let capped = within(in_two_rounds(), |budget| budget.tokens = Some(40_000));
    let spent = run(capped).await.unwrap().account;
    let roles = [spent.target, spent.generator];
    let tokens: u64 = roles.iter().map(|spent| spent.tokens_in + spent.tokens_out).sum();
    assert!((1..=40_000).contains(&tokens), "{tokens}");
}

/// Remembers what it was asked, and knows nothing.
struct Recorder {
    requests: Mutex<Vec<Request>>,
    takes_prefill: bool,
}

impl Recorder {
    fn new(takes_prefill: bool) -> Arc<Self> {
        Arc::new(Self { requests: Mutex::default(), takes_prefill })
    }
}

#[async_trait]
impl Model for Recorder {
    fn id(&self) -> &str {
        "recorder"
    }

    fn abilities(&self) -> Abilities {
        Abilities { prefill: self.takes_prefill, ..Abilities::default() }
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        self.requests.lock().unwrap().extend_from_slice(batch);
        batch.iter().map(|_| Ok(Completion::of("?"))).collect()
    }
}

fn opro(config: Opro, target: Arc<Recorder>, storage: Arc<InMemory>) -> StudyBuilder {
    opro_on(task(), config, target, storage)
}

fn opro_on(
    task: Task,
    config: Opro,
    target: Arc<Recorder>,
    storage: Arc<InMemory>,
) -> StudyBuilder {
    let initial = vec!["Think.".to_owned()];
    of_task(task, target, storage).method(Opro { steps: 1, initial, ..config }).trials(1)
}

/// What the target is asked by OPRO with these settings, for the first dev example.
async fn asked(config: Opro) -> (String, String) {
    let target = Recorder::new(true);
    run(opro(config, target.clone(), Arc::default())).await.unwrap();
    let requests = target.requests.lock().unwrap();
    let first = requests.iter().find(|request| request.prompt.text().contains("10")).unwrap();
    (first.prompt.text(), first.prefill.clone())
}

fn layout(position: Position, qa: bool) -> Opro {
    let layout = Layout { position, qa };
    Opro { layout, prompt: TargetPrompt::Layout, ..Opro::default() }
}

#[tokio::test]
async fn the_target_reads_the_layout_where_it_is_asked_for() {
    let text = |prompt: &str, prefill: &str| (prompt.to_owned(), prefill.to_owned());
    let template = "Instruction: Think.\n\nInput: 10\nOutput:";
    assert_eq!(asked(Opro::default()).await, text(template, ""));
    assert_eq!(asked(Opro::gsm8k()).await, text("Think.\n10", ""));
    assert_eq!(asked(layout(Position::QEnd, false)).await, text("10\nThink.", ""));
    assert_eq!(asked(layout(Position::ABegin, true)).await, text("Q: 10\n\nA:", " Think."));
}

#[tokio::test]
async fn a_layout_and_a_template_of_the_task_contradict_each_other() {
    let templates = task().templates().clone();
    let templates = templates.with_follow("{{ instruction }} {{ input }}".into()).unwrap();
    let both = task().with_templates(templates);
    let both = opro_on(both, Opro::bbh(), Recorder::new(true), Arc::default());
    let error = run(both).await.unwrap_err();
    assert!(error.is_configuration() && error.help().unwrap().contains("prompt = task"), "{error}");
    assert_eq!(error.setting(), Some(&Setting::Method("prompt", "task")));
}

#[tokio::test]
async fn a_target_that_begins_its_answers_itself_is_refused_before_anything_is_written() {
    let (target, storage) = (Recorder::new(false), Arc::new(InMemory::default()));
    let begun = opro(layout(Position::ABegin, true), target.clone(), storage.clone());
    let error = run(begun).await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("recorder"), "{error}");
    assert!(target.requests.lock().unwrap().is_empty());
    assert!(storage.studies().await.unwrap().is_empty());
}

#[tokio::test]
async fn any_language_model_writes_for_opro_and_none_for_soft_prompts() {
    let writer = || {
        let asks = |prompt: &str| format!("<INS>write {} words.</INS>", prompt.len());
        target("chat", asks).with_abilities(Abilities::default())
    };
    let by_words = setup("opro", Arc::<InMemory>::default(), 3).generator(writer());
    assert_eq!(run(by_words).await.unwrap().history.evaluated_trials(), 3);
    let soft = setup("uniform", Arc::<InMemory>::default(), 3).generator(writer());
    let error = run(soft).await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("soft prompts"), "{error}");
}

#[tokio::test]
async fn without_a_train_split_what_is_scored_on_is_shown() {
    let shown = Arc::new(Mutex::new(String::new()));
    let seen = shown.clone();
    let without = Task::without_train("echo", examples(10..30), examples(30..80)).unwrap();
    let dev: Vec<String> = without.dev().iter().map(|example| example.input.clone()).collect();
    let without = of_task(without, target("answerer", answer), Arc::<InMemory>::default());
    let without = without.method(method("opro")).trials(1);
    let without = without.generator(Scripted::new("m", move |request| {
        *seen.lock().unwrap() = request.text();
        rewrite(request)
    }));
    run(without).await.unwrap();
    let shown = shown.lock().unwrap();
    let inputs: Vec<&str> = shown.lines().filter_map(|line| line.strip_prefix("Input: ")).collect();
    assert_eq!(inputs.len(), 5, "{shown}");
    assert!(inputs.iter().all(|input| dev.iter().any(|known| known == input)));
}
