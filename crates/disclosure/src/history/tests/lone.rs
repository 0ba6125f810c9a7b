//! One set by itself, looked at by the quick way and by the audit.

use std::collections::BTreeSet;

use proptest::{
    collection::vec,
    prelude::{any, prop_assert_eq, proptest},
};

use rayon::prelude::*;

use super::{
    super::{Asked, crossings::Crossings, lines, nulls::Piece, parts::UNIONS},
    Near, SEED, Set, Universe, ask, cases, field, mix, set, sets, text,
};

proptest! {
    #![proptest_config(cases())]

    /// A set alone discloses what the audit says it does, or follows from the others; with sets held and not, drawn anew or made
    /// of the vectors before.
    #[test]
    fn alone_as_the_audit_says(
        count in 8_u32..60, least in 3_u64..=5, asks in vec(ask(), 2..24), every in 1_usize..6, kept in 0_usize..6,
    ) {
        let mut universe = Universe::people(count, least, SEED);
        for (number, asked) in sets(count, &asks).into_iter().enumerate() {
            if number % every == 0 {
                universe.prepare(kept);
            }
            let (lone, discloses) = (universe.lone(&asked), universe.discloses(&[&asked]));
            prop_assert_eq!(lone.discloses(), discloses || universe.depends(&asked), "of set {}", number);
            let sums = universe.nulls().sum(&asked).unwrap();
            let (behind, all) = (lone.behind(sums), lone.pieces().all());
            let quickly = with_some_factors(&all, sums, least);
            prop_assert_eq!(lone.pieces().make_up(behind, least), quickly, "of set {}", number);
            let adding_up = lone.pieces().adding_up(behind, sums);
            let found: BTreeSet<BTreeSet<[u64; 3]>> = adding_up.iter().map(|pieces| values(pieces)).collect();
            prop_assert_eq!(found, with_factors_of_one(&all, sums), "of set {}", number);
            if !discloses {
                universe.hold(text(number as u64), asked, None);
            }
        }
    }

    /// What lies behind what, looked up and by trying all.
    #[test]
    fn points_on_lines(eye in [0_u64..4, 0_u64..4], points in vec([0_u64..4, 0_u64..4], 0..12)) {
        let (first, others) = points.split_at(points.len() / 2);
        let found = lines::through(eye, [first, others]);
        let rest = |place: usize| [0, 1].map(|at| field::subtract(eye[at], points[place][at]));
        let eyes: Vec<usize> = (0..points.len()).filter(|place| rest(*place) == [0; 2]).collect();
        prop_assert_eq!(&found.on_it, &eyes);
        let mut behind = BTreeSet::new();
        for one in (0..points.len()).filter(|place| rest(*place) != [0; 2]) {
            for other in (one + 1..points.len()).filter(|place| rest(*place) != [0; 2]) {
                let ([a, b], [c, d]) = (rest(one), rest(other));
                // A slope that is nothing over nothing stands for that of a vertical line too.
                if field::multiply(a, d) == field::multiply(b, c) && (b != 0) == (d != 0) {
                    behind.insert((one, other));
                }
            }
        }
        let pairs = |line: &Vec<usize>| -> Vec<(usize, usize)> {
            line.iter().flat_map(|one| line.iter().filter(move |other| one < other).map(move |other| (*one, *other))).collect()
        };
        let verticals = |(one, other): &(usize, usize)| rest(*one)[1] != 0 && rest(*other)[1] != 0;
        let found: BTreeSet<_> = found.lines.iter().flat_map(pairs).filter(verticals).collect();
        prop_assert_eq!(found, behind.into_iter().filter(verticals).collect());
    }

    /// What sets have in common, counted at once and one by one, beyond the sets of one block and while records are added.
    #[test]
    fn counted_at_once(seed in any::<u64>(), more in 0_u32..300) {
        let mut crossings = Crossings::default();
        let drawn = |number: u64, records: u32, one_in: u64| -> Set {
            (0..records).filter(|record| mix(seed ^ (number << 32) ^ u64::from(*record)) % 8 < one_in).collect()
        };
        let records = |number: u64| if number < 300 { 200 } else { 200 + more };
        let sets: Vec<Set> = (0..600).map(|number| drawn(number, records(number), number % 9)).collect();
        for (number, set) in (0..).zip(&sets) {
            crossings.push(set, records(number));
        }
        for (number, one_in) in [(1_000, 1), (1_001, 4), (1_002, 7), (1_003, 0), (1_004, 8)] {
            let asked = drawn(number, 200 + more, one_in);
            let common: Vec<u32> = sets.iter().map(|set| set.intersection_len(&asked) as u32).collect();
            let counted = crossings.common(&asked, 200 + more);
            prop_assert_eq!(counted.with_each(), common);
        }
    }
}

fn values(pieces: &[Piece]) -> BTreeSet<[u64; 3]> {
    pieces.iter().map(|piece| piece.signed).collect()
}

/// The choices of one piece and of two that add up to the set, by trying all.
fn with_factors_of_one(all: &[Piece], sums: [u64; 3]) -> BTreeSet<BTreeSet<[u64; 3]>> {
    let add = |one: [u64; 3], other: [u64; 3]| [0, 1, 2].map(|at| field::add(one[at], other[at]));
    let mut found = BTreeSet::new();
    for (index, one) in all.iter().enumerate() {
        found.extend((one.signed == sums).then(|| values(&[*one])));
        let others = all[index + 1..].iter().filter(|other| add(one.signed, other.signed) == sums);
        found.extend(others.map(|other| values(&[*one, *other])));
    }
    found
}

/// Whether the set is linearly dependent on a piece, or on two of few people who are not known together already, by determinants.
fn with_some_factors(all: &[Piece], sums: [u64; 3], least: u64) -> bool {
    let cross = |one: [u64; 3], other: [u64; 3]| {
        let minor =
            |i: usize, j: usize| field::subtract(field::multiply(one[i], other[j]), field::multiply(one[j], other[i]));
        [minor(1, 2), minor(2, 0), minor(0, 1)]
    };
    let depends = |one: &Piece, other: &Piece| {
        let normal = cross(one.signed, other.signed);
        normal != [0; 3] && field::dot(&normal, &sums) == 0 && one.people + other.people < least
    };
    let is_it = |one: &Piece| cross(one.signed, sums) == [0; 3];
    sums != [0; 3]
        && (all.iter().any(is_it)
            || all.iter().enumerate().any(|(index, one)| all[index + 1..].iter().any(|other| depends(one, other))))
}

/// A universe in which nearly everybody is in a class of their own, and what is told next is not barred.
struct Long {
    universe: Universe,
    told: u64,
}

impl Long {
    fn of(count: u32) -> Self {
        let mut long = Self { universe: Universe::people(count, 5, SEED), told: 0 };
        long.tell(&(0..count).collect());
        for half in 0..16 {
            long.tell(&(0..count).filter(|person| mix(half << 32 ^ u64::from(*person)) & 1 == 1).collect());
        }
        long
    }

    fn tell(&mut self, set: &Set) {
        self.told += 1;
        assert_eq!(self.universe.near(&text(self.told), set), Near::Far);
        assert!(self.universe.harmful(&[Asked { set, words: None }]).is_empty(), "set {}", self.told);
        self.universe.hold(text(self.told), set.clone(), None);
        self.universe.prepare(4);
    }

    fn is_hidden(&self, set: &Set) -> bool {
        let lone = self.universe.lone(set);
        assert!(lone.pieces().roomy > UNIONS);
        lone.combination().is_some() || lone.discloses()
    }
}

#[test]
fn three_people_are_found_whatever_is_asked_beside() {
    let mut long = Long::of(9_000);
    // Two that cross, and what they have in common: with their union but for three people the sum over these is known.
    for told in [set(0..600), set(400..1000), set(400..600)] {
        long.tell(&told);
    }
    let asked: Set = (0..1000).filter(|person| ![7, 508, 809].contains(person)).collect();
    assert!(long.is_hidden(&asked));
    assert!(!long.is_hidden(&(0..1000).filter(|person| *person % 7 != 0).collect()));
    // Sets that have more to do with others than those with this one.
    let cell = |number: u32| 2000 + 700 * number..2690 + 700 * number;
    for kin in 0..32 {
        let (cell, end) = (cell(kin % 8), cell(kin % 8).end);
        let without = |person: &u32| (person - cell.start) % 91 != kin || person - cell.start >= 546;
        long.tell(&cell.clone().filter(without).chain(end..end + 6).chain(1200 + 6 * kin..1206 + 6 * kin).collect());
    }
    assert!(long.is_hidden(&asked));
}

#[test]
fn sets_that_overlap_do_not_use_up_the_tries() {
    let mut long = Long::of(6_000);
    // Three that are apart, of which three people with mixed signs are missing or added.
    let mut asked: Set = (0..900).filter(|person| ![7, 308].contains(person)).collect();
    asked.insert(2000);
    // The three are not told of one after the other, or they would be found as the groups of one table.
    for decoy in 0..60_u64 {
        if decoy % 25 == 10 && decoy < 50 {
            long.tell(&set(decoy as u32 / 25 * 300..decoy as u32 / 25 * 300 + 300));
        }
        assert!(!long.is_hidden(&asked));
        let mut order: Vec<u32> = asked.iter().collect();
        order.sort_by_key(|person| mix(u64::from(*person) ^ (decoy << 32) ^ 0x00ab_cdef));
        long.tell(&order.into_iter().take(301).collect());
    }
    long.tell(&set(600..900));
    assert!(long.is_hidden(&asked));
}

#[test]
fn many_questions_side_by_side_do_not_wait_for_themselves() {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    let half =
        |number: u64| -> Set { (0..20_000).filter(|person| mix(number << 32 ^ u64::from(*person)) & 1 == 1).collect() };
    let (done, waits) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for round in 0..150 {
            let mut universe = Universe::people(20_000, 5, SEED);
            for number in 0..10 {
                universe.hold(text(number), half(number), None);
            }
            universe.prepare(60);
            // More are held than vectors are kept for, so that the first question makes them anew.
            for number in 10..13 {
                universe.hold(text(number), half(100 * round + number), None);
            }
            // Some are answered at once, so that their threads look for something else to do.
            let asked = |number: u64| {
                if number.is_multiple_of(3) { half(1_000_000 + 100 * round + number) } else { half(number % 10) }
            };
            let asked: Vec<Set> = (0..12).map(asked).collect();
            let is_far = |set: &Set| universe.near(&text(1_000), set) == Near::Far;
            threads
                .install(|| asked.par_iter().for_each(|set| assert!(!is_far(set) || !universe.lone(set).discloses())));
        }
        done.send(()).unwrap();
    });
    waits.recv_timeout(std::time::Duration::from_mins(2)).unwrap();
}
