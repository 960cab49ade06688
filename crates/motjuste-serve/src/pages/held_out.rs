//! The held-out rows: what the winner, the person's own prompt and the baselines answered, side by side.

use motjuste::Result;
use motjuste::journal::Assessment;
use motjuste::task::Example;
use motjuste_page::{Html, parts, template};
use serde::Serialize;

use super::asked::Asked;
use super::document::{Document, Follows};
use super::links::Links;
use super::matrix::{self, Column};
use crate::shelf::Folded;

#[derive(Serialize)]
struct Values {
    proof: Html,
    matrix: Html,
}

/// The page; none before the held-out scores are there.
pub(crate) fn held_out(
    folded: &Folded,
    examples: Option<&[Example]>,
    asked: &Asked,
    links: &Links,
) -> Result<Option<String>> {
    let Some(assessment) = &folded.outcome.assessment else { return Ok(None) };
    let values = Values {
        proof: parts::proof(&folded.report())?,
        matrix: matrix::draw(&columns(assessment), examples, asked)?,
    };
    let document = Document {
        title: "Held-out rows",
        trail: vec![
            ("Studies".to_owned(), Some(links.root())),
            (folded.study.clone(), Some(links.study(&folded.study))),
            ("held-out rows".to_owned(), None),
        ],
        follows: Follows::These(vec![folded.study.clone()]),
        body: template(include_str!("held_out.html"), &values)?,
    };
    document.into_html(links).map(Some)
}

/// A column for each instruction that was scored on the held-out rows.
fn columns(assessment: &Assessment) -> Vec<Column<'_>> {
    let winner = assessment.winner.iter().map(|winner| ("best found", winner));
    let yours = assessment.yours.iter().map(|yours| ("yours", yours));
    let others = [("Manual", &assessment.manual), ("Empty", &assessment.empty)];
    let all = winner.chain(yours).chain(others);
    all.map(|(title, one)| Column { title: title.to_owned(), evaluation: &one.test }).collect()
}
