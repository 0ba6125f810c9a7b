//! Whoever asks what cannot be answered is told what is wrong, where, and what would be right.

use coda_client::{ClientError, NewGrant, NewQuery};
use coda_model::{estimate::SiteStatus, query::Query};

use coda_service::Isolation;
use coda_testkit::PROJECT;
use coda_wire::envelope::Envelope;

use crate::{
    population::hospitals,
    signing::{Signers, request},
    world::{With as _, World, ask, bounds, cell, chain, network, of, outcome, site, statuses, user},
};

/// Asserts that a query is refused as wrong in itself, in words that say all of this.
async fn refused(world: &World, query: Query, words: &[&str]) {
    let error = world.ask(&query, &world.sites).await.unwrap_err();
    let text = chain(&error);
    assert!(matches!(error, ClientError::Invalid(..)), "{error:?}");
    for word in words {
        assert!(text.contains(word), "{text:?} does not say {word:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_does_not_fit_the_dictionary_is_refused_with_what_would_fit() {
    let world = World::start(hospitals()).await;
    let cases: [(Query, &[&str]); 13] = [
        (of(&["mean:agee"]), &["of mean:agee", "agee", "did you mean age?"]),
        (of(&["count"]).by("sexx"), &["by sexx", "did you mean sex?"]),
        (of(&["count"]).by("lab"), &["by lab", "no variable \"lab\""]),
        (of(&["count"]).whose("sex = femal"), &["where", "femal", "did you mean female?"]),
        (of(&["count"]).whose("pain = unbearable"), &["where", "unbearable", "none, mild, severe"]),
        (of(&["mean:weight[g]"]), &["of mean:weight", "weight is in kg, not in g", "ask for it in kg"]),
        (of(&["count"]).whose("weight > 50 g"), &["where", "kg"]),
        (of(&["mean:sex"]), &["of mean:sex", "mean takes"]),
        (of(&["avg:age"]), &["of avg:age", "no statistic \"avg\""]),
        (of(&["means:age"]), &["did you mean mean?"]),
        (of(&["count"]).over("month:age"), &["over", "age is continuous", "month:admission"]),
        (of(&["count"]).by("age"), &["by age", "age@40,65"]),
        (Query { dataset: "word".to_owned(), ..of(&["count"]) }, &["dataset", "did you mean ward?"]),
    ];
    for (query, words) in cases {
        refused(&world, query, words).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_site_is_refused_with_the_site_that_was_meant() {
    let world = World::start(hospitals()).await;
    let error = world.ask(&of(&["count"]), &[site("nroth"), site("south")]).await.unwrap_err();
    assert!(matches!(error, ClientError::Invalid(..)), "{error:?}");
    let text = chain(&error);
    for word in ["sites", "no site \"nroth\"", "did you mean north?"] {
        assert!(text.contains(word), "{text:?} does not say {word:?}");
    }
    let error = world.ask(&of(&["count"]), &[]).await.unwrap_err();
    assert!(matches!(error, ClientError::Invalid(..)), "nobody is asked: {error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_where_the_asker_has_no_role_refuses_and_the_others_answer() {
    let world = World::start(hospitals()).await;
    let bob = user("bob@south.example");
    world.network.name_researcher(&bob, &[site("south"), site("north")]).await.unwrap();
    let hub = world.network.hub(&bob).unwrap();
    let answer = ask(&hub, &of(&["count"]), &world.sites).await.unwrap();
    let expected = [("north", SiteStatus::Answered), ("south", SiteStatus::Answered), ("east", SiteStatus::Refused)];
    assert_eq!(statuses(&answer), expected);
    let detail = &outcome(&answer, "east").detail;
    assert!(detail.contains("no role at this site") && detail.contains("administrator"), "{detail}");
    assert_eq!(bounds(network(&answer, "count"), "count"), (440, 440));
    assert!(cell(&answer, "count", &[]).sites.iter().all(|(name, _)| *name != site("east")));

    let description = hub.describe().await.unwrap();
    let rights: Vec<_> = description.sites.iter().map(|s| (s.site.as_str(), s.permissions.len())).collect();
    assert_eq!(rights, [("north", 2), ("south", 2), ("east", 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_queries_does_not_answer_queries() {
    let world = World::start(hospitals()).await;
    let carol = user("carol@north.example");
    world.network.open_account(&carol).await.unwrap();
    let administrator = world.network.hub(&user("administrator@north.example")).unwrap();
    for role in ["site-researcher", "health-administrator", "other-end-user"] {
        let grant = NewGrant {
            user: carol.to_string(),
            role: role.to_owned(),
            site: "north".to_owned(),
            project: PROJECT.to_owned(),
            reason: "sees the dashboard".to_owned(),
            ..NewGrant::default()
        };
        administrator.grant(grant).await.unwrap();
    }
    let hub = world.network.hub(&carol).unwrap();
    let answer = ask(&hub, &of(&["count"]), &world.sites).await.unwrap();
    assert!(answer.sites.iter().all(|outcome| outcome.status == SiteStatus::Refused), "{:?}", answer.sites);

    let answer = ask(&administrator, &of(&["count"]), &world.sites).await.unwrap();
    assert!(answer.sites.iter().all(|outcome| outcome.status == SiteStatus::Refused), "administering is not reading");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_any_grant_gets_no_token() {
    let world = World::start(hospitals()).await;
    // A certificate that was signed by hand is no account.
    let mallory = user("mallory@north.example");
    let hub = world.network.hub(&mallory).unwrap();
    let refused = async || [hub.describe().await.map(drop), ask(&hub, &of(&["count"]), &world.sites).await.map(drop)];
    for error in refused().await.map(Result::unwrap_err) {
        assert!(matches!(&error, ClientError::Invalid(_, words) if words.contains("no open account")), "{error:?}");
    }
    world.network.open_account(&mallory).await.unwrap();
    for error in refused().await.map(Result::unwrap_err) {
        assert!(matches!(&error, ClientError::Refused(_, words) if words.contains("no role")), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_grant_ends_with_the_token_that_lists_it() {
    let (world, clock) = World::start_with_clock(hospitals()).await;
    let answered = |answer: coda_model::estimate::Answer| outcome(&answer, "north").status == SiteStatus::Answered;
    assert!(answered(world.answer(&of(&["count"])).await));

    let administrator = world.network.hub(&user("administrator@north.example")).unwrap();
    let grants = administrator.grants().await.unwrap();
    let grant = grants.iter().find(|grant| grant.user == crate::world::RESEARCHER).unwrap();
    administrator.revoke(grant.id.clone()).await.unwrap();

    let anew = world.network.hub(&user(crate::world::RESEARCHER)).unwrap();
    let answer = ask(&anew, &of(&["count"]), &world.sites).await.unwrap();
    assert_eq!(outcome(&answer, "north").status, SiteStatus::Refused, "a new token no longer lists it");
    assert_eq!(outcome(&answer, "south").status, SiteStatus::Answered);
    clock.advance(time::Duration::minutes(11));
    assert!(!answered(world.answer(&of(&["count"])).await), "the old token outlived its ten minutes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_ends_when_it_says_so() {
    let (world, clock) = World::start_with_clock(hospitals()).await;
    let dave = user("dave@north.example");
    world.network.open_account(&dave).await.unwrap();
    let until = coda_runtime::Clock::now(clock.as_ref()).unix_timestamp() + 120;
    let grant = NewGrant {
        user: dave.to_string(),
        role: "site-data-scientist".to_owned(),
        site: "north".to_owned(),
        until,
        project: PROJECT.to_owned(),
        reason: "for two minutes".to_owned(),
        ..NewGrant::default()
    };
    world.network.hub(&user("administrator@north.example")).unwrap().grant(grant).await.unwrap();
    let hub = world.network.hub(&dave).unwrap();
    let answer = ask(&hub, &of(&["count"]), &[site("north")]).await.unwrap();
    assert_eq!(outcome(&answer, "north").status, SiteStatus::Answered);
    clock.advance(time::Duration::minutes(3));
    let error = ask(&hub, &of(&["count"]), &[site("north")]).await.unwrap_err();
    assert!(matches!(&error, ClientError::Refused(_, words) if words.contains("no role")), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_grants_to_themselves_or_beyond_their_site() {
    let world = World::start(hospitals()).await;
    let grant = |to: &str, role: &str, at: &str| NewGrant {
        user: to.to_owned(),
        role: role.to_owned(),
        site: at.to_owned(),
        reason: "tried".to_owned(),
        ..NewGrant::default()
    };
    let (north, master, ana) = ("administrator@north.example", "master@hub.example", crate::world::RESEARCHER);
    let cases = [
        (north, grant(north, "site-data-scientist", "north"), "nobody grants a role to themselves"),
        (master, grant(master, "site-administrator", "north"), "nobody grants a role to themselves"),
        (north, grant("eve@north.example", "site-data-scientist", "south"), "you do not administer"),
        (north, grant("eve@north.example", "site-administrator", "north"), "you do not administer"),
        (master, grant("eve@north.example", "site-data-scientist", "north"), "you do not administer"),
        (ana, grant("eve@north.example", "site-researcher", "north"), "you do not administer"),
        (ana, grant(ana, "site-data-scientist", "north"), "nobody grants a role to themselves"),
    ];
    for (who, grant, words) in cases {
        let hub = world.network.hub(&user(who)).unwrap();
        let error = hub.grant(grant.clone()).await.unwrap_err();
        assert!(matches!(&error, ClientError::Refused(_, said) if said.contains(words)), "{who}, {grant:?}: {error:?}");
    }
    let hub = world.network.hub(&user(north)).unwrap();
    let error = hub.grant(grant("eve@north.example", "root", "north")).await.unwrap_err();
    assert!(matches!(&error, ClientError::Invalid(_, said) if said.contains("no such role")), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_refuses_by_its_own_policy_and_the_others_answer() {
    let mut sites = hospitals();
    sites[0].policy = Some("queries = \"refused\"".to_owned());
    sites[1].policy = Some(format!("refused_users = [\"{}\"]", crate::world::RESEARCHER));
    let world = World::start(sites).await;
    let answer = world.answer(&of(&["count"])).await;
    for name in ["north", "south"] {
        let found = outcome(&answer, name);
        assert_eq!((found.status, found.detail.as_str()), (SiteStatus::Refused, "the site's own policy refuses this"));
    }
    assert_eq!(outcome(&answer, "east").status, SiteStatus::Answered);
    assert_eq!(bounds(network(&answer, "count"), "count"), (27, 27));
}

/// At the coordinator, and at a site to which it is brought all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_query_for_a_project_without_a_role_is_refused() {
    let world = World::start(hospitals()).await;
    let (query, dictionary) = (of(&["count"]), world.hub.describe().await.unwrap());
    assert_eq!(dictionary.projects, [PROJECT]);
    for project in ["", "another", "Study"] {
        let new = NewQuery {
            query: query.clone(),
            sites: world.sites.clone(),
            project: project.to_owned(),
            dictionary: dictionary.text.clone(),
        };
        let answer = world.hub.ask(new, |_| {}).await.unwrap().0.answer;
        for outcome in &answer.sites {
            assert_eq!(outcome.status, SiteStatus::Refused);
            assert!(outcome.detail.contains("for other projects"), "{}", outcome.detail);
        }
        let signers = Signers::of(&world);
        let envelope = Envelope { project: project.to_owned(), ..signers.envelope(&query, "north") };
        let request = request(signers.signed_by_ana(&envelope), signers.token(&signers.claims("north")));
        let status = signers.send(&site("north"), request).await.unwrap_err();
        assert!(status.message().contains("for other projects"), "{status:?}");
    }
}

/// As `coda-hub isolate site` and `coda-node isolate` do it: from the next query on, and until a person ends it.
#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_cut_off_is_asked_nothing_and_answers_nothing() {
    let world = World::start(hospitals()).await;
    let query = of(&["count"]);
    let at_hub = Isolation::beside(&world.path("coordinator-audit.jsonl"), Some(&site("north")));
    assert!(at_hub.begin("an incident").unwrap());
    let answer = world.answer(&query).await;
    let expected = [("north", SiteStatus::Refused), ("south", SiteStatus::Answered), ("east", SiteStatus::Answered)];
    assert_eq!(statuses(&answer), expected);
    assert!(outcome(&answer, "north").detail.contains("the hub asks nothing of this site"));
    assert!(at_hub.end().unwrap());
    assert_eq!(outcome(&world.answer(&query).await, "north").status, SiteStatus::Answered);

    let own = Isolation::beside(&world.path("sites/south/compute-audit.jsonl"), None);
    assert!(own.begin("an incident").unwrap());
    let answer = world.answer(&query).await;
    assert_eq!(outcome(&answer, "south").status, SiteStatus::Refused);
    assert!(outcome(&answer, "south").detail.contains("while it looks into an incident"));
    own.end().unwrap();
    assert_eq!(outcome(&world.answer(&query).await, "south").status, SiteStatus::Answered);
}
