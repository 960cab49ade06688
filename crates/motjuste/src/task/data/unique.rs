//! JSON in which no object has a key twice: of two values under one name, neither is the one that was meant.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A value, all of whose keys stand once.
pub(super) struct Unique(pub Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Unique, E> {
        Ok(Unique(Value::Null))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Unique, E> {
        Ok(Unique(truth.into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Unique, E> {
        Ok(Unique(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Unique, E> {
        Ok(Unique(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Unique, E> {
        Ok(Unique(number.into()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Unique, E> {
        Ok(Unique(text.into()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Unique, E> {
        Ok(Unique(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Unique(list.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unique, A::Error> {
        let mut object = Map::new();
        while let Some((key, Unique(value))) = members.next_entry::<String, Unique>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key {key:?} stands twice")));
            }
            object.insert(key, value);
        }
        Ok(Unique(object.into()))
    }
}
