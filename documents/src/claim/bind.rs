//! From the shape of a claim to its meaning: names become roles and columns, literals whole numbers, lists codes.

use super::{
    Amount, CodeItem, CodeList, Combination, Comparison, DocumentTest, Factor, Lines, ListCondition, Operand, Range,
    Ratio, Relation, RoleName, ShareRange, Statement, Sum, Threshold,
    codes::{self, MAX_CODES},
    containers,
    error::{Fault, Problem},
    figure::{Denomination, Figure, FigureKind, FigureText, Written, figure},
    parse::{self, Condition, Item, ListText, Name, OperandText, Predicate, RangeText, Side, Subject, Syntax, Test},
};
use crate::profile::{Column, Content, Place, Profile};
use std::collections::BTreeMap;

/// What a claim may name.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The policy's roles.
    pub roles: &'a BTreeMap<RoleName, RoleScope>,
    /// Named lists: codes and ranges as text.
    pub lists: &'a BTreeMap<String, Vec<String>>,
    /// Parameters.
    pub parameters: &'a BTreeMap<String, Parameter>,
}

/// What a claim needs to know of a role.
#[derive(Clone, Copy, Debug)]
pub struct RoleScope {
    /// The columns of its documents.
    pub profile: &'static Profile,
    /// Whether it has exactly one document.
    pub single: bool,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// What figures it stands for.
    pub kind: FigureKind,
    /// Its value; `None` while a policy is checked before the value is known.
    pub value: Option<String>,
}

/// The meaning of a claim.
pub(super) fn statement(syntax: &Syntax, scope: &Scope<'_>) -> Result<Statement, Fault> {
    Ok(match syntax {
        Syntax::Sums { per: None, left, at, predicate } => {
            let left = combination(left, None, scope)?;
            let comparison = comparison(&left, *at, predicate, None, scope)?;
            Statement::Sums { left, comparison }
        }
        Syntax::Sums { per: Some(per), left, at, predicate } => {
            containers::statement(per, left, *at, predicate, scope)?
        }
        Syntax::Share(subject, range) => {
            let part = sum(subject, "share", scope)?;
            Statement::Share { part, range: share_range(range, scope)? }
        }
        Syntax::Count(subject, text) => {
            let lines = lines(subject, scope)?;
            Statement::Count { lines, range: range(FigureKind::Number, text, 1, scope)? }
        }
        Syntax::Every { word, subject, list } => {
            let role = goods_role(subject, scope)?;
            let condition = list_condition(goods_column(&role, subject)?, word, list, scope)?;
            Statement::Every { lines: role_lines(role, &subject.conditions, scope)?, condition }
        }
        Syntax::Each(subject, range) => {
            let role = goods_role(subject, scope)?;
            let (name, column) = goods_column(&role, subject)?;
            measure(&name, column, "each")?;
            let range = measure_range(column, range, scope)?;
            Statement::Each { lines: role_lines(role, &subject.conditions, scope)?, column, range }
        }
        Syntax::Document(subject, test) => {
            let (role, name, column) = header_fact(subject, scope)?;
            let test = match test {
                Test::List(text) => DocumentTest::Code(list_condition((name, column), "in", text, scope)?),
                Test::Range(text) => {
                    measure(&name, column, "a bound")?;
                    DocumentTest::Measure { column, range: measure_range(column, text, scope)? }
                }
            };
            Statement::Document { role, test }
        }
    })
}

/// Sums and a factor; `role` stands for a role that is not named.
pub(super) fn combination(side: &Side, role: Option<&Role>, scope: &Scope<'_>) -> Result<Combination, Fault> {
    let factor = side.factor.as_ref().map(|text| factor(text, scope)).transpose()?;
    let mut operands: Vec<Operand> = Vec::new();
    for OperandText { negative, header, subject } in &side.operands {
        let amount = if *header {
            let (role, name, column) = header_fact(subject, scope)?;
            measure(&name, column, "a sum")?;
            Amount::Header { role, column }
        } else {
            Amount::Goods(match role.filter(|_| subject.of.is_none()) {
                Some(role) => sum_of(role.clone(), subject, "total", scope)?,
                None => sum(subject, "total", scope)?,
            })
        };
        if let Some(first) = operands.first() {
            comparable(subject.at, first.amount.column(), amount.column())?;
        }
        operands.push(Operand { negative: *negative, amount });
    }
    Ok(Combination { factor, operands })
}

fn comparable(at: usize, left: &Column, right: &Column) -> Result<(), Fault> {
    if left.content == right.content {
        return Ok(());
    }
    let (left_is, right_is) = (describe(left.content), describe(right.content));
    Err((at, Problem::Incomparable { left: left.name.into(), left_is, right: right.name.into(), right_is }))
}

pub(super) fn comparison(
    left: &Combination,
    at: usize,
    predicate: &Predicate,
    role: Option<&Role>,
    scope: &Scope<'_>,
) -> Result<Comparison, Fault> {
    let comparison = match predicate {
        // A column that is no measure has been refused.
        Predicate::Range(text) => {
            let kind = FigureKind::of(left.content()).unwrap_or(FigureKind::Number);
            Comparison::Range(range(kind, text, left.ratio().denominator, scope)?)
        }
        Predicate::Sum(relation, right) => {
            Comparison::Sum { relation: *relation, right: combination(right, role, scope)? }
        }
        Predicate::Within(text, right) => {
            let tolerance = factor(text, scope)?;
            at_most_whole(text.at, tolerance.ratio, &tolerance.text)?;
            Comparison::Within { tolerance, right: combination(right, role, scope)? }
        }
    };
    let columns = |side: &Combination| side.operands.first().map(|operand| operand.amount.column());
    if let (Some(left), Some(right)) = (columns(left), comparison.right().and_then(columns)) {
        comparable(at, left, right)?;
    }
    if left.content() == Content::Date {
        // Days of two documents compare; days of several add up to nothing.
        let one = |side: &Combination| {
            let single = |role: &str| scope.roles.get(role).is_some_and(|role| role.single);
            side.factor.is_none() && side.operands.len() == 1 && side.roles().all(single)
        };
        let dates = matches!(&comparison, Comparison::Sum { right, .. } if one(right));
        if !(dates && one(left)) {
            return Err((at, Problem::DateSum));
        }
    }
    Ok(comparison)
}

/// What a column holds, in words.
pub(super) fn describe(content: Content) -> &'static str {
    match content {
        Content::Mass => "a mass",
        Content::Packages => "a number of packages",
        Content::Quantity => "a quantity",
        Content::Money => "an amount of money",
        Content::Date => "a date",
        Content::Country => "a country",
        Content::Hs => "an HS code",
        Content::Dangerous => "a UN number",
        Content::Container => "a container",
        Content::Unit => "a unit",
        Content::Currency => "a currency",
        Content::Originating => "yes or no",
        Content::Criterion => "a criterion of origin",
        Content::Method => "a method of weighing",
    }
}

pub(super) type Role = (RoleName, &'static Profile);

fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// The role that `of` names, or the only one that has all the goods columns named.
fn goods_role(subject: &Subject, scope: &Scope<'_>) -> Result<Role, Fault> {
    role_with(subject, None, scope)
}

/// The same, where one more column is named elsewhere.
pub(super) fn role_with(subject: &Subject, also: Option<&Name>, scope: &Scope<'_>) -> Result<Role, Fault> {
    if let Some(name) = &subject.of {
        return named_role(name, scope);
    }
    let conditions = subject.conditions.iter().map(|c| &c.column);
    let names: Vec<&Name> = subject.column.iter().chain(conditions).chain(also).collect();
    for name in &names {
        if !scope.roles.values().any(|role| role.profile.goods_column(&name.text).is_some()) {
            return Err((name.at, unknown_column(name, scope.roles.values().map(|role| role.profile))));
        }
    }
    let has = |role: &RoleScope| names.iter().all(|name| role.profile.goods_column(&name.text).is_some());
    let what = || match names.as_slice() {
        [] => "goods lines".to_owned(),
        _ => join(names.iter().map(|n| n.text.as_str())),
    };
    only_role(subject, scope, has, what)
}

fn only_role(
    subject: &Subject,
    scope: &Scope<'_>,
    has: impl Fn(&RoleScope) -> bool,
    what: impl Fn() -> String,
) -> Result<Role, Fault> {
    let candidates: Vec<_> = scope.roles.iter().filter(|(_, role)| has(role)).collect();
    let at = subject.column.as_ref().map_or(subject.at, |c| c.at);
    match candidates.as_slice() {
        [(name, role)] => Ok(((*name).clone(), role.profile)),
        [] => Err((at, Problem::NoRole(what()))),
        several => {
            let roles = join(several.iter().map(|(name, _)| name.as_str()));
            Err((at, Problem::AmbiguousRole { what: what(), roles }))
        }
    }
}

fn named_role(name: &Name, scope: &Scope<'_>) -> Result<Role, Fault> {
    match scope.roles.get(&name.text) {
        Some(role) => Ok((name.text.clone(), role.profile)),
        None => {
            let known = join(scope.roles.keys().map(String::as_str));
            Err((name.at, Problem::UnknownRole { name: name.text.clone(), known }))
        }
    }
}

fn unknown_column(name: &Name, profiles: impl Iterator<Item = &'static Profile>) -> Problem {
    let mut known: Vec<&str> = Vec::new();
    for column in profiles.flat_map(|p| p.goods) {
        if !known.contains(&column.name) {
            known.push(column.name);
        }
    }
    Problem::UnknownColumn { name: name.text.clone(), known: known.join(", ") }
}

fn column_of(role: &Role, name: &Name) -> Result<&'static Column, Fault> {
    role.1.goods_column(&name.text).ok_or_else(|| (name.at, unknown_column(name, std::iter::once(role.1))))
}

/// The subject's own column. The parser leaves it out for `count` only.
fn goods_column(role: &Role, subject: &Subject) -> Result<(Name, &'static Column), Fault> {
    let missing = || (subject.at, Problem::Expected { expected: "the name of a goods column", found: "none".into() });
    let name = subject.column.as_ref().ok_or_else(missing)?;
    Ok((name.clone(), column_of(role, name)?))
}

fn header_fact(subject: &Subject, scope: &Scope<'_>) -> Result<(RoleName, Name, &'static Column), Fault> {
    let missing = || (subject.at, Problem::Expected { expected: "the name of a header fact", found: "none".into() });
    let name = subject.column.as_ref().ok_or_else(missing)?;
    let unknown = |profiles: &mut dyn Iterator<Item = &'static Profile>| {
        let mut known: Vec<&str> = Vec::new();
        for column in profiles.flat_map(|p| p.document) {
            if !known.contains(&column.name) {
                known.push(column.name);
            }
        }
        (name.at, Problem::UnknownFact { name: name.text.clone(), known: known.join(", ") })
    };
    let (role, profile) = match &subject.of {
        Some(of) => named_role(of, scope)?,
        None => {
            let has = |role: &RoleScope| role.profile.document_column(&name.text).is_some();
            if !scope.roles.values().any(has) {
                return Err(unknown(&mut scope.roles.values().map(|role| role.profile)));
            }
            only_role(subject, scope, has, || format!("the header fact {}", name.text))?
        }
    };
    let column = profile.document_column(&name.text).ok_or_else(|| unknown(&mut std::iter::once(profile)))?;
    Ok((role, name.clone(), column))
}

fn measure(name: &Name, column: &'static Column, used: &'static str) -> Result<(), Fault> {
    if matches!(column.place, Place::Measure(_)) {
        return Ok(());
    }
    let (column, is) = (column.name.to_owned(), describe(column.content));
    Err((name.at, Problem::WrongColumn { column, is, used, takes: "a mass, money or another number" }))
}

fn sum(subject: &Subject, used: &'static str, scope: &Scope<'_>) -> Result<Sum, Fault> {
    sum_of(goods_role(subject, scope)?, subject, used, scope)
}

fn sum_of(role: Role, subject: &Subject, used: &'static str, scope: &Scope<'_>) -> Result<Sum, Fault> {
    let (name, column) = goods_column(&role, subject)?;
    measure(&name, column, used)?;
    Ok(Sum { column, lines: role_lines(role, &subject.conditions, scope)? })
}

fn lines(subject: &Subject, scope: &Scope<'_>) -> Result<Lines, Fault> {
    role_lines(goods_role(subject, scope)?, &subject.conditions, scope)
}

fn role_lines(role: Role, conditions: &[Condition], scope: &Scope<'_>) -> Result<Lines, Fault> {
    let (mut lists, mut threshold) = (Vec::new(), None);
    for Condition { column: name, test } in conditions {
        let column = column_of(&role, name)?;
        match test {
            Test::List(text) => lists.push(list_condition((name.clone(), column), "in", text, scope)?),
            Test::Range(text) => {
                measure(name, column, "a threshold")?;
                threshold = Some(Threshold { column, range: measure_range(column, text, scope)? });
            }
        }
    }
    Ok(Lines { role: role.0, lists, threshold })
}

fn list_condition(
    (name, column): (Name, &'static Column),
    used: &'static str,
    text: &ListText,
    scope: &Scope<'_>,
) -> Result<ListCondition, Fault> {
    if matches!(column.place, Place::Measure(_)) {
        let (column, is) = (column.name.to_owned(), describe(column.content));
        return Err((name.at, Problem::WrongColumn { column, is, used, takes: "a country, HS or other code" }));
    }
    let mut items = Vec::new();
    let mut texts = Vec::new();
    for written in &text.items {
        match &written.item {
            Item::Codes(from, to) => {
                items.push(codes::item(column.content, from, to.as_deref()).map_err(|p| (written.at, p))?);
                texts.push(to.as_ref().map_or_else(|| from.clone(), |to| format!("{from}..{to}")));
            }
            Item::Named(list) => {
                let unknown = || (written.at, Problem::UnknownList(list.clone()));
                let within = |problem| (written.at, Problem::InList { list: list.clone(), problem: Box::new(problem) });
                for entry in scope.lists.get(list).ok_or_else(unknown)? {
                    let (from, to) = parse::item(entry).map_err(|(_, p)| within(p))?;
                    items.push(codes::item(column.content, &from, to.as_deref()).map_err(within)?);
                }
                texts.push(format!("@{list}"));
            }
            Item::Parameter(name) => {
                let (codes, shown) = codes_parameter(name, written.at, column.content, scope)?;
                items.extend(codes);
                texts.push(shown);
            }
        }
        if items.len() > MAX_CODES {
            return Err((written.at, Problem::LongList(MAX_CODES)));
        }
    }
    Ok(ListCondition { column, negated: text.negated, list: CodeList { items, text: texts.join(", ") } })
}

/// Longest value of a list parameter that stands in the text of a bound itself.
const SHORT_VALUE: usize = 60;

/// The codes of a parameter, none while its value is not known, and what stands for them in a text.
fn codes_parameter(
    name: &str,
    at: usize,
    content: Content,
    scope: &Scope<'_>,
) -> Result<(Vec<CodeItem>, String), Fault> {
    let parameter = scope.parameters.get(name).ok_or_else(|| (at, Problem::UnknownParameter(name.to_owned())))?;
    if parameter.kind != FigureKind::Codes {
        let (name, is) = (name.to_owned(), parameter.kind);
        return Err((at, Problem::ParameterKind { name, is, takes: FigureKind::Codes }));
    }
    let Some(value) = &parameter.value else { return Ok((Vec::new(), format!("${name}"))) };
    let within = |problem| (at, Problem::InParameter { name: name.to_owned(), problem: Box::new(problem) });
    let codes = parse::codes(value).map_err(|(_, problem)| within(problem))?;
    let item = |(from, to): &(String, Option<String>)| codes::item(content, from, to.as_deref()).map_err(within);
    let shown = if value.len() <= SHORT_VALUE { value.clone() } else { format!("${name}") };
    Ok((codes.iter().map(item).collect::<Result<_, _>>()?, shown))
}

/// A figure and its text, the parameter's value in place. `None` for a parameter whose value is not known yet.
fn value<'a>(kind: FigureKind, text: &'a FigureText, scope: &Scope<'_>) -> Result<Option<Value<'a>>, Fault> {
    let Written::Parameter(name) = &text.amount else { return Ok(Some(Value { text: text.clone(), named: None })) };
    let parameter = scope.parameters.get(name).ok_or_else(|| (text.at, Problem::UnknownParameter(name.clone())))?;
    if parameter.kind != kind {
        return Err((text.at, Problem::ParameterKind { name: name.clone(), is: parameter.kind, takes: kind }));
    }
    let Some(value) = &parameter.value else { return Ok(None) };
    let within = |(_, problem)| (text.at, Problem::InParameter { name: name.clone(), problem: Box::new(problem) });
    Ok(Some(Value { text: parse::figure(value).map_err(within)?, named: Some((text.at, name)) }))
}

struct Value<'a> {
    text: FigureText,
    /// Place and name of the parameter that it comes from.
    named: Option<(usize, &'a str)>,
}

impl Value<'_> {
    fn figure(&self, kind: FigureKind) -> Result<Figure, Fault> {
        figure(kind, &self.text).map_err(|(at, problem)| match self.named {
            None => (at, problem),
            Some((at, name)) => (at, Problem::InParameter { name: name.to_owned(), problem: Box::new(problem) }),
        })
    }
}

fn measure_range(column: &Column, text: &RangeText, scope: &Scope<'_>) -> Result<Range, Fault> {
    // A column that is no measure has been refused.
    range(FigureKind::of(column.content).unwrap_or(FigureKind::Number), text, 1, scope)
}

fn whole(kind: FigureKind, value: &Value<'_>) -> Result<(i128, Denomination), Fault> {
    match value.figure(kind)? {
        Figure::Whole(number, denomination) => Ok((number, denomination)),
        Figure::Share(_) => Err((value.text.at, Problem::Figure { takes: kind, found: value.text.text() })),
    }
}

/// A whole number; `None` for a parameter whose value is not known yet.
pub(super) fn known_whole(text: &FigureText, scope: &Scope<'_>) -> Result<Option<i128>, Fault> {
    let kind = FigureKind::Number;
    value(kind, text, scope)?.map(|value| whole(kind, &value).map(|(number, _)| number)).transpose()
}

/// The two figures of a `between`; the first may leave its unit to the second.
fn pair<'a>(
    kind: FigureKind,
    from: &'a FigureText,
    to: &'a FigureText,
    scope: &Scope<'_>,
) -> Result<Option<(Value<'a>, Value<'a>)>, Fault> {
    let (from, to) = (value(kind, from, scope)?, value(kind, to, scope)?);
    let (Some(mut from), Some(to)) = (from, to) else { return Ok(None) };
    match (&mut from.text.amount, &to.text.amount) {
        (Written::Number(_, unit @ None), Written::Number(_, other @ Some(_))) => *unit = other.clone(),
        (first @ Written::Number(_, None), Written::Percent(_)) => {
            if let Written::Number(number, _) = first {
                *first = Written::Percent(std::mem::take(number));
            }
        }
        _ => {}
    }
    Ok(Some((from, to)))
}

/// A range with ends so many times as large; they are multiplied first and rounded then, so that nothing is lost.
fn range(kind: FigureKind, text: &RangeText, times: u32, scope: &Scope<'_>) -> Result<Range, Fault> {
    Ok(range_if_known(kind, text, times, scope)?.unwrap_or(Range {
        // Stands in while a policy is checked before its parameters have values; never seen outside.
        lo: None,
        hi: None,
        denomination: Denomination::Number,
        text: String::new(),
    }))
}

fn range_if_known(kind: FigureKind, text: &RangeText, times: u32, scope: &Scope<'_>) -> Result<Option<Range>, Fault> {
    let scaled = |figure: i128| figure * i128::from(times);
    let ends = |relation: Relation, floor: i128, ceiling: i128| match relation {
        Relation::AtMost => (None, Some(floor)),
        Relation::AtLeast => (Some(ceiling), None),
        Relation::Below => (None, Some(ceiling - 1)),
        Relation::Above => (Some(floor + 1), None),
        Relation::Equal => (Some(ceiling), Some(floor)),
    };
    Ok(Some(match text {
        RangeText::One(relation, written) => {
            let Some(value) = value(kind, written, scope)? else { return Ok(None) };
            let (figure, denomination) = whole(kind, &value)?;
            let (lo, hi) = ends(*relation, scaled(figure), scaled(figure));
            Range { lo, hi, denomination, text: format!("{} {}", relation.symbol(), value.text.text()) }
        }
        RangeText::Between(from, to) => {
            let Some((first, second)) = pair(kind, from, to, scope)? else { return Ok(None) };
            let ((lo, one), (hi, other)) = (whole(kind, &first)?, whole(kind, &second)?);
            if one != other {
                return Err((to.at, Problem::MixedRange(first.text.text(), second.text.text())));
            }
            if lo > hi {
                return Err((from.at, Problem::Reversed(first.text.text(), second.text.text())));
            }
            let text = format!("between {} and {}", first.text.text(), second.text.text());
            Range { lo: Some(scaled(lo)), hi: Some(scaled(hi)), denomination: one, text }
        }
        RangeText::Part(_, percent, _) | RangeText::Within(percent, _) if kind == FigureKind::Date => {
            return Err((percent.at, Problem::DatePart));
        }
        RangeText::Part(relation, percent, written) => {
            let factor = factor(percent, scope)?;
            let Some(value) = value(kind, written, scope)? else { return Ok(None) };
            let (figure, denomination) = whole(kind, &value)?;
            let (floor, ceiling) = part(scaled(figure), factor.ratio.numerator, factor.ratio.denominator);
            let (lo, hi) = ends(*relation, floor, ceiling);
            let text = format!("{} {} of {}", relation.symbol(), factor.text, value.text.text());
            Range { lo, hi, denomination, text }
        }
        RangeText::Within(percent, written) => {
            let tolerance = factor(percent, scope)?;
            at_most_whole(percent.at, tolerance.ratio, &tolerance.text)?;
            let Some(value) = value(kind, written, scope)? else { return Ok(None) };
            let (figure, denomination) = whole(kind, &value)?;
            let Ratio { numerator: p, denominator: q } = tolerance.ratio;
            let ((_, lo), (hi, _)) = (part(scaled(figure), q - p, q), part(scaled(figure), q + p, q));
            let text = format!("within {} of {}", tolerance.text, value.text.text());
            Range { lo: Some(lo), hi: Some(hi), denomination, text }
        }
    }))
}

/// `figure * numerator / denominator`, rounded down and up. A figure has 92 bits once it is multiplied, a numerator 21.
fn part(figure: i128, numerator: u32, denominator: u32) -> (i128, i128) {
    let (product, denominator) = (figure * i128::from(numerator), i128::from(denominator));
    let floor = product.div_euclid(denominator);
    (floor, floor + i128::from(product % denominator != 0))
}

/// A percentage that multiplies; one where a parameter's value is not known yet.
fn factor(text: &FigureText, scope: &Scope<'_>) -> Result<Factor, Fault> {
    match value(FigureKind::Percent, text, scope)? {
        Some(value) => Ok(Factor { ratio: ratio(&value)?, text: value.text.text() }),
        None => Ok(Factor { ratio: Ratio::ONE, text: text.text() }),
    }
}

/// A share or a tolerance is a part of the whole.
fn at_most_whole(at: usize, ratio: Ratio, text: &str) -> Result<(), Fault> {
    if ratio.numerator <= ratio.denominator {
        return Ok(());
    }
    Err((at, Problem::OverWhole(text.trim_end_matches([' ', '%']).to_owned(), 100)))
}

/// The ratio of a share, at most the whole.
fn share(value: &Value<'_>) -> Result<Ratio, Fault> {
    let ratio = ratio(value)?;
    at_most_whole(value.text.at, ratio, &value.text.text())?;
    Ok(ratio)
}

fn ratio(value: &Value<'_>) -> Result<Ratio, Fault> {
    match value.figure(FigureKind::Percent)? {
        Figure::Share(ratio) => Ok(ratio),
        Figure::Whole(..) => {
            Err((value.text.at, Problem::Figure { takes: FigureKind::Percent, found: value.text.text() }))
        }
    }
}

fn share_range(text: &RangeText, scope: &Scope<'_>) -> Result<ShareRange, Fault> {
    let kind = FigureKind::Percent;
    let open = || ShareRange { lo: None, hi: None, text: String::new() };
    match text {
        RangeText::One(relation, written) => {
            let Some(value) = value(kind, written, scope)? else { return Ok(open()) };
            let share = share(&value)?;
            let (lo, hi) = match relation {
                Relation::AtMost => (None, Some((share, false))),
                Relation::AtLeast => (Some((share, false)), None),
                Relation::Below => (None, Some((share, true))),
                Relation::Above => (Some((share, true)), None),
                Relation::Equal => (Some((share, false)), Some((share, false))),
            };
            Ok(ShareRange { lo, hi, text: format!("{} {}", relation.symbol(), value.text.text()) })
        }
        RangeText::Between(from, to) => {
            let Some((first, second)) = pair(kind, from, to, scope)? else { return Ok(open()) };
            let (lo, hi) = (share(&first)?, share(&second)?);
            let cross = |a: Ratio, b: Ratio| u64::from(a.numerator) * u64::from(b.denominator);
            if cross(lo, hi) > cross(hi, lo) {
                return Err((from.at, Problem::Reversed(first.text.text(), second.text.text())));
            }
            let text = format!("between {} and {}", first.text.text(), second.text.text());
            Ok(ShareRange { lo: Some((lo, false)), hi: Some((hi, false)), text })
        }
        RangeText::Part(_, at, _) | RangeText::Within(at, _) => {
            Err((at.at, Problem::Expected { expected: "a percentage alone", found: at.text() }))
        }
    }
}
