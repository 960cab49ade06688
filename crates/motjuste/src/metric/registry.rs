//! The metrics by name: what a task file may name, with which settings.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::answer::AnswerKind;
use super::published::PublishedMetric;
use super::{
    Contains, Exact, ExactIgnoreCase, F1, Json, Label, Labels, Metric, Mode, Normalized, Number,
    Published, Regex, RougeL,
};
use crate::{Error, Result};

/// Settings of a metric by name, as a task file has them.
pub type Settings = Map<String, Value>;

/// A metric that a task file may name.
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// Another name for the same metric.
    pub alias: Option<&'static str>,
    build: fn(&'static str, Settings) -> Result<Box<dyn Metric>>,
    #[cfg(feature = "schema")]
    schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
}

/// Every metric, in the order in which they are listed to people.
pub const ENTRIES: [Entry; 19] = [
    entry::<Exact>("exact", Some("exact_match")),
    entry::<ExactIgnoreCase>("exact_ignore_case", None),
    entry::<Normalized>("normalized", None),
    entry::<Contains>("contains", None),
    entry::<Regex>("regex", None),
    entry::<Label>("label", Some("one_of")),
    entry::<Labels>("labels", None),
    entry::<Number>("number", None),
    entry::<Json>("json", None),
    entry::<F1>("f1", None),
    entry::<RougeL>("rouge_l", None),
    published("induction_exact_match"),
    published("induction_contains"),
    published("induction_exact_set"),
    published("induction_f1"),
    published("opro_number"),
    published("opro_boolean"),
    published("opro_choice"),
    published("opro_text"),
];

/// The published comparisons by their names here.
const PUBLISHED: [(&str, Published); 8] = [
    ("induction_exact_match", Published::ExactMatch),
    ("induction_contains", Published::Contains),
    ("induction_exact_set", Published::ExactSet),
    ("induction_f1", Published::F1),
    ("opro_number", Published::Number),
    ("opro_boolean", Published::Boolean),
    ("opro_choice", Published::Choice),
    ("opro_text", Published::Text),
];

/// What earlier versions called comparisons that have other names now.
const RENAMED: [(&str, &str); 4] = [
    ("exact_set", "labels (or induction_exact_set)"),
    ("boolean", "label (or opro_boolean)"),
    ("choice", "label (or opro_choice)"),
    ("text", "normalized (or opro_text)"),
];

/// The metric of this name with these settings.
///
/// ```
/// use motjuste::metric::registry::{Settings, named};
/// let settings: Settings = serde_json::from_str(r#"{"tolerance": 0.01}"#).unwrap();
/// assert_eq!(named("number", settings).unwrap().id(), r#"number {"tolerance":0.01}"#);
/// assert!(named("numbr", Settings::new()).is_err());
/// ```
///
/// # Errors
/// [`Error::is_configuration`] for an unknown name, an unknown setting, and a setting without meaning.
pub fn named(name: &str, settings: Settings) -> Result<Box<dyn Metric>> {
    let found = ENTRIES.iter().find(|entry| entry.name == name || entry.alias == Some(name));
    let metric = (found.ok_or_else(|| unknown(name))?.build)(
        found.map_or("", |entry| entry.name),
        settings,
    )?;
    metric.check_settings()?;
    Ok(metric)
}

/// Whether the name is that of a published comparison, which alone has a mode.
pub fn is_published(name: &str) -> bool {
    PUBLISHED.iter().any(|(known, _)| *known == name)
}

fn unknown(name: &str) -> Error {
    let error = Error::configuration(format!("unknown metric \"{name}\""));
    match RENAMED.iter().find(|(old, _)| *old == name) {
        Some((_, new)) => error.with_help(format!("it is now called {new}")),
        None => {
            let names: Vec<&str> = ENTRIES.iter().map(|entry| entry.name).collect();
            error.with_help(format!("use one of: {}", names.join(", ")))
        }
    }
}

#[cfg(not(feature = "schema"))]
trait Described {}
#[cfg(not(feature = "schema"))]
impl<T> Described for T {}
#[cfg(feature = "schema")]
trait Described: schemars::JsonSchema {}
#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> Described for T {}

const fn entry<M: Metric + DeserializeOwned + Described + 'static>(
    name: &'static str,
    alias: Option<&'static str>,
) -> Entry {
    Entry {
        name,
        alias,
        build: build::<M>,
        #[cfg(feature = "schema")]
        schema: |generator| M::json_schema(generator),
    }
}

const fn published(name: &'static str) -> Entry {
    Entry {
        name,
        alias: None,
        build: build_published,
        #[cfg(feature = "schema")]
        schema: |generator| <Form as schemars::JsonSchema>::json_schema(generator),
    }
}

fn build<M: Metric + DeserializeOwned + 'static>(
    name: &'static str,
    settings: Settings,
) -> Result<Box<dyn Metric>> {
    Ok(Box::new(read::<M>(name, settings)?))
}

fn read<T: DeserializeOwned>(name: &str, settings: Settings) -> Result<T> {
    serde_json::from_value(Value::Object(settings)).map_err(|error| {
        Error::configuration(format!("the metric {name}: {error}"))
            .with_help("mend the setting, or leave it out")
    })
}

/// The setting of the published comparisons.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Form {
    /// Without the faults of the published code, which is the default; as that code does it; or as it does
    /// for GPT models, whose answers are boxed.
    #[serde(default)]
    mode: FormName,
}

#[derive(Default, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum FormName {
    #[default]
    Strict,
    Compat,
    CompatBoxed,
}

fn build_published(name: &'static str, settings: Settings) -> Result<Box<dyn Metric>> {
    let form: Form = read(name, settings)?;
    let known = PUBLISHED.iter().find(|(known, _)| *known == name);
    let comparison = known.map(|(_, comparison)| *comparison).ok_or_else(|| unknown(name))?;
    let kind: Option<AnswerKind> = comparison.answer_kind();
    Ok(Box::new(match (form.mode, kind) {
        (FormName::Strict, _) => PublishedMetric::new(comparison, Mode::Strict),
        (FormName::Compat, _) => PublishedMetric::new(comparison, Mode::Compat),
        (FormName::CompatBoxed, Some(kind)) => PublishedMetric::boxed(kind),
        (FormName::CompatBoxed, None) => {
            return Err(Error::configuration(format!("the metric {name} knows no \\boxed{{}}"))
                .with_help("compat_boxed goes with the metrics of OPRO; use compat"));
        }
    }))
}

/// The schema of a metric in a task file: a name, or a name with settings.
#[cfg(feature = "schema")]
pub(crate) fn schemas(generator: &mut schemars::SchemaGenerator) -> Vec<Value> {
    let names: Vec<&str> =
        ENTRIES.iter().flat_map(|entry| [Some(entry.name), entry.alias]).flatten().collect();
    let name = serde_json::json!({ "description": "A metric by its name.", "enum": names });
    let with_settings = ENTRIES.iter().map(|entry| {
        let mut schema = (entry.schema)(generator).to_value();
        let names: Vec<&str> = [Some(entry.name), entry.alias].into_iter().flatten().collect();
        schema["properties"]["name"] = serde_json::json!({ "enum": names });
        schema["required"] = serde_json::json!(["name"]);
        schema
    });
    std::iter::once(name).chain(with_settings).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn every_metric_is_built_by_its_names_and_refuses_unknown_settings() {
        for entry in &ENTRIES {
            let built = named(entry.name, Settings::new()).unwrap();
            if let Some(alias) = entry.alias {
                assert_eq!(named(alias, Settings::new()).unwrap().id(), built.id());
            }
            let error = named(entry.name, settings(r#"{"tolerence": 1}"#)).unwrap_err();
            assert!(error.is_configuration() && error.to_string().contains("tolerence"), "{error}");
        }
    }

    #[test]
    fn old_names_lead_to_new_ones() {
        let help = |name| named(name, Settings::new()).unwrap_err().help().unwrap().to_owned();
        assert!(help("exact_set").contains("induction_exact_set"));
        assert!(help("bleu").contains("rouge_l"));
    }

    #[test]
    fn the_published_ones_have_a_mode() {
        let id = |name, mode| named(name, settings(mode)).map(|metric| metric.id());
        assert_eq!(id("induction_f1", r#"{"mode": "compat"}"#).unwrap(), "f1, compat");
        assert_eq!(
            id("opro_number", r#"{"mode": "compat_boxed"}"#).unwrap(),
            "number, compat, boxed"
        );
        assert!(id("induction_f1", r#"{"mode": "compat_boxed"}"#).is_err());
        assert!(id("exact", r#"{"mode": "compat"}"#).is_err());
    }
}
