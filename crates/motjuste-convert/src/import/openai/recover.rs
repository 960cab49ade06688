//! The prompt's template from the messages that were sent.

use motjuste::prompt::MessageTemplate;
use motjuste::task::Columns;
use serde_json::Value;

/// Messages with slots that give, for each row, the messages that were sent for it; none where the rows
/// were sent messages that no such template gives.
pub(super) fn template(
    rendered: &[(usize, Vec<MessageTemplate>)],
    rows: &[Columns],
) -> Option<Vec<MessageTemplate>> {
    let (first, messages) = rendered.first()?;
    let row = rows.get(*first)?;
    let place = |(index, message): (usize, &MessageTemplate)| {
        let mut all: Vec<(&Columns, &str)> = Vec::new();
        for (number, sent) in rendered {
            let one = sent.get(index).filter(|it| it.role == message.role)?;
            all.push((rows.get(*number)?, &one.content));
        }
        Some(MessageTemplate::new(message.role, fitting(&message.content, row, &all)?))
    };
    let same_length = rendered.iter().all(|(_, sent)| sent.len() == messages.len());
    same_length.then(|| messages.iter().enumerate().map(place).collect()).flatten()
}

/// A text with slots that gives what every row was sent.
fn fitting(text: &str, row: &Columns, all: &[(&Columns, &str)]) -> Option<String> {
    let fits = |candidate: &str| all.iter().all(|(row, sent)| filled(candidate, row) == *sent);
    if fits(text) {
        return Some(text.to_owned());
    }
    let mut values: Vec<(&String, String)> = row.iter().filter_map(value).collect();
    values.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    let mut candidate = text.to_owned();
    for (name, value) in &values {
        let next = candidate.replace(value.as_str(), &format!("{{{{ {name} }}}}"));
        if fits(&next) {
            return Some(next);
        }
        // A value of a letter or two stands in other words, too.
        if value.len() > 2 {
            candidate = next;
        }
    }
    None
}

fn value<'a>((name, value): (&'a String, &Value)) -> Option<(&'a String, String)> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    (!text.is_empty()).then_some((name, text))
}

/// A text with its slots for columns filled.
fn filled(text: &str, row: &Columns) -> String {
    crate::prompt::renamed(text, |name| {
        let value = row.get(name)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    })
}
