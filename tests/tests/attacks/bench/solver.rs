//! What an attacker computes with: which sums follow from others, by elimination modulo a prime, which tells of rational
//! equations whatever it tells of integers.

/// 2^61 - 1.
const PRIME: u64 = (1 << 61) - 1;

/// Equations over unknowns, each row reduced, with the place of its leading one.
pub(crate) struct System {
    unknowns: usize,
    rows: Vec<(usize, Vec<u64>)>,
}

impl System {
    pub(crate) fn new(unknowns: usize) -> Self {
        Self { unknowns, rows: Vec::new() }
    }

    /// Takes note that the sum over these unknowns is known.
    pub(crate) fn learn(&mut self, of: impl IntoIterator<Item = usize>) {
        let mut row = self.rest(of);
        let Some(lead) = row.iter().position(|value| *value != 0) else { return };
        let scale = power(row[lead], PRIME - 2);
        for value in &mut row {
            *value = times(*value, scale);
        }
        for (_, other) in &mut self.rows {
            subtract(other, &row, lead);
        }
        self.rows.push((lead, row));
    }

    /// Whether the sum over these unknowns follows from the known ones.
    pub(crate) fn knows(&self, of: impl IntoIterator<Item = usize>) -> bool {
        self.rest(of).iter().all(|value| *value == 0)
    }

    /// The unknowns whose own values follow.
    pub(crate) fn singles(&self) -> Vec<usize> {
        (0..self.unknowns).filter(|unknown| self.knows([*unknown])).collect()
    }

    fn rest(&self, of: impl IntoIterator<Item = usize>) -> Vec<u64> {
        let mut row = vec![0; self.unknowns];
        for place in of {
            row[place] = 1;
        }
        for (lead, other) in &self.rows {
            subtract(&mut row, other, *lead);
        }
        row
    }
}

/// Takes so much of another row away that nothing is left at its leading one.
fn subtract(row: &mut [u64], other: &[u64], lead: usize) {
    let factor = row[lead];
    if factor != 0 {
        row.iter_mut().zip(other).for_each(|(value, other)| *value = (*value + PRIME - times(factor, *other)) % PRIME);
    }
}

fn times(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(PRIME)) as u64
}

fn power(base: u64, exponent: u64) -> u64 {
    match exponent {
        0 => 1,
        _ if exponent % 2 == 1 => times(base, power(base, exponent - 1)),
        _ => power(times(base, base), exponent / 2),
    }
}
