//! What a program, or a web service, is asked, and what it answers: a JSON object each.

use motjuste::model::{Completion, FinishReason, Message, Prompt, Request};
use motjuste::task::Columns;
use motjuste::usage::Usage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::count::count;
use super::{Unread, malformed};

/// A question. Instruction and columns are there when it puts an instruction to a row of a task; a program
/// that writes instructions or judges is asked in messages alone.
#[derive(Debug, Serialize)]
pub(crate) struct Ask<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instruction: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<&'a Columns>,
    messages: &'a [Message],
    prompt: String,
    max_tokens: usize,
    temperature: f64,
    draw: u64,
}

impl<'a> Ask<'a> {
    pub(crate) fn new(request: &'a Request, id: Option<u64>) -> Self {
        let parts = request.parts.as_deref();
        let messages = match &request.prompt {
            Prompt::Messages(messages) => &messages[..],
            Prompt::Text(_) => &[],
        };
        Self {
            id,
            instruction: parts.map(|parts| parts.instruction.as_str()),
            columns: parts.map(|parts| &parts.columns),
            messages,
            prompt: request.text(),
            max_tokens: request.decoding.max_tokens,
            temperature: request.decoding.temperature,
            draw: request.decoding.draw,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Answer {
    id: Option<Value>,
    answer: Option<Value>,
    error: Option<Value>,
    #[serde(default)]
    retry: bool,
    usage: Option<Tokens>,
    finish_reason: Option<String>,
}

/// Our names, and OpenAI's, which a program has at hand that passes them on.
#[derive(Debug, Default, Deserialize)]
struct Tokens {
    #[serde(alias = "prompt_tokens", default, deserialize_with = "count")]
    input_tokens: Option<u64>,
    #[serde(alias = "completion_tokens", default, deserialize_with = "count")]
    output_tokens: Option<u64>,
}

/// The answer to question `id`, which used `worst` if it does not tell. An answer that is no text is its
/// JSON.
pub(crate) fn read(body: &[u8], id: Option<u64>, worst: Usage) -> Result<Completion, Unread> {
    let told: Answer = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
    if let (Some(id), Some(told)) = (id, told.id.filter(|told| *told != Value::from(id))) {
        return Err(Unread::Malformed(format!("it answers question {told}, not {id}")));
    }
    if let Some(error) = told.error {
        return Err(Unread::Failed { said: text(error), retry: told.retry });
    }
    let Some(answer) = told.answer else {
        return Err(Unread::Malformed("it has neither \"answer\" nor \"error\"".to_owned()));
    };
    let tokens = told.usage.unwrap_or_default();
    let usage = Usage {
        tokens_in: tokens.input_tokens.unwrap_or(worst.tokens_in),
        tokens_out: tokens.output_tokens.unwrap_or(worst.tokens_out),
    };
    let finish_reason = finish_reason(told.finish_reason.as_deref());
    Ok(Completion { text: text(answer), finish_reason, usage, ..Completion::default() })
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn finish_reason(told: Option<&str>) -> FinishReason {
    match told {
        Some("stop" | "end_turn") => FinishReason::Stop,
        Some("length" | "max_tokens") => FinishReason::Length,
        Some("filter" | "content_filter") => FinishReason::Filter,
        _ => FinishReason::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use motjuste::model::{Decoding, Parts};
    use motjuste::task::Example;
    use serde_json::json;

    use super::*;

    const WORST: Usage = Usage { tokens_in: 90, tokens_out: 9 };

    fn answer(body: Value) -> Result<Completion, Unread> {
        read(body.to_string().as_bytes(), Some(7), WORST)
    }

    #[test]
    fn a_row_goes_out_with_its_instruction_and_its_columns() {
        let parts = Parts::of("Say it.", &Example::new("hot", ["cold"]), &[]);
        let request = Request {
            parts: Some(Box::new(parts)),
            ..Request::new("Say it.\nhot", Decoding::greedy(8))
        };
        let ask = serde_json::to_value(Ask::new(&request, Some(7))).unwrap();
        assert_eq!(
            ask,
            json!({
                "id": 7, "instruction": "Say it.", "columns": { "input": "hot" },
                "messages": [{ "role": "user", "content": "Say it.\nhot" }],
                "prompt": "Say it.\nhot", "max_tokens": 8, "temperature": 0.0, "draw": 0
            })
        );
        let plain = Request::new("Hi", Decoding::greedy(8));
        let ask = serde_json::to_value(Ask::new(&plain, None)).unwrap();
        assert!(ask.get("instruction").is_none() && ask.get("id").is_none());
    }

    #[test]
    fn usage_is_what_is_told_and_the_worst_otherwise() {
        let told =
            answer(json!({ "answer": "x", "usage": { "input_tokens": 3, "output_tokens": 1 } }));
        assert_eq!(told.unwrap().usage, Usage { tokens_in: 3, tokens_out: 1 });
        let openai =
            answer(json!({ "answer": "x", "usage": { "prompt_tokens": 4, "total_tokens": 9 } }));
        assert_eq!(openai.unwrap().usage, Usage { tokens_in: 4, tokens_out: 9 });
        assert_eq!(answer(json!({ "answer": "x" })).unwrap().usage, WORST);
    }

    #[test]
    fn an_answer_is_a_text_or_the_json_of_what_it_is() {
        assert_eq!(answer(json!({ "answer": "", "error": null, "id": 7 })).unwrap().text, "");
        let object =
            answer(json!({ "answer": { "b": [1, 2] }, "finish_reason": "length" })).unwrap();
        assert_eq!(
            (object.text.as_str(), object.finish_reason),
            (r#"{"b":[1,2]}"#, FinishReason::Length)
        );
    }

    #[test]
    fn what_is_no_answer_is_never_taken_for_one() {
        for body in [
            json!({}),
            json!([]),
            json!("x"),
            json!({ "answer": null }),
            json!({ "answer": "x", "id": 6 }),
        ] {
            assert!(matches!(answer(body.clone()), Err(Unread::Malformed(_))), "{body}");
        }
        let failed = answer(json!({ "answer": "x", "error": "no tool", "retry": true }));
        assert!(matches!(failed, Err(Unread::Failed { said, retry: true }) if said == "no tool"));
    }
}
