//! A square matrix over the field as the product of a lower and an upper triangle, grown by one row and one column at a
//! time ("bordering"; Golub and Van Loan, *Matrix Computations*, 4th ed., 3.2).

use super::field;

/// The triangles. Rows are named before columns: row i of the matrix is the i-th set, column j the j-th pivot.
#[derive(Default)]
pub(super) struct Factor {
    /// Row i of the lower triangle left of its diagonal, which is all ones: i numbers.
    lower: Vec<Vec<u64>>,
    /// Column j of the upper triangle above its diagonal: j numbers.
    upper: Vec<Vec<u64>>,
    /// One over the diagonal of the upper triangle.
    inverse: Vec<u64>,
}

impl Factor {
    /// The row of the lower triangle that `row` of the matrix would get: x with x U = `row`.
    pub(super) fn lower_of(&self, row: &[u64]) -> Vec<u64> {
        let first = row.iter().position(|value| *value != 0).unwrap_or(row.len());
        let mut result: Vec<u64> = vec![0; first.min(row.len())];
        result.reserve(row.len() - result.len());
        for ((value, column), inverse) in row.iter().zip(&self.upper).zip(&self.inverse).skip(first) {
            let known = dot_from(first, &result, column);
            result.push(field::multiply(field::subtract(*value, known), *inverse));
        }
        result
    }

    /// The column of the upper triangle that `column` of the matrix would get: u with L u = `column`.
    pub(super) fn upper_of(&self, column: &[u64]) -> Vec<u64> {
        let first = column.iter().position(|value| *value != 0).unwrap_or(column.len());
        let mut result: Vec<u64> = vec![0; first.min(column.len())];
        result.reserve(column.len() - result.len());
        for (value, row) in column.iter().zip(&self.lower).skip(first) {
            let known = dot_from(first, &result, row);
            result.push(field::subtract(*value, known));
        }
        result
    }

    /// The weights of the matrix' rows that add up to the row whose [`Self::lower_of`] this is: w with w L = `lower`.
    pub(super) fn weights(&self, mut lower: Vec<u64>) -> Vec<u64> {
        for (index, row) in self.lower.iter().enumerate().rev() {
            let (before, rest) = lower.split_at_mut_checked(index).unwrap_or_default();
            if let Some(weight) = rest.first()
                && *weight != 0
            {
                field::take(before, *weight, row);
            }
        }
        lower
    }

    /// Borders the matrix by a row and a column, given in the triangles' terms, and the diagonal's last number, not nought.
    pub(super) fn grow(&mut self, mut lower: Vec<u64>, mut upper: Vec<u64>, diagonal: u64) {
        lower.shrink_to_fit();
        upper.shrink_to_fit();
        self.lower.push(lower);
        self.upper.push(upper);
        self.inverse.push(field::inverse(diagonal));
    }

    /// Solves B z = `values` in place, for `width` right sides at once: `values` holds a row of `width` for each row of B.
    pub(super) fn solve(&self, values: &mut [u64], width: usize) {
        if width == 0 {
            return;
        }
        for (index, row) in self.lower.iter().enumerate() {
            let (before, rest) = values.split_at_mut_checked(index * width).unwrap_or_default();
            let Some(target) = rest.get_mut(..width) else { return };
            take_rows(target, row, before);
        }
        for (index, (column, inverse)) in self.upper.iter().zip(&self.inverse).enumerate().rev() {
            let (before, rest) = values.split_at_mut_checked(index * width).unwrap_or_default();
            let Some(solved) = rest.get_mut(..width) else { return };
            for value in &mut *solved {
                *value = field::multiply(*value, *inverse);
            }
            for (target, factor) in before.chunks_exact_mut(width).zip(column) {
                if *factor != 0 {
                    field::take(target, *factor, solved);
                }
            }
        }
    }
}

/// The sum of products from place `first` on.
fn dot_from(first: usize, left: &[u64], right: &[u64]) -> u64 {
    field::dot(left.get(first..).unwrap_or_default(), right.get(first..).unwrap_or_default())
}

/// Takes from `target` the rows weighted by `factors`, with one reduction for many rows.
fn take_rows(target: &mut [u64], factors: &[u64], rows: &[u64]) {
    const AT_ONCE: usize = 32;
    let width = target.len();
    let mut sums = vec![0_u128; width];
    for (factors, rows) in factors.chunks(AT_ONCE).zip(rows.chunks(AT_ONCE * width)) {
        for (factor, row) in factors.iter().zip(rows.chunks_exact(width)) {
            if *factor == 0 {
                continue;
            }
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum = sum.wrapping_add(u128::from(*factor) * u128::from(*value));
            }
        }
        for (sum, target) in sums.iter_mut().zip(&mut *target) {
            *target = field::subtract(*target, field::reduce(*sum));
            *sum = 0;
        }
    }
}
