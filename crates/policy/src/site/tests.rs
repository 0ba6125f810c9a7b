use insta::assert_snapshot;

use super::*;

mod words;

const ALL_SET: &str = r#"
k = 6
k_rows = 30
p_percent = 25
nk = [[2, 67], [1, 50]]
n_sd = 15
n_shape = 40
q_tail = 8
minmax = "never"
rank_budget = 50
rank_budget_user = 20
requests_per_day = 300
cohorts_per_day = 20
reply_quantum_ms = 250
queries = "refused"
refused_users = ["eve@north.example", "bob"]
refused_datasets = ["heart"]

[history]
mode = "refuse_symmetric"
linear_audit = true
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
    coda-policy/1
    k = 5
    k_rows = 5
    p_percent = 10
    nk = [[2, 90]]
    n_sd = 10
    n_shape = 20
    q_tail = 5
    minmax = "never"
    rank_budget = 33
    rank_budget_user = 10
    requests_per_day = 200
    cohorts_per_day = 50
    reply_quantum_ms = 20
    queries = "answered"
    refused_users = []
    refused_datasets = []
    history.mode = "snap"
    history.linear_audit = true
    "#);
}

#[test]
fn every_key_is_read() {
    assert_snapshot!(read(ALL_SET).canonical(), @r#"
    coda-policy/1
    k = 6
    k_rows = 30
    p_percent = 25
    nk = [[1, 50], [2, 67]]
    n_sd = 15
    n_shape = 40
    q_tail = 8
    minmax = "never"
    rank_budget = 50
    rank_budget_user = 20
    requests_per_day = 300
    cohorts_per_day = 20
    reply_quantum_ms = 250
    queries = "refused"
    refused_users = ["bob", "eve@north.example"]
    refused_datasets = ["heart"]
    history.mode = "refuse_symmetric"
    history.linear_audit = true
    "#);
}

#[test]
fn what_is_in_effect_fits_together() {
    let policy = read("k = 50\nk_rows = 5\nn_sd = 10");
    assert_eq!((policy.threshold.least(), policy.threshold.rows()), (50, 50));
    assert_eq!(policy.samples, Samples { n_sd: 50, n_shape: 50, q_tail: 50 });
    assert_eq!(read("rank_budget = 4").budgets.rank_budget_user, Percent(4));
    assert_eq!(read("rank_budget = 60").budgets.rank_budget_user, Percent(10));
    assert_eq!(read("[history]\nmode = \"refuse_symmetric\"").history.mode, HistoryMode::RefuseSymmetric);
    assert_eq!(Percent(33).of(1000), 330);
    assert_eq!(Percent(33).of(8), 2);
    assert_eq!(Percent(100).of(u64::MAX), u64::MAX);
}

#[test]
fn a_site_cannot_undercut_the_network() {
    let files = [
        "k = 4",
        "queries = \"answered\"\n\nk = -1",
        "k_rows = 4",
        "p_percent = 9",
        "n_sd = 9",
        "n_shape = 19",
        "k = 11\nq_tail = 10",
        "q_tail = 4",
        "nk = [[2, 91]]",
        "nk = [\n  [1, 50],\n  [2, 95],\n]",
        "nk = [[1, 50]]",
        "nk = []",
        "minmax = \"always\"",
        "[history]\nmode = \"off\"",
        "[history]\nlinear_audit = false",
        "rank_budget = 20\nrank_budget_user = 21",
    ];
    assert_snapshot!(files.map(refusal).join("\n"), @r#"
    line 1: k = 4 is under the network's floor of 5: a figure about fewer people can be traced to one of them; a site may raise it, never lower it
    line 3: k = -1 is under the network's floor of 5: a figure about fewer people can be traced to one of them; a site may raise it, never lower it
    line 1: k_rows = 4 is under the network's floor of 5: a figure about fewer rows can be traced to one of them; a site may raise it, never lower it
    line 1: p_percent = 9 is under the network's floor of 10: the second largest could then work out the largest value too closely; a site may raise it, never lower it
    line 1: n_sd = 9 is under the network's floor of 10: the values of fewer people can nearly be worked out from mean and spread; a site may raise it, never lower it
    line 1: n_shape = 19 is under the network's floor of 20: the values of fewer people can be worked out from the shape of their distribution; a site may raise it, never lower it
    line 2: q_tail = 10 is under k, which is 11 here: the people beyond a quantile are a group like any other; write 11 or more, or leave it out
    line 1: q_tail = 4 is under the network's floor of 5: a quantile with fewer people beyond it is nearly one person's value; a site may raise it, never lower it
    line 1: nk allows the 2 largest 91 %: a sum of which two people make up more than 90 % tells each of them nearly the other's value; keep a pair [2, 90], or one with a smaller share
    line 3: nk allows the 2 largest 95 %: a sum of which two people make up more than 90 % tells each of them nearly the other's value; keep a pair [2, 90], or one with a smaller share
    line 1: nk lacks a pair for the 2 largest: a sum of which two people make up more than 90 % tells each of them nearly the other's value; keep a pair [2, 90], or one with a smaller share
    line 1: nk lacks a pair for the 2 largest: a sum of which two people make up more than 90 % tells each of them nearly the other's value; keep a pair [2, 90], or one with a smaller share
    line 1: minmax: "always" is not allowed; write "never"
    line 2: history.mode: "off" is not allowed; write "snap" or "refuse_symmetric"
    line 2: history.linear_audit: false is not allowed: without it, answers that are harmless one by one can be solved together for one person; write true, or leave it out
    line 2: rank_budget_user: 21 is over rank_budget, which is 20 here and meant for everybody; write a whole number of per cent from 1 to 20
    "#);
}

#[test]
fn a_value_that_is_none_is_refused_with_its_line_and_what_is_allowed() {
    let files = [
        "k = ",
        "k = 5\nk = 6",
        "k = 5.0",
        "k = \"5\"",
        "k = 1000001",
        "k = 99999999999999999999999999999999999999999999",
        "rank_budget = 0.33",
        "rank_budget = 101",
        "rank_budget = 0",
        "requests_per_day = 0",
        "cohorts_per_day = 100001",
        "reply_quantum_ms = 60001",
        "nk = [2, 90]",
        "nk = [[2, 90, 1]]",
        "nk = [[2, 0]]",
        "nk = [[2, 90], [3, 100]]",
        "nk = [[2, 90], [2, 80]]",
        "queries = true",
        "history = \"snap\"",
        "[history]\nlinear_audit = \"on\"",
        "refused_users = \"eve\"",
        "refused_users = [7]",
        "refused_users = [\n  \"bob\",\n  \"Eve\",\n]",
        "refused_datasets = [\"../heart\"]",
    ];
    assert_snapshot!(files.map(refusal).join("\n"), @r#"
    line 1: string values must be quoted, expected literal string
    line 2: duplicate key
    line 1: k: 5.0 is not allowed; write a whole number of people from 5 to 1000000
    line 1: k: "5" is not allowed; write a whole number of people from 5 to 1000000
    line 1: k: 1000001 is not allowed; write a whole number of people from 5 to 1000000
    line 1: k: 99999999999999999999999999999999999999999999 is not allowed; write a whole number of people from 5 to 1000000
    line 1: rank_budget: 0.33 is not allowed; write a whole number of per cent from 1 to 100
    line 1: rank_budget: 101 is not allowed; write a whole number of per cent from 1 to 100
    line 1: rank_budget: 0 is not allowed; write a whole number of per cent from 1 to 100
    line 1: requests_per_day: 0 is not allowed; write a whole number of requests from 1 to 100000
    line 1: cohorts_per_day: 100001 is not allowed; write a whole number of groups from 1 to 100000
    line 1: reply_quantum_ms: 60001 is not allowed; write a whole number of milliseconds from 0 to 60000
    line 1: nk: 2 is not allowed; write pairs of whole numbers, how many of the largest (1 to 100) and the per cent of the sum they may have together (1 to 99), such as [[1, 50], [2, 67]]
    line 1: nk: [2, 90, 1] is not allowed; write pairs of whole numbers, how many of the largest (1 to 100) and the per cent of the sum they may have together (1 to 99), such as [[1, 50], [2, 67]]
    line 1: nk: [2, 0] is not allowed; write pairs of whole numbers, how many of the largest (1 to 100) and the per cent of the sum they may have together (1 to 99), such as [[1, 50], [2, 67]]
    line 1: nk: [3, 100] is not allowed; write pairs of whole numbers, how many of the largest (1 to 100) and the per cent of the sum they may have together (1 to 99), such as [[1, 50], [2, 67]]
    line 1: nk: two pairs are about the 2 largest; write one of them
    line 1: queries: true is not allowed; write "answered" or "refused"
    line 1: history: "snap" is not allowed; write a line [history], and its keys under it
    line 2: history.linear_audit: "on" is not allowed; write true, or leave it out
    line 1: refused_users: "eve" is not allowed; write a list of names in quotes, such as ["one", "two"]
    line 1: refused_users: 7 is not allowed; write a list of names in quotes, such as ["one", "two"]
    line 3: refused_users: the name is not lawful: user "Eve" is not a name: use 1 to 64 of a-z, 0-9, - _ . @ and +, starting with a letter or digit
    line 1: refused_datasets: the name is not lawful: data set "../heart" is not a name: use 1 to 64 of a-z, 0-9, - and _, not starting with - or _
    "#);
}

#[test]
fn an_unknown_key_is_refused_with_the_one_that_may_be_meant() {
    let files = [
        "k = 5\nthreshold = 3",
        "p_percnt = 10",
        "refused_user = []",
        "[history]\nmodus = \"snap\"",
        "[history]\nk = 7",
        "mode = \"snap\"",
        "\"a\\nb\" = 1",
        "[k]\nleast = 5",
    ];
    assert_snapshot!(files.map(refusal).join("\n"), @r#"
    line 2: there is no key threshold; there are k, k_rows, p_percent, nk, n_sd, n_shape, q_tail, minmax, rank_budget, rank_budget_user, requests_per_day, cohorts_per_day, reply_quantum_ms, queries, refused_users, refused_datasets, history
    line 1: there is no key p_percnt; did you mean p_percent?
    line 1: there is no key refused_user; did you mean refused_users?
    line 2: there is no key history.modus; did you mean mode?
    line 2: there is no key history.k; it stands before the line [history]
    line 1: there is no key mode; it stands under a line [history]
    line 1: there is no key a�b; there are k, k_rows, p_percent, nk, n_sd, n_shape, q_tail, minmax, rank_budget, rank_budget_user, requests_per_day, cohorts_per_day, reply_quantum_ms, queries, refused_users, refused_datasets, history
    line 1: k: [k] is not allowed; write a whole number of people from 5 to 1000000
    "#);
}

#[test]
fn a_key_of_what_this_version_does_not_have_promises_nothing() {
    let files = key::ABSENT.iter().map(|(key, _)| refusal(&format!("{key} = 1"))).collect::<Vec<_>>();
    assert_snapshot!(files.join("\n"), @r#"
    line 1: glm_p_ratio cannot be set: it belongs to models, which this version does not have; remove the line
    line 1: dof_min cannot be set: it belongs to models, which this version does not have; remove the line
    line 1: ess_min cannot be set: it belongs to models, which this version does not have; remove the line
    line 1: w_share_max cannot be set: it belongs to models, which this version does not have; remove the line
    line 1: lev_max cannot be set: it belongs to models, which this version does not have; remove the line
    line 1: min_sites_pooled cannot be set: it belongs to the pooled mode, which this version does not have; remove the line
    line 1: pooled_secagg cannot be set: it belongs to the pooled mode, which this version does not have; remove the line
    line 1: sig_digits cannot be set: it is about how figures are displayed, which a site does not decide; remove the line
    line 1: zeros cannot be set: it is the same everywhere, because none at all is always shown in the same way as fewer than k; remove the line
    line 1: rounding_base cannot be set: it belongs to rounding and noise, which this version does not have; remove the line
    line 1: cell_key cannot be set: it belongs to rounding and noise, which this version does not have; remove the line
    line 1: dp cannot be set: it belongs to rounding and noise, which this version does not have; remove the line
    "#);
}

/// A file that broke off, or lost a character, is a policy no looser than the network's, or is refused with a line it has.
#[test]
fn a_damaged_file_never_loosens_anything() {
    let usual = SitePolicy::default();
    let places = (0..ALL_SET.len()).filter(|place| ALL_SET.is_char_boundary(*place));
    for file in places
        .flat_map(|place| [ALL_SET[..place].to_owned(), format!("{}{}", &ALL_SET[..place], &ALL_SET[place + 1..])])
    {
        match SitePolicy::parse(&file) {
            Ok(SitePolicy { threshold, dominance, samples, budgets, .. }) => {
                assert!(threshold.least() >= 5 && threshold.rows() >= threshold.least(), "{file}");
                assert!(dominance.p_percent >= usual.dominance.p_percent && dominance.nk[&2] <= Percent(90), "{file}");
                assert!(samples.n_sd >= 10 && samples.n_shape >= 20 && samples.q_tail >= threshold.least(), "{file}");
                assert!(
                    budgets.rank_budget_user <= budgets.rank_budget && budgets.rank_budget <= Percent(100),
                    "{file}"
                );
            }
            Err(error) => {
                let text = error.to_string();
                let line = text.strip_prefix("line ").and_then(|text| text.split(':').next()).unwrap();
                assert!((1..=file.lines().count() + 1).contains(&line.parse().unwrap()), "{text}");
                assert!(!text.contains('\n'), "{text}");
            }
        }
    }
}

/// All numbers around a bound: what is taken is within it, and what is out of it is refused.
#[test]
fn the_bounds_are_exact() {
    for number in key::NUMBERS {
        let taken = |value: i128| SitePolicy::parse(&format!("{} = {value}", number.key)).is_ok();
        // One user's share is bounded by everybody's.
        let most = if number.key == "rank_budget_user" { key::RANK_BUDGET.usual } else { number.most };
        let (least, most) = (i128::from(number.least), i128::from(most));
        assert!(!taken(least - 1) && taken(least) && taken(most) && !taken(most + 1), "{}", number.key);
        assert!((number.least..=number.most).contains(&number.usual), "{}", number.key);
    }
}

#[test]
fn files_that_mean_the_same_have_the_same_text_and_others_have_not() {
    let same = [
        "",
        "# nothing\nk = 5",
        "k = 0x5\nk_rows = 5\nq_tail = 5",
        "history = { mode = \"snap\" }",
        "history.linear_audit = true",
        "nk = [ [ 2 , 9_0 ] ]\nrefused_users = []",
    ];
    for toml in same {
        assert_eq!(read(toml).canonical(), SitePolicy::default().canonical(), "{toml}");
    }
    assert_eq!(read("k = 11").canonical(), read("k = 11\nk_rows = 7\nn_sd = 10\nq_tail = 11").canonical());
    let (one, other) = ("refused_users = [\"a\", \"b\", \"a\"]", "refused_users = [\"b\", \"a\"]");
    assert_eq!(read(one).canonical(), read(other).canonical());
    let texts: BTreeSet<String> = ALL_SET
        .lines()
        .filter(|line| line.contains(" = ") && !line.contains("never") && !line.contains("true"))
        .map(|line| if line.starts_with("mode") { format!("history.{line}") } else { line.to_owned() })
        .map(|line| read(&line).canonical())
        .collect();
    assert_eq!(texts.len(), key::TOP.len() - 1);
    assert!(!texts.contains(&SitePolicy::default().canonical()));
}
