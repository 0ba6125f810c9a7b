//! From a permit to what may leave: plan, limits, frames, release.

use coda_audit::Event;
use coda_disclosure::{Query, Release, RuleSet, release};
use coda_engine::{execute, needs};
use coda_ledger::{Counted, LineageId, NewAsk, NewAsks, Nonce, NotCounted};
use coda_model::{
    BuildId,
    dictionary::{Dataset, ReleaseMode},
    estimate::{Limits, Terms},
    frame::Shown,
    plan::Plan,
};
use coda_pki::sha256;
use coda_policy::{Permit, site::ExactRelease};
use coda_runtime::in_place;
use coda_wire::envelope::Envelope;

use crate::{
    admission::Admitted,
    columns::{BuildChange, Loaded},
    error::ComputeError,
    policies::Policy,
    service::ComputeService,
    statements::Speaker,
};

/// What leaves.
pub(crate) struct Answered {
    pub(crate) build: BuildId,
    pub(crate) cells: usize,
    pub(crate) release: Release,
    pub(crate) terms: Terms,
    /// What the watch looks at once it has left.
    pub(crate) watch: Watch,
}

/// An answered query as the watch needs it.
pub(crate) struct Watch {
    pub(crate) plan: Plan,
    pub(crate) rules: RuleSet,
    pub(crate) lineage: LineageId,
    pub(crate) user: coda_model::UserId,
    pub(crate) project: String,
    pub(crate) time: i64,
    /// The number of each ask, if it was new.
    pub(crate) asks: Vec<Option<i64>>,
}

impl ComputeService {
    /// The plan of a permitted query, and its data set.
    fn planned(&self, permit: &Permit, admitted: &Admitted) -> Result<(Plan, &Dataset), ComputeError> {
        let wanted = &admitted.envelope.dictionary;
        if !wanted.is_empty() && *wanted != self.dictionary.version {
            return Err(ComputeError::QueryDictionary);
        }
        if !admitted.dictionary.is_empty() && admitted.dictionary != self.digest {
            return Err(ComputeError::OtherDictionary);
        }
        let plan = Plan::of(&admitted.envelope.query, &self.dictionary)?;
        coda_stats::check(&plan)?;
        // The permit is for one data set, whatever the plan came to.
        let permitted = self.dictionary.dataset(permit.dataset()).filter(|dataset| dataset.id == plan.dataset);
        let dataset = permitted.ok_or(ComputeError::NoBuild)?;
        Ok((plan, dataset))
    }

    /// What may leave of the answer.
    pub(crate) async fn release(
        &self,
        permit: &Permit,
        admitted: &Admitted,
        policy: &Policy,
    ) -> Result<Answered, ComputeError> {
        let (plan, dataset) = self.planned(permit, admitted)?;
        let loaded = self.columns.tables(dataset, &needs(&plan, dataset), &self.digest).await?;
        let record = |BuildChange { old, new }: &BuildChange| {
            let (old, new) = (old.as_ref().map(ToString::to_string), new.to_string());
            self.guard.announce(&[Event::BuildChanged { dataset: dataset.id.clone(), old, new }])
        };
        self.columns.record_change(&dataset.id, record).await?;
        let rules = rules(dataset, policy);
        let speaker = self.speaker(&loaded);
        if rules.rounding.is_exact() || is_large_enough(&plan, dataset, &loaded, &speaker, &rules, policy) {
            let lineage = self.ledger.lineage(&dataset.id, loaded.lineage).await?;
            let asked = asked(permit, admitted, &plan, dataset, lineage, self.clock.now().unix_timestamp());
            let Counted { left, new } = self
                .ledger
                .count(&asked, &limits(policy))
                .await?
                .map_err(|why| ComputeError::NotCounted(why, permit.user().clone()))?;
            let release = in_place(|| {
                let computed = execute(&plan, &loaded.tables)?;
                let statements = speaker.statements(&plan, dataset);
                let query = Query { cohort: &computed.cohort, asks: &computed.asks, statements: &statements };
                Ok::<_, ComputeError>(release(&query, &self.secret, &rules))
            })?;
            let terms = Terms { policy: self.policy_digest(policy), rounding: rules.rounding, limits: left };
            let cells = plan.asks.len() * plan.cells();
            let NewAsks { lineage, user, project, time, .. } = asked;
            let watch = Watch { plan, rules, lineage, user, project, time, asks: new };
            return Ok(Answered { build: loaded.build.id, cells, release, terms, watch });
        }
        self.ledger.spend(nonce(admitted), self.clock.now().unix_timestamp()).await?;
        Err(ComputeError::TooSmall)
    }

    pub(crate) fn speaker<'s>(&'s self, loaded: &'s Loaded<'_>) -> Speaker<'s> {
        Speaker { secret: &self.secret, lineage: &loaded.lineage, made: loaded.build.made }
    }

    /// Keyed with a secret of the site, so that nobody finds the policy by trying: it changes when the policy does, and says no more.
    fn policy_digest(&self, policy: &Policy) -> String {
        let text = [self.policy_secret.as_slice(), policy.site.canonical().as_bytes()].concat();
        hex::encode(sha256(&text))
    }
}

/// R13: whether the site answers alone. The told count of everybody is the same on every day of a build.
fn is_large_enough(
    plan: &Plan,
    dataset: &Dataset,
    loaded: &Loaded<'_>,
    speaker: &Speaker<'_>,
    rules: &RuleSet,
    policy: &Policy,
) -> bool {
    let everybody = Plan::everybody(&plan.dataset).prepared(dataset).statement(&[]);
    let statement = speaker.key(&everybody);
    let people = loaded.build.people as u64;
    match rules.told(speaker.secret, people, loaded.everybody, &statement) {
        Shown::Value(told) => told >= policy.site.alone,
        Shown::Suppressed => false,
    }
}

/// The rules of a data set: exact where the dictionary declares it public or synthetic and the site allows it (R14).
fn rules(dataset: &Dataset, policy: &Policy) -> RuleSet {
    let mode = match policy.site.exact {
        ExactRelease::Allowed => dataset.release,
        ExactRelease::Forbidden => ReleaseMode::Perturbed,
    };
    RuleSet::of(mode, policy.site.threshold)
}

fn limits(policy: &Policy) -> Limits {
    let coda_policy::site::Limits { cohorts_per_project, asks_per_project, asks_per_day } = policy.site.limits;
    Limits { asks_left: asks_per_project, cohorts_left: cohorts_per_project, asks_left_today: asks_per_day }
}

fn asked(
    permit: &Permit,
    admitted: &Admitted,
    plan: &Plan,
    dataset: &Dataset,
    lineage: LineageId,
    time: i64,
) -> NewAsks {
    let (user, project) = (permit.user().clone(), admitted.envelope.project.clone());
    let cohort = sha256(plan.cohort_text(dataset).as_bytes());
    let ask = |ask| NewAsk { ask: sha256(plan.ask_text(dataset, ask).as_bytes()), cohort };
    let nonce = nonce(admitted);
    NewAsks { lineage, user, project, time, nonce, asks: (0..plan.asks.len()).map(ask).collect() }
}

/// What makes the envelope good once.
fn nonce(admitted: &Admitted) -> Nonce {
    let Envelope { nonce, not_after, .. } = admitted.envelope;
    Nonce { bytes: nonce, until: not_after + coda_policy::permit::LONGEST_LIFE }
}

/// What it means for the asker that nothing was counted.
pub(crate) fn not_counted(why: NotCounted) -> &'static str {
    match why {
        NotCounted::Replay => "this signed query was answered before; sign it anew",
        NotCounted::Today => {
            "you have no new asks left at this site today; what you asked before is answered again, and tomorrow there are new ones"
        }
        NotCounted::Asks => {
            "your project has no asks left at this site; what it asked before is answered again, and the site's privacy auditor \
             can renew it"
        }
        NotCounted::Cohorts => {
            "your project has asked about as many cohorts at this site as it may; ask about one of them, or let the site's privacy \
             auditor renew it"
        }
        NotCounted::Held => {
            "new questions of yours are held at this site, because several came in nearly equal pairs; its privacy auditor can \
             release them"
        }
    }
}
