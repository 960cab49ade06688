//! The points, their distances, and the tours to start from.

use motjuste::random::Streams;
use motjuste_gp::special::uniform;
use rand::seq::SliceRandom;

use super::Tour;

/// Points in the plane and the distances between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    points: Vec<[i64; 2]>,
    distances: Vec<f64>,
}

impl Instance {
    /// An instance of these points.
    pub fn new(points: Vec<[i64; 2]>) -> Self {
        let distance =
            |a: &[i64; 2], b: &[i64; 2]| ((a[0] - b[0]) as f64).hypot((a[1] - b[1]) as f64);
        let distances =
            points.iter().flat_map(|a| points.iter().map(move |b| distance(a, b))).collect();
        Self { points, distances }
    }

    /// `n` points with coordinates uniform in [-100, 100], cut to whole numbers.
    pub fn draw(n: usize, streams: Streams) -> Self {
        let mut stream = streams.stream("tsp points", 0);
        let mut coordinate = || (200.0 * uniform(&mut stream) - 100.0).trunc() as i64;
        Self::new((0..n).map(|_| [coordinate(), coordinate()]).collect())
    }

    /// The points.
    pub fn points(&self) -> &[[i64; 2]] {
        &self.points
    }

    /// The Euclidean distance between two points.
    pub fn distance(&self, a: usize, b: usize) -> f64 {
        self.distances[a * self.points.len() + b]
    }

    /// The length of the closed tour.
    pub fn length(&self, tour: &[usize]) -> f64 {
        let next = tour.iter().cycle().skip(1);
        tour.iter().zip(next).map(|(&a, &b)| self.distance(a, b)).sum()
    }
}

/// Random tours from point 0, all different from `oracle`: what the search begins with.
///
/// Fewer than `count` where there are not so many tours.
pub fn start_tours(n: usize, oracle: &[usize], count: usize, streams: Streams) -> Vec<Tour> {
    let mut stream = streams.stream("tsp start", 0);
    let mut tours: Vec<Tour> = Vec::new();
    // A bound on the draws: three points have but two tours.
    for _ in 0..100 * count {
        let mut tour: Tour = (0..n).collect();
        tour[n.min(1)..].shuffle(&mut stream);
        if tours.len() < count && tour != oracle && !tours.contains(&tour) {
            tours.push(tour);
        }
    }
    tours
}
