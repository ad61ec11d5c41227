//! One issuer: its name, its keys, its time.

use auth0_verify::{
    AllowedAlgorithms, AnsweredKeys, HttpKeyFetcher, Issuer, KeyAnswer, KeyFetcher as _, KeyId, KeySet, PublicKey,
};
use domain::{Clock as _, SystemClock};

use super::report::foreign;
use super::{CheckReport, Verdict, clock, names_of};

/// `signing_key` is the `kid` of the key that signs at present, if a token has told.
pub(super) fn check(issuer: &Issuer, allowed: &AllowedAlgorithms, signing_key: Option<&str>, report: &mut CheckReport) {
    report.add(Verdict::Ok, "issuer", issuer.as_str());
    let url = issuer.jwks_url();
    let answer = HttpKeyFetcher::new(issuer).fetch(None);
    let now = SystemClock::default().now();
    match answer {
        Ok(KeyAnswer { keys: AnsweredKeys::Set(set, _), date, .. }) => {
            keys(&set, &url, allowed, report);
            for (id, key) in set.keys() {
                one_key(id, key, allowed, signing_key, report);
            }
            clock::compare(date, now, report);
        }
        Ok(KeyAnswer { keys: AnsweredKeys::NotModified, .. }) => {
            report.add(Verdict::Failed, "keys", format!("{url}: no keys"));
        }
        Err(error) => report.add(Verdict::Failed, "keys", format!("{url}: {:#}", anyhow::Error::from(error))),
    }
}

fn keys(set: &KeySet, url: &str, allowed: &AllowedAlgorithms, report: &mut CheckReport) {
    if !set.keys().any(|(_, key)| is_allowed(key, allowed)) {
        let finding = format!("{url}: none is for {} (AUTHSYNC_ALGORITHMS)", names_of(allowed));
        report.add(Verdict::Failed, "keys", finding);
    } else if set.count() == 1 {
        // Auth0 always publishes the next key ahead.
        let finding = format!("1 at {url}: none is published ahead, so every rotation will come as a surprise");
        report.add(Verdict::Note, "keys", finding);
    } else {
        report.add(Verdict::Ok, "keys", format!("{} at {url}", set.count()));
    }
}

fn one_key(
    id: &KeyId,
    key: &PublicKey,
    allowed: &AllowedAlgorithms,
    signing_key: Option<&str>,
    report: &mut CheckReport,
) {
    let algorithm = key.algorithm().map_or("any algorithm", auth0_verify::Algorithm::name);
    let role = match signing_key {
        Some(kid) if kid == id.as_str() => ", signs at present",
        Some(_) => ", does not sign at present",
        None => "",
    };
    let what = format!("{}  {algorithm}, {} {} bits{role}", foreign(id.as_str()), key.key_type(), key.bits());
    if is_allowed(key, allowed) {
        report.add(Verdict::Ok, "key", what);
    } else {
        report.add(Verdict::Note, "key", format!("{what}; AUTHSYNC_ALGORITHMS does not allow it"));
    }
}

fn is_allowed(key: &PublicKey, allowed: &AllowedAlgorithms) -> bool {
    key.algorithm().is_none_or(|algorithm| allowed.contains(algorithm))
}
