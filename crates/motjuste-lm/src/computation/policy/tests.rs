//! Policies on tiny random models.

use std::path::{Path, PathBuf};

use motjuste::model::{Lesson, Policy, PolicyReply, PolicyRun};
use motjuste::random::Streams;

use super::actions::Actions;
use super::memory::Policies;
use super::network::Network;
use super::state::State;
use crate::computation::open::Open;
use crate::computation::policy;
use crate::config::Config;
use crate::forward::Decoder;
use crate::gradient::Packed;
use crate::options::{LoadOptions, Precision};
use crate::sampling::uniform;
use crate::text::Text;
use crate::weights::{Safetensors, Weights};

/// A model and what is kept of it.
struct Model {
    decoder: Decoder,
    text: Text,
    packed: Packed,
}

impl Model {
    /// A fixture's weights with the tokenizer that all share.
    fn new(folder: &str, precision: Precision) -> Self {
        let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests");
        let read = |path: &Path| std::fs::read(path).unwrap();
        let config = Config::parse(&read(&tests.join(folder).join("config.json"))).unwrap();
        let mut weights: Weights = Safetensors::in_folder(&tests.join(folder)).unwrap().into();
        weights.precision = precision;
        let decoder = Decoder::load(config, &weights).unwrap();
        let files = crate::files::Files::in_folder(&tests.join("fixtures/tiny-llama")).unwrap();
        let text = Text::load(&files, &LoadOptions::default()).unwrap();
        Self { packed: Packed::new(decoder.layers.len()), decoder, text }
    }

    fn tiny() -> Self {
        Self::new("fixtures/tiny-llama", Precision::F32)
    }

    fn open(&self) -> Open<'_> {
        Open { decoder: &self.decoder, text: &self.text, packed: &self.packed }
    }

    fn answer(&self, policies: &Policies, run: &PolicyRun) -> PolicyReply {
        policy::answer(&self.open(), policies, &"the cat sat".into(), run).unwrap().0
    }

    fn refusal(&self, run: &PolicyRun) -> String {
        let policies = Policies::default();
        policy::answer(&self.open(), &policies, &"the cat".into(), run).unwrap_err().to_string()
    }
}

fn settings() -> Policy {
    Policy {
        seed: 5,
        length: 4,
        units: 32,
        residual: true,
        top_k: 20,
        fluent: None,
        learning_rate: 5e-3,
        clip: 5.0,
        target_rate: 0.05,
    }
}

fn run(lessons: &[Lesson], draws: usize, greedy: bool) -> PolicyRun {
    PolicyRun { policy: settings(), lessons: lessons.to_vec(), draws, greedy }
}

/// The share of a prompt's tokens that are among the letters a to f.
fn share(prompt: &[u32]) -> f64 {
    prompt.iter().filter(|&&token| (1..7).contains(&token)).count() as f64 / prompt.len() as f64
}

/// Rewards as in the paper: less their mean, over their deviation, times 5.
fn shaped(raw: &[f64]) -> Vec<f64> {
    let mean = raw.iter().sum::<f64>() / raw.len() as f64;
    let variance = raw.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / raw.len() as f64;
    raw.iter().map(|r| 5.0 * (r - mean) / (variance.sqrt() + 1e-4)).collect()
}

/// Lessons of 16 prompts, each drawn by the policy so far; and the mean share in each.
fn teach(model: &Model, count: usize, shuffle: bool) -> (Vec<Lesson>, Vec<f64>) {
    let policies = Policies::default();
    let (mut lessons, mut means) = (Vec::new(), Vec::new());
    let mut stream = Streams::new(9).stream("shuffle", 0);
    for _ in 0..count {
        let drawn = model.answer(&policies, &run(&lessons, 16, false)).prompts;
        let prompts: Vec<Vec<u32>> = drawn.into_iter().map(|drawn| drawn.tokens).collect();
        let mut raw: Vec<f64> = prompts.iter().map(|prompt| share(prompt)).collect();
        means.push(raw.iter().sum::<f64>() / 16.0);
        if shuffle {
            (1..16).for_each(|i| raw.swap(i, (uniform(&mut stream) * (i + 1) as f64) as usize));
        }
        lessons.push(Lesson { prompts, rewards: shaped(&raw) });
    }
    (lessons, means)
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

#[test]
fn a_policy_learns_what_is_rewarded_and_nothing_from_shuffled_rewards() {
    let model = Model::tiny();
    let (_, taught) = teach(&model, 60, false);
    let (_, shuffled) = teach(&model, 60, true);
    // 80 prompts of four tokens each: a standard error of the mean share of at most 0.03.
    let (first, last) = (mean(&taught[..5]), mean(&taught[55..]));
    assert!(last > first + 0.3, "{first} → {last}");
    assert!(mean(&shuffled[55..]) < first + 0.2, "{:?}", shuffled);
}

#[test]
fn a_state_is_the_same_lesson_by_lesson_and_all_at_once() {
    let model = Model::tiny();
    let (lessons, _) = teach(&model, 4, false);
    let kept = Policies::default();
    for count in 0..=lessons.len() {
        let asked = run(&lessons[..count], 5, false);
        let one_more = model.answer(&kept, &asked);
        assert_eq!(one_more, model.answer(&Policies::default(), &asked), "{count} lessons");
        // Asked again, and greedily: nothing is learnt twice.
        assert_eq!(one_more, model.answer(&kept, &asked));
        let greedy = run(&lessons[..count], 2, true);
        assert_eq!(model.answer(&kept, &greedy), model.answer(&Policies::default(), &greedy));
    }
    // A study that goes another way from the second lesson on.
    let mut other = lessons.clone();
    other[1].rewards.reverse();
    let asked = run(&other, 5, false);
    assert_eq!(model.answer(&kept, &asked), model.answer(&Policies::default(), &asked));
}

#[test]
fn the_first_policy_is_the_model_or_uniform() {
    let model = Model::tiny();
    let policy = Policy { residual: false, ..settings() };
    let open = model.open();
    let start = [20, 8, 5];
    let spread = |policy: &Policy| {
        let actions = Actions::new(&open, policy, &start);
        let states = actions.states(&[vec![1, 2, 3, 4]]);
        let state = State::first(&actions);
        let logits = actions.logits(&states, &state.network.ready().forward(&states));
        let row = &logits[1..28];
        assert_eq!(logits[0], f32::NEG_INFINITY, "the end of a text is no action");
        row.iter().fold(f32::MIN, |a, &b| a.max(b)) - row.iter().fold(f32::MAX, |a, &b| a.min(b))
    };
    assert!(spread(&policy) < 0.01);
    assert!(spread(&settings()) > 1.0);
}

#[test]
fn the_gradient_of_the_loss_is_a_finite_difference() {
    for (folder, precision) in [
        ("fixtures/tiny-llama", Precision::F32),
        ("families/gemma2", Precision::F32),
        ("families/gemma2", Precision::Q8_0),
    ] {
        let model = Model::new(folder, precision);
        for fluent in [None, Some(9)] {
            finite_differences(&model, &Policy { fluent, ..settings() });
        }
    }
}

fn finite_differences(model: &Model, policy: &Policy) {
    let open = model.open();
    let start = [20, 8, 5];
    let actions = Actions::new(&open, policy, &start);
    let mut state = State::first(&actions);
    // Weights of a size that matters.
    let mut stream = Streams::new(2).stream("weights", 0);
    state.network.weights.iter_mut().for_each(|w| *w = 0.4 * uniform(&mut stream) as f32 - 0.2);
    // Half of the units are on and half are off, all far from the bend, where there is no slope to compare with.
    let biases = actions.shape().hidden * policy.units;
    for (unit, bias) in state.network.weights[biases..][..policy.units].iter_mut().enumerate() {
        *bias = if unit % 2 == 0 { 4.0 } else { -4.0 };
    }
    let run = PolicyRun { policy: policy.clone(), lessons: vec![], draws: 3, greedy: false };
    let prompts = super::draw::draw(&actions, &run, &state);
    let lesson = Lesson { prompts, rewards: vec![3.0, -1.0, 0.5] };
    let (_, gradient) = state.loss(&actions, &lesson).unwrap();
    let norm = gradient.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
    let along: Vec<f32> = gradient.iter().map(|g| g / norm as f32).collect();
    for along in [along, random_direction(gradient.len(), &mut stream)] {
        let promised: f64 =
            gradient.iter().zip(&along).map(|(g, d)| f64::from(*g) * f64::from(*d)).sum();
        let moved = |step: f32| {
            let mut state = state.clone();
            let Network { weights, .. } = &mut state.network;
            weights.iter_mut().zip(&along).for_each(|(w, d)| *w += step * d);
            state.loss(&actions, &lesson).unwrap().0
        };
        let slope = (moved(1e-3) - moved(-1e-3)) / 2e-3;
        assert!((promised - slope).abs() < 2e-3 * norm, "{promised} {slope} of {norm}");
    }
}

fn random_direction(len: usize, stream: &mut motjuste::random::Stream) -> Vec<f32> {
    let raw: Vec<f32> = (0..len).map(|_| uniform(stream) as f32 - 0.5).collect();
    let norm = raw.iter().map(|x| x * x).sum::<f32>().sqrt();
    raw.iter().map(|x| x / norm).collect()
}

#[test]
fn more_draws_do_not_change_the_first_and_fluent_ones_are_likely() {
    let model = Model::tiny();
    let draws = |draws| model.answer(&Policies::default(), &run(&[], draws, false)).prompts;
    let (few, many) = (draws(2), draws(6));
    assert_eq!(few, many[..2]);
    assert_eq!(many[0].text, model.text.tokenizer.decode(&many[0].tokens).unwrap());
    assert!(draws(0).is_empty());
    let mut fluent = run(&[], 6, false);
    fluent.policy = Policy { fluent: Some(1), ..settings() };
    let prompts = model.answer(&Policies::default(), &fluent).prompts;
    assert!(prompts.iter().all(|prompt| prompt == &prompts[0]));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let model = Model::tiny();
    let lesson = |prompt: Vec<u32>, rewards: Vec<f64>| Lesson { prompts: vec![prompt], rewards };
    let taught = |lesson: Lesson| model.refusal(&run(&[lesson], 1, false));
    assert!(taught(lesson(vec![1, 2], vec![1.0])).contains("2 tokens, where the policy's have 4"));
    assert!(taught(lesson(vec![1; 4], vec![])).contains("1 prompts and 0 rewards"));
    assert!(taught(lesson(vec![1; 4], vec![f64::NAN])).contains("a reward is NaN"));
    assert!(taught(lesson(vec![28; 4], vec![1.0])).contains("outside the model's vocabulary"));
    assert!(taught(lesson(vec![0; 4], vec![1.0])).contains("token 0 where the policy cannot"));
    let set = |change: &dyn Fn(&mut Policy)| {
        let mut asked = run(&[], 1, false);
        change(&mut asked.policy);
        model.refusal(&asked)
    };
    assert!(set(&|policy| policy.top_k = 0).contains("top_k is 0"));
    assert!(set(&|policy| policy.fluent = Some(0)).contains("fluent is 0"));
    assert!(set(&|policy| policy.length = 200).contains("context of 128"));
    assert!(set(&|policy| policy.clip = f64::NAN).contains("clip of NaN"));
}
