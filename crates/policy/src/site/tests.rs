use insta::assert_snapshot;

use super::*;

const ALL_SET: &str = r#"
k = 6
alone = 300
exact = "forbidden"
cohorts_per_project = 50
asks_per_project = 2000
asks_per_day = 200
reply_quantum_ms = 250
queries = "refused"
refused_users = ["eve@north.example", "bob"]
refused_datasets = ["heart"]
"#;

fn read(toml: &str) -> SitePolicy {
    SitePolicy::parse(toml).unwrap()
}

fn refusal(toml: &str) -> String {
    let error = SitePolicy::parse(toml).unwrap_err();
    let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
    format!("{error}{}", source.unwrap_or_default())
}

#[test]
fn a_key_that_is_left_out_has_the_networks_value() {
    assert_eq!(read(""), SitePolicy::default());
    assert_snapshot!(SitePolicy::default().canonical(), @r#"
    coda-policy/2
    k = 5
    alone = 100
    exact = "allowed"
    cohorts_per_project = 100
    asks_per_project = 1000
    asks_per_day = 300
    reply_quantum_ms = 20
    queries = "answered"
    refused_users = []
    refused_datasets = []
    "#);
}

#[test]
fn every_key_is_read() {
    assert_snapshot!(read(ALL_SET).canonical(), @r#"
    coda-policy/2
    k = 6
    alone = 300
    exact = "forbidden"
    cohorts_per_project = 50
    asks_per_project = 2000
    asks_per_day = 200
    reply_quantum_ms = 250
    queries = "refused"
    refused_users = ["bob", "eve@north.example"]
    refused_datasets = ["heart"]
    "#);
}

#[test]
fn a_site_cannot_undercut_the_network() {
    let files = ["k = 4", "queries = \"answered\"\n\nk = -1", "alone = 49", "exact = \"always\""];
    let refusals: Vec<String> = files.iter().map(|file| refusal(file)).collect();
    assert_snapshot!(refusals.join("\n"), @r#"
    line 1: k = 4 is under the network's minimum of 5: a figure about fewer people can be traced to one of them; a site may raise it, never lower it
    line 3: k = -1 is under the network's minimum of 5: a figure about fewer people can be traced to one of them; a site may raise it, never lower it
    line 1: alone = 49 is under the network's minimum of 50: of so few people an asker who knows most of them learns the others; a site may raise it, never lower it
    line 1: exact: "always" is not allowed; write "allowed" or "forbidden"
    "#);
}

#[test]
fn a_key_of_an_earlier_version_is_refused_with_what_stands_in_its_place() {
    let files = ["rank_budget = 33", "[history]\nmode = \"snap\"", "k = 5\nn_sd = 10", "minmax = \"never\""];
    let refusals: Vec<String> = files.iter().map(|file| refusal(file)).collect();
    assert_snapshot!(refusals.join("\n"), @"
    line 1: rank_budget belongs to an earlier version: set asks_per_project, cohorts_per_project and asks_per_day; remove the line
    line 1: history belongs to an earlier version: no answer depends on earlier ones any more, every figure is perturbed instead; remove the line
    line 2: n_sd belongs to an earlier version: every figure is perturbed instead; remove the line
    line 1: minmax is not a choice: the smallest and the largest value never leave; remove the line
    ");
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let files = [
        "k = ",
        "kk = 5",
        "asks_per_dya = 3",
        "asks_per_day = 0",
        "asks_per_day = \"many\"",
        "refused_users = \"bob\"",
        "refused_users = [\"Bob Smith\"]",
        "queries = true",
    ];
    let refusals: Vec<String> = files.iter().map(|file| refusal(file)).collect();
    assert_snapshot!(refusals.join("\n"), @r#"
    line 1: string values must be quoted, expected literal string
    line 1: there is no key kk; did you mean k?
    line 1: there is no key asks_per_dya; did you mean asks_per_day?
    line 1: asks_per_day: 0 is not allowed; write a whole number of asks from 1 to 1000000
    line 1: asks_per_day: "many" is not allowed; write a whole number of asks from 1 to 1000000
    line 1: refused_users: "bob" is not allowed; write a list of names in quotes, such as ["one", "two"]
    line 1: refused_users: the name is not valid: user "Bob Smith" is not a name: use 1 to 64 of a-z, 0-9, - _ . @ and +, starting with a letter or digit
    line 1: queries: true is not allowed; write "answered" or "refused"
    "#);
}

#[test]
fn what_is_shown_is_read_back_as_the_same_policy() {
    for toml in ["", "k = 11", "asks_per_day = 4", ALL_SET] {
        assert_eq!(read(&read(toml).show()), read(toml), "{toml}");
    }
    let keys: Vec<&str> = rule::all(&SitePolicy::default()).iter().map(|rule| rule.key).collect();
    assert_eq!(keys, key::ALL);
}

#[test]
fn the_sample_is_the_networks_policy_as_it_is_shown() {
    assert_eq!(include_str!("../../../../deploy/config/policy.toml"), SitePolicy::default().show());
}

#[test]
fn a_valid_policy_is_put_into_words() {
    assert_snapshot!(SitePolicy::default().check(), @"
    The policy is valid.
    Counts are told from 10 on, rounded at random to multiples of 5, within 8 of the truth (12 where a sensitive variable is named); other sums carry the noise of about two people.
    A data set of fewer than 100 people is not answered alone.
    Data sets that the dictionary declares public or synthetic are released exactly.
    A project asks about at most 100 cohorts and makes at most 1000 asks, until the privacy auditor renews it; a person makes at most 300 new asks a day.
    An answer leaves at a whole multiple of 20 ms after the request came.
    Queries are answered.
    No user is refused.
    No data set is refused.
    All values are the network's.
    ");
    assert_snapshot!(read(ALL_SET).check(), @r#"
    The policy is valid.
    Counts are told from 15 on, rounded at random to multiples of 5, within 8 of the truth (12 where a sensitive variable is named); other sums carry the noise of about two people.
    A data set of fewer than 300 people is not answered alone.
    No data set is released exactly.
    A project asks about at most 50 cohorts and makes at most 2000 asks, until the privacy auditor renews it; a person makes at most 200 new asks a day.
    An answer leaves at a whole multiple of 250 ms after the request came.
    No query is answered.
    Refused users: bob, eve@north.example.
    Refused data sets: heart.
    Stricter than the network's values: k = 6 (not 5), alone = 300 (not 100), exact = "forbidden" (not "allowed"), cohorts_per_project = 50 (not 100), asks_per_day = 200 (not 300), reply_quantum_ms = 250 (not 20), queries = "refused" (not "answered"), refused_users = ["bob", "eve@north.example"] (not []), refused_datasets = ["heart"] (not []).
    Looser than the network's values, which is for the site's privacy auditor to decide: asks_per_project = 2000 (not 1000).
    "#);
}

#[test]
fn each_rule_is_explained() {
    assert_snapshot!(SitePolicy::default().explain(), @r#"
    What this policy asks for, rule by rule: what the rule says, what it protects against, what may be written,
    and how it could be tightened. A suppressed figure is shown in the same way whatever the reason, and a rule
    that a site makes stricter holds for its own figures alone.

    k = 5 (the network's value)
      Minimum frequency: no count of as few people as this is told.
      "1 woman over 90 of this ward with HIV" names her to everybody who knows the ward. With k = 5 here, counts
      are told from 10 on, as multiples of 5, each within 8 of the truth; smaller ones are shown as "<10", and so
      are none at all.
      Allowed: 5 to 200: a site may raise it, never under the minimum.
      To tighten it: Write a larger number.

    alone = 100 (the network's value)
      A data set of fewer people than this, as told, is not answered by this site alone.
      Of 60 patients somebody who knows 55 of them learns the other five from a few tables, whatever is done to
      the figures. The site is then listed as too small to answer alone.
      Allowed: 50 to 1000000: a site may raise it, never under the minimum.
      To tighten it: Write a larger number.

    exact = "allowed" (the network's value)
      Whether data sets that the network's dictionary declares public or synthetic are released exactly.
      Data sets for teaching and for tests need no protection. A site that wants none of its data sets released
      exactly, by mistake or otherwise, forbids it.
      Allowed: "allowed" or "forbidden"; a site cannot ask for more than the dictionary declares.
      To tighten it: Write "forbidden".

    cohorts_per_project = 100 (the network's value)
      Most distinct cohorts that a project may ask about, until the privacy auditor renews it.
      The perturbation of one figure tells next to nothing of one person; that of a hundred aimed questions tells
      more. A project that has asked about so many cohorts waits until somebody has looked at what it asks.
      Allowed: 1 to 100000, as the site's privacy auditor decides.
      To tighten it: Write a smaller number.

    asks_per_project = 1000 (the network's value)
      Most asks of a project, until the privacy auditor renews it; an ask is one statistic of one cohort.
      Tables of many margins narrow small cells down.
      Allowed: 1 to 1000000, as the site's privacy auditor decides.
      To tighten it: Write a smaller number.

    asks_per_day = 300 (the network's value)
      Most new asks of one person in a day; what was asked before is answered again for nothing.
      Attacks on figures take many questions, most of them asked by a program. This leaves time to notice.
      Allowed: 1 to 1000000, as the site's privacy auditor decides.
      To tighten it: Write a smaller number.

    reply_quantum_ms = 20 (the network's value)
      Answers leave at whole multiples of so many milliseconds after the request came; 0 lets them leave at once.
      An answer that comes sooner than others can tell that a cohort is empty or small.
      Allowed: 0 to 60000, as the site's privacy auditor decides.
      To tighten it: Write a larger number; answers then take longer.

    queries = "answered" (the network's value)
      Whether queries are answered at all.
      When something is wrong, for example a stolen key or wrong data, the site stops giving out figures at once,
      without having to ask anybody.
      Allowed: "answered", or "refused" for all of them, such as during an incident.
      To tighten it: Write "refused"; then nothing leaves the site.

    refused_users = [] (the network's value)
      People whom this site does not answer, whatever roles they have, such as ["ana@north.example"].
      The network decides who may ask; the site has the last word. A person on this list is refused here even
      while the network still lets them in, for example until a suspicion is cleared.
      Allowed: any list of names, in quotes.
      To tighten it: Add names.

    refused_datasets = [] (the network's value)
      Data sets about which this site does not answer, by their ids in the dictionary, such as ["covid"].
      A site may take part in the network and keep one data set out of it, for example while its ethics approval
      is being renewed.
      Allowed: any list of names, in quotes.
      To tighten it: Add names.
    "#);
}

/// Each number is held against its own bounds and no other's.
#[test]
fn numbers_keep_to_their_bounds() {
    for number in key::NUMBERS {
        for (value, taken) in [(number.least, true), (number.most, true), (number.most + 1, false)] {
            assert_eq!(
                SitePolicy::parse(&format!("{} = {value}", number.key)).is_ok(),
                taken,
                "{} = {value}",
                number.key
            );
        }
        if let Some(under) = number.least.checked_sub(1) {
            assert!(SitePolicy::parse(&format!("{} = {under}", number.key)).is_err(), "{}", number.key);
        }
    }
}
