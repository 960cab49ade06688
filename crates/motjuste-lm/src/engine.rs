//! Requests in, texts out: everything between the traits of the core and the forward pass.

use std::collections::HashMap;
use std::sync::Arc;

use motjuste::error::Setting;
use motjuste::model::{Completion, Computation, FinishReason, Prompt, Request, SoftPrompt};
use motjuste::usage::Usage;
use motjuste::{Error, Result};

use crate::computation::Computations;
use crate::config::Config;
use crate::decode::{IsComplete, Writing, Written, write};
use crate::features::features;
use crate::files::Files;
use crate::forward::Decoder;
use crate::options::LoadOptions;
use crate::projection::Projections;
use crate::reading::{Reading, Sequence};
use crate::sampling::Sampler;
use crate::text::{Prompt as Tokens, Text, end_of_instruction};

/// A loaded model.
pub(crate) struct Engine {
    pub(crate) decoder: Decoder,
    pub(crate) text: Text,
    pub(crate) projections: Projections,
    computations: Computations,
}

/// A prompt that leaves fewer tokens for its answer than this is too long, if more were asked for.
const LEAST_ROOM: usize = 64;

/// One request, ready to run.
pub(crate) struct Prepared {
    pub(crate) reading: Reading,
    pub(crate) writing: Writing,
}

impl Engine {
    pub(crate) fn load(files: &Files, options: &LoadOptions) -> Result<Self> {
        let mut config = Config::parse(&files.config)?;
        files.weights.refuse_without_layer(config.layers.len() - 1)?;
        let text = Text::load(files, options)?;
        config.end.extend(&text.end);
        let decoder = Decoder::load(config, &files.weights)?;
        let projections = Projections::new(decoder.config.hidden);
        let computations = Computations::new(decoder.config.layers.len());
        Ok(Self { decoder, text, projections, computations })
    }

    /// Answers a request for a computation.
    pub(crate) fn compute(&self, request: &Request, asked: &Computation) -> Result<Completion> {
        self.computations.answer((&self.decoder, &self.text), request, asked)
    }

    /// Checks one request and turns it into what the model reads.
    pub(crate) fn prepare(&self, request: &Request) -> Result<Prepared> {
        let sequence = self.sequence(request)?;
        let decoding = &request.decoding;
        let max_tokens = decoding.max_tokens.min(self.room(&sequence));
        self.check(&sequence, max_tokens)?;
        let sampler = Sampler::new(decoding, &sequence.bytes())?;
        Ok(Prepared {
            reading: Reading::new(sequence, 1, max_tokens, &self.decoder.config),
            writing: Writing { sampler, max_tokens, is_complete: self.is_complete(request) },
        })
    }

    /// Whether a text is complete, for a base model that writes an instruction: behind a soft prompt.
    fn is_complete(&self, request: &Request) -> Option<IsComplete> {
        let tokenizer = Arc::clone(&self.text.tokenizer);
        self.writes_instruction(request).then(|| -> IsComplete {
            Arc::new(move |tokens| {
                tokenizer.decode(tokens).is_ok_and(|text| end_of_instruction(&text).is_some())
            })
        })
    }

    fn writes_instruction(&self, request: &Request) -> bool {
        request.soft_prompt.is_some() && !self.text.is_chat()
    }

    /// The most tokens of an answer: what the context leaves, as with any server. One that it cuts says so. Where it
    /// leaves next to nothing the prompt is too long, and [`check`](Self::check) says that.
    fn room(&self, sequence: &Sequence) -> usize {
        let config = &self.decoder.config;
        config.context.saturating_sub(sequence.len(config.hidden)).max(LEAST_ROOM)
    }

    /// What the model reads for a request.
    fn sequence(&self, request: &Request) -> Result<Sequence> {
        let project = |soft: &SoftPrompt| self.projections.embed(soft);
        let soft = request.soft_prompt.as_ref().map(project).transpose()?.unwrap_or_default();
        let Tokens { tokens, soft_at } = self.text.read(&self.whole(request)?)?;
        Ok(Sequence { soft, tokens, soft_at })
    }

    /// The prompt with the beginning of the answer, which a chat template leaves no place for.
    fn whole(&self, request: &Request) -> Result<Prompt> {
        match &request.prompt {
            prompt if request.prefill.is_empty() => Ok(prompt.clone()),
            Prompt::Messages(_) if self.text.is_chat() => {
                Err(Error::configuration("a model with a chat template begins its answers itself")
                    .with_help(
                        "load it without a template, or ask without the beginning of an answer",
                    ))
            }
            _ => Ok(Prompt::Text(request.text())),
        }
    }

    /// Refuses what the model cannot read, before anything is computed.
    pub(crate) fn check(&self, sequence: &Sequence, max_tokens: usize) -> Result<()> {
        let config = &self.decoder.config;
        if !sequence.soft.len().is_multiple_of(config.hidden) {
            return Err(Error::model(format!(
                "{} soft-prompt numbers are not whole embeddings: the model's hidden size is {}",
                sequence.soft.len(),
                config.hidden
            )));
        }
        if sequence.soft_at > sequence.tokens.len() {
            return Err(Error::model(format!(
                "a soft prompt behind {} tokens is outside a sequence of {}",
                sequence.soft_at,
                sequence.tokens.len()
            )));
        }
        if let Some(token) = sequence.tokens.iter().find(|&&t| t as usize >= config.vocabulary) {
            return Err(Error::model(format!(
                "token {token} is outside the model's vocabulary of {}",
                config.vocabulary
            )));
        }
        self.check_context(sequence, max_tokens)
    }

    fn check_context(&self, sequence: &Sequence, max_tokens: usize) -> Result<()> {
        if sequence.tokens.is_empty() {
            return Err(Error::model("the prompt is empty: the model needs a token to start from"));
        }
        let (read, context) =
            (sequence.len(self.decoder.config.hidden), self.decoder.config.context);
        if read.saturating_add(max_tokens) > context {
            return Err(Error::model(format!(
                "{read} tokens to read and up to {max_tokens} to write do not fit into the \
                 model's context of {context}"
            ))
            .with_help(
                "shorten the prompt, show fewer examples, or allow fewer tokens in an answer",
            )
            .with_setting(Setting::AnswerTokens));
        }
        Ok(())
    }

    /// Runs prepared requests and writes one completion for each, in order.
    pub(crate) fn run(
        &self,
        requests: &[&Request],
        prepared: Vec<Prepared>,
    ) -> Result<Vec<Completion>> {
        let (readings, writings): (Vec<Reading>, Vec<Writing>) =
            prepared.into_iter().map(|p| (p.reading, p.writing)).unzip();
        let written = write(&self.decoder, &readings, &writings);
        let completions = readings.iter().zip(written).zip(requests);
        let completions = completions
            .map(|((reading, written), request)| self.completion(request, reading, &written));
        self.add_hidden_states(requests, completions.collect::<Result<Vec<_>>>()?)
    }

    fn completion(
        &self,
        request: &Request,
        reading: &Reading,
        written: &Written,
    ) -> Result<Completion> {
        let usage = Usage {
            tokens_in: reading.sequence.len(self.decoder.config.hidden) as u64,
            tokens_out: written.tokens.len() as u64,
        };
        let finish_reason =
            if written.is_ended { FinishReason::Stop } else { FinishReason::Length };
        let mut text = self.text.tokenizer.decode(&written.tokens)?;
        if self.writes_instruction(request) {
            text.truncate(end_of_instruction(&text).unwrap_or(text.len()));
        }
        Ok(Completion { text, finish_reason, usage, ..Completion::default() })
    }

    /// Fills in the hidden states that were asked for; each distinct text is read once.
    fn add_hidden_states(
        &self,
        requests: &[&Request],
        mut completions: Vec<Completion>,
    ) -> Result<Vec<Completion>> {
        let mut known: HashMap<(&Prompt, String), usize> = HashMap::new();
        let mut readings = Vec::new();
        let mut wanted = Vec::new();
        let asked = requests.iter().enumerate();
        for (row, request) in asked.filter(|(_, request)| request.returns.hidden_state) {
            let key = (&request.prompt, completions[row].text.trim().to_owned());
            let index = match known.get(&key) {
                Some(&index) => index,
                None => {
                    readings.push(self.feature_reading(key.0, &key.1)?);
                    known.insert(key, readings.len() - 1);
                    readings.len() - 1
                }
            };
            wanted.push((row, index));
        }
        let features = features(&self.decoder, &readings);
        for (row, index) in wanted {
            completions[row].hidden_state.clone_from(&features[index]);
        }
        Ok(completions)
    }

    /// The prompt and a text behind it, as far as the context reaches; the text's tokens are
    /// wanted. No soft prompt: features describe the text, not the point z.
    fn feature_reading(&self, prompt: &Prompt, text: &str) -> Result<Reading> {
        let Tokens { mut tokens, .. } = self.text.read(prompt)?;
        let prompt_len = tokens.len();
        tokens.extend(self.text.read_answer(text)?);
        tokens.truncate(self.decoder.config.context);
        let wanted = tokens.len() - prompt_len;
        let sequence = Sequence { tokens, ..Sequence::default() };
        Ok(Reading::new(sequence, wanted, 0, &self.decoder.config))
    }
}
