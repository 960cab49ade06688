//! A long list in pages.

use motjuste::Result;
use motjuste_page::{Html, format, template};
use serde::Serialize;

use super::asked::Asked;

/// One page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paging {
    page: usize,
    pages: usize,
    first: usize,
    length: usize,
    all: usize,
}

#[derive(Serialize)]
struct Values {
    told: String,
    before: Option<String>,
    after: Option<String>,
}

impl Paging {
    /// Page `page` of a list of `all` things, `length` to a page; the last one where there are fewer.
    pub(super) fn of(all: usize, length: usize, page: usize) -> Self {
        let pages = all.div_ceil(length).max(1);
        let page = page.clamp(1, pages);
        Self { page, pages, first: (page - 1) * length, length, all }
    }

    /// The things on this page.
    pub(super) fn cut<T>(self, list: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        list.into_iter().skip(self.first).take(self.length)
    }

    /// Where this page is among the others, with links; empty where there is one page.
    pub(super) fn links(&self, asked: &Asked) -> Result<Html> {
        if self.pages == 1 {
            return Ok(Html::new(""));
        }
        let (first, last) = (self.first + 1, (self.first + self.length).min(self.all));
        let [first, last, all] = [first, last, self.all].map(|number| format::count(number as u64));
        let values = Values {
            told: format!("{first} to {last} of {all}"),
            before: (self.page > 1).then(|| asked.on_page(self.page - 1)),
            after: (self.page < self.pages).then(|| asked.on_page(self.page + 1)),
        };
        template(include_str!("paging.html"), &values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thing_is_on_one_page() {
        for (all, length) in [(0usize, 10usize), (1, 10), (10, 10), (11, 10), (25, 10)] {
            let pages = (1..=all.div_ceil(length).max(1)).map(|page| Paging::of(all, length, page));
            let shown: Vec<usize> = pages.flat_map(|paging| paging.cut(0..all)).collect();
            assert_eq!(shown, (0..all).collect::<Vec<_>>());
        }
        assert_eq!(Paging::of(25, 10, 99), Paging::of(25, 10, 3));
    }

    #[test]
    fn links_lead_to_the_neighbours() {
        let asked = Asked::read("page=2").unwrap();
        let html = Paging::of(25, 10, 2).links(&asked).unwrap().to_string();
        assert!(html.contains("11 to 20 of 25") && html.contains("page=3"), "{html}");
        assert_eq!(Paging::of(9, 10, 1).links(&asked).unwrap().to_string(), "");
    }
}
