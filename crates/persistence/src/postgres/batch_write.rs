//! One transaction for many logins that have nothing to do with each other.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use domain::{Auth0Record, Change, Claimant, EmailAddress, Plan, RepositoryError, Saved, UserId};

use super::batch_base::{Base, read_bases};
use super::batch_login::Candidate;
use super::batch_sql::{Claimants, InsertUsers, TryLocks, TryRows, UpdateUsers, WriteRecords};
use super::find::record_from;
use super::locks::{address_key, subject_key};
use crate::fault::Fault;
use crate::record_document;
use crate::user_row::{Columns, holder_from, standing_columns, user_from};

/// What came of a candidate.
pub(super) enum Verdict {
    Settled(Result<Saved, RepositoryError>),
    /// Something stands in its way, or it touches other rows than its own.
    Alone,
}

/// What is to be written for a candidate.
struct Planned<'c> {
    candidate: &'c Candidate,
    known: Auth0Record,
    plan: Plan,
}

/// A verdict for each, in their order. Within a transaction in which each statement sees what was committed before it.
pub(super) fn write(connection: &mut PgConnection, candidates: &[Candidate]) -> Result<Vec<Verdict>, Fault> {
    let locked = lock(connection, candidates)?;
    let bases = read_bases(connection, locked.iter().map(|candidate| candidate.subject()))?;
    let mut claimants = find_claimants(connection, &locked)?;
    let mut verdicts = HashMap::new();
    let mut plans = Vec::with_capacity(locked.len());
    for candidate in locked {
        match plan(candidate, bases.get(candidate.subject().as_str()), &mut claimants) {
            Ok((known, plan)) => plans.push(Planned { candidate, known, plan }),
            Err(verdict) => {
                verdicts.insert(candidate.subject(), verdict);
            }
        }
    }
    insert(connection, &mut plans)?;
    update(connection, &plans)?;
    write_records(connection, &plans)?;
    for Planned { candidate, plan, .. } in plans {
        verdicts.insert(candidate.subject(), Verdict::Settled(Ok(plan.outcome())));
    }
    Ok(candidates.iter().map(|one| verdicts.remove(one.subject()).unwrap_or(Verdict::Alone)).collect())
}

/// Those for whom nobody else is deciding about the subject, an address or the row, and nobody will until the transaction
/// ends.
fn lock<'c>(connection: &mut PgConnection, candidates: &'c [Candidate]) -> Result<Vec<&'c Candidate>, Fault> {
    let keys = |candidate: &'c Candidate| {
        let addresses = candidate.addresses.iter().map(address_key);
        std::iter::once(subject_key(candidate.subject())).chain(addresses)
    };
    let all: Vec<i64> = candidates.iter().flat_map(keys).collect();
    let locks: Vec<(i64, bool)> = TryLocks { keys: all.iter().collect() }.load(connection)?;
    let taken: HashSet<i64> = locks.into_iter().filter(|(_, is_ours)| !is_ours).map(|(key, _)| key).collect();
    let mut locked: Vec<_> =
        candidates.iter().filter(|candidate| !keys(candidate).any(|key| taken.contains(&key))).collect();
    let ids: Vec<i32> = locked.iter().filter_map(|candidate| candidate.row).map(UserId::get).collect();
    if !ids.is_empty() {
        let rows: HashSet<i32> = TryRows { ids: ids.iter().collect() }.load::<i32>(connection)?.into_iter().collect();
        locked.retain(|candidate| candidate.row.is_none_or(|id| rows.contains(&id.get())));
    }
    Ok(locked)
}

/// What to write for one, by the domain's rules; or what came of it without that.
fn plan(
    candidate: &Candidate,
    base: Option<&Base>,
    claimants: &mut HashMap<String, Vec<Claimed>>,
) -> Result<(Auth0Record, Plan), Verdict> {
    let Some(Base::Known { user, record }) = base else { return Err(Verdict::Alone) };
    let change = Change::Login(candidate.login());
    let refused = |refusal| Verdict::Settled(Err(refusal));
    let draft = change.draft(user.clone(), record).map_err(refused)?;
    // Somebody else had a lock and changed what this is about.
    if user.as_ref().map(|user| user.id) != candidate.row || draft.addresses() != candidate.addresses {
        return Err(Verdict::Alone);
    }
    let mut concerned: Vec<Claimant> = Vec::new();
    for address in &candidate.addresses {
        for claimed in claimants.remove(address.as_str()).unwrap_or_default() {
            let Claimed::By(claimant) = claimed else { return Err(Verdict::Alone) };
            if claimant.concerns(address) && !concerned.contains(&claimant) {
                concerned.push(*claimant);
            }
        }
    }
    let plan = draft.decide(change, &concerned).map_err(refused)?;
    let is_about_others = plan.displaced.is_some() || !plan.regained.is_empty();
    let is_another_row = plan.base.as_ref().map(|user| user.id) != candidate.row;
    let has_no_address = plan.base.is_none() && plan.own.is_displaced();
    if is_about_others || is_another_row || has_no_address {
        Err(Verdict::Alone)
    } else {
        Ok((Auth0Record::clone(record), plan))
    }
}

/// Somebody with a claim to an address.
enum Claimed {
    By(Box<Claimant>),
    /// By a row or a record that breaks a rule.
    Unreadable,
}

fn find_claimants(
    connection: &mut PgConnection,
    candidates: &[&Candidate],
) -> Result<HashMap<String, Vec<Claimed>>, Fault> {
    let asked: HashMap<&str, &EmailAddress> = candidates
        .iter()
        .flat_map(|candidate| &candidate.addresses)
        .map(|address| (address.as_str(), address))
        .collect();
    type Row = (String, bool, Columns<i32>, Option<String>);
    let rows: Vec<Row> = Claimants { addresses: asked.keys().copied().collect() }.load(connection)?;
    let mut claimants: HashMap<String, Vec<Claimed>> = HashMap::new();
    for (address, holds, columns, document) in rows {
        let held = asked.get(address.as_str()).filter(|_| holds);
        let read = || {
            let user = match held {
                Some(held) => holder_from(columns, held),
                None => user_from(columns),
            }?;
            Ok::<_, Fault>(Claimant { user, record: record_from(document)? })
        };
        let claimed = read().map_or(Claimed::Unreadable, |claimant| Claimed::By(Box::new(claimant)));
        claimants.entry(address).or_default().push(claimed);
    }
    Ok(claimants)
}

/// Inserts the new rows, and keeps those plans for which there is a row afterwards. Another program, which knows nothing of our
/// locks, may have inserted the subject or the address just now.
fn insert(connection: &mut PgConnection, plans: &mut Vec<Planned<'_>>) -> Result<(), Fault> {
    let new = || plans.iter().filter(|planned| planned.plan.base.is_none()).map(|planned| &planned.plan.own);
    if new().next().is_none() {
        return Ok(());
    }
    let standings = || new().map(standing_columns);
    let rows: Vec<(String, i32)> = InsertUsers {
        subjects: new().map(|user| user.subject.as_str()).collect(),
        emails: new().map(|user| user.email.as_str()).collect(),
        verified: new().map(|user| user.email_verified).collect(),
        names: new().map(|user| user.name.as_ref().map(|name| name.as_str())).collect(),
        pictures: new().map(|user| user.picture.as_ref().map(|picture| picture.as_str())).collect(),
        blocked: standings().map(|(blocked, _)| blocked).collect(),
        deleted_at: standings().map(|(_, deleted_at)| deleted_at).collect(),
    }
    .load(connection)?;
    let ids: HashMap<String, i32> = rows.into_iter().collect();
    plans.retain_mut(|Planned { plan, .. }| {
        if plan.base.is_some() {
            return true;
        }
        let id = ids.get(plan.own.subject.as_str()).copied().map(UserId::new);
        id.is_some_and(|id| {
            plan.give_id(id);
            true
        })
    });
    Ok(())
}

fn update(connection: &mut PgConnection, plans: &[Planned<'_>]) -> Result<(), Fault> {
    let changed = || {
        let pairs = plans.iter().filter_map(|Planned { plan, .. }| Some((plan.base.as_ref()?, &plan.own)));
        pairs.filter(|(before, after)| before != after)
    };
    if changed().next().is_none() {
        return Ok(());
    }
    let standings = || changed().map(|(_, user)| standing_columns(user));
    let rows: Vec<i32> = UpdateUsers {
        ids: changed().map(|(_, user)| user.id.get()).collect(),
        emails: changed().map(|(_, user)| user.email.as_str()).collect(),
        verified: changed().map(|(_, user)| user.email_verified).collect(),
        new_name: changed().map(|(before, user)| before.name != user.name).collect(),
        names: changed().map(|(_, user)| user.name.as_ref().map(|name| name.as_str())).collect(),
        new_picture: changed().map(|(before, user)| before.picture != user.picture).collect(),
        pictures: changed().map(|(_, user)| user.picture.as_ref().map(|picture| picture.as_str())).collect(),
        blocked: standings().map(|(blocked, _)| blocked).collect(),
        deleted_at: standings().map(|(_, deleted_at)| deleted_at).collect(),
    }
    .load(connection)?;
    // The rows are locked, so all of them are there.
    if rows.len() == changed().count() { Ok(()) } else { Err(Fault::LostRace) }
}

fn write_records(connection: &mut PgConnection, plans: &[Planned<'_>]) -> Result<(), Fault> {
    let new = || plans.iter().filter(|planned| planned.plan.record != planned.known).map(|planned| &planned.plan);
    if new().next().is_none() {
        return Ok(());
    }
    let address = |plan: &'_ Plan| plan.record.email.as_ref().map(|email| email.value.address.clone());
    let emails: Vec<_> = new().map(address).collect();
    WriteRecords {
        subjects: new().map(|plan| plan.own.subject.as_str()).collect(),
        emails: emails.iter().map(|email| email.as_ref().map(EmailAddress::as_str)).collect(),
        records: new().map(|plan| record_document::written(&plan.record)).collect(),
    }
    .execute(connection)?;
    Ok(())
}
