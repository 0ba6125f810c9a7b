//! Round numbers around measured ones.

/// The finest scale that is proposed for numbers with decimals: so many resolutions between the bounds.
const FINE: f64 = 1e6;
/// The most resolutions between the bounds of any scale (2^24 in the model).
const MOST: f64 = 1e7;
/// The same, squared and times the rows of a person (2^51 in the model).
const MOST_SQUARES: f64 = 1e15;

/// Bounds and resolution, written as TOML numbers.
pub(super) struct Bounds {
    pub(super) lower: String,
    pub(super) upper: String,
    pub(super) resolution: String,
    /// Whether the resolution is coarser than the values.
    pub(super) rounded: bool,
}

/// Bounds well outside `least` and `most` and a resolution of at most `decimals` places; `None` for numbers that no scale
/// can hold.
pub(super) fn bounds(least: f64, most: f64, decimals: usize, rows: u32) -> Option<Bounds> {
    if !(least.abs() < 1e12 && most.abs() < 1e12) {
        return None;
    }
    let (below, above) = (if least < 0.0 { beyond(-least) } else { 0.0 }, if most > 0.0 { beyond(most) } else { 0.0 });
    let span = (below + above).max(f64::MIN_POSITIVE);
    let seen = decimals.min(9) as i32;
    // Places after the point; below 0, zeros before it.
    let places = (-6..=seen).rev().find(|places| {
        let steps = span * 10f64.powi(*places);
        steps <= if *places > 0 { FINE } else { MOST } && steps * steps * f64::from(rows) <= MOST_SQUARES
    })?;
    let resolution = 10f64.powi(-places);
    // A bound between 0 and one resolution moves out to the resolution.
    let outward = |bound: f64| if bound > 0.0 { bound.max(resolution) } else { 0.0 };
    let (lower, upper) = (outward(below), outward(above));
    let write = |number: f64| format!("{number:.*}", places.max(0) as usize);
    let lower = if lower > 0.0 { format!("-{}", write(lower)) } else { "0".to_owned() };
    let upper = if upper > 0.0 || lower != "0" { write(upper) } else { write(resolution) };
    Some(Bounds { lower, upper, resolution: write(resolution), rounded: places < decimals as i32 })
}

/// The smallest of …, 1, 2, 5, 10, 20, … that is above a positive number.
pub(super) fn beyond(number: f64) -> f64 {
    let exponent = number.log10().floor() as i32;
    let steps = (exponent - 1..=exponent + 1).flat_map(|exponent| {
        // 10^-k is not exact in binary, 1 / 10^k is the nearest number.
        let decade = if exponent < 0 { 1.0 / 10f64.powi(-exponent) } else { 10f64.powi(exponent) };
        [decade, 2.0 * decade, 5.0 * decade]
    });
    steps.into_iter().find(|step| *step > number * (1.0 + 1e-9)).unwrap_or(10.0 * number)
}

/// How many decimals the shortest spelling of a number has.
pub(super) fn decimals(number: f64) -> usize {
    number.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len())
}
