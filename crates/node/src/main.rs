//! `coda-node`: what a hospital installs. Its storage node, its computation node, and the commands around them.

mod build;
mod builds;
mod check;
mod compute;
mod init;
mod isolate;
mod ledger;
mod policy;
mod request;
mod storage;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use coda_builds::BuildsError;
use coda_program::{Audit, Cause, Service};

/// A hospital's part of a Coda network.
#[derive(Debug, Parser)]
#[command(name = "coda-node", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve builds to this site's computation node.
    Storage(Service),
    /// Answer permitted queries over this site's current build.
    Compute(Service),
    /// Say of everything that the site's services need whether it is in place, a line each.
    Check(check::Check),
    /// Check CSV or Parquet files against the dictionary and publish a build of them.
    ///
    /// The name of the build goes to standard output, the report to standard error. Data that breaks a rule of the
    /// dictionary is refused as a whole, and nothing is published.
    Build(build::Build),
    /// List the builds of a folder, the oldest first.
    Builds(builds::List),
    /// Set a site's machine up: folders, keys, requests and configurations; again with --issued when they are signed.
    Init(init::Init),
    /// Make a key, which stays on this machine, and print a request for its certificate (PKCS #10).
    Request(request::Request),
    /// Answer nobody while an incident is looked into, from the next query on, and keep the evidence.
    Isolate(isolate::Isolate),
    /// Answer again.
    Rejoin(isolate::Rejoin),
    /// Look at this site's policy.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Look at what was asked, and renew the limits of a project or a person.
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Look at who is held for questions in nearly equal pairs, and release them.
    #[command(subcommand)]
    Watch(watch::Command),
    /// Look at an audit log.
    #[command(subcommand)]
    Audit(Audit),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Storage(service) => storage::run(&service),
        Command::Compute(service) => compute::run(&service),
        Command::Check(check) => check.run(),
        Command::Build(build) => build.run(),
        Command::Builds(list) => list.run(),
        Command::Init(init) => init.run(),
        Command::Request(request) => request.run(),
        Command::Isolate(isolate) => isolate.run(),
        Command::Rejoin(rejoin) => rejoin.run(),
        Command::Policy(policy) => policy.run(),
        Command::Ledger(ledger) => ledger.run(),
        Command::Watch(watch) => watch.run(),
        Command::Audit(audit) => audit.run(),
    };
    coda_program::exit(outcome, hint)
}

fn hint(cause: &Cause) -> Option<&'static str> {
    let none = matches!(cause.downcast_ref(), Some(BuildsError::NoFolder { .. }));
    none.then_some("publish a first build there with coda-node build")
}
