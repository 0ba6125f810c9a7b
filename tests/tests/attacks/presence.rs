//! What is there and what is not: a mean, an SD or a median against its count.
//!
//! MISSES ITS BOUND: nested cohorts of 0 to 20 people, each with X and without, tell X by what is suppressed in 70 % (60 are
//! promised), as twelve pairs of figures would. A mean, an SD or a median adds nothing to that.

use coda_disclosure::RuleSet;
use coda_model::{
    frame::{Shown, ShownFrame, ShownSlot},
    rounding::Rounding,
    threshold::Threshold,
};
use rand::{Rng, RngExt};

use crate::bench::{Attack, Off, Raw, Sets, VARIABLES, Ward, bare, percent, rng, usual};

const TARGETS: usize = 200;
const STEPS: usize = 12;

/// Random conditions that leave few people, so that many counts are suppressed.
fn narrow(rng: &mut impl Rng) -> String {
    let [_, unit, month, origin, _] = VARIABLES;
    let parts = [unit, month, origin].map(|variable| {
        let codes: Vec<i32> = (0..variable.levels).filter(|_| rng.random_range(0..2) == 0).collect();
        variable.among(if codes.is_empty() { &[0] } else { &codes })
    });
    parts.join(" and ")
}

fn is_told(slot: &Shown<ShownSlot>) -> bool {
    slot.value().is_some()
}

/// How often a statistic's presence is not that of its count, in percent.
fn differs(ask: &str, of: impl Fn(&ShownFrame) -> Option<(bool, bool)>) -> (usize, f64) {
    let (ward, mut rng, mut found) = (Ward::new(400, 3_000, false), rng(9), Vec::new());
    for _ in 0..300 {
        let told = ward.raw(&format!("where = '{}'\nof = ['{ask}']\nby = ['sex']", narrow(&mut rng))).told(&usual());
        found.extend(told.asks[0].iter().filter_map(&of).map(|(statistic, count)| statistic != count));
    }
    (found.len(), percent(&found))
}

#[test]
fn a_mean_and_an_sd_are_told_where_their_count_is() {
    let (targets, success) = differs("sd:stay", |frame| {
        Some((frame.slots[0].value().is_some_and(|slot| slot.sums.is_some()), frame.valid.value().is_some()))
    });
    Attack {
        name: "presence of a mean and an SD against that of their count",
        learns: "anything by a mean or an SD that is not told",
        questions: 1,
        targets,
        success,
        bound: 0.0,
        off: None,
    }
    .check();
}

#[test]
fn a_median_is_told_from_forty_told_people_on() {
    let median = |frame: &ShownFrame| {
        Some((frame.slots.iter().any(is_told), frame.valid.value().is_some_and(|valid| valid.people.0 >= 40)))
    };
    let (targets, success) = differs("median:stay", median);
    Attack {
        name: "presence of a median against its count being 40",
        learns: "anything by a median that is not told",
        questions: 1,
        targets,
        success,
        bound: 0.0,
        off: None,
    }
    .check();
}

/// Nested cohorts, each with X and without: does what is there and what is not change?
fn bisecting(rules: &RuleSet, present: impl Fn(&Raw, &RuleSet) -> Vec<bool>) -> (usize, f64) {
    let mut right = Vec::new();
    for site in 0.. {
        let ward = Ward::new(300, 4_000 + site, false);
        for target in ward.targets(20, Ward::has_hiv) {
            let of = |below: i32, without: &str| {
                let text = format!("where = 'age < {below}{without}'\nof = ['mean:stay']\nby = ['hiv']");
                present(&ward.raw(&text), rules)
            };
            let without = format!(" and not ({})", ward.described(target));
            let cuts = (1..7).map(|step| (ward.age(target) / 5 * 5 + 5 * step).min(105));
            let changed = cuts.into_iter().any(|below| of(below, "") != of(below, &without));
            right.push(changed == ward.has_hiv(target));
        }
        if right.len() >= TARGETS {
            break;
        }
    }
    (right.len(), percent(&right))
}

/// Nested cohorts of a few people, some of whom are not known, each with X and without: how many more are told with X?
fn bisecting_few(rules: RuleSet) -> f64 {
    let mut rng = rng(19);
    let mut one = |site: u64| {
        let sets = Sets::new(site, rules);
        let (is_in, x) = (site.is_multiple_of(2), rng.random::<u64>());
        let mut people: Vec<u64> = (0..rng.random_range(0..4)).map(|_| rng.random()).collect();
        let mut more = 0i32;
        for step in 0..STEPS {
            people.extend((0..rng.random_range(0..3)).map(|_| rng.random::<u64>()));
            let with = if is_in { [people.as_slice(), &[x]].concat() } else { people.clone() };
            more += i32::from(sets.count(&with, &format!("{step} with")).is_some());
            more -= i32::from(sets.count(&people, &format!("{step}")).is_some());
        }
        (is_in, more)
    };
    // Learnt at sites of the attacker's own.
    let mut learnt = std::collections::BTreeMap::<i32, [f64; 2]>::new();
    for (is_in, more) in (1_000_000..1_010_000).map(&mut one) {
        learnt.entry(more).or_default()[usize::from(is_in)] += 1.0;
    }
    let guess = |(is_in, more)| learnt.get(&more).is_some_and(|[out, into]| into > out) == is_in;
    percent(&(0..4_000).map(&mut one).map(guess).collect::<Vec<_>>())
}

#[test]
fn bisecting_cohorts_of_few() {
    Attack {
        name: "bisecting nested cohorts of a few people by what is told",
        learns: "whether X is in",
        questions: 2 * STEPS,
        targets: 4_000,
        success: bisecting_few(usual()),
        bound: 60.0,
        off: Some(Off { success: bisecting_few(RuleSet { rounding: Rounding::exact(Threshold::default()), ..bare() }), least: 70.0 }),
    }
    .known_miss(70.0);
}

#[test]
fn bisecting_by_presence() {
    let told = |raw: &Raw, rules: &RuleSet| vec![raw.slot(rules, 1, 0).is_some()];
    let counted = |raw: &Raw, _: &RuleSet| {
        let exact = raw.slot(&bare(), 1, 0).map_or(0, |slot| slot.count.people.0);
        (0..300).map(|least| exact > least).collect()
    };
    let (targets, success) = bisecting(&usual(), told);
    Attack {
        name: "bisecting nested cohorts by what is there",
        learns: "whether X has HIV",
        questions: 12,
        targets,
        success,
        bound: 60.0,
        // With exact counts any threshold can be tried.
        off: Some(Off { success: bisecting(&bare(), counted).1, least: 80.0 }),
    }
    .check();
}
