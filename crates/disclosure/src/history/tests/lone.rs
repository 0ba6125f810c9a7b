//! One set by itself, looked at by the quick way and by the audit.

use std::collections::BTreeSet;

use proptest::{
    collection::vec,
    prelude::{any, prop_assert, prop_assert_eq, proptest},
};

use super::{
    super::{
        crossings::Crossings,
        lines,
        nulls::{Piece, Pieces},
    },
    SEED, Set, Universe, ask, cases, field, mix, sets, text,
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
            let quickly = of_two(lone.pieces(), universe.nulls().sum(&asked).unwrap(), least);
            // In a long history only one and two classes are looked at.
            prop_assert!(!lone.discloses_among(0) || lone.discloses(), "of set {}", number);
            let behind = lone.behind(universe.nulls().sum(&asked).unwrap());
            let making = lone.pieces().making(behind, &universe.people, least);
            let making: BTreeSet<Vec<[u64; 3]>> =
                making.map(|pieces| pieces.iter().map(Piece::sums).collect()).collect();
            prop_assert_eq!(making, quickly, "of set {}", number);
            if !discloses {
                universe.hold(text(number as u64), asked, None);
            }
        }
    }

    /// What lies behind what, looked up and by trying all.
    #[test]
    fn points_on_lines(eye in [0_u64..4, 0_u64..4], points in vec([0_u64..4, 0_u64..4], 0..12)) {
        let found = lines::through(eye, &points.iter());
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
            prop_assert_eq!(crossings.common(&asked, 200 + more), common);
        }
    }
}

/// The choices of one piece and of two with which the set is linearly dependent, by determinants.
fn of_two(pieces: &Pieces<'_>, sums: [u64; 3], least: u64) -> BTreeSet<Vec<[u64; 3]>> {
    let all = pieces.all();
    let cross = |one: [u64; 3], other: [u64; 3]| {
        let minor =
            |i: usize, j: usize| field::subtract(field::multiply(one[i], other[j]), field::multiply(one[j], other[i]));
        [minor(1, 2), minor(2, 0), minor(0, 1)]
    };
    let dot = |one: [u64; 3], other: [u64; 3]| field::dot(&one, &other);
    let mut found = BTreeSet::new();
    if sums == [0; 3] {
        return found;
    }
    for (index, one) in all.iter().enumerate() {
        if cross(one.signed, sums) == [0; 3] {
            found.insert(vec![one.sums()]);
            continue;
        }
        for other in &all[index + 1..] {
            let is_alone = cross(other.signed, sums) == [0; 3];
            let lie = dot(cross(one.signed, other.signed), sums) == 0 && cross(one.signed, other.signed) != [0; 3];
            if lie && !is_alone && one.people + other.people < least {
                found.insert(vec![one.sums(), other.sums()]);
            }
        }
    }
    found
}
