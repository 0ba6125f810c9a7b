use clap::CommandFactory;

use super::*;

fn command(name: &str) -> clap::Command {
    Arguments::command().find_subcommand(name).unwrap().clone()
}

#[test]
fn the_program() {
    // Not what the variable is where the tests run.
    let mut command = Arguments::command().mut_arg("config", |config| config.hide_env_values(true));
    insta::assert_snapshot!(command.render_help(), @"
    Ask questions of a network of hospitals; only what cannot identify anyone comes back.

    Usage: coda [OPTIONS] <COMMAND>

    Commands:
      describe     What may be asked: data sets, variables, levels, statistics, sites
      query        Ask a query, from a file or from the options
      verify       Check a kept answer: this person asked, these sites signed, and every figure follows
      audit        What the audit log has of your queries, and of those to a site that you administer
      dictionary   Help with dictionaries
      init         Log in, make a key on this machine, and get a certificate for it; again to renew it
      request      Make a key and a request for a certificate, to be signed by hand
      whoami       Who you are in the network: certificate, and roles by site
      certificate  Your certificates
      password     Change your password
      log-out      End every session of yours
      account      Open, close and unlock accounts (administrators)
      grant        Give a person a role (administrators)
      revoke       End a grant (administrators)
      grants       The grants you administer or have
      projects     The approved projects you have roles for, or whose sites you administer
      roles        What each role may do
      help         Print this message or the help of the given subcommand(s)

    Options:
          --config <FILE>  Configuration file; otherwise the variable `CODA_CONFIG`, or coda/config.toml in the configuration folder [env: CODA_CONFIG]
      -h, --help           Print help
      -V, --version        Print version

    How to read the figures: coda help suppressed
    ");
}

/// The statistics at the end come from the registry and are left out here.
#[test]
fn query() {
    let help = command("query").render_long_help().to_string();
    let (help, statistics) = help.split_once("Statistics:").unwrap();
    insta::assert_snapshot!(help, @r#"
    Ask a query, from a file or from the options

    Usage: query [OPTIONS] [FILE]

    Arguments:
      [FILE]
              A query file (TOML)

    Options:
          --of <STATISTIC[:VARIABLE[:VARIABLE]]>
              What to ask: `count`, `mean:age`, `risk_ratio:dead:icu`; once for each

          --by <VARIABLE>
              Groups: `sex`, `age@40,65`, `ward=icu`; at most two

          --where <PREDICATE>
              Which people: `age >= 65 and has lab (crp >= 100) within 0..2 days of admission`

          --over <BUCKET:DATE>
              Time buckets of a date: `month:admission`

          --derive <NAME = TAKE(VARIABLE)>
              A variable made of rows: `peak = max(lab.crp) within 0..2 days of admission`

          --rows <TABLE>
              Count the rows of this table instead of people

          --dataset <DATASET>
              The data set; not needed when there is one

          --sites <SITES>
              Sites to ask; all that you may ask otherwise

          --project <PROJECT>
              The approved project; not needed when you have one
              
              [default: ""]

          --format <FORMAT>
              How the answer is written

              Possible values:
              - table: Tables to read
              - json:  The documented schema (docs/answer.md)
              - csv:   One line a figure
              
              [default: table]

      -h, --help
              Print help (see a summary with '-h')
    "#);
    for statistic in ALL {
        assert!(statistics.contains(statistic.name()));
    }
}

#[test]
fn a_query_comes_from_a_file_or_from_the_options() {
    let parsed = |options: &[&str]| Arguments::try_parse_from([&["coda", "query"], options].concat());
    assert!(parsed(&["q.toml", "--sites", "north", "--format", "csv"]).is_ok());
    assert!(parsed(&["q.toml", "--of", "count"]).is_err());
}
