//! What is answered in the place of a set that is, but for few people or none, a combination of released ones.

use proptest::{
    collection::vec,
    prelude::{any, prop_assert, prop_assert_eq, proptest},
};

use coda_model::{
    BuildId,
    dictionary::Dictionary,
    plan::{Plan, Words},
    query::parse_file,
};

use super::{
    super::{Asked, Combination},
    Near, Oracle, SEED, Set, Universe, ask, cases, mix, set, sets, text,
};

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
            if let Some(combination) = universe.follows(&asked) {
                prop_assert!(close.contains(&combination), "of set {}", number);
                continue;
            }
            prop_assert!(close.is_empty(), "of set {}", number);
            if !universe.discloses(&[&asked]) {
                oracle.add(&asked);
                if number % 2 == 0 {
                    universe.insert(name, asked);
                } else {
                    universe.hold(name, asked, None);
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
            let (with, without) = (universe.follows(&exact), universe.follows(&(&exact ^ &few)));
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
        universe.hold(text(number), set.clone(), None);
    }
    assert_eq!(universe.near(&text(1_000), asked), Near::Far);
    universe.follows(asked)
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

#[test]
fn a_difference_but_for_somebody_is_answered_whether_they_are_in_it_or_not() {
    for with in [false, true] {
        let sick = set((0..60).filter(|person| person % 5 < 2 && (*person != 11 || with)));
        let men = set((0..60).filter(|person| person % 2 == 1));
        let sick_men = &sick & &men;
        // All the sick, the sick men; then the sick women, number 11 among them or not: they are in neither.
        let asked = (&sick - &men) | set([11]);
        assert_eq!(outcome(200, &[sick.clone(), sick_men.clone()], &asked), Some(&sick - &men));
    }
}

#[test]
fn the_pieces_of_a_general_tracker_give_the_same_with_and_without_somebody() {
    // 5.12 with a cohort C of enough people: q(C or T) + q(C or not T) - q(all) counts C; then C but for number 3.
    let all = set(0..80);
    let tracker = set(0..40);
    for with in [false, true] {
        let cohort = set((30..50).chain(with.then_some(3)));
        let released = [&cohort | &tracker, &cohort | (&all - &tracker)];
        assert_eq!(outcome(80, &released, &(&cohort - set([3]))), Some(cohort));
    }
}

/// The cells of a table of three by four over everybody.
fn cells(count: u32) -> Vec<Set> {
    (0..12).map(|cell| set((0..count).filter(|person| mix(u64::from(*person)) % 12 == cell))).collect()
}

#[test]
fn the_margins_of_a_table_but_for_few_people_are_answered_for_the_margins() {
    // Among many other sets, so that nearly everybody is in a class of their own.
    let count = 3_000;
    let half = |number: u64| set((0..count).filter(|person| mix(number << 32 | u64::from(*person)) & 1 == 1));
    let cells = cells(count);
    let mut universe = Universe::people(count, 5, SEED);
    universe.insert(text(0), set(0..count));
    for number in 1..60 {
        universe.insert(text(number), half(number));
    }
    for (number, cell) in (100..).zip(&cells) {
        universe.insert(text(number), cell.clone());
    }
    for number in 60..120 {
        universe.insert(text(number), half(number));
    }
    universe.prepare(4);
    let rows = cells.chunks(4).map(|cells| cells.iter().fold(Set::new(), |union, cell| union | cell));
    let columns =
        (0..4).map(|column| cells.iter().skip(column).step_by(4).fold(Set::new(), |union, cell| union | cell));
    for margin in rows.chain(columns) {
        let others = set(0..count) - &margin;
        for few in 0..5 {
            let asked = &margin - margin.iter().step_by(40).take(few).collect::<Set>();
            assert_eq!(universe.follows(&asked), Some(margin.clone()), "{few} missing");
            let asked = &margin | others.iter().step_by(40).take(few).collect::<Set>();
            assert_eq!(universe.follows(&asked), Some(margin.clone()), "{few} too many");
            let asked = &others ^ (0..few as u32).map(|place| place * 700).collect::<Set>();
            assert_eq!(universe.follows(&asked), Some(others.clone()), "{few} changed");
        }
        assert_eq!(universe.follows(&(&margin ^ set((0..5).map(|place| place * 500)))), None);
    }
    // Nor is anything found that is not there.
    assert_eq!(universe.follows(&half(1_000)), None);
    assert_eq!(universe.follows(&set(0..=count)), None);
    assert!(!universe.depends(&set(0..=count)));
}

#[test]
fn what_lies_around_is_looked_at_in_long_histories() {
    // A holder other than everybody, less two parts stored far apart, but for four people.
    let count = 3_000;
    let half = |number: u64| set((0..count).filter(|person| mix(number << 32 | u64::from(*person)) & 1 == 1));
    let mut universe = Universe::people(count, 5, SEED);
    universe.insert(text(0), set(0..count));
    let (whole, first, second) = (set(100..2_000), set(300..700), set(1_100..1_400));
    for (number, released) in [(1_000, &whole), (1_001, &first), (1_002, &second)] {
        universe.insert(text(number), released.clone());
        for number in number * 100..number * 100 + 30 {
            universe.insert(text(number), half(number));
        }
    }
    let left = &whole - &first - &second;
    for few in [set([]), set([5, 150, 400, 1_900]), set([99, 2_001, 2_002, 2_003])] {
        assert_eq!(universe.follows(&(&left ^ few)), Some(left.clone()));
    }
    // A part beside a part of another: everybody but the whole, and the first.
    let beside = (set(0..count) - &whole) | &first;
    for few in [set([]), set([5, 150, 400, 1_900])] {
        assert_eq!(universe.follows(&(&beside ^ few)), Some(beside.clone()));
    }
}

#[test]
fn people_are_counted_and_not_their_rows() {
    // Three rows a person, of whom one to four are left out with all rows that they have in the sum.
    let person_of: Vec<u32> = (0..300).map(|row| row / 3).collect();
    let mut universe = Universe::rows(person_of.into(), 5, SEED);
    universe.insert(text(0), set(0..300));
    let (first, second) = (set((0..150).filter(|row| row % 3 == 0)), set((0..240).filter(|row| row % 3 == 1)));
    universe.insert(text(1), first.clone());
    universe.hold(text(2), second.clone(), None);
    let both = &first | &second;
    for people in 0..5 {
        let asked = both.iter().filter(|row| row / 30 >= people || row % 30 > 2).collect::<Set>();
        assert_eq!(universe.follows(&asked), Some(both.clone()), "{people} people");
        assert_eq!(universe.depends(&asked), people == 0);
    }
    assert_eq!(universe.follows(&both.iter().filter(|row| row / 3 >= 5).collect()), None);
}

/// What is said of the people of a cohort by `a` and `b`, of whom those with an even number are `a` and those below 30 `b`.
fn words(cohort: &str) -> Words {
    let dictionary = "version = '1'\ntitle = 't'\n[dataset.d]\npeople = 'p'\n[dataset.d.table.p]\nrows = 'one'\nperson = 'id'\n\
        [dataset.d.table.p.variable]\na = { type = 'binary', missing = 'never' }\nb = { type = 'binary', missing = 'never' }";
    let dictionary = Dictionary::parse(dictionary).unwrap();
    let (query, _) = parse_file(&format!("dataset = 'd'\nof = ['count']\nwhere = '{cohort}'")).unwrap();
    let plan = Plan::of(&query, &dictionary).unwrap();
    plan.prepared(&dictionary.datasets[0]).words(&BuildId::new("b1").unwrap(), &[], &[Vec::new()])
}

#[test]
fn what_happens_to_be_a_set_does_not_stand_in() {
    // "b and not a" of sets whose words say that one lies in the other, or do not.
    let (b, both) = (set(0..30), set((0..30).filter(|person| person % 2 == 0)));
    let asked = &b - &both;
    for few in [set([]), set([1]), set([2, 50])] {
        let of = |inner: Option<Words>| {
            let mut universe = Universe::people(100, 5, SEED);
            universe.hold(text(0), set(0..100), Some(words("b = yes or b = no")));
            universe.hold(text(1), b.clone(), Some(words("b = yes")));
            universe.hold(text(2), both.clone(), inner);
            universe.lone(&(&asked ^ &few)).combination()
        };
        assert!(of(Some(words("a = yes and b = yes"))) == Some(Combination::ByWords(asked.clone())));
        assert!(of(Some(words("a = yes"))) == Some(Combination::ByChance));
        assert!(of(None) == Some(Combination::ByChance));
    }
}

#[test]
fn what_happens_to_follow_within_an_answer_is_left_out() {
    let (b, both) = (set(0..30), set((0..30).filter(|person| person % 2 == 0)));
    let rest = &b - &both;
    let harmful = |first: &str, second: &str, settle: bool| {
        let mut universe = Universe::people(100, 5, SEED);
        universe.hold(text(0), set(0..100), Some(words("b = yes or b = no")));
        universe.hold(text(1), b.clone(), Some(words("b = yes")));
        if settle {
            universe.prepare(1);
        }
        let (first, second) = (words(first), words(second));
        let asked = [(&both, &first), (&rest, &second)].map(|(set, words)| Asked { set, words: Some(words) });
        universe.harmful(&asked)
    };
    for settle in [false, true] {
        assert_eq!(harmful("a = yes and b = yes", "a = no and b = yes", settle), [0; 0]);
        assert_eq!(harmful("a = yes and b = yes", "a = no", settle), [1]);
        assert_eq!(harmful("a = yes", "a = no and b = yes", settle), [1]);
    }
}
