use std::sync::Arc;

use proptest::{
    collection::vec,
    prelude::{ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest},
};

use super::{Asked, Entry, Near, Set, Side, Text, Universe, field, random};

mod combination;
mod lone;
mod oracle;
mod stored;

use oracle::Oracle;
use stored::{Independence, Inserted};

/// The number of random histories of each test.
fn cases() -> ProptestConfig {
    let cases = std::env::var("CODA_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(500);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

const SEED: [u8; 32] = [7; 32];

fn text(number: u64) -> Text {
    let mut text = [0; 32];
    text[..8].copy_from_slice(&number.to_le_bytes());
    text
}

fn set(records: impl IntoIterator<Item = u32>) -> Set {
    records.into_iter().collect()
}

fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// How somebody comes to ask for a set.
#[derive(Debug, Clone)]
enum Ask {
    Random(u64),
    /// Levels asked for of each of three attributes; each person has one of four levels of each.
    Conjunction([u8; 3]),
    /// An earlier set but for some people.
    Changed(usize, Vec<u32>),
    Complement(usize),
    Union(usize, usize),
    Difference(usize, usize),
}

fn ask() -> impl Strategy<Value = Ask> {
    use proptest::prelude::prop_oneof;
    prop_oneof![
        any::<u64>().prop_map(Ask::Random),
        [1_u8..16, 1_u8..16, 1_u8..16].prop_map(Ask::Conjunction),
        (any::<usize>(), vec(0_u32..30, 1..7)).prop_map(|(earlier, people)| Ask::Changed(earlier, people)),
        any::<usize>().prop_map(Ask::Complement),
        (any::<usize>(), any::<usize>()).prop_map(|(left, right)| Ask::Union(left, right)),
        (any::<usize>(), any::<usize>()).prop_map(|(left, right)| Ask::Difference(left, right)),
    ]
}

/// The sets that are asked for one after another, the first all.
fn sets(count: u32, asks: &[Ask]) -> Vec<Set> {
    let all = set(0..count);
    let mut sets = vec![all.clone()];
    for ask in asks {
        let earlier = |index: &usize| &sets[index % sets.len()];
        let level = |person: u32, attribute: usize| mix(u64::from(person) * 3 + attribute as u64) % 4;
        sets.push(match ask {
            Ask::Random(bits) => all.iter().filter(|person| bits >> person & 1 == 1).collect(),
            Ask::Conjunction(levels) => {
                let is_in = |person: &u32| (0..3).all(|place| levels[place] >> level(*person, place) & 1 == 1);
                all.iter().filter(is_in).collect()
            }
            Ask::Changed(index, people) => {
                earlier(index) ^ people.iter().filter(|person| **person < count).collect::<Set>()
            }
            Ask::Complement(index) => &all - earlier(index),
            Ask::Union(left, right) => earlier(left) | earlier(right),
            Ask::Difference(left, right) => earlier(left) - earlier(right),
        });
    }
    sets
}

proptest! {
    #![proptest_config(cases())]

    /// Whatever is asked, what gets through determines nothing about fewer than k people; and what does not get through
    /// for what it determines would have determined it.
    #[test]
    fn nothing_about_few_people_is_ever_determined(
        count in 8_u32..30, least in 3_u64..=5, asks in vec(ask(), 0..40), kept in 0_usize..6,
    ) {
        let mut universe = Universe::people(count, least, SEED);
        let mut oracle = Oracle::new(count as usize);
        let mut released: Vec<Set> = Vec::new();
        for (number, asked) in sets(count, &asks).into_iter().enumerate() {
            if number % 3 == 0 {
                universe.prepare(kept);
            }
            let name = text(number as u64);
            if universe.near(&name, &asked) != Near::Far {
                continue;
            }
            let mut next = oracle.clone();
            let is_new = next.add(&asked);
            let discloses = universe.discloses(&[&asked]);
            prop_assert_eq!(discloses, next.determines(least), "of set {}", number);
            if !discloses {
                let independence = if is_new { Independence::Independent } else { Independence::Dependent };
                let entry = universe.len();
                prop_assert_eq!(universe.insert(name, asked.clone()), Inserted::New { entry, independence });
                oracle = next;
                released.push(asked);
            }
        }
        prop_assert_eq!(universe.rank(), oracle.rank());
        for (index, one) in released.iter().enumerate() {
            for other in &released[..index] {
                let different = one.symmetric_difference_len(other);
                prop_assert!(different.min(u64::from(count) - different) >= least);
            }
        }
    }

    /// Sets released together: what is left does not disclose, and whatever is left out would have, with those before it.
    #[test]
    fn the_walk_leaves_out_what_is_harmful(
        count in 8_u32..30, least in 3_u64..=5, asks in vec(ask(), 0..12), more in vec(ask(), 1..8), kept in 0_usize..12,
    ) {
        let mut universe = Universe::people(count, least, SEED);
        let mut oracle = Oracle::new(count as usize);
        let asked = [asks.clone(), more].concat();
        let mut asked = sets(count, &asked);
        let together = asked.split_off(asks.len() + 1);
        for (number, earlier) in asked.into_iter().enumerate() {
            let close = universe.near(&text(number as u64), &earlier) != Near::Far;
            if !close && !universe.discloses(&[&earlier]) {
                oracle.add(&earlier);
                universe.insert(text(number as u64), earlier);
            }
        }
        universe.prepare(kept);
        let together: Vec<&Set> = together.iter().collect();
        let with = |places: &[usize]| {
            let mut oracle = oracle.clone();
            for place in places {
                oracle.add(together[*place]);
            }
            oracle.determines(least)
        };
        let all: Vec<usize> = (0..together.len()).collect();
        let harmful = universe.disclosing(&together);
        prop_assert_eq!(universe.discloses(&together), with(&all));
        prop_assert_eq!(harmful.is_empty(), !with(&all));
        let mut accepted = Vec::new();
        for place in all {
            accepted.push(place);
            if harmful.contains(&place) {
                prop_assert!(with(&accepted), "{} is left out for nothing", place);
                accepted.pop();
            }
        }
        prop_assert!(!with(&accepted));
        // Of sets without words those are left out too that follow from others.
        let asked: Vec<Asked<'_>> = together.iter().map(|set| Asked { set, words: None }).collect();
        let left_out = universe.harmful(&asked);
        let mut oracle = oracle.clone();
        for (place, set) in together.iter().enumerate() {
            let follows = !harmful.contains(&place) && !oracle.add(set);
            prop_assert_eq!(left_out.contains(&place), harmful.contains(&place) || follows, "set {}", place);
        }
    }

    /// The pair rule against all entries one by one, for people and for rows.
    #[test]
    fn near_finds_the_earliest_that_is_close(
        count in 6_u32..30, least in 1_u64..=5, asks in vec(ask(), 1..20), people in 4_u32..30, own in any::<bool>(),
    ) {
        let person_of: Vec<u32> = (0..count).map(|row| (mix(u64::from(row)) % u64::from(people)) as u32).collect();
        let person_of = if own { (0..count).collect() } else { person_of };
        let mut universe = if own {
            Universe::people(count, least, SEED)
        } else {
            Universe::rows(person_of.clone().into(), least, SEED)
        };
        let few = |rows: &Set| {
            let people: std::collections::BTreeSet<u32> = rows.iter().map(|row| person_of[row as usize]).collect();
            (people.len() as u64) < least
        };
        let all = set(0..count);
        let mut released: Vec<Set> = Vec::new();
        for (number, asked) in sets(count, &asks).into_iter().enumerate() {
            let name = text(number as u64);
            let close = released.iter().enumerate().find_map(|(entry, other)| {
                let different = &asked ^ other;
                if few(&different) {
                    return Some(Near::Close { entry, side: Side::Itself });
                }
                few(&(&all - &different)).then_some(Near::Close { entry, side: Side::Complement })
            });
            prop_assert_eq!(universe.near(&name, &asked), close.unwrap_or(Near::Far));
            if let Some(entry) = released.iter().position(|other| *other == asked) {
                prop_assert_eq!(universe.insert(name, asked), Inserted::Known(entry));
            } else {
                universe.insert(name, asked.clone());
                released.push(asked);
            }
            prop_assert!(matches!(universe.near(&name, &all), Near::Same(_)));
        }
    }

    /// Rows of tables: sums over the rows of fewer than k people are never determined.
    #[test]
    fn no_rows_of_few_people_are_determined(
        people in 4_u32..12, least in 3_u64..=4, asks in vec(ask(), 0..30), kept in 0_usize..6,
    ) {
        let person_of: Vec<u32> = (0..people).flat_map(|person| vec![person; 1 + (mix(u64::from(person)) % 3) as usize]).collect();
        let count = person_of.len() as u32;
        let mut universe = Universe::rows(person_of.clone().into(), least, SEED);
        let mut oracle = Oracle::new(count as usize);
        for (number, asked) in sets(count, &asks).into_iter().enumerate() {
            universe.prepare(kept);
            let name = text(number as u64);
            if universe.near(&name, &asked) == Near::Far && !universe.discloses(&[&asked]) {
                universe.insert(name, asked.clone());
                oracle.add(&asked);
            }
        }
        prop_assert!(!oracle.determines_rows(&person_of, least));
    }

    /// A lineage that grows forgets nothing and keeps its vectors right.
    #[test]
    fn growing_keeps_the_audit(count in 8_u32..20, more in 1_u32..10, asks in vec(ask(), 0..20), kept in 0_usize..8) {
        let mut universe = Universe::people(count, 4, SEED);
        let mut oracle = Oracle::new((count + more) as usize);
        let half = asks.len() / 2;
        let later = sets(count + more, &asks[half..]);
        for (number, asked) in sets(count, &asks[..half]).into_iter().chain(later).enumerate() {
            if number == half + 1 {
                universe.grow(count + more);
            }
            universe.prepare(kept);
            let mut next = oracle.clone();
            next.add(&asked);
            let discloses = universe.discloses(&[&asked]);
            if number > half {
                prop_assert_eq!(discloses, next.determines(4));
            }
            if !discloses {
                universe.insert(text(number as u64), asked);
                oracle = next;
            }
        }
        // Before it grew, the newcomers were in nobody's class of no set.
        prop_assert_eq!(universe.rank(), oracle.rank());
    }
}

/// Releases what the defence lets through; returns how much of it there was.
fn defend(universe: &mut Universe, attack: &[Set]) -> usize {
    let mut through = 0;
    for asked in attack {
        let name = text(1_000 + universe.len() as u64);
        if universe.near(&name, asked) == Near::Far && !universe.discloses(&[asked]) {
            universe.insert(name, asked.clone());
            through += 1;
        }
    }
    through
}

/// What the attacker gets with no defence and with the audit alone, and how many sets get through both rules.
fn attack(count: u32, attack: &[Set]) -> (bool, usize) {
    let mut open = Oracle::new(count as usize);
    for asked in attack {
        open.add(asked);
    }
    let mut audited = Universe::people(count, 5, SEED);
    audited.insert(text(0), set(0..count));
    let mut shut = Oracle::new(count as usize);
    shut.add(&set(0..count));
    for (number, asked) in attack.iter().enumerate() {
        if !audited.discloses(&[asked]) {
            audited.insert(text(1 + number as u64), asked.clone());
            shut.add(asked);
        }
    }
    assert!(!shut.determines(5), "the audit alone holds");
    let mut universe = Universe::people(count, 5, SEED);
    universe.insert(text(0), set(0..count));
    (open.determines(5), defend(&mut universe, attack))
}

#[test]
fn the_individual_tracker_is_stopped() {
    // 5.11: q(A) - q(A and not B), B being person 7 within A.
    let asked = [set(0..20), set((0..20).filter(|person| *person != 7))];
    assert_eq!(attack(40, &asked), (true, 1));
}

#[test]
fn the_general_tracker_is_stopped() {
    // 5.12: q(C or T) + q(C or not T) - q(T) - q(not T) counts C.
    let (tracker, target) = (set(0..20), set([15, 30, 31]));
    let other = set(0..40) - &tracker;
    let asked = [&target | &tracker, &target | &other, tracker, other];
    let (open, through) = attack(40, &asked);
    assert!(open);
    assert!(through < 3, "{through} got through");
}

#[test]
fn forty_overlapping_cohorts_do_not_solve_for_a_person() {
    // 5.13: enough random halves, each with and without others, leave nobody undetermined.
    let half = |number: u64| set((0..36).filter(|person| mix(number * 100 + u64::from(*person)) & 1 == 1));
    let asked: Vec<Set> = (1..=40).map(half).collect();
    let (open, through) = attack(36, &asked);
    assert!(open);
    assert!((10..36).contains(&through), "{through} got through");
}

#[test]
fn three_people_in_classes_of_their_own_are_not_counted_together() {
    // A less its two parts, all far from each other, after sets that tell the three people apart.
    let asked = [
        set((20..40).chain([0])),
        set((30..50).chain([1])),
        set((25..45).chain([2])),
        set(0..20),
        set(3..10),
        set(10..20),
    ];
    let (open, through) = attack(60, &asked);
    assert_eq!((open, through), (true, 5));
}

#[test]
fn three_people_are_not_counted_together_in_a_long_history_either() {
    // Four hundred random halves set nearly everybody apart, so that unions cannot all be looked at.
    let count = 3_000;
    let half = |number: u64| set((0..count).filter(|person| mix(number << 32 | u64::from(*person)) & 1 == 1));
    let mut universe = Universe::people(count, 5, SEED);
    universe.insert(text(0), set(0..count));
    for number in 1..400 {
        universe.insert(text(number), half(number));
    }
    universe.prepare(10);
    let (whole, first, second, third) = (set(0..600), set(3..200), set(200..450), set(450..600));
    universe.insert(text(1_000), first);
    for number in 400..420 {
        universe.insert(text(number), half(number));
    }
    assert!(universe.discloses(&[&whole, &second, &third]));
    universe.insert(text(1_001), second);
    assert!(!universe.discloses(&[&whole]));
    universe.insert(text(1_002), whole);
    assert!(universe.discloses(&[&third]));
    assert!(!universe.discloses(&[&set(460..600)]));
}

#[test]
fn a_table_and_its_total_from_elsewhere_do_not_give_a_withheld_cell() {
    // 5.7, 5.9: the total, and all levels but one of 3 people.
    let levels = [set(0..10), set(10..17), set(20..40)];
    let mut universe = Universe::people(60, 5, SEED);
    universe.insert(text(0), set(0..60));
    universe.insert(text(1), set(0..40));
    let levels: Vec<&Set> = levels.iter().collect();
    assert!(universe.discloses(&levels));
    assert_eq!(universe.disclosing(&levels), [2]);
    assert!(!universe.discloses(&levels[..2]));
}

#[test]
fn what_is_determined_already_is_no_reason() {
    let mut universe = Universe::people(60, 5, SEED);
    universe.insert(text(0), set(0..60));
    universe.insert(text(1), set(0..3));
    assert!(!universe.discloses(&[&set(10..30)]));
    assert!(!universe.discloses(&[&set(3..60)]));
    assert!(universe.discloses(&[&set(3..57)]));
}

#[test]
fn a_set_from_outside_the_universe_discloses() {
    let mut universe = Universe::people(60, 5, SEED);
    assert!(universe.discloses(&[&set(0..61)]));
    assert_eq!(universe.disclosing(&[&set(0..30), &set(50..70)]), [1]);
    universe.insert(text(0), set(0..70));
    assert_eq!(universe.records, 70);
    assert!(!universe.discloses(&[&set(50..70)]));
}

#[test]
fn an_entry_has_all_its_texts() {
    let mut universe = Universe::people(60, 5, SEED);
    let new = Inserted::New { entry: 0, independence: Independence::Independent };
    assert_eq!(universe.insert(text(0), set(0..60)), new);
    assert_eq!(universe.insert(text(0), set(0..30)), Inserted::Known(0));
    assert_eq!(universe.insert(text(1), set(0..60)), Inserted::Known(0));
    assert_eq!(universe.near(&text(1), &set(0..30)), Near::Same(0));
    assert_eq!(universe.entry(0).map(|entry| entry.texts.clone()), Some(vec![text(0), text(1)]));
    assert_eq!((universe.len(), universe.rank()), (1, 1));
}

#[test]
fn debug_is_silent() {
    let mut universe = Universe::rows(Arc::from([0, 0, 1]), 5, SEED);
    universe.insert(text(0), set(0..3));
    assert_eq!(format!("{universe:?}"), "Universe { .. }");
    assert_eq!(format!("{:?}", Entry { texts: vec![], set: set(0..3), words: None }), "Entry { .. }");
}

#[test]
fn the_field_is_that_of_remainders() {
    let prime = u128::from(field::PRIME);
    for number in 0..1_000 {
        let (left, right) = (mix(2 * number) % field::PRIME, mix(2 * number + 1) % field::PRIME);
        let left = if number < 3 { field::PRIME - 1 - number } else { left };
        let product = u128::from(left) * u128::from(right) % prime;
        assert_eq!(u128::from(field::multiply(left, right)), product);
        assert_eq!(field::multiply(left, field::inverse(left)), 1);
        assert_eq!(field::subtract(field::add(left, right), right), left);
    }
    assert_eq!(field::reduce(u128::MAX), (u128::MAX % prime) as u64);
    assert_eq!(field::inverses(&[3, 0, 5]), [field::inverse(3), 0, field::inverse(5)]);
    let most = vec![field::PRIME - 1; 1_000];
    assert_eq!(field::dot(&most, &most), 1_000);
}

#[test]
fn the_stream_is_chacha8() {
    // draft-strombergson-chacha-test-vectors-01, TC1, 256 bits, 8 rounds: key, counter and nonce all noughts. The first
    // words are masked to 61 bits.
    let expected = "3e00ef2f895f40d67f5bb8e81f09a5a12c840ec3ce9a7f3b181be188ef711a1e";
    let expected =
        (0..4).map(|word| u64::from_str_radix(&expected[16 * word..16 * word + 16], 16).unwrap().swap_bytes());
    let mut stream = random::Stream::zero();
    assert!(expected.map(|word| word & field::PRIME).eq((0..4).map(|_| stream.number())));
}
