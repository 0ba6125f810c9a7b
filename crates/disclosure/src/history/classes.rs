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

    /// The classes that sets make with others, as many of these as leave them few enough.
    pub(super) fn of_related<'a>(
        records: u32,
        sets: impl Iterator<Item = &'a Set>,
        related: impl Iterator<Item = &'a Set>,
        are_few: impl Fn(&Self) -> bool,
    ) -> Self {
        let mut classes = Self::new(records);
        for set in sets {
            classes.refine(set);
        }
        for set in related {
            let mut refined = classes.clone();
            // Whatever tells a set from the others tells the others from it.
            if set.len() > u64::from(records) / 2 {
                let mut others = Set::new();
                others.insert_range(0..records);
                refined.refine(&(others - set));
            } else {
                refined.refine(set);
            }
            if !are_few(&refined) {
                break;
            }
            classes = refined;
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

    /// Bytes.
    pub(super) fn memory(&self) -> usize {
        (self.of.capacity() + self.sizes.capacity() + self.hits.capacity()) * size_of::<u32>()
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
        let mut touched = Vec::new();
        let records = bits::records(set);
        for record in &records {
            let Some(class) = self.of.get(*record as usize) else { continue };
            let Some(hits) = self.hits.get_mut(*class as usize) else { continue };
            if *hits == 0 {
                touched.push(*class);
            }
            *hits += 1;
        }
        for class in &touched {
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
            let Some(class) = self.of.get_mut(record as usize) else { continue };
            *class = self.hits.get(*class as usize).copied().unwrap_or_default();
        }
        for class in touched {
            if let Some(hits) = self.hits.get_mut(class as usize) {
                *hits = 0;
            }
        }
    }
}
