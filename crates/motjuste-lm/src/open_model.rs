//! An open model: the public face of this crate.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use motjuste::model::{Abilities, Completion, Decoding, Model, Request, SoftPrompt};
use motjuste::{Error, Result};

use crate::batches::rows_at_once;
use crate::decode::{Writing, write};
use crate::description::Description;
use crate::engine::Engine;
use crate::files::Files;
use crate::options::LoadOptions;
use crate::reading::{Reading, Sequence, read};
use crate::sampling::Sampler;
use crate::source::Source;
use crate::worker::Worker;

/// A language model with open weights, run on this machine.
///
/// It is a [`Model`] that reads soft prompts and returns hidden states; the requests of many tasks are run
/// together. A request's text has the same bits alone, in any batch and on any number of threads; the
/// threads are those of rayon's global pool.
///
/// Messages go through the model's chat template, where it has one and [`LoadOptions`] want it; to a
/// base model they are the beginning of a text.
///
/// ```
/// use motjuste::model::{Decoding, Model, Request};
/// use motjuste_lm::OpenModel;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> motjuste::Result<()> {
/// # #[cfg(feature = "embedded")] {
/// let model = OpenModel::embedded()?;
/// let prompt = "Instruction: write it in capitals\n\nInput: tree\nOutput:".to_owned();
/// let answer = model.answer(&Request::new(prompt, Decoding::greedy(8))).await?;
/// assert!(answer.usage.tokens_out <= 8);
/// # }
/// # Ok(())
/// # }
/// ```
pub struct OpenModel {
    engine: Arc<Engine>,
    worker: Worker,
    description: Description,
    source: Source,
}

impl OpenModel {
    /// Loads a model from a Hugging Face folder: `config.json`, `tokenizer.json`, and
    /// `model.safetensors` or the files that `model.safetensors.index.json` names. What
    /// `generation_config.json`, `tokenizer_config.json` and `chat_template.jinja` say about the
    /// end of a text and about prompts is heeded where they are there.
    ///
    /// # Errors
    /// [`Error::is_model`] when a file is missing or malformed, when the architecture is not one
    /// we compute, or when a tensor's shape contradicts the configuration.
    ///
    /// ```
    /// use motjuste_lm::{LoadOptions, OpenModel};
    /// let error = OpenModel::from_folder("no/such/folder", &LoadOptions::default()).err();
    /// assert!(error.is_some_and(|error| error.to_string().contains("config.json")));
    /// ```
    pub fn from_folder(folder: impl AsRef<Path>, options: &LoadOptions) -> Result<Self> {
        Self::load(Source::Folder(folder.as_ref().to_owned()), options)
    }

    /// Loads a model from a GGUF file, tokenizer and chat template included.
    ///
    /// Architectures: llama (Mistral's too), qwen2, qwen3, gemma2, gemma3, phi3. Tensors of type
    /// F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 and Q2_K to Q6_K are read; in memory they are
    /// what [`LoadOptions::precision`] says.
    ///
    /// # Errors
    /// [`Error::is_model`] when the file is malformed, and, before anything is loaded, when its
    /// architecture, its tokenizer or the type of a tensor is none that we know.
    ///
    /// ```
    /// use motjuste_lm::{LoadOptions, OpenModel};
    /// let error = OpenModel::from_gguf("no/such/file.gguf", &LoadOptions::default()).err();
    /// assert!(error.is_some_and(|error| error.to_string().contains("file.gguf")));
    /// ```
    pub fn from_gguf(file: impl AsRef<Path>, options: &LoadOptions) -> Result<Self> {
        Self::load(Source::Gguf(file.as_ref().to_owned()), options)
    }

    pub(crate) fn load(source: Source, options: &LoadOptions) -> Result<Self> {
        let mut files = source.files()?;
        files.weights.precision = options.precision;
        files.weights.activations = options.activations;
        let engine = Arc::new(Engine::load(&files, options)?);
        let description = Description::new(&source.name(), &files, &engine, options)?;
        Ok(Self { worker: Worker::start(Arc::clone(&engine))?, engine, description, source })
    }

    /// The files that the model was loaded from, unless they changed since.
    pub(crate) fn files(&self) -> Result<Files<'static>> {
        let files = self.source.files()?;
        if self.description.id.contains(&files.revision()?) {
            return Ok(files);
        }
        Err(Error::model(format!(
            "the files of {} changed since it was loaded",
            self.source.name()
        ))
        .with_help("load the model again"))
    }

    /// Name, revision and size of the model.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The token ids of a text, without special tokens.
    ///
    /// # Errors
    /// [`Error::is_model`] when the tokenizer cannot read the text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        self.engine.text.tokenizer.encode(text)
    }

    /// The text of some token ids.
    ///
    /// # Errors
    /// [`Error::is_model`] when the tokenizer cannot write them.
    pub fn decode(&self, tokens: &[u32]) -> Result<String> {
        self.engine.text.tokenizer.decode(tokens)
    }

    /// The embeddings of a text, shape (tokens, hidden), row-major.
    ///
    /// # Errors
    /// [`Error::is_model`] when the tokenizer cannot read the text.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// # use motjuste_lm::OpenModel;
    /// let model = OpenModel::embedded()?;
    /// let rows = model.embed("Input: tree")?;
    /// let tokens = model.encode("Input: tree")?;
    /// assert_eq!(rows.len(), tokens.len() * model.description().hidden);
    /// # }
    /// # Ok::<(), motjuste::Error>(())
    /// ```
    pub fn embed(&self, text: &str) -> Result<Vec<f32>> {
        let tokens = self.encode(text)?;
        Ok(tokens.iter().flat_map(|&token| self.engine.decoder.embedding.row(token)).collect())
    }

    /// The embeddings A z of a soft prompt, shape (soft tokens, hidden), row-major.
    ///
    /// # Errors
    /// [`Error::is_model`] when z is empty or not finite.
    pub fn project(&self, soft: &SoftPrompt) -> Result<Vec<f32>> {
        self.engine.projections.embed(soft)
    }

    /// Continues each sequence by up to `decoding.max_tokens` tokens; an end token is not returned.
    ///
    /// Runs on the calling thread and rayon's pool. Asynchronous code calls the traits instead.
    ///
    /// # Errors
    /// [`Error::is_model`] when a sequence is empty, holds unknown tokens or broken embeddings, or
    /// does not fit into the context.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use motjuste::model::Decoding;
    /// use motjuste_lm::{OpenModel, Sequence};
    /// let model = OpenModel::embedded()?;
    /// let tokens = model.encode("Input: tree\nOutput:")?;
    /// let soft = vec![0.1; 5 * model.description().hidden];
    /// let sequence = Sequence { soft, tokens, ..Sequence::default() };
    /// let written = model.write(&[sequence], &Decoding::greedy(4))?;
    /// assert!(written[0].len() <= 4);
    /// # }
    /// # Ok::<(), motjuste::Error>(())
    /// ```
    pub fn write(&self, sequences: &[Sequence], decoding: &Decoding) -> Result<Vec<Vec<u32>>> {
        let readings = self.readings(sequences, decoding.max_tokens, |_| 1)?;
        let writing = |reading: &Reading| {
            let sampler = Sampler::new(decoding, &reading.sequence.bytes())?;
            Ok(Writing { sampler, max_tokens: decoding.max_tokens, is_complete: None })
        };
        let writings = readings.iter().map(writing).collect::<Result<Vec<_>>>()?;
        let written = write(&self.engine.decoder, &readings, &writings);
        Ok(written.into_iter().map(|written| written.tokens).collect())
    }

    /// The logits behind the last token of each sequence, one vector of the vocabulary's size for
    /// each.
    ///
    /// # Errors
    /// As [`OpenModel::write`].
    pub fn logits(&self, sequences: &[Sequence]) -> Result<Vec<Vec<f32>>> {
        let readings = self.readings(sequences, 0, |_| 1)?;
        let decoder = &self.engine.decoder;
        let logits = decoder.logits(&self.read(&readings).concat());
        Ok(logits.chunks_exact(decoder.config.vocabulary).map(<[f32]>::to_vec).collect())
    }

    /// The hidden states of every token of each sequence behind the final norm, each of shape
    /// (tokens, hidden), row-major.
    ///
    /// # Errors
    /// As [`OpenModel::write`].
    pub fn hidden_states(&self, sequences: &[Sequence]) -> Result<Vec<Vec<f32>>> {
        let hidden = self.engine.decoder.config.hidden;
        Ok(self.read(&self.readings(sequences, 0, |sequence| sequence.len(hidden))?))
    }

    fn readings(
        &self,
        sequences: &[Sequence],
        max_tokens: usize,
        wanted: impl Fn(&Sequence) -> usize,
    ) -> Result<Vec<Reading>> {
        let reading = |sequence: &Sequence| {
            self.engine.check(sequence, max_tokens)?;
            let wanted = wanted(sequence);
            Ok(Reading::new(sequence.clone(), wanted, max_tokens, &self.engine.decoder.config))
        };
        sequences.iter().map(reading).collect()
    }

    fn read(&self, readings: &[Reading]) -> Vec<Vec<f32>> {
        let readings: Vec<&Reading> = readings.iter().collect();
        let reads = read(&self.engine.decoder, &readings);
        reads.into_iter().map(|read| read.hidden).collect()
    }
}

#[async_trait]
impl Model for OpenModel {
    fn id(&self) -> &str {
        &self.description.id
    }

    /// Without a chat template it is a base model, which goes on from the beginning of an answer; with one, the answer is the
    /// model's own.
    fn abilities(&self) -> Abilities {
        let base = !self.engine.text.is_chat();
        Abilities {
            plain_text: true,
            prefill: base,
            soft_prompts: true,
            hidden_states: true,
            logprobs: false,
            parts: false,
            gradients: true,
            base,
            thinking_tokens: 0,
        }
    }

    fn is_remote(&self) -> bool {
        false
    }

    fn batch_size(&self) -> usize {
        rows_at_once(&self.engine.decoder)
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        self.worker.run(batch.to_vec()).await
    }
}
