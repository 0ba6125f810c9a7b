//! `coda-hub`: the central services. The auth server, the coordinator, and the commands around them and the authority.

mod auth;
mod authority;
mod check;
mod coordinator;
mod drill;
mod init;
mod isolate;
mod master;
mod project;
mod request;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use coda_program::{Audit, Service};

/// The centre of a Coda network.
#[derive(Debug, Parser)]
#[command(name = "coda-hub", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Keep accounts, grant roles, issue access tokens and people's certificates.
    Auth(Service),
    /// Pass queries on to the sites, and hand over what they answer.
    Coordinator(Service),
    /// Say of everything that the hub's services need whether it is in place, a line each; sites that are not reached too.
    Check(check::Check),
    /// Be the network's private authority; best on a machine that is on no network.
    #[command(subcommand)]
    Authority(authority::Authority),
    /// Set the hub's machine up: folders, keys, requests and configurations; again with --issued when they are signed.
    Init(init::Init),
    /// Make a key, which stays on this machine, and print a request for its certificate (PKCS #10).
    Request(request::Request),
    /// Make a person a master administrator; on the auth server's machine, which may be serving.
    NameMaster(master::Master),
    /// End a person's role of master administrator; on the auth server's machine, which may be serving.
    RemoveMaster(master::Master),
    /// Enter, end and list the approved projects; on the auth server's machine, which may be serving.
    #[command(subcommand)]
    Project(project::ProjectCommand),
    /// Check the whole file of breached passwords: that each line is one, and that they are in order.
    CheckBreached {
        /// The file, "ordered by hash", as Have I Been Pwned hands it out.
        file: std::path::PathBuf,
    },
    /// Cut a site or a person off while an incident is looked into, and keep the evidence.
    #[command(subcommand)]
    Isolate(isolate::Isolate),
    /// Let a site back.
    Rejoin(isolate::Rejoin),
    /// Revoke a throw-away certificate, and say how long each service still takes it.
    RevokeDrill(drill::Drill),
    /// Look at an audit log.
    #[command(subcommand)]
    Audit(Audit),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Auth(service) => auth::run(&service),
        Command::Coordinator(service) => coordinator::run(&service),
        Command::Check(check) => check.run(),
        Command::Authority(authority) => authority.run(),
        Command::Init(init) => init.run(),
        Command::Request(request) => request.run(),
        Command::NameMaster(master) => master.name(),
        Command::RemoveMaster(master) => master.remove(),
        Command::Project(project) => project.run(),
        Command::CheckBreached { file } => coda_auth::password::Breached::check(&file)
            .map(|number| eprintln!("{number} passwords, in order"))
            .map_err(Into::into),
        Command::Isolate(isolate) => isolate.run(),
        Command::Rejoin(rejoin) => rejoin.run(),
        Command::RevokeDrill(drill) => drill.run(),
        Command::Audit(audit) => audit.run(),
    };
    coda_program::exit(outcome, |_| None)
}
