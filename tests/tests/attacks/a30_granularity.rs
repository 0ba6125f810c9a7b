//! 30. Date granularity, sparse series, and the next build
//!
//! Learns: how many came on the one quiet Sunday, from days and weeks; whether X is in the next build, or changed.
//! Against: one granularity a series (1.10), the linear audit (2.4), the pair rule across builds (2.6)

use std::time::Duration;

use coda_disclosure::{Defence, Defences};
use coda_model::query::{Query, parse_over, parse_predicate};

use crate::bench::{
    Bench, Reply, With as _, assert_same, count_of, of,
    patients::{Patient, patients, tables},
    site, without, without_all,
};

/// Six days of five, and the Sunday of two.
const WEEK: &str = "admission >= 2024-03-04 and admission < 2024-03-11";
/// The same people in other words.
const WEEK_TOO: &str = "admission >= 2024-03-04 and admission < 2024-03-12";
/// That week and the next, all of whose days are busy.
const TWO_WEEKS: &str = "admission >= 2024-03-04 and admission < 2024-03-18";
/// The same people in other words.
const TWO_WEEKS_TOO: &str = "admission >= 2024-03-04 and admission < 2024-03-19";
/// The places of the days of those two weeks among all days of the year's first half, and of the weeks among the weeks.
const FIRST_DAY: usize = 63;
const FIRST_WEEK: usize = 9;

/// A next week with five or six a day, and so many on the quiet Sunday.
fn people(sunday: usize) -> Vec<Patient> {
    let mut people = patients("a");
    for (place, patient) in people[100..137].iter_mut().enumerate() {
        patient.admission = format!("03-{:02}", 11 + place % 7);
    }
    // Those who do not come on that Sunday come on a day in January.
    for patient in &mut people[50 + sunday..52] {
        patient.admission = "01-09".to_owned();
    }
    people
}

/// How many came in each bucket from the first on, where it is said.
fn series(reply: &Reply, first: usize, count: usize) -> Vec<Option<u64>> {
    (first..first + count).map(|cell| reply.frame(0, cell).slots[0].value().map(|slot| slot.count.people.0)).collect()
}

/// The first week, from itself or from the other one and all.
fn first_week(weeks: &Reply) -> Option<u64> {
    let [first, second] = series(weeks, FIRST_WEEK, 2).try_into().unwrap();
    let total = weeks.frames.as_ref().unwrap().total.value().map(|count| count.people.0);
    first.or(total.zip(second).map(|(total, second)| total - second))
}

/// The Sunday, if the days around it and the week are out.
fn sunday(days: &[Option<u64>], week: Option<u64>) -> Option<u64> {
    let others = days[..6].iter().copied().sum::<Option<u64>>()?;
    Some(days[6].unwrap_or(week? - others))
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let mut seen = Vec::new();
    for busy in [2, 1, 0] {
        let bench = Bench::twin(people(busy), Defences::default()).await;
        let days = bench.wire(&count_of(TWO_WEEKS).over("day:admission")).await;
        let week = bench.wire(&count_of(TWO_WEEKS).over("week:admission")).await;
        let out = series(&days, FIRST_DAY, 14);
        assert_eq!(out[6], None, "the Sunday is withheld");
        let withheld = out.iter().filter(|day| day.is_none()).count();
        assert!(withheld >= 2, "and another day, so that the total does not tell it");
        seen.push((week.code, week.words.clone(), week.bytes.len(), days.bytes.len()));
        assert!(week.words.contains("was given out by day"), "{}", week.words);

        // The other way round, on people that nothing was said of.
        let bench = Bench::twin(people(busy), Defences::default()).await;
        let week = bench.wire(&count_of(TWO_WEEKS).over("week:admission")).await;
        let days = bench.wire(&count_of(TWO_WEEKS).over("day:admission")).await;
        assert_eq!(series(&week, FIRST_WEEK, 1)[0], Some(30 + busy as u64));
        assert!(days.words.contains("was given out by week"), "{}", days.words);
        seen.push((days.code, days.words, days.bytes.len(), week.bytes.len()));
    }
    assert!(seen.chunks(2).all(|pair| pair == &seen[..2]), "the same, whoever came: {seen:?}");
}

/// The lock goes by words. Who finds other words for the same people meets the linear audit.
#[tokio::test(flavor = "multi_thread")]
async fn other_words_for_the_same_people_do_not_help() {
    for busy in [2, 1] {
        let bench = Bench::twin(people(busy), Defences::default()).await;
        let days = bench.wire(&count_of(TWO_WEEKS).over("day:admission")).await;
        let mut known = series(&days, FIRST_DAY, 14);
        let mut week = None;
        for (cohort, over) in [
            (TWO_WEEKS_TOO, "week:admission"),
            ("admission >= 2024-03-03 and admission < 2024-03-18", "month:admission"),
            (WEEK, "week:admission"),
            ("age >= 0", "week:admission"),
        ] {
            let reply = bench.wire(&count_of(cohort).over(over)).await;
            if over.starts_with("week") && cohort != "age >= 0" && reply.frames.is_some() {
                week = week.or(first_week(&reply));
            }
        }
        // The week as a cohort, and each of its days as one, as a mean, and all but it.
        for cohort in [WEEK, WEEK_TOO] {
            week = week.or(bench.wire(&count_of(cohort)).await.count());
        }
        for (day, known) in known.iter_mut().enumerate() {
            let one = format!("admission >= 2024-03-{:02} and admission < 2024-03-{:02}", 4 + day, 5 + day);
            let asked = [
                count_of(&one),
                of(&["mean:age"]).whose(&one),
                count_of(&format!("{WEEK} and not ({one})")),
                count_of(&format!("not ({one})")),
            ];
            for (number, query) in asked.iter().enumerate() {
                let count = bench.wire(query).await.count();
                *known = known.or(match number {
                    0 | 1 => count,
                    2 => count.zip(week).and_then(|(less, week)| week.checked_sub(less)),
                    _ => count.map(|less| 300 - less),
                });
            }
        }
        let told = sunday(&known, week);
        assert_ne!(told, Some(busy as u64), "{known:?} of {week:?}");
    }
}

/// The Sunday, from days of the two weeks and weeks of a cohort of the same people.
///
/// Beside the Sunday some other day is withheld, and which one depends on the site's secret. If it is one of the other week, the
/// weeks tell the Sunday; otherwise the attacker turns to another site, or another pair of weeks.
async fn from_days_and_weeks(defences: Defences, weeks_of: &str) -> Option<u64> {
    for _ in 0..20 {
        let bench = Bench::twin(people(2), defences).await;
        let days = series(&bench.wire(&count_of(TWO_WEEKS).over("day:admission")).await, FIRST_DAY, 14);
        let weeks = bench.wire(&count_of(weeks_of).over("week:admission")).await;
        assert!(weeks.frames.is_some(), "{}", weeks.words);
        let learned = sunday(&days, first_week(&weeks));
        if learned.is_some() {
            return learned;
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    // In other words, because the lock goes by words; a week is the days it is made of, too, and would be answered as such.
    let off = without_all(&[Defence::LinearAudit, Defence::PairRule]);
    let learned = from_days_and_weeks(off, TWO_WEEKS_TOO).await;
    assert_eq!(learned, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn works_without_the_lock_in_the_same_words() {
    let off = without_all(&[Defence::OneGranularity, Defence::LinearAudit, Defence::PairRule]);
    assert_eq!(from_days_and_weeks(off, TWO_WEEKS).await, Some(2));
}

/// Steps that are no calendar's, origins of one's own, rolling and cumulative series: there are no words for them.
#[tokio::test(flavor = "multi_thread")]
async fn no_other_steps_can_be_asked_for() {
    for over in ["86399s:admission", "day+1:admission", "rolling7:admission", "cumulative:admission", "2 day:admission"] {
        let refused = parse_over("over", over).unwrap_err().to_string();
        assert!(refused.contains("time bucket") || refused.contains("over"), "{over}: {refused}");
    }
    for cohort in ["admission >= '2024-03-04T12:00'", "admission >= 1709510400", "admission % 7 = 0"] {
        let query = parse_predicate("where", cohort).map(|cohort| Query { cohort: Some(cohort), ..of(&["count"]) });
        let Ok(query) = query else { continue };
        let mut words = Vec::new();
        for busy in [2, 1] {
            let bench = Bench::twin(people(busy), Defences::default()).await;
            let reply = bench.wire(&query).await;
            assert_eq!(reply.code, tonic::Code::InvalidArgument, "{cohort}: {}", reply.words);
            words.push(reply.words);
        }
        assert_eq!(words[0], words[1]);
    }
    // What such a series would tell: the difference of two sums that go on by a day.
    let upto = |day: u32| people(2).iter().filter(|patient| patient.admission <= format!("03-{day:02}")).count();
    assert_eq!(upto(10) - upto(9), 2);
}

/// Asks on a build, makes the next one, and asks the same.
async fn twice(defences: Defences, queries: &[Query], next: Vec<Patient>) -> (Bench, Vec<(Reply, Reply)>) {
    let bench = Bench::one(defences).await;
    let mut before = Vec::new();
    for query in queries {
        before.push(bench.wire(query).await);
    }
    rebuilt(&bench, &next).await;
    let mut both = Vec::new();
    for (query, before) in queries.iter().zip(before) {
        both.push((before, bench.wire(query).await));
    }
    (bench, both)
}

/// Publishes a build, and waits until the computation node has looked for it.
async fn rebuilt(bench: &Bench, people: &[Patient]) {
    bench.network.rebuild(&site("a"), tables(people)).unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
}

/// One patient more: a woman with HIV.
fn one_more() -> Vec<Patient> {
    let mut people = patients("a");
    let like = people.iter().position(|patient| patient.sex == "f" && patient.hiv && !patient.crp.is_empty()).unwrap();
    people.push(Patient { id: "a-new".to_owned(), ..people[like].clone() });
    people
}

/// X is found not to have HIV after all, and to be 80.
fn one_changed() -> Vec<Patient> {
    let mut people = patients("a");
    (people[0].hiv, people[0].age) = (false, 80);
    people
}

fn asked_twice() -> Vec<Query> {
    vec![
        of(&["count"]),
        count_of("hiv = yes"),
        count_of("sex = f and hiv = yes"),
        of(&["mean:age"]).whose("sex = f"),
        of(&["count", "mean:age"]).by("unit"),
        of(&["marginals:origin"]),
        of(&["count"]).derive("tests", "count(lab)").whose("tests >= 1"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_build_tells_nothing_of_one_patient() {
    for next in [one_more(), one_changed()] {
        let (_, both) = twice(Defences::default(), &asked_twice(), next).await;
        for (place, (before, after)) in both.iter().enumerate() {
            let words = format!("{} {}", before.words, after.words);
            let (before, after) = (before.frames.as_ref().expect(&words), after.frames.as_ref().expect(&words));
            assert_eq!(before.total, after.total, "question {place}");
            for (before, after) in before.asks.iter().flatten().zip(after.asks.iter().flatten()) {
                // What is out is what was out; some of it may be out no more.
                for (before, after) in before.slots.iter().zip(&after.slots) {
                    assert!(after.value().is_none() || before == after, "question {place}: {before:?} {after:?}");
                }
            }
        }
    }
}

/// The figures of the earlier build stay, whatever is asked beside them and however often.
#[tokio::test(flavor = "multi_thread")]
async fn asking_the_next_build_again_in_another_way_tells_nothing_either() {
    let mean = of(&["mean:age"]).whose("sex = f");
    let (bench, both) = twice(Defences::default(), std::slice::from_ref(&mean), one_changed()).await;
    let sum = both[0].0.sum().unwrap();
    assert_eq!(both[0].1.sum(), Some(sum));
    for asks in [&["mean:age", "count"][..], &["mean:age", "marginals:unit"]] {
        let again = bench.wire(&of(asks).whose("sex = f")).await;
        assert_eq!(again.sum(), Some(sum), "{}", again.words);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_build_tells_all_when_builds_are_not_held_against_each_other() {
    let off = without_all(&[Defence::PairRule, Defence::LinearAudit]);
    let (bench, both) = twice(off, &[count_of("hiv = yes")], one_changed()).await;
    // Without the pair rule the same words still find the same set, so others are used.
    let after = bench.wire(&count_of("hiv = yes and age >= 1")).await.count().unwrap();
    assert_eq!(both[0].0.count().unwrap() - after, 1, "X has HIV no more");

    // Sums of a set that is known stay what they were, but for that defence.
    let (_, both) = twice(without(Defence::AcrossBuilds), &[of(&["mean:age"]).whose("sex = f")], one_changed()).await;
    assert_eq!(both[0].1.sum().unwrap() - both[0].0.sum().unwrap(), 80 - 47, "X is 33 years older");
}

/// The steps of a distribution, of which one would have moved by one patient.
#[tokio::test(flavor = "multi_thread")]
async fn steps_of_two_builds_do_not_tell_that_somebody_changed() {
    let mut steps = Vec::new();
    for (hiv, age) in [(false, 47), (true, 80)] {
        let mut next = patients("a");
        (next[0].hiv, next[0].age) = (hiv, age);
        let (_, both) = twice(Defences::default(), &[of(&["median:age"]).whose("sex = f")], next).await;
        steps.push(both[0].1.frames.clone().unwrap());
    }
    assert!(steps[0] == steps[1], "whether X is said to be 47 or 80 now");
}

/// A sum of the earlier build, and two of the later one whose difference it is: everything was told once only.
#[tokio::test(flavor = "multi_thread")]
async fn sums_of_two_builds_do_not_combine() {
    let (bench, both) = twice(Defences::default(), &[of(&["mean:age"]).whose("sex = f")], one_changed()).await;
    let wide = bench.wire(&of(&["mean:age"]).whose("sex = f or age < 40")).await;
    let rest = bench.wire(&of(&["mean:age"]).whose("sex = m and age < 40")).await;
    if let (Some(wide), Some(rest), Some(before)) = (wide.sum(), rest.sum(), both[0].0.sum()) {
        assert_ne!(wide - rest - before, 80 - 47, "X is 33 years older");
    }
}

/// One laboratory value more.
fn one_row_more() -> Vec<Patient> {
    let mut next = patients("a");
    next[5].crp.push(77);
    next
}

/// Rows of the earlier build, and of the later one, on which few have other rows, or nobody has.
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_two_builds_do_not_differ_by_one() {
    let asked = [of(&["count"]).rows("lab"), of(&["mean:crp"]).rows("lab"), of(&["count"]).rows("lab").by("sex")];
    let other_words = [of(&["count", "mean:crp"]).rows("lab").whose("age >= 0"), of(&["count"]).rows("lab").whose("sex = f")];
    let mut later = Vec::new();
    // The second is of another build than the first, too, but has the same rows.
    let mut same_rows = patients("a");
    same_rows[5].ddimer += 1;
    for next in [one_row_more(), same_rows] {
        let (bench, both) = twice(Defences::default(), &asked, next).await;
        let mut replies = Vec::new();
        for (before, after) in &both {
            let before = before.frames.as_ref().unwrap();
            // Where something of the rows is out, it is what was out.
            let Some(frames) = &after.frames else { continue };
            assert!(frames.total.value().is_none() || frames.total == before.total);
            for (before, after) in before.asks.iter().flatten().zip(frames.asks.iter().flatten()) {
                assert!(after.slots.iter().zip(&before.slots).all(|(after, before)| after.value().is_none() || after == before));
            }
        }
        replies.extend(both.into_iter().map(|(_, after)| after));
        for query in &other_words {
            replies.push(bench.wire(query).await);
        }
        later.push(replies);
    }
    for (place, (one, other)) in later[0].iter().zip(&later[1]).enumerate() {
        assert!(one.frames.is_some() || !one.words.is_empty());
        assert_same(one, other, &format!("question {place}, with one row more and without"));
    }
}

/// Of two builds that are not held against each other, two counts and two sums tell the row.
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_two_builds_tell_when_they_are_not_held_against_each_other() {
    let off = without_all(&[Defence::AcrossBuilds, Defence::PairRule, Defence::LinearAudit]);
    let (_, both) = twice(off, &[of(&["mean:crp"]).rows("lab")], one_row_more()).await;
    let told = |reply: &Reply| (reply.total().unwrap(), reply.sum().unwrap());
    let [before, after] = [told(&both[0].0), told(&both[0].1)];
    assert_eq!((after.0 - before.0, after.1 - before.1), (1, 77), "a row more, and its value");
}

/// All but a set is all of the build on which the set was released.
#[tokio::test(flavor = "multi_thread")]
async fn all_but_a_set_of_an_earlier_build_do_not_tell_who_came() {
    let mut told = Vec::new();
    for next in [patients("a"), one_more()] {
        let (bench, both) = twice(Defences::default(), &[of(&["count"]), count_of("sex = f")], next).await;
        let men = bench.wire(&count_of("sex = m")).await.count();
        let by_sex = bench.wire(&of(&["count"]).by("sex")).await;
        told.push((both[1].1.count(), men, by_sex.frames.as_ref().unwrap().total));
    }
    assert_eq!(told[0], told[1], "one patient more");
}

/// A figure that stays is that of the set it is shown for.
#[tokio::test(flavor = "multi_thread")]
async fn all_but_a_set_of_an_earlier_build_do_not_get_its_figures() {
    let (bench, both) = twice(Defences::default(), &[of(&["mean:age"]).whose("sex = f")], one_changed()).await;
    let others = bench.wire(&of(&["mean:age"]).whose("sex = m")).await;
    assert_ne!(others.sum(), both[0].0.sum(), "the sum of the women's ages is given out as that of the men");
}
