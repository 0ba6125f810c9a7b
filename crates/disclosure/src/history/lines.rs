//! Which points of a projective plane lie on a line with another.
//!
//! What three vectors add up to over records, their ratios alone, is a point. Of three such points one is a combination of the two
//! others if and only if they lie on a line, but for a chance of one in 2^61.

use super::{field, met::Met};

/// The points that lie on lines through an eye.
pub(super) struct Found {
    /// The places of points that are the eye.
    pub(super) on_it: Vec<usize>,
    /// The places of points that lie behind each other.
    pub(super) lines: Vec<Vec<usize>>,
}

/// How many slopes are taken at once: so few that what is worked on stays close to the processor.
const BLOCK: usize = 512;

/// Looks from `eye` for points behind each other. The places are those among the first points, then the others.
pub(super) fn through(eye: [u64; 2], points: [&[[u64; 2]]; 2]) -> Found {
    let mut slopes: Vec<u64> = Vec::with_capacity(points.iter().map(|points| points.len()).sum());
    for points in points.iter().flat_map(|points| points.chunks(BLOCK)) {
        let away = || points.iter().map(|[x, y]| [field::subtract(eye[0], *x), field::subtract(eye[1], *y)]);
        let across: Vec<u64> = away().map(|[_, y]| y).collect();
        slopes.extend(away().zip(field::inverses(&across)).map(|([x, _], inverse)| field::multiply(x, inverse)));
    }
    let mut met = Met::for_about(slopes.len());
    let mut twice = Met::for_about(slopes.len());
    for slope in &slopes {
        if met.meet(*slope) {
            twice.meet(*slope);
        }
    }
    let numbered = || (0..).zip(&slopes);
    // The eye's own points have a slope of nought. So has, by what the inverse of nought is, what lies straight across; that has a
    // chance of one in 2^61.
    let is_eye = |place: usize| points.iter().copied().flatten().nth(place) == Some(&eye);
    let on_it = numbered().filter(|(place, slope)| **slope == 0 && is_eye(*place)).map(|(place, _)| place).collect();
    let behind = numbered().filter(|(place, slope)| twice.has(**slope) && (**slope != 0 || !is_eye(*place)));
    let mut behind: Vec<(u64, usize)> = behind.map(|(place, slope)| (*slope, place)).collect();
    behind.sort_unstable();
    let lines = behind.chunk_by(|one, other| one.0 == other.0).filter(|line| line.len() > 1);
    Found { on_it, lines: lines.map(|line| line.iter().map(|(_, place)| *place).collect()).collect() }
}
