//! Tasks of the project that need more than a shell line: `cargo xtask check` is what CI runs.

mod arrows;
mod attacks;
mod bench;
mod check;
mod metadata;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "xtask", about = "Tasks of the project")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything CI runs: tests, format, clippy, tidy, documentation, generated files
    Check,
    /// Builds in release and measures: a network against pooled polars, and against a bare echo
    Bench {
        /// Arguments of the benchmark, such as --people 100000
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Runs the attacks on disclosure control, and prints what came of each
    Attacks,
    /// Rules the compiler does not know: arrows between crates, purity of level 0, sizes, paths
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Check => check::run(),
        Task::Bench { arguments } => bench::run(&arguments),
        Task::Attacks => attacks::run(),
        Task::Tidy => tidy::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
