//! What the network says is what a computation over all its people says.

use coda_model::estimate::{Answer, CountFigure, Estimate, Figure, Quantity};

use crate::{
    population::{Person, SEXES, everybody, hospital, hospitals},
    truth::{self, Expected},
    world::{With as _, World, bounds, cell, close, count, figure, network, number, of, site},
};

/// Asks of every kind of guard over people.
const ASKS: [&str; 8] = [
    "count",
    "mean:age",
    "sd:weight",
    "median:age",
    "marginals:pain",
    "mean_difference:age:dead",
    "risk_ratio:dead:icu",
    "count:weight",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_network_says_what_the_pooled_people_say() {
    let world = World::start(hospitals()).await;
    for ask in ASKS {
        let answer = world.answer(&of(&[ask])).await;
        assert_true(&answer, ask);
        let grouped = world.answer(&of(&[ask]).by("sex").over("month:admission")).await;
        assert_eq!(grouped.asks[0].cells.len(), 12);
        assert_true(&grouped, ask);
    }
}

/// Asserts that every figure is that of the people it says it is of, and that every interval holds the true count.
fn assert_true(answer: &Answer, ask: &str) {
    let people = everybody();
    for cell in &answer.asks[0].cells {
        let inside: Vec<&Person> = people.iter().filter(|person| truth::in_cell(person, &cell.labels)).collect();
        for (estimate, sites) in cell
            .sites
            .iter()
            .map(|(site, estimate)| (estimate, vec![site.clone()]))
            .chain([(&cell.network, answer.sites.iter().map(|outcome| outcome.site.clone()).collect())])
        {
            let of = |names: &[coda_model::SiteId]| -> Vec<&Person> {
                inside.iter().copied().filter(|person| names.contains(&site(person.site))).collect()
            };
            for (name, expected) in truth::expected(ask, &of(&estimate.sites_in), &of(&sites)) {
                let what = format!("{ask}, {name} in {:?} of {sites:?}", cell.labels);
                let found = figure(estimate, &name);
                match (expected, &found.quantity) {
                    // Somebody's part is suppressed, or everybody's.
                    (_, Quantity::Suppressed) => {
                        assert!(name.starts_with("share") || estimate.sites_in != sites, "{what}");
                    }
                    // Estimated where a site suppresses its part: a share that the bounds of its count allow.
                    (Expected::Number(_), Quantity::Number(share)) if !is_exact(estimate, found) => {
                        let level = figure(estimate, &name.replace("share", "count"));
                        let Quantity::Count(CountFigure { certain: Some((low, high)), .. }) = level.quantity else {
                            panic!("{what}: {level:?}")
                        };
                        let at = sites
                            .iter()
                            .map(|site| of(std::slice::from_ref(site)))
                            .map(|people| people.iter().filter(|person| person.pain.is_some()).count() as u64);
                        let (few, many): (Vec<u64>, Vec<u64>) = at.partition(|people| *people < 5);
                        let least = many.iter().sum::<u64>();
                        let most = least + 4 * few.len() as u64;
                        let bounds = low as f64 / most as f64..=high as f64 / least as f64;
                        assert!(
                            bounds.contains(share),
                            "{what}: {share} is not in {bounds:?}, {low} to {high} of {least} to {most}"
                        );
                    }
                    (Expected::Number(true_value), Quantity::Number(value)) => {
                        close(*value, true_value, 1e-12, &what);
                    }
                    (Expected::Quantile(true_value), _) => {
                        let interval = found.certain.unwrap();
                        assert!(interval.low <= true_value && true_value <= interval.high, "{what}: {interval:?}");
                    }
                    (Expected::Count(count), Quantity::Count(found)) => {
                        let (low, high) = found.certain.unwrap();
                        assert!((low..=high).contains(&count), "{what}: {count} is not in {low} to {high}");
                        // Told exactly, unless a site suppresses its part: fewer than five.
                        let suppressed = (high - low) / 4;
                        assert!(suppressed > 0 || found.value == Some(count), "{what}");
                        assert_eq!(found.value.is_none(), suppressed == sites.len() as u64, "{what}");
                    }
                    (_, other) => panic!("{what} is {other:?}"),
                }
            }
        }
    }
}

/// Whether no site suppresses its part of a figure.
fn is_exact(estimate: &Estimate, figure: &Figure) -> bool {
    match &figure.quantity {
        Quantity::Count(count) => count.certain.is_some_and(|(low, high)| low == high),
        Quantity::Suppressed => false,
        _ if figure.name == "share" => {
            let mut counts = estimate.figures.iter().filter(|other| other.name == "count");
            counts.any(|count| count.level == figure.level && is_exact(estimate, count))
        }
        _ => true,
    }
}

/// Asks whose figures rest on sums alone.
const SUMS: [&str; 9] = [
    "count",
    "mean:age",
    "sd:weight",
    "ci:weight",
    "marginals:pain",
    "mean_difference:age:dead",
    "smd:weight:dead",
    "risk_ratio:dead:icu",
    "odds_ratio:dead:icu",
];

#[tokio::test(flavor = "multi_thread")]
async fn people_over_several_sites_or_in_one_have_the_same_figures_to_the_bit() {
    let mut people = everybody();
    let pooled = World::start(vec![hospital("all", &people)]).await;
    // By age, so that no two sites have the same kind of people.
    people.sort_by_key(|person| person.age);
    let thirds = ["young", "middle", "old"].into_iter().zip(people.chunks(people.len().div_ceil(3)));
    let split = World::start(thirds.map(|(name, people)| hospital(name, people)).collect()).await;
    let mut compared = 0;
    for ask in SUMS {
        for query in [of(&[ask]), of(&[ask]).by("sex"), of(&[ask]).over("month:admission")] {
            let (split, pooled) = (split.answer(&query).await, pooled.answer(&query).await);
            for (several, one) in split.asks[0].cells.iter().zip(&pooled.asks[0].cells) {
                assert_eq!(several.labels, one.labels);
                if !several.network.sites_out.is_empty() {
                    continue;
                }
                let (several, one) = (&several.network, &one.network);
                for (of_several, of_one) in several.figures.iter().zip(&one.figures) {
                    if is_exact(several, of_several) && is_exact(one, of_one) {
                        assert_eq!(of_several, of_one, "{ask}");
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 150, "only {compared} figures could be compared");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_query_has_the_same_answer_whatever_the_order_of_its_sites() {
    let world = World::start(hospitals()).await;
    let query = of(&["count", "mean:age", "median:weight", "marginals:pain"]).by("sex").over("month:admission");
    let first = world.answer(&query).await;
    assert_eq!(world.answer(&query).await, first);
    let backwards: Vec<_> = world.sites.iter().rev().cloned().collect();
    assert_eq!(world.ask(&query, &backwards).await.unwrap(), first);
    let twice: Vec<_> = world.sites.iter().chain(&backwards).cloned().collect();
    assert_eq!(world.ask(&query, &twice).await.unwrap(), first, "a site that is named twice counts once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_too_small_at_one_site_is_estimated_between_bounds() {
    let world = World::start(hospitals()).await;
    let query = of(&["count"]).by("sex").over("month:admission");
    let answer = world.answer(&query).await;
    let people = everybody();
    let mut estimated = 0;
    for cell in &answer.asks[0].cells {
        let at =
            |name: &str| people.iter().filter(|p| p.site == name && truth::in_cell(p, &cell.labels)).count() as u64;
        let few: u64 = ["north", "south", "east"].map(at).into_iter().filter(|count| *count < 5).count() as u64;
        let told: u64 = ["north", "south", "east"].map(at).into_iter().filter(|count| *count >= 5).sum();
        let found = count(&cell.network, "count");
        assert_eq!((found.value, found.certain), (Some(told), Some((told, told + 4 * few))), "{:?}", cell.labels);
        assert_eq!(found.estimate.is_some(), few > 0, "{:?}", cell.labels);
        if let Some(estimate) = found.estimate {
            let interval = estimate.interval.unwrap();
            assert!(told as f64 <= interval.low && interval.high <= (told + 4 * few) as f64);
            estimated += 1;
        }
    }
    assert!(estimated > 3, "the small hospital is small in {estimated} cells");
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_is_a_level() {
    let world = World::start(hospitals()).await;
    let answer = world.answer(&of(&["count", "marginals:sex"]).by("pain")).await;
    let people = everybody();
    let labels: Vec<&str> = answer.asks[0].cells.iter().map(|cell| cell.labels[0].as_str()).collect();
    assert_eq!(labels, ["none", "mild", "severe", "missing"]);
    let missing = people.iter().filter(|person| person.pain.is_none()).count() as u64;
    let (low, high) = bounds(&cell(&answer, "count", &["missing"]).network, "count");
    assert!((low..=high).contains(&missing), "{missing} is not in {low} to {high}");

    let answer = world.answer(&of(&["marginals:pain"])).await;
    let (low, high) = bounds(network(&answer, "marginals:pain"), "missing");
    assert!((low..=high).contains(&missing), "{missing} is not in {low} to {high}");
    assert!(low > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_counted_with_the_people_behind_them() {
    let world = World::start(hospitals()).await;
    let answer = world.answer(&of(&["count"]).rows("lab")).await;
    let people = everybody();
    let rows: u64 = people.iter().map(|person| person.labs.len() as u64).sum();
    let behind = people.iter().filter(|person| !person.labs.is_empty()).count() as u64;
    for (estimate, which) in
        [(network(&answer, "count"), "network"), (&cell(&answer, "count", &[]).sites[0].1, "north")]
    {
        let mine = |person: &&Person| which == "network" || person.site == which;
        let (low, high) = bounds(estimate, "count");
        let rows: u64 = people.iter().filter(mine).map(|person| person.labs.len() as u64).sum();
        assert!((low..=high).contains(&rows), "{which}: {rows} rows are not in {low} to {high}");
    }
    assert_eq!(count(network(&answer, "count"), "people").value, Some(behind));
    let (low, high) = bounds(network(&answer, "count"), "count");
    assert!(low == rows && high > low, "an empty table is suppressed like a small one");

    let answer = world.answer(&of(&["mean:crp"]).rows("lab")).await;
    let values: Vec<f64> = people.iter().flat_map(|person| &person.labs).flatten().map(|v| f64::from(*v)).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64 / 10.0;
    close(number(network(&answer, "mean:crp"), "mean"), mean, 1e-12, "mean of crp");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cohort_counts_whom_it_describes() {
    let world = World::start(hospitals()).await;
    let chosen = |keep: &dyn Fn(&Person) -> bool| everybody().iter().filter(|person| keep(person)).count() as u64;
    let cases: [(&str, u64); 4] = [
        ("age >= 60 and sex = female", chosen(&|p| p.age >= 60 && SEXES[p.sex] == "female")),
        ("pain in (mild, severe) or icu = yes", chosen(&|p| p.pain.is_some_and(|pain| pain > 0) || p.icu)),
        ("weight is missing", chosen(&|p| p.weight.is_none())),
        ("has lab (crp >= 100)", chosen(&|p| p.labs.iter().flatten().any(|crp| *crp >= 1000))),
    ];
    for (cohort, expected) in cases {
        let answer = world.answer(&of(&["count"]).whose(cohort)).await;
        let (low, high) = bounds(network(&answer, "count"), "count");
        assert!((low..=high).contains(&expected) && high - low <= 12, "{cohort}: {expected} is not in {low} to {high}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_with_a_higher_threshold_suppresses_more() {
    let mut sites = hospitals();
    sites[2].policy = Some("k = 28".to_owned());
    let world = World::start(sites).await;
    let answer = world.answer(&of(&["count"])).await;
    let found = count(network(&answer, "count"), "count");
    assert_eq!((found.value, found.certain), (Some(440), Some((440, 467))), "of 27 people at least 28 are asked for");
}
