//! A site's answer as bytes. Only a [`Release`] is ever written:
//!
//! ```
//! let release = coda_disclosure::release(&[], &coda_disclosure::Answer::default());
//! coda_wire::frames::encode(&release);
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
    frame::{Count, Shown, ShownFrame, ShownSlot, SiteFrames},
    ids::{People, Rows},
};

use crate::v1;

/// Both counts of a withheld slot.
const WITHHELD: u64 = u64::MAX;
/// Bytes of a sum.
const SUM: usize = 16;

/// Bytes that are no site's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A part is absent.
    #[error("the answer lacks its {0}")]
    Absent(&'static str),
    /// Sums are not whole numbers of 16 bytes.
    #[error("the answer has sums of a wrong length")]
    Sums,
    /// One count is withheld and the other is not.
    #[error("the answer shows half a count")]
    Half,
}

/// A release as a message. Withheld slots are as long as any other.
pub fn encode(release: &Release) -> v1::SiteFrames {
    let SiteFrames { threshold, slack, total, asks } = release.frames();
    let ask = |(index, cells): (usize, &Vec<ShownFrame>)| {
        let sums = release.powers().get(index).copied().map_or(0, usize::from);
        v1::AskFrames { cells: cells.iter().map(|frame| encode_frame(frame, sums)).collect() }
    };
    v1::SiteFrames {
        threshold: Some(*threshold),
        slack: Some(*slack),
        total: Some(encode_count(total)),
        asks: asks.iter().enumerate().map(ask).collect(),
    }
}

/// A message as frames. Whether they fit the query is checked by `coda_stats::verify`.
///
/// # Errors
/// [`FrameError`].
pub fn decode(message: v1::SiteFrames) -> Result<SiteFrames, FrameError> {
    let v1::SiteFrames { threshold, slack, total, asks } = message;
    let ask = |v1::AskFrames { cells }| cells.into_iter().map(decode_frame).collect::<Result<Vec<_>, _>>();
    Ok(SiteFrames {
        threshold: threshold.ok_or(FrameError::Absent("threshold"))?,
        slack: slack.ok_or(FrameError::Absent("slack"))?,
        total: decode_count(total.ok_or(FrameError::Absent("total"))?)?,
        asks: asks.into_iter().map(ask).collect::<Result<_, _>>()?,
    })
}

fn encode_frame(frame: &ShownFrame, sums: usize) -> v1::ShownFrame {
    let slot = |slot: &Shown<ShownSlot>| match slot {
        Shown::Value(ShownSlot { count, sums }) => {
            encode_slot(count.people.0, count.rows.0, sums.iter().flat_map(|sum| sum.to_le_bytes()).collect())
        }
        Shown::Withheld => encode_slot(WITHHELD, WITHHELD, vec![0; sums * SUM]),
    };
    v1::ShownFrame {
        slots: frame.slots.iter().map(slot).collect(),
        missing: frame.missing.as_ref().map(encode_count),
        rest: Some(encode_count(&frame.rest)),
    }
}

fn encode_count(count: &Shown<Count>) -> v1::ShownSlot {
    match count {
        Shown::Value(Count { people, rows }) => encode_slot(people.0, rows.0, Vec::new()),
        Shown::Withheld => encode_slot(WITHHELD, WITHHELD, Vec::new()),
    }
}

fn encode_slot(people: u64, rows: u64, sums: Vec<u8>) -> v1::ShownSlot {
    v1::ShownSlot { people: Some(people), rows: Some(rows), sums }
}

fn decode_frame(frame: v1::ShownFrame) -> Result<ShownFrame, FrameError> {
    let v1::ShownFrame { slots, missing, rest } = frame;
    Ok(ShownFrame {
        slots: slots.into_iter().map(decode_slot).collect::<Result<_, _>>()?,
        missing: missing.map(decode_count).transpose()?,
        rest: decode_count(rest.ok_or(FrameError::Absent("rest"))?)?,
    })
}

fn decode_count(slot: v1::ShownSlot) -> Result<Shown<Count>, FrameError> {
    Ok(match decode_slot(slot)? {
        Shown::Value(ShownSlot { count, .. }) => Shown::Value(count),
        Shown::Withheld => Shown::Withheld,
    })
}

fn decode_slot(slot: v1::ShownSlot) -> Result<Shown<ShownSlot>, FrameError> {
    let v1::ShownSlot { people, rows, sums } = slot;
    let people = people.ok_or(FrameError::Absent("people"))?;
    let rows = rows.ok_or(FrameError::Absent("rows"))?;
    match (people == WITHHELD, rows == WITHHELD) {
        (true, true) => return Ok(Shown::Withheld),
        (false, false) => {}
        _ => return Err(FrameError::Half),
    }
    let (whole, rest) = sums.as_chunks::<SUM>();
    if !rest.is_empty() {
        return Err(FrameError::Sums);
    }
    let sums = whole.iter().map(|bytes| i128::from_le_bytes(*bytes)).collect();
    Ok(Shown::Value(ShownSlot { count: Count { people: People(people), rows: Rows(rows) }, sums }))
}

#[cfg(test)]
mod tests {
    use coda_disclosure::Answer;
    use coda_model::{
        frame::{Frame, Guard, Slot, Tabulated},
        variable::Missing,
    };
    use prost::Message;

    use super::*;

    fn release(people: u64) -> Release {
        let slot = |n: u64, sums| Slot { people: People(n), rows: Rows(n), sums, ..Slot::default() };
        let sums = vec![-7, i128::from(u64::MAX) * 3];
        let frames =
            vec![Frame { slots: vec![slot(people, sums.clone())], missing: slot(9, vec![]), ..Frame::default() }];
        let (guard, unit) = (Guard::Sample { least: 0 }, coda_model::plan::Unit::People);
        let ask = Tabulated { guard, missing: Missing::May, unit, columns: vec![0], edges: None, powers: 2, frames };
        coda_disclosure::release(&[ask], &Answer::default())
    }

    #[test]
    fn a_release_comes_back_as_it_was() {
        for people in [3, 30] {
            let release = release(people);
            assert_eq!(decode(encode(&release)).as_ref(), Ok(release.frames()));
        }
    }

    #[test]
    fn withheld_is_as_long_as_a_value() {
        assert!(release(3).frames().asks[0][0].slots[0].value().is_none());
        assert!(release(30).frames().asks[0][0].slots[0].value().is_some());
        assert_eq!(encode(&release(3)).encoded_len(), encode(&release(30)).encoded_len());
    }

    #[test]
    fn half_a_count_is_refused() {
        let mut message = encode(&release(30));
        message.asks[0].cells[0].slots[0].people = Some(WITHHELD);
        assert_eq!(decode(message), Err(FrameError::Half));
    }
}
