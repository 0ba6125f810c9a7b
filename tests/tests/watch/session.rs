//! The 46 questions of the session by which usefulness is measured.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::{questions::QUESTIONS, seen, watcher::Watcher, world};

#[test]
fn the_session_of_46_questions_is_left_alone() {
    seen::check("session of 46 questions", async |people, seed| {
        let dictionary = world::dictionary();
        let site = world::site(0, people, &dictionary, &mut ChaCha8Rng::seed_from_u64(seed));
        let question = |(cohort, by): &(&str, &[&str])| {
            let cohort = if cohort.is_empty() { String::new() } else { format!("where = \"{cohort}\"\n") };
            format!("{cohort}of = [\"count\"]\nby = {by:?}")
        };
        Watcher::of(&site, &dictionary).await.ask_all(QUESTIONS.iter().map(question)).await
    });
}
