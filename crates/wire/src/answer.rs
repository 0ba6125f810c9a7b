//! An answer as a message and back.

use coda_model::{
    SiteId,
    estimate::{
        Answer, AskEstimates, CellEstimates, CountFigure, Estimate, EstimatedCount, Figure, Interval, Quantity,
        SiteOutcome, SiteStatus,
    },
};

use crate::{
    terms,
    v1::{self, figure, site_outcome},
};

/// A message that is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer has no valid {0}")]
pub struct AnswerError(&'static str);

/// The message of an answer.
pub fn encode(answer: &Answer) -> v1::Answer {
    let Answer { sites, axes, asks } = answer;
    let ask = |AskEstimates { ask, cells }: &AskEstimates| v1::AskEstimates {
        ask: ask.clone(),
        cells: cells.iter().map(encode_cell).collect(),
    };
    v1::Answer {
        sites: sites.iter().map(encode_site).collect(),
        axes: axes.clone(),
        asks: asks.iter().map(ask).collect(),
    }
}

/// The answer of a message.
///
/// # Errors
/// [`AnswerError`].
pub fn decode(message: v1::Answer) -> Result<Answer, AnswerError> {
    let v1::Answer { sites, axes, asks } = message;
    let ask = |v1::AskEstimates { ask, cells }| {
        Ok(AskEstimates { ask, cells: cells.into_iter().map(decode_cell).collect::<Result<_, _>>()? })
    };
    Ok(Answer {
        sites: sites.into_iter().map(decode_site).collect::<Result<_, _>>()?,
        axes,
        asks: asks.into_iter().map(ask).collect::<Result<_, _>>()?,
    })
}

/// The message of what a site did.
pub fn encode_site(outcome: &SiteOutcome) -> v1::SiteOutcome {
    let SiteOutcome { site, status, detail, build, terms } = outcome;
    let status = match status {
        SiteStatus::Answered => site_outcome::Status::Answered,
        SiteStatus::Refused => site_outcome::Status::Refused,
        SiteStatus::TooSmall => site_outcome::Status::TooSmall,
        SiteStatus::Unreachable => site_outcome::Status::Unreachable,
        SiteStatus::Invalid => site_outcome::Status::Invalid,
    };
    v1::SiteOutcome {
        site: site.to_string(),
        status: status.into(),
        detail: detail.clone(),
        build: build.clone(),
        terms: terms.as_ref().map(terms::encode),
    }
}

/// What a site did, from its message.
///
/// # Errors
/// [`AnswerError`].
pub fn decode_site(message: v1::SiteOutcome) -> Result<SiteOutcome, AnswerError> {
    let v1::SiteOutcome { site, status, detail, build, terms } = message;
    let status = match site_outcome::Status::try_from(status) {
        Ok(site_outcome::Status::Answered) => SiteStatus::Answered,
        Ok(site_outcome::Status::Refused) => SiteStatus::Refused,
        Ok(site_outcome::Status::TooSmall) => SiteStatus::TooSmall,
        Ok(site_outcome::Status::Unreachable) => SiteStatus::Unreachable,
        Ok(site_outcome::Status::Invalid) => SiteStatus::Invalid,
        Ok(site_outcome::Status::Unspecified) | Err(_) => return Err(AnswerError("status")),
    };
    let terms = terms.map(terms::decode).transpose().map_err(|_| AnswerError("terms"))?;
    Ok(SiteOutcome { site: site_id(&site)?, status, detail, build, terms })
}

fn site_id(text: &str) -> Result<SiteId, AnswerError> {
    SiteId::new(text).map_err(|_| AnswerError("site"))
}

fn encode_cell(cell: &CellEstimates) -> v1::CellEstimates {
    let CellEstimates { labels, sites, network } = cell;
    let site = |(site, estimate): &(SiteId, Estimate)| v1::SiteEstimate {
        site: site.to_string(),
        estimate: Some(encode_estimate(estimate)),
    };
    v1::CellEstimates {
        labels: labels.clone(),
        sites: sites.iter().map(site).collect(),
        network: Some(encode_estimate(network)),
    }
}

fn decode_cell(message: v1::CellEstimates) -> Result<CellEstimates, AnswerError> {
    let v1::CellEstimates { labels, sites, network } = message;
    let site = |v1::SiteEstimate { site, estimate }| Ok((site_id(&site)?, decode_estimate(estimate)?));
    Ok(CellEstimates {
        labels,
        sites: sites.into_iter().map(site).collect::<Result<_, _>>()?,
        network: decode_estimate(network)?,
    })
}

fn encode_estimate(estimate: &Estimate) -> v1::Estimate {
    let Estimate { figures, sites_in, sites_out } = estimate;
    let names = |sites: &[SiteId]| sites.iter().map(ToString::to_string).collect();
    v1::Estimate {
        figures: figures.iter().map(encode_figure).collect(),
        sites_in: names(sites_in),
        sites_out: names(sites_out),
    }
}

fn decode_estimate(message: Option<v1::Estimate>) -> Result<Estimate, AnswerError> {
    let v1::Estimate { figures, sites_in, sites_out } = message.ok_or(AnswerError("estimate"))?;
    let sites = |names: Vec<String>| names.iter().map(|name| site_id(name)).collect::<Result<Vec<_>, _>>();
    Ok(Estimate {
        figures: figures.into_iter().map(decode_figure).collect::<Result<_, _>>()?,
        sites_in: sites(sites_in)?,
        sites_out: sites(sites_out)?,
    })
}

fn encode_figure(figure: &Figure) -> v1::Figure {
    let Figure { name, level, quantity, confidence, certain, unit } = figure;
    let quantity = match quantity {
        Quantity::Number(number) => figure::Quantity::Number(*number),
        Quantity::Count(count) => figure::Quantity::Count(encode_count(count)),
        Quantity::Level(level) => figure::Quantity::Level(level.clone()),
        Quantity::Suppressed => figure::Quantity::Suppressed(v1::Suppressed {}),
        Quantity::Undefined => figure::Quantity::Undefined(v1::Undefined {}),
    };
    v1::Figure {
        name: name.clone(),
        of: level.clone(),
        quantity: Some(quantity),
        confidence: confidence.map(encode_interval),
        certain: certain.map(encode_interval),
        unit: unit.clone().unwrap_or_default(),
    }
}

fn decode_figure(message: v1::Figure) -> Result<Figure, AnswerError> {
    let v1::Figure { name, of, quantity, confidence, certain, unit } = message;
    let quantity = match quantity.ok_or(AnswerError("quantity"))? {
        figure::Quantity::Number(number) => Quantity::Number(number),
        figure::Quantity::Count(count) => Quantity::Count(decode_count(&count)),
        figure::Quantity::Level(level) => Quantity::Level(level),
        figure::Quantity::Suppressed(v1::Suppressed {}) => Quantity::Suppressed,
        figure::Quantity::Undefined(v1::Undefined {}) => Quantity::Undefined,
    };
    Ok(Figure {
        name,
        level: of,
        quantity,
        confidence: confidence.map(decode_interval),
        certain: certain.map(decode_interval),
        unit: (!unit.is_empty()).then_some(unit),
    })
}

fn encode_count(count: &CountFigure) -> v1::CountFigure {
    let CountFigure { value, certain, estimate } = *count;
    v1::CountFigure {
        value,
        certain: certain.map(|(low, high)| v1::Bounds { low, high }),
        estimate: estimate.map(|EstimatedCount { value, interval }| v1::EstimatedCount {
            value,
            confidence: interval.map(encode_interval),
        }),
    }
}

fn decode_count(message: &v1::CountFigure) -> CountFigure {
    let v1::CountFigure { value, certain, estimate } = *message;
    CountFigure {
        value,
        certain: certain.map(|v1::Bounds { low, high }| (low, high)),
        estimate: estimate.map(|v1::EstimatedCount { value, confidence }| EstimatedCount {
            value,
            interval: confidence.map(decode_interval),
        }),
    }
}

fn encode_interval(Interval { low, high }: Interval) -> v1::Interval {
    v1::Interval { low, high }
}

fn decode_interval(v1::Interval { low, high }: v1::Interval) -> Interval {
    Interval { low, high }
}

#[cfg(test)]
mod tests {
    use coda_model::{
        estimate::{Limits, Terms},
        rounding::Rounding,
        threshold::Threshold,
    };

    use super::*;

    #[test]
    fn an_answer_comes_back_as_it_was() {
        let site = SiteId::new("a").unwrap();
        let estimate = EstimatedCount { value: 7.5, interval: Some(Interval { low: 5.0, high: 9.0 }) };
        let figures = vec![
            Figure::number("mean", 0.1 + 0.2, Some("mg/L")).confidence(-1.0, 1.0),
            Figure::number("median", 3.0, None).certain(2.0, 4.0),
            Figure::count("n", CountFigure { value: Some(5), certain: Some((1, 13)), estimate: Some(estimate) }),
            Figure::count("count", CountFigure::default()).of("x"),
            Figure::new("mode", Quantity::Level("x".to_owned())),
            Figure::suppressed("sd"),
            Figure::new("smd", Quantity::Undefined),
        ];
        let estimate = Estimate { figures, sites_in: vec![site.clone()], sites_out: vec![site.clone()] };
        let limits = Limits { asks_left: 1, cohorts_left: 2, asks_left_today: 3 };
        let rounding = Rounding::random(Threshold::default());
        let outcome = |status| SiteOutcome {
            site: site.clone(),
            status,
            detail: "d".to_owned(),
            build: "b".to_owned(),
            terms: Some(Terms { policy: "p".to_owned(), rounding, limits }),
        };
        let answer = Answer {
            sites: [
                SiteStatus::Answered,
                SiteStatus::Refused,
                SiteStatus::TooSmall,
                SiteStatus::Unreachable,
                SiteStatus::Invalid,
            ]
            .map(outcome)
            .into(),
            axes: vec!["sex".to_owned()],
            asks: vec![AskEstimates {
                ask: "mean:age".to_owned(),
                cells: vec![CellEstimates {
                    labels: vec!["f".to_owned()],
                    sites: vec![(site.clone(), estimate.clone())],
                    network: estimate,
                }],
            }],
        };
        assert_eq!(decode(encode(&answer)), Ok(answer));
    }
}
