//! How long a review takes. Not run with the others: `cargo test -p coda-disclosure timing -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use super::{Near, SEED, Set, Universe, mix, text};

/// A cohort of one to three predicates over attributes of 2 to 64 levels.
fn conjunction(count: u32, number: u64) -> Set {
    let predicates = 1 + mix(number) % 3;
    let predicates: Vec<(u64, u64, u64, u64)> = (0..predicates)
        .map(|place| {
            let attribute = mix(number * 8 + place + 1) % 12;
            let levels = 2 << (attribute % 6);
            let from = mix(number * 8 + place + 4) % levels;
            (attribute, levels, from, from + mix(number * 8 + place + 6) % levels.div_ceil(2))
        })
        .collect();
    let is_in = |person: &u32| {
        predicates.iter().all(|(attribute, levels, from, to)| {
            let level = mix(u64::from(*person) * 16 + attribute) % levels;
            (*from..=*to).contains(&level)
        })
    };
    (0..count).filter(is_in).collect()
}

fn table(count: u32, cells: u64) -> Vec<Set> {
    let mut sets = vec![Set::new(); cells as usize];
    for person in 0..count {
        sets[(mix(u64::from(person) + 1_000_000_007) % cells) as usize].insert(person);
    }
    sets
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..15)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn filled(count: u32, entries: usize) -> Universe {
    let mut universe = Universe::people(count, 5, SEED);
    universe.insert(text(0), (0..count).collect());
    let mut number = 0;
    while universe.len() < entries {
        number += 1;
        let set = conjunction(count, number);
        if universe.near(&text(number), &set) == Near::Far {
            universe.insert(text(number), set);
        }
    }
    universe
}

#[test]
#[ignore = "prints times"]
fn timing_of_a_review() {
    // 1,400 people are the most costly for unions of three and four: all are looked at.
    for (count, entries) in [(1_400, 300), (5_000, 1_000), (50_000, 1_000)] {
        let start = Instant::now();
        let mut universe = filled(count, entries);
        println!("{count} people: {entries} entries in {:?}, rank {}", start.elapsed(), universe.rank());
        let start = Instant::now();
        universe.prepare(52);
        println!("  prepare 52 vectors {:?}", start.elapsed());
        println!("  memory {} MB", universe.memory() / 1_000_000);
        let cells = table(count, 50);
        let sets: Vec<&Set> = cells.iter().collect();
        let near = median(|| {
            for (number, set) in (1_000_000..).zip(&sets) {
                assert_eq!(universe.near(&text(number), set), Near::Far);
            }
        });
        println!("  near, 50 sets {near:?}");
        println!(
            "  discloses, 50 sets {:?}: {}",
            median(|| {
                _ = std::hint::black_box(universe.discloses(&sets));
            }),
            universe.discloses(&sets)
        );
        println!(
            "  discloses, 1 set {:?}",
            median(|| {
                _ = std::hint::black_box(universe.discloses(&sets[..1]));
            })
        );
        println!(
            "  harmful, 50 sets {:?}: {:?}",
            median(|| {
                _ = std::hint::black_box(universe.harmful(&sets));
            }),
            universe.harmful(&sets)
        );
        let start = Instant::now();
        for (number, set) in (1_000_000..).zip(&cells) {
            universe.insert(text(number), set.clone());
        }
        println!("  insert, a set {:?}", start.elapsed() / 50);
        let start = Instant::now();
        universe.prepare(52);
        println!("  prepare again {:?}", start.elapsed());
    }
}

#[test]
#[ignore = "prints sizes"]
fn timing_of_a_long_history() {
    let start = Instant::now();
    let count = 50_000;
    let mut universe = filled(count, 4_000);
    println!("{count} people: {} entries in {:?}, rank {}", universe.len(), start.elapsed(), universe.rank());
    // From here on only combinations: the difference of a set and a part of it.
    let mut number = 10_000_000;
    let mut index = 0;
    while universe.len() < 10_000 {
        (number, index) = (number + 1, index + 1);
        let (one, other) = (mix(number) as usize % 4_000, index % 4_000);
        let (Some(one), Some(other)) = (universe.entry(one), universe.entry(other)) else { continue };
        let set = &one.set ^ &other.set;
        universe.entries.push(text(number), set);
    }
    println!("{} entries: memory {} MB", universe.len(), universe.memory() / 1_000_000);
    let set = conjunction(count, 123_456_789);
    println!(
        "  near {:?}",
        median(|| {
            _ = std::hint::black_box(universe.near(&text(1), &set));
        })
    );
    let set = conjunction(count, 987_654_321);
    println!(
        "  near {:?}, {} people",
        median(|| {
            _ = std::hint::black_box(universe.near(&[9; 32], &set));
        }),
        set.len()
    );
    let start = Instant::now();
    universe.prepare(52);
    println!("  prepare 52 vectors {:?}", start.elapsed());
    println!("  memory {} MB", universe.memory() / 1_000_000);
}

#[test]
#[ignore = "prints times"]
fn timing_of_combinations() {
    for (count, entries) in [(1_400, 300), (5_000, 1_000), (50_000, 1_000)] {
        let mut universe = filled(count, entries);
        universe.prepare(52);
        let cells = table(count, 50);
        let start = Instant::now();
        universe.depends(&cells[0]);
        println!("{count} people, {} entries: null vectors {:?}", universe.len(), start.elapsed());
        let one = median(|| assert!(std::hint::black_box(universe.combination(&cells[0])).is_none()));
        let wide = conjunction(count, 3_000_017);
        println!("  combination, 1 set {one:?}, of {} people {:?}", wide.len(), {
            median(|| {
                _ = std::hint::black_box(universe.combination(&wide));
            })
        });
        let fifty = median(|| assert!(cells.iter().all(|set| universe.combination(set).is_none())));
        println!("  combination, 50 sets {fifty:?}");
        for (number, set) in (1_000_000..).zip(&cells) {
            universe.hold(text(number), set.clone());
        }
        let start = Instant::now();
        universe.depends(&cells[0]);
        println!("  null vectors, 50 held {:?}", start.elapsed());
        let margin = cells[..12].iter().fold(Set::new(), |union, set| union | set);
        let asked = &margin - margin.iter().take(4).collect::<Set>();
        let found = universe.combination(&asked) == Some(margin.clone());
        let time = median(|| {
            _ = std::hint::black_box(universe.combination(&asked));
        });
        println!("  a margin less four {time:?}: {found}");
    }
}
