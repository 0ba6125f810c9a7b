//! Records that no set tells apart (the atoms of disclosure.md 2.4).

use super::{Set, bits};

/// The class of every record. Class 0 is that of the records in no set; it may be empty.
#[derive(Clone)]
pub(super) struct Classes {
    of: Vec<u32>,
    sizes: Vec<u32>,
    /// All noughts between two refinements: members met in each class, then where they go.
    hits: Vec<u32>,
}

impl Classes {
    pub(super) fn new(records: u32) -> Self {
        Self { of: vec![0; records as usize], sizes: vec![records], hits: vec![0] }
    }

    /// The classes that `sets` make with as many of `related`, in order, as leave at most `most` small. Of a related set
    /// the smaller side: both divide alike.
    pub(super) fn of_related<'a>(
        records: u32,
        sets: impl Iterator<Item = &'a Set>,
        related: impl Iterator<Item = impl AsRef<[u32]>>,
        (most, is_small): (usize, impl Fn(u32) -> bool),
    ) -> Self {
        let mut classes = Self::new(records);
        for set in sets {
            classes.refine(set);
        }
        let mut small = classes.sizes.iter().filter(|size| is_small(**size)).count();
        for side in related {
            let side = side.as_ref();
            let met = classes.count(side);
            let few = |sizes: [u32; 2]| sizes.into_iter().filter(|size| is_small(*size)).count();
            for class in &met {
                let [within, without] = classes.sides(*class);
                small = small + few([within, without]) - few([within + without, 0]);
            }
            if small > most {
                classes.forget(&met);
                break;
            }
            classes.divide(side, &met);
        }
        classes
    }

    /// The class of each record.
    pub(super) fn of(&self) -> &[u32] {
        &self.of
    }

    /// The number of records in each class.
    pub(super) fn sizes(&self) -> &[u32] {
        &self.sizes
    }

    /// New records, in no set.
    pub(super) fn grow(&mut self, records: u32) {
        let more = (records as usize).saturating_sub(self.of.len());
        if let Some(size) = self.sizes.first_mut() {
            *size += more as u32;
        }
        self.of.resize(self.of.len() + more, 0);
    }

    /// Tells apart the records within and without the set.
    pub(super) fn refine(&mut self, set: &Set) {
        let records = bits::records(set);
        let met = self.count(&records);
        self.divide(&records, &met);
    }

    /// Counts these records class by class, and returns the classes that have any; [`Self::divide`] or [`Self::forget`] is to follow.
    fn count(&mut self, records: &[u32]) -> Vec<u32> {
        let mut met = Vec::new();
        for record in records {
            let Some(class) = self.of.get(*record as usize) else { continue };
            let Some(hits) = self.hits.get_mut(*class as usize) else { continue };
            if *hits == 0 {
                met.push(*class);
            }
            *hits += 1;
        }
        met
    }

    /// How many records of a class were counted, and how many were not.
    fn sides(&self, class: u32) -> [u32; 2] {
        let of = |numbers: &[u32]| numbers.get(class as usize).copied().unwrap_or_default();
        [of(&self.hits), of(&self.sizes) - of(&self.hits)]
    }

    /// Tells the records that were counted from the others of the classes.
    fn divide(&mut self, records: &[u32], met: &[u32]) {
        for class in met {
            let next = self.sizes.len() as u32;
            let (Some(hits), Some(size)) = (self.hits.get_mut(*class as usize), self.sizes.get_mut(*class as usize))
            else {
                continue;
            };
            // A class that lies within the set keeps its name, unless it is the one of no set.
            if *hits == *size && *class != 0 {
                *hits = *class;
                continue;
            }
            let moved = std::mem::replace(hits, next);
            *size -= moved;
            self.sizes.push(moved);
            self.hits.push(0);
        }
        for record in records {
            let Some(class) = self.of.get_mut(*record as usize) else { continue };
            *class = self.hits.get(*class as usize).copied().unwrap_or_default();
        }
        self.forget(met);
    }

    /// Sets the counts back to nought.
    fn forget(&mut self, met: &[u32]) {
        for class in met {
            if let Some(hits) = self.hits.get_mut(*class as usize) {
                *hits = 0;
            }
        }
    }
}
