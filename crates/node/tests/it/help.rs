//! What `--help` says.

use insta::assert_snapshot;

use crate::site::Site;

fn help(command: &[&str]) -> String {
    let ended = Site::new().run(&[command, ["--help"].as_slice()].concat());
    assert_eq!((ended.code, ended.said.as_str()), (Some(0), ""));
    ended.output
}

#[test]
fn the_program() {
    assert_snapshot!(help(&[]), @"
    A hospital's part of a Coda network

    Usage: coda-node <COMMAND>

    Commands:
      storage  Serve builds to this site's computation node
      compute  Answer permitted queries over this site's current build
      check    Say of everything that the site's services need whether it is in place, a line each
      build    Check CSV or Parquet files against the dictionary and publish a build of them
      builds   List the builds of a folder, the oldest first
      init     Set a site's machine up: folders, keys, requests and configurations; again with --issued when they are signed
      request  Make a key, which stays on this machine, and print a request for its certificate (PKCS #10)
      isolate  Answer nobody while an incident is looked into, from the next query on, and keep the evidence
      rejoin   Answer again
      policy   Look at this site's policy
      ledger   Look at what was asked, and renew the limits of a project or a person
      watch    Look at who is held for questions in nearly equal pairs, and release them
      audit    Look at an audit log
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version
    ");
}

#[test]
fn a_service() {
    let storage = help(&["storage"]);
    assert_snapshot!(storage, @r"
    Serve builds to this site's computation node

    Usage: coda-node storage [OPTIONS] --config <FILE>

    Options:
          --config <FILE>        The service's configuration
          --log-format <FORMAT>  How log lines look; the variable `CODA_LOG` filters them, such as `info,coda_pki=debug` [default: text] [possible values: text, json]
      -h, --help                 Print help
    ");
    let arguments = |text: &str| text.split_once("Options:").unwrap().1.to_owned();
    assert_eq!(arguments(&help(&["compute"])), arguments(&storage));
}

#[test]
fn build() {
    assert_snapshot!(help(&["build"]), @"
    Check CSV or Parquet files against the dictionary and publish a build of them.

    The name of the build goes to standard output, the report to standard error. Data that breaks a rule of the dictionary is refused as a whole, and nothing is published.

    Usage: coda-node build [OPTIONS] --dictionary <FILE> --site <ID> --input <FILE_OR_FOLDER> --builds <FOLDER>

    Options:
          --dictionary <FILE>
              The network's dictionary

          --dataset <ID>
              The data set; needed when the dictionary has several

          --site <ID>
              The site whose data it is

          --input <FILE_OR_FOLDER>
              A CSV or Parquet file, or a folder with one file for each table

          --mapping <FILE>
              How these files hold what the dictionary declares: names of columns, codes of levels and of missing values, units. Without it the files hold it in the dictionary's own words

          --builds <FOLDER>
              The folder of builds; made when it is not there

          --pseudonym-key <FILE>
              The site's secret, by which a later build's people are recognised; made when it is not there. Keep it, and away from the builds. [default: the folder of builds with `.pseudonym-key` at its end]

          --new-people
              Publish a build in which most people of the current one are not

          --skip-rows
              Leave rows out that break a rule, and say how many; otherwise one such row is enough to refuse the data

          --skip-at-most <PERCENT>
              How many per cent of the people, and of the rows of a table, may be left out
              
              [default: 1]

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn request() {
    assert_snapshot!(help(&["request"]), @"
    Make a key, which stays on this machine, and print a request for its certificate (PKCS #10)

    Usage: coda-node request [OPTIONS] --role <ROLE> --site <ID> --key <FILE>

    Options:
          --role <ROLE>            Which of the site's services the certificate is for [possible values: storage, compute]
          --site <ID>              The site
          --key <FILE>             Where the key is written, readable by its owner alone; a file that is there is never overwritten
          --algorithm <ALGORITHM>  The kind of key: rsa4096, rsa3072, p384 or p256 [default: rsa4096]
          --again                  Make the request again for the key that is there
          --out <FILE>             Where the request is written; standard output when left out
      -h, --help                   Print help
    ");
}

#[test]
fn policy() {
    assert_snapshot!(help(&["policy"]), @r"
    Look at this site's policy

    Usage: coda-node policy <COMMAND>

    Commands:
      check    Say whether a policy can be taken, and what it means
      show     Print all values in effect, as a policy with comments
      explain  Say for each rule, in words for a privacy auditor, what it protects against and how it could be tightened
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help
    ");
}
