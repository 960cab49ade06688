//! The method and its settings.

use std::sync::Arc;

use motjuste::method::{GeneratorRole, Method, Registry};
use motjuste::model::RoleParameters;
use motjuste::{Error, Result};
use serde_json::Value;

use super::models::writer_name;
use crate::args::{MethodArgs, ModelArgs};

/// The method with its settings: by default `motjuste` where the generator reads soft prompts, else
/// `motjuste-chat`.
pub(super) fn method(args: &MethodArgs, models: &ModelArgs) -> Result<Arc<dyn Method>> {
    let registry = Registry::built_in();
    let method = registry.method(&name(args, models, &registry)?, &changes(args)?);
    method.map_err(|error| with_start(error, args))
}

/// Beside the settings of a method that has no prompts to begin with: every method begins with those in use.
fn with_start(error: Error, args: &MethodArgs) -> Error {
    match args.settings.iter().any(|setting| setting.starts_with("initial=")) {
        false => error,
        true => {
            let help = error.help().unwrap_or_default().to_owned();
            error.with_help(format!("a prompt in use is given with --start FILE; {help}"))
        }
    }
}

/// The name of the method or the preset that was asked for.
pub(super) fn name(args: &MethodArgs, models: &ModelArgs, registry: &Registry) -> Result<String> {
    let name = match args.method.as_deref() {
        None | Some("motjuste") => default_name(models),
        Some(name) => name,
    };
    let name = name.to_owned();
    let compat = format!("{name}-compat");
    match args.compat {
        false => Ok(name),
        true if registry.names().any(|known| known == compat) => Ok(compat),
        true => Err(Error::configuration(format!("--compat does not apply to method \"{name}\""))
            .with_help("use it with instructzero")),
    }
}

fn default_name(models: &ModelArgs) -> &'static str {
    match default_role(models) {
        GeneratorRole::SoftPrompts | GeneratorRole::Weights => "motjuste",
        GeneratorRole::Words => "motjuste-chat",
    }
}

/// What the generator can be used for.
pub(super) fn default_role(models: &ModelArgs) -> GeneratorRole {
    let writer = writer_name(models, &RoleParameters::default());
    let is_asked_in_words = writer.is_remote() && models.embedder.is_none();
    if is_asked_in_words { GeneratorRole::Words } else { GeneratorRole::SoftPrompts }
}

/// The settings that were changed.
pub(super) fn changes(args: &MethodArgs) -> Result<Vec<(String, Value)>> {
    args.settings.iter().map(|setting| change(setting)).collect()
}

/// A setting, as `path=value`.
pub(super) fn change(setting: &str) -> Result<(String, Value)> {
    let (path, value) = setting.split_once('=').ok_or_else(|| {
        Error::configuration(format!("the setting {setting}: no `=`"))
            .with_help("write it as path=value, such as --set pool.size=500")
    })?;
    let value = parse_value(value).ok_or_else(|| {
        Error::configuration(format!("the setting {setting}: not a number that can be used"))
            .with_help("give a finite number")
    })?;
    Ok((path.to_owned(), value))
}

/// TOML where it is TOML (numbers, true, false, tables), text otherwise; none for a number that is
/// infinite or none at all.
fn parse_value(text: &str) -> Option<Value> {
    let parsed: Option<toml::Table> = toml::from_str(&format!("value = {text}")).ok();
    match parsed.and_then(|mut table| table.remove("value")) {
        Some(toml::Value::Float(number)) if !number.is_finite() => None,
        Some(value) => serde_json::to_value(value).ok(),
        None => Some(Value::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(method: &str, setting: &str) -> Result<Arc<dyn Method>> {
        Registry::built_in().method(method, &[change(setting)?])
    }

    #[test]
    fn a_setting_changes_the_method() {
        let changed = set("motjuste", "pool.size=500").unwrap();
        assert_eq!(changed.id().settings["pool"]["size"], 500);
        let changed = set("instructzero", "start_box=unit").unwrap();
        assert_eq!(changed.id().settings["start_box"], "unit");
    }

    #[test]
    fn an_unknown_setting_and_a_wrong_value_are_refused_with_the_list() {
        for setting in ["pool.sice=5", "poool.size=5", "pool.size=many", "pool.batch=0", "name=x"] {
            let error = set("motjuste", setting).err().unwrap();
            assert!(error.is_configuration(), "{setting}");
            assert!(error.help().unwrap().contains("pool.size = 1000"), "{setting}");
        }
        assert!(set("motjuste", "pool.size").err().unwrap().help().unwrap().contains("--set"));
        let endless = set("opro", "temperature=inf").err().unwrap();
        assert!(endless.is_configuration() && endless.to_string().contains("temperature=inf"));
    }
}
