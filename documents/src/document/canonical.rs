//! The canonical form of a document (RFC 8785) and its leaves.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Container, Document, FORMAT, Header, Line, Party, Product, Quantity, Source, Totals};
use crate::{profile::Kind, quantity::Mass};

/// Name of the member that has the goods lines.
const LINES: &str = "lines";

/// An object of the facts that are known.
fn object<const N: usize>(entries: [(&str, Option<Value>); N]) -> Value {
    let known = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(known.collect())
}

/// Leaves out an object that says nothing.
fn said(value: Value) -> Option<Value> {
    Some(value).filter(|v| v.as_object().is_none_or(|o| !o.is_empty()))
}

/// Where a kind has no money, there is none to write: the check of the document saw to that.
fn money_key(kind: Kind) -> &'static str {
    kind.money_key().unwrap_or("value")
}

fn mass(mass: &Option<Mass>) -> Option<Value> {
    mass.as_ref().map(|m| json!({ "value": m.value().as_str(), "unit": m.unit() }))
}

/// The members of a document but its lines, sorted.
fn members(kind: Kind, header: &Header, source: Option<&Source>) -> BTreeMap<&'static str, Value> {
    let Header { number, issue_date, currency, export_country, import_country, totals, product, parties, references } =
        header;
    let Totals { gross_mass, net_mass, tare_mass, verified_mass, packages, money } = totals;
    let totals = object([
        ("gross_mass", mass(gross_mass)),
        ("net_mass", mass(net_mass)),
        ("tare_mass", mass(tare_mass)),
        ("verified_mass", mass(verified_mass)),
        ("packages", packages.map(Value::from)),
        (money_key(kind), money.as_ref().map(|m| m.as_str().into())),
    ]);
    let Product { description, hs, value, mass: product_mass } = product;
    let product = object([
        ("description", description.as_deref().map(Value::from)),
        ("hs", hs.as_ref().map(|hs| hs.written().into())),
        ("value", value.as_ref().map(|m| m.as_str().into())),
        ("mass", mass(product_mass)),
    ]);
    let parties: Map<String, Value> = parties.iter().map(|(role, p)| (role.clone(), party(p))).collect();
    let references: Map<String, Value> = references.iter().map(|(k, v)| (k.clone(), v.as_str().into())).collect();
    let members = [
        ("consign", Some(FORMAT.into())),
        ("kind", Some(kind.name().into())),
        ("profile", Some(kind.profile().version.into())),
        ("number", Some(number.as_str().into())),
        ("issue_date", issue_date.map(|d| d.to_string().into())),
        ("currency", currency.map(|c| c.letters().into())),
        ("export_country", export_country.map(|c| c.letters().into())),
        ("import_country", import_country.map(|c| c.letters().into())),
        ("totals", said(totals)),
        ("product", said(product)),
        ("parties", said(Value::Object(parties))),
        ("references", said(Value::Object(references))),
        ("source", source.map(origin)),
    ];
    members.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

fn party(party: &Party) -> Value {
    let Party { name, identifier, address, country } = party;
    object([
        ("name", name.as_deref().map(Value::from)),
        ("identifier", identifier.as_deref().map(Value::from)),
        ("address", address.as_deref().map(Value::from)),
        ("country", country.map(|c| c.letters().into())),
    ])
}

fn line_value(kind: Kind, line: &Line) -> Value {
    let Line {
        id,
        description,
        hs,
        origin,
        gross_mass,
        net_mass,
        tare_mass,
        verified_mass,
        max_gross_mass,
        packages,
        money,
        quantity,
        dangerous,
        container,
        originating,
        criterion,
        method,
    } = line;
    let quantity_value = |Quantity { value, unit }: &Quantity| {
        object([("value", Some(value.as_str().into())), ("unit", unit.map(|u| u.letters().into()))])
    };
    let container_value = |c: &Container| match c {
        Container::None => Value::from("none"),
        Container::Id(id) => Value::from(id.as_str()),
    };
    object([
        ("id", Some(id.as_str().into())),
        ("description", description.as_deref().map(Value::from)),
        ("hs", hs.as_ref().map(|hs| hs.written().into())),
        ("origin", origin.map(|c| c.letters().into())),
        ("gross_mass", mass(gross_mass)),
        ("net_mass", mass(net_mass)),
        ("tare_mass", mass(tare_mass)),
        ("verified_mass", mass(verified_mass)),
        ("max_gross_mass", mass(max_gross_mass)),
        ("packages", packages.map(Value::from)),
        (money_key(kind), money.as_ref().map(|m| m.as_str().into())),
        ("quantity", quantity.as_ref().map(quantity_value)),
        ("dangerous", dangerous.map(|d| d.to_string().into())),
        ("container", container.as_ref().map(container_value)),
        ("originating", originating.map(Value::from)),
        ("criterion", criterion.as_ref().map(|c| c.letters().into())),
        ("method", method.map(|m| m.letters().into())),
    ])
}

fn origin(source: &Source) -> Value {
    json!({ "sha256": hex::encode(source.sha256), "format": source.format, "dropped": source.dropped })
}

/// What stands before the list of lines in the canonical document, and what behind it.
pub(super) fn around(kind: Kind, header: &Header, source: Option<&Source>) -> [String; 2] {
    let members = members(kind, header, source);
    let (behind, before): (Vec<_>, Vec<_>) = members.iter().partition(|(key, _)| **key > LINES);
    let join = |members: Vec<(&&str, &Value)>| {
        members.into_iter().map(|(key, value)| format!("\"{key}\":{}", text(value))).collect::<Vec<_>>().join(",")
    };
    [format!("{{{},\"{LINES}\":[", join(before)), format!("],{}}}", join(behind))]
}

/// The canonical form of a line.
pub(super) fn line(kind: Kind, line: &Line) -> String {
    text(&line_value(kind, line))
}

/// RFC 8785 text.
fn text(value: &Value) -> String {
    // It fails on maps without string keys and on writers that fail; a `Value` in memory has neither.
    serde_json_canonicalizer::to_string(value).expect("a JSON value in memory serialises")
}

pub(super) fn value(document: &Document) -> Value {
    serde_json::from_str(&document.json).expect("the canonical form is JSON")
}

pub(super) fn leaves(document: &Document) -> Vec<(String, String)> {
    let mut leaves = Vec::new();
    collect(&value(document), String::new(), &mut leaves);
    leaves.sort();
    leaves
}

fn collect(value: &Value, pointer: String, leaves: &mut Vec<(String, String)>) {
    match value {
        // Keys are plain names, so RFC 6901 has nothing to escape.
        Value::Object(entries) if !entries.is_empty() => {
            entries.iter().for_each(|(key, v)| collect(v, format!("{pointer}/{key}"), leaves));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(i, v)| collect(v, format!("{pointer}/{i}"), leaves));
        }
        leaf => leaves.push((pointer, text(leaf))),
    }
}
