//! `GET /api/v2/events`: the events API, as Auth0's page "consume events with the Events API" tells it.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};

use super::{api_answer, management};
use crate::events::{EventConnection, From, Listening, OffsetProblem, UserEvent};
use crate::tenant::Tenant;
use crate::timestamp::milliseconds;

const READ_EVENTS: &str = "read:events";

/// Kinds of events that Auth0 has and that never happen here.
const OTHER_KINDS: [&str; 2] = ["group.", "organization."];

pub(super) async fn events(
    request: HttpRequest,
    query: Query<Vec<(String, String)>>,
    tenant: Data<Tenant>,
) -> HttpResponse {
    if let Some(refusal) = management::refusal(&request, &tenant, &[READ_EVENTS]) {
        return refusal;
    }
    let last_event_id = request.headers().get("last-event-id").map(|id| id.to_str().unwrap_or_default());
    let listening = match listening(&query, last_event_id) {
        Ok(listening) => listening,
        Err(problem) => return api_answer::error(StatusCode::BAD_REQUEST, &problem, Some("invalid_query_string")),
    };
    match EventConnection::open(&tenant.events.feed, listening) {
        Ok(connection) => HttpResponse::Ok()
            .content_type("text/event-stream")
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .body(connection),
        Err(problem) => unknown_offset(problem),
    }
}

fn listening(query: &[(String, String)], last_event_id: Option<&str>) -> Result<Listening, String> {
    let (mut from, mut since, mut kinds) = (None, None, None);
    for (name, value) in query {
        match name.as_str() {
            "from" => from = Some(value.as_str()),
            "from_timestamp" => {
                since =
                    Some(milliseconds(value).ok_or_else(|| format!("from_timestamp is no RFC 3339 time: {value}"))?);
            }
            "event_type" => kinds.get_or_insert_with(Vec::new).extend(kind(value)?),
            _ => return Err(format!("unknown parameter: {name}")),
        }
    }
    let from = match (last_event_id.or(from), since) {
        (Some(_), Some(_)) if last_event_id.is_none() => {
            return Err("from and from_timestamp are mutually exclusive".to_owned());
        }
        (Some(offset), _) => From::Offset(offset.to_owned()),
        (None, Some(time)) => From::Time(time),
        (None, None) => From::Now,
    };
    Ok(Listening { from, kinds })
}

/// `None`: Auth0 knows the kind, and it never happens here.
fn kind(name: &str) -> Result<Option<UserEvent>, String> {
    let known = UserEvent::from_name(name);
    if known.is_none() && !OTHER_KINDS.iter().any(|other| name.starts_with(other)) {
        return Err(format!("unsupported event type: {name}"));
    }
    Ok(known)
}

fn unknown_offset(problem: OffsetProblem) -> HttpResponse {
    match problem {
        OffsetProblem::Malformed => {
            api_answer::error(StatusCode::BAD_REQUEST, "The offset is malformed.", Some("invalid_cursor"))
        }
        OffsetProblem::Expired => {
            api_answer::error(StatusCode::GONE, "The offset has expired.", Some("cursor_expired"))
        }
    }
}
