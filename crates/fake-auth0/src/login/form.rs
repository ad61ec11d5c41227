//! `/u/login`: where a person says who they are. There are no passwords.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::authorization::Authorization;
use super::code;
use super::page::{self, Complaint, Person};
use super::session;
use super::standing::{Standing, blocked, user_called};
use crate::tenant::Tenant;

pub(super) const PATH: &str = "/u/login";
/// People who are shown on the page; others are typed in.
const MOST_SHOWN: usize = 8;

/// The address of a login page that was prepared.
pub(super) fn url(state: &str) -> String {
    format!("{PATH}?state={state}")
}

#[derive(Deserialize)]
struct Place {
    state: String,
}

#[derive(Deserialize)]
struct Answer {
    username: String,
}

pub(super) async fn show(request: HttpRequest, tenant: Data<Tenant>) -> HttpResponse {
    match prompt_of(&request, &tenant) {
        Some((state, authorization)) => {
            let typed = authorization.login_hint.clone().unwrap_or_default();
            login_page(&state, &authorization, &typed, None, &tenant)
        }
        None => over(),
    }
}

pub(super) async fn submit(request: HttpRequest, body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    if !comes_from_here(&request) {
        return page::refusal("The form was sent by a page of another origin");
    }
    let Some((state, authorization)) = prompt_of(&request, &tenant) else {
        return over();
    };
    let username = std::str::from_utf8(&body).ok().and_then(|body| Query::<Answer>::from_query(body).ok());
    let username = username.map(|answer| answer.into_inner().username).unwrap_or_default();
    let complain = |complaint| login_page(&state, &authorization, &username, Some(complaint), &tenant);
    let Some(user_id) = user_called(&username, &tenant) else {
        return complain(Complaint::Unknown);
    };
    match Standing::of(&user_id, &tenant) {
        Standing::Welcome(_) => {
            tenant.login.prompts.remove(&state);
            let (session, cookies) = session::begin(&user_id, &tenant);
            let mut answer = authorization.way_back.with_code(&code::issue(&authorization, &session, &tenant));
            cookies.set(&mut answer);
            answer
        }
        Standing::Blocked => complain(Complaint::Blocked { way_back: authorization.way_back.failure_url(&blocked()) }),
        Standing::Unknown => complain(Complaint::Unknown),
    }
}

fn prompt_of(request: &HttpRequest, tenant: &Tenant) -> Option<(String, Authorization)> {
    let place = Query::<Place>::from_query(request.query_string()).ok()?.into_inner();
    let authorization = tenant.login.prompts.find(&place.state, tenant.now())?;
    Some((place.state, authorization))
}

fn login_page(
    state: &str,
    authorization: &Authorization,
    typed: &str,
    complaint: Option<Complaint>,
    tenant: &Tenant,
) -> HttpResponse {
    let people: Vec<Person> = tenant.users().all().take(MOST_SHOWN).map(Person::of).collect();
    page::login(&url(state), authorization, &people, typed, complaint.as_ref())
}

fn over() -> HttpResponse {
    page::refusal("This login is over, or took too long. Go back to the application and begin again")
}

/// A browser says where a form comes from. Without this check any page could log its visitors in here.
fn comes_from_here(request: &HttpRequest) -> bool {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    match header(header::ORIGIN) {
        None => true,
        Some(origin) => origin.split_once("://").map(|(_, authority)| authority) == header(header::HOST),
    }
}

impl Complaint {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::BAD_REQUEST,
            Self::Blocked { .. } => StatusCode::FORBIDDEN,
        }
    }
}
