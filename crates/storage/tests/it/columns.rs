//! What the computation node gets, and what it is told when it does not.

use coda_storage::CHUNK;
use tonic::Code;

use crate::site::{OWN, Site, large};

#[tokio::test]
async fn a_build_is_named_and_its_columns_come_in_chunks() {
    let site = Site::start().await;
    let own = site.party(OWN);
    let build = own.current("covid").await.unwrap();
    assert_eq!((build.id.as_str(), build.dataset.as_str()), (site.build.as_str(), "covid"));
    assert_eq!((build.dictionary_version.as_str(), build.people), ("1.2.0", 3));
    assert_eq!(build.dictionary_digest, coda_builds::sha256(b"dictionary"));

    let chunks = own.column(&build.id, "stays", "age").await.unwrap();
    assert_eq!(chunks.iter().map(Vec::len).collect::<Vec<_>>(), [CHUNK, CHUNK, 17]);
    assert_eq!(chunks.concat(), large());
    assert_eq!(own.column(&build.id, "stays", "_person").await.unwrap().concat(), b"person codes");
    assert_eq!(own.column(&build.id, "stays", "_keys").await.unwrap().concat(), b"person keys");
}

#[tokio::test]
async fn what_is_not_there_is_said_with_a_constant() {
    let site = Site::start().await;
    let own = site.party(OWN);
    let build = site.build.as_str();
    for (build, table, column, text) in [
        ("2026-01-01-0123456789ab", "stays", "age", "the site has no such build"),
        (build, "visits", "age", "the build has no such column"),
        (build, "stays", "weight", "the build has no such column"),
    ] {
        let status = own.column(build, table, column).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::NotFound, text));
    }
    let status = own.current("influenza").await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::NotFound, "the site has no such build"));
}

#[tokio::test]
async fn no_text_of_a_request_becomes_a_path() {
    let site = Site::start().await;
    let own = site.party(OWN);
    let build = site.build.as_str();
    let invalid = "the name of the data set, build, table or column is invalid";
    for bad in ["", ".", "..", "../builds", "/etc", "a/b", "a\0b", "current-covid/..", "%2e%2e", "A", "é"] {
        let outcomes = [
            own.current(bad).await.map(drop),
            own.column(bad, "stays", "age").await.map(drop),
            own.column(build, bad, "age").await.map(drop),
            own.column(build, "stays", bad).await.map(drop),
        ];
        for outcome in outcomes {
            let status = outcome.unwrap_err();
            assert_eq!((status.code(), status.message()), (Code::InvalidArgument, invalid), "{bad:?}");
        }
    }
    let long = own.current(&"x".repeat(10_000)).await.unwrap_err();
    assert_eq!(long.code(), Code::OutOfRange);
}

#[tokio::test]
async fn a_file_that_was_changed_does_not_go_out() {
    let site = Site::start().await;
    let own = site.party(OWN);
    let folder = site.folder.path().join("builds").join(site.build.as_str());
    let file = folder.join("stays/age.parquet");
    let mut bytes = large();
    bytes[1000] ^= 1;
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, bytes).unwrap();
    let status = own.column(site.build.as_str(), "stays", "age").await.unwrap_err();
    assert_eq!(status.message(), "the build is not as it was published; build again");
    assert_eq!(status.code(), Code::DataLoss);
    std::fs::remove_file(&file).unwrap();
    let status = own.column(site.build.as_str(), "stays", "age").await.unwrap_err();
    assert_eq!(status.message(), "the storage node cannot do this now; its log says why");
    assert!(own.column(site.build.as_str(), "stays", "_person").await.is_ok());
}

#[tokio::test]
async fn a_build_of_another_format_is_not_served() {
    let site = Site::start().await;
    let manifest = site.folder.path().join("builds").join(site.build.as_str()).join("manifest.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("format = 2", "format = 1")).unwrap();
    let status = site.party(OWN).current("covid").await.unwrap_err();
    assert_eq!(status.message(), "the build is of another format; build again");
    assert_eq!(status.code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn a_build_of_another_site_is_not_served() {
    let site = Site::start_with("south").await;
    assert_eq!(site.party(OWN).try_all(&site).await, [Some(Code::Unavailable); 2]);
}
