//! What is said of the keys about who may ask how much, and about answers that give something away together.

use super::{Change, Rule, Stricter, Words, names, number, stricter_if_unlike};
use crate::site::{Budgets, History, HistoryMode, LinearAudit, Percent, Queries, SitePolicy, key};

pub(super) fn rules(policy: &SitePolicy, usual: &SitePolicy) -> Vec<Rule> {
    let Budgets { rank_budget, rank_budget_user, requests_per_day, cohorts_per_day } = policy.budgets;
    let down = |of, here, words| number(of, here, Stricter::Down, words);
    vec![
        down(&key::RANK_BUDGET, rank_budget.0, everybody(rank_budget)),
        down(&key::RANK_BUDGET_USER, rank_budget_user.0, one_user(rank_budget_user)),
        down(&key::REQUESTS_PER_DAY, requests_per_day, requests(requests_per_day)),
        down(&key::COHORTS_PER_DAY, cohorts_per_day, cohorts(cohorts_per_day)),
        number(&key::REPLY_QUANTUM_MS, policy.reply_quantum_ms, Stricter::Up, quantum(policy.reply_quantum_ms)),
        queries(policy.queries),
        refused(
            "refused_users",
            (names(&policy.refused_users), names(&usual.refused_users)),
            "People whom this site does not answer, whatever roles they have, such as [\"ana@north.example\"].",
            "The network decides who may ask; the site has the last word. A person on this list is refused here even while \
             the network still lets them in, for example until a suspicion is cleared.",
        ),
        refused(
            "refused_datasets",
            (names(&policy.refused_datasets), names(&usual.refused_datasets)),
            "Data sets about which this site does not answer, by their ids in the dictionary, such as [\"covid\"].",
            "A site may take part in the network and keep one data set out of it, for example while its ethics approval is \
             being renewed.",
        ),
    ]
}

pub(super) fn history(policy: &SitePolicy, usual: &SitePolicy) -> Vec<Rule> {
    let History { mode, linear_audit: LinearAudit::On } = policy.history;
    let answer = match mode {
        HistoryMode::Snap => "Here the second question gets the answer of the first, 40.",
        HistoryMode::RefuseSymmetric => "Here the second question gets no figure.",
    };
    vec![
        Rule {
            key: "history.mode",
            here: word(mode).to_owned(),
            usual: word(usual.history.mode).to_owned(),
            change: if mode == usual.history.mode { Change::Same } else { Change::Other },
            says: "What is answered about a group that differs by fewer than k people, or by none, from a group or from everybody \
                   outside a group that was answered before: \"snap\" gives the earlier answer again, \"refuse_symmetric\" none.",
            allowed: "\"snap\" or \"refuse_symmetric\"; the two protect alike, and there is no third".to_owned(),
            protects: format!(
                "Two harmless answers can differ by one person: 40 patients have diabetes; 39 have diabetes and are not \
                 women born in 1931, and only one such woman is known to be here. {answer} The same happens if the two \
                 groups are the same people: otherwise the way of answering would tell whether that woman is among the 40."
            ),
            tighten: "This cannot be tightened.",
        },
        Rule {
            key: "history.linear_audit",
            here: "true".to_owned(),
            usual: "true".to_owned(),
            change: Change::Same,
            says: "Whether all answers so far are solved together, as equations, before another one is given.",
            allowed: "true alone; it cannot be switched off".to_owned(),
            protects: "Answers that are far apart can still be solved for a few people. Wards 1 and 2 have 23 patients, wards 1 \
                       and 3 have 43, wards 2 and 3 have 60: (23 + 43 - 60) / 2 = 3 patients in ward 1, a number that is \
                       never shown when it is asked for. The third of these answers is not given as it is."
                .to_owned(),
            tighten: "This cannot be tightened.",
        },
    ]
}

fn word(mode: HistoryMode) -> &'static str {
    match mode {
        HistoryMode::Snap => "\"snap\"",
        HistoryMode::RefuseSymmetric => "\"refuse_symmetric\"",
    }
}

fn everybody(share: Percent) -> Words {
    Words {
        says: "Most figures that do not follow from each other which all users together get about the same patients, per 100 \
               patients.",
        protects: format!(
            "Each such figure is an equation about the patients' values. With as many equations as patients, every value can \
             be solved for, however harmless each figure is. A site with 1000 patients here gives out at most {}. When they \
             are used up, further questions are refused, and the asker is told so. To raise this above the network's 33 is a \
             decision of the site's privacy auditor.",
            share.of(1000)
        ),
        tighten: "Write a smaller number.",
    }
}

fn one_user(share: Percent) -> Words {
    Words {
        says: "The same for one user; never more than rank_budget.",
        protects: format!(
            "One person with many answers can combine them better than many people with few. At a site with 1000 patients one \
             user here gets at most {} such figures. To raise this above the network's 10 is a decision of the site's \
             privacy auditor.",
            share.of(1000)
        ),
        tighten: "Write a smaller number.",
    }
}

fn requests(most: u64) -> Words {
    Words {
        says: "Most requests of one user in a day.",
        protects: format!(
            "Attacks on figures take many questions, most of them asked by a program. After {most} requests a user is refused \
             until the next day, which leaves time to notice."
        ),
        tighten: "Write a smaller number.",
    }
}

fn cohorts(most: u64) -> Words {
    Words {
        says: "Most different groups of patients one user may ask about in a day.",
        protects: format!(
            "To close in on one person takes many slightly different groups: women over 80, over 81, over 82. One user may \
             here ask about {most} in a day; the same group in other questions counts once."
        ),
        tighten: "Write a smaller number.",
    }
}

fn quantum(milliseconds: u64) -> Words {
    let here = match milliseconds {
        0 => "Here answers leave as soon as they are ready, and this protection is off.".to_owned(),
        _ => format!(
            "Here one that is ready after {} ms and one that is ready after {milliseconds} ms leave at the same time.",
            milliseconds.div_ceil(4)
        ),
    };
    Words {
        says: "Answers leave at whole multiples of so many milliseconds after the request came; 0 lets them leave at once.",
        protects: format!("An answer that comes sooner than others can tell that a group is empty or small. {here}"),
        tighten: "Write a larger number; answers then take longer.",
    }
}

fn queries(queries: Queries) -> Rule {
    let (here, change) = match queries {
        Queries::Answered => ("\"answered\"", Change::Same),
        Queries::Refused => ("\"refused\"", Change::Stricter),
    };
    Rule {
        key: "queries",
        here: here.to_owned(),
        usual: "\"answered\"".to_owned(),
        change,
        says: "Whether queries are answered at all.",
        allowed: "\"answered\", or \"refused\" for all of them, such as during an incident".to_owned(),
        protects: "When something is wrong, for example a stolen key or wrong data, the site stops giving out figures at once, \
                   without having to ask anybody."
            .to_owned(),
        tighten: "Write \"refused\"; then nothing leaves the site.",
    }
}

fn refused(key: &'static str, (here, usual): (String, String), says: &'static str, protects: &'static str) -> Rule {
    Rule {
        key,
        change: stricter_if_unlike(&here, &usual),
        here,
        usual,
        says,
        allowed: "any list of names, in quotes".to_owned(),
        protects: protects.to_owned(),
        tighten: "Add names.",
    }
}
