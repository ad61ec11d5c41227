//! `authsync check`: can everything that is configured be reached, and does it fit together?

mod clock;
mod database;
mod issuer;
mod management;
pub mod rehearsal;
mod report;

use auth0_verify::{Algorithm, AllowedAlgorithms};

pub use self::report::{CheckReport, Verdict};

use crate::settings::Settings;

/// Reaches out to everything once. Changes nothing.
#[must_use]
pub fn run(settings: &Settings) -> CheckReport {
    let mut report = CheckReport::default();
    report.add(Verdict::Ok, "configuration", "complete");
    // First, because only a token tells which key signs at present.
    let management = management::ask(settings);
    let signing_key = management.as_ref().and_then(management::Finding::signing_key);
    for issuer in &settings.auth0.issuers {
        issuer::check(issuer, &settings.tokens.algorithms, signing_key, &mut report);
    }
    let audiences: Vec<_> = settings.auth0.audiences.iter().map(auth0_verify::Audience::as_str).collect();
    report.add(Verdict::Ok, "audience", audiences.join(" or "));
    if let Some(dpop) = &settings.dpop {
        let nonces = if dpop.nonce_secrets.is_empty() { "no nonces" } else { "nonces" };
        let (mode, url, age) = (dpop.mode.name(), dpop.public_url.as_str(), dpop.proof_max_age.as_secs());
        report.add(Verdict::Ok, "dpop", format!("{mode}, proofs for {url}, good for {age} s, {nonces}"));
    }
    if let Some(finding) = &management {
        finding.tell(&mut report);
    }
    match settings.auth0.events_tokens.len() {
        0 => report.add(Verdict::Ok, "events", "POST /auth0/events is closed: AUTH0_EVENTS_TOKEN is not set"),
        1 => report.add(Verdict::Ok, "events", "POST /auth0/events is open to one bearer"),
        bearers => report.add(Verdict::Ok, "events", format!("POST /auth0/events is open to {bearers} bearers")),
    }
    database::check(settings, &mut report);
    report
}

/// What tokens may be signed with, as in `AUTHSYNC_ALGORITHMS`.
fn names_of(allowed: &AllowedAlgorithms) -> String {
    let names: Vec<_> =
        Algorithm::ALL.into_iter().filter(|algorithm| allowed.contains(*algorithm)).map(Algorithm::name).collect();
    names.join(", ")
}
