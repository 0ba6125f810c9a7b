//! R6: the noise of a sum, of the size of about two of its people's contributions.

use coda_model::frame::SetKey;

use crate::{Layer, StatementKey, integer::rounded, rounding::Perturbation, set_key};

/// Three SDs of Z.
const CLIP: i128 = 196_608;
/// Twelve times the mean of a u16, rounded to a whole number.
const TWELVE_MEANS: i128 = 393_210;

/// Binary digits of a noisy sum after the point: noise in whole numbers would show in an SD of few people, since one
/// divided by their number less one tells that number.
pub(crate) const FRACTION: u32 = 8;

/// A sum about to leave.
pub(crate) struct Sum<'a> {
    /// The power of the value that is summed; 0 for a number of rows.
    pub(crate) power: u8,
    /// The sum itself.
    pub(crate) exact: i128,
    /// SD of the contributions, in 1/65,536 of what the sum is in.
    pub(crate) sd: i128,
    /// Canonical text of the value.
    pub(crate) source: &'a str,
}

impl Perturbation<'_> {
    /// The sum with its noise, `w·s·(Z_R/2 + Z_W·√3/2)`, in 2^-[`FRACTION`] of what it is in.
    pub(crate) fn sum(&self, of: &Sum<'_>, key: SetKey, statement: &StatementKey) -> i128 {
        let Sum { power, exact, sd, source } = of;
        let power = [*power];
        let by_set = match self.rules.set_layer {
            Layer::On => {
                let fields: [&[u8]; 3] = [&set_key::bytes(key), &power, &exact.to_be_bytes()];
                normal(&self.secret.digest("sum", &fields))
            }
            Layer::Off => 0,
        };
        let by_statement = match self.rules.statement_layer {
            Layer::On => {
                let fields: [&[u8]; 3] = [source.as_bytes(), &power, &statement.key];
                normal(&self.secret.digest("sum", &fields))
            }
            Layer::Off => 0,
        };
        let noise = i128::from(self.rules.noise) * sd * (32_768 * by_set + 56_756 * by_statement);
        (exact << FRACTION) + rounded(noise, 1 << (48 - FRACTION))
    }
}

/// Z: a sum of twelve uniform numbers, which is nearly normal, with an SD of 65,536, clipped at three of them.
fn normal(digest: &[u8; 32]) -> i128 {
    let (numbers, _) = digest.as_chunks::<2>();
    let sum: i128 = numbers.iter().take(12).map(|bytes| i128::from(u16::from_be_bytes(*bytes))).sum();
    (sum - TWELVE_MEANS).clamp(-CLIP, CLIP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SiteSecret;

    #[test]
    fn noise_is_nearly_normal_with_an_sd_of_65_536() {
        let secret = SiteSecret::new([3; 32]);
        let draws: Vec<f64> =
            (0u32..20_000).map(|i| normal(&secret.digest("sum", &[&i.to_be_bytes()])) as f64 / 65_536.0).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let sd = (draws.iter().map(|draw| draw * draw).sum::<f64>() / 20_000.0).sqrt();
        assert!(mean.abs() < 0.02 && (sd - 1.0).abs() < 0.02, "{mean} {sd}");
        assert!(draws.iter().all(|draw| draw.abs() <= 3.0));
        let within = draws.iter().filter(|draw| draw.abs() < 1.959_964).count() as f64 / 20_000.0;
        assert!((within - 0.95).abs() < 0.01, "{within}");
    }
}
