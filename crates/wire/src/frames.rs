//! A site's answer as bytes. Only a [`Release`] is ever written:
//!
//! ```
//! fn write(release: &coda_disclosure::Release) -> coda_wire::v1::SiteFrames {
//!     coda_wire::frames::encode(release)
//! }
//! ```
//!
//! and what is raw, or was not made by `release`, does not compile:
//!
//! ```compile_fail,E0308
//! let frame = coda_model::frame::Frame::default();
//! coda_wire::frames::encode(&frame);
//! ```

use coda_disclosure::Release;
use coda_model::{
    frame::{Count, Shown, ShownFrame, ShownSlot, ShownSums, SiteFrames},
    ids::{People, Rows},
};

use crate::{terms, v1};

/// Both counts of a suppressed slot.
const SUPPRESSED: u64 = u64::MAX;
/// Bytes of a sum.
const SUM: usize = 16;

/// Bytes that are no site's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A part is absent.
    #[error("the answer lacks its {0}")]
    Absent(&'static str),
    /// Sums are not two whole numbers of 16 bytes, or stand where there are none, or in some slots of an ask alone.
    #[error("the answer has sums of a wrong length")]
    Sums,
    /// A suppressed slot has sums that are not zero.
    #[error("the answer has a number in a place that is suppressed")]
    Suppressed,
    /// One count is suppressed and the other is not.
    #[error("the answer shows half a count")]
    Half,
}

/// A release as a message. Suppressed slots are as long as any other.
pub fn encode(release: &Release) -> v1::SiteFrames {
    let SiteFrames { rounding, total, asks } = release.frames();
    let ask = |(index, cells): (usize, &Vec<ShownFrame>)| {
        let summed = release.summed().get(index).copied().unwrap_or_default();
        v1::AskFrames { cells: cells.iter().map(|frame| encode_frame(frame, summed)).collect() }
    };
    v1::SiteFrames {
        rounding: Some(terms::encode_rounding(rounding)),
        total: Some(encode_count(total)),
        asks: asks.iter().enumerate().map(ask).collect(),
    }
}

/// A message as frames. Whether they fit the query is checked by `coda_stats::verify`.
///
/// # Errors
/// [`FrameError`].
pub fn decode(message: v1::SiteFrames) -> Result<SiteFrames, FrameError> {
    let v1::SiteFrames { rounding, total, asks } = message;
    let ask = |v1::AskFrames { cells }| {
        let mut lengths = cells.iter().flat_map(|frame| &frame.slots).map(|slot| slot.sums.len());
        let first = lengths.next();
        if lengths.any(|length| Some(length) != first) {
            return Err(FrameError::Sums);
        }
        cells.into_iter().map(decode_frame).collect::<Result<Vec<_>, _>>()
    };
    Ok(SiteFrames {
        rounding: terms::decode_rounding(&rounding.ok_or(FrameError::Absent("rounding"))?),
        total: decode_count(total.ok_or(FrameError::Absent("total"))?)?,
        asks: asks.into_iter().map(ask).collect::<Result<_, _>>()?,
    })
}

fn encode_frame(frame: &ShownFrame, summed: bool) -> v1::ShownFrame {
    let slot = |slot: &Shown<ShownSlot>| match slot {
        Shown::Value(ShownSlot { count, sums }) => {
            encode_slot(count.people.0, count.rows.0, encode_sums(sums.as_ref()))
        }
        Shown::Suppressed => encode_slot(SUPPRESSED, SUPPRESSED, vec![0; if summed { 2 * SUM } else { 0 }]),
    };
    v1::ShownFrame {
        slots: frame.slots.iter().map(slot).collect(),
        valid: Some(encode_count(&frame.valid)),
        missing: frame.missing.as_ref().map(encode_count),
    }
}

fn encode_sums(sums: Option<&ShownSums>) -> Vec<u8> {
    let Some(ShownSums { x, q }) = sums else { return Vec::new() };
    [*x, *q].into_iter().flat_map(i128::to_le_bytes).collect()
}

fn encode_count(count: &Shown<Count>) -> v1::ShownSlot {
    match count {
        Shown::Value(Count { people, rows }) => encode_slot(people.0, rows.0, Vec::new()),
        Shown::Suppressed => encode_slot(SUPPRESSED, SUPPRESSED, Vec::new()),
    }
}

fn encode_slot(people: u64, rows: u64, sums: Vec<u8>) -> v1::ShownSlot {
    v1::ShownSlot { people: Some(people), rows: Some(rows), sums }
}

fn decode_frame(frame: v1::ShownFrame) -> Result<ShownFrame, FrameError> {
    let v1::ShownFrame { slots, valid, missing } = frame;
    Ok(ShownFrame {
        slots: slots.into_iter().map(decode_slot).collect::<Result<_, _>>()?,
        valid: decode_count(valid.ok_or(FrameError::Absent("number of people with a value"))?)?,
        missing: missing.map(decode_count).transpose()?,
    })
}

fn decode_count(slot: v1::ShownSlot) -> Result<Shown<Count>, FrameError> {
    if !slot.sums.is_empty() {
        return Err(FrameError::Sums);
    }
    Ok(match decode_slot(slot)? {
        Shown::Value(ShownSlot { count, .. }) => Shown::Value(count),
        Shown::Suppressed => Shown::Suppressed,
    })
}

fn decode_slot(slot: v1::ShownSlot) -> Result<Shown<ShownSlot>, FrameError> {
    let v1::ShownSlot { people, rows, sums } = slot;
    let people = people.ok_or(FrameError::Absent("people"))?;
    let rows = rows.ok_or(FrameError::Absent("rows"))?;
    let sums = decode_sums(&sums)?;
    match (people == SUPPRESSED, rows == SUPPRESSED) {
        (true, true) if sums.is_some_and(|sums| sums != ShownSums { x: 0, q: 0 }) => Err(FrameError::Suppressed),
        (true, true) => Ok(Shown::Suppressed),
        (false, false) => {
            let count = Count { people: People(people), rows: Rows(rows) };
            Ok(Shown::Value(ShownSlot { count, sums }))
        }
        _ => Err(FrameError::Half),
    }
}

fn decode_sums(sums: &[u8]) -> Result<Option<ShownSums>, FrameError> {
    match sums.as_chunks::<SUM>() {
        ([], []) => Ok(None),
        ([x, q], []) => Ok(Some(ShownSums { x: i128::from_le_bytes(*x), q: i128::from_le_bytes(*q) })),
        _ => Err(FrameError::Sums),
    }
}

#[cfg(test)]
mod tests {
    use coda_disclosure::{AskStatements, Query, RuleSet, SiteSecret, StatementKey, Statements, release};
    use coda_model::{
        frame::{Contributions, Frame, Guard, SetKey, Slot, Summed, Tabulated},
        plan::{Statement, Unit},
        rounding::Sensitivity,
        scale::Scale,
        threshold::Threshold,
        variable::Missing,
    };
    use prost::Message;
    use time::macros::date;

    use super::*;

    fn released(people: u64) -> Release {
        let secret = SiteSecret::new([1; 32]);
        let statement = Statement { text: "everybody".to_owned(), sensitivity: Sensitivity::Plain };
        let key = StatementKey::of(&secret, &[0; 16], date!(2026 - 01 - 01), &statement);
        let mut slot = Slot { people: People(people), rows: Rows(people), key: SetKey(people), ..Slot::default() };
        (0..people)
            .for_each(|value| slot.sums.add(&Contributions::of(1, i128::from(value), i128::from(value * value))));
        let frame = Frame { slots: vec![slot.clone()], valid: slot.clone(), missing: Slot::default() };
        let summed = Some(Summed { column: 0, scale: Scale::new(0.0, 100.0, 1.0).unwrap() });
        let (guard, unit, missing) = (Guard::All, Unit::People, Missing::May);
        let ask = Tabulated { guard, missing, unit, summed, bins: Vec::new(), frames: vec![frame] };
        let own = AskStatements { slots: Vec::new(), missing: vec![key], source: "t.v".to_owned() };
        let statements = Statements { cohort: key, cells: vec![key], asks: vec![own] };
        let query = Query { cohort: &slot, asks: &[ask], statements: &statements };
        release(&query, &secret, &RuleSet::perturbed(Threshold::default()))
    }

    #[test]
    fn a_release_comes_back_as_it_was() {
        for people in [3, 30] {
            let release = released(people);
            assert_eq!(decode(encode(&release)).as_ref(), Ok(release.frames()));
        }
    }

    #[test]
    fn suppressed_is_as_long_as_a_value() {
        assert!(released(3).frames().asks[0][0].slots[0].value().is_none());
        assert!(released(30).frames().asks[0][0].slots[0].value().is_some());
        assert_eq!(encode(&released(3)).encoded_len(), encode(&released(30)).encoded_len());
    }

    #[test]
    fn half_a_count_and_half_a_sum_are_refused() {
        let mut message = encode(&released(30));
        message.asks[0].cells[0].slots[0].sums.pop();
        assert_eq!(decode(message.clone()), Err(FrameError::Sums));
        message = encode(&released(30));
        message.asks[0].cells[0].slots[0].people = Some(SUPPRESSED);
        assert_eq!(decode(message), Err(FrameError::Half));
    }

    fn slot(message: &mut v1::SiteFrames) -> &mut v1::ShownSlot {
        &mut message.asks[0].cells[0].slots[0]
    }

    /// What the reader of an answer leaves out, nobody would miss.
    #[test]
    fn a_number_in_a_suppressed_slot_is_refused() {
        let of = |people: u64, spoil: fn(&mut v1::SiteFrames)| {
            let mut message = encode(&released(people));
            spoil(&mut message);
            decode(message).map(drop)
        };
        assert_eq!(of(3, |message| slot(message).sums[31] = 1), Err(FrameError::Suppressed));
        assert_eq!(of(3, |message| slot(message).sums.truncate(16)), Err(FrameError::Sums));
        for people in [3, 30] {
            assert_eq!(of(people, |message| message.total.as_mut().unwrap().sums = vec![0; 32]), Err(FrameError::Sums));
        }
        // Shorter than the others of its ask.
        let shorter = |message: &mut v1::SiteFrames| {
            let frame = message.asks[0].cells[0].clone();
            message.asks[0].cells.push(frame);
            slot(message).sums.clear();
        };
        assert_eq!(of(3, shorter), Err(FrameError::Sums));
    }
}
