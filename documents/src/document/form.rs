//! The form of canonical documents: which members an object at each place can have.
//!
//! In: a kind, and the way from the root. Out: what stands there, or that no document has such a place. For whoever has a
//! part of a document only, of which no [`Document`](super::Document) can be made.

use crate::profile::Kind;

/// What stands at a place of a canonical document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The root.
    Document,
    /// The declared totals.
    Totals,
    /// The product of a bill of materials.
    Product,
    /// The parties by role.
    Parties,
    /// A party.
    Party,
    /// The references by name.
    References,
    /// The goods lines.
    Lines,
    /// A goods line.
    Line,
    /// A value and its unit.
    Measure,
    /// The file it was imported from.
    Source,
    /// A list of texts.
    Texts,
    /// A text, number or truth value.
    Plain,
}

impl Form {
    /// What the member of this name is, in a document of this kind; `None` where it has no such member.
    pub fn member(self, kind: Kind, name: &str) -> Option<Form> {
        use Form::*;
        let form = match (self, name) {
            (Document, "totals") => Totals,
            (Document, "product") => Product,
            (Document, "parties") => Parties,
            (Document, "references") => References,
            (Document, "lines") => Lines,
            (Document, "source") => Source,
            (Document, "consign" | "kind" | "profile" | "number" | "issue_date" | "currency") => Plain,
            (Document, "export_country" | "import_country") => Plain,
            (Totals | Line, "gross_mass" | "net_mass" | "tare_mass" | "verified_mass") => Measure,
            (Line, "max_gross_mass" | "quantity") | (Product, "mass") => Measure,
            (Totals | Line, "packages") => Plain,
            (Totals | Line, money) if kind.money_key() == Some(money) => Plain,
            (Product, "description" | "hs" | "value") => Plain,
            (Line, "id" | "description" | "hs" | "origin" | "dangerous" | "container") => Plain,
            (Line, "originating" | "criterion" | "method") => Plain,
            (Measure, "value" | "unit") => Plain,
            (Parties, role) if is_plain_name(role) => Party,
            (References, name) if is_plain_name(name) => Plain,
            (Party, "name" | "identifier" | "address" | "country") => Plain,
            (Source, "sha256" | "format") => Plain,
            (Source, "dropped") => Texts,
            _ => return None,
        };
        Some(form)
    }

    /// What each item is; `None` where it is no list.
    pub fn item(self) -> Option<Form> {
        match self {
            Form::Lines => Some(Form::Line),
            Form::Texts => Some(Form::Plain),
            _ => None,
        }
    }
}

/// Whether roles and references can be named so: 1 to 40 small letters, digits and `_`.
pub(super) fn is_plain_name(name: &str) -> bool {
    (1..=40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_document_has_is_no_place() {
        let kind = Kind::CargoManifest;
        for name in ["", "Carrier", "a/b", "\u{1b}[2J", &"a".repeat(41)] {
            assert_eq!(Form::Parties.member(kind, name), None, "{name}");
            assert_eq!(Form::References.member(kind, name), None, "{name}");
        }
        assert_eq!(Form::Line.member(kind, "dangerous_goods"), None);
        assert_eq!(Form::Line.member(kind, "amount"), None, "an invoice's");
        assert_eq!(Form::Plain.member(kind, "value"), None);
        assert_eq!(Form::Document.item(), None);
    }
}
