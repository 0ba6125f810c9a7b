use std::collections::BTreeSet;

use clap::CommandFactory;

use super::*;

fn command(name: &str) -> clap::Command {
    Arguments::command().find_subcommand(name).unwrap().clone()
}

#[test]
fn the_program() {
    // Not what the variable is where the tests run.
    let mut command = Arguments::command().mut_arg("config", |config| config.hide_env_values(true));
    insta::assert_snapshot!(command.render_help(), @r#"
Ask questions of a network of hospitals; only what cannot identify anyone comes back.

Usage: coda [OPTIONS] <COMMAND>

Commands:
  describe    What may be asked: data sets, variables, levels, statistics, sites
  query       Ask a query, from a file or from the options
  preview     What a query would cost of your budget at each site, and what of it is bound to be withheld; it is not asked
  dictionary  Help with dictionaries
  request     Make a key and a request for a certificate
  grant       Give a person a role (administrators)
  revoke      End a grant (administrators)
  grants      The grants you administer or have
  help        Print this message or the help of the given subcommand(s)

Options:
      --config <FILE>  Configuration file; otherwise the variable `CODA_CONFIG`, or coda/config.toml in the configuration folder [env: CODA_CONFIG]
  -h, --help           Print help
  -V, --version        Print version
"#);
}

/// The statistics at the end come from the registry and are left out here.
#[test]
fn preview() {
    let help = command("preview").render_long_help().to_string();
    let (help, statistics) = help.split_once("Statistics:").unwrap();
    insta::assert_snapshot!(help, @r#"
What a query would cost of your budget at each site, and what of it is bound to be withheld; it is not asked

Usage: preview [OPTIONS] [FILE]

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
          The approved project
          
          [default: ""]

      --format <FORMAT>
          How the preview is written

          Possible values:
          - table: A table and notes to read
          - json:  The documented schema (docs/answer.md)
          
          [default: table]

  -h, --help
          Print help (see a summary with '-h')
"#);
    for statistic in ALL {
        assert!(statistics.contains(statistic.name()));
    }
}

#[test]
fn preview_takes_the_options_of_query() {
    let options = |name| {
        let command = command(name);
        let options = command.get_arguments().filter(|option| option.get_id() != "format");
        options.map(|option| (option.get_id().to_string(), option.get_help().unwrap().to_string())).collect()
    };
    let preview: BTreeSet<(String, String)> = options("preview");
    assert_eq!(preview, options("query"));
    assert_eq!(preview.len(), 10);
    let parsed = |format| Arguments::try_parse_from(["coda", "preview", "--of", "count", "--format", format]);
    assert!(parsed("json").is_ok());
    assert!(parsed("csv").is_err());
    assert!(Arguments::try_parse_from(["coda", "preview", "q.toml", "--of", "count"]).is_err());
}
