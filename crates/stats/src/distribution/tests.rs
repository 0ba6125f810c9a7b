use coda_model::{
    frame::Count,
    ids::{People, Rows},
    threshold::Threshold,
};

use super::*;

fn site(steps: &[u64]) -> Vec<Shown<ShownSlot>> {
    let shown = |people: &u64| match people {
        0 => Shown::Suppressed,
        people => Shown::Value(ShownSlot { count: Count { people: People(*people), rows: Rows(*people) }, sums: None }),
    };
    steps.iter().map(shown).collect()
}

fn add(merged: &mut Distribution, steps: &[u64], edges: &[i32], highest: i32, rounding: &Rounding) {
    merged.add(
        &site(steps),
        &Grid { edges, bin_ends: &[], highest },
        steps.iter().sum(),
        (rounding, Sensitivity::Plain),
    );
}

#[test]
fn cells_of_one_code_give_the_quantile_itself() {
    let mut merged = Distribution::default();
    let exact = Rounding::exact(Threshold::default());
    add(&mut merged, &[10, 10, 10, 10, 10], &[0, 1, 2, 3, 4], 4, &exact);
    let median = merged.quantile(50, &[0, 1, 2, 3, 4], Scale::counts(4)).unwrap();
    assert_eq!((median.certain, median.value), ((2.0, 2.0), 2.0));
}

#[test]
fn edges_that_are_not_told_widen_the_certain_interval() {
    let edges = [0, 10, 20, 30];
    let exact = Rounding::exact(Threshold::default());
    let mut merged = Distribution::default();
    add(&mut merged, &[0, 20, 0, 20], &edges, 39, &exact);
    let quartile = merged.quantile(25, &edges, Scale::counts(39)).unwrap();
    assert_eq!(quartile.certain, (0.0, 19.0));
    assert!((quartile.value - 9.0).abs() < 1.0);
    let bins = merged.bins(&[1, 2, 3]);
    assert_eq!(bins[0].value, Some(20));
    assert_eq!((bins[1].value, bins[1].certain), (None, Some((0, 20))));
}

#[test]
fn rounded_counts_widen_it_by_their_bound() {
    let edges: Vec<i32> = (0..100).collect();
    let mut merged = Distribution::default();
    let mut steps = [0u64; 100];
    (9..100).step_by(10).for_each(|edge| steps[edge] = 20);
    add(&mut merged, &steps, &edges, 99, &Rounding::random(Threshold::default()));
    let median = merged.quantile(50, &edges, Scale::counts(99)).unwrap();
    // 100 of 200 lie up to 49; the rank may be off by 4 + 8 at each end, which is one edge more.
    assert_eq!(median.certain, (40.0, 59.0));
    assert!(median.confidence.0 > 40.0 && median.confidence.1 < 59.0);
}

#[test]
fn nobody_has_no_quantile() {
    let merged = Distribution::default();
    assert_eq!(merged.quantile(50, &[0, 1], Scale::counts(1)), None);
}

#[test]
fn the_bias_of_told_edges_fades_where_cells_have_many_people() {
    let random = Rounding::random(Threshold::default());
    assert!(bias(0.5, &random) > 2.0 && bias(5.0, &random) < 1.0 && bias(30.0, &random) < 0.01);
    assert!(bias(0.5, &Rounding::exact(Threshold::default())) == 0.0);
}
