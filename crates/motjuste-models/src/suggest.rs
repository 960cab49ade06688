//! What a person may have meant by a name that is no model's.

use motjuste_remote::Provider;

/// How the makers call their models, and the provider that serves them.
const MAKERS: [(&str, &str); 14] = [
    ("gpt-", "openai"),
    ("chatgpt-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("claude-", "anthropic"),
    ("gemini-", "gemini"),
    ("mistral-", "mistral"),
    ("ministral-", "mistral"),
    ("codestral-", "mistral"),
    ("deepseek-", "deepseek"),
    ("grok-", "xai"),
    ("command-", "cohere"),
    ("sonar", "perplexity"),
];

/// Of so many letters of a provider's name one may be wrong.
const LETTERS: usize = 3;

/// A question that names what was probably meant.
pub(crate) fn for_name(name: &str) -> Option<String> {
    let meant = by_maker(name).or_else(|| by_spelling(name))?;
    Some(format!("did you mean {meant}?"))
}

fn by_maker(name: &str) -> Option<String> {
    let is_bare = !name.contains(['/', ':', '\\']);
    let maker = MAKERS.iter().find(|(start, _)| is_bare && name.starts_with(start));
    maker.map(|(_, provider)| format!("{provider}/{name}"))
}

fn by_spelling(name: &str) -> Option<String> {
    let (provider, model) = name.split_once(['/', ':'])?;
    let distance = |known: &&str| strsim::osa_distance(known, &provider.to_lowercase());
    let nearest = Provider::names().min_by_key(distance)?;
    (LETTERS * distance(&nearest) <= nearest.len() && !model.is_empty())
        .then(|| format!("{nearest}/{model}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_its_provider_or_with_a_misspelt_one_is_known_again() {
        let meant = |name| for_name(name).unwrap_or_default();
        assert_eq!(meant("gpt-4.1-mini"), "did you mean openai/gpt-4.1-mini?");
        assert_eq!(meant("claude-sonnet-4-5"), "did you mean anthropic/claude-sonnet-4-5?");
        assert_eq!(meant("o4-mini"), "did you mean openai/o4-mini?");
        assert_eq!(meant("opnai/gpt-5"), "did you mean openai/gpt-5?");
        assert_eq!(meant("OpenAI/gpt-5"), "did you mean openai/gpt-5?");
        assert_eq!(for_name("models/mine"), None);
        assert_eq!(for_name("mine.gguf"), None);
    }
}
