//! What a query would cost and what of it is bound to be withheld, from the request, the dictionary, the policy and the ledger's
//! book of who asked what: never from data (disclosure.md 2.5).

use coda_audit::{Event, Outcome};
use coda_engine::needs;
use coda_model::{
    Identity,
    estimate::{Budget, History},
    frame::Guard,
    plan::{Plan, PlannedAsk},
};
use coda_pki::Peer;
use coda_stats::{Operands, find};
use coda_wire::{terms, v1};

use crate::{error::ComputeError, policies::Policy, review::digest, service::ComputeService};

impl ComputeService {
    pub(crate) async fn previewed(
        &self,
        peer: Option<&Peer>,
        request: v1::Request,
    ) -> Result<v1::SitePreview, ComputeError> {
        let (permit, admitted, policy) = self.permitted(peer, request).await?;
        let (plan, dataset) = self.planned(&permit, &admitted)?;
        let mut notes = withheld(&plan, &policy);
        let mut cost = cost(&plan);
        let mut budget = Budget::default();
        if policy.history != History::Off {
            let loaded = self.columns.tables(dataset, &needs(&plan, dataset), &self.digest).await?;
            let mut guard = self.lineages.of(&dataset.id).await;
            let lineage = self.lineage(&mut guard, dataset, &loaded, &policy).await?;
            let time = self.clock.now().unix_timestamp();
            budget = self.counted(permit.user(), lineage, &policy, time).await?;
            let query = digest(&[plan.canonical(dataset).as_bytes()]);
            if self.is_kept(lineage, &loaded.build.id, &policy, query).await? {
                cost = 0;
                notes.push("asked before on this build: the same answer again, for nothing".to_owned());
            } else {
                for refused in [
                    self.series(&plan, dataset, lineage, &policy).await.err(),
                    self.sums(&plan, dataset, lineage, &policy).await.err(),
                ] {
                    match refused {
                        Some(error @ (ComputeError::Granularity(_) | ComputeError::OtherSum(_))) => {
                            notes.push(error.told().1);
                        }
                        Some(error) => return Err(error),
                        None => {}
                    }
                }
                if budget.spent >= budget.allowed {
                    notes.push("would be refused: your budget here is spent".to_owned());
                }
            }
        }
        let asked = Event::QueryReceived {
            user: permit.user().clone(),
            site: permit.site().clone(),
            dataset: permit.dataset().clone(),
            statistics: Vec::new(),
            envelope: admitted.hash,
            peer: Identity::Coordinator,
            address: peer.and_then(|peer| peer.address),
        };
        self.audit.announce(&[asked], self.clock.now()).map_err(ComputeError::Audit)?;
        let answered = Event::QueryAnswered { envelope: admitted.hash, outcome: Outcome::Previewed };
        self.audit.record(&answered, self.clock.now()).map_err(ComputeError::Audit)?;
        Ok(v1::SitePreview {
            site: self.site.to_string(),
            terms: Some(terms::encode(&self.terms(&policy, budget))),
            cost_at_most: cost,
            notes,
        })
    }
}

/// The most sets and sums that a query can take from a budget: everybody, the cohort and its people; each cell and its people;
/// each slot, its people or those of it who have a value, its sums, and who misses one.
fn cost(plan: &Plan) -> u64 {
    let ask = |ask: &PlannedAsk| {
        let shape = find(&ask.statistic).map(|statistic| statistic.shape(&Operands::of(plan, &ask.operands)));
        shape.map_or(0, |shape| shape.slots() * (2 + usize::from(shape.powers)) + 1)
    };
    let slots = plan.asks.iter().map(ask).sum::<usize>();
    (plan.cells() * (2 + slots) + 3) as u64
}

/// What is bound to be withheld, in words.
fn withheld(plan: &Plan, policy: &Policy) -> Vec<String> {
    let least = policy.rules.threshold.least();
    let mut notes = vec![format!("a cell of fewer than {least} people is withheld, none included")];
    for ask in &plan.asks {
        let Some(guard) = find(&ask.statistic).map(coda_stats::Statistic::guard) else { continue };
        let needed = policy.rules.least(guard);
        if needed > least {
            let each = if matches!(guard, Guard::Together { .. }) { "in either group " } else { "" };
            notes.push(format!("{} is withheld {each}under {needed} people", ask.text));
        }
    }
    notes
}
