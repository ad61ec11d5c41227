//! `GET /authorize` (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2).

use actix_web::http::header;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};

use super::authorization::{Asked, Authorization, Failure, Prompt, Refused};
use super::code;
use super::session::{Session, session_of};
use super::standing::{Standing, blocked};
use super::{form, page};
use crate::tenant::Tenant;

/// How long a login page may stand open.
const PATIENCE: i64 = 3600;

pub(super) async fn authorize(request: HttpRequest, tenant: Data<Tenant>) -> HttpResponse {
    let asked = match Query::<Asked>::from_query(request.query_string()) {
        Ok(asked) => asked.into_inner(),
        // A parameter twice, or one that is no text (RFC 6749 §3.1).
        Err(_) => return page::refusal("The query is malformed, or has a parameter twice"),
    };
    match Authorization::parse(asked, &tenant) {
        Ok(authorization) => decide(authorization, session_of(&request, &tenant), &tenant),
        Err(Refused::OnPage(what)) => page::refusal(&what),
        Err(Refused::Sent(way_back, failure)) => way_back.with_failure(&failure),
    }
}

fn decide(authorization: Authorization, session: Option<Session>, tenant: &Tenant) -> HttpResponse {
    let now = tenant.now();
    let young_enough = |session: &Session| {
        authorization.max_age.is_none_or(|seconds| now.saturating_sub(session.authenticated_at) <= seconds)
    };
    let standing = session.as_ref().map(|session| Standing::of(&session.user_id, tenant));
    match (authorization.prompt, session.filter(young_enough), standing) {
        (Prompt::None | Prompt::WhereNeeded, Some(session), Some(Standing::Welcome(_))) => {
            authorization.way_back.with_code(&code::issue(&authorization, &session, tenant))
        }
        (Prompt::None, Some(_), Some(Standing::Blocked)) => authorization.way_back.with_failure(&blocked()),
        (Prompt::None, ..) => authorization.way_back.with_failure(&Failure::new("login_required", "Login required")),
        (Prompt::WhereNeeded | Prompt::Login, ..) => {
            let state = tenant.login.prompts.keep(authorization, now + PATIENCE, now);
            HttpResponse::Found()
                .insert_header((header::LOCATION, form::url(&state)))
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .finish()
        }
    }
}
