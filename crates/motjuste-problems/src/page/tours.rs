//! A round trip on the map of its points.

use std::collections::HashSet;
use std::fmt::Write;

use motjuste_page::chart::{Chart, tooltip};
use motjuste_page::{Html, format};

/// The side of the map, in units of its own; the page decides how large it is.
const SIDE: f64 = 300.0;
/// What is left free around the points.
const RIM: f64 = 14.0;

/// A tour to draw.
pub(super) struct Map<'a> {
    /// Tells this drawing from the others of the page.
    pub id: String,
    pub points: &'a [[i64; 2]],
    pub tour: &'a [usize],
    /// Another tour; the ways that it does not take stand out.
    pub beside: &'a [usize],
    /// What is said above it.
    pub lead: String,
}

/// The picture; the first point of the tour is ringed.
pub(super) fn draw(map: &Map<'_>) -> Chart {
    let position = positions(map.points);
    let shared: HashSet<(usize, usize)> = ways(map.beside).collect();
    let mut svg = String::new();
    for (a, b) in ways(map.tour) {
        let class = if shared.contains(&(a, b)) { "way" } else { "way other" };
        let ((x1, y1), (x2, y2)) = (position(a), position(b));
        let _ = writeln!(
            svg,
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        );
    }
    let size = if map.points.len() > 30 { 3.0 } else { 4.0 };
    for (number, [x, y]) in map.points.iter().enumerate() {
        let (cx, cy) = position(number);
        let label = tooltip(&format!("point {number}: ({x}, {y})"));
        let _ = writeln!(
            svg,
            "<circle class=\"new\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"{size}\">{label}</circle>"
        );
    }
    if let Some(&first) = map.tour.first() {
        let (cx, cy) = position(first);
        let _ = writeln!(svg, "<circle class=\"ring\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"8\"/>");
    }
    Chart { lead: map.lead.clone(), legend: Vec::new(), svg: Some(frame(&map.id, &map.lead, &svg)) }
}

/// The ways of a closed tour, each with its smaller end first.
fn ways(tour: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    let next = tour.iter().skip(1).chain(tour.first());
    tour.iter().zip(next).map(|(&a, &b)| (a.min(b), a.max(b)))
}

/// From a point's number to its position, both directions to the same scale, north above.
fn positions(points: &[[i64; 2]]) -> impl Fn(usize) -> (f64, f64) {
    let ends = [0, 1].map(|axis| {
        let along = points.iter().map(|point| point[axis] as f64);
        (along.clone().fold(f64::INFINITY, f64::min), along.fold(f64::NEG_INFINITY, f64::max))
    });
    let wide = ends.iter().map(|(low, high)| high - low).fold(1.0, f64::max);
    let scale = (SIDE - 2.0 * RIM) / wide;
    move |number| {
        let [x, y] = [0, 1].map(|axis| {
            let ((low, high), at) = (ends[axis], points[number][axis] as f64);
            (at - (low + high) / 2.0) * scale
        });
        (SIDE / 2.0 + x, SIDE / 2.0 - y)
    }
}

fn frame(id: &str, name: &str, body: &str) -> Html {
    Html::new(format!(
        "<svg class=\"map\" viewBox=\"0 0 {SIDE} {SIDE}\" role=\"img\" aria-labelledby=\"{id}-name\">\n\
         <title id=\"{id}-name\">{}</title>\n{body}</svg>",
        format::escaped(name)
    ))
}
