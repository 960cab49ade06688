//! What a method is called, and with which settings.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A method's name and its settings, as a study writes them down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodId {
    /// The method's name.
    pub name: String,
    /// The name of the preset that its settings are; the method's name where they are none.
    pub label: String,
    /// The settings, by name.
    pub settings: Value,
}

impl MethodId {
    /// The method of this name with these settings.
    ///
    /// ```
    /// use motjuste::method::MethodId;
    /// #[derive(serde::Serialize)]
    /// struct Mine { batch: usize }
    /// assert_eq!(MethodId::new("mine", &Mine { batch: 5 }).settings["batch"], 5);
    /// ```
    pub fn new(name: impl Into<String>, settings: &impl Serialize) -> Self {
        let name = name.into();
        // Serialising plain data to memory has no way to fail; a value without data is no setting.
        let settings = serde_json::to_value(settings).unwrap_or_default();
        Self { label: name.clone(), name, settings }
    }

    /// The same method, named after a preset.
    #[must_use]
    pub fn called(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }
}
