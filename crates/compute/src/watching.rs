//! The watch at work: after an answer has left, its query sets are compared with those of earlier asks.

use std::sync::Arc;

use coda_audit::Event;
use coda_disclosure::watch::ALERT;
use coda_engine::{Study, needs};
use coda_ledger::{Sighting, Watched};
use coda_model::Identity;
use coda_runtime::in_place;
use coda_service::{Unlikely, causes, intrusions::Alarm};

use crate::{answering::Watch, error::ComputeError, service::ComputeService, watched};

impl ComputeService {
    /// Looks at an answered query. What goes wrong is logged: the answer has left.
    pub(crate) async fn watch(self: Arc<Self>, watch: Watch) {
        if watch.asks.iter().all(Option::is_none) {
            return;
        }
        match self.sightings(&watch).await {
            Ok(sightings) => self.note(&watch, &sightings),
            Err(error) => {
                tracing::error!(cause = causes(&error), "the watch could not compare a query with earlier ones");
            }
        }
    }

    async fn sightings(&self, watch: &Watch) -> Result<Vec<Sighting>, ComputeError> {
        let Watch { plan, rules, lineage, user, project, time, asks } = watch;
        let dataset = self.dictionary.dataset(&plan.dataset).ok_or(ComputeError::NoBuild)?;
        let loaded = self.columns.tables(dataset, &needs(plan, dataset), &self.digest).await?;
        let sums = in_place(|| Study::of(plan, &loaded.tables)?.bucket_sums(&loaded.tables))?;
        let sets = watched::sets(&self.speaker(&loaded), rules, plan, dataset, &sums, asks);
        let (user, project) = (user.clone(), project.clone());
        let watched = Watched { lineage: *lineage, user, project, time: *time, sets, everybody: &sums.everybody };
        Ok(self.ledger.watch(&watched).await?)
    }

    /// A line in the intrusion log at each twin, and an alert where the person or the project asked for many.
    fn note(&self, watch: &Watch, sightings: &[Sighting]) {
        let Some(most) =
            sightings.iter().filter(|sighting| sighting.new_twins > 0).max_by_key(|sighting| sighting.twins)
        else {
            return;
        };
        let (twins, near_cells) = (most.twins, most.near_cells);
        let (alert, held) = (twins >= ALERT, sightings.iter().any(|sighting| sighting.held));
        let (user, project) = (watch.user.clone(), watch.project.clone());
        let event = Event::Watched { user, project, twins, near_cells, alert, held };
        self.guard.intrusions().record(&event, self.clock.now());
        // Once at the first alert and once at the hold. How many twins there are depends on the data, and does not leave the site.
        if alert && twins - most.new_twins < ALERT || held {
            let by = Identity::User(watch.user.clone());
            self.guard.intrusions().raise(Alarm { kind: Unlikely::Twins, by });
        }
    }
}
