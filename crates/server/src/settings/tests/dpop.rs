//! How bound tokens are taken.

use std::time::Duration;

use auth0_verify::dpop::DpopMode;

use super::*;

const SECRET: &str = "hunter2-hunter2-hunter2-hunter2-hunter2";

fn with_dpop(mode: &str) -> Environment {
    minimal().with("AUTHSYNC_DPOP", mode).with("AUTHSYNC_PUBLIC_URL", "https://api.acme.com/auth/")
}

fn names(environment: &Environment) -> Vec<String> {
    problems(environment).names().map(str::to_owned).collect()
}

#[test]
fn bound_tokens_are_refused_unless_told_otherwise() {
    assert!(load(&minimal()).dpop.is_none());
    assert!(load(&with_dpop("off")).dpop.is_none());
}

#[test]
fn with_a_public_url_they_are_taken_beside_plain_ones_or_alone() {
    for (name, mode) in [("allowed", DpopMode::Allowed), ("required", DpopMode::Required)] {
        let settings = load(&with_dpop(name)).dpop.expect("a policy");
        assert_eq!((settings.mode, settings.proof_max_age), (mode, Duration::from_secs(60)));
        assert_eq!(settings.public_url.as_str(), "https://api.acme.com/auth");
        assert!(settings.nonce_secrets.is_empty());
    }
    let settings = load(&with_dpop("allowed").with("AUTHSYNC_DPOP_PROOF_MAX_AGE_SECS", "600"));
    assert_eq!(settings.dpop.expect("a policy").proof_max_age, Duration::from_secs(600));
}

#[test]
fn without_a_public_url_no_proof_could_be_judged() {
    for mode in ["allowed", "required"] {
        let environment = minimal().with("AUTHSYNC_DPOP", mode);
        assert_eq!(names(&environment), ["AUTHSYNC_PUBLIC_URL"]);
        assert_eq!(names(&environment.with("AUTHSYNC_PUBLIC_URL", "hunter2")), ["AUTHSYNC_PUBLIC_URL"]);
    }
}

#[test]
fn secrets_are_long_and_shown_to_nobody() {
    let two = format!("{SECRET},the-secret-before-it-long-enough-as-well");
    let settings = load(&with_dpop("allowed").with("AUTHSYNC_DPOP_NONCE_SECRET", two.as_str()));
    assert!(!format!("{settings:?}").contains("hunter2"));
    let secrets = settings.dpop.expect("a policy").nonce_secrets;
    assert_eq!((secrets.len(), secrets[0].reveal()), (2, SECRET));
    for mode in ["off", "allowed"] {
        for weak in ["hunter2", &format!("{SECRET},hunter2")] {
            let environment = with_dpop(mode).with("AUTHSYNC_DPOP_NONCE_SECRET", weak);
            assert_eq!(names(&environment), ["AUTHSYNC_DPOP_NONCE_SECRET"]);
            assert!(!problems(&environment).to_string().contains("hunter2"));
        }
    }
}

#[test]
fn a_bad_value_is_named_whatever_the_mode() {
    for mode in ["off", "required"] {
        for age in ["0", "601", "a minute"] {
            let environment = with_dpop(mode).with("AUTHSYNC_DPOP_PROOF_MAX_AGE_SECS", age);
            assert_eq!(names(&environment), ["AUTHSYNC_DPOP_PROOF_MAX_AGE_SECS"]);
        }
    }
    for mode in ["on", "Required", "hunter2"] {
        assert_eq!(names(&with_dpop(mode)), ["AUTHSYNC_DPOP"]);
    }
}
