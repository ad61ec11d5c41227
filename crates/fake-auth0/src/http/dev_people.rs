//! `/dev/users…`: people added, changed and deleted by hand.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use serde_json::{Map, Value};

use super::api_answer;
use super::dev::{bad_order, read};
use crate::tenant::Tenant;
use crate::users::FakeUser;

/// `{user_id, …}`, any members of a profile; takes the place of a person of the same id.
pub(super) async fn add(body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    let members = match read_members(&body) {
        Ok(members) => members,
        Err(problem) => return bad_order(problem),
    };
    let Some(user_id) = members.get("user_id").and_then(Value::as_str).filter(|id| !id.is_empty()) else {
        return bad_order("a person needs a user_id".to_owned());
    };
    let mut user = FakeUser::new(user_id);
    set_members(&mut user, &members);
    let user_id = user.user_id.clone();
    tenant.users().put(user);
    shown(&tenant, &user_id, StatusCode::CREATED)
}

/// Any members of a profile but `user_id`; `null` takes one away.
pub(super) async fn update(id: Path<String>, body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    match read_members(&body) {
        Ok(members) if members.contains_key("user_id") => bad_order("user_id stays as it is".to_owned()),
        Ok(members) => changed(&tenant, &id, |user| set_members(user, &members)),
        Err(problem) => bad_order(problem),
    }
}

pub(super) async fn block(id: Path<String>, tenant: Data<Tenant>) -> HttpResponse {
    changed(&tenant, &id, |user| user.blocked = Some(true))
}

pub(super) async fn unblock(id: Path<String>, tenant: Data<Tenant>) -> HttpResponse {
    changed(&tenant, &id, |user| user.blocked = Some(false))
}

pub(super) async fn delete(id: Path<String>, tenant: Data<Tenant>) -> HttpResponse {
    if tenant.users().remove(&id) { HttpResponse::NoContent().finish() } else { nobody() }
}

fn changed(tenant: &Tenant, user_id: &str, change: impl FnOnce(&mut FakeUser)) -> HttpResponse {
    if tenant.users().change(user_id, change) { shown(tenant, user_id, StatusCode::OK) } else { nobody() }
}

fn shown(tenant: &Tenant, user_id: &str, status: StatusCode) -> HttpResponse {
    match tenant.users().person(user_id) {
        Some(user) => HttpResponse::build(status).json(user.to_json()),
        None => nobody(),
    }
}

fn nobody() -> HttpResponse {
    api_answer::error(StatusCode::NOT_FOUND, "The user does not exist.", Some("inexistent_user"))
}

/// Sets members, the id aside; `null` takes one away. What is wrong is said before anything is changed.
fn set_members(user: &mut FakeUser, members: &Map<String, Value>) {
    for (name, value) in members.iter().filter(|(name, _)| *name != "user_id") {
        let text = value.as_str().map(str::to_owned);
        match name.as_str() {
            "email" => user.email = text,
            "name" => user.name = text,
            "picture" => user.picture = text,
            "created_at" => user.created_at = text,
            "updated_at" => user.updated_at = text,
            "email_verified" => user.email_verified = value.as_bool(),
            "blocked" => user.blocked = value.as_bool(),
            _ if value.is_null() => drop(user.extra.remove(name)),
            _ => drop(user.extra.insert(name.clone(), value.clone())),
        }
    }
}

fn read_members(body: &[u8]) -> Result<Map<String, Value>, String> {
    let members = read::<Map<String, Value>>(body)?;
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        let fits = match name.as_str() {
            "user_id" | "email" | "name" | "picture" | "created_at" | "updated_at" => value.is_string(),
            "email_verified" | "blocked" => value.is_boolean(),
            _ => true,
        };
        if !fits {
            return Err(format!("{name} cannot be {value}"));
        }
    }
    Ok(members)
}
