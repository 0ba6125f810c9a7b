//! R6 and R7 over random sets: a mean is told exactly where its count is, within the bounds, and the same for one set under one statement of one build.

use coda_model::{
    frame::{FINE, Guard},
    scale::Scale,
};
use rand::RngExt;

use crate::world::{ask, released, rng, rules, secret, slot};

#[test]
fn a_mean_is_told_where_its_count_is_and_lies_within_the_bounds() {
    let (rules, mut rng) = (rules(5), rng(10));
    let scales = [(0.0, 1.0, 1.0), (0.0, 110.0, 1.0), (-40.0, 60.0, 0.1), (0.0, 4_000_000.0, 0.25)];
    for scale in scales.map(|(lower, upper, resolution)| Scale::new(lower, upper, resolution).unwrap()) {
        for _ in 0..1_000 {
            let (people, top) = (rng.random_range(0..60), rng.random_range(0..=i128::from(scale.span())));
            let codes: Vec<i128> = (0..people).map(|_| rng.random_range(0..=top)).collect();
            let ask = ask(Guard::All, vec![slot(&codes, rng.random())], Vec::new(), Some(scale));
            let secret = secret(rng.random());
            let release = released(&ask, &secret, &rules, "all");
            let frame = &release.frames().asks[0][0];
            assert_eq!(frame.slots[0].value().map(|slot| slot.count), frame.valid.value().copied());
            if let Some(slot) = frame.slots[0].value() {
                let (sums, rows) = (slot.sums.as_ref().unwrap(), i128::from(slot.count.rows.0));
                assert!((0..=(rows * i128::from(scale.span())) << FINE).contains(&sums.x));
                // No variance is negative: q is at least x²/n.
                assert!(sums.q / rows >= (sums.x / rows).pow(2) - 1);
            }
            assert_eq!(release, released(&ask, &secret, &rules, "all"));
        }
    }
}
