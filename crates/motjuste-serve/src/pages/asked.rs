//! What the address of a page asks for: which part of a list, in which order.

use motjuste::{Error, Result};

use super::links::{decoded, encoded};

/// Which rows of a table of answers are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Rows {
    /// All of them.
    #[default]
    All,
    /// Those that somebody missed.
    Missed,
    /// Those that not everybody answered alike.
    Differing,
}

/// The order of a study's instructions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// The best first.
    #[default]
    Best,
    /// The newest first.
    Newest,
}

/// What the address of a page asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The page of a list, from 1.
    pub(crate) page: usize,
    pub(crate) rows: Rows,
    pub(crate) order: Order,
    /// What a study's name must hold.
    pub(crate) find: String,
    /// Studies to compare.
    pub(crate) studies: Vec<String>,
}

impl Asked {
    /// Reads the part of an address behind the question mark.
    ///
    /// # Errors
    /// When it asks for something that is not there.
    pub(crate) fn read(query: &str) -> Result<Self> {
        let mut asked = Self { page: 1, ..Self::default() };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), value.as_ref()) {
                ("page", number) => asked.page = page(number)?,
                ("rows", "all") => asked.rows = Rows::All,
                ("rows", "missed") => asked.rows = Rows::Missed,
                ("rows", "differing") => asked.rows = Rows::Differing,
                ("order", "best") => asked.order = Order::Best,
                ("order", "newest") => asked.order = Order::Newest,
                ("find", text) => asked.find = text.trim().to_owned(),
                ("study", study) => asked.studies.push(decoded(study)?),
                (name, _) => return Err(unknown(name)),
            }
        }
        Ok(asked)
    }

    /// The same request for another page, as the end of an address.
    pub(crate) fn on_page(&self, page: usize) -> String {
        Self { page, ..self.clone() }.written()
    }

    /// The same request for other rows.
    pub(crate) fn of_rows(&self, rows: Rows) -> String {
        Self { page: 1, rows, ..self.clone() }.written()
    }

    /// The same request in another order.
    pub(crate) fn in_order(&self, order: Order) -> String {
        Self { page: 1, order, ..self.clone() }.written()
    }

    fn written(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts
            .extend(self.studies.iter().map(|study| format!("study={}", encoded(&encoded(study)))));
        if !self.find.is_empty() {
            parts.push(format!("find={}", encoded(&self.find)));
        }
        parts.extend(match self.rows {
            Rows::All => None,
            Rows::Missed => Some("rows=missed".to_owned()),
            Rows::Differing => Some("rows=differing".to_owned()),
        });
        parts.extend((self.order == Order::Newest).then(|| "order=newest".to_owned()));
        parts.extend((self.page > 1).then(|| format!("page={}", self.page)));
        format!("?{}", parts.join("&"))
    }
}

fn page(number: &str) -> Result<usize> {
    let read = number.parse().ok().filter(|page| (1..=1_000_000).contains(page));
    read.ok_or_else(|| {
        Error::configuration("there is no page of this number").with_help("pages count from 1")
    })
}

fn unknown(name: &str) -> Error {
    let name: String = name.chars().take(40).collect();
    Error::configuration(format!("the address asks for \"{name}\" in a way that is not understood"))
        .with_help("follow the links of the pages")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_as_it_was_written() {
        let asked = Asked {
            page: 3,
            rows: Rows::Differing,
            order: Order::Newest,
            find: "a&b=ü".to_owned(),
            studies: vec!["x y".to_owned(), "z".to_owned()],
        };
        assert_eq!(Asked::read(asked.written().trim_start_matches('?')).unwrap(), asked);
        assert_eq!(Asked::read("").unwrap(), Asked { page: 1, ..Asked::default() });
        assert_eq!(asked.on_page(1).matches("page").count(), 0);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for query in ["page=0", "page=-1", "page=x", "page=99999999", "rows=some", "colour=red"] {
            assert!(Asked::read(query).is_err(), "{query}");
        }
    }
}
