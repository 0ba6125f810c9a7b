//! A session of 46 questions by three researchers.

use coda_disclosure::RuleSet;
use coda_model::{SiteId, frame::SiteFrames, threshold::Threshold};

use crate::{
    questions::QUESTIONS,
    score::Score,
    sites::{self, Answer, Site},
    world,
};

/// The sites that are too small to answer alone (R13).
const TOO_SMALL: usize = 2;

/// The session at the sites of a seed: with all of them, and without those that are too small.
pub(crate) fn of_seed(seed: u64) -> [Score; 2] {
    let dictionary = world::dictionary();
    let people = world::sites(seed, &dictionary);
    let rules = RuleSet::perturbed(Threshold::default());
    let mut scores = [Score::default(), Score::default()];
    for (cohort, by) in &QUESTIONS {
        let cohort = if cohort.is_empty() { String::new() } else { format!("where = \"{cohort}\"\n") };
        let plan = sites::plan(&dictionary, &format!("{cohort}of = [\"count\"]\nby = {by:?}"));
        let answer = |site: &Site| (site.id.clone(), site.answer(&plan, &dictionary.datasets[0], &rules));
        let answers: Vec<(SiteId, Answer)> = people.iter().map(answer).collect();
        for (score, left_out) in scores.iter_mut().zip([0, TOO_SMALL]) {
            let answers = &answers[left_out..];
            let frames: Vec<(SiteId, SiteFrames)> =
                answers.iter().map(|(site, answer)| (site.clone(), answer.frames.clone())).collect();
            let raw: Vec<_> = answers.iter().map(|(_, answer)| &answer.raw[0]).collect();
            let estimates = coda_stats::estimate(&plan, &frames, &[]);
            score.ask(&estimates[0], &raw, &rules, |_| false);
        }
    }
    scores
}
