//! A release looks at nothing but its own sets.

use coda_model::frame::{Guard, Shown};
use rand::RngExt;

use crate::world::{ask, people, released, rng, rules, secret, told};

#[test]
fn a_cell_is_told_whatever_the_others_are() {
    let (secret, rules, mut rng) = (secret(8), rules(5), rng(8));
    for _ in 0..500 {
        let own = people(rng.random_range(0..40), rng.random());
        let mut beside = |most: u64| {
            let others = (0..3).map(|_| people(rng.random_range(0..most), rng.random())).collect::<Vec<_>>();
            let ask = ask(Guard::Each, [vec![own.clone()], others].concat(), Vec::new(), None);
            released(&ask, &secret, &rules, "all").frames().asks[0][0].slots[0].clone()
        };
        assert_eq!(beside(3), beside(500));
    }
}

/// The told count of R13 is that of a release.
#[test]
fn one_count_is_told_as_a_release_tells_it() {
    let (secret, rules, mut rng) = (secret(9), rules(5), rng(9));
    for _ in 0..500 {
        let (count, key, text) = (rng.random_range(0..60), rng.random::<u64>(), rng.random::<u64>().to_string());
        let ask = ask(Guard::Each, vec![people(count, key)], Vec::new(), None);
        let total = released(&ask, &secret, &rules, &text).frames().total;
        let alone = told(&rules, &secret, count, key, &text);
        assert_eq!(total.value().map(|total| total.people.0), alone, "{count}");
        assert!(alone.is_some() || total == Shown::Suppressed);
    }
}
