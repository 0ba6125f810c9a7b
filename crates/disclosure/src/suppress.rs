//! Secondary suppression.

/// stub until merged
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weight { Small, Free, Known }
/// A cell
#[derive(Clone, Copy, Debug)]
pub struct Cell { pub people: u64, pub weight: Weight }
/// pattern
pub fn pattern(_lengths: &[usize], cells: &[Cell], _least: u64, _order: &dyn Fn(usize) -> u64) -> Vec<bool> { cells.iter().map(|c| c.weight != Weight::Small).collect() }
/// sparse
pub fn sparse(cells: &[Cell]) -> bool { cells.len() >= 4 && 2 * cells.iter().filter(|c| c.weight == Weight::Small).count() > cells.len() }
