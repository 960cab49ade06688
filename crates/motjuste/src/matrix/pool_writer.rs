//! A generator that is asked in words and answers with instructions of a pool.

use async_trait::async_trait;
use rand::seq::index::sample_weighted;

use crate::model::{Abilities, Completion, Model, Request};
use crate::random::{Stream, Streams};
use crate::usage::Usage;
use crate::{Error, Result};

/// A simulated chat model: it answers requests for instructions with those of a pool whose scores are known.
///
/// What it writes is a *child* of the best instruction that it is shown. How good children are is a normal
/// distribution around their parent, [`Heritage`]; each instruction of the pool that is not shown comes with its
/// density. Where no instruction is shown, each comes as often as any other. So it reads no examples, no failures
/// and no scores: methods that ask in words differ here in whom they make a parent, in what they pay for each
/// child, and in what they answer, and not in how well they ask.
///
/// It replies in the form that the prompt shows last: a pair of tags, one line in square brackets, or the bare text.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use motjuste::matrix::{Heritage, PoolWriter};
/// use motjuste::model::{Decoding, Model, Request};
/// let pool = [("say x", 0.9), ("say y", 0.1)].map(|(text, score)| (text.to_owned(), score));
/// let writer = PoolWriter::of("pool", pool, Heritage::default(), 0);
/// let prompt = "Improve it:\nsay y\nReply between <text> and </text>.";
/// let reply = writer.answer(&Request::new(prompt, Decoding::greedy(9))).await.unwrap();
/// assert_eq!(reply.text, "<text>say x</text>");
/// # });
/// ```
pub struct PoolWriter {
    id: String,
    pool: Vec<(String, f64)>,
    heritage: Heritage,
    seed: u64,
}

/// How good a child is: its score less its parent's is normally distributed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heritage {
    /// The mean: below 0, because most changes do harm.
    pub mean: f64,
    /// The standard deviation.
    pub sd: f64,
}

impl Default for Heritage {
    fn default() -> Self {
        Self { mean: -0.1, sd: 0.2 }
    }
}

/// The form of a reply.
struct Form<'a> {
    open: String,
    close: &'a str,
    /// Instructions in a reply.
    count: usize,
}

impl PoolWriter {
    /// A writer of these instructions, each with its score from 0 to 1.
    pub fn of(
        name: &str,
        pool: impl IntoIterator<Item = (String, f64)>,
        heritage: Heritage,
        seed: u64,
    ) -> Self {
        Self { id: format!("writer:{name}"), pool: pool.into_iter().collect(), heritage, seed }
    }

    fn reply(&self, request: &Request) -> String {
        let prompt = request.text();
        let form = Form::of(&prompt);
        let weights = self.weights(&prompt, &form);
        let mut stream = self.stream(&prompt, request.decoding.draw);
        let written = draw(&weights, form.count, &mut stream);
        let texts = written.into_iter().map(|index| form.around(&self.pool[index].0));
        texts.collect::<Vec<_>>().join("\n")
    }

    /// How often each instruction is written.
    fn weights(&self, prompt: &str, form: &Form) -> Vec<f64> {
        let is_shown: Vec<bool> =
            self.pool.iter().map(|(text, _)| stands_in(text, prompt)).collect();
        let shown = self.pool.iter().zip(&is_shown).filter(|(_, shown)| **shown);
        let parent = shown.map(|((_, score), _)| *score).reduce(f64::max);
        let weight = |((text, score), shown): (&(String, f64), &bool)| match parent {
            _ if *shown || !form.holds(text) => 0.0,
            None => 1.0,
            Some(parent) => self.heritage.density(score - parent),
        };
        self.pool.iter().zip(&is_shown).map(weight).collect()
    }

    fn stream(&self, prompt: &str, draw: u64) -> Stream {
        let key = blake3::hash(prompt.as_bytes());
        Streams::new(self.seed).stream(&format!("writer/{}", key.to_hex()), draw)
    }
}

impl Heritage {
    fn density(self, gain: f64) -> f64 {
        (-0.5 * ((gain - self.mean) / self.sd).powi(2)).exp()
    }
}

/// Up to so many different places, each the more often the greater its weight.
fn draw(weights: &[f64], count: usize, stream: &mut Stream) -> Vec<usize> {
    let possible = weights.iter().filter(|weight| **weight > 0.0).count();
    let drawn = sample_weighted(stream, weights.len(), |index| weights[index], count.min(possible));
    // Weights are finite and not negative.
    drawn.map(|drawn| drawn.into_vec()).unwrap_or_default()
}

/// Whether a text stands in a prompt on its own, not as a part of a sentence.
fn stands_in(text: &str, prompt: &str) -> bool {
    let is_apart = |(at, _): (usize, &str)| {
        let (before, after) = (&prompt[..at], &prompt[at + text.len()..]);
        let begins = before.is_empty() || before.ends_with(['\n', '>']) || before.ends_with(": ");
        begins && (after.is_empty() || after.starts_with(['\n', '<']))
    };
    prompt.match_indices(text).any(is_apart)
}

impl<'a> Form<'a> {
    fn of(prompt: &'a str) -> Self {
        let mut closes = prompt.rmatch_indices("</").filter_map(|(at, _)| tag_at(prompt, at));
        let close = closes.find(|close| prompt.contains(&opens(close)));
        let (open, close) = match close {
            Some(close) => (opens(close), close),
            None if prompt.contains("bracket") => ("[".to_owned(), "]"),
            None => (String::new(), ""),
        };
        Self { open, close, count: count(prompt).unwrap_or(1) }
    }

    fn around(&self, text: &str) -> String {
        format!("{}{text}{}", self.open, self.close)
    }

    /// Whether a text can be read from this form again.
    fn holds(&self, text: &str) -> bool {
        match self.close {
            "" => true,
            "]" => !text.contains(['\n', '[', ']']),
            close => !text.contains(close),
        }
    }
}

/// The closing tag that begins here.
fn tag_at(prompt: &str, at: usize) -> Option<&str> {
    let tag = &prompt[at..];
    let tag = &tag[..=tag.find('>')?];
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    tag[2..tag.len() - 1].chars().all(is_name).then_some(tag)
}

fn opens(close: &str) -> String {
    close.replacen('/', "", 1)
}

/// The number of instructions that a prompt asks for.
fn count(prompt: &str) -> Option<usize> {
    let (_, after) = prompt.rsplit_once("write exactly ")?;
    after.split_whitespace().next()?.parse().ok()
}

#[async_trait]
impl Model for PoolWriter {
    fn id(&self) -> &str {
        &self.id
    }

    fn abilities(&self) -> Abilities {
        Abilities { plain_text: true, ..Abilities::default() }
    }

    fn is_remote(&self) -> bool {
        false
    }

    fn batch_size(&self) -> usize {
        1000
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        let usage = Usage { tokens_in: 1, tokens_out: 1 };
        let one = |request: &Request| match request.soft_prompt {
            None => Ok(Completion { usage, ..Completion::of(self.reply(request)) }),
            Some(_) => Err(Error::configuration(format!("{} is asked in words alone", self.id))),
        };
        batch.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, Heritage, PoolWriter, stands_in};
    use crate::model::{Decoding, Request};

    fn writer() -> PoolWriter {
        let pool = (0..50).map(|index| (format!("text {index}"), f64::from(index) / 50.0));
        PoolWriter::of("pool", pool, Heritage::default(), 0)
    }

    /// What the writer makes of a prompt: the numbers of the texts in 200 replies.
    fn written(prompt: &str) -> Vec<f64> {
        let reply = |draw| {
            let decoding = Decoding { draw, ..Decoding::greedy(9) };
            writer().reply(&Request::new(prompt, decoding))
        };
        let number = |reply: String| reply.trim_start_matches("text ").parse().unwrap();
        (0..200).map(reply).map(number).collect()
    }

    fn mean(numbers: &[f64]) -> f64 {
        numbers.iter().sum::<f64>() / numbers.len() as f64
    }

    #[test]
    fn children_are_somewhat_worse_than_the_best_that_is_shown() {
        let children = written("text 3\ntext 30");
        assert!((22.0..29.0).contains(&mean(&children)), "{}", mean(&children));
        assert!(children.iter().any(|child| *child > 35.0));
        assert!(children.iter().all(|child| ![3.0, 30.0].contains(child)));
        let anything = written("Write an instruction.");
        assert!((21.0..28.0).contains(&mean(&anything)), "{}", mean(&anything));
        assert!(anything.iter().any(|child| *child < 4.0));
    }

    #[test]
    fn the_form_of_a_reply_is_the_last_that_is_shown() {
        let around = |prompt: &str| Form::of(prompt).around("it");
        assert_eq!(around("<data>x</data> Reply in <a-2> and </a-2>."), "<a-2>it</a-2>");
        assert_eq!(around("<INS> alone; write it in square brackets"), "[it]");
        assert_eq!(around("The instruction was to"), "it");
        assert_eq!(Form::of("Then write exactly 4 instructions").count, 4);
    }

    #[test]
    fn a_text_is_shown_where_it_stands_apart() {
        assert!(stands_in("say x", "text:\nsay x\nscore:"));
        assert!(stands_in("say x", "Instruction: say x"));
        assert!(!stands_in("say x", "do not say x"));
        assert!(!stands_in("say x", "say xyz"));
    }
}
