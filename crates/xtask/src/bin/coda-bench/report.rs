//! The figures of a run, as a table and as JSON.

use serde::Serialize;

use crate::{
    echo::Sizes,
    process::{Pooled, Usage},
};

/// Bytes of a code in memory.
const CODE: usize = 4;

/// Everything measured in one run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) big: Big,
    pub(crate) small: Small,
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
        cold: f64,
        warm: Vec<f64>,
        polars: &Pooled,
        idle: &[Usage],
        before: &[Usage],
        after: &[Usage],
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
            "  process           idle MiB  peak MiB  CPU s a warm query".to_owned(),
        ];
        for ProcessFigures { name, idle_mebibytes, peak_mebibytes, cpu_seconds } in &self.big.processes {
            lines.push(format!("  {name:<16} {idle_mebibytes:>9.1} {peak_mebibytes:>9.1} {cpu_seconds:>12.4}"));
        }
        lines.push(format!("3 sites x {few} people, one count, warm                coda       echo   ratio"));
        lines.push(format!(
            "  median ms                                  {median_ms:>10.3} {echo_median_ms:>10.3} {ratio:>7.2}"
        ));
        lines.push(format!("  90 % ms                                    {p90_ms:>10.3} {echo_p90_ms:>10.3}"));
        lines.join("\n")
    }
}

fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get((values.len() as f64 * share) as usize).copied().unwrap_or_default()
}
