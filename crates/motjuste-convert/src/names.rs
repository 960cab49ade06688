//! Names: of tasks, which are parts of file names, and of models, as motjuste writes them.

/// A task's name made of any text: letters, digits, _ and -.
pub(crate) fn task_name(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let name: String = text.chars().map(plain).collect();
    let parts: Vec<&str> = name.split('_').filter(|part| !part.is_empty()).collect();
    match parts.is_empty() {
        true => "task".to_owned(),
        false => parts.join("_").chars().take(60).collect(),
    }
}

/// A model as `provider/name`, from that, or from promptfoo's `provider:kind:name`.
pub(crate) fn model(text: &str) -> Option<String> {
    if text.contains("://") || text.is_empty() {
        return None;
    }
    if !text.contains(':') {
        return text.contains('/').then(|| text.to_owned());
    }
    let (provider, rest) = text.split_once(':')?;
    let kinds = ["chat", "completion", "responses", "messages"];
    let name = match rest.split_once(':') {
        Some((kind, name)) if kinds.contains(&kind) => name,
        _ => rest,
    };
    let provider = match provider {
        "google" | "palm" => "gemini",
        "exec" | "python" | "http" | "https" | "file" => return None,
        other => other,
    };
    Some(format!("{provider}/{name}"))
}

/// The judging model where nobody named one.
pub(crate) const JUDGE: &str = "openai/gpt-4.1-mini";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_a_name() {
        assert_eq!(task_name("Tickets: 1st run"), "tickets_1st_run");
        assert_eq!(task_name("…"), "task");
    }

    #[test]
    fn models_of_promptfoo_are_read() {
        assert_eq!(model("openai:chat:gpt-4.1").as_deref(), Some("openai/gpt-4.1"));
        assert_eq!(model("ollama:llama3.2:1b").as_deref(), Some("ollama/llama3.2:1b"));
        assert_eq!(model("file://provider.py"), None);
        assert_eq!(model("openai/gpt-4.1").as_deref(), Some("openai/gpt-4.1"));
    }
}
