//! The benchmark's other side: polars over the pooled frame, in this crate because no other may use polars.
//!
//! `pooled FILE.csv... RUNS` reads the sites' files into one frame of floats, writes it as Parquet, and then times the same
//! figures as the benchmark's big query: reading and computing (cold), and computing alone (warm). One JSON line on stdout.

use std::{env, error::Error, fs::File, path::PathBuf, time::Instant};

use polars::prelude::*;
use polars_io::prelude::{CsvReadOptions, ParquetCompression, ParquetReader, ParquetWriter, SerReader};

/// Name, lower bound and width of a histogram bin.
const VARIABLES: [(&str, f64, f64); 5] =
    [("age", 0.0, 6.0), ("bmi", 10.0, 3.0), ("crp", 0.0, 30.0), ("creatinine", 0.0, 60.0), ("stay", 0.0, 6.0)];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let runs: usize = arguments.pop().ok_or("no number of runs")?.parse()?;
    let frames = arguments.iter().map(|path| read_csv(path.into()).map(IntoLazy::lazy));
    let mut pooled = concat(frames.collect::<PolarsResult<Vec<_>>>()?, UnionArgs::default())?.collect()?;
    let parquet = PathBuf::from(arguments.first().ok_or("no files")?).with_file_name("pooled.parquet");
    ParquetWriter::new(File::create(&parquet)?).with_compression(ParquetCompression::Zstd(None)).finish(&mut pooled)?;
    drop(pooled);

    let start = Instant::now();
    let frame = ParquetReader::new(File::open(&parquet)?).finish()?;
    let rows = compute(&frame)?;
    let cold = start.elapsed();
    let mut warm = Vec::with_capacity(runs);
    for _ in 0..runs {
        let start = Instant::now();
        compute(&frame)?;
        warm.push(start.elapsed().as_secs_f64() * 1e3);
    }
    warm.sort_by(f64::total_cmp);
    let median = warm.get(runs / 2).copied().unwrap_or_default();
    println!("{{\"rows\":{rows},\"cold_ms\":{},\"warm_ms\":{median}}}", cold.as_secs_f64() * 1e3);
    Ok(())
}

fn read_csv(path: PathBuf) -> PolarsResult<DataFrame> {
    let mut frame =
        CsvReadOptions::default().with_has_header(true).try_into_reader_with_file_path(Some(path))?.finish()?;
    for (name, ..) in VARIABLES {
        let column = frame.column(name)?.cast(&DataType::Float64)?;
        frame.with_column(column)?;
    }
    frame.select(VARIABLES.map(|(name, ..)| name))
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
