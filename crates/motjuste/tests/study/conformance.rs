//! The suites for other implementations, on ours.

use motjuste::Result;
use motjuste::conformance::{self, World};
use motjuste::history::{Allocation, Candidate, History, Proposal};
use motjuste::method::{
    Bounds, Chat, Method, MethodId, Parentage, Registered, Registry, Schedule, Source,
};
use motjuste::model::Scripted;
use motjuste::random::Stream;
use motjuste::storage::InMemory;
use serde::{Deserialize, Serialize};

use crate::race::{Race, write_lines};
use crate::world::{method, names};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory_keeps_every_promise() {
    conformance::journal(async || Ok(InMemory::default())).await.unwrap();
    conformance::responses(async || Ok(InMemory::default())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_and_preset_keeps_every_promise() {
    let (registry, world) = (Registry::built_in(), World::new().unwrap());
    for name in names() {
        let checked = conformance::method(&registry, &method(name).id(), &world).await;
        checked.unwrap_or_else(|error| panic!("{name}: {error}"));
        // As it comes, in its own layout too.
        let preset = registry.method(name, &[]).unwrap().id();
        if name.starts_with("opro") {
            let checked = conformance::method(&registry, &preset, &world).await;
            checked.unwrap_or_else(|error| panic!("{name} as it comes: {error}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_source_and_a_bandit_over_them_keep_every_promise() {
    let world = World::new().unwrap();
    use Source::{Combine, Demonstrate, Induce, Paraphrase, Reflect};
    let sources = vec![Combine, Reflect, Demonstrate, Paraphrase, Induce];
    let chat = Chat { sources, schedule: Schedule::Thompson, pool: 30, ..Chat::default() };
    conformance::method(&Registry::built_in(), &chat.id(), &world).await.unwrap();
    let chat = Chat { parent: Parentage::Posterior, front_share: 0.5, pool: 30, ..Chat::default() };
    conformance::method(&Registry::built_in(), &chat.id(), &world).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_race_keeps_every_promise() {
    let mut world = World::new().unwrap();
    world.generator = std::sync::Arc::new(Scripted::new("lines", write_lines));
    let registry = Registry::default().with::<Race>();
    conformance::method(&registry, &Race::default().id(), &world).await.unwrap();
}

/// Tries one instruction a step, and breaks a promise if told to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Faithless {
    longer_than_said: bool,
    by_the_clock: bool,
    #[serde(skip)]
    forgotten: bool,
}

impl Registered for Faithless {
    const NAME: &'static str = "faithless";
    const SUMMARY: &'static str = "Breaks a promise.";
}

impl Method for Faithless {
    fn id(&self) -> MethodId {
        let id = MethodId::new(Self::NAME, self);
        if self.forgotten { id.called("never read back") } else { id }
    }

    fn bounds(&self, _: u64) -> Bounds {
        let bytes = if self.longer_than_said { 2 } else { 20 };
        Bounds { instruction_bytes: Some(bytes), ..Bounds::default() }
    }

    fn propose(&self, history: &History, _: &mut Stream) -> Result<Vec<Proposal>> {
        let step = history.steps().len();
        let clock = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
        let text = match self.by_the_clock {
            true => format!("at {clock}"),
            false => format!("say {step}"),
        };
        Ok(vec![Proposal::Instruction(text)])
    }

    fn allocate(&self, _: &History, fresh: &[Candidate], _: &mut Stream) -> Result<Allocation> {
        Ok(fresh.iter().map(motjuste::history::Job::all).collect::<Vec<_>>().into())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_promise_is_named() {
    let registry = Registry::default().with::<Faithless>();
    let mut world = World::new().unwrap();
    world.trials = 4;
    let broken = async |method: Faithless| {
        let checked = conformance::method(&registry, &method.id(), &world).await;
        checked.map_err(|error| error.to_string())
    };
    broken(Faithless::default()).await.unwrap();
    let long = Faithless { longer_than_said: true, ..Faithless::default() };
    assert!(broken(long).await.unwrap_err().contains("no instruction longer than its bound"));
    let restless = Faithless { by_the_clock: true, ..Faithless::default() };
    assert!(broken(restless).await.unwrap_err().contains("has the same steps"));
    let forgotten = Faithless { forgotten: true, ..Faithless::default() };
    assert!(broken(forgotten).await.unwrap_err().contains("made from its settings"));
}
