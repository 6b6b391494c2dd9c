//! A segment, and which parts of it were read.

use std::{cell::RefCell, collections::HashSet};

use edifact_rs::Segment;

use crate::{error::Place, import::collapse};

/// Segments whose first element names a thing and is no qualifier of what follows.
const UNQUALIFIED: [&str; 9] = ["BGM", "CNI", "CST", "GDS", "GID", "SGP", "UNB", "UNH", "PAC"];

/// A segment with its number in the file. Elements and components count from 0.
pub(super) struct Seg<'a> {
    number: u64,
    segment: Segment<'a>,
    used: RefCell<HashSet<(usize, usize)>>,
}

impl<'a> Seg<'a> {
    pub fn new(number: u64, segment: Segment<'a>) -> Seg<'a> {
        Seg { number, segment, used: RefCell::default() }
    }

    pub fn tag(&self) -> &str {
        self.segment.tag()
    }

    pub fn place(&self) -> Place {
        Place::Segment { number: self.number, tag: self.tag().to_owned() }
    }

    /// How many elements there are behind the tag.
    pub fn elements(&self) -> usize {
        self.segment.elements.len()
    }

    /// Whether an element is repeated, as syntax version 4 lets it.
    pub fn repeats(&self) -> bool {
        self.segment.elements.iter().any(|element| !element.repeats.is_empty())
    }

    /// A component as it stands, not yet counted as read; an absent one is empty.
    pub fn peek(&self, element: usize, component: usize) -> &str {
        self.segment.component_str(element, component).unwrap_or_default().trim_ascii()
    }

    /// The code that says what the segment is about: its first component.
    pub fn qualifier(&self) -> &str {
        self.peek(0, 0)
    }

    /// A component as text, read and so not dropped; white space collapsed.
    pub fn text(&self, element: usize, component: usize) -> String {
        self.used.borrow_mut().insert((element, component));
        collapse(self.peek(element, component))
    }

    /// The components of an element as one text, those that say nothing left out.
    pub fn texts(&self, element: usize, separator: &str) -> String {
        let count = self.segment.elements.get(element).map_or(0, |e| e.components.len());
        let texts: Vec<String> = (0..count).map(|component| self.text(element, component)).collect();
        texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(separator)
    }

    /// The name of what was not read, and the components themselves.
    pub fn unread(&self) -> (String, String) {
        let used = self.used.borrow();
        let qualified = !UNQUALIFIED.contains(&self.tag()) && (1..=3).contains(&self.qualifier().len());
        let mut values = Vec::new();
        for (e, element) in self.segment.elements.iter().enumerate() {
            for (c, (text, _)) in element.components.iter().enumerate() {
                let named = qualified && (e, c) == (0, 0);
                if !named && !text.trim().is_empty() && !used.contains(&(e, c)) {
                    values.push(text.as_ref());
                }
            }
        }
        let name = if qualified { format!("{}+{}", self.tag(), self.qualifier()) } else { self.tag().to_owned() };
        (name, values.join(" "))
    }
}
