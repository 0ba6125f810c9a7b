//! What is known of revocation: lists that are taken, lists that are not, and what holds without any.

use coda_model::Identity;
use coda_pki::{Algorithm, Authority, ChainError, Credentials, RevocationError, Roots, SignedList};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime, macros::datetime};
use x509_parser::prelude::FromDer as _;

const START: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);
const DAY: Duration = Duration::days(1);
const MONTH: Duration = Duration::days(30);

struct Network {
    folder: TempDir,
    authority: Authority,
}

impl Network {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::create(folder.path(), Algorithm::P256, START).unwrap();
        Self { folder, authority }
    }

    fn party(&self, identity: &str) -> Credentials {
        let identity = Identity::parse(identity).unwrap();
        self.authority.credentials(&identity, Algorithm::P256, Duration::days(300), START).unwrap()
    }

    fn revoke(&self, of: &Credentials, now: OffsetDateTime) {
        self.authority.revoke(self.folder.path(), &of.chain()[0], MONTH, now).unwrap();
    }

    fn lists(&self) -> Vec<SignedList> {
        SignedList::read(self.folder.path()).unwrap()
    }
}

/// The trust anchors as another party reads them.
fn roots(network: &Network) -> Roots {
    Roots::from_pem(&network.authority.roots().to_pem()).unwrap()
}

#[test]
fn what_is_on_a_list_is_refused_and_nothing_else_is() {
    let network = Network::new();
    let roots = roots(&network);
    let (ana, other, node) =
        (network.party("coda://user/ana"), network.party("coda://user/ana"), network.party("coda://hub/auth"));
    for party in [&ana, &other, &node] {
        roots.verify(party.chain(), START).unwrap();
    }
    network.revoke(&ana, START + DAY);
    network.revoke(&node, START + DAY);
    roots.take_lists(&network.lists(), START + DAY).unwrap();
    // Also of chains that were found good before.
    for party in [&ana, &node] {
        assert!(matches!(roots.verify(party.chain(), START + DAY), Err(ChainError::Revoked)));
        // The authority's clock may be ahead of this one.
        assert!(matches!(roots.verify(party.chain(), START), Err(ChainError::Revoked)));
    }
    roots.verify(other.chain(), START + DAY).unwrap();
    // A list that is renewed keeps what stands on it.
    network.authority.renew_lists(network.folder.path(), MONTH, START + DAY * 2).unwrap();
    roots.take_lists(&network.lists(), START + DAY * 2).unwrap();
    assert!(matches!(roots.verify(ana.chain(), START + DAY * 2), Err(ChainError::Revoked)));
}

#[test]
fn whoever_must_know_refuses_what_is_not_known_or_not_recently() {
    let network = Network::new();
    let (roots, ana) = (roots(&network), network.party("coda://user/ana"));
    let strict = roots.requiring_revocation(Duration::hours(1));
    let unknown = |now| matches!(strict.verify(ana.chain(), now), Err(ChainError::RevocationUnknown));
    assert!(unknown(START), "no list was taken");
    roots.take_lists(&network.lists(), START).unwrap();
    strict.verify(ana.chain(), START + Duration::hours(1)).unwrap();
    assert!(unknown(START + Duration::hours(1) + Duration::SECOND), "too long ago");
    roots.verify(ana.chain(), START + DAY).unwrap();
    strict.not_requiring_revocation().verify(ana.chain(), START + DAY).unwrap();
    roots.take_lists(&network.lists(), START + DAY).unwrap();
    strict.verify(ana.chain(), START + DAY).unwrap();
    let over = START + MONTH + Duration::SECOND;
    assert!(matches!(roots.take_lists(&network.lists(), over), Err(RevocationError::Over(_))));
    assert!(unknown(over));
}

#[test]
fn a_list_that_is_not_the_authoritys_or_an_older_one_is_not_taken() {
    let (network, stranger) = (Network::new(), Network::new());
    let roots = roots(&network);
    assert!(matches!(roots.take_lists(&stranger.lists(), START), Err(RevocationError::Issuer)));
    let mut mixed = network.lists();
    mixed[0].list.clone_from(&stranger.lists()[0].list);
    assert!(matches!(roots.take_lists(&mixed, START), Err(RevocationError::Signature)));
    let mut swapped = network.lists();
    swapped[0].issuer.clone_from(&network.lists()[1].issuer);
    assert!(matches!(roots.take_lists(&swapped, START), Err(RevocationError::Signature)));

    let (ana, empty) = (network.party("coda://user/ana"), network.lists());
    network.revoke(&ana, START + DAY);
    roots.take_lists(&network.lists(), START + DAY).unwrap();
    assert!(matches!(roots.take_lists(&empty, START + DAY), Err(RevocationError::Older)));
    assert!(matches!(roots.verify(ana.chain(), START + DAY), Err(ChainError::Revoked)), "what was known still holds");
    // Signed at a copy of the authority that does not know of it: newer, and without it.
    let copy = tempfile::tempdir().unwrap();
    network.authority.renew_lists(copy.path(), MONTH, START + DAY * 2).unwrap();
    for name in ["people.crl", "nodes.crl"] {
        std::fs::copy(copy.path().join(name), network.folder.path().join(name)).unwrap();
    }
    assert!(matches!(roots.take_lists(&network.lists(), START + DAY * 2), Err(RevocationError::Lacking)));
    assert!(matches!(roots.verify(ana.chain(), START + DAY * 2), Err(ChainError::Revoked)));
    assert!(stranger.authority.revoke(stranger.folder.path(), &ana.chain()[0], MONTH, START).is_err());
}

/// One list that is no good keeps no other out, and a clock that was ahead when a list was signed makes no later one older.
#[test]
fn each_list_counts_by_itself_and_numbers_grow() {
    let network = Network::new();
    let (roots, ana) = (roots(&network), network.party("coda://user/ana"));
    network.authority.renew_lists(network.folder.path(), MONTH, START + DAY * 9).unwrap();
    roots.take_lists(&network.lists(), START).unwrap();
    network.revoke(&ana, START);
    let mut lists = network.lists();
    lists[0].list.truncate(20);
    lists.insert(0, Network::new().lists()[0].clone());
    assert!(roots.take_lists(&lists, START).is_err());
    assert!(matches!(roots.verify(ana.chain(), START), Err(ChainError::Revoked)));
}

/// 2,000 changed bytes of a list: no panic, and not taken, or of the few bytes that are not signed and change nothing.
#[test]
fn a_changed_list_changes_nothing() {
    let network = Network::new();
    let (ana, other) = (network.party("coda://user/ana"), network.party("coda://user/ben"));
    network.revoke(&ana, START);
    let (lists, mut taken) = (network.lists(), 0);
    for round in 0..2_000usize {
        let (roots, mut changed) = (roots(&network), lists.clone());
        let bytes = if round % 2 == 0 { &mut changed[0].list } else { &mut changed[0].issuer };
        let at = round.wrapping_mul(7_919) % bytes.len();
        bytes[at] ^= (round % 255) as u8 + 1;
        if roots.take_lists(&changed, START).is_ok() {
            taken += 1;
            assert!(matches!(roots.verify(ana.chain(), START), Err(ChainError::Revoked)), "byte {at} of round {round}");
            roots.verify(other.chain(), START).unwrap();
        }
    }
    assert!(taken < 20, "{taken} changed lists are taken");
}

#[test]
fn of_two_programs_neither_loses_what_the_other_revokes() {
    let now = START;
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        Authority::create(folder.path(), Algorithm::P256, now).unwrap();
        let barrier = std::sync::Barrier::new(2);
        let revoke = |number: u8| {
            let people = coda_pki::authority::People::open(folder.path()).unwrap();
            barrier.wait();
            people.renew_list(folder.path(), &[vec![number; 16]], Duration::days(7), now).unwrap();
        };
        std::thread::scope(|scope| {
            scope.spawn(|| revoke(1));
            scope.spawn(|| revoke(2));
        });
        let pem = std::fs::read(folder.path().join("people.crl")).unwrap();
        let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).unwrap();
        let (_, list) = x509_parser::revocation_list::CertificateRevocationList::from_der(&pem.contents).unwrap();
        assert_eq!(list.iter_revoked_certificates().count(), 2);
    }
}
