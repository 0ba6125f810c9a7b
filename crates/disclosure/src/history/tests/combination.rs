//! What is answered in the place of a set that is, but for few people or none, a combination of released ones.

use proptest::{
    collection::vec,
    prelude::{any, prop_assert, prop_assert_eq, proptest},
};

use super::{Near, Oracle, SEED, Set, Universe, ask, cases, mix, set, sets, text};

proptest! {
    #![proptest_config(cases())]

    /// What stands in is in the row space, of enough people, and close to what was asked; and nothing stands in only where
    /// nothing can: all sets close by are tried.
    #[test]
    fn what_stands_in_follows_from_what_was_released(
        count in 8_u32..20, least in 3_u64..=5, asks in vec(ask(), 2..24), kept in 0_usize..6,
    ) {
        let mut universe = Universe::people(count, least, SEED);
        let mut oracle = Oracle::new(count as usize);
        for (number, asked) in sets(count, &asks).into_iter().enumerate() {
            if number % 3 == 0 {
                universe.prepare(kept);
            }
            let name = text(number as u64);
            let depends = !oracle.clone().add(&asked);
            prop_assert_eq!(universe.depends(&asked), depends);
            if universe.near(&name, &asked) != Near::Far || asked.len() < least {
                continue;
            }
            let close: Vec<Set> =
                oracle.combinations_near(&asked, least).into_iter().filter(|set| set.len() >= least).collect();
            if let Some(combination) = universe.combination(&asked) {
                prop_assert!(close.contains(&combination), "of set {}", number);
                continue;
            }
            prop_assert!(close.is_empty(), "of set {}", number);
            if !universe.discloses(&[&asked]) {
                oracle.add(&asked);
                if number % 2 == 0 {
                    universe.insert(name, asked);
                } else {
                    universe.hold(name, asked);
                }
            }
        }
    }

    /// Whoever is in or out of a combination, fewer than k of them, it or another as close stands in.
    #[test]
    fn who_is_missing_makes_no_difference(
        count in 40_u32..64, asks in vec(ask(), 3..12), weights in any::<u64>(), few in vec(0_u32..64, 0..5),
    ) {
        let mut universe = Universe::people(count, 5, SEED);
        let mut released: Vec<Set> = Vec::new();
        for (number, asked) in sets(count, &asks).into_iter().enumerate() {
            let name = text(number as u64);
            if universe.near(&name, &asked) == Near::Far && asked.len() > 8 && !universe.discloses(&[&asked]) {
                universe.insert(name, asked.clone());
                released.push(asked);
            }
        }
        let few: Set = few.iter().copied().filter(|person| *person < count).collect();
        for pair in 0..8 {
            let number = |place: u64| mix(weights ^ (pair * 4 + place)) as usize % released.len();
            let (one, other) = (&released[number(0)], &released[number(1)]);
            let exact = if one.is_disjoint(other) { one | other } else { one ^ other };
            if exact.len() < 10 || !universe.depends(&exact) {
                continue;
            }
            let (with, without) = (universe.combination(&exact), universe.combination(&(&exact ^ &few)));
            prop_assert!(with.is_some());
            let alike = without.as_ref().is_some_and(|set| universe.depends(set) && set.symmetric_difference_len(&(&exact ^ &few)) < 5);
            prop_assert!(with == without || alike);
        }
    }
}

/// What the last of the sets is answered for, the others being released before.
fn outcome(count: u32, released: &[Set], asked: &Set) -> Option<Set> {
    let mut universe = Universe::people(count, 5, SEED);
    universe.insert(text(0), set(0..count));
    for (number, set) in (1..).zip(released) {
        assert_eq!(universe.near(&text(number), set), Near::Far);
        assert!(!universe.discloses(&[set]));
        universe.hold(text(number), set.clone());
    }
    assert_eq!(universe.near(&text(1_000), asked), Near::Far);
    universe.combination(asked)
}

#[test]
fn a_union_but_for_somebody_is_answered_whether_they_are_in_it_or_not() {
    // A1-3: of the women and of the men with the disease, then of all with the disease but number 11.
    let sick = |with: bool| set((0..60).filter(|person| person % 5 < 2 && (*person != 11 || with)));
    let sex = |odd: u32| set((0..60).filter(|person| person % 2 == odd));
    for with in [false, true] {
        let sick = sick(with);
        assert_eq!(sick.contains(11), with);
        let released = [&sick & sex(0), &sick & sex(1)];
        let asked = &sick - set([11]);
        assert_eq!(outcome(200, &released, &asked), Some(sick));
    }
}
