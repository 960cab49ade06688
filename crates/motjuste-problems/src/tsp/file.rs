//! Published instances: `tsp.json`.

use std::path::Path;

use motjuste::{Error, Result};
use serde::Deserialize;

use super::{Instance, Tour};

/// An instance with its start tours and what is known of its optimum.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its name in the file.
    pub name: String,
    /// The points.
    pub instance: Instance,
    /// The tours that the search begins with.
    pub start: Vec<Tour>,
    /// The shortest tour known.
    pub oracle: Tour,
    /// Whether that tour is proven to be the shortest.
    pub exact: bool,
}

#[derive(Deserialize)]
struct File {
    instances: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    points: Vec<[i64; 2]>,
    oracle: Oracle,
    oracle_tour: Tour,
    start_tours: Vec<Tour>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Oracle {
    Exact,
    BestKnown,
}

/// Every instance of the file, in order.
///
/// # Errors
/// [`Error::is_data`] when the file cannot be read, has another form, or names a point that is not
/// there.
pub fn load(path: &Path) -> Result<Vec<Published>> {
    let bad = |what: String| {
        Error::data(format!("{}: {what}", path.display()))
            .with_help("give a file of instances with points, oracle, oracle_tour and start_tours")
    };
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    let file: File = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    file.instances.into_iter().map(|entry| published(entry).map_err(bad)).collect()
}

fn published(entry: Entry) -> Result<Published, String> {
    let all: Tour = (0..entry.points.len()).collect();
    for tour in entry.start_tours.iter().chain([&entry.oracle_tour]) {
        let mut sorted = tour.clone();
        sorted.sort_unstable();
        if sorted != all {
            return Err(format!("instance {}: a tour does not visit every point once", entry.name));
        }
    }
    Ok(Published {
        name: entry.name,
        instance: Instance::new(entry.points),
        start: entry.start_tours,
        oracle: entry.oracle_tour,
        exact: entry.oracle == Oracle::Exact,
    })
}
