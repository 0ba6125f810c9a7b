//! The nine definitions of a sample quantile (Hyndman and Fan 1996, The American Statistician 50(4), 361-365; numpy
//! `method=` `inverted_cdf`, `averaged_inverted_cdf`, `closest_observation`, `interpolated_inverted_cdf`, `hazen`,
//! `weibull`, `linear`, `median_unbiased`, `normal_unbiased`), in whole numbers up to the last division.

/// How many definitions there are; they are called 1 to 9.
pub(crate) const DEFINITIONS: std::ops::RangeInclusive<usize> = 1..=9;

/// The quantile of `percent` of ascending values.
pub(crate) fn quantile(sorted: &[i32], percent: i64, definition: usize) -> f64 {
    let n = i64::try_from(sorted.len()).unwrap();
    let at = |rank: i64| f64::from(sorted[usize::try_from(rank.clamp(1, n) - 1).unwrap()]);
    // The rank n p + m as numerator and denominator; between two ranks the value is on the straight line.
    let (numerator, denominator) = match definition {
        1 => return at((n * percent + 99) / 100),
        2 => {
            let (whole, rest) = ((n * percent).div_euclid(100), (n * percent).rem_euclid(100));
            return if rest > 0 { at(whole + 1) } else { f64::midpoint(at(whole), at(whole + 1)) };
        }
        3 => {
            // m = -1/2: of n p - 1/2 the whole part is j; the value is x_j when nothing is left and j is even.
            let halves = 2 * n * percent - 100;
            let (whole, rest) = (halves.div_euclid(200), halves.rem_euclid(200));
            return at(if rest == 0 && whole % 2 == 0 { whole } else { whole + 1 });
        }
        4 => (n * percent, 100),
        5 => (2 * n * percent + 100, 200),
        6 => ((n + 1) * percent, 100),
        7 => ((n - 1) * percent + 100, 100),
        8 => ((3 * n + 1) * percent + 100, 300),
        9 => (2 * ((4 * n + 1) * percent) + 300, 800),
        _ => panic!("there are nine definitions"),
    };
    let (whole, rest) = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
    let (below, above) = (at(whole), at(whole + 1));
    below + (above - below) * rest as f64 / denominator as f64
}

/// numpy 2.4: `numpy.quantile([0, 0, 1, 3, 3, 4, 9, 12, 12, 20], [0.05, 0.25, 0.5, 0.75, 0.95], method=m)` for m in the
/// order above. The third definition is where g = 0 at 0.05 (j = 0, even) and at 0.25 (j = 2, even).
#[test]
fn the_definitions_agree_with_numpy() {
    let values = [0, 0, 1, 3, 3, 4, 9, 12, 12, 20];
    let numpy = [
        [0.0, 1.0, 3.0, 12.0, 20.0],
        [0.0, 1.0, 3.5, 12.0, 20.0],
        [0.0, 0.0, 3.0, 12.0, 20.0],
        [0.0, 0.5, 3.0, 10.5, 16.0],
        [0.0, 1.0, 3.5, 12.0, 20.0],
        [0.0, 0.75, 3.5, 12.0, 20.0],
        [0.0, 1.5, 3.5, 11.25, 16.4],
        [0.0, 0.916_666_666_666_666_5, 3.5, 12.0, 20.0],
        [0.0, 0.9375, 3.5, 12.0, 20.0],
    ];
    for (definition, row) in DEFINITIONS.zip(numpy) {
        for (percent, numpy) in [5, 25, 50, 75, 95].into_iter().zip(row) {
            let found = quantile(&values, percent, definition);
            assert!((found - numpy).abs() < 1e-12, "{definition} at {percent}: {found} and {numpy}");
        }
    }
}
