//! What a method is listed under.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Method;

/// A method that can be made from its name and its settings.
pub trait Registered:
    Method + Default + PartialEq + Serialize + DeserializeOwned + 'static
{
    /// Its name.
    const NAME: &'static str;

    /// What it does, in one sentence.
    const SUMMARY: &'static str;

    /// Settings with a name of their own, besides the default ones.
    fn presets() -> Vec<(&'static str, Self)> {
        Vec::new()
    }

    /// Its name, or that of the preset that its settings are.
    fn label(&self) -> &'static str {
        let preset = Self::presets().into_iter().find(|(_, preset)| preset == self);
        preset.map_or(Self::NAME, |(name, _)| name)
    }
}
