//! Whether a server reads soft prompts as it should.

use std::collections::HashSet;

use motjuste::model::{Decoding, Entries, Leave, Model, Projection, Request, SoftPrompt};
use motjuste::usage::Usage;
use motjuste::{Error, Result};
use serde::Serialize;
use serde_json::Value;

use super::ServedGenerator;
use super::wire::Wire;
use crate::endpoint::{Call, Reply};
use crate::probe::Probe;
use crate::protocol::{from_json, to_json};

/// The text that is asked as text and as embeddings: what a generator reads in a study.
const TEXT: &str = "Input: hot\nOutput: cold\n\nInput: up\nOutput: down\n\nThe instruction was to?";

/// Tokens of an answer: enough to tell two answers apart, and cheap.
const LENGTH: usize = 16;

/// Soft prompts that are asked: some of them may happen to get one answer, not all.
const DIRECTIONS: usize = 6;

/// A text as a text.
#[derive(Debug, Serialize)]
struct Ask<'a> {
    model: &'a str,
    #[serde(flatten)]
    form: Form<'a>,
    max_tokens: usize,
    temperature: f64,
}

/// How a text is read: as it stands, or as a user's message in the server's chat template.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
enum Form<'a> {
    /// Without the tokens that a server would put around it.
    Bare {
        prompt: &'a str,
        add_special_tokens: bool,
    },
    Chat {
        messages: [Said<'a>; 1],
    },
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Said<'a> {
    role: &'a str,
    content: &'a str,
}

const BARE: Form<'_> = Form::Bare { prompt: TEXT, add_special_tokens: false };
const CHAT: Form<'_> = Form::Chat { messages: [Said { role: "user", content: TEXT }] };

impl Form<'_> {
    fn path(self) -> &'static [&'static str] {
        match self {
            Self::Bare { .. } => &["completions"],
            Self::Chat { .. } => &["chat", "completions"],
        }
    }

    /// Where the answer has its text.
    fn text(self) -> &'static str {
        match self {
            Self::Bare { .. } => "/choices/0/text",
            Self::Chat { .. } => "/choices/0/message/content",
        }
    }
}

impl ServedGenerator {
    /// Asks the server some twenty short questions whose answers must be equal or different.
    ///
    /// A server that refuses is a finding, not an error.
    pub async fn probe(&self) -> Probe {
        let mut probe = Probe::default();
        let plain = self.answers(&[request(None)]).await;
        let Some(plain) = probe.answered(plain) else { return probe };
        if self.wire == Wire::Completions {
            self.compare_with_text(&plain, &mut probe).await;
        }
        self.compare_prompts(&mut probe).await;
        self.compare_batch(&mut probe).await;
        probe
    }

    /// The embeddings of a text must be answered as the text is: in the chat template, where the model has one.
    async fn compare_with_text(&self, plain: &[String], probe: &mut Probe) {
        const CHECK: &str = "the embeddings of a text are answered as the text";
        let is_same =
            |text: &Result<String>| text.as_ref().is_ok_and(|text| plain == [text.as_str()]);
        let bare = self.as_text(BARE).await;
        let said = match is_same(&bare) {
            true => bare,
            false => Some(self.as_text(CHAT).await).filter(is_same).unwrap_or(bare),
        };
        match said {
            Ok(text) if plain == [text.as_str()] => {
                probe.pass(CHECK, "the embedder holds the served model");
            }
            Ok(_) => probe.fail(
                CHECK,
                "the answers differ: the embedder holds another model or template, or the server \
                 computes in a lower precision",
                "give the embedder the folder of the served model, or serve it in float32",
            ),
            Err(error) => probe.refused(CHECK, &error),
        }
    }

    /// Asked twice, in both orders: a prefix cache that mixes prompts up shows in one of them.
    async fn compare_prompts(&self, probe: &mut Probe) {
        const CHECK: &str = "soft prompts are told apart";
        let forth = match self.one_by_one(0..DIRECTIONS).await {
            Ok(answers) => answers,
            Err(error) => return probe.refused(CHECK, &error),
        };
        let mut back = match self.one_by_one((0..DIRECTIONS).rev()).await {
            Ok(answers) => answers,
            Err(error) => return probe.refused(CHECK, &error),
        };
        back.reverse();
        if forth != back {
            return probe.fail(
                CHECK,
                "the same soft prompt gets two answers, depending on what was asked before",
                "start the server with --no-enable-prefix-caching, in float32",
            );
        }
        match forth.iter().collect::<HashSet<_>>().len() {
            1 => probe.fail(
                CHECK,
                format!("{DIRECTIONS} very different soft prompts get one answer"),
                "start the server with --no-enable-prefix-caching; if they still do, its model \
                 does not heed soft prompts",
            ),
            some => probe.pass(CHECK, format!("{some} answers to {DIRECTIONS}, in either order")),
        }
    }

    async fn one_by_one(&self, directions: impl Iterator<Item = usize>) -> Result<Vec<String>> {
        let mut answers = Vec::new();
        for direction in directions {
            answers.extend(self.answers(&[request(Some(direction))]).await?);
        }
        Ok(answers)
    }

    /// The answers to a batch must be those to its members.
    async fn compare_batch(&self, probe: &mut Probe) {
        const CHECK: &str = "a batch is answered as its members";
        let members = [request(Some(0)), request(None), request(Some(1))];
        let batch = self.answers(&members).await;
        let mut singles = Vec::new();
        for member in &members {
            match self.answers(std::slice::from_ref(member)).await {
                Ok(answer) => singles.extend(answer),
                Err(error) => return probe.refused(CHECK, &error),
            }
        }
        match batch {
            Ok(batch) if batch == singles => probe.pass(CHECK, "a text does not hang on others"),
            Ok(_) => probe.fail(
                CHECK,
                "a text depends on what else is in the batch, so a study cannot be repeated exactly",
                "serve the model in float32, or accept it",
            ),
            Err(error) => probe.refused(CHECK, &error),
        }
    }

    async fn answers(&self, requests: &[Request]) -> Result<Vec<String>> {
        let answers = self.complete(requests).await.into_iter();
        answers.map(|answer| Ok(answer?.text.trim().to_owned())).collect()
    }

    async fn as_text(&self, form: Form<'_>) -> Result<String> {
        let (model, max_tokens, temperature) = (&self.model, LENGTH, 0.0);
        let body = to_json(&Ask { model, form, max_tokens, temperature })?;
        let url = self.endpoint.url(form.path());
        let worst = Usage { tokens_in: TEXT.len() as u64, tokens_out: LENGTH as u64 };
        let (delivery, leave) = (&self.delivery, Leave::always());
        let call = Call { who: &self.id, url, body, worst, delivery, leave };
        let Reply::Answer { body, .. } = self.endpoint.post(call).await? else {
            return Err(Error::model("the server withheld its answer"));
        };
        let answer: Value = from_json(&body.bytes)
            .map_err(|unread: crate::protocol::Unread| unread.explain(&self.endpoint, &self.id))?;
        let text = answer.pointer(form.text()).and_then(Value::as_str);
        Ok(text.unwrap_or_default().trim().to_owned())
    }
}

impl Probe {
    /// The first check: nothing else makes sense without an answer.
    fn answered(&mut self, answers: Result<Vec<String>>) -> Option<Vec<String>> {
        const CHECK: &str = "the server reads embeddings";
        match answers {
            Ok(answers) => {
                self.pass(CHECK, "it answered");
                Some(answers)
            }
            Err(error) => {
                self.refused(CHECK, &error);
                None
            }
        }
    }

    fn refused(&mut self, check: &'static str, error: &Error) {
        self.fail(check, error.to_string(), error.help().unwrap_or("look into the server's log"));
    }
}

/// The text behind a soft prompt far out in one direction, or behind none.
fn request(direction: Option<usize>) -> Request {
    let projection = Projection { tokens: 5, entries: Entries::Uniform, seed: 0 };
    let z = |direction| (0..DIRECTIONS).map(move |axis| if axis == direction { 2.0 } else { 0.0 });
    let soft = |direction| SoftPrompt { z: z(direction).collect(), projection, demonstrations: 0 };
    let soft_prompt = direction.map(soft);
    Request { soft_prompt, ..Request::new(TEXT, Decoding::greedy(LENGTH)) }
}
