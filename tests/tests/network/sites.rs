//! A site that is down, slow or dishonest costs the asker that site's figures, and nothing else.

use std::{
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use coda_model::{
    Identity,
    estimate::{Answer, SiteStatus},
};
use coda_testkit::{Options, Part, Responder, SiteData, SiteOptions};
use coda_wire::v1;
use tonic::Status;

use crate::{
    played::{Play, closed, honest, played},
    population::{DICTIONARY, hospitals},
    world::{World, cell, close, network, number, of, outcome, site},
};

const DEADLINE: Duration = Duration::from_secs(1);

/// Starts the three hospitals with one site more, and a short deadline.
async fn beside(part: impl Responder) -> World {
    let mut sites = hospitals();
    sites.push(played("odd", part));
    World::start_with(DICTIONARY, sites, |options| Options { deadline: DEADLINE, ..options }).await
}

/// Asks, and asserts that the three hospitals' figures come in time and that the other site is labelled so.
async fn others_answer(world: &World, status: SiteStatus) -> Answer {
    let query = of(&["mean:age"]);
    let without = world.ask(&query, &world.sites[..3]).await.unwrap();
    let asked = Instant::now();
    let answer = world.answer(&query).await;
    assert!(asked.elapsed() < DEADLINE + Duration::from_secs(1), "took {:?}", asked.elapsed());
    let found = outcome(&answer, "odd");
    assert_eq!(found.status, status, "{found:?}");
    assert!(!found.detail.is_empty(), "nothing is said of why");
    let figures = |answer: &Answer| network(answer, "mean:age").figures.clone();
    assert_eq!(figures(&answer), figures(&without), "the figures are not those of the three hospitals");
    assert_eq!(network(&answer, "mean:age").sites_out, [site("odd")]);
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_site_is_in() {
    let world = beside(Play::new(|site, request| Ok(honest(site, request)))).await;
    let answer = world.answer(&of(&["mean:age"])).await;
    assert_eq!(outcome(&answer, "odd").status, SiteStatus::Answered);
    let (_, odd) = &cell(&answer, "mean:age", &[]).sites[3];
    close(number(odd, "mean"), 40.0, 1e-12, "mean of the played site");
    assert_eq!(network(&answer, "mean:age").sites_in.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_down_is_unreachable() {
    let world = beside(Play::new(|site, request| Ok(honest(site, request)))).await;
    let (address, _) = world.network.nodes[&site("odd")];
    world.network.stop_site(&site("odd"));
    closed(address).await;
    others_answer(&world, SiteStatus::Unreachable).await;

    // An address that takes connections and never says anything.
    let _listening = std::net::TcpListener::bind(address).unwrap();
    others_answer(&world, SiteStatus::Unreachable).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_does_not_answer_in_time_is_unreachable() {
    let (release, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let world = beside(Play::new(move |site, request| {
        // Until the test ends.
        let _ = held.lock().unwrap().recv();
        Ok(honest(site, request))
    }))
    .await;
    let answer = others_answer(&world, SiteStatus::Unreachable).await;
    assert!(outcome(&answer, "odd").detail.contains("in time"));
    drop(release);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_with_a_fault_of_its_own_does_not_tell_the_cause() {
    let world = World::start(hospitals()).await;
    let spoilt = spoil(&world.path("sites/north/builds"));
    assert!(spoilt > 0, "no column's file was found");
    let answer = world.answer(&of(&["mean:age"])).await;
    let found = outcome(&answer, "north");
    assert_eq!(found.status, SiteStatus::Unreachable, "{found:?}");
    assert_eq!(found.detail, "the site has a fault of its own", "the cause is for the site's own log");
    assert_eq!(network(&answer, "mean:age").sites_in, [site("east"), site("south")]);
}

/// Overwrites the files of all columns; returns how many there were.
fn spoil(folder: &std::path::Path) -> usize {
    let mut spoilt = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            spoilt += spoil(&path);
        } else if path.extension().is_some_and(|extension| extension == "parquet") {
            std::fs::remove_file(&path).unwrap();
            std::fs::write(&path, b"PAR1 this is no column PAR1").unwrap();
            spoilt += 1;
        }
    }
    spoilt
}

type Spoil = fn(&mut Part);

fn slot(part: &mut Part) -> &mut v1::ShownSlot {
    &mut part.frames.asks[0].cells[0].slots[0]
}

/// What no honest site says. The played site has 50 people of 40 years; ages go from 0 to 110.
const LIES: [(&str, Spoil); 34] = [
    ("of another envelope", |a| a.receipt.envelope[0] ^= 1),
    ("of no envelope", |a| a.receipt.envelope.clear()),
    ("of another site", |a| a.receipt.site = "north".to_owned()),
    ("of an invalid build", |a| a.receipt.build = "../north".to_owned()),
    ("of another release", |a| a.receipt.release = vec![7; 32]),
    ("of another dictionary", |a| a.receipt.dictionary[0] ^= 1),
    ("of another time", |a| a.receipt.time -= 3_600),
    ("of the future", |a| a.receipt.time += 3_600),
    ("without terms", |a| a.receipt.terms = None),
    ("with another way of rounding in its terms", |a| {
        a.receipt.terms.as_mut().unwrap().rounding.as_mut().unwrap().told_from = 10;
    }),
    // Field 127, one byte long.
    ("with something that nobody knows", |a| a.after = vec![0xfa, 0x07, 0x01, 0x00]),
    ("of a million frames of nothing", |a| a.after = [0x12, 0x00].repeat(1_000_000)),
    ("without frames", |a| a.frames = v1::SiteFrames::default()),
    ("without its way of rounding", |a| a.frames.rounding = None),
    ("a threshold under the network's", |a| a.frames.rounding.as_mut().unwrap().told_from = 4),
    ("a threshold beyond all reason", |a| a.frames.rounding.as_mut().unwrap().told_from = u64::MAX),
    ("half a way of rounding", |a| a.frames.rounding.as_mut().unwrap().step = 4),
    ("no asks", |a| a.frames.asks.clear()),
    ("too few cells", |a| a.frames.asks[0].cells.clear()),
    ("too many cells", |a| a.frames.asks[0].cells.push(v1::ShownFrame::default())),
    ("too few slots", |a| a.frames.asks[0].cells[0].slots.clear()),
    ("missing where none can be", |a| {
        a.frames.asks[0].cells[0].missing = Some(v1::ShownSlot { people: Some(5), rows: Some(5), sums: vec![] });
    }),
    ("a count under the threshold", |a| (slot(a).people, slot(a).rows) = (Some(4), Some(4))),
    ("nobody", |a| *slot(a) = v1::ShownSlot { people: Some(0), rows: Some(0), sums: vec![0; 32] }),
    ("no count", |a| slot(a).people = None),
    ("half a count", |a| slot(a).people = Some(u64::MAX)),
    ("more people than rows", |a| slot(a).people = Some(51)),
    ("more rows than people", |a| slot(a).rows = Some(51)),
    ("more than can be", |a| (slot(a).people, slot(a).rows) = (Some(1 << 40), Some(1 << 40))),
    ("a negative sum", |a| slot(a).sums = [-1_i128, 1].iter().flat_map(|sum| sum.to_le_bytes()).collect()),
    ("a sum above the bounds", |a| {
        slot(a).sums = [((50_i128 * 110) << 16) + 1, 80_000 << 32].iter().flat_map(|sum| sum.to_le_bytes()).collect();
    }),
    ("squares that no values have", |a| {
        slot(a).sums = [2000_i128 << 16, (79_999 << 32)].iter().flat_map(|sum| sum.to_le_bytes()).collect();
    }),
    ("a sum of fifteen bytes", |a| slot(a).sums.truncate(31)),
    ("a sum too many", |a| slot(a).sums.extend([0; 16])),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_no_honest_site_says_is_left_out_whole() {
    let lie = Arc::new(Mutex::new(LIES[0].1));
    let told = lie.clone();
    let world = beside(Play::new(move |site, request| {
        let mut answer = honest(site, request);
        let spoil = *told.lock().unwrap();
        spoil(&mut answer);
        Ok(answer)
    }))
    .await;
    for (what, spoil) in LIES {
        eprintln!("{what}");
        *lie.lock().unwrap() = spoil;
        others_answer(&world, SiteStatus::Invalid).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_site_says_instead_of_an_answer_is_labelled_and_shown_harmlessly() {
    let status: Arc<Mutex<Status>> = Arc::new(Mutex::new(Status::internal("")));
    let said = status.clone();
    let world = beside(Play::new(move |_, _| Err(said.lock().unwrap().clone()))).await;
    let cases = [
        (Status::permission_denied("the site's own policy refuses this"), SiteStatus::Refused),
        (Status::failed_precondition("the site has no published data"), SiteStatus::Refused),
        (Status::resource_exhausted("\u{1b}[2J\u{7}\r\nall is well\u{202e}"), SiteStatus::Refused),
        (Status::permission_denied("x".repeat(9000)), SiteStatus::Refused),
        (Status::internal("3 people"), SiteStatus::Unreachable),
        (Status::out_of_range("3 people"), SiteStatus::TooSmall),
        (Status::unavailable("3 people"), SiteStatus::Unreachable),
        (Status::unimplemented("3 people"), SiteStatus::Unreachable),
        (Status::aborted("3 people"), SiteStatus::Unreachable),
    ];
    for (answered, expected) in cases {
        *status.lock().unwrap() = answered;
        let answer = others_answer(&world, expected).await;
        let detail = &outcome(&answer, "odd").detail;
        assert!(!detail.contains("3 people"), "a fault's words are for the log: {detail:?}");
        assert!(detail.chars().count() <= 500, "{} characters of a site's words", detail.chars().count());
        let odd = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!detail.contains(odd), "control characters reach the asker's terminal: {detail:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_without_the_right_certificate_is_unreachable() {
    let world = World::start_with(
        DICTIONARY,
        hospitals()
            .into_iter()
            .chain([SiteOptions::new(
                site("odd"),
                SiteData::Played(Arc::new(Play::new(|site, request| Ok(honest(site, request))))),
            )])
            .collect(),
        |options| Options { deadline: DEADLINE, ..options },
    )
    .await;
    let (address, _) = world.network.nodes[&site("odd")];
    world.network.stop_site(&site("odd"));
    closed(address).await;
    // The same network's certificate for another site, at the address of this one.
    let impostor = world.network.credentials(&Identity::Compute(site("north"))).unwrap();
    let _serving = crate::played::serve(&world.network, address, impostor).await;
    others_answer(&world, SiteStatus::Unreachable).await;
}
