//! What the recordings of published packages are read with.

use serde_json::Value;

pub(super) fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

pub(super) fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

pub(super) fn number(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

pub(super) fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(|number| number.as_f64().unwrap()).collect()
}

pub(super) fn places(value: &Value) -> Vec<usize> {
    list(value).iter().map(number).collect()
}
