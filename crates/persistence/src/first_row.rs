//! What a first login leaves behind, most times.

use domain::{Auth0Record, Change, Login, Standing, User};

/// The row of a user of whom nothing is known and whose address nobody has a claim to; its id is yet to be given. `None`
/// where more than a row would have to be written: such a login goes the way of all others.
pub(crate) fn first_row(login: &Login) -> Option<User> {
    let (change, nothing) = (Change::Login(login), Auth0Record::default());
    let plan = change.draft(None, &nothing).ok()?.decide(change, &[]).ok()?;
    let is_a_row_alone = plan.base.is_none() && plan.displaced.is_none() && plan.regained.is_empty();
    let is_usual = plan.own.standing == Standing::Active && !plan.own.is_displaced();
    (is_a_row_alone && is_usual && plan.record == nothing).then_some(plan.own)
}
