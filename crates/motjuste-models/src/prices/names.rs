//! The names under which a model may stand in a table of prices.

/// The name itself, with a slash behind its provider; and that of the maker, where a gateway charges what
/// the maker does.
pub(super) fn of(name: &str) -> Vec<String> {
    let mut names = vec![name.to_owned()];
    if let Some((provider, model)) = name.split_once(['/', ':']) {
        let model = model.trim_start_matches(':');
        names.push(format!("{provider}/{model}"));
        names.extend(at_its_maker(provider, model));
    }
    names
}

/// The model of a gateway at the one who makes it. Open models cost something else everywhere, so only those of
/// makers that serve them alone are found.
fn at_its_maker(gateway: &str, model: &str) -> Option<String> {
    match gateway {
        "azure" => Some(format!("openai/{model}")),
        "openrouter" => of_maker(model.split_once('/')?),
        "vertex_ai" => of_maker(model.split_once('/').unwrap_or(("google", model))),
        "bedrock" => {
            let regions = ["us.", "eu.", "apac.", "global."];
            let model =
                regions.iter().find_map(|region| model.strip_prefix(region)).unwrap_or(model);
            of_maker(model.split_once('.')?)
        }
        _ => None,
    }
}

fn of_maker((maker, model): (&str, &str)) -> Option<String> {
    match maker {
        "openai" => Some(format!("openai/{model}")),
        // Gateways write claude-3.5-haiku.
        "anthropic" => Some(format!("anthropic/{}", model.replace('.', "-"))),
        "google" => Some(format!("gemini/{model}")),
        "x-ai" => Some(format!("xai/{model}")),
        _ => None,
    }
}

/// Whether `name` is a version of `family`: the same with a date or a number behind it, or with words that
/// name no other model.
pub(super) fn is_version(name: &str, family: &str) -> bool {
    let rest = name.strip_prefix(family).and_then(|rest| rest.strip_prefix(['-', '@', ':']));
    let Some(rest) = rest else { return false };
    let parts: Vec<&str> = rest.split(['-', '@', ':']).collect();
    let begins = is_word(parts[0])
        || is_number(parts[0])
            && (parts[0].len() > 2 || parts.get(1).is_some_and(|part| part.len() == 4));
    begins && parts.iter().all(|part| is_word(part) || is_number(part))
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.chars().all(|c| c.is_ascii_digit())
}

/// A word that tells versions of one model apart.
fn is_word(part: &str) -> bool {
    matches!(part, "latest" | "preview" | "exp") || part.strip_prefix('v').is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_date_or_a_number_and_never_another_model() {
        for (name, family) in [
            ("gpt-4.1-mini-2025-04-14", "gpt-4.1-mini"),
            ("claude-sonnet-4-20250514-v1:0", "claude-sonnet-4"),
            ("claude-sonnet-4@20250514", "claude-sonnet-4"),
            ("gemini-2.0-flash-001", "gemini-2.0-flash"),
            ("gemini-2.5-flash-preview-09-2025", "gemini-2.5-flash"),
            ("mistral-large-latest", "mistral-large"),
            ("command-r-08-2024", "command-r"),
            ("gpt-4-0613", "gpt-4"),
        ] {
            assert!(is_version(name, family), "{name}");
        }
        for (name, family) in [
            ("gpt-4.1-mini", "gpt-4.1"),
            ("gpt-5-pro", "gpt-5"),
            ("gpt-5.1", "gpt-5"),
            ("claude-opus-4-9", "claude-opus-4"),
            ("claude-opus-4-9-20270101", "claude-opus-4"),
            ("gpt-4o-audio-preview", "gpt-4o"),
            ("gemini-2.5-flash-preview-tts", "gemini-2.5-flash"),
            ("llama-3:free", "llama-3"),
            ("gpt-5-", "gpt-5"),
        ] {
            assert!(!is_version(name, family), "{name}");
        }
    }

    #[test]
    fn a_gateway_charges_what_the_maker_does() {
        let last = |name: &str| of(name).pop().unwrap();
        assert_eq!(last("openrouter/openai/gpt-4.1-mini"), "openai/gpt-4.1-mini");
        assert_eq!(last("openrouter/anthropic/claude-3.5-haiku"), "anthropic/claude-3-5-haiku");
        assert_eq!(last("azure/gpt-4.1-mini"), "openai/gpt-4.1-mini");
        assert_eq!(last("vertex_ai/google/gemini-2.5-flash"), "gemini/gemini-2.5-flash");
        assert_eq!(
            last("bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0"),
            "anthropic/claude-sonnet-4-20250514-v1:0"
        );
        assert_eq!(last("openrouter/meta-llama/llama-3"), "openrouter/meta-llama/llama-3");
        assert_eq!(last("openai::gpt-5"), "openai/gpt-5");
    }
}
