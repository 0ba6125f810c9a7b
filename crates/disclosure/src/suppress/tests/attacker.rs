//! What a reader may work out. Shares no code and no method with what it attacks.

use crate::suppress::{Cell, Weight, pattern};

/// What the reader knows besides margins of at least the threshold.
#[derive(Clone, Copy)]
pub(super) enum Knowledge<'a> {
    Margins,
    Shown(&'a [bool]),
}

/// A table with its margins: rows and columns, the last of each being the margins.
pub(super) struct Table {
    rows: usize,
    columns: usize,
    people: Vec<Vec<u64>>,
    least: u64,
    /// Margins that are withheld though large.
    hidden: Vec<(usize, usize)>,
}

/// More than any count.
const MANY: i64 = 1 << 40;

impl Table {
    pub(super) fn new([rows, columns]: [usize; 2], people: &[u64], least: u64) -> Self {
        let mut full: Vec<Vec<u64>> = people.chunks(columns).map(<[u64]>::to_vec).collect();
        for row in &mut full {
            row.push(row.iter().sum());
        }
        full.push((0..=columns).map(|column| full.iter().map(|row| row[column]).sum()).collect());
        Self { rows, columns, people: full, least, hidden: vec![] }
    }

    /// The same for a reader who was not told some large margins.
    pub(super) fn without(mut self, margins: Vec<(usize, usize)>) -> Self {
        self.hidden = margins;
        self
    }

    /// The row and column of a cell; the margins are in the last of each.
    pub(super) fn people(&self, (row, column): (usize, usize)) -> u64 {
        self.people[row][column]
    }

    /// Least and most a cell of the full table may be for the reader.
    fn bounds(&self, knowledge: Knowledge<'_>, row: usize, column: usize) -> (i64, i64) {
        let known = if row == self.rows || column == self.columns {
            self.people[row][column] >= self.least && !self.hidden.contains(&(row, column))
        } else {
            matches!(knowledge, Knowledge::Shown(shown) if shown[row * self.columns + column])
        };
        let people = self.people[row][column] as i64;
        if known { (people, people) } else { (0, MANY) }
    }

    /// Whether some table that fits what the reader knows has this value in a cell.
    ///
    /// By Hoffman's circulation theorem: a table exists if and only if for each set of lines what must flow in is no more than
    /// what may flow out. Given the rows of the set, each column is best in or out by itself.
    pub(super) fn may_be(&self, knowledge: Knowledge<'_>, spot: (usize, usize), value: u64) -> bool {
        (0..1usize << (self.rows + 1)).all(|set| {
            let column = |column: usize| {
                let slack = |inside: bool| -> i64 {
                    let arc = |row: usize| {
                        let row_inside = set >> row & 1 == 1;
                        let (least, most) = if (row, column) == spot {
                            (value as i64, value as i64)
                        } else {
                            self.bounds(knowledge, row, column)
                        };
                        // Inner cells and the total flow from row to column, margins from column to row.
                        let along = (row == self.rows) == (column == self.columns);
                        match (row_inside, inside) {
                            (true, false) => {
                                if along {
                                    most
                                } else {
                                    -least
                                }
                            }
                            (false, true) => {
                                if along {
                                    -least
                                } else {
                                    most
                                }
                            }
                            _ => 0,
                        }
                    };
                    (0..=self.rows).map(arc).sum()
                };
                slack(true).min(slack(false))
            };
            (0..=self.columns).map(column).sum::<i64>() >= 0
        })
    }

    /// The same by going through all tables with cells up to nine and shown cells as they are.
    pub(super) fn is_found(&self, shown: &[bool], place: usize, value: u64) -> bool {
        let mut filled = vec![0; self.rows * self.columns];
        self.fill(shown, (place, value), &mut filled, 0)
    }

    fn fill(&self, shown: &[bool], fixed: (usize, u64), filled: &mut [u64], at: usize) -> bool {
        let (rows, columns) = (self.rows, self.columns);
        if at == filled.len() {
            let table = Table::new([rows, columns], filled, self.least);
            return (0..=rows).all(|row| {
                (0..=columns).all(|column| {
                    let (least, most) = self.bounds(Knowledge::Shown(shown), row, column);
                    (least..=most).contains(&(table.people[row][column] as i64))
                })
            });
        }
        let choices = match (shown[at], at == fixed.0) {
            (true, true) if self.people[at / columns][at % columns] != fixed.1 => return false,
            (_, true) => fixed.1..=fixed.1,
            (true, false) => self.people[at / columns][at % columns]..=self.people[at / columns][at % columns],
            (false, false) => 0..=9,
        };
        for choice in choices {
            filled[at] = choice;
            // A row that is full must fit already.
            let row = at / columns;
            let (least, most) = self.bounds(Knowledge::Shown(shown), row, columns);
            let sum = filled[row * columns..=at].iter().sum::<u64>() as i64;
            let fits = !(at + 1).is_multiple_of(columns) || (least..=most).contains(&sum);
            if fits && self.fill(shown, fixed, filled, at + 1) {
                return true;
            }
        }
        false
    }
}

/// Whether each of some withheld counts may be anything from none to one under the threshold, for who knows their sum and that
/// one of them is large.
pub(super) fn sums(counts: usize, total: u64, least: u64) -> bool {
    // reached[large][sum]: whether that many others may have the sum, one of them being large or not.
    let mut reached = vec![vec![false; total as usize + 1]; 2];
    reached[0][0] = true;
    for _ in 1..counts {
        let mut next = vec![vec![false; total as usize + 1]; 2];
        for large in 0..2 {
            for sum in (0..=total).filter(|sum| reached[large][*sum as usize]) {
                for more in 0..=total - sum {
                    next[large.max(usize::from(more >= least))][(sum + more) as usize] = true;
                }
            }
        }
        reached = next;
    }
    (0..least).all(|value| value <= total && reached[1][(total - value) as usize])
}

/// Goes through all lines with the same shown cells, the same total and the same pattern; each small cell must be any small
/// number in one of them.
pub(super) fn knows_the_algorithm(people: &[u64], least: u64, order: &dyn Fn(usize) -> u64) {
    let decide = |people: &[u64]| {
        let cells: Vec<Cell> = people
            .iter()
            .map(|people| Cell { people: *people, weight: if *people >= least { Weight::Free } else { Weight::Small } })
            .collect();
        pattern(&[people.len()], &cells, least, order)
    };
    let out = decide(people);
    let hidden: Vec<usize> = (0..people.len()).filter(|place| !out[*place]).collect();
    let total: u64 = hidden.iter().map(|place| people[*place]).sum();
    if people.iter().sum::<u64>() < least {
        return;
    }
    let mut open: Vec<(usize, u64)> = hidden
        .iter()
        .filter(|place| people[**place] < least)
        .flat_map(|place| (0..least).map(|value| (*place, value)))
        .collect();
    let mut line = people.to_vec();
    each(&mut line, &hidden, total, &mut |line| {
        if open.iter().any(|(place, value)| line[*place] == *value) && decide(line) == out {
            open.retain(|(place, value)| line[*place] != *value);
        }
        open.is_empty()
    });
    assert!(open.is_empty(), "{people:?} {out:?}: not possible are {open:?}");
}

/// Each way to share a sum among places, until told to stop.
fn each(line: &mut Vec<u64>, places: &[usize], rest: u64, stop: &mut dyn FnMut(&[u64]) -> bool) -> bool {
    match places {
        [] => rest == 0 && stop(line),
        [last] => {
            line[*last] = rest;
            stop(line)
        }
        [first, others @ ..] => (0..=rest).any(|count| {
            line[*first] = count;
            each(line, others, rest - count, stop)
        }),
    }
}
