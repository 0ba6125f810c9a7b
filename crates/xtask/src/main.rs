//! Tasks of the project that need more than a shell line: `cargo xtask check` is what CI runs.

mod arrows;
mod attacks;
mod bench;
mod check;
mod demo;
mod metadata;
mod tidy;
mod utility;

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
    /// Builds all programs and runs a whole network on this machine
    Demo {
        /// Arguments of the demo, such as --keep
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Runs the attacks on disclosure control, and prints what came of each
    Attacks,
    /// Asks a session of questions of made-up sites, and prints how useful the figures are that leave
    Utility,
    /// Rules the compiler does not know: arrows between crates, purity of level 0, sizes, paths
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Check => check::run(),
        Task::Bench { arguments } => bench::run(&arguments),
        Task::Demo { arguments } => demo::run(&arguments).map(|never| match never {}),
        Task::Attacks => attacks::run(),
        Task::Utility => utility::run(),
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
