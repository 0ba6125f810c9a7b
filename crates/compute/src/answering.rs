//! From a permitted query to what leaves, written to the ledger before it does.

use std::time::Duration;

use coda_disclosure::Defence;
use coda_engine::{Study, execute, needs};
use coda_ledger::{Digest, NewRelease, NewSeries, UniverseName};
use coda_model::{
    BuildId, UserId,
    dictionary::Dataset,
    estimate::{Budget, History, Terms},
    plan::{Plan, Source, Unit},
};
use coda_policy::Permit;
use coda_runtime::in_place;
use coda_stats::{Operands, find};
use coda_wire::{frames, v1};
use prost::Message;

use crate::{
    admission::Admitted,
    columns::Loaded,
    error::ComputeError,
    known::Known,
    lineage::Lineage,
    policies::Policy,
    review::{self, Histories, Question, digest, review, unreviewed},
    service::ComputeService,
};

/// About what an answer needs to be put on record and sent, before all processors are taken to make ready for the next one. Where
/// replies wait for a grid of time it may be sent later.
const AHEAD: Duration = Duration::from_millis(5);

/// Seconds of a day.
const DAY: i64 = 86_400;

/// What leaves.
pub(crate) struct Answered {
    pub(crate) build: BuildId,
    pub(crate) cells: usize,
    pub(crate) frames: v1::SiteFrames,
    pub(crate) terms: Terms,
}

impl ComputeService {
    /// The plan of a permitted query, and its data set.
    pub(crate) fn planned(&self, permit: &Permit, admitted: &Admitted) -> Result<(Plan, &Dataset), ComputeError> {
        let wanted = &admitted.envelope.dictionary;
        if !wanted.is_empty() && *wanted != self.dictionary.version {
            return Err(ComputeError::Dictionary);
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
        let cells = plan.asks.len() * plan.cells();
        if policy.history == History::Off {
            let Loaded { build, tables, .. } = loaded;
            let tabulated = in_place(|| execute(&plan, &tables))?;
            let release = unreviewed(&plan, &tabulated, &self.rules(policy));
            let terms = self.terms(policy, Budget::default());
            return Ok(Answered { build: build.id, cells, frames: frames::encode(&release), terms });
        }
        let mut guard = self.lineages.of(&dataset.id).await;
        self.lineage(&mut guard, dataset, &loaded, policy).await?;
        let (frames, budget) = self.reviewed(permit, admitted, policy, (&plan, dataset), &loaded, &mut guard).await?;
        let Loaded { build, .. } = loaded;
        // The next query waits for this, not this one's answer.
        tokio::spawn(async move {
            if guard.as_ref().is_some_and(Lineage::holds_any) {
                tokio::time::sleep(AHEAD).await;
            }
            if let Some(mut lineage) = guard.take() {
                in_place(|| lineage.prepare());
                *guard = Some(lineage);
            }
        });
        Ok(Answered { build: build.id, cells, frames, terms: self.terms(policy, budget) })
    }

    /// The lineage as seen from the build at hand, read from the ledger if it is not in memory so.
    pub(crate) async fn lineage<'l>(
        &self,
        kept: &'l mut Option<Lineage>,
        dataset: &Dataset,
        loaded: &Loaded<'_>,
        policy: &Policy,
    ) -> Result<&'l mut Lineage, ComputeError> {
        let least = policy.rules.threshold.least();
        let Loaded { build, keys, .. } = loaded;
        let lineage = match kept.take().filter(|lineage| lineage.fits(&build.id, least)) {
            Some(lineage) => lineage,
            None => Lineage::open(&self.ledger, &dataset.id, &build.id, keys, least).await?,
        };
        Ok(kept.insert(lineage))
    }

    /// What leaves, decided and written. From where the decision begins until it is on the disk, `kept` is empty: whatever ends it
    /// before that, an error or a panic, what was decided is in no memory, and the ledger is read anew.
    async fn reviewed(
        &self,
        permit: &Permit,
        admitted: &Admitted,
        policy: &Policy,
        (plan, dataset): (&Plan, &Dataset),
        loaded: &Loaded<'_>,
        kept: &mut Option<Lineage>,
    ) -> Result<(v1::SiteFrames, Budget), ComputeError> {
        let lineage = kept.as_mut().ok_or(ComputeError::NoBuild)?;
        let Loaded { build, tables, .. } = loaded;
        let (user, time) = (permit.user(), self.clock.now().unix_timestamp());
        let query = digest(&[plan.canonical(dataset).as_bytes()]);
        let terms = policy_digest(policy);
        let budget = self.counted(user, lineage, policy, time).await?;
        if policy.rules.defences.has(Defence::Cache)
            && let Some(reply) = self.ledger.cached(lineage.id, &build.id, terms, query).await?
        {
            let frames = v1::SiteFrames::decode(reply.as_slice()).map_err(|_| ComputeError::Kept)?;
            return Ok((frames, budget));
        }
        let mut series: Vec<NewSeries> = self.series(plan, dataset, lineage, policy).await?.into_iter().collect();
        series.extend(self.sums(plan, dataset, lineage, policy).await?);
        if policy.rules.defences.has(Defence::Budgets) {
            if budget.spent >= budget.allowed {
                return Err(ComputeError::Budget { spent: budget.spent, allowed: budget.allowed });
            }
            if budget.cohorts_left_today == 0 {
                return Err(ComputeError::Cohorts);
            }
        }
        let study = in_place(|| Study::of(plan, tables))?;
        let rows = match plan.unit {
            Unit::People => None,
            Unit::Rows(table) => study.persons().map(|persons| (table, persons)),
        };
        let mut lineage = kept.take().ok_or(ComputeError::NoBuild)?;
        let names = review::valid_names(plan, dataset);
        let universes = lineage.universe(&self.ledger, dataset, rows, &names).await?;
        let changed = std::mem::take(&mut lineage.changed);
        let question = Question { plan, dataset, tables, study: &study, build: &build.id };
        let rows_before = lineage.rows_before(&universes.own);
        let mut known = lineage.take(&universes.own);
        let mut valid: Vec<Known> = universes.valid.iter().map(|name| lineage.take(name)).collect();
        let mut behind = (universes.own != UniverseName::People).then(|| lineage.take(&UniverseName::People));
        let reviewed = in_place(|| {
            let census_of_people = lineage.people_census();
            let people = behind.as_mut().zip(study.persons()).map(|(known, persons)| review::People {
                known,
                census: census_of_people,
                persons,
                told_before: rows_before,
            });
            let histories = Histories {
                own: (&universes.own, &mut known),
                valid: names
                    .into_iter()
                    .zip(&universes.valid)
                    .zip(&mut valid)
                    .map(|((variables, universe), known)| review::Valid { variables, universe, known })
                    .collect(),
                people,
                changed: &changed,
            };
            review(question, self.rules(policy), &universes.census, histories)
        });
        lineage.changed = changed;
        lineage.give_back(universes.own.clone(), known);
        for (name, known) in universes.valid.iter().zip(valid) {
            lineage.give_back(name.clone(), known);
        }
        if let Some(behind) = behind {
            lineage.give_back(UniverseName::People, behind);
        }
        let review::Reviewed { release, entries, places, figures, cohort, charge } = reviewed?;
        let frames = frames::encode(&release);
        let anything = release.frames().total.value().is_some();
        let written = self
            .ledger
            .commit(NewRelease {
                user: user.clone(),
                time,
                lineage: lineage.id,
                build: build.id.clone(),
                seen: lineage.newest,
                policy: terms,
                query,
                cohort,
                envelope: admitted.hash,
                entries,
                figures,
                series: series.into_iter().filter(|_| anything).collect(),
                charge,
                reply: frames.encode_to_vec(),
            })
            .await?;
        lineage.written(&universes, &places, written);
        *kept = Some(lineage);
        // Nobody else has spent anything of this lineage since; requests and grants made meanwhile show in the next answer.
        let cohorts_left_today = policy.site.budgets.cohorts_per_day.saturating_sub(written.cohorts_today);
        Ok((frames, Budget { spent: budget.spent + charge, cohorts_left_today, ..budget }))
    }

    /// Counts a request, whatever becomes of it, and says what the user may still ask.
    pub(crate) async fn counted(
        &self,
        user: &UserId,
        lineage: &Lineage,
        policy: &Policy,
        time: i64,
    ) -> Result<Budget, ComputeError> {
        let before = self.budget(user, lineage, policy, time).await?;
        if before.requests_left_today == 0 && policy.rules.defences.has(Defence::Budgets) {
            return Err(ComputeError::Requests);
        }
        self.ledger.note_request(user, time).await?;
        Ok(Budget { requests_left_today: before.requests_left_today.saturating_sub(1), ..before })
    }

    /// What a user may still ask.
    pub(crate) async fn budget(
        &self,
        user: &UserId,
        lineage: &Lineage,
        policy: &Policy,
        time: i64,
    ) -> Result<Budget, ComputeError> {
        let spent = self.ledger.spent(lineage.id, user, time.div_euclid(DAY)).await?;
        let budgets = &policy.site.budgets;
        // In tens, because how many people there are to one is not told on every build (disclosure.md 2.6).
        let people = lineage.people().next_multiple_of(10);
        let everybody = (budgets.rank_budget.of(people) + spent.extra_lineage).saturating_sub(spent.lineage);
        let own = budgets.rank_budget_user.of(people) + spent.extra_user;
        Ok(Budget {
            spent: spent.user,
            // What everybody has left together is left to nobody more than once.
            allowed: own.min(spent.user + everybody),
            requests_left_today: budgets.requests_per_day.saturating_sub(spent.requests_today),
            cohorts_left_today: budgets.cohorts_per_day.saturating_sub(spent.cohorts_today),
        })
    }

    /// Whether a query was answered before on this build and these terms.
    pub(crate) async fn is_kept(
        &self,
        lineage: &Lineage,
        build: &BuildId,
        policy: &Policy,
        query: Digest,
    ) -> Result<bool, ComputeError> {
        Ok(self.ledger.cached(lineage.id, build, policy_digest(policy), query).await?.is_some())
    }

    /// The granularity that a series over time is bound to, if the query asks for one (disclosure.md 1.10).
    pub(crate) async fn series(
        &self,
        plan: &Plan,
        dataset: &Dataset,
        lineage: &Lineage,
        policy: &Policy,
    ) -> Result<Option<NewSeries>, ComputeError> {
        let Some((title, axis)) = plan.axes.last().and_then(|axis| Some((axis.title.split_once(':')?.0, &axis.axis)))
        else {
            return Ok(None);
        };
        let Some(column) = plan.column(axis.column) else { return Ok(None) };
        let cohort = digest(&[plan.set_text(dataset, &[]).as_bytes()]);
        let column = digest(&[Plan::source_text(dataset, &column.source).as_bytes()]);
        let bound = self.ledger.series(lineage.id, &cohort, &column).await?;
        match bound {
            Some(bound) if bound != title && policy.rules.defences.has(Defence::OneGranularity) => {
                Err(ComputeError::Granularity(bound))
            }
            Some(bound) if bound != title => Ok(None),
            _ => Ok(Some(NewSeries { cohort, column, bucket: title.to_owned() })),
        }
    }

    /// The ways in which sums of variables are taken that could be taken in several: of all rows, or of one value a person. Two ways
    /// beside each other differ by few people's rows, so a lineage keeps to the first.
    pub(crate) async fn sums(
        &self,
        plan: &Plan,
        dataset: &Dataset,
        lineage: &Lineage,
        policy: &Policy,
    ) -> Result<Vec<NewSeries>, ComputeError> {
        let mut found: Vec<NewSeries> = Vec::new();
        for ask in &plan.asks {
            let shape = find(&ask.statistic).map(|statistic| statistic.shape(&Operands::of(plan, &ask.operands)));
            let Some(value) = shape.filter(|shape| shape.powers > 0).and_then(|shape| shape.value) else { continue };
            let Some(source) = plan.column(value).map(|column| &column.source) else { continue };
            let Some(origin) = review::origin(dataset, plan.unit, source) else { continue };
            let way = match source {
                Source::Declared(_) => "rows".to_owned(),
                Source::Derived(_) => hex::encode(digest(&[Plan::source_text(dataset, source).as_bytes()])),
            };
            let (cohort, column) = (digest(&[b"ways to sum"]), digest(&[origin.as_bytes()]));
            let bound = self.ledger.series(lineage.id, &cohort, &column).await?;
            let earlier = found.iter().find(|series| series.column == column).map(|series| series.bucket.clone());
            let bound = bound.or(earlier);
            if bound.as_ref().is_some_and(|bound| *bound != way) && policy.rules.defences.has(Defence::OneWayToSum) {
                return Err(ComputeError::OtherSum(origin));
            }
            if bound.is_none() {
                found.push(NewSeries { cohort, column, bucket: way });
            }
        }
        Ok(found)
    }

    pub(crate) fn rules<'a>(&'a self, policy: &'a Policy) -> review::Terms<'a> {
        review::Terms {
            rules: &policy.rules,
            history: policy.history,
            defences: policy.rules.defences,
            secret: &self.order_secret,
        }
    }

    pub(crate) fn terms(&self, policy: &Policy, budget: Budget) -> Terms {
        // Keyed, because the parameters of some rules are confidential and few enough to be tried (disclosure.md 1.2).
        let hash = digest(&[&self.policy_secret, &policy_digest(policy)]);
        Terms { policy: hex::encode(hash), history: policy.history, budget }
    }
}

fn policy_digest(policy: &Policy) -> Digest {
    digest(&[policy.site.canonical().as_bytes()])
}
