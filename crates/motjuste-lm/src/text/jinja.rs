//! Jinja as chat templates know it: the settings and globals of transformers.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind};
use minijinja_contrib::pycompat::unknown_method_callback;

/// The name of the one template in an environment.
pub(super) const NAME: &str = "chat";

/// An environment that holds a template.
pub(super) fn environment(source: &str) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_unknown_method_callback(unknown_method_callback);
    environment.add_function("raise_exception", raise_exception);
    environment.add_function("strftime_now", strftime_now);
    environment.add_template_owned(NAME, without_generation(source))?;
    Ok(environment)
}

fn raise_exception(message: String) -> Result<String, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

/// Today, in templates that say it: always 26 July 2024, the day that Llama 3.1's template falls
/// back to, so that a prompt is the same tomorrow.
fn strftime_now(format: &str) -> Result<String, Error> {
    const PARTS: [(&str, &str); 9] = [
        ("%Y", "2024"),
        ("%m", "07"),
        ("%d", "26"),
        ("%B", "July"),
        ("%b", "Jul"),
        ("%A", "Friday"),
        ("%H", "00"),
        ("%M", "00"),
        ("%S", "00"),
    ];
    let text = PARTS.iter().fold(format.to_owned(), |text, (part, is)| text.replace(part, is));
    match text.contains('%') {
        true => Err(Error::new(ErrorKind::InvalidOperation, format!("the time format {format}"))),
        false => Ok(text),
    }
}

/// The blocks around `{% generation %}` mark what a model is trained on; here they are conditions
/// that hold, so that the white space around them is treated alike.
fn without_generation(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, tag)) = rest.split_once("{%") {
        let Some((inside, after)) = tag.split_once("%}") else { break };
        let statement = match inside.trim_matches(['-', '+', ' ', '\n']) {
            "generation" => inside.replace("generation", "if true"),
            "endgeneration" => inside.replace("endgeneration", "endif"),
            _ => inside.to_owned(),
        };
        text.extend([before, "{%", &statement, "%}"]);
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::{strftime_now, without_generation};

    #[test]
    fn the_date_stands_still() {
        assert_eq!(strftime_now("%d %b %Y").unwrap(), "26 Jul 2024");
        assert_eq!(strftime_now("%Y-%m-%d").unwrap(), "2024-07-26");
        assert!(strftime_now("%j").unwrap_err().to_string().contains("%j"));
    }

    #[test]
    fn training_marks_become_conditions() {
        let source = "{%- generation -%}{{ x }}{% if y %}%}{% endgeneration %} z";
        let plain = "{%- if true -%}{{ x }}{% if y %}%}{% endif %} z";
        assert_eq!(without_generation(source), plain);
        assert_eq!(without_generation("a {% b"), "a {% b");
    }
}
