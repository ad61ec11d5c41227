use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

const NOW: i64 = 1_800_000_000;

fn judge(claims: &Value) -> Result<VerifiedClaims, Rejection> {
    judge_text(&claims.to_string())
}

fn judge_text(claims: &str) -> Result<VerifiedClaims, Rejection> {
    judge_whole(claims).map(Judged::into_claims)
}

fn judge_whole(claims: &str) -> Result<Judged, Rejection> {
    let issuer = Issuer::parse("acme.eu.auth0.com").expect("a domain");
    let audiences = [Audience::parse("https://api.acme.com").expect("an identifier")];
    let expected = Expected {
        issuers: &[issuer],
        audiences: &audiences,
        leeway: Leeway::default(),
        now: UnixTime::from_secs(NOW),
    };
    expected.judge(&URL_SAFE_NO_PAD.encode(claims))
}

/// Good claims with some members replaced; `null` in the patch takes one away.
fn with(patch: Value) -> Value {
    let mut claims = json!({
        "iss": "https://acme.eu.auth0.com/",
        "aud": ["https://api.acme.com", "https://acme.eu.auth0.com/userinfo"],
        "sub": "auth0|1",
        "iat": NOW - 10,
        "exp": NOW + 10,
    });
    let members = claims.as_object_mut().expect("an object");
    for (name, value) in patch.as_object().expect("an object").clone() {
        if value.is_null() {
            members.remove(&name)
        } else {
            members.insert(name, value)
        };
    }
    claims
}

fn rejection(patch: Value) -> Option<Rejection> {
    judge(&with(patch)).err()
}

#[test]
fn good_claims_are_read() {
    let claims = judge(&with(json!({}))).expect("good claims");
    assert_eq!(claims.subject.as_str(), "auth0|1");
    assert_eq!(claims.issued_at, Some(UnixTime::from_secs(NOW - 10)));
    assert_eq!(claims.expires_at, UnixTime::from_secs(NOW + 10));
    assert_eq!(claims.profile, ClaimedProfile::default());
}

#[test]
fn the_issuer_must_be_the_same_to_the_byte() {
    for iss in [
        json!("https://acme.eu.auth0.com"),
        json!("https://ACME.eu.auth0.com/"),
        json!("https://evil.com/"),
        json!(null),
    ] {
        assert_eq!(rejection(json!({"iss": iss})), Some(Rejection::WrongIssuer), "{iss}");
    }
    assert_eq!(rejection(json!({"iss": ["https://acme.eu.auth0.com/"]})), Some(Rejection::MalformedClaim));
}

#[test]
fn the_audience_must_hold_the_identifier() {
    assert_eq!(rejection(json!({"aud": "https://api.acme.com"})), None);
    for aud in [json!("https://api.acme.com/"), json!([]), json!(["https://other.com"]), json!(null)] {
        assert_eq!(rejection(json!({"aud": aud})), Some(Rejection::WrongAudience), "{aud}");
    }
    for aud in [json!(7), json!({"https://api.acme.com": 1}), json!(["https://api.acme.com", 7]), json!(true)] {
        assert_eq!(rejection(json!({"aud": aud})), Some(Rejection::MalformedClaim), "{aud}");
    }
}

#[test]
fn an_id_token_is_told_from_another_audience() {
    for sign in ["nonce", "at_hash", "c_hash"] {
        assert_eq!(rejection(json!({"aud": "spa-client", sign: "x"})), Some(Rejection::IdToken), "{sign}");
    }
}

#[test]
fn expiry_is_required_and_judged_with_30_seconds_of_leeway() {
    assert_eq!(rejection(json!({"exp": null})), Some(Rejection::MissingExpiry));
    assert_eq!(rejection(json!({"exp": NOW - 29})), None);
    assert_eq!(rejection(json!({"exp": NOW - 30})), Some(Rejection::Expired));
    assert_eq!(rejection(json!({"exp": -1})), Some(Rejection::Expired));
    assert_eq!(rejection(json!({"exp": 0})), Some(Rejection::Expired));
}

#[test]
fn a_start_or_issue_in_the_future_is_refused_past_the_leeway() {
    assert_eq!(rejection(json!({"nbf": NOW + 30})), None);
    assert_eq!(rejection(json!({"nbf": NOW + 31})), Some(Rejection::NotYetValid));
    assert_eq!(rejection(json!({"iat": NOW + 30})), None);
    assert_eq!(rejection(json!({"iat": NOW + 31})), Some(Rejection::IssuedInFuture));
}

#[test]
fn dates_are_json_numbers_and_a_wrong_type_is_never_absence() {
    for date in ["exp", "nbf", "iat"] {
        for wrong in [json!("1900000000"), json!(true), json!([1_900_000_000]), json!({})] {
            assert_eq!(rejection(json!({date: wrong})), Some(Rejection::MalformedClaim), "{date}: {wrong}");
        }
        let null = with(json!({})).to_string().replacen('{', &format!("{{\"{date}\":null,"), 1);
        assert_eq!(judge_text(&null).err(), Some(Rejection::MalformedClaim), "{date}: null");
    }
}

#[test]
fn dates_may_have_fractions_and_exponents_but_not_lie_after_the_year_9999() {
    let claims = judge(&with(json!({"exp": 1_800_000_000.75, "iat": 1.8e9}))).expect("good claims");
    assert_eq!(claims.expires_at, UnixTime::from_millis(1_800_000_000_750));
    assert_eq!(rejection(json!({"exp": 1e10})), None);
    assert_eq!(rejection(json!({"exp": (NOW + 10) * 1000})), Some(Rejection::MalformedClaim));
    let overflow = with(json!({"exp": 1})).to_string().replace("\"exp\":1", "\"exp\":1e400");
    assert_eq!(judge_text(&overflow).err(), Some(Rejection::Malformed));
}

#[test]
fn the_subject_has_1_to_255_bytes() {
    assert_eq!(rejection(json!({"sub": "a".repeat(255)})), None);
    for sub in [json!(null), json!(""), json!("a".repeat(256)), json!("é".repeat(128)), json!("a\u{0}b")] {
        assert_eq!(rejection(json!({"sub": sub})), Some(Rejection::BadSubject), "{sub}");
    }
    assert_eq!(rejection(json!({"sub": 7})), Some(Rejection::MalformedClaim));
}

#[test]
fn what_a_token_is_bound_to_is_told_and_not_judged() {
    let confirmation = |patch| judge_whole(&with(patch).to_string()).expect("good claims").confirmation;
    assert_eq!(confirmation(json!({})), None);
    assert_eq!(confirmation(json!({"cnf": {}})), Some(Confirmation::Other));
    let jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    assert!(matches!(confirmation(json!({"cnf": {"jkt": jkt}})), Some(Confirmation::Key(_))));
    assert_eq!(rejection(json!({"cnf": jkt})), Some(Rejection::MalformedClaim));
}

#[test]
fn a_duplicate_claim_is_refused() {
    let twice = with(json!({})).to_string().replacen('{', "{\"sub\":\"auth0|2\",", 1);
    assert_eq!(judge_text(&twice).err(), Some(Rejection::MalformedClaim));
}

#[test]
fn profile_claims_are_taken_as_far_as_they_are_sound() {
    let profile = |patch| judge(&with(patch)).expect("good claims").profile;
    let whole = profile(json!({"email": "A@b.c", "email_verified": true, "name": "Ada", "picture": "https://a/b"}));
    let email = whole.email.expect("an email");
    assert_eq!((email.address.as_str(), email.verified), ("a@b.c", Some(true)));
    assert_eq!(whole.name.as_ref().map(DisplayName::as_str), Some("Ada"));
    assert_eq!(whole.picture.as_ref().map(PictureUrl::as_str), Some("https://a/b"));

    let doubtful = profile(json!({"email": "a@b.c", "email_verified": "true", "name": 7, "picture": "javascript:1"}));
    assert_eq!(doubtful.email.expect("an email").verified, Some(false), "only a JSON true vouches");
    assert_eq!((doubtful.name, doubtful.picture), (None, None));
    assert_eq!(profile(json!({"email": "nonsense", "email_verified": true})).email, None);

    for silent in [json!({"email": "a@b.c"}), json!({"email": "a@b.c", "email_verified": null})] {
        assert_eq!(profile(silent).email.expect("an email").verified, None);
    }
}

#[test]
fn an_address_that_stands_in_for_one_is_no_claim() {
    let patch = json!({"email": "User-7@displaced.invalid", "email_verified": true});
    assert_eq!(judge(&with(patch)).expect("good claims").profile, ClaimedProfile::default());
}

#[test]
fn an_empty_name_is_no_claim() {
    for name in ["", "\u{7}"] {
        assert_eq!(
            judge(&with(json!({ "name": name }))).expect("good claims").profile,
            ClaimedProfile::default(),
            "{name:?}"
        );
    }
}

#[test]
fn what_a_token_allows_is_read_from_scope_permissions_and_organization() {
    assert_eq!(judge(&with(json!({}))).expect("good claims").grants, Grants::default());
    let granted = json!({"scope": "openid  read:notes", "permissions": ["write:notes"], "org_id": "org_1"});
    let grants = judge(&with(granted)).expect("good claims").grants;
    assert_eq!(*grants.scopes, ["openid".into(), "read:notes".into()]);
    assert!(grants.has_permission("write:notes") && !grants.has_permission("read:notes"));
    assert_eq!(grants.organization.as_deref(), Some("org_1"));
}

#[test]
fn grants_of_a_wrong_type_are_never_absent_grants() {
    for (claim, value) in [
        ("scope", r#"["read:notes"]"#),
        ("scope", "null"),
        ("permissions", r#""write:notes""#),
        ("permissions", "[1]"),
        ("permissions", "null"),
        ("org_id", "7"),
        ("org_id", "null"),
    ] {
        let claims = with(json!({})).to_string();
        let claims = claims.replacen('{', &format!(r#"{{"{claim}":{value},"#), 1);
        assert_eq!(judge_text(&claims).err(), Some(Rejection::MalformedClaim), "{claim} {value}");
    }
}
