//! A document as it grows: each line is checked, made a row and written in canonical form, and let go.
//!
//! In: lines in their order, then header and source. Out: a [`Document`]. What is kept of a line is its row, its text and
//! its identifier, so that a long list takes not much more memory than its canonical form.

use std::collections::{HashMap, HashSet};

use super::{
    Container, Document, Header, Invalid, InvalidFault, Line, Source, canonical,
    check::{self, MAX_CONTAINERS, Sums, at_line},
    derive,
};
use crate::{
    codes::Unit,
    error::MAX_FILE,
    profile::Kind,
    table::{Row, Table},
};

/// A document that has no header yet.
pub(crate) struct Draft {
    kind: Kind,
    rows: Vec<Row>,
    /// The canonical lines, with commas between them.
    json: String,
    ids: HashSet<Box<str>>,
    /// Numbers of containers.
    containers: HashMap<Box<str>, u64>,
    /// How many lines have the fact of each column.
    known: Vec<usize>,
    /// The unit of all quantities, if it is one, once there is a line.
    unit: Option<Option<Unit>>,
    sums: Sums,
}

impl Draft {
    /// A document without lines.
    pub fn new(kind: Kind) -> Draft {
        Draft {
            kind,
            rows: Vec::new(),
            json: String::new(),
            ids: HashSet::new(),
            containers: HashMap::new(),
            known: vec![0; kind.profile().goods.len()],
            unit: None,
            sums: Sums::default(),
        }
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Adds a line. Of the header counts what lines are held against: the currency and the declared totals.
    pub fn push(&mut self, header: &Header, line: &Line) -> Result<(), Invalid> {
        let i = self.rows.len();
        check::line(self.kind, line).map_err(|(fact, fault)| at_line(i, fact, fault))?;
        if !self.ids.insert(line.id.as_str().into()) {
            return Err(at_line(i, "id", InvalidFault::DuplicateLine { id: line.id.clone() }));
        }
        let container = line.container.as_ref().map(|container| self.number(container));
        self.rows.push(derive::goods_row(self.kind, header, i, line, container)?);
        for (known, column) in self.known.iter_mut().zip(self.kind.profile().goods) {
            *known += usize::from(line.states(column.name));
        }
        let unit = line.quantity.as_ref().and_then(|q| q.unit);
        let one = self.unit.unwrap_or(unit);
        self.unit = Some(one.filter(|_| one == unit));
        self.sums.add(&header.totals, line);
        if !self.json.is_empty() {
            self.json.push(',');
        }
        self.json.push_str(&canonical::line(self.kind, line));
        within_limit(&self.json)
    }

    /// The number of a container: 0 for none, else from 1 in the order of first appearance.
    fn number(&mut self, container: &Container) -> u64 {
        let Container::Id(id) = container else { return 0 };
        if let Some(&number) = self.containers.get(id.as_str()) {
            return number;
        }
        let number = self.containers.len() as u64 + 1;
        self.containers.insert(id.as_str().into(), number);
        number
    }

    /// The document of these lines.
    pub fn finish(self, header: Header, source: Option<Source>) -> Result<Document, Invalid> {
        let Draft { kind, rows, mut json, ids, containers, known, unit, sums } = self;
        // No line comes any more.
        drop(ids);
        check::header(kind, &header)?;
        let at_lines = |fault| Invalid { pointer: "/lines".into(), line: None, fault };
        if rows.is_empty() {
            return Err(at_lines(InvalidFault::NoGoods));
        }
        if containers.len() > MAX_CONTAINERS {
            return Err(at_lines(InvalidFault::Containers { found: containers.len() }));
        }
        source.as_ref().map_or(Ok(()), check::source)?;
        let everywhere = |fact: &str| {
            let column = kind.profile().goods.iter().position(|c| c.name == fact);
            column.is_some_and(|i| known[i] == rows.len())
        };
        check::totals(kind, &header, &sums, everywhere)?;
        let table =
            Table::new(derive::document_row(kind, &header)?, rows).ok_or_else(|| at_lines(InvalidFault::NoGoods))?;
        let [before, behind] = canonical::around(kind, &header, source.as_ref());
        json.insert_str(0, &before);
        json.push_str(&behind);
        json.shrink_to_fit();
        within_limit(&json)?;
        let mut numbered: Vec<(Box<str>, u64)> = containers.into_iter().collect();
        numbered.sort_by_key(|(_, number)| *number);
        let containers = numbered.into_iter().map(|(id, _)| id).collect();
        Ok(Document { kind, header, source, table, containers, known, unit: unit.flatten(), json })
    }
}

fn within_limit(json: &str) -> Result<(), Invalid> {
    let oversize = || Invalid { pointer: String::new(), line: None, fault: InvalidFault::Oversize };
    (json.len() <= MAX_FILE).then_some(()).ok_or_else(oversize)
}
