//! The methods by name.

use std::sync::Arc;

use serde_json::Value;

use super::{Method, MethodId, Registered};
use crate::{Error, Result};

/// The methods by name.
///
/// ```
/// use motjuste::method::Registry;
/// let registry = Registry::built_in();
/// let changes = [("pool.size".to_owned(), 500.into())];
/// let method = registry.method("motjuste", &changes).unwrap();
/// assert_eq!(method.id().settings["pool"]["size"], 500);
/// assert!(registry.method("motjuste", &[("pool.sice".to_owned(), 5.into())]).is_err());
/// ```
#[derive(Clone, Default)]
pub struct Registry {
    entries: Vec<Entry>,
}

/// A method that is known by name.
#[derive(Clone)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Its settings by name, the default ones first.
    pub presets: Vec<Preset>,
    make: fn(Value) -> serde_json::Result<Arc<dyn Method>>,
}

/// Settings with a name.
#[derive(Debug, Clone)]
pub struct Preset {
    /// The name.
    pub name: &'static str,
    /// The settings.
    pub settings: Value,
}

impl Registry {
    /// The same registry with one method more.
    #[must_use]
    pub fn with<M: Registered>(mut self) -> Self {
        let default = (M::NAME, M::default());
        let presets = std::iter::once(default).chain(M::presets()).map(|(name, settings)| {
            // Serialising plain data to memory has no way to fail.
            Preset { name, settings: serde_json::to_value(settings).unwrap_or_default() }
        });
        self.entries.push(Entry {
            name: M::NAME,
            summary: M::SUMMARY,
            presets: presets.collect(),
            make: |settings| Ok(Arc::new(serde_json::from_value::<M>(settings)?)),
        });
        self
    }

    /// The methods, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Every name of a method or a preset.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.entries.iter().flat_map(|entry| entry.presets.iter().map(|preset| preset.name))
    }

    /// The method of this name, with some of its settings changed: each by its path, such as `pool.size`.
    /// The settings are checked.
    ///
    /// # Errors
    /// [`Error::is_configuration`] for an unknown name or setting, and for a value that a setting cannot
    /// have; with the settings there are.
    pub fn method(&self, name: &str, changes: &[(String, Value)]) -> Result<Arc<dyn Method>> {
        let (entry, preset) = self.find(name)?;
        let settings =
            changes.iter().try_fold(preset.settings.clone(), |settings, (path, value)| {
                changed(settings, path, value).map_err(|why| refuse(preset, path, value, &why))
            })?;
        let method = (entry.make)(settings).map_err(|error| {
            let (path, value) = changes.last().cloned().unwrap_or_default();
            refuse(preset, &path, &value, &error.to_string())
        })?;
        method.check()?;
        Ok(method)
    }

    /// The method with this name and these settings, as a study wrote them down.
    ///
    /// ```
    /// use motjuste::method::{Method, Registry, Uniform};
    /// let id = Uniform::default().id();
    /// assert_eq!(Registry::built_in().read(&id).unwrap().id(), id);
    /// ```
    ///
    /// # Errors
    /// [`Error::is_configuration`] for an unknown name, and for settings that it cannot have.
    pub fn read(&self, id: &MethodId) -> Result<Arc<dyn Method>> {
        let (entry, preset) = self.find(&id.name)?;
        let method = (entry.make)(id.settings.clone()).map_err(|error| {
            Error::configuration(format!("the settings of {}: {error}", id.name))
                .with_help(format!("its settings are:\n{}", listing(&preset.settings, "")))
        })?;
        method.check()?;
        Ok(method)
    }

    fn find(&self, name: &str) -> Result<(&Entry, &Preset)> {
        let preset = |entry: &'_ Entry| entry.presets.iter().position(|preset| preset.name == name);
        let found = self.entries.iter().find_map(|entry| Some((entry, preset(entry)?)));
        found.map(|(entry, index)| (entry, &entry.presets[index])).ok_or_else(|| {
            let names: Vec<_> = self.names().collect();
            Error::configuration(format!("unknown method \"{name}\""))
                .with_help(format!("use one of: {}", names.join(", ")))
        })
    }
}

/// The settings with the one at `path` changed.
fn changed(mut settings: Value, path: &str, value: &Value) -> Result<Value, String> {
    let pointer = format!("/{}", path.replace('.', "/"));
    let slot = settings.pointer_mut(&pointer).ok_or_else(|| format!("no setting `{path}`"))?;
    *slot = value.clone();
    Ok(settings)
}

fn refuse(preset: &Preset, path: &str, value: &Value, why: &str) -> Error {
    Error::configuration(format!("the setting {path}={value}: {why}")).with_help(format!(
        "the settings of {} are:\n{}",
        preset.name,
        listing(&preset.settings, "")
    ))
}

/// One line a setting, as `path = value`.
fn listing(settings: &Value, path: &str) -> String {
    let Value::Object(fields) = settings else { return format!("    {path} = {settings}\n") };
    let lines = fields.iter().map(|(name, value)| match path {
        "" => listing(value, name),
        path => listing(value, &format!("{path}.{name}")),
    });
    lines.collect()
}
