//! What may leave a site. [`release`] is the only door: it turns raw frames into a [`Release`], and the wire takes
//! nothing else. Pure.
//!
//! A release cannot be made by hand:
//!
//! ```compile_fail,E0451
//! let frames = coda_model::frame::SiteFrames { threshold: 5, asks: vec![] };
//! let release = coda_disclosure::Release { frames };
//! ```

mod cell;
mod distribution;
pub mod history;
pub mod suppress;
mod table;

use coda_model::{
    frame::{ShownFrame, SiteFrames, Tabulated},
    threshold::Threshold,
};

/// What a site lets out of a query's frames. Only [`release`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    frames: SiteFrames,
}

/// Decides for every frame of a query what may leave (disclosure.md 1.1, 1.3, 1.7, 1.8).
///
/// Looks at all asks of a cell together, because one can give away what another withholds. All asks must have the same
/// number of cells.
pub fn release(tabulated: &[Tabulated], threshold: Threshold) -> Release {
    let cells = tabulated.iter().map(|ask| ask.frames.len()).min().unwrap_or_default();
    let mut asks: Vec<Vec<ShownFrame>> = tabulated.iter().map(|_| Vec::with_capacity(cells)).collect();
    for cell in 0..cells {
        for (ask, frame) in asks.iter_mut().zip(cell::release(tabulated, cell, threshold)) {
            ask.push(frame);
        }
    }
    Release { frames: SiteFrames { threshold: threshold.least(), asks } }
}

impl Release {
    /// What is let out.
    pub fn frames(&self) -> &SiteFrames {
        &self.frames
    }
}

#[cfg(test)]
mod tests;
