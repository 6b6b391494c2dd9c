//! The digest tree: each value of a document under a digest of its own, each object and list under that of its members.
//!
//! In: a canonical document and the salts of its leaves. Out: the digest of its root; or a [`Node`], the tree with some
//! subtrees shown, some opened to their members' names, and the rest as one digest each. A branch binds the names and
//! the order of its members, so whoever sees it opened knows all of its members by name: nothing can be left out and
//! pass for unknown. Source: design section 9, `docs/format.md`; RFC 6901, RFC 8785.

use std::{collections::BTreeMap, fmt};

use consign_documents::{document::Form, profile::Kind};
use serde_json::{Value, value::RawValue};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{LeafDigest, Salts, pattern::Segment};
use crate::labels;

/// A value of a document, as far as it is shown.
#[derive(Clone, PartialEq)]
pub enum Node {
    /// Nothing but its digest.
    Hidden([u8; 32]),
    /// A value without members, and the salt of its digest.
    Leaf {
        /// A text, number or truth value, or an empty object or list.
        value: Value,
        /// The salt.
        salt: Zeroizing<[u8; 32]>,
    },
    /// An object with members.
    Object(BTreeMap<String, Node>),
    /// A list with items.
    List(Vec<Node>),
}

impl fmt::Debug for Node {
    /// Values are confidential, and salts let hidden ones be guessed: the sort of node only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Node::Hidden(_) => "Node(hidden)",
            Node::Leaf { .. } => "Node(leaf)",
            Node::Object(_) => "Node(object)",
            Node::List(_) => "Node(list)",
        })
    }
}

/// Why patterns do not choose from a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooDeep {
    /// The value, which has no members to choose from.
    pub pointer: String,
}

impl Node {
    /// The node's digest, where it stands at `pointer`. A hidden node says its own.
    pub fn digest(&self, pointer: &str) -> [u8; 32] {
        match self {
            Node::Hidden(digest) => *digest,
            Node::Leaf { value, salt } => leaf(pointer, value, salt),
            Node::Object(members) => {
                let digests =
                    members.iter().map(|(key, node)| (key.as_str(), node.digest(&format!("{pointer}/{key}"))));
                object_branch(members.len(), digests)
            }
            Node::List(items) => {
                let digests = items.iter().enumerate().map(|(i, node)| node.digest(&format!("{pointer}/{i}")));
                list_branch(items.len(), digests)
            }
        }
    }

    /// The tree of the value with this canonical text, with what `patterns` choose shown in full, what stands on the way
    /// to it opened, and the rest hidden.
    ///
    /// # Errors
    /// [`TooDeep`] where a pattern goes on below a value that has no members.
    pub(crate) fn choose(text: &str, pointer: &str, salts: &Salts, patterns: &[&[Segment]]) -> Result<Node, TooDeep> {
        let whole = patterns.iter().any(|pattern| pattern.is_empty());
        if patterns.is_empty() {
            return Ok(Node::Hidden(digest(text, pointer, salts)));
        }
        let below = |key: &str, text: &RawValue| {
            let patterns: Vec<&[Segment]> = if whole {
                vec![&[]]
            } else {
                patterns.iter().filter_map(|pattern| pattern[0].rest(key, pattern)).collect()
            };
            Node::choose(text.get(), &format!("{pointer}/{key}"), salts, &patterns)
        };
        match Parts::of(text) {
            Parts::Object(members) => members
                .into_iter()
                .map(|(key, member)| Ok((key.to_owned(), below(key, member)?)))
                .collect::<Result<_, _>>()
                .map(Node::Object),
            Parts::List(items) => items
                .into_iter()
                .enumerate()
                .map(|(i, item)| below(&i.to_string(), item))
                .collect::<Result<_, _>>()
                .map(Node::List),
            // An empty object has no member that a pattern could name, and says so by being shown.
            Parts::Leaf(value) if whole || is_empty(&value) => Ok(Node::Leaf { value, salt: salts.of(pointer) }),
            Parts::Leaf(_) => Err(TooDeep { pointer: pointer.into() }),
        }
    }

    /// The pointer of the first value that `pattern` chooses and that is not shown in full, or may hide one.
    pub(crate) fn first_hidden(&self, pointer: &str, pattern: &[Segment]) -> Option<String> {
        let below = |key: &str, node: &Node| {
            let rest = match pattern.first() {
                None => pattern,
                Some(segment) => segment.rest(key, pattern)?,
            };
            node.first_hidden(&format!("{pointer}/{key}"), rest)
        };
        match self {
            Node::Hidden(_) => Some(pointer.into()),
            Node::Leaf { .. } => None,
            Node::Object(members) => members.iter().find_map(|(key, node)| below(key, node)),
            Node::List(items) => items.iter().enumerate().find_map(|(i, node)| below(&i.to_string(), node)),
        }
    }

    /// Whether a value that `pattern` chooses is shown, and not only that there is none.
    pub(crate) fn shows(&self, pattern: &[Segment]) -> bool {
        let below = |key: &str, node: &Node| match pattern.first() {
            None => node.shows(pattern),
            Some(segment) => segment.rest(key, pattern).is_some_and(|rest| node.shows(rest)),
        };
        match self {
            Node::Hidden(_) => false,
            Node::Leaf { value, .. } => pattern.is_empty() && !is_empty(value),
            Node::Object(members) => members.iter().any(|(key, node)| below(key, node)),
            Node::List(items) => items.iter().enumerate().any(|(i, node)| below(&i.to_string(), node)),
        }
    }

    /// The pointer of the first value that stands where no document of this kind has one, or not one like it.
    pub(crate) fn first_misplaced(&self, kind: Kind, form: Form, pointer: &str) -> Option<String> {
        let below = |key: &str, node: &Node, form: Option<Form>| {
            let pointer = format!("{pointer}/{key}");
            match form {
                None => Some(pointer),
                Some(form) => node.first_misplaced(kind, form, &pointer),
            }
        };
        match self {
            Node::Hidden(_) => None,
            Node::Leaf { value, .. } if is_empty(value) == (form != Form::Plain) => None,
            Node::Leaf { .. } => Some(pointer.into()),
            Node::Object(members) => members.iter().find_map(|(key, node)| below(key, node, form.member(kind, key))),
            Node::List(items) => {
                items.iter().enumerate().find_map(|(i, node)| below(&i.to_string(), node, form.item()))
            }
        }
    }

    /// Calls `leaf` with pointer and value of each leaf that is shown, and `hidden` with the pointer of each subtree that
    /// is not, in the order of the tree.
    pub(crate) fn walk<'a>(
        &'a self,
        pointer: String,
        leaf: &mut dyn FnMut(&str, &'a Value),
        hidden: &mut dyn FnMut(&str),
    ) {
        match self {
            Node::Hidden(_) => hidden(&pointer),
            Node::Leaf { value, .. } => leaf(&pointer, value),
            Node::Object(members) => {
                members.iter().for_each(|(key, node)| node.walk(format!("{pointer}/{key}"), leaf, hidden));
            }
            Node::List(items) => {
                items.iter().enumerate().for_each(|(i, node)| node.walk(format!("{pointer}/{i}"), leaf, hidden));
            }
        }
    }
}

/// A value by its canonical text: one level of it, so that a long document is never in memory as values.
enum Parts<'a> {
    Object(BTreeMap<&'a str, &'a RawValue>),
    List(Vec<&'a RawValue>),
    Leaf(Value),
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Parts<'a> {
        // Names of members are plain, so their text is what they are.
        let read = match text.as_bytes() {
            [b'{', first, ..] if *first != b'}' => serde_json::from_str(text).map(Parts::Object),
            [b'[', first, ..] if *first != b']' => serde_json::from_str(text).map(Parts::List),
            _ => serde_json::from_str(text).map(Parts::Leaf),
        };
        read.expect("the canonical form of a document is JSON")
    }
}

/// The digest of a whole value at `pointer`, by its canonical text.
pub(super) fn digest(text: &str, pointer: &str, salts: &Salts) -> [u8; 32] {
    let below = |key: &str, text: &RawValue| digest(text.get(), &format!("{pointer}/{key}"), salts);
    match Parts::of(text) {
        Parts::Object(members) => {
            object_branch(members.len(), members.into_iter().map(|(key, text)| (key, below(key, text))))
        }
        Parts::List(items) => {
            list_branch(items.len(), items.into_iter().enumerate().map(|(i, text)| below(&i.to_string(), text)))
        }
        Parts::Leaf(_) => LeafDigest::new(pointer, text, &salts.of(pointer)).0,
    }
}

/// Whether a value is an empty object or list.
pub(crate) fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(serde_json::Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

/// Whether a value can be a leaf: it has no members.
pub(crate) fn is_leaf(value: &Value) -> bool {
    is_empty(value) || !(value.is_object() || value.is_array())
}

fn leaf(pointer: &str, value: &Value, salt: &[u8; 32]) -> [u8; 32] {
    // It fails on maps without string keys and on writers that fail; a value in memory has neither.
    let text = serde_json_canonicalizer::to_string(value).expect("a JSON value in memory serialises");
    LeafDigest::new(pointer, &text, salt).0
}

fn object_branch<'a>(count: usize, members: impl Iterator<Item = (&'a str, [u8; 32])>) -> [u8; 32] {
    let mut hash = branch(b'{', count);
    for (key, digest) in members {
        hash.update((key.len() as u64).to_be_bytes());
        hash.update(key);
        hash.update(digest);
    }
    hash.finalize().into()
}

fn list_branch(count: usize, items: impl Iterator<Item = [u8; 32]>) -> [u8; 32] {
    let mut hash = branch(b'[', count);
    items.for_each(|digest| hash.update(digest));
    hash.finalize().into()
}

fn branch(sort: u8, count: usize) -> Sha256 {
    let mut hash = Sha256::new_with_prefix(labels::BRANCH);
    hash.update([sort]);
    hash.update((count as u64).to_be_bytes());
    hash
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        document_digest::{Pattern, Seed},
        samples,
    };

    fn salts() -> Salts {
        Salts::new(&Seed::random(&mut samples::rng(3)))
    }

    fn choose(value: &Value, patterns: &[&str]) -> Result<Node, TooDeep> {
        let patterns: Vec<Pattern> = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
        let segments: Vec<&[Segment]> = patterns.iter().map(Pattern::segments).collect();
        Node::choose(&value.to_string(), "", &salts(), &segments)
    }

    fn shown(node: &Node) -> (Vec<String>, Vec<String>) {
        let (mut leaves, mut hidden) = (Vec::new(), Vec::new());
        node.walk(String::new(), &mut |p, v| leaves.push(format!("{p}={v}")), &mut |p| hidden.push(p.into()));
        (leaves, hidden)
    }

    #[test]
    fn what_is_not_on_the_way_is_one_digest() {
        let value = json!({"number": "17", "parties": {"consignee": {"name": "Elbe"}, "consignor": {}},
            "lines": [{"id": "1", "mass": {"value": "5", "unit": "KGM"}, "value": "9"}, {"id": "2"}]});
        let node = choose(&value, &["lines/*/mass", "parties/*/name"]).unwrap();
        let (leaves, hidden) = shown(&node);
        assert_eq!(
            leaves,
            [
                "/lines/0/mass/unit=\"KGM\"",
                "/lines/0/mass/value=\"5\"",
                "/parties/consignee/name=\"Elbe\"",
                "/parties/consignor={}"
            ]
        );
        assert_eq!(hidden, ["/lines/0/id", "/lines/0/value", "/lines/1/id", "/number"]);
        assert_eq!(node.digest(""), digest(&value.to_string(), "", &salts()));
        let below = TooDeep { pointer: "/number".into() };
        assert_eq!(choose(&value, &["number/x"]), Err(below));
        assert_eq!(shown(&choose(&value, &["lines"]).unwrap()).1, ["/number", "/parties"]);
    }

    #[test]
    fn what_is_empty_or_has_no_members_shows_nothing_below() {
        let value = json!({"a": {}, "b": 1, "c": {"d": [], "e": 2}, "f": []});
        let whole = choose(&value, &["*"]).unwrap();
        let shows = |node: &Node, pattern: &str| node.shows(pattern.parse::<Pattern>().unwrap().segments());
        for pattern in ["*", "b", "c", "*/e", "c/e"] {
            assert!(shows(&whole, pattern), "{pattern}");
        }
        for pattern in ["a", "a/x", "b/x", "c/d", "c/d/0", "c/e/x", "f", "f/0", "g"] {
            assert!(!shows(&whole, pattern), "{pattern}");
        }
        // A choice of all of a value beside one of its parts is a choice of all.
        assert_eq!(shown(&choose(&value, &["c/e", "c"]).unwrap()).0, ["/c/d=[]", "/c/e=2"]);
    }

    #[test]
    fn what_a_pattern_chooses_cannot_be_left_out() {
        let value = json!({"lines": [{"a": {"x": 1, "y": 2}}, {"b": 1}, {"a": 3}]});
        let pattern: Pattern = "lines/*/a".parse().unwrap();
        let hidden = |node: &Node| node.first_hidden("", pattern.segments());
        let node = choose(&value, &["lines/*/a"]).unwrap();
        assert_eq!(hidden(&node), None);
        for (others, at) in [
            (&["lines/0/a", "lines/1/a"][..], "/lines/2"),
            (&["lines/2/a", "lines/0/a"], "/lines/1"),
            (&["lines/*/b"], "/lines/0/a"),
            (&["lines/*/a/x"], ""),
            (&["other"], "/lines"),
        ] {
            match choose(&value, others) {
                Ok(node) => assert_eq!(hidden(&node).as_deref(), Some(at), "{others:?}"),
                Err(TooDeep { pointer }) => assert_eq!(pointer, "/lines/2/a", "{others:?}"),
            }
        }
        let partly = choose(&json!({"lines": [{"a": {"x": 1, "y": 2}}]}), &["lines/*/a/x"]).unwrap();
        assert_eq!(hidden(&partly).as_deref(), Some("/lines/0/a/y"));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![any::<u32>().prop_map(Value::from), "[a-z]{0,3}".prop_map(Value::from)];
        leaf.prop_recursive(4, 40, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c]{1,2}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        /// Any two values differ in their digest, and whatever is shown of one leaves its digest as it is.
        #[test]
        fn digests_tell_values_apart(a in any_value(), b in any_value(), pattern in r"(\*|[a-c]{1,2}|[0-2])(/(\*|[a-c]{1,2}|[0-2])){0,3}") {
            let of = |value: &Value| digest(&value.to_string(), "", &salts());
            prop_assert_eq!(of(&a) == of(&b), a == b);
            if let Ok(node) = choose(&a, &[&pattern]) {
                prop_assert_eq!(node.digest(""), of(&a));
                prop_assert_eq!(node.first_hidden("", pattern.parse::<Pattern>().unwrap().segments()), None);
            }
        }
    }
}
