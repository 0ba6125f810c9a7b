mod attacker;

use proptest::prelude::*;

use super::*;
use attacker::{Knowledge, Table};

const LEAST: u64 = 5;

/// Tests draw this many tables; `CODA_CASES` says otherwise.
fn cases() -> ProptestConfig {
    let cases = std::env::var("CODA_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1000);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A stand-in for a keyed number: mixes key and place (splitmix64).
fn keyed(key: u64) -> impl Fn(usize) -> u64 {
    move |place| {
        let mut mixed = key.wrapping_add((place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn cells(people: &[u64]) -> Vec<Cell> {
    people
        .iter()
        .map(|people| Cell { people: *people, weight: if *people >= LEAST { Weight::Free } else { Weight::Small } })
        .collect()
}

fn shown(lengths: &[usize], people: &[u64], key: u64) -> Vec<bool> {
    pattern(lengths, &cells(people), LEAST, &keyed(key))
}

/// What leaves, as text: `7 - 12`.
fn text(lengths: &[usize], people: &[u64], key: u64) -> String {
    let out = shown(lengths, people, key);
    let cell = |(people, out): (&u64, bool)| if out { people.to_string() } else { "-".to_owned() };
    people.iter().zip(out).map(cell).collect::<Vec<_>>().join(" ")
}

/// Small counts with a share of larger ones, as tables of few people have.
fn count() -> impl Strategy<Value = u64> {
    prop_oneof![2 => 0..LEAST, 3 => 0..13u64, 1 => 5..60u64]
}

fn plane() -> impl Strategy<Value = (Vec<usize>, Vec<u64>)> {
    (2..5usize, 2..5usize)
        .prop_flat_map(|(rows, columns)| (Just(vec![rows, columns]), prop::collection::vec(count(), rows * columns)))
}

fn space() -> impl Strategy<Value = (Vec<usize>, Vec<u64>)> {
    prop::collection::vec(2..4usize, 3..5).prop_flat_map(|lengths| {
        let size = lengths.iter().product::<usize>();
        (Just(lengths), prop::collection::vec(count(), size))
    })
}

#[test]
fn nothing_is_withheld_beside_large_cells() {
    assert_eq!(text(&[3], &[5, 50, 9], 1), "5 50 9");
    assert_eq!(text(&[2, 2], &[5, 50, 9, 5], 1), "5 50 9 5");
    assert_eq!(text(&[], &[7], 1), "7");
    assert_eq!(text(&[], &[4], 1), "-");
    assert_eq!(text(&[0, 3], &[], 1), "");
}

#[test]
fn lengths_that_do_not_fit_let_nothing_leave() {
    assert_eq!(shown(&[2, 2], &[50, 50, 50], 1), [false; 3]);
    assert_eq!(shown(&[usize::MAX, 4], &[50, 50, 50], 1), [false; 3]);
}

#[test]
fn one_small_level_takes_a_large_one_with_it_by_key() {
    let taken: std::collections::BTreeSet<String> = (0..50).map(|key| text(&[4], &[40, 3, 20, 90], key)).collect();
    let expected = ["- - 20 90", "40 - - 90", "40 - 20 -"];
    assert_eq!(taken.into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(text(&[3], &[0, 0, 4], 1), "- - -");
    assert_eq!(text(&[2], &[0, 90], 1), "- -");
}

#[test]
fn axes_of_one_level_are_no_axes() {
    for key in 0..20 {
        assert_eq!(text(&[4], &[40, 3, 20, 90], key), text(&[1, 4, 1], &[40, 3, 20, 90], key));
        assert_eq!(text(&[2, 2], &[40, 3, 20, 90], key), text(&[2, 1, 2], &[40, 3, 20, 90], key));
    }
}

#[test]
fn a_small_cell_of_a_two_by_two_takes_all_with_it() {
    assert_eq!(text(&[2, 2], &[40, 4, 50, 60], 1), "- - - -");
    assert_eq!(text(&[2, 2], &[40, 0, 50, 60], 1), "- - - -");
}

#[test]
fn one_small_cell_of_a_larger_table_takes_a_rectangle_with_it() {
    let people = [40, 30, 20, 25, 2, 60, 70, 80, 90, 22, 33, 44];
    for key in 0..50 {
        let out = shown(&[3, 4], &people, key);
        assert_eq!(out.iter().filter(|out| !**out).count(), 4, "{out:?}");
    }
}

#[test]
fn a_rare_level_takes_another_with_it_and_leaves_the_rest() {
    // Nobody is in the second row. By itself it would take one with it, so that row must not be shown whole here.
    let people = [40, 30, 50, 0, 0, 0, 70, 80, 90, 60, 65, 45];
    for key in 0..50 {
        let out = shown(&[4, 3], &people, key);
        let [beside] =
            withheld_margins([4, 3], &people, key).into_iter().filter(|spot| spot.0 != 1).collect::<Vec<_>>()[..]
        else {
            panic!("one large margin is withheld")
        };
        let places = beside.0 * 3..beside.0 * 3 + 3;
        assert!(out[places].iter().any(|out| !out), "{beside:?} {out:?}");
        assert!(out.iter().filter(|out| **out).count() >= 4, "{out:?}");
    }
}

#[test]
fn a_table_with_mostly_small_cells_is_sparse() {
    assert!(sparse(&cells(&[9, 0, 1, 4])));
    assert!(!sparse(&cells(&[9, 9, 1, 4])));
    assert!(!sparse(&cells(&[9, 0, 1])));
    assert!(!sparse(&cells(&[])));
}

#[test]
fn an_interval_is_what_the_margins_leave() {
    let people = [3, 47, 12, 138];
    let bounds = |shown: &[bool], place| {
        let found = interval([2, 2], &cells(&people), shown, LEAST, place).unwrap();
        (found.low, found.high)
    };
    assert_eq!(bounds(&[false; 4], 0), (0, Some(15)));
    assert_eq!(bounds(&[false; 4], 3), (135, Some(150)));
    assert_eq!(bounds(&[false, false, true, false], 0), (3, Some(3)));
    assert_eq!(bounds(&[true; 4], 3), (138, Some(138)));
    assert!(interval([2, 2], &cells(&people), &[true; 3], LEAST, 0).is_none());
    assert!(interval([2, 2], &cells(&people), &[true; 4], LEAST, 4).is_none());
    // Nothing is known of a table of so few people.
    let few = interval([2, 2], &cells(&[1, 1, 1, 1]), &[false; 4], LEAST, 0).unwrap();
    assert_eq!((few.low, few.high), (0, None));
}

/// What margins leave possible for a small cell, the table leaves possible; and so for small margins.
fn nothing_small_is_told(table: &Table, [rows, columns]: [usize; 2], out: &[bool]) {
    let spots = (0..=rows).flat_map(|row| (0..=columns).map(move |column| (row, column)));
    for spot in spots.filter(|spot| table.people(*spot) < LEAST) {
        for value in 0..LEAST {
            let by_margins = table.may_be(Knowledge::Margins, spot, value);
            let by_table = table.may_be(Knowledge::Shown(out), spot, value);
            assert!(!by_margins || by_table, "the cell at {spot:?} is known not to be {value}");
        }
    }
}

/// The margins that are withheld when both axes are asked as tables of their own, with the keys of `order` for lines.
fn withheld_margins([rows, columns]: [usize; 2], people: &[u64], key: u64) -> Vec<(usize, usize)> {
    let sums: Vec<u64> = lines([rows, columns], people).iter().map(|line| line.iter().sum()).collect();
    let (across, down) = sums.split_at(rows);
    let axis = |margins: &[u64], first: usize| {
        pattern(&[margins.len()], &cells(margins), LEAST, &|place| keyed(key)(first + place))
    };
    let (rows_out, columns_out) = (axis(across, people.len()), axis(down, people.len() + rows));
    let hidden_rows = (0..rows).filter(|row| !rows_out[*row]).map(|row| (row, columns));
    let hidden_columns = (0..columns).filter(|column| !columns_out[*column]).map(|column| (rows, column));
    hidden_rows.chain(hidden_columns).collect()
}

/// In a line with a known total and a small cell, who knows that one of the withheld is large still knows nothing of the
/// others.
fn lines_hide_their_small_cells(people: &[u64], out: &[bool]) {
    let withheld: Vec<u64> = people.iter().zip(out).filter(|(_, out)| !**out).map(|(people, _)| *people).collect();
    let total: u64 = withheld.iter().sum();
    if people.iter().all(|people| *people >= LEAST) || people.iter().sum::<u64>() < LEAST || withheld.len() < 2 {
        return;
    }
    let any_shown = out.iter().any(|out| *out);
    if any_shown || withheld.iter().any(|people| *people >= LEAST) && total >= 2 * LEAST - 1 {
        assert!(attacker::sums(withheld.len(), total, LEAST), "{people:?} {out:?}");
    }
}

/// The lines of a table of two axes.
fn lines<T: Copy>([rows, columns]: [usize; 2], of: &[T]) -> Vec<Vec<T>> {
    let across = of.chunks(columns).map(<[T]>::to_vec);
    across.chain((0..columns).map(|column| (0..rows).map(|row| of[row * columns + column]).collect())).collect()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_small_level_of_a_line_is_told(people in prop::collection::vec(count(), 1..12), key: u64) {
        let out = shown(&[people.len()], &people, key);
        let total: u64 = people.iter().sum();
        for (people, out) in people.iter().zip(&out) {
            prop_assert!(!out || *people >= LEAST);
            prop_assert!(!out || total == *people || total - people >= LEAST, "R2");
        }
        prop_assert!(out.iter().any(|out| *out) || people.iter().any(|people| *people < LEAST));
        lines_hide_their_small_cells(&people, &out);
        prop_assert_eq!(out, shown(&[people.len()], &people, key));
    }

    /// Red team 10: the reader knows the way cells are chosen, and the key.
    #[test]
    fn knowing_how_cells_are_chosen_tells_nothing(
        least in 2..6u64,
        people in prop::collection::vec(0..13u64, 2..6),
        key in 0..6u64,
    ) {
        attacker::knows_the_algorithm(&people, least, &keyed(key));
    }

    #[test]
    fn no_small_cell_of_a_plane_is_told((lengths, people) in plane(), key: u64) {
        let out = shown(&lengths, &people, key);
        for (people, out) in people.iter().zip(&out) {
            prop_assert!(!out || *people >= LEAST);
        }
        let lengths = [lengths[0], lengths[1]];
        nothing_small_is_told(&Table::new(lengths, &people, LEAST), lengths, &out);
        let hidden = withheld_margins(lengths, &people, key);
        nothing_small_is_told(&Table::new(lengths, &people, LEAST).without(hidden), lengths, &out);
        for (people, out) in lines(lengths, &people).iter().zip(lines(lengths, &out)) {
            lines_hide_their_small_cells(people, &out);
        }
        prop_assert_eq!(out, shown(&lengths, &people, key));
    }
}

proptest! {
    // These tables are larger.
    #![proptest_config(ProptestConfig { cases: cases().cases / 4 + 1, ..cases() })]

    #[test]
    fn no_small_cell_of_a_space_is_told_by_any_of_its_planes((lengths, people) in space(), key: u64) {
        let out = shown(&lengths, &people, key);
        for (axis, length) in lengths.iter().enumerate() {
            let inner: usize = lengths[axis + 1..].iter().product();
            let mut places: Vec<usize> = (0..people.len()).collect();
            places.sort_by_key(|place| place / inner % length);
            let flat = [*length, people.len() / length];
            let people: Vec<u64> = places.iter().map(|place| people[*place]).collect();
            let out: Vec<bool> = places.iter().map(|place| out[*place]).collect();
            nothing_small_is_told(&Table::new(flat, &people, LEAST), flat, &out);
            for (people, out) in lines(flat, &people).iter().zip(lines(flat, &out)) {
                lines_hide_their_small_cells(people, &out);
            }
        }
    }
}

proptest! {
    #![proptest_config(cases())]

    /// The maximum flow against conditions on cuts.
    #[test]
    fn intervals_are_those_of_the_attacker((lengths, people) in plane(), seed: u64) {
        let lengths = [lengths[0], lengths[1]];
        let out: Vec<bool> = (0..people.len()).map(|place| keyed(seed)(place).is_multiple_of(2)).collect();
        let table = Table::new(lengths, &people, LEAST);
        for place in (0..people.len()).filter(|place| !out[*place]) {
            let found = interval(lengths, &cells(&people), &out, LEAST, place).unwrap();
            let may_be = |value| table.may_be(Knowledge::Shown(&out), (place / lengths[1], place % lengths[1]), value);
            prop_assert!(may_be(found.low) && (found.low == 0 || !may_be(found.low - 1)));
            match found.high {
                Some(high) => prop_assert!(may_be(high) && !may_be(high + 1)),
                None => prop_assert!(may_be(10_000)),
            }
        }
    }

    /// The conditions on cuts against all tables there are.
    #[test]
    fn the_attacker_is_right(people in prop::collection::vec(0..4u64, 6), seed: u64) {
        let out: Vec<bool> = (0..6).map(|place| keyed(seed)(place).is_multiple_of(3)).collect();
        let table = Table::new([2, 3], &people, 1);
        for place in (0..6).filter(|place| !out[*place]) {
            for value in 0..8 {
                prop_assert_eq!(table.may_be(Knowledge::Shown(&out), (place / 3, place % 3), value), table.is_found(&out, place, value));
            }
        }
    }
}
