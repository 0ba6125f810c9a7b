//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use coda_stats::ALL;

/// Ask questions of a network of hospitals.
#[derive(Debug, Parser)]
#[command(
    name = "coda",
    version,
    about = "Ask questions of a network of hospitals; only what cannot identify anyone comes back.",
    after_help = "How to read the figures: coda help suppressed"
)]
pub(crate) struct Arguments {
    /// Configuration file; otherwise the variable `CODA_CONFIG`, or coda/config.toml in the configuration folder.
    #[arg(long, global = true, env = "CODA_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What may be asked: data sets, variables, levels, statistics, sites.
    Describe(Describe),
    /// Ask a query, from a file or from the options.
    #[command(after_long_help = statistics_help())]
    Query(Box<Query>),
    /// Check a kept answer: this person asked, these sites signed, and every figure follows.
    Verify {
        /// What `coda query --format json` wrote.
        #[arg(value_name = "ANSWER.json")]
        file: PathBuf,
    },
    /// What the audit log has of your queries, and of those to a site that you administer.
    Audit(Audit),
    /// Help with dictionaries.
    Dictionary {
        #[command(subcommand)]
        command: DictionaryCommand,
    },
    /// Log in, make a key on this machine, and get a certificate for it; again to renew it.
    Init(Init),
    /// Make a key and a request for a certificate, to be signed by hand.
    Request(Request),
    /// Who you are in the network: certificate, and roles by site.
    Whoami,
    /// Your certificates.
    Certificate {
        #[command(subcommand)]
        command: CertificateCommand,
    },
    /// Change your password.
    Password,
    /// End every session of yours.
    LogOut,
    /// Open, close and unlock accounts (administrators).
    Account {
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Give a person a role (administrators).
    Grant(Grant),
    /// End a grant (administrators).
    Revoke {
        /// The grant, as `coda grants` shows it.
        id: String,
    },
    /// The grants you administer or have.
    Grants,
    /// The approved projects you have roles for, or whose sites you administer.
    Projects,
    /// What each role may do.
    Roles,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Where the network's log-in is, as its administrators say it.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) hub: Option<String>,
    /// SHA-256 of the network's root certificate, from somebody you trust: whoever answers must show this root.
    #[arg(long, value_name = "HEX")]
    pub(crate) fingerprint: Option<String>,
    /// Your account: the address of e-mail.
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// Log in at your institution's own provider, in a browser on this machine, instead of by password and code.
    #[arg(long)]
    pub(crate) browser: bool,
    /// The kind of key: rsa4096, rsa3072, p384 or p256.
    #[arg(long, default_value = "rsa4096", value_parser = crate::init::algorithm)]
    pub(crate) algorithm: coda_pki::Algorithm,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CertificateCommand {
    /// The certificates that the hub issued to you.
    List,
    /// Revoke one of yours, or of an account that you look after.
    Revoke {
        /// Its SHA-256, as the list shows it.
        thumbprint: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Open an account; prints its first password, for you to hand over.
    Open {
        /// The person's institutional address of e-mail.
        #[arg(long)]
        user: String,
        /// Where codes go, such as +4973150000; by e-mail when left out.
        #[arg(long, default_value = "")]
        phone: String,
    },
    /// Close an account: sessions end, certificates are revoked.
    Close {
        /// Whose.
        #[arg(long)]
        user: String,
    },
    /// Unlock an account after ten wrong passwords.
    Unlock {
        /// Whose.
        #[arg(long)]
        user: String,
    },
    /// Give an account another first password; prints it.
    Reset {
        /// Whose.
        #[arg(long)]
        user: String,
    },
    /// Change where codes go.
    Phone {
        /// Whose.
        #[arg(long)]
        user: String,
        /// The number, such as +4973150000; by e-mail when left out.
        #[arg(long, default_value = "")]
        phone: String,
    },
    /// The accounts that you look after.
    List,
}

#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// How many sites the network has: more than half must have cosigned. As the coordinator says when left out, and then two at least.
    #[arg(long, value_name = "NUMBER", global = true)]
    pub(crate) sites: Option<NonZeroUsize>,
    #[command(subcommand)]
    pub(crate) what: AuditCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// The records, the newest last; each is proved to stand in the log that other sites cosigned.
    Show {
        /// Only so many, the newest.
        #[arg(long, value_name = "NUMBER")]
        last: Option<usize>,
    },
    /// Only whether they stand there.
    Verify,
    /// The proof of one record (C2SP tlog-proof), for somebody else.
    Prove {
        /// Its number, as `show` says it.
        record: u64,
        /// Where it is written, and the record beside it; standard output when left out.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DictionaryCommand {
    /// Propose a dictionary for CSV files, for a person to correct. The files stay on this machine.
    Draft {
        /// CSV files, one a table.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The column with the key of the person, where its name does not say so.
        #[arg(long, value_name = "COLUMN")]
        person: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Describe {
    /// Only this data set.
    #[arg(long)]
    pub(crate) dataset: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Query {
    #[command(flatten)]
    pub(crate) question: Question,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

// What is asked, and of whom. No rustdoc: clap would take it for the help of the commands that have these options.
#[derive(Debug, Args)]
pub(crate) struct Question {
    /// A query file (TOML).
    #[arg(conflicts_with_all = ["of", "by", "filter", "over", "derive", "rows"])]
    pub(crate) file: Option<PathBuf>,
    /// What to ask: `count`, `mean:age`, `risk_ratio:dead:icu`; once for each.
    #[arg(long, value_name = "STATISTIC[:VARIABLE[:VARIABLE]]")]
    pub(crate) of: Vec<String>,
    /// Groups: `sex`, `age@40,65`, `ward=icu`; at most two.
    #[arg(long, value_name = "VARIABLE", value_delimiter = ';')]
    pub(crate) by: Vec<String>,
    /// Which people: `age >= 65 and has lab (crp >= 100) within 0..2 days of admission`.
    #[arg(long = "where", value_name = "PREDICATE")]
    pub(crate) filter: Option<String>,
    /// Time buckets of a date: `month:admission`.
    #[arg(long, value_name = "BUCKET:DATE")]
    pub(crate) over: Option<String>,
    /// A variable made of rows: `peak = max(lab.crp) within 0..2 days of admission`.
    #[arg(long, value_name = "NAME = TAKE(VARIABLE)")]
    pub(crate) derive: Vec<String>,
    /// Count the rows of this table instead of people.
    #[arg(long, value_name = "TABLE")]
    pub(crate) rows: Option<String>,
    /// The data set; not needed when there is one.
    #[arg(long)]
    pub(crate) dataset: Option<String>,
    /// Sites to ask; all that you may ask otherwise.
    #[arg(long, value_delimiter = ',')]
    pub(crate) sites: Vec<String>,
    /// The approved project; not needed when you have one.
    #[arg(long, default_value = "")]
    pub(crate) project: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// Tables to read.
    Table,
    /// The documented schema (docs/answer.md).
    Json,
    /// One line a figure.
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct Request {
    /// Your name in the network, such as `ana@hospital.example`.
    #[arg(long)]
    pub(crate) user: String,
    /// Where to keep the key; it never leaves this machine.
    #[arg(long)]
    pub(crate) key: PathBuf,
    /// rsa4096, rsa3072, p384 or p256.
    #[arg(long, default_value = "rsa4096")]
    pub(crate) algorithm: String,
    /// Make the request again for the key that is there.
    #[arg(long, conflicts_with = "algorithm")]
    pub(crate) again: bool,
    /// Where the request is written; standard output when left out.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Grant {
    /// Who gets the role.
    #[arg(long)]
    pub(crate) user: String,
    /// The role, such as site-data-scientist.
    #[arg(long)]
    pub(crate) role: String,
    /// The site, for roles about one site.
    #[arg(long, default_value = "")]
    pub(crate) site: String,
    /// Permissions added to a site-researcher: basic-queries, advanced-queries.
    #[arg(long, value_delimiter = ',')]
    pub(crate) extra: Vec<String>,
    /// The approved project, as `coda projects` shows it; not for roles that administer.
    #[arg(long, default_value = "")]
    pub(crate) project: String,
    /// Why, for whoever looks at it later.
    #[arg(long)]
    pub(crate) reason: String,
    /// Last day (YYYY-MM-DD); otherwise the project's, or a year for a role that administers.
    #[arg(long)]
    pub(crate) until: Option<String>,
}

/// The statistics, from the registry, so that a new one shows up by itself.
fn statistics_help() -> String {
    let lines = ALL.iter().map(|statistic| format!("  {:<16} {}", statistic.name(), statistic.summary()));
    format!("Statistics:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests;
