//! The coordinator is a courier: what it hands over, the asker checks against what the sites signed. Each test plays a coordinator
//! that lies; one that does nothing to the evidence is believed.

use coda_client::{ClientError, Evidence, EvidenceError, Hub, HubSettings, NewQuery, ReplyError, Verified};
use coda_model::{Identity, estimate::SiteStatus};
use coda_pki::{
    Now, Roots,
    serve::{Limits, serve},
};
use coda_testkit::Network;
use coda_wire::v1::{
    self,
    ask_event::Event,
    coordinator_server::{Coordinator, CoordinatorServer},
};
use prost::Message as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tokio_stream::Stream;
use tonic::{Request, Response, Status, service::Routes};

use crate::{
    population::hospitals,
    world::{RESEARCHER, With as _, World, of, user},
};

/// A query that was answered honestly.
struct Asked {
    world: World,
    evidence: v1::Evidence,
    honest: Verified,
}

async fn asked() -> Asked {
    let world = World::start(hospitals()).await;
    let (honest, evidence) = ask(&world, &of(&["count", "mean:age"]).by("sex")).await;
    Asked { world, evidence: message(&evidence), honest }
}

async fn ask(world: &World, query: &coda_model::query::Query) -> (Verified, Evidence) {
    let (sites, dictionary) = (world.sites.clone(), world.hub.describe().await.unwrap().text);
    let new = NewQuery { query: query.clone(), sites, project: coda_testkit::PROJECT.to_owned(), dictionary };
    world.hub.ask(new, |_| {}).await.unwrap()
}

fn message(evidence: &Evidence) -> v1::Evidence {
    v1::Evidence::decode(evidence.encode().as_slice()).unwrap()
}

impl Asked {
    fn roots(&self) -> Roots {
        self.world.network.credentials(&Identity::Coordinator).unwrap().roots().clone()
    }

    /// What comes of evidence that was changed.
    fn after(&self, change: impl FnOnce(&mut v1::Evidence)) -> Result<Verified, EvidenceError> {
        let mut evidence = self.evidence.clone();
        change(&mut evidence);
        Evidence::decode(&evidence.encode_to_vec())?.answer(&self.roots())
    }
}

fn sites(evidence: &mut v1::Evidence) -> &mut Vec<v1::SiteResult> {
    &mut evidence.answer.as_mut().unwrap().sites
}

fn release(evidence: &mut v1::Evidence, change: impl FnOnce(&mut v1::SiteFrames)) {
    let answer = sites(evidence)[0].answer.as_mut().unwrap();
    let mut frames = v1::SiteFrames::decode(answer.release.as_slice()).unwrap();
    change(&mut frames);
    answer.release = frames.encode_to_vec();
}

type Lie<'a> = (&'a str, Box<dyn FnOnce(&mut v1::Evidence) + 'a>, fn(&EvidenceError) -> bool);

fn of_site(error: &EvidenceError, what: &str) -> bool {
    matches!(error, EvidenceError::Site(_, ReplyError::Mismatch(found)) if *found == what)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_coordinator_changes_is_found() {
    let asked = asked().await;
    assert_eq!(asked.after(|_| {}).unwrap(), asked.honest, "later and without a network it is the same answer");
    let other = message(&ask(&asked.world, &of(&["count", "mean:age"]).by("sex")).await.1);

    let lies: Vec<Lie<'_>> = vec![
        ("a figure", Box::new(|e| release(e, |frames| frames.asks[0].cells[0].slots[0].people = Some(100))), |e| {
            of_site(e, "release")
        }),
        (
            "a site's release for another's",
            Box::new(|e| {
                let other = sites(e)[1].answer.clone();
                sites(e)[0].answer = other;
            }),
            |e| matches!(e, EvidenceError::Site(_, ReplyError::Signer)),
        ),
        (
            "an answer to an earlier question of the same words",
            Box::new(|e| {
                e.answer.clone_from(&other.answer);
            }),
            |e| of_site(e, "query"),
        ),
        ("the question", Box::new(|e| e.envelope.clone_from(&other.envelope)), |e| of_site(e, "query")),
        ("a site too few", Box::new(|e| drop(sites(e).pop())), |e| matches!(e, EvidenceError::Sites(_))),
        (
            "a site twice",
            Box::new(|e| {
                let again = sites(e)[0].clone();
                sites(e).push(again);
            }),
            |e| matches!(e, EvidenceError::Sites(_)),
        ),
        (
            "an invented site",
            Box::new(|e| {
                let outcome = v1::SiteOutcome { site: "nowhere".to_owned(), status: 4, detail: String::new() };
                sites(e).push(v1::SiteResult { outcome: Some(outcome), answer: None });
            }),
            |e| matches!(e, EvidenceError::Sites(_)),
        ),
        ("what a site did", Box::new(|e| sites(e)[0].outcome.as_mut().unwrap().status = 2), |e| {
            matches!(e, EvidenceError::Status(_))
        }),
        ("no receipt", Box::new(|e| sites(e)[0].answer.as_mut().unwrap().receipt = None), |e| {
            matches!(e, EvidenceError::Site(_, ReplyError::NoReceipt))
        }),
        ("the names of levels", Box::new(|e| e.dictionary = e.dictionary.replace("\"female\"", "\"femail\"")), |e| {
            of_site(e, "dictionary")
        }),
        (
            "who asked",
            Box::new(|e| {
                let envelope = e.envelope.as_mut().unwrap();
                let mut content = v1::Envelope::decode(envelope.content.as_slice()).unwrap();
                content.user = "eve@north.example".to_owned();
                envelope.content = content.encode_to_vec();
            }),
            |e| matches!(e, EvidenceError::Signature(_)),
        ),
    ];
    for (what, change, expected) in lies {
        let error = asked.after(change).expect_err(what);
        assert!(expected(&error), "{what}: {error:?}");
    }
}

/// It can keep an answer back, and is seen to: the site is out, by name.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_coordinator_keeps_back_is_seen_to_be_out() {
    let asked = asked().await;
    let without = asked
        .after(|evidence| {
            let first = &mut sites(evidence)[0];
            first.answer = None;
            let outcome = first.outcome.as_mut().unwrap();
            outcome.status = 4;
            "\u{1b}[2Jall is well\u{202e}".clone_into(&mut outcome.detail);
        })
        .unwrap();
    assert_eq!(without.answer.sites[0].status, SiteStatus::Unreachable);
    assert_eq!(without.answer.sites[0].detail, "[2Jall is well", "nothing moves the cursor of the asker's terminal");
    let network = &without.answer.asks[0].cells[0].network;
    assert_eq!(network.sites_out, [without.answer.sites[0].site.clone()]);
}

/// 10,000 changes of one byte anywhere: refused, or the same answer (a byte that nobody reads, such as the coordinator's own words).
#[tokio::test(flavor = "multi_thread")]
async fn no_changed_byte_changes_a_figure() {
    let asked = asked().await;
    let (bytes, roots) = (asked.evidence.encode_to_vec(), asked.roots());
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut refused = 0;
    for _ in 0..10_000 {
        let mut changed = bytes.clone();
        let at = rng.random_range(0..changed.len());
        changed[at] ^= rng.random_range(1..=255u8);
        match Evidence::decode(&changed).and_then(|evidence| evidence.answer(&roots)) {
            Err(_) => refused += 1,
            Ok(found) => {
                let figures = |proven: &Verified| proven.answer.asks.clone();
                assert_eq!(figures(&found), figures(&asked.honest), "byte {at}");
            }
        }
    }
    assert!(refused > 9_000, "only {refused} of 10,000 are refused");
}

/// A coordinator with a good certificate that hands over what it was given.
pub(crate) struct Liar {
    pub(crate) answer: v1::Answer,
    pub(crate) accesses: v1::AccessesReply,
}

impl Liar {
    /// Serves in a network; the hub as a person of it sees it then.
    pub(crate) async fn serve(self, network: &Network) -> Hub {
        self.serve_to(network, network.now()).await
    }

    /// The same for a person whose clock says `theirs`.
    pub(crate) async fn serve_to(self, network: &Network, theirs: Now) -> Hub {
        let own = network.credentials(&Identity::Coordinator).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let coordinator = listener.local_addr().unwrap().to_string();
        let routes = Routes::new(CoordinatorServer::new(self));
        let limits = Limits { request: std::time::Duration::from_secs(10), requests_per_connection: 8 };
        let now = network.now();
        tokio::spawn(async move { serve(routes, listener, &own, now, limits, std::future::pending::<()>).await });
        let settings = HubSettings { coordinator, auth: network.auth.to_string() };
        let person = network.credentials(&Identity::User(user(RESEARCHER))).unwrap();
        Hub::new(&settings, person, theirs).unwrap()
    }
}

#[tonic::async_trait]
impl Coordinator for Liar {
    type AskStream = std::pin::Pin<Box<dyn Stream<Item = Result<v1::AskEvent, Status>> + Send>>;

    async fn ask(&self, _: Request<v1::Request>) -> Result<Response<Self::AskStream>, Status> {
        let results = self.answer.sites.iter().cloned().map(Event::Result).chain([Event::End(v1::End {})]);
        let events: Vec<_> = results.map(|event| Ok(v1::AskEvent { event: Some(event) })).collect();
        Ok(Response::new(Box::pin(tokio_stream::iter(events))))
    }

    async fn describe(&self, _: Request<v1::DescribeRequest>) -> Result<Response<v1::Description>, Status> {
        Err(Status::unimplemented("this part only asks"))
    }

    async fn accesses(&self, _: Request<v1::AccessesRequest>) -> Result<Response<v1::AccessesReply>, Status> {
        Ok(Response::new(self.accesses.clone()))
    }
}

/// The same through a connection: a coordinator with a good certificate that answers with what it was told before.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_played_back_is_shown_to_nobody() {
    let asked = asked().await;
    let liar = Liar { answer: asked.evidence.answer.clone().unwrap(), accesses: v1::AccessesReply::default() };
    let hub = liar.serve(&asked.world.network).await;
    let query = of(&["count", "mean:age"]).by("sex");
    let (sites, dictionary) = (asked.world.sites.clone(), asked.evidence.dictionary.clone());
    let new = NewQuery { query, sites, project: coda_testkit::PROJECT.to_owned(), dictionary };
    let error = hub.ask(new, |_| {}).await.unwrap_err();
    let ClientError::Evidence(cause) = &error else { panic!("{error:?}") };
    assert!(matches!(**cause, EvidenceError::Site(_, ReplyError::Mismatch("query"))), "{cause:?}");
}

/// `coda` as a person runs it; what it wrote, and how it ended.
async fn coda(config: &std::path::Path, arguments: &[&str]) -> (coda_cli::Ending, String) {
    let head = ["coda".to_owned(), "--config".to_owned(), config.display().to_string()];
    let words = head.into_iter().chain(arguments.iter().map(|word| (*word).to_owned())).map(Into::into);
    let mut output = Vec::new();
    let ending = coda_cli::run(words, &mut output).await;
    (ending, String::from_utf8(output).unwrap())
}

/// What is kept is verified as it was written, however it is indented, and not when anything else of it is changed.
#[tokio::test(flavor = "multi_thread")]
async fn a_kept_answer_is_verified_and_a_changed_one_is_not() {
    use coda_cli::Ending;

    let world = World::start(hospitals()).await;
    let query =
        ["query", "--of", "count", "--of", "mean:age", "--by", "sex", "--where", "age >= 30", "--format", "json"];
    let config = world.network.write_client(&user(RESEARCHER)).unwrap();
    let (ending, answer) = coda(&config, &query).await;
    assert_eq!(ending, Ending::Done);
    let file = world.path("answer.json");
    let verified = async |text: &str| {
        std::fs::write(&file, text).unwrap();
        coda(&config, &["verify", &file.display().to_string()]).await
    };
    let (ending, said) = verified(&answer).await;
    assert_eq!(ending, Ending::Done);
    assert!(
        said.contains(&format!("asked by {RESEARCHER} for project study, "))
            && said.contains("count, mean:age by sex, of ward people"),
        "{said}"
    );
    assert_eq!(said.matches("receipt valid").count(), world.sites.len(), "{said}");
    let flat: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let twice = answer.replacen("\"axes\"", "\"asks\": [], \"axes\"", 1);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&twice).unwrap(),
        flat,
        "a reader that takes the last sees no difference"
    );
    let cohort = answer.replacen(flat["cohort"].as_str().unwrap(), "ward people where all", 1);
    assert_ne!(cohort, answer);
    assert_eq!(verified(&answer.replace('\n', "\n    ")).await.0, Ending::Done);
    for changed in [twice, cohort, answer.replacen("mean:age", "mean:bmi", 1), "{}".to_owned(), String::new()] {
        assert_eq!(verified(&changed).await, (Ending::Failed, String::new()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoami_tells_certificate_and_roles() {
    let world = World::start(hospitals()).await;
    let config = world.network.write_client(&user(RESEARCHER)).unwrap();
    let (_, said) = coda(&config, &["whoami"]).await;
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0] == RESEARCHER && lines[1].starts_with("certificate good until 20"), "{said}");
    assert_eq!(lines.iter().filter(|line| line.contains("site-researcher")).count(), world.sites.len(), "{said}");
}
