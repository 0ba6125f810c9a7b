//! The command line of researchers and administrators: `coda describe`, `coda query`, `coda grant`, …
//! Data go to standard output, everything else to standard error. It carries no server.

mod accounts;
mod arguments;
mod ask;
mod audit;
mod browser;
mod config;
mod describe;
mod draft;
mod grants;
mod init;
mod query;
mod question;
mod render;
mod request;
mod verify;
mod whoami;

use std::{ffi::OsString, io::Write};

use anyhow::Context;
use clap::Parser;
use coda_runtime::{Stop, telemetry};

use arguments::{Arguments, Command, DictionaryCommand};

pub use ask::{Ask, Prompt, Terminal};

/// How a run of the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It did what was asked.
    Done,
    /// It did not, or no site answered.
    Failed,
    /// The command line, the configuration or the query is wrong.
    Wrong,
    /// It was interrupted.
    Interrupted,
}

impl From<Ending> for std::process::ExitCode {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Done => Self::SUCCESS,
            Ending::Failed => Self::from(1),
            Ending::Wrong => Self::from(2),
            Ending::Interrupted => Self::from(130),
        }
    }
}

/// Runs the program with its own runtime. `arguments` begin with the program's name; data are written to `output`.
pub fn main(arguments: impl IntoIterator<Item = OsString>, output: &mut dyn Write) -> Ending {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(async {
            let stop = match Stop::on_signals() {
                Ok(stop) => stop,
                Err(error) => return failed(&anyhow::Error::from(error).context("cannot listen for signals")),
            };
            // Standard error has other uses in a program people type at; logs come only when asked for.
            if std::env::var_os(telemetry::FILTER_VARIABLE).is_some() {
                let _ = telemetry::init(telemetry::Format::Text, "off");
            }
            tokio::select! {
                ending = run(arguments, output) => ending,
                () = stop.requested() => Ending::Interrupted,
            }
        }),
        Err(error) => failed(&anyhow::Error::from(error).context("cannot start")),
    }
}

/// Runs the program within a runtime; a person is asked at the terminal.
pub async fn run(arguments: impl IntoIterator<Item = OsString>, output: &mut dyn Write) -> Ending {
    run_asking(arguments, output, &mut Terminal).await
}

/// Runs the program within a runtime; `ask` answers for the person.
pub async fn run_asking(
    arguments: impl IntoIterator<Item = OsString>,
    output: &mut dyn Write,
    ask: &mut dyn Ask,
) -> Ending {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.iter().skip(1).eq(["help", "suppressed"]) {
        return written(write!(output, "{}", render::HELP).map_err(Into::into));
    }
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            eprint!("{error}");
            return Ending::Wrong;
        }
        Err(help) => return written(write!(output, "{help}").map_err(Into::into)),
    };
    let Arguments { config, command } = arguments;
    match command {
        Command::Describe(of) => written(describe::run(config.as_deref(), &of, output).await),
        Command::Query(of) => ended(query::run(config.as_deref(), &of, output).await),
        Command::Verify { file } => written(verify::run(config.as_deref(), &file, output)),
        Command::Dictionary { command: DictionaryCommand::Draft { files, person } } => written(
            draft::draft(&files, person.as_deref())
                .and_then(|text| output.write_all(text.as_bytes()).context("cannot write")),
        ),
        Command::Audit(command) => written(audit::run(config.as_deref(), command, output).await),
        Command::Init(of) => written(init::run(config.as_deref(), of, ask).await),
        Command::Certificate { command } => written(accounts::certificate(config.as_deref(), command, output).await),
        Command::Password => written(accounts::password(config.as_deref(), ask).await),
        Command::LogOut => written(accounts::log_out(config.as_deref()).await),
        Command::Account { command } => written(accounts::account(config.as_deref(), command, output).await),
        Command::Request(of) => written(request::run(&of, output)),
        Command::Whoami => written(whoami::run(config.as_deref(), output).await),
        Command::Grant(of) => written(grants::grant(config.as_deref(), of, output).await),
        Command::Revoke { id } => written(grants::revoke(config.as_deref(), id).await),
        Command::Projects => written(grants::projects(config.as_deref(), output).await),
        Command::Roles => written(write!(output, "{}", coda_policy::table()).map_err(Into::into)),
        Command::Grants => written(grants::list(config.as_deref(), output).await),
    }
}

fn written(outcome: anyhow::Result<()>) -> Ending {
    ended(outcome.map(|()| Ending::Done))
}

fn ended(outcome: anyhow::Result<Ending>) -> Ending {
    outcome.unwrap_or_else(|error| failed(&error))
}

/// Says what went wrong on standard error, causes after it. A query, a file or an argument that is wrong is the asker's to
/// mend and has its own exit code.
fn failed(error: &anyhow::Error) -> Ending {
    eprintln!("error: {}", error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": "));
    let wrong = error.chain().any(|cause| {
        cause.is::<coda_model::query::QueryError>()
            || cause.is::<question::Unread>()
            || cause.is::<config::Absent>()
            || cause.is::<coda_runtime::config::ConfigError>()
            || matches!(cause.downcast_ref(), Some(coda_client::ClientError::Invalid(..)))
    });
    if wrong { Ending::Wrong } else { Ending::Failed }
}
