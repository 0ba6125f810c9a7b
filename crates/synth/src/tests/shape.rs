//! The dependences that make the data worth analysing.

use super::{Columns, mean, read};
use crate::{patients_only, sites};

#[test]
fn the_older_and_the_sicker_fare_worse() {
    let patient = Columns::read(&patients_only(&sites(1, 20_000, 1)[0]));
    let dead = |column, test: &dyn Fn(&str) -> bool| patient.mean_where("dead", column, test);
    let years = |text: &str| text.parse::<u32>().unwrap();
    let (young, old) = (dead("age", &|age| years(age) < 50), dead("age", &|age| years(age) >= 75));
    assert!(old > 3.0 * young, "{young} {old}");
    let (none, several) =
        (dead("comorbidity", &|field| field == "none"), dead("comorbidity", &|field| field == "several"));
    assert!(several > 1.5 * none, "{none} {several}");
    let (without, with) = (dead("ventilated", &|field| field == "0"), dead("ventilated", &|field| field == "1"));
    assert!(with > 2.5 * without, "{without} {with}");
    let (earlier, later) = (dead("admission", &|day| day < "2020-07"), dead("admission", &|day| day > "2021-07"));
    assert!(earlier > 1.15 * later, "{earlier} {later}");

    let all = |column| patient.mean_where(column, "sex", |_| true);
    for (column, low, high) in
        [("dead", 0.05, 0.20), ("icu", 0.10, 0.35), ("ventilated", 0.06, 0.25), ("age", 59.0, 63.0)]
    {
        assert!((low..high).contains(&all(column)), "{column}: {}", all(column));
    }
}

#[test]
fn stays_are_lognormal_and_longer_in_the_ventilated() {
    let patient = Columns::read(&patients_only(&sites(1, 20_000, 2)[0]));
    let (without, with) = (
        patient.mean_where("stay", "ventilated", |f| f == "0"),
        patient.mean_where("stay", "ventilated", |f| f == "1"),
    );
    assert!(with > 1.5 * without, "{without} {with}");
    let stays: Vec<f64> = patient.numbers("stay").into_iter().flatten().collect();
    let skewness = |values: &[f64]| {
        let centre = mean(values.iter().copied());
        let moment = |power| mean(values.iter().map(|value| (value - centre).powi(power)));
        moment(3) / moment(2).powf(1.5)
    };
    let logarithms: Vec<f64> = stays.iter().map(|stay| stay.ln()).collect();
    assert!(skewness(&stays) > 1.5);
    assert!(skewness(&logarithms).abs() < 0.4);
}

#[test]
fn inflammation_is_higher_in_the_ventilated() {
    let tables = read(&sites(1, 4_000, 3)[0]);
    let patient = &tables["patient"];
    let ventilated: std::collections::HashMap<&str, &str> =
        patient.texts("patient_id").iter().zip(patient.texts("ventilated")).map(|(id, is)| (&**id, &**is)).collect();
    let lab = &tables["lab"];
    let mean_of = |column, is| lab.mean_where(column, "patient_id", |id| ventilated[id] == is);
    for (column, least_ratio) in [("crp", 1.5), ("d_dimer", 1.5), ("creatinine", 1.05)] {
        assert!(mean_of(column, "1") > least_ratio * mean_of(column, "0"), "{column}");
    }
    for column in ["lymphocytes", "spo2"] {
        assert!(mean_of(column, "1") < mean_of(column, "0"), "{column}");
    }
}

#[test]
fn people_come_in_waves() {
    let patient = Columns::read(&patients_only(&sites(1, 20_000, 4)[0]));
    let month = |month: &str| patient.texts("admission").iter().filter(|day| day.starts_with(month)).count();
    assert!(month("2020-04") > 4 * month("2020-07"));
    assert!(month("2020-12") > 4 * month("2021-07"));
    assert!(month("2021-04") > 2 * month("2021-08"));
}

#[test]
fn values_are_missing_as_often_as_tests_are_left_out() {
    let tables = read(&sites(1, 4_000, 5)[0]);
    let missing = [("patient", "smoker"), ("patient", "bmi"), ("lab", "crp"), ("lab", "d_dimer"), ("lab", "spo2")]
        .map(|(table, column)| tables[table].missing(column));
    assert!(missing.iter().all(|share| (0.01..0.7).contains(share)), "{missing:?}");
    assert!(missing[3] > 3.0 * missing[2], "D-dimer is asked for less often than CRP");
}

#[test]
fn sites_treat_different_people() {
    let network = sites(3, 9_000, 6);
    let patients: Vec<Columns> = network.iter().map(|site| Columns::read(&patients_only(site))).collect();
    let age = |place: usize| patients[place].mean_where("age", "sex", |_| true);
    assert!(age(1) - age(0) > 2.0, "{} {}", age(0), age(1));
    assert!(patients[1].missing("bmi") > patients[0].missing("bmi"));
}

#[test]
fn the_small_site_is_small_and_treats_the_old() {
    for seed in 0..20 {
        let network = sites(3, 3_000, seed);
        let small = &network[2];
        assert!((120..=180).contains(&small.people));
        let patient = Columns::read(&patients_only(small));
        assert_eq!(patient.rows, small.people);
        assert!(patient.mean_where("age", "sex", |_| true) > 74.0);
        // so few are ventilated that a median of theirs is suppressed
        let ventilated = patient.texts("ventilated").iter().filter(|field| *field == "1").count();
        assert!(ventilated < 40, "{ventilated}");
    }
}
