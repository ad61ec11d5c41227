//! What a person sees of the tenant.

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};

use super::authorization::Authorization;
use super::html::Escaped;
use crate::random;
use crate::users::FakeUser;

const STYLE: &str = include_str!("page.css");

/// A person to be picked.
#[derive(Debug)]
pub(super) struct Person {
    user_id: String,
    name: String,
    detail: String,
    /// What is special about this one.
    remark: Option<&'static str>,
}

/// What was wrong with the last answer.
#[derive(Debug)]
pub(super) enum Complaint {
    Unknown,
    /// With the address at which the application is told, as Auth0 would have done at once.
    Blocked {
        way_back: String,
    },
}

impl Person {
    pub(super) fn of(user: &FakeUser) -> Self {
        let phone = user.extra.get("phone_number").and_then(|number| number.as_str());
        let address = user.email.as_deref().or(phone);
        Self {
            user_id: user.user_id.clone(),
            name: user.name.as_deref().or(address).unwrap_or(&user.user_id).to_owned(),
            detail: address.unwrap_or(&user.user_id).to_owned(),
            remark: match (user.blocked, user.email_verified) {
                (Some(true), _) => Some("blocked"),
                (_, Some(false)) => Some("unverified"),
                _ => None,
            },
        }
    }

    fn initials(&self) -> String {
        let words = self.name.split_whitespace().take(2);
        words.filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect()
    }

    /// One of six colours, always the same for the same person.
    fn colour(&self) -> usize {
        self.user_id.bytes().fold(0, |sum, byte| sum + usize::from(byte)) % 6
    }
}

/// The login page.
pub(super) fn login(
    action: &str,
    authorization: &Authorization,
    people: &[Person],
    typed: &str,
    complaint: Option<&Complaint>,
) -> HttpResponse {
    let mut body = String::new();
    let application = Escaped(authorization.client.title());
    let origin = authorization.way_back.origin();
    let _ = write!(
        body,
        "<h1>Log in</h1>\n<p class=\"lead\">to <strong>{application}</strong> at {}</p>\n",
        Escaped(&origin)
    );
    if let Some(complaint) = complaint {
        body.push_str(&complaint_box(complaint, typed));
    }
    let _ = writeln!(body, "<form method=\"post\" action=\"{}\">", Escaped(action));
    if !people.is_empty() {
        body.push_str("<ul class=\"people\">\n");
        people.iter().for_each(|person| body.push_str(&person_button(person)));
        body.push_str("</ul>\n</form>\n<p class=\"or\"><span>or</span></p>\n");
        let _ = writeln!(body, "<form method=\"post\" action=\"{}\">", Escaped(action));
    }
    let _ = write!(
        body,
        "<label for=\"username\">Email address, phone number or user id</label>\n\
         <input id=\"username\" name=\"username\" value=\"{}\" required autocomplete=\"off\" spellcheck=\"false\"{}>\n\
         <button class=\"primary\">Continue</button>\n</form>\n",
        Escaped(typed),
        if complaint.is_some() { " aria-describedby=\"complaint\"" } else { "" },
    );
    let status = complaint.map_or(StatusCode::OK, Complaint::status);
    // A form's target is checked after redirects, too, so the application's origin must be named.
    document(status, "Log in", &body, &format!("'self' {origin}"))
}

/// The page for those who cannot be sent anywhere.
pub(super) fn refusal(what: &str) -> HttpResponse {
    let body = format!(
        "<h1>Something is wrong</h1>\n<p class=\"lead\">This request cannot be answered as it is.</p>\n\
         <div class=\"complaint\" role=\"alert\"><p>{}</p></div>\n",
        Escaped(what)
    );
    document(StatusCode::FORBIDDEN, "Something is wrong", &body, "'none'")
}

fn complaint_box(complaint: &Complaint, typed: &str) -> String {
    let text = match complaint {
        Complaint::Unknown => format!("<p>Wrong user: nobody is called <strong>{}</strong> here.</p>", Escaped(typed)),
        Complaint::Blocked { way_back } => format!(
            "<p><strong>{}</strong>: user is blocked.</p>\n<p><a href=\"{}\">Back to the application</a>, which is \
             told so.</p>",
            Escaped(typed),
            Escaped(way_back)
        ),
    };
    format!("<div class=\"complaint\" id=\"complaint\" role=\"alert\">{text}</div>\n")
}

fn person_button(person: &Person) -> String {
    let remark = person.remark.map(|remark| format!("<span class=\"remark\">{remark}</span>")).unwrap_or_default();
    format!(
        "<li><button name=\"username\" value=\"{}\"><span class=\"face colour-{}\" aria-hidden=\"true\">{}</span>\
         <span class=\"who\"><span class=\"name\">{}</span><span class=\"detail\">{}</span></span>{remark}</button></li>\n",
        Escaped(&person.user_id),
        person.colour(),
        Escaped(&person.initials()),
        Escaped(&person.name),
        Escaped(&person.detail),
    )
}

fn document(status: StatusCode, title: &str, body: &str, form_action: &str) -> HttpResponse {
    let nonce = random::token(16);
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style nonce=\"{nonce}\">\n{STYLE}</style>\n<main>\n{body}</main>\n\
         <footer>A local tenant for development. It knows no passwords and must never face a network.</footer>\n</html>\n"
    );
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; form-action {form_action}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // The form needs its own origin named; other sites need not know the address of this page.
        .insert_header((header::REFERRER_POLICY, "same-origin"))
        .body(page)
}
