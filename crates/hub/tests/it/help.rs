//! What `--help` says.

use insta::assert_snapshot;

use crate::hub::Hub;

fn help(command: &[&str]) -> String {
    Hub::empty().done(&[command, ["--help"].as_slice()].concat())
}

#[test]
fn the_program() {
    assert_snapshot!(help(&[]), @"
    The centre of a Coda network

    Usage: coda-hub <COMMAND>

    Commands:
      auth            Keep accounts, grant roles, issue access tokens and people's certificates
      coordinator     Pass queries on to the sites, and hand over what they answer
      check           Say of everything that the hub's services need whether it is in place, a line each; sites that are not reached too
      authority       Be the network's private authority; best on a machine that is on no network
      init            Set the hub's machine up: folders, keys, requests and configurations; again with --issued when they are signed
      request         Make a key, which stays on this machine, and print a request for its certificate (PKCS #10)
      name-master     Make a person a master administrator; on the auth server's machine, which may be serving
      remove-master   End a person's role of master administrator; on the auth server's machine, which may be serving
      project         Enter, end and list the approved projects; on the auth server's machine, which may be serving
      check-breached  Check the whole file of breached passwords: that each line is one, and that they are in order
      isolate         Cut a site or a person off while an incident is looked into, and keep the evidence
      rejoin          Let a site back
      revoke-drill    Revoke a throw-away certificate, and say how long each service still takes it
      audit           Look at an audit log
      help            Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version
    ");
}

#[test]
fn a_service() {
    let auth = help(&["auth"]);
    assert_snapshot!(auth, @"
    Keep accounts, grant roles, issue access tokens and people's certificates

    Usage: coda-hub auth [OPTIONS] --config <FILE>

    Options:
          --config <FILE>        The service's configuration
          --log-format <FORMAT>  How log lines look; the variable `CODA_LOG` filters them, such as `info,coda_pki=debug` [default: text] [possible values: text, json]
      -h, --help                 Print help
    ");
    let arguments = |text: &str| text.split_once("Options:").unwrap().1.to_owned();
    assert_eq!(arguments(&help(&["coordinator"])), arguments(&auth));
}

#[test]
fn authority() {
    assert_snapshot!(help(&["authority"]), @"
    Be the network's private authority; best on a machine that is on no network

    Usage: coda-hub authority <COMMAND>

    Commands:
      create          Make a root, an issuing authority for nodes and one for people
      sign            Sign a request and print the certificate with its issuer's
      sign-named      Sign many requests, each for the identity that it names, into a folder with the trust anchors
      sign-responder  Sign the request of the hub's OCSP responder for nodes
      revoke          Revoke a certificate, and sign the revocation lists anew
      renew-lists     Sign the revocation lists anew, with what stands on them
      roots           Print what every party of the network must trust
      help            Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help
    ");
    assert_snapshot!(help(&["authority", "sign"]), @"
    Sign a request and print the certificate with its issuer's

    Usage: coda-hub authority sign [OPTIONS] --authority <FOLDER> --identity <URI> --days <NUMBER> --request <FILE>

    Options:
          --authority <FOLDER>  The authority's folder
          --identity <URI>      Whom the certificate names, whatever the request says: `coda://site/ID/storage`, `coda://site/ID/compute`, `coda://hub/auth`, `coda://hub/coordinator` or `coda://user/ID`
          --days <NUMBER>       For how many days it is good, 1 to 398
          --request <FILE>      The request
          --despite-request     Sign although the request names somebody else, or nobody
          --out <FILE>          Where the certificate is written with its issuer's; standard output when left out
      -h, --help                Print help
    ");
}

#[test]
fn request() {
    assert_snapshot!(help(&["request"]), @"
    Make a key, which stays on this machine, and print a request for its certificate (PKCS #10)

    Usage: coda-hub request [OPTIONS] --role <ROLE> --key <FILE>

    Options:
          --role <ROLE>
              Which of the hub's services the certificate is for

              Possible values:
              - auth
              - coordinator
              - ocsp:        The OCSP responder for nodes, which is part of the auth server

          --key <FILE>
              Where the key is written, readable by its owner alone; a file that is there is never overwritten

          --algorithm <ALGORITHM>
              The kind of key: rsa4096, rsa3072, p384 or p256
              
              [default: rsa4096]

          --again
              Make the request again for the key that is there

          --out <FILE>
              Where the request is written; standard output when left out

      -h, --help
              Print help (see a summary with '-h')
    ");
}
