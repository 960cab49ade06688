//! Checks one line of a golden file: a call of a published scoring function and what it returned.

use motjuste::method::opro::{Layout, Position, bracketed, bucketize, md5_key, polish, text_tag};
use motjuste::metric::answer::compat;
use motjuste::metric::{Mode, Published, normalise};
use serde_json::{Value, json};

/// What a case is and how it comes out.
type Outcome = Result<(), String>;

/// Checks the case on one line, whose kind is known by its fields.
pub fn check(line: &str) -> Outcome {
    let case: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    match case.get("fn").and_then(Value::as_str) {
        Some(name) => check_function(name, &case),
        None if case.get("treat_as_number").is_some() => check_normalise(&case),
        None if case.get("pred").is_some() => check_accuracy(&case),
        None => Err("no known kind of case".to_owned()),
    }
}

fn check_function(name: &str, case: &Value) -> Outcome {
    match name {
        "normalize" => {
            expect(normalise(text(case, "input")?, Mode::Compat).into(), field(case, "output")?)
        }
        "em" => check_metric(Published::ExactMatch, case),
        "f1" => check_metric(Published::F1, case),
        "es" => check_metric(Published::ExactSet, case),
        "contains" => check_metric(Published::Contains, case),
        "bucketize" => check_buckets(case),
        "square_brackets" => expect(bracketed(text(case, "input")?).into(), field(case, "output")?),
        "polish" => check_polish(case),
        "md5_key" => expect(md5_key(text(case, "input")?).into(), field(case, "output")?),
        "choice_index" => {
            let index = compat::choice_index(text(case, "input")?);
            expect(json!(index), field(case, "output")?)
        }
        "choice_text" => {
            let found = compat::choice_text(text(case, "input")?, text(case, "symbol")?);
            expect(json!(found), field(case, "output")?)
        }
        "scorer_prompt" => check_prompt(case),
        "tag_content" => expect(
            text_tag(text(case, "input")?).unwrap_or_default().into(),
            field(case, "output")?,
        ),
        other => Err(format!("unknown function {other:?}")),
    }
}

fn check_normalise(case: &Value) -> Outcome {
    let flag = |name| case.get(name).and_then(Value::as_bool).unwrap_or(false);
    let decimals = case.get("num_decimals").and_then(Value::as_u64).unwrap_or(0) as usize;
    let form = match (flag("treat_as_bool"), flag("treat_as_number")) {
        (true, _) => compat::Form::Boolean { decimals },
        (false, true) => compat::Form::Number { decimals },
        (false, false) => compat::Form::Text,
    };
    expect(compat::normalise(text(case, "input")?, form).into(), field(case, "output")?)
}

fn check_accuracy(case: &Value) -> Outcome {
    let choices_in = text(case, "input_text").unwrap_or_default();
    let inclusion = case.get("treat_include_as_correct").and_then(Value::as_bool).unwrap_or(false);
    let truth = as_text(field(case, "true")?);
    let predictions = match field(case, "pred")? {
        Value::Array(list) => list.iter().map(as_text).collect(),
        one => vec![as_text(one)],
    };
    let scores = predictions.iter().map(|one| compat::accuracy(&truth, one, choices_in, inclusion));
    expect_near(scores.sum::<f64>() / predictions.len() as f64, field(case, "score")?)
}

fn check_metric(metric: Published, case: &Value) -> Outcome {
    let answers: Vec<String> = serde_json::from_value(field(case, "answers")?.clone())
        .map_err(|error| error.to_string())?;
    let score = metric.score(text(case, "prediction")?, &answers, Mode::Compat);
    expect_near(score, field(case, "score")?)
}

fn check_buckets(case: &Value) -> Outcome {
    let score = field(case, "input")?.as_f64().ok_or("input is not a number")?;
    for (name, buckets) in [("b100", 100), ("b20", 20)] {
        if let Some(expected) = case.get(name) {
            expect(json!(bucketize(score, buckets).ok()), expected)?;
        }
    }
    Ok(())
}

fn check_polish(case: &Value) -> Outcome {
    let input = text(case, "input")?;
    expect(polish(input, false).into(), field(case, "output")?)?;
    let with_period = case.get("output_with_punct");
    with_period.map_or(Ok(()), |expected| expect(polish(input, true).into(), expected))
}

fn check_prompt(case: &Value) -> Outcome {
    let position = match text(case, "position")? {
        "before_Q" => Position::BeforeQ,
        "Q_begin" => Position::QBegin,
        "Q_end" => Position::QEnd,
        "A_begin" => Position::ABegin,
        other => return Err(format!("unknown position {other:?}")),
    };
    let qa = field(case, "include_qa")?.as_bool().ok_or("include_qa is not a boolean")?;
    let layout = Layout { position, qa }.checked().map_err(|error| error.to_string())?;
    let prompt = layout.prompt(text(case, "instruction")?, text(case, "question")?);
    expect(prompt.into(), field(case, "output")?)
}

fn field<'a>(case: &'a Value, name: &str) -> Result<&'a Value, String> {
    case.get(name).ok_or_else(|| format!("no field {name:?}"))
}

fn text<'a>(case: &'a Value, name: &str) -> Result<&'a str, String> {
    field(case, name)?.as_str().ok_or_else(|| format!("{name:?} is not a text"))
}

/// Answers may be written as numbers.
fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn expect(found: Value, expected: &Value) -> Outcome {
    if found == *expected { Ok(()) } else { Err(format!("expected {expected}, found {found}")) }
}

/// Ratios of small integers: at most a rounding apart.
fn expect_near(found: f64, expected: &Value) -> Outcome {
    let near = expected.as_f64().is_some_and(|expected| (found - expected).abs() < 1e-12);
    if near { Ok(()) } else { Err(format!("expected {expected}, found {found}")) }
}
