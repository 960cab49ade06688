//! Marks that tell methods apart without colour.

/// The shapes of marks around their origin, by place: filled ones, then hollow ones.
const SHAPES: [&str; 6] = [
    "M-4.5 0A4.5 4.5 0 1 0 4.5 0A4.5 4.5 0 1 0 -4.5 0Z",
    "M-4 -4H4V4H-4Z",
    "M0 -5L5 4H-5Z",
    "M0 -5.5L5.5 0L0 5.5L-5.5 0Z",
    "M-5 -4H5L0 5Z",
    "M-1.5 -5H1.5V-1.5H5V1.5H1.5V5H-1.5V1.5H-5V-1.5H-1.5Z",
];

/// The number of methods that have a mark of their own.
pub(super) const MARKS: usize = 2 * SHAPES.len();

/// The class of a method's line and marks: a colour, and in the second half hollow marks and a dashed line.
pub(super) fn class(place: usize) -> String {
    let at = (place - 1) % MARKS;
    let hollow = if at < SHAPES.len() { "" } else { " hollow" };
    format!("m{}{hollow}", at % SHAPES.len() + 1)
}

/// The mark of a method at `x` (a length with its unit) and `y`: paths know no percentages, nested drawings do.
pub(super) fn mark(place: usize, x: &str, y: f64) -> String {
    let shape = SHAPES[(place - 1) % SHAPES.len()];
    format!(
        "<svg class=\"point\" x=\"{x}\" y=\"{y:.1}\"><path class=\"sign {}\" d=\"{shape}\"/></svg>",
        class(place)
    )
}
