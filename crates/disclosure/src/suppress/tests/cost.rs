//! What secondary suppression costs, in cells and in time. Figures to read; `cargo test -- --ignored --nocapture`.

use super::*;

/// A table of counts whose share of small cells varies.
fn random(size: usize, most: u64, key: u64) -> Vec<u64> {
    let draw = keyed(key);
    (0..size)
        .map(|place| {
            let u = draw(place) as f64 / u64::MAX as f64;
            (u * u * u * most as f64) as u64
        })
        .collect()
}

/// Milliseconds this thread has worked, not waited.
fn worked() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6
}

#[test]
#[ignore = "prints figures"]
fn share_of_large_cells_withheld() {
    for (rows, columns) in [(2, 2), (3, 4), (5, 5), (8, 6), (10, 3)] {
        for most in [30u64, 100, 400] {
            let (mut large, mut withheld, mut small, mut all, mut tables, mut nothing) = (0, 0, 0, 0, 0, 0);
            for key in 0..2000 {
                let people = random(rows * columns, most, key);
                let cells = cells(&people);
                if sparse(&cells) {
                    continue;
                }
                let out = pattern(&[rows, columns], &cells, LEAST, &keyed(key + 77));
                tables += 1;
                nothing += usize::from(out.iter().all(|out| !out));
                all += people.len();
                large += people.iter().filter(|people| **people >= LEAST).count();
                small += people.iter().filter(|people| **people < LEAST).count();
                withheld += people.iter().zip(&out).filter(|(people, out)| **people >= LEAST && !**out).count();
            }
            let share = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
            eprintln!(
                "{rows}x{columns} up to {most}: {tables} tables, small {:.1} %, secondary {:.1} % of large, {:.1} % of all; nothing left {:.1} %",
                share(small, all),
                share(withheld, large),
                share(withheld, all),
                share(nothing, tables)
            );
        }
    }
}

#[test]
#[ignore = "prints figures"]
fn time() {
    for lengths in [
        vec![10, 5],
        vec![8, 6],
        vec![2000],
        vec![365, 5],
        vec![5, 365],
        vec![40, 50],
        vec![2, 1000],
        vec![10, 10, 20],
        vec![2, 5, 12, 10],
        vec![365, 50],
        vec![100, 100],
    ] {
        for most in [8u64, 30, 400, 20_000] {
            let size = lengths.iter().product();
            let (mut worst, mut sum, mut left) = (0.0f64, 0.0, 0);
            let keys = if size < 100 { 500 } else { 5 };
            for key in 0..keys {
                let cells = cells(&random(size, most, key));
                let begin = worked();
                let out = pattern(&lengths, &cells, LEAST, &keyed(key));
                let took = worked() - begin;
                left += out.iter().filter(|out| **out).count();
                worst = worst.max(took);
                sum += took;
            }
            eprintln!(
                "{lengths:?} up to {most}: mean {:.3} ms, worst {worst:.3} ms, {} cells leave",
                sum / keys as f64,
                left / keys as usize
            );
        }
    }
}
