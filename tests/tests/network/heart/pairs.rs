//! Two variables at once. A 2x2 table or two samples need all of their cells: the network's figure is of the centres that
//! told them.

use coda_model::SiteId;
use serde_json::Value;

use super::{
    FOUR, agrees, ask_all, asks, by_name,
    centres::{Centres, Row},
    real, reference,
};
use crate::{
    truth::{mean, sd},
    world::{World, close, network, number, site},
};

/// The two smaller centres as one site: then nobody suppresses any of these.
const THREE: [(&str, &[&str]); 3] =
    [("cleveland", &["cleveland"]), ("hungary", &["hungary"]), ("others", &["switzerland", "long-beach"])];

/// Exposures of the disease, with what the exposed have in the file.
const EXPOSURES: [(&str, &str, &str); 3] =
    [("exang", "exang", "True"), ("fbs", "fbs", "True"), ("sex=Male", "sex", "Male")];

#[tokio::test(flavor = "multi_thread")]
async fn where_all_tell_the_network_says_what_the_one_file_says() {
    let Some(centres) = Centres::read() else { return };
    let (world, pooled) = (centres.start(&THREE).await, reference());
    for variable in ["age", "thalch"] {
        let expected = &pooled["by_disease"][variable];
        let ask = format!("mean_difference:{variable}:disease");
        let answer = ask_all(&world, &ask).await;
        let found = network(&answer, &ask);
        for (name, test) in [("Welch", "welch"), ("pooled", "pooled")] {
            let test = &expected[test];
            agrees(found, &format!("difference {name}"), &expected["difference"], test);
            agrees(found, &format!("t {name}"), &test["t"], &Value::Null);
            agrees(found, &format!("df {name}"), &test["df"], &Value::Null);
            // Told to two digits, and never less than this.
            assert!(real(&test["p"]) < 1e-4);
            close(number(found, &format!("p {name}")), 1e-4, 1e-12, "p");
        }
        agrees(found, "mean/yes", &expected["group1"]["mean"], &Value::Null);
        agrees(found, "mean/no", &expected["group0"]["mean"], &Value::Null);

        let ask = format!("smd:{variable}:disease");
        let answer = ask_all(&world, &ask).await;
        let found = network(&answer, &ask);
        for (name, size) in [("d", &expected["cohen_d"]), ("g", &expected["hedges_g"])] {
            agrees(found, name, &size["value"], size);
        }
    }
    let expected = &pooled["exang_by_disease"]["expected"];
    let difference = &expected["risk_difference"];
    let figures = [
        ("risk_ratio", "risk ratio", &expected["risk_ratio"]["value"], &expected["risk_ratio"]),
        ("odds_ratio", "odds ratio", &expected["odds_ratio"]["value"], &expected["odds_ratio"]),
        ("risk_difference", "risk difference Wald", &difference["value"], &difference["wald"]),
        ("risk_difference", "risk difference Newcombe", &difference["value"], &difference["newcombe"]),
    ];
    for (statistic, name, value, interval) in figures {
        let ask = format!("{statistic}:disease:exang");
        let answer = ask_all(&world, &ask).await;
        agrees(network(&answer, &ask), name, value, interval);
        agrees(network(&answer, &ask), "risk/yes", &expected["risk1"], &Value::Null);
        agrees(network(&answer, &ask), "risk/no", &expected["risk0"], &Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_centre_suppresses_a_cell_it_is_named_and_the_figure_is_of_the_others() {
    let Some(centres) = Centres::read() else { return };
    let world = centres.start(&FOUR).await;
    for (operand, column, exposed) in EXPOSURES {
        let table = |row: &Row<'_>| (row.get(column) == exposed, row.get("disease") == "1");
        let valid = |row: &Row<'_>| !row.get(column).is_empty();
        let tells = |name: &str| {
            let mut cells = [0; 4];
            for row in centres.rows().filter(|row| row.centre() == name && valid(row)) {
                let (exposed, ill) = table(&row);
                cells[usize::from(exposed) * 2 + usize::from(ill)] += 1;
            }
            cells.iter().all(|count| *count >= 5)
        };
        let inside = from(&world, tells);
        assert!(!inside.is_empty() && inside.len() < 4, "{operand} tests nothing");
        let rows = || centres.rows().filter(|row| valid(row) && inside.contains(&site(row.centre())));
        let count = |of: (bool, bool)| rows().filter(|row| table(row) == of).count() as f64;
        let [a, b, c, d] = [(true, true), (true, false), (false, true), (false, false)].map(count);
        let (risk, other) = (a / (a + b), c / (c + d));
        for (statistic, name, value) in [
            ("risk_ratio", "risk ratio", risk / other),
            ("odds_ratio", "odds ratio", a * d / (b * c)),
            ("risk_difference", "risk difference Wald", risk - other),
        ] {
            labelled(&world, &format!("{statistic}:disease:{operand}"), &inside, name, value).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_means_are_of_all_centres_with_five_in_each_group() {
    let Some(centres) = Centres::read() else { return };
    let world = centres.start(&FOUR).await;
    for variable in ["age", "thalch"] {
        let values = |keep: &dyn Fn(&Row<'_>) -> bool| -> Vec<f64> {
            let rows = centres.rows().filter(|row| keep(row) && !row.get(variable).is_empty());
            rows.map(|row| row.get(variable).parse().unwrap()).collect()
        };
        let of = |name: &str, ill: &str| values(&|row| row.centre() == name && row.get("disease") == ill).len();
        let inside = from(&world, |name| of(name, "0") >= 5 && of(name, "1") >= 5);
        assert_eq!(inside.len(), 4, "of the healthy there are eight in Switzerland");
        let group = |ill: &str| values(&|row| inside.contains(&site(row.centre())) && row.get("disease") == ill);
        let (ill, healthy) = (group("1"), group("0"));
        let difference = mean(&ill) - mean(&healthy);
        let name = format!("mean_difference:{variable}:disease");
        labelled(&world, &name, &inside, "difference Welch", difference).await;

        let squares = |values: &[f64]| sd(values).powi(2) * (values.len() as f64 - 1.0);
        let freedom = (ill.len() + healthy.len()) as f64 - 2.0;
        let spread = ((squares(&ill) + squares(&healthy)) / freedom).sqrt();
        labelled(&world, &format!("smd:{variable}:disease"), &inside, "d", difference / spread).await;
    }
}

/// The sites that tell all cells.
fn from(world: &World, tells: impl Fn(&str) -> bool) -> Vec<SiteId> {
    by_name(world).into_iter().filter(|name| tells(name.as_str())).collect()
}

/// Asserts that a figure has this value, is said to be of these sites, and to be without all others.
async fn labelled(world: &World, ask: &str, inside: &[SiteId], name: &str, value: f64) {
    let answer = world.answer(&asks(&[ask])).await;
    let found = network(&answer, ask);
    assert_eq!(found.sites_in, inside, "{ask}");
    let outside: Vec<SiteId> = by_name(world).into_iter().filter(|site| !inside.contains(site)).collect();
    assert_eq!(found.sites_out, outside, "{ask}");
    close(number(found, name), value, 1e-9, ask);
}
