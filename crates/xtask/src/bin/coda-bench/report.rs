//! The figures of a run, as a table and as JSON.

use serde::Serialize;

use crate::{
    echo::Sizes,
    process::{Pooled, Usage},
};

/// Bytes of a code in memory.
const CODE: usize = 4;
/// Bytes of a record key in memory.
const RECORD_KEY: usize = 8;

/// Everything measured in one run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) big: Big,
    pub(crate) small: Small,
    pub(crate) cases: Vec<Case>,
}

/// One figure against another of the same run.
#[derive(Debug, Serialize)]
pub(crate) struct Case {
    what: String,
    coda: f64,
    /// What it is compared with.
    with: &'static str,
    other: f64,
    ratio: f64,
    /// The largest ratio aimed at.
    aim: Option<f64>,
}

/// The big query against pooled polars.
#[derive(Debug, Serialize)]
pub(crate) struct Big {
    people_per_site: usize,
    pooled_rows: usize,
    cold_ms: f64,
    warm_ms: f64,
    polars_cold_ms: f64,
    polars_warm_ms: f64,
    cold_ratio: f64,
    warm_ratio: f64,
    columns_mebibytes: f64,
    /// Largest resident set of a computation node over the bytes of the columns it holds.
    memory_ratio: f64,
    /// The same without what the process held before it had a column.
    memory_ratio_above_idle: f64,
    /// Largest resident set of a computation node above idle, after new cohorts as well.
    new_cohorts_mebibytes: f64,
    /// The columns twice and a record key of each person.
    memory_aim_mebibytes: f64,
    processes: Vec<ProcessFigures>,
}

/// What a process used.
#[derive(Debug, Serialize)]
struct ProcessFigures {
    name: String,
    idle_mebibytes: f64,
    peak_mebibytes: f64,
    /// For each warm query.
    cpu_seconds: f64,
}

/// The small query against the bare echo.
#[derive(Debug, Serialize)]
pub(crate) struct Small {
    people_per_site: usize,
    request_bytes: usize,
    answer_bytes: usize,
    median_ms: f64,
    p90_ms: f64,
    echo_median_ms: f64,
    echo_p90_ms: f64,
    ratio: f64,
}

impl Big {
    pub(crate) fn new(
        people: usize,
        (cold, warm): (f64, Vec<f64>),
        polars: &Pooled,
        [idle, before, after, loaded]: [&[Usage]; 4],
    ) -> Self {
        let columns = (people * CODE * crate::data::VARIABLES.len()) as f64 / f64::from(1 << 20);
        let runs = warm.len().max(1) as f64;
        let processes: Vec<_> = idle
            .iter()
            .zip(before)
            .zip(after)
            .map(|((idle, before), after)| ProcessFigures {
                name: after.name.clone(),
                idle_mebibytes: idle.peak_mebibytes,
                peak_mebibytes: after.peak_mebibytes,
                cpu_seconds: (after.cpu_seconds - before.cpu_seconds) / runs,
            })
            .collect();
        let largest = |of: fn(&ProcessFigures) -> f64| {
            processes.iter().filter(|p| p.name.ends_with("compute")).map(of).fold(0.0, f64::max)
        };
        let above = |(idle, loaded): (&Usage, &Usage)| loaded.peak_mebibytes - idle.peak_mebibytes;
        let computing = idle.iter().zip(loaded).filter(|(idle, _)| idle.name.ends_with("compute"));
        let warm = quantile(warm, 0.5);
        Self {
            people_per_site: people,
            pooled_rows: polars.rows,
            cold_ms: cold,
            warm_ms: warm,
            polars_cold_ms: polars.cold_ms,
            polars_warm_ms: polars.warm_ms,
            cold_ratio: cold / polars.cold_ms,
            warm_ratio: warm / polars.warm_ms,
            columns_mebibytes: columns,
            memory_ratio: largest(|p| p.peak_mebibytes) / columns,
            memory_ratio_above_idle: largest(|p| p.peak_mebibytes - p.idle_mebibytes) / columns,
            new_cohorts_mebibytes: computing.map(above).fold(0.0, f64::max),
            memory_aim_mebibytes: 2.0 * columns + (people * RECORD_KEY) as f64 / f64::from(1 << 20),
            processes,
        }
    }
}

impl Small {
    pub(crate) fn new(people: usize, coda: Vec<f64>, echo: Vec<f64>, bytes: &Sizes) -> Self {
        let (median, bare) = (quantile(coda.clone(), 0.5), quantile(echo.clone(), 0.5));
        Self {
            people_per_site: people,
            request_bytes: bytes.request,
            answer_bytes: bytes.answer,
            median_ms: median,
            p90_ms: quantile(coda, 0.9),
            echo_median_ms: bare,
            echo_p90_ms: quantile(echo, 0.9),
            ratio: median / bare,
        }
    }
}

impl Case {
    /// A figure of Coda and another one, with the name of what the other is of, and the largest ratio aimed at.
    pub(crate) fn new(what: &str, (with, coda, other): (&'static str, f64, f64), aim: Option<f64>) -> Self {
        Self { what: what.to_owned(), coda, with, other, ratio: coda / other, aim }
    }

    fn line(&self) -> String {
        let Self { what, coda, with, other, ratio, aim } = self;
        let aim =
            aim.map(|aim| format!("{aim:>4} {}", if *ratio <= aim { "met" } else { "missed" })).unwrap_or_default();
        format!("  {what:<58} {coda:>9.3} {with:>7} {other:>9.3} {ratio:>6.2}  {aim}")
    }
}

/// What the nodes of all sites used between two looks, in milliseconds of CPU for each of so many queries.
pub(crate) fn cpu_of_sites(before: &[Usage], after: &[Usage], queries: usize) -> f64 {
    let nodes = before.iter().zip(after).filter(|(usage, _)| usage.name.contains('-'));
    let seconds: f64 = nodes.map(|(before, after)| after.cpu_seconds - before.cpu_seconds).sum();
    seconds * 1e3 / queries.max(1) as f64
}

impl Report {
    /// The figures to read.
    pub(crate) fn table(&self) -> String {
        let Big { people_per_site, cold_ms, warm_ms, polars_cold_ms, polars_warm_ms, cold_ratio, warm_ratio, .. } =
            &self.big;
        let Small { people_per_site: few, median_ms, p90_ms, echo_median_ms, echo_p90_ms, ratio, .. } = &self.small;
        let mut lines = vec![
            format!("3 sites x {people_per_site} people, 5 variables, 25 asks      coda     polars   ratio"),
            format!(
                "  cold, ms                                   {cold_ms:>10.1} {polars_cold_ms:>10.1} {cold_ratio:>7.2}"
            ),
            format!(
                "  warm, median ms                            {warm_ms:>10.1} {polars_warm_ms:>10.1} {warm_ratio:>7.2}"
            ),
            format!(
                "  memory of a computation node over its columns ({:.0} MiB): {:.2}, above idle {:.2}",
                self.big.columns_mebibytes, self.big.memory_ratio, self.big.memory_ratio_above_idle
            ),
            format!(
                "  the same in MiB above idle, after new cohorts: {:.0}; aim: at most {:.0}",
                self.big.new_cohorts_mebibytes, self.big.memory_aim_mebibytes
            ),
            "  process           idle MiB  peak MiB  CPU s a warm query".to_owned(),
        ];
        for ProcessFigures { name, idle_mebibytes, peak_mebibytes, cpu_seconds } in &self.big.processes {
            lines.push(format!("  {name:<16} {idle_mebibytes:>9.1} {peak_mebibytes:>9.1} {cpu_seconds:>12.4}"));
        }
        lines.push(format!("3 sites x {few} people, one count, repeated            coda       echo   ratio"));
        lines.push(format!(
            "  median ms                                  {median_ms:>10.3} {echo_median_ms:>10.3} {ratio:>7.2}"
        ));
        lines.push(format!("  90 % ms                                    {p90_ms:>10.3} {echo_p90_ms:>10.3}"));
        lines.push(format!("  {:<58} {:>9} {:>17} {:>6}  {:>4}", "cases", "coda", "against", "ratio", "aim"));
        lines.extend(self.cases.iter().map(Case::line));
        lines.join("\n")
    }
}

/// The value under which this share of the values lies.
pub(crate) fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get((values.len() as f64 * share) as usize).copied().unwrap_or_default()
}
