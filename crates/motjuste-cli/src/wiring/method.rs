//! The method and its settings.

use motjuste::model::Generator;
use motjuste::optimizer::{Features, InstructZeroConfig, OptimizerConfig};
use motjuste::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::args::MethodArgs;

/// The method with its settings.
pub(crate) fn method(args: &MethodArgs) -> Result<OptimizerConfig> {
    let unknown = || Error::configuration(format!("unknown method \"{}\"", args.method));
    let named = OptimizerConfig::named(&args.method).ok_or_else(unknown)?;
    let config = match (named, args.compat) {
        (config, false) => config,
        (OptimizerConfig::Instructzero(_), true) => {
            OptimizerConfig::Instructzero(InstructZeroConfig::compat())
        }
        (_, true) => {
            let message = format!("--compat does not apply to method \"{}\"", args.method);
            return Err(Error::configuration(message).with_help("use it with instructzero"));
        }
    };
    let config =
        args.settings.iter().try_fold(config, |config, setting| with_setting(&config, setting))?;
    config.checked()?;
    Ok(config)
}

/// The method as it can be run with `generator`: with words alone where it would look at hidden
/// states as well and the generator tells none.
pub(super) fn fitted(method: OptimizerConfig, generator: &dyn Generator) -> OptimizerConfig {
    match method {
        OptimizerConfig::Motjuste(mut config)
            if config.features == Features::Both && !generator.gives_features() =>
        {
            config.features = Features::Words;
            OptimizerConfig::Motjuste(config)
        }
        method => method,
    }
}

/// The configuration with one `key=value` changed.
fn with_setting(config: &OptimizerConfig, setting: &str) -> Result<OptimizerConfig> {
    let (path, value) = setting.split_once('=').ok_or_else(|| refuse(config, setting, "no `=`"))?;
    with_value(config, path, parse_value(value))
}

/// The configuration with one setting changed; keys and types are checked by reading it back.
pub(super) fn with_value(
    config: &OptimizerConfig,
    path: &str,
    value: toml::Value,
) -> Result<OptimizerConfig> {
    let setting = format!("{path}={value}");
    let refuse = |why: &str| refuse(config, &setting, why);
    let mut tree = toml::Table::try_from(config).map_err(|error| refuse(&error.to_string()))?;
    let mut place = &mut tree;
    let mut keys: Vec<&str> = path.split('.').collect();
    let last = keys.pop().unwrap_or_default();
    for key in keys {
        place = place
            .get_mut(key)
            .and_then(toml::Value::as_table_mut)
            .ok_or_else(|| refuse(&format!("no section `{key}`")))?;
    }
    if last == "name" || !place.contains_key(last) {
        return Err(refuse(&format!("no setting `{path}`")));
    }
    place.insert(last.to_owned(), value);
    OptimizerConfig::deserialize(tree).map_err(|error| refuse(&error.to_string()))
}

fn refuse(config: &OptimizerConfig, setting: &str, why: &str) -> Error {
    Error::configuration(format!("the setting {setting}: {why}")).with_help(format!(
        "the settings of {} are:\n{}",
        config.name(),
        listing(config)
    ))
}

/// TOML where it is TOML (numbers, true, false), text otherwise.
fn parse_value(text: &str) -> toml::Value {
    let parsed: Option<toml::Table> = toml::from_str(&format!("value = {text}")).ok();
    parsed
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| toml::Value::String(text.to_owned()))
}

fn listing(config: &impl Serialize) -> String {
    let text = toml::to_string(config).unwrap_or_default();
    text.lines().map(|line| format!("    {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(method: &str, setting: &str) -> Result<OptimizerConfig> {
        with_setting(&OptimizerConfig::named(method).unwrap(), setting)
    }

    #[test]
    fn a_setting_changes_the_configuration() {
        let OptimizerConfig::Motjuste(config) = set("motjuste", "pool.size=500").unwrap() else {
            panic!("another method")
        };
        assert_eq!(config.pool.size, 500);
        let changed = set("instructzero", "start_box=unit").unwrap();
        assert_ne!(Some(changed), OptimizerConfig::named("instructzero"));
    }

    #[test]
    fn an_unknown_setting_and_a_wrong_value_are_refused_with_the_list() {
        for setting in ["pool.sice=5", "poool.size=5", "pool.size=many", "pool.size", "name=x"] {
            let error = set("motjuste", setting).unwrap_err();
            assert!(error.is_configuration(), "{setting}");
            assert!(error.help().unwrap().contains("size = 1000"), "{setting}");
        }
    }
}
