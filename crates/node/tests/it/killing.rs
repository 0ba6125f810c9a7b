//! A computation node that is killed, has no room, or finds its ledger damaged has told nothing that it does not remember.

use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use coda_wire::v1::{Request, SiteAnswer};
use tonic::Code;

use crate::node::{Node, between, draw, left};

const TOLD: &str = "the site cannot answer now; its administrator finds the reason in its log";

/// An answer that the client has: which question, the request as it was signed, the answer.
struct Got {
    number: usize,
    request: Request,
    answer: SiteAnswer,
}

/// A cohort of its own for each number: none is close to another one.
fn cohort(number: usize) -> coda_model::query::Query {
    let from = 50 * (number % 30);
    between(from, from + 500 + 50 * (number / 30))
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_told_before_a_kill_is_remembered_after_it() {
    let mut node = Node::new();
    let got: Arc<Mutex<Vec<Got>>> = Arc::default();
    let next = Arc::new(AtomicUsize::new(0));
    for round in 0..6 {
        let compute = node.compute();
        let asker = Arc::new(node.asker(&compute));
        // Three ask one question after the other until nobody answers any more.
        let ask = |_| {
            let (asker, got, next) = (asker.clone(), got.clone(), next.clone());
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let request = asker.request(&cohort(number));
                    match asker.send(request.clone()).await {
                        Ok(answer) => got.lock().unwrap().push(Got { number, request, answer }),
                        Err(status) if status.code() == Code::ResourceExhausted => panic!("{status:?}"),
                        // Killed: no answer, or not all of one.
                        Err(_) => return,
                    }
                }
            })
        };
        let asking: Vec<_> = (0..3).map(ask).collect();
        let wanted = got.lock().unwrap().len() + 2;
        while got.lock().unwrap().len() < wanted {
            assert!(!asking.iter().any(tokio::task::JoinHandle::is_finished), "{}", compute.said());
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        tokio::time::sleep(Duration::from_millis(draw(120))).await;
        let said = compute.kill();
        assert!(!said.contains("ERROR"), "round {round}: {said}");
        for task in asking {
            task.await.unwrap();
        }

        let compute = node.compute();
        let asker = node.asker(&compute);
        let answers = std::mem::take(&mut *got.lock().unwrap());
        let least = answers.iter().map(|got| left(&got.answer)).min().unwrap();
        let mut now = None;
        for Got { number, request, answer } in &answers {
            let again = asker.ask(&cohort(*number)).await.unwrap();
            assert_eq!(again.release, answer.release, "round {round}, question {number}");
            // What was told is not counted again, so it was written; and it was counted then.
            let before = *now.get_or_insert(left(&again));
            assert_eq!(left(&again), before, "round {round}, question {number}");
            assert!(before <= least, "round {round}: {before} asks left, {least} were left before");
            let replay = asker.send(request.clone()).await.unwrap_err();
            assert_eq!(replay.code(), Code::PermissionDenied, "{replay:?}");
        }
        *got.lock().unwrap() = answers;
        compute.kill();
    }
    assert!(got.lock().unwrap().len() >= 12 && node.is_sound());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_ends_the_answers_and_not_the_memory() {
    let node = Node::new();
    let compute = node.compute();
    let asker = node.asker(&compute);
    let first = asker.ask(&cohort(0)).await.unwrap();
    compute.kill();
    let size = |end| fs::metadata(node.ledger(end)).map_or(0, |about| about.len());
    let room = size("").max(size("-wal")) / 1024 + 60;
    let compute = node.compute_within(room);
    let asker = node.asker(&compute);
    let mut told = Vec::new();
    let refused = loop {
        let number = 1 + told.len();
        assert!(number < 100, "the disk is never full");
        match asker.ask(&cohort(number)).await {
            Ok(answer) => told.push((number, answer)),
            Err(refused) => break refused,
        }
    };
    assert_eq!((refused.code(), refused.message()), (Code::Internal, TOLD));
    // It goes on refusing.
    for number in 200..203 {
        assert_eq!(asker.ask(&cohort(number)).await.unwrap_err().message(), TOLD);
    }
    let said = compute.kill();
    let errors: Vec<&str> = said.lines().filter(|line| line.contains("ERROR")).collect();
    assert!(errors.len() >= 4, "{said}");
    let clear = |line: &&str| line.contains("no room to grow") || line.contains("whether it is full");
    assert!(errors.iter().all(clear), "{said}");

    let compute = node.compute();
    let asker = node.asker(&compute);
    assert_eq!(asker.ask(&cohort(0)).await.unwrap().release, first.release);
    for (number, answer) in told {
        assert_eq!(asker.ask(&cohort(number)).await.unwrap().release, answer.release, "question {number}");
    }
    // With room again it answers.
    asker.ask(&cohort(200)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_ledger_keeps_a_node_from_starting() {
    let node = Node::new();
    let compute = node.compute();
    let before = node.asker(&compute).ask(&cohort(0)).await.unwrap();
    // An orderly end leaves all of it in one file.
    compute.stop();
    assert!(!node.ledger("-wal").exists());
    let files = ["", ".key", ".perturbation-key"].map(|end| (node.ledger(end), fs::read(node.ledger(end)).unwrap()));
    let restore = || {
        for (path, bytes) in &files {
            fs::write(path, bytes).unwrap();
        }
    };
    let garbage = vec![0xa5; files[0].1.len()];
    for (what, end, bytes, words) in [
        ("a database of garbage", "", garbage.as_slice(), "put it back from a backup"),
        ("half a database", "", &files[0].1[..files[0].1.len() / 2], "put it back from a backup"),
        ("an empty database", "", &[][..], "is gone or empty"),
        ("another key", ".key", "ab".repeat(32).as_bytes(), "put the two back from the same backup"),
        ("half a key", ".key", b"abab", "does not hold 64 hexadecimal digits"),
        ("another perturbation key", ".perturbation-key", "ab".repeat(32).as_bytes(), "backup"),
        ("half a perturbation key", ".perturbation-key", b"abab", "does not hold 64 hexadecimal digits"),
    ] {
        restore();
        fs::write(node.ledger(end), bytes).unwrap();
        let (code, said) = node.compute().ended();
        assert_eq!(code, Some(1), "{what}: {said}");
        let last = said.lines().rfind(|line| line.starts_with("error: ")).unwrap_or_default();
        assert!(last.contains("ledger") && last.contains(words), "{what}: {said}");
    }
    restore();
    for (end, words) in [(".key", "put the key file back from its backup"), (".perturbation-key", "backup")] {
        let away = node.site.path("away.key");
        fs::rename(node.ledger(end), &away).unwrap();
        let (code, said) = node.compute().ended();
        assert!(code == Some(1) && said.contains(words), "{end}: {said}");
        fs::rename(away, node.ledger(end)).unwrap();
    }
    let compute = node.compute();
    assert_eq!(node.asker(&compute).ask(&cohort(0)).await.unwrap().release, before.release);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_is_brought_to_its_end_though_the_caller_be_gone() {
    let node = Node::new();
    let compute = node.compute();
    let asker = Arc::new(node.asker(&compute));
    let recorded = |what: &str| fs::read_to_string(node.site.path("compute.jsonl")).unwrap().matches(what).count();
    asker.ask(&cohort(200)).await.unwrap();
    let mut waited_for = 1;
    for number in 0.. {
        // As many cohorts as are far from each other; the wait grows, so that on a slow machine some begin.
        assert!(number < 200, "each was waited for or never came");
        let own = asker.clone();
        let asking = tokio::spawn(async move { own.ask(&cohort(number)).await });
        tokio::time::sleep(Duration::from_millis(draw(60 + number as u64))).await;
        asking.abort();
        if let Ok(answer) = asking.await {
            answer.unwrap();
            waited_for += 1;
        }
        if recorded("\"query-received\"") >= waited_for + 3 {
            break;
        }
    }
    asker.ask(&cohort(201)).await.unwrap();
    for _ in 0..1000 {
        if recorded("\"query-received\"") == recorded("\"query-answered\"") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(recorded("\"query-received\""), recorded("\"query-answered\""));
}
