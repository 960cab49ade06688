//! What tells a metric from others.

use serde::Serialize;

/// A metric's name with the settings that are not the default.
pub(super) fn id(name: &str, metric: &impl Serialize) -> String {
    match serde_json::to_string(metric).unwrap_or_default().as_str() {
        "{}" => name.to_owned(),
        settings => format!("{name} {settings}"),
    }
}
