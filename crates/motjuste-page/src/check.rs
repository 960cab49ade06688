//! What the tests of a page look at: its tags and their attributes.

/// The first tag of `html` that is out of place; none where all are balanced.
///
/// ```
/// use motjuste_page::check;
/// assert_eq!(check::imbalance("<p><b>x</b></p>"), None);
/// assert_eq!(check::imbalance("<p><b>x</p></b>"), Some("</p>".to_owned()));
/// ```
pub fn imbalance(html: &str) -> Option<String> {
    const VOID: [&str; 3] = ["meta", "link", "!DOCTYPE"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let tag = &rest[start + 1..start + rest[start..].find('>')?];
        let name = tag.split([' ', '\n', '/']).find(|part| !part.is_empty())?;
        match tag.strip_prefix('/') {
            Some(name) if open.pop() != Some(name) => return Some(format!("</{name}>")),
            None if tag.matches('"').count() % 2 == 1 => return Some(format!("<{tag}>")),
            None if !tag.ends_with('/') && !VOID.contains(&name) => open.push(name),
            _ => {}
        }
        rest = &rest[start + tag.len() + 2..];
    }
    (!open.is_empty()).then(|| open.join(" "))
}

/// The values of `attribute` in every `<element …>` of `html`.
///
/// ```
/// use motjuste_page::check;
/// assert_eq!(check::attributes("<p id=\"a\">x</p>", "p", "id"), ["a"]);
/// ```
pub fn attributes(html: &str, element: &str, attribute: &str) -> Vec<String> {
    let start = format!("<{element} ");
    let tags = html.split(&start).skip(1);
    let tags = tags.filter_map(|rest| rest.split('>').next());
    let value = |tag: &str| {
        let (_, rest) = tag.split_once(&format!("{attribute}=\""))?;
        Some(rest.split('"').next()?.to_owned())
    };
    tags.filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::imbalance;

    #[test]
    fn the_balance_check_sees_what_is_out_of_balance() {
        assert!(imbalance("<p><b>x</p></b>").is_some());
        assert!(imbalance("<p>").is_some() && imbalance("<p x=\"1>2</p>").is_some());
        assert_eq!(imbalance("<!DOCTYPE html><p x=\"1\">a<line/></p>"), None);
    }
}
