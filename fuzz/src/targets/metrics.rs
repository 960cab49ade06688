//! Metrics, and the answers that they find in replies.

use motjuste::metric::answer::Reply;
use motjuste::metric::registry::{ENTRIES, Settings, named};
use motjuste::metric::{answer_alone, normalized};

use crate::memory::{choice, parts};

/// The first byte chooses the metric; then its settings, an accepted output and a reply.
pub fn run(data: &[u8]) {
    let (choice, rest) = choice(data);
    let text = String::from_utf8_lossy(rest);
    let [settings, accepted, reply] = parts::<3>(&text);
    let settings: Settings = serde_json::from_str(settings).unwrap_or_default();
    let name = ENTRIES[usize::from(choice) % ENTRIES.len()].name;
    let Ok(mut metric) = named(name, settings) else { return };
    metric.learn(&[accepted, "other"].into());
    let _ = metric.check_output(accepted);
    let _ = normalized(reply);
    let alone = answer_alone(reply).text();
    for text in [reply, alone] {
        let verdict = metric.judge(&Reply::of(text), &[accepted.to_owned()]);
        assert!(verdict.score.is_none_or(|score| (0.0..=1.0).contains(&score)), "{verdict:?}");
    }
}
