//! Which points of a projective plane lie on a line with another.
//!
//! What three vectors add up to over records, their ratios alone, is a point. Of three such points one is a combination of the two
//! others if and only if they lie on a line, but for a chance of one in 2^61.

use super::field;

/// Bits for each point in the table of lines met.
const ROOM: usize = 32;

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
    // Slopes are random, so that few have the bit of another by chance.
    let mut met = Met::new(ROOM * slopes.len());
    let mut twice = Met::new(ROOM * slopes.len());
    for slope in &slopes {
        if met.meet(*slope) {
            twice.meet(*slope);
        }
    }
    let numbered = || (0..).zip(&slopes);
    // What is the eye itself has a slope of nought.
    let is_eye = |place: usize| points.clone().nth(place) == Some(&eye);
    let on_it = numbered().filter(|(place, slope)| **slope == 0 && is_eye(*place)).map(|(place, _)| place).collect();
    let behind = numbered().filter(|(place, slope)| twice.is_met(**slope) && (**slope != 0 || !is_eye(*place)));
    let mut behind: Vec<(u64, usize)> = behind.map(|(place, slope)| (*slope, place)).collect();
    behind.sort_unstable();
    let lines = behind.chunk_by(|one, other| one.0 == other.0).filter(|line| line.len() > 1);
    Found { on_it, lines: lines.map(|line| line.iter().map(|(_, place)| *place).collect()).collect() }
}

/// Numbers met, a bit for each, which others may share.
struct Met(Vec<u64>);

impl Met {
    fn new(bits: usize) -> Self {
        Self(vec![0; (bits / 64).next_power_of_two()])
    }

    /// Whether a number was met before, maybe; notes that it is.
    fn meet(&mut self, number: u64) -> bool {
        let word = (number >> 6) as usize & (self.0.len() - 1);
        let Some(word) = self.0.get_mut(word) else { return false };
        let bit = 1 << (number & 63);
        let is_met = *word & bit != 0;
        *word |= bit;
        is_met
    }

    fn is_met(&self, number: u64) -> bool {
        let word = (number >> 6) as usize & (self.0.len() - 1);
        self.0.get(word).is_some_and(|word| word >> (number & 63) & 1 == 1)
    }
}
