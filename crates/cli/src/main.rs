//! The command line of researchers and administrators.

use std::process::ExitCode;

fn main() -> ExitCode {
    coda_cli::main(std::env::args_os(), &mut std::io::stdout().lock()).into()
}
