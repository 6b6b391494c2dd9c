//! Claims per container: a claim on sums, made of the lines of each container.
//!
//! A document numbers its containers by order of appearance, and how many it has is not known to whoever writes the
//! claim. So the claim is made of containers 1 to `most`, with or without lines, and no line may be outside those:
//! whatever would not hold of a container without lines is refused here.

use super::{
    Amount, Comparison, DEFAULT_CONTAINERS, MAX_CONTAINERS, MAX_LIST_CONDITIONS, Relation, Statement,
    bind::{Scope, combination, comparison, known_whole, role_with},
    error::{Fault, Problem},
    parse::{PerContainer, Predicate, Side},
};
use crate::profile::Content;

/// The meaning of a claim per container.
pub(super) fn statement(
    per: &PerContainer,
    left: &Side,
    at: usize,
    predicate: &Predicate,
    scope: &Scope<'_>,
) -> Result<Statement, Fault> {
    let most = match &per.most {
        None => DEFAULT_CONTAINERS,
        Some(text) => {
            let count = known_whole(text, scope)?.unwrap_or(1);
            let most = u32::try_from(count).ok().filter(|most| (1..=MAX_CONTAINERS).contains(most));
            most.ok_or((text.at, Problem::ContainerCount(count)))?
        }
    };
    // A role that is not named has the container column, beside those of the first sum.
    let first = left.operands.first().map(|operand| &operand.subject).ok_or((at, Problem::MixedContainers))?;
    let role = role_with(first, Some(&per.column), scope)?;
    let unknown = || (per.column.at, Problem::PerColumn(per.column.text.clone()));
    let column = role.1.goods_column(&per.column.text).filter(|c| c.content == Content::Container);
    let column = column.ok_or_else(unknown)?;
    if !scope.roles.get(&role.0).is_some_and(|role| role.single) {
        return Err((first.at, Problem::ContainersOfMany(role.0)));
    }
    let left = combination(left, Some(&role), scope)?;
    let comparison = comparison(&left, at, predicate, Some(&role), scope)?;
    for side in std::iter::once(&left).chain(comparison.right()) {
        for operand in &side.operands {
            match &operand.amount {
                Amount::Goods(sum) if sum.lines.role == role.0 => {
                    // The container takes the place of a list.
                    if sum.lines.lists.len() == MAX_LIST_CONDITIONS {
                        return Err((first.at, Problem::ThirdList));
                    }
                }
                _ => return Err((first.at, Problem::MixedContainers)),
            }
        }
    }
    match holds_of_nothing(&comparison) {
        Ok(()) => Ok(Statement::PerContainer { column, most, left, comparison }),
        Err(text) => Err((at, Problem::EmptyContainer(text))),
    }
}

/// Whether sums of nothing compare so; otherwise the bound in words.
fn holds_of_nothing(comparison: &Comparison) -> Result<(), String> {
    match comparison {
        Comparison::Range(range) if !range.contains(0) => Err(range.text.clone()),
        Comparison::Sum { relation: relation @ (Relation::Below | Relation::Above), .. } => {
            Err(relation.symbol().to_owned())
        }
        _ => Ok(()),
    }
}
