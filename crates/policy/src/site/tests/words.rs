//! The policy in words, and as text that is read back.

use insta::assert_snapshot;

use super::{ALL_SET, read};
use crate::site::{SitePolicy, key, rule};

#[test]
fn what_is_shown_is_read_back_as_the_same_policy() {
    for toml in ["", "k = 11", "rank_budget = 4", ALL_SET] {
        assert_eq!(read(&read(toml).show()), read(toml), "{toml}");
    }
    let keys: Vec<String> = rule::all(&SitePolicy::default()).iter().map(|rule| rule.key.to_owned()).collect();
    let known = key::TOP.iter().filter(|key| **key != "history").map(|key| (*key).to_owned());
    assert_eq!(keys, known.chain(key::HISTORY.iter().map(|key| format!("history.{key}"))).collect::<Vec<_>>());
}

#[test]
fn the_sample_is_the_networks_policy_as_it_is_shown() {
    assert_eq!(include_str!("../../../../../deploy/config/policy.toml"), SitePolicy::default().show());
}

#[test]
fn a_policy_that_is_taken_is_put_into_words() {
    assert_snapshot!(SitePolicy::default().check(), @r#"
    The policy can be taken.
    A result leaves this site only with at least 5 people behind it, and at least as many rows.
    A sum or mean leaves only if all but its two largest parts come to at least 10 % of the largest, and the 2 largest are at most 90 % of it.
    A standard deviation needs 10 people, a skewness or kurtosis 20.
    A quantile needs 5 people on its smaller side. The smallest and the largest value never leave.
    A group that differs by fewer than 5 people from an earlier one gets that one's answer.
    Answers that could be solved together for a few people are not given.
    Per 100 patients all users together get at most 33 independent figures, one user at most 10.
    One user asks at most 200 times a day, and about at most 50 groups.
    An answer leaves at a whole multiple of 20 ms after the request came.
    Queries are answered.
    No user is refused.
    No data set is refused.
    All values are the network's.
    "#);
    assert_snapshot!(read(ALL_SET).check(), @r#"
    The policy can be taken.
    A result leaves this site only with at least 6 people behind it, and at least 30 rows.
    A sum or mean leaves only if all but its two largest parts come to at least 25 % of the largest, and the largest is at most 50 % of it, and the 2 largest are at most 67 % of it.
    A standard deviation needs 15 people, a skewness or kurtosis 40.
    A quantile needs 8 people on its smaller side. The smallest and the largest value never leave.
    A group that differs by fewer than 6 people from an earlier one, or by none, gets no answer.
    Answers that could be solved together for a few people are not given.
    Per 100 patients all users together get at most 50 independent figures, one user at most 20.
    One user asks at most 300 times a day, and about at most 20 groups.
    An answer leaves at a whole multiple of 250 ms after the request came.
    No query is answered.
    Refused users: bob, eve@north.example.
    Refused data sets: heart.
    Stricter than the network's values: k = 6 (not 5), k_rows = 30 (not 5), p_percent = 25 (not 10), nk = [[1, 50], [2, 67]] (not [[2, 90]]), n_sd = 15 (not 10), n_shape = 40 (not 20), q_tail = 8 (not 5), cohorts_per_day = 20 (not 50), reply_quantum_ms = 250 (not 20), queries = "refused" (not "answered"), refused_users = ["bob", "eve@north.example"] (not []), refused_datasets = ["heart"] (not []).
    Otherwise than the network's values, neither stricter nor looser: history.mode = "refuse_symmetric" (not "snap").
    Looser than the network's values, which is for the site's privacy auditor to decide: rank_budget = 50 (not 33), rank_budget_user = 20 (not 10), requests_per_day = 300 (not 200).
    "#);
}

#[test]
fn a_policy_is_shown_with_every_value_in_effect() {
    assert_snapshot!(SitePolicy::default().show(), @r#"
    # A site's own policy. It narrows which figures leave the site, and never widens it; how much may be asked,
    # and when answers leave, is set here too. Every key may be left out; then it has the network's value.
    # `coda-node policy check policy.toml` says in words what the file means, `coda-node policy explain
    # policy.toml` what each key protects against.

    # Fewest people behind any figure that leaves the site.
    # Network: 5. Allowed: 5 to 1000000: a site may raise it, never lower it.
    k = 5

    # Fewest rows behind any figure that is about rows, such as laboratory results; never fewer than k.
    # Network: 5. Allowed: 5 to 1000000: a site may raise it, never lower it.
    k_rows = 5

    # A sum or mean leaves only if the people apart from the two largest contribute at least so many per cent of
    # what the largest contributes.
    # Network: 10. Allowed: 10 to 100: a site may raise it, never lower it.
    p_percent = 10

    # Pairs [people, per cent]: a sum or mean leaves only if so many of the largest have at most so many per cent
    # of the sum; every pair must hold.
    # Network: [[2, 90]]. Allowed: a pair for the 2 largest with 90 or less, and more pairs with 1 to 99: a site
    # may add pairs and lower shares, never raise 90.
    nk = [[2, 90]]

    # Fewest people behind a standard deviation, and behind what needs one: a confidence interval, a standardised
    # difference, a t test.
    # Network: 10. Allowed: 10 to 1000000: a site may raise it, never lower it.
    n_sd = 10

    # Fewest people behind a skewness (how lopsided values lie) or a kurtosis (how far the outermost lie).
    # Network: 20. Allowed: 20 to 1000000: a site may raise it, never lower it.
    n_shape = 20

    # Fewest people on the smaller side of a quantile, such as under the lower quartile; never fewer than k, which
    # is also meant when it is left out.
    # Network: 5. Allowed: 5 to 1000000: a site may raise it, never lower it.
    q_tail = 5

    # Whether the smallest and the largest value of the people asked about may leave the site.
    # Network: "never". Allowed: "never" alone.
    minmax = "never"

    # Most figures that do not follow from each other which all users together get about the same patients, per
    # 100 patients.
    # Network: 33. Allowed: 1 to 100, as the site's privacy auditor decides.
    rank_budget = 33

    # The same for one user; never more than rank_budget.
    # Network: 10. Allowed: 1 to 100, as the site's privacy auditor decides.
    rank_budget_user = 10

    # Most requests of one user in a day.
    # Network: 200. Allowed: 1 to 100000, as the site's privacy auditor decides.
    requests_per_day = 200

    # Most different groups of patients one user may ask about in a day.
    # Network: 50. Allowed: 1 to 100000, as the site's privacy auditor decides.
    cohorts_per_day = 50

    # Answers leave at whole multiples of so many milliseconds after the request came; 0 lets them leave at once.
    # Network: 20. Allowed: 0 to 60000, as the site's privacy auditor decides.
    reply_quantum_ms = 20

    # Whether queries are answered at all.
    # Network: "answered". Allowed: "answered", or "refused" for all of them, such as during an incident.
    queries = "answered"

    # People whom this site does not answer, whatever roles they have, such as ["ana@north.example"].
    # Network: []. Allowed: any list of names, in quotes.
    refused_users = []

    # Data sets about which this site does not answer, by their ids in the dictionary, such as ["covid"].
    # Network: []. Allowed: any list of names, in quotes.
    refused_datasets = []

    [history]

    # What is answered about a group that differs by fewer than k people, or by none, from a group or from
    # everybody outside a group that was answered before: "snap" gives the earlier answer again,
    # "refuse_symmetric" none.
    # Network: "snap". Allowed: "snap" or "refuse_symmetric"; the two protect alike, and there is no third.
    mode = "snap"

    # Whether all answers so far are solved together, as equations, before another one is given.
    # Network: true. Allowed: true alone; it cannot be switched off.
    linear_audit = true
    "#);
}

/// The explanation before and from the first rule about asking.
fn explained() -> (String, String) {
    let explained = SitePolicy::default().explain();
    let (figures, asking) = explained.split_once("\nrank_budget =").unwrap();
    (figures.to_owned(), format!("rank_budget ={asking}"))
}

#[test]
fn rules_on_figures_are_explained_to_a_privacy_auditor() {
    assert_snapshot!(explained().0, @r#"
    What this policy asks for, rule by rule: what the rule says, what it protects against, what may be written,
    and how it could be tightened. What is said to be withheld is shown in the same way whatever the reason, and a
    rule that a site makes stricter holds for its own figures alone.

    k = 5 (the network's value)
      Fewest people behind any figure that leaves the site.
      A figure about very few people is a figure about persons: "1 woman over 90 of this ward with HIV" names her
      to everybody who knows the ward. 4 such women are shown as "<5", and so are none at all: if none looked
      different from few, a question about a group with a single known member would answer for that member.
      Allowed: 5 to 1000000: a site may raise it, never lower it.
      To tighten it: Write a larger number; k_rows, n_sd, n_shape and q_tail rise with it where they are smaller.

    k_rows = 5 (the network's value)
      Fewest rows behind any figure that is about rows, such as laboratory results; never fewer than k.
      A person may have many rows. A figure about rows needs both enough people and enough rows: 200 results of 2
      people are still a figure about 2 people and do not leave. Everybody behind a figure has at least one row,
      so this asks for more than k only when it is larger than k; here it is not.
      Allowed: 5 to 1000000: a site may raise it, never lower it.
      To tighten it: Write a larger number.

    p_percent = 10 (the network's value)
      A sum or mean leaves only if the people apart from the two largest contribute at least so many per cent of
      what the largest contributes.
      The person with the second largest value knows that value, takes it away from the sum, and is left with the
      largest and a small rest. Of stays of 200, 30, 5, 5 and 5 days the sum is 245: who stayed 30 days learns
      that the longest stay is at most 215. If the longest stay is 200 days, the stays but the two longest must
      here add up to at least 20 days, or the sum is withheld. Values are counted from the lowest that the
      dictionary allows.
      Allowed: 10 to 100: a site may raise it, never lower it.
      To tighten it: Write a larger number; sums of fewer people, and of uneven values, are then withheld more
      often.

    nk = [[2, 90]] (the network's value)
      Pairs [people, per cent]: a sum or mean leaves only if so many of the largest have at most so many per cent
      of the sum; every pair must hold.
      If few people make up nearly all of a sum, the sum is nearly theirs; so is the mean, which times the number
      of people is the sum. Of stays that add up to 1000 days, the 2 longest together may be at most 900 days;
      otherwise sum and mean are withheld.
      Allowed: a pair for the 2 largest with 90 or less, and more pairs with 1 to 99: a site may add pairs and
      lower shares, never raise 90.
      To tighten it: Write a smaller share, or add pairs. The strict option of the Australian Bureau of Statistics
      is [[1, 50], [2, 67]].

    n_sd = 10 (the network's value)
      Fewest people behind a standard deviation, and behind what needs one: a confidence interval, a standardised
      difference, a t test.
      Mean and standard deviation together say much about few values: of two people with a mean age of 50 and a
      standard deviation of 14.14 years one is 40 and the other 60. Of 9 people the mean may leave, if the other
      rules allow it, but not the standard deviation.
      Allowed: 10 to 1000000: a site may raise it, never lower it.
      To tighten it: Write a larger number.

    n_shape = 20 (the network's value)
      Fewest people behind a skewness (how lopsided values lie) or a kurtosis (how far the outermost lie).
      Each further figure about the same people narrows down what their values can be. In one example with the
      ages of 5 people, mean and standard deviation left 216 possible sets of ages; skewness and kurtosis with
      them left one. Of 19 people neither leaves.
      Allowed: 20 to 1000000: a site may raise it, never lower it.
      To tighten it: Write a larger number.

    q_tail = 5 (the network's value)
      Fewest people on the smaller side of a quantile, such as under the lower quartile; never fewer than k, which
      is also meant when it is left out.
      A quantile is close to somebody's value, and the fewer people lie beyond it, the closer it comes to the
      smallest or largest value. A median needs here at least 10 people, quartiles 20, the 5th and 95th percentile
      100.
      Allowed: 5 to 1000000: a site may raise it, never lower it.
      To tighten it: Write a larger number.

    minmax = "never" (the network's value)
      Whether the smallest and the largest value of the people asked about may leave the site.
      The largest age is one person's age: "104 years" points at the only patient so old. Smallest and largest
      values never leave; the range that the dictionary allows is public and says nothing about patients.
      Allowed: "never" alone.
      To tighten it: This cannot be tightened.
    "#);
}

#[test]
fn rules_on_asking_are_explained_to_a_privacy_auditor() {
    assert_snapshot!(explained().1, @r#"
    rank_budget = 33 (the network's value)
      Most figures that do not follow from each other which all users together get about the same patients, per
      100 patients.
      Each such figure is an equation about the patients' values. With as many equations as patients, every value
      can be solved for, however harmless each figure is. A site with 1000 patients here gives out at most 330.
      When they are used up, further questions are refused, and the asker is told so. To raise this above the
      network's 33 is a decision of the site's privacy auditor.
      Allowed: 1 to 100, as the site's privacy auditor decides.
      To tighten it: Write a smaller number.

    rank_budget_user = 10 (the network's value)
      The same for one user; never more than rank_budget.
      One person with many answers can combine them better than many people with few. At a site with 1000 patients
      one user here gets at most 100 such figures. To raise this above the network's 10 is a decision of the
      site's privacy auditor.
      Allowed: 1 to 100, as the site's privacy auditor decides.
      To tighten it: Write a smaller number.

    requests_per_day = 200 (the network's value)
      Most requests of one user in a day.
      Attacks on figures take many questions, most of them asked by a program. After 200 requests a user is
      refused until the next day, which leaves time to notice.
      Allowed: 1 to 100000, as the site's privacy auditor decides.
      To tighten it: Write a smaller number.

    cohorts_per_day = 50 (the network's value)
      Most different groups of patients one user may ask about in a day.
      To close in on one person takes many slightly different groups: women over 80, over 81, over 82. One user
      may here ask about 50 in a day; the same group in other questions counts once.
      Allowed: 1 to 100000, as the site's privacy auditor decides.
      To tighten it: Write a smaller number.

    reply_quantum_ms = 20 (the network's value)
      Answers leave at whole multiples of so many milliseconds after the request came; 0 lets them leave at once.
      An answer that comes sooner than others can tell that a group is empty or small. Here one that is ready
      after 5 ms and one that is ready after 20 ms leave at the same time.
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

    history.mode = "snap" (the network's value)
      What is answered about a group that differs by fewer than k people, or by none, from a group or from
      everybody outside a group that was answered before: "snap" gives the earlier answer again,
      "refuse_symmetric" none.
      Two harmless answers can differ by one person: 40 patients have diabetes; 39 have diabetes and are not women
      born in 1931, and only one such woman is known to be here. Here the second question gets the answer of the
      first, 40. The same happens if the two groups are the same people: otherwise the way of answering would tell
      whether that woman is among the 40.
      Allowed: "snap" or "refuse_symmetric"; the two protect alike, and there is no third.
      To tighten it: This cannot be tightened.

    history.linear_audit = true (the network's value)
      Whether all answers so far are solved together, as equations, before another one is given.
      Answers that are far apart can still be solved for a few people. Wards 1 and 2 have 23 patients, wards 1 and
      3 have 43, wards 2 and 3 have 60: (23 + 43 - 60) / 2 = 3 patients in ward 1, a number that is never shown
      when it is asked for. The third of these answers is not given as it is.
      Allowed: true alone; it cannot be switched off.
      To tighten it: This cannot be tightened.
    "#);
}

#[test]
fn examples_have_the_values_of_the_site() {
    let explained = read(ALL_SET).explain();
    for words in [
        "k = 6 (stricter than the network's 5)",
        "5 such women are shown as \"<6\"",
        "Here 6 people with 29 results",
        "at least 50 days",
        "the longest may be at most 500 days, and the 2 longest together may be at most 670 days",
        "A median needs here at least 16 people, quartiles 32",
        "rank_budget = 50 (looser than the network's 33)",
        "gives out at most 500.",
        "Here the second question gets no figure.",
    ] {
        let flat = explained.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{words}");
    }
    assert!(read("reply_quantum_ms = 0").explain().contains("this protection is off"));
}
