//! A network of synthetic patients, and the basic queries of a study of them.

use coda_model::SiteId;
use coda_testkit::{Options, SiteData, SiteOptions};

use crate::{arguments::Arguments, script::query};

/// The network and its queries.
pub(crate) fn prepare(mut options: Options, arguments: &Arguments) -> anyhow::Result<(Options, Vec<Vec<String>>)> {
    coda_synth::dictionary().clone_into(&mut options.dictionary);
    for site in coda_synth::sites(arguments.sites as usize, arguments.people as usize, arguments.seed) {
        let tables = coda_synth::tables(&site).into_iter().map(|table| (table.name.to_owned(), table.csv)).collect();
        options = options.site(SiteOptions::new(SiteId::new(&site.name)?, SiteData::Tables(tables)));
    }
    Ok((options, queries()))
}

/// Requirements E1 to E6, in order.
fn queries() -> Vec<Vec<String>> {
    let one_sample = ["count:age", "mean:age", "sd:age", "ci:age", "median:age", "quartiles:age"];
    let peak = ["--derive", "peak = max(lab.crp) within 0..2 days of admission"];
    vec![
        query(&["count"], &[]),
        query(&one_sample, &[]),
        query(&["mean:stay", "median:stay"], &["--by", "age@40,65,80", "--where", "ventilated = yes"]),
        query(&["mean_difference:stay:icu"], &[]),
        query(&["smd:age:dead"], &[]),
        query(&["marginals:comorbidity"], &[]),
        query(&["mode:comorbidity"], &["--by", "sex"]),
        query(&["risk_ratio:dead:ventilated", "odds_ratio:dead:ventilated", "risk_difference:dead:ventilated"], &[]),
        query(&["count", "mean:age"], &["--over", "quarter:admission"]),
        query(&["histogram:peak"], &peak),
        query(&["median:peak"], &peak),
        query(&["count"], &["--where", "age >= 65 and has lab (crp >= 100) within 0..2 days of admission"]),
        query(&["mean:crp"], &["--rows", "lab", "--where", "spo2 < 92"]),
    ]
}
