//! The JSON schema of a file of flags, from the command line itself.

use std::any::TypeId;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Command};
use schemars::{Schema, json_schema};
use serde_json::{Map, Value, json};

/// What a TOML file of a command's flags may hold: a key for each flag, with underscores, and `tasks` for the words
/// without one. A list gives a flag many times.
pub(super) fn schema(command: &Command) -> Schema {
    let args = command.get_arguments().filter(|arg| !is_of_the_command_line(arg));
    let properties: Map<String, Value> = args.map(|arg| (key(arg), property(arg))).collect();
    json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// Whether a flag has no place in a file.
fn is_of_the_command_line(arg: &Arg) -> bool {
    let shows = matches!(
        arg.get_action(),
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
    );
    shows || arg.get_id() == "from"
}

fn key(arg: &Arg) -> String {
    arg.get_long().map_or_else(|| arg.get_id().to_string(), |long| long.replace('-', "_"))
}

fn property(arg: &Arg) -> Value {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut property = match arg.get_action() {
        ArgAction::SetTrue => json!({ "type": "boolean" }),
        ArgAction::Append => {
            json!({ "anyOf": [one(arg), { "type": "array", "items": one(arg) }] })
        }
        _ => one(arg),
    };
    property["description"] = help.into();
    property
}

/// One value of a flag.
fn one(arg: &Arg) -> Value {
    let parser = arg.get_value_parser();
    let choices: Option<Vec<Value>> =
        parser.possible_values().map(|values| values.flat_map(|value| choice(&value)).collect());
    let kind = parser.type_id();
    match choices {
        Some(choices) => json!({ "enum": choices }),
        None if kind == TypeId::of::<PathBuf>() => json!({ "type": "string" }),
        None if is_count(&kind) => json!({ "type": "integer", "minimum": 0 }),
        None if kind == TypeId::of::<f64>() => json!({ "type": "number" }),
        None => json!({ "type": ["string", "number"] }),
    }
}

/// A choice as a text; one that is a number may be written as such.
fn choice(value: &PossibleValue) -> Vec<Value> {
    let name = value.get_name();
    let number = name.parse::<u64>().ok().map(Value::from);
    [Value::from(name)].into_iter().chain(number).collect()
}

fn is_count(kind: &impl PartialEq<TypeId>) -> bool {
    [TypeId::of::<u64>(), TypeId::of::<usize>(), TypeId::of::<u32>()].iter().any(|it| kind == it)
}
