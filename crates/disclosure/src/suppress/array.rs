//! A table of two axes with its margins, as a network (disclosure.md 1.5).
//!
//! Each line, the lines of margins included, is an equation: its cells add up to its margin. Lines are the nodes of a
//! network and cells its arcs, rows to columns and margins the other way, so that every table is a circulation. A withheld
//! cell may be raised without end and lowered to nothing; how far the others let it is a maximum flow.

use std::collections::VecDeque;

use super::Cell;

/// A row or a column; the last of each is the line of margins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Row(usize),
    Column(usize),
}

/// A place in the table or its margins: row and column.
pub(super) type Spot = (usize, usize);

/// What a step from one line to another does to the cell where they cross.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Raises,
    Lowers,
}

/// The lines that a search came to, by number.
pub(super) struct Reached(Vec<bool>);

/// A cell moved on the way.
type Move = (Spot, Step);

/// The table's counts with margins and total, and which of them a reader does not know.
#[derive(Clone)]
pub(super) struct Array {
    /// Without the margins.
    rows: usize,
    columns: usize,
    people: Vec<u64>,
    unknown: Vec<bool>,
    /// For each line the lines that cross it at an unknown cell.
    open: Vec<Vec<usize>>,
}

impl Array {
    /// `shown` are the cells that leave; margins and total are known from `least` on.
    pub(super) fn new(columns: usize, cells: &[Cell], shown: &[bool], least: u64) -> Self {
        let rows = cells.len() / columns.max(1);
        let size = (rows + 1) * (columns + 1);
        let mut array = Self {
            rows,
            columns,
            people: vec![0; size],
            unknown: vec![false; size],
            open: vec![vec![]; rows + columns + 2],
        };
        for (place, (cell, shown)) in cells.iter().zip(shown).enumerate() {
            let (row, column) = (place / columns, place % columns);
            for spot in [(row, column), (row, columns), (rows, column), (rows, columns)] {
                if let Some(people) = array.people.get_mut(spot.0 * (columns + 1) + spot.1) {
                    *people += cell.people;
                }
            }
            if !shown {
                array.forget((row, column));
            }
        }
        for spot in (0..=rows).map(|row| (row, columns)).chain((0..columns).map(|column| (rows, column))) {
            if array.people(spot) < least {
                array.forget(spot);
            }
        }
        array
    }

    /// Whether a spot is a cell of the table, not a margin.
    pub(super) fn is_inner(&self, spot: Spot) -> bool {
        spot.0 < self.rows && spot.1 < self.columns
    }

    pub(super) fn people(&self, spot: Spot) -> u64 {
        self.people.get(self.place(spot)).copied().unwrap_or_default()
    }

    /// Takes a cell to be empty, its margins staying what they are.
    pub(super) fn empty(&mut self, spot: Spot) {
        let place = self.place(spot);
        if let Some(people) = self.people.get_mut(place) {
            *people = 0;
        }
    }

    pub(super) fn is_unknown(&self, spot: Spot) -> bool {
        self.unknown.get(self.place(spot)).copied().unwrap_or_default()
    }

    /// Whether a search came to a line.
    pub(super) fn is_reached(&self, reached: &Reached, node: Node) -> bool {
        reached.0.get(self.number(node)).copied().unwrap_or_default()
    }

    /// All rows, or all columns.
    pub(super) fn lines(&self, axis: Node) -> Vec<Node> {
        match axis {
            Node::Row(_) => (0..self.rows).map(Node::Row).collect(),
            Node::Column(_) => (0..self.columns).map(Node::Column).collect(),
        }
    }

    /// Where the margin of a line is.
    pub(super) fn margin(&self, line: Node) -> Spot {
        match line {
            Node::Row(row) => (row, self.columns),
            Node::Column(column) => (self.rows, column),
        }
    }

    /// From here on the reader does not know the cell at a spot.
    pub(super) fn forget(&mut self, spot: Spot) {
        let place = self.place(spot);
        if let Some(flag @ false) = self.unknown.get_mut(place) {
            *flag = true;
            for (node, other) in [(Node::Row(spot.0), spot.1), (Node::Column(spot.1), spot.0)] {
                let number = self.number(node);
                if let Some(open) = self.open.get_mut(number) {
                    open.push(other);
                }
            }
        }
    }

    /// How much more than it is the unknown cell at a spot may be, up to a limit that ends the search.
    pub(super) fn room_above(&self, spot: Spot, limit: u64) -> u64 {
        let (tail, head) = self.ends(spot);
        self.flow(head, tail, spot, limit)
    }

    /// How much less than it is the unknown cell at a spot may be, up to a limit that is at most the cell itself.
    pub(super) fn room_below(&self, spot: Spot, limit: u64) -> u64 {
        let (tail, head) = self.ends(spot);
        self.flow(tail, head, spot, limit)
    }

    /// Which lines a change by so much can be passed on to from a line, or from which it can be passed on to it.
    pub(super) fn reached(&self, from: Node, step: Step, by: u64) -> Reached {
        let mut seen = vec![false; self.nodes()];
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            for (next, spot, does) in self.ways(node) {
                // Against the direction of change a step does the opposite.
                let raises = does == step;
                if let (true, Some(seen @ false)) = (raises || self.people(spot) >= by, seen.get_mut(self.number(next)))
                {
                    *seen = true;
                    open.push(next);
                }
            }
        }
        Reached(seen)
    }

    /// Where the arc of a cell begins and ends.
    pub(super) fn ends(&self, spot: Spot) -> (Node, Node) {
        let (row, column) = (Node::Row(spot.0), Node::Column(spot.1));
        if self.is_along(spot) { (row, column) } else { (column, row) }
    }

    /// The lines that cross a line, the spots where they do, and what a step there does to the cell.
    pub(super) fn crossings(&self, node: Node) -> impl Iterator<Item = (Node, Spot, Step)> + use<> {
        let length = match node {
            Node::Row(_) => self.columns,
            Node::Column(_) => self.rows,
        };
        let crossing = self.crossing(node);
        (0..=length).map(crossing)
    }

    /// The same where the cell is unknown.
    fn ways(&self, node: Node) -> impl Iterator<Item = (Node, Spot, Step)> {
        let open = self.open.get(self.number(node)).map(Vec::as_slice).unwrap_or_default();
        open.iter().copied().map(self.crossing(node))
    }

    fn crossing(&self, node: Node) -> impl Fn(usize) -> (Node, Spot, Step) + use<> {
        let (rows, columns) = (self.rows, self.columns);
        // Inner cells flow from rows to columns; on the lines of margins, and where these cross others, it is turned round.
        let (raises, last) = match node {
            Node::Row(row) => (row < rows, columns),
            Node::Column(column) => (column >= columns, rows),
        };
        move |other| {
            let step = if raises == (other < last) { Step::Raises } else { Step::Lowers };
            match node {
                Node::Row(row) => (Node::Column(other), (row, other), step),
                Node::Column(column) => (Node::Row(other), (other, column), step),
            }
        }
    }

    /// A number for a line, below [`Self::nodes`].
    pub(super) fn number(&self, node: Node) -> usize {
        match node {
            Node::Row(row) => row,
            Node::Column(column) => self.rows + 1 + column,
        }
    }

    /// How many lines there are, margins included.
    pub(super) fn nodes(&self) -> usize {
        self.rows + self.columns + 2
    }

    /// Whether the arc of a cell goes from row to column: inner cells and the total do, margins do not.
    fn is_along(&self, spot: Spot) -> bool {
        (spot.0 < self.rows) == (spot.1 < self.columns)
    }

    fn place(&self, spot: Spot) -> usize {
        spot.0 * (self.columns + 1) + spot.1
    }

    /// Maximum flow over the unknown cells but one, by shortest augmenting paths; ends at the limit.
    fn flow(&self, from: Node, to: Node, without: Spot, limit: u64) -> u64 {
        // Mostly one way is wide enough for all.
        if limit == 0 || (limit < u64::MAX && self.augmenting(from, to, without, limit).is_some()) {
            return limit;
        }
        let mut found = 0u64;
        let mut state = self.clone();
        while found < limit {
            let Some(path) = state.augmenting(from, to, without, 1) else { break };
            let lowered = path.iter().filter(|(_, step)| *step == Step::Lowers);
            let most = lowered.map(|(spot, _)| state.people(*spot)).min().unwrap_or(u64::MAX);
            let most = most.min(limit - found);
            if most == u64::MAX {
                return most;
            }
            for (spot, step) in path {
                let place = state.place(spot);
                if let Some(people) = state.people.get_mut(place) {
                    *people = match step {
                        Step::Raises => people.saturating_add(most),
                        Step::Lowers => people.saturating_sub(most),
                    };
                }
            }
            found = found.saturating_add(most);
        }
        found
    }

    /// A shortest way over unknown cells that can move by this much.
    fn augmenting(&self, from: Node, to: Node, without: Spot, by: u64) -> Option<Vec<Move>> {
        let mut came: Vec<Option<(Node, Move)>> = vec![None; self.nodes()];
        let mut queue = VecDeque::from([from]);
        'search: while let Some(node) = queue.pop_front() {
            for (next, spot, step) in self.ways(node) {
                let moves = step == Step::Raises || self.people(spot) >= by;
                if !moves || spot == without || next == from {
                    continue;
                }
                if let Some(place @ None) = came.get_mut(self.number(next)) {
                    *place = Some((node, (spot, step)));
                    if next == to {
                        break 'search;
                    }
                    queue.push_back(next);
                }
            }
        }
        let mut path = Vec::new();
        let mut node = to;
        while node != from {
            let (before, step) = came.get(self.number(node)).copied().flatten()?;
            path.push(step);
            node = before;
        }
        Some(path)
    }
}
