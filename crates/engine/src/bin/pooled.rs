//! The benchmark's other side: polars over the pooled frame, in this crate because no other may use polars.
//!
//! `pooled FILE.csv... COHORTS RUNS` reads the sites' files into one frame of floats, writes it as Parquet, and then times the same
//! figures as the benchmark's big query: reading and computing (cold), and computing alone (warm). Then it times, of each cohort of
//! the file COHORTS: filter and the same figures; filter and count; filter, count and mean by ward. One JSON line on stdout.

use std::{
    env,
    error::Error,
    fs::{self, File},
    path::PathBuf,
    time::Instant,
};

use polars::prelude::*;
use polars_io::prelude::{CsvReadOptions, ParquetCompression, ParquetReader, ParquetWriter, SerReader};

/// Name, lower bound and width of a histogram bin.
const VARIABLES: [(&str, f64, f64); 5] =
    [("age", 0.0, 6.0), ("bmi", 10.0, 3.0), ("crp", 0.0, 30.0), ("creatinine", 0.0, 60.0), ("stay", 0.0, 6.0)];

/// How often each cohort is counted: one count is too short for the clock of CPU time.
const COUNTS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let runs: usize = arguments.pop().ok_or("no number of runs")?.parse()?;
    let cohorts = fs::read_to_string(arguments.pop().ok_or("no file of cohorts")?)?;
    let cohorts = cohorts.lines().map(cohort).collect::<Option<Vec<_>>>().ok_or("a cohort does not read")?;
    let frames = arguments.iter().map(|path| read_csv(path.into()).map(IntoLazy::lazy));
    let mut pooled = concat(frames.collect::<PolarsResult<Vec<_>>>()?, UnionArgs::default())?.collect()?;
    let parquet = PathBuf::from(arguments.first().ok_or("no files")?).with_file_name("pooled.parquet");
    ParquetWriter::new(File::create(&parquet)?).with_compression(ParquetCompression::Zstd(None)).finish(&mut pooled)?;
    drop(pooled);

    let start = Instant::now();
    let frame = ParquetReader::new(File::open(&parquet)?).finish()?;
    let rows = compute(&frame)?;
    let cold = start.elapsed();
    let warm = median((0..runs).map(|_| timed(|| compute(&frame))))?;
    let new = median(cohorts.iter().map(|cohort| timed(|| compute(&of(&frame, cohort).select(figures()).collect()?))))?;
    let before = cpu_ms()?;
    for _ in 0..COUNTS {
        for cohort in &cohorts {
            of(&frame, cohort).select([len()]).collect()?;
        }
    }
    let count_cpu = (cpu_ms()? - before) / (COUNTS * cohorts.len().max(1)) as f64;
    let by_ward = |cohort| of(&frame, cohort).group_by([col("ward")]).agg([len(), col("age").mean()]).collect();
    let cells = median(cohorts.iter().map(|cohort| timed(|| by_ward(cohort))))?;
    println!(
        "{{\"rows\":{rows},\"cold_ms\":{},\"warm_ms\":{warm},\"new_ms\":{new},\"count_cpu_ms\":{count_cpu},\"cells_ms\":{cells}}}",
        cold.as_secs_f64() * 1e3
    );
    Ok(())
}

/// The columns that the figures are about.
fn figures() -> Vec<Expr> {
    VARIABLES.iter().map(|(name, ..)| col(*name)).collect()
}

/// The people in a cohort.
fn of(frame: &DataFrame, cohort: &Expr) -> LazyFrame {
    frame.clone().lazy().filter(cohort.clone())
}

/// `age >= 60 and bmi < 40`.
fn cohort(text: &str) -> Option<Expr> {
    let conditions = text.split(" and ").map(|condition| {
        let mut words = condition.split(' ');
        let (name, sign, bound) = (words.next()?, words.next()?, lit(words.next()?.parse::<f64>().ok()?));
        Some(if sign == "<" { col(name).lt(bound) } else { col(name).gt_eq(bound) })
    });
    conditions.collect::<Option<Vec<_>>>()?.into_iter().reduce(Expr::and)
}

/// How long it takes, in milliseconds.
fn timed<T>(work: impl FnOnce() -> PolarsResult<T>) -> PolarsResult<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

fn median(times: impl Iterator<Item = PolarsResult<f64>>) -> PolarsResult<f64> {
    let mut times = times.collect::<PolarsResult<Vec<_>>>()?;
    times.sort_by(f64::total_cmp);
    Ok(times.get(times.len() / 2).copied().unwrap_or_default())
}

/// User and system time of this process so far (proc(5): `stat` fields 14 and 15, in hundredths of a second).
fn cpu_ms() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    Ok(10.0 * fields.skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?)
}

fn read_csv(path: PathBuf) -> PolarsResult<DataFrame> {
    let mut frame =
        CsvReadOptions::default().with_has_header(true).try_into_reader_with_file_path(Some(path))?.finish()?;
    for (name, ..) in VARIABLES {
        let column = frame.column(name)?.cast(&DataType::Float64)?;
        frame.with_column(column)?;
    }
    frame.select(VARIABLES.iter().map(|(name, ..)| *name).chain(["ward"]))
}

/// Count, mean, standard deviation and quartiles of each variable in one query, and a histogram of each.
fn compute(frame: &DataFrame) -> PolarsResult<usize> {
    let mut figures = Vec::new();
    for (name, ..) in VARIABLES {
        figures.push(col(name).count().alias(format!("{name} n")));
        figures.push(col(name).mean().alias(format!("{name} mean")));
        figures.push(col(name).std(1).alias(format!("{name} sd")));
        for quantile in [0.25, 0.5, 0.75] {
            let title = format!("{name} {quantile}");
            figures.push(col(name).quantile(lit(quantile), QuantileMethod::Linear).alias(title));
        }
    }
    let summary = frame.clone().lazy().select(figures);
    let histograms = VARIABLES.map(|(name, lower, width)| {
        let bin = ((col(name) - lit(lower)) / lit(width)).cast(DataType::Int32).alias("bin");
        frame.clone().lazy().select([bin]).group_by([col("bin")]).agg([len()])
    });
    let all = [summary].into_iter().chain(histograms).collect::<Vec<_>>();
    let collected = all.into_iter().map(LazyFrame::collect).collect::<PolarsResult<Vec<_>>>()?;
    Ok(collected.len().min(1) * frame.height())
}
