//! Rubrics: what a judging model reads.

/// The page around a criterion.
const PAGE: &str = include_str!("texts/rubric.txt");

/// Where the criterion stands in it.
const PLACE: &str = "[[ criterion ]]";

/// A rubric for a criterion, which is a plain text: braces in it stay as they are.
pub(crate) fn rubric(criterion: &str) -> String {
    PAGE.replace(PLACE, &plain(criterion.trim()))
}

/// A rubric for criteria that stand in a column of the rows.
pub(crate) fn rubric_of_rows(column: &str) -> String {
    rubric_as_template(&format!("{{{{ {column} }}}}"))
}

/// A rubric for a criterion that names columns of the rows.
pub(crate) fn rubric_as_template(criterion: &str) -> String {
    PAGE.replace(PLACE, criterion)
}

/// A text as a template that gives that very text.
pub(crate) fn plain(text: &str) -> String {
    match ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark)) {
        true => format!("{{% raw %}}{text}{{% endraw %}}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_of_a_criterion_stay() {
        let rubric = rubric("Is {{ x }} named?");
        assert!(rubric.contains("{% raw %}Is {{ x }} named?{% endraw %}"));
        assert!(rubric.contains("{{ answer }}") && !rubric.contains("[["));
    }
}
