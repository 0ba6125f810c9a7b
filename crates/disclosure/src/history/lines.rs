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

/// Looks from `eye` for points behind each other.
pub(super) fn through<'a>(eye: [u64; 2], points: &(impl Iterator<Item = &'a [u64; 2]> + Clone)) -> Found {
    let away = || points.clone().map(|point| [field::subtract(eye[0], point[0]), field::subtract(eye[1], point[1])]);
    let across: Vec<u64> = away().map(|away| away[1]).collect();
    let mut slopes = field::inverses(&across);
    for (slope, away) in slopes.iter_mut().zip(away()) {
        *slope = field::multiply(*slope, away[0]);
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
    let is_eye = |place: usize| points.clone().nth(place) == Some(&eye);
    let on_it = numbered().filter(|(place, slope)| **slope == 0 && is_eye(*place)).map(|(place, _)| place).collect();
    let behind = numbered().filter(|(place, slope)| twice.has(**slope) && (**slope != 0 || !is_eye(*place)));
    let mut behind: Vec<(u64, usize)> = behind.map(|(place, slope)| (*slope, place)).collect();
    behind.sort_unstable();
    let lines = behind.chunk_by(|one, other| one.0 == other.0).filter(|line| line.len() > 1);
    Found { on_it, lines: lines.map(|line| line.iter().map(|(_, place)| *place).collect()).collect() }
}
