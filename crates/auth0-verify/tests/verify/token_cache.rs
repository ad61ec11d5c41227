//! Tokens that are known: what is judged again whenever they come, and which tokens never are.

use std::sync::Arc;

use auth0_verify::{Audience, Auth0Verifier, CachePolicy, HttpKeyFetcher, Issuer, KeyCache, TokenRules, TrustedIssuer};
use domain::{Clock, KeyReadiness, Rejection, SystemClock, TokenVerifier as _};
use fake_auth0::{BadProof, BadToken, DpopKey, FakeAuth0};

use crate::bearer;
use crate::pair::{ENTRIES, Outcome, Pair};

const DAY: u32 = 86_400;

#[test]
fn a_token_is_kept_from_the_second_time_on_that_it_is_found_good() {
    let pair = Pair::new();
    let token = pair.tenant.token("auth0|ada");
    let figures = || {
        let cache = pair.cache();
        (cache.hits, cache.misses, cache.admissions, cache.entries)
    };
    pair.accepts(&token);
    assert_eq!(figures(), (0, 1, 0, 0));
    let kept = pair.accepts(&token);
    assert_eq!(figures(), (0, 2, 1, 1));
    for hits in 1..=3 {
        // The same object: what is known is handed out without a copy.
        assert!(Arc::ptr_eq(&kept, &pair.accepts(&token)));
        assert_eq!(figures(), (hits, 2, 1, 1));
    }
}

#[test]
fn what_is_refused_is_never_kept() {
    let pair = Pair::new();
    let minted: Vec<_> = BadToken::ALL.iter().map(|bad| bearer(&bad.mint(&pair.tenant, "auth0|eve"))).collect();
    // Minting some has published keys. They are fetched later and judged now.
    pair.publish();
    pair.pass(480);
    pair.set_wall_clock(-480);
    for token in &minted {
        let first = pair.rejection(token);
        assert_eq!([pair.rejection(token), pair.rejection(token)], [first; 2]);
    }
    let (bound, stranger) = (pair.bound(), DpopKey::generate());
    for _ in 0..3 {
        assert_eq!(pair.rejection(&bearer(&bound)), Rejection::KeyBound);
        let forged = pair.proof(&bound).signed_by(&stranger).mint();
        assert_eq!(pair.rejection(&Pair::with_proof(&bound, Some(&forged))), Rejection::ProofSignature);
    }
    let cache = pair.cache();
    assert_eq!((cache.entries, cache.admissions, cache.hits), (0, 0, 0));
    assert!(cache.misses > 0);
}

#[test]
fn a_forged_token_is_no_sighting_of_the_one_it_was_made_of() {
    let pair = Pair::new();
    let good = pair.tenant.token("auth0|ada");
    let (signed, _) = good.rsplit_once('.').expect("a signature");
    for _ in 0..3 {
        let forged = format!("{signed}.{}", "A".repeat(86));
        assert_eq!(pair.rejection(&bearer(&forged)), Rejection::BadSignature);
    }
    pair.accepts(&good);
    assert_eq!(pair.cache().entries, 0);
}

#[test]
fn a_known_token_that_has_expired_is_refused() {
    let pair = Pair::new();
    let token = pair.known(pair.tenant.token_for("auth0|ada").expires_in(100).mint());
    pair.pass(129);
    pair.accepts(&token);
    pair.pass(1);
    assert_eq!(pair.rejection(&bearer(&token)), Rejection::Expired);
    assert_eq!(pair.cache().entries, 0);
}

#[test]
fn a_known_token_whose_time_has_not_come_by_a_corrected_clock_is_refused() {
    let pair = Pair::new();
    let now = pair.tenant.now();
    let token_of = |claim: &str| pair.tenant.token_for("auth0|ada").without("iat").claim(claim, now).mint();
    let (starting, issued) = (pair.known(token_of("nbf")), pair.known(token_of("iat")));
    pair.set_wall_clock(-30);
    pair.accepts(&starting);
    pair.accepts(&issued);
    pair.set_wall_clock(-1);
    assert_eq!(pair.rejection(&bearer(&starting)), Rejection::NotYetValid);
    assert_eq!(pair.rejection(&bearer(&issued)), Rejection::IssuedInFuture);
}

#[test]
fn a_known_token_of_a_withdrawn_key_is_refused() {
    let pair = Pair::new();
    let token = pair.known(pair.tenant.token_for("auth0|ada").expires_in(3_600).mint());
    pair.tenant.rotate();
    pair.tenant.withdraw_previous();
    pair.publish();
    pair.pass(480);
    assert_eq!(pair.rejection(&bearer(&token)), Rejection::UnknownKey);
    assert_eq!(pair.cache().entries, 0);
}

#[test]
fn a_known_token_of_a_key_that_became_another_under_its_name_is_refused() {
    let pair = Pair::new();
    let token = pair.known(pair.tenant.token_for("auth0|ada").expires_in(3_600).mint());
    pair.publish_another_key_of_the_same_name();
    pair.pass(480);
    assert_eq!(pair.rejection(&bearer(&token)), Rejection::BadSignature);
}

#[test]
fn a_token_stays_known_when_the_keys_are_fetched_again_and_others_come() {
    let pair = Pair::new();
    let token = pair.known(pair.tenant.token_for("auth0|ada").expires_in(3_600).mint());
    pair.pass(480);
    pair.tenant.rotate();
    pair.publish();
    pair.pass(480);
    assert_eq!(pair.keys().fetched, 3);
    let before = pair.cache();
    pair.accepts(&token);
    assert_eq!(pair.cache().hits, before.hits + 1);
}

#[test]
fn a_known_token_meets_our_trouble_where_no_key_may_be_used_any_more() {
    let pair = Pair::new();
    let token = pair.known(pair.tenant.token_for("auth0|ada").expires_in(10 * i64::from(DAY)).mint());
    pair.cut_off();
    pair.pass(DAY);
    for uses in 1..=3 {
        let hits = pair.cache().hits;
        pair.accepts(&token);
        assert_eq!(pair.cache().hits, hits + 1);
        assert_eq!((pair.keys().readiness, pair.keys().stale_uses), (KeyReadiness::Stale, uses));
    }
    pair.pass(1);
    assert!(matches!(pair.judge(&bearer(&token)), Outcome::KeysUnavailable));
    assert!(matches!(pair.judge_at_once(&bearer(&token)), Outcome::NeedsKeys | Outcome::KeysUnavailable));
    assert_eq!(pair.keys().readiness, KeyReadiness::Missing);
    pair.publish();
    pair.pass(60);
    pair.accepts(&token);
}

#[test]
fn a_known_token_is_held_against_the_keys_of_its_own_issuer() {
    let tenants = [FakeAuth0::start(), FakeAuth0::start()];
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let trusted = |tenant: &FakeAuth0| {
        let issuer = Issuer::parse(tenant.domain()).expect("a domain");
        let fetcher = Arc::new(HttpKeyFetcher::new(&issuer));
        TrustedIssuer { issuer, keys: Arc::new(KeyCache::new(fetcher, clock.clone(), CachePolicy::default())) }
    };
    let rules = TokenRules::for_audience(Audience::parse(tenants[0].audience()).expect("an audience"));
    let verifier =
        Auth0Verifier::new(rules, tenants.iter().map(trusted).collect(), clock.clone()).with_token_cache(ENTRIES);
    for (tenant, hits) in tenants.iter().zip([1, 2]) {
        let token = bearer(&tenant.token("auth0|ada"));
        assert!((0..3).all(|_| verifier.verify(&token).is_ok()));
        assert_eq!(verifier.token_cache_report().map(|cache| cache.hits), Some(hits));
    }
}

#[test]
fn a_known_token_with_another_signature_is_not_known() {
    let pair = Pair::new();
    let good = pair.known(pair.tenant.token("auth0|ada"));
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let eves = pair.tenant.token("auth0|eve");
    let (_, other) = eves.rsplit_once('.').expect("a signature");
    assert_ne!(signature, other);
    assert_eq!(pair.rejection(&bearer(&format!("{signed}.{other}"))), Rejection::BadSignature);
}

#[test]
fn the_proof_of_a_known_bound_token_is_judged_each_time() {
    let pair = Pair::new();
    let token = pair.bound();
    let judge = |proof: &str| pair.judge(&Pair::with_proof(&token, Some(proof)));
    for _ in 0..3 {
        assert!(matches!(judge(&pair.proof(&token).mint()), Outcome::Accepted(_)));
    }
    assert_eq!((pair.cache().entries, pair.cache().hits), (1, 1));
    for bad in BadProof::ALL {
        let hits = pair.cache().hits;
        match judge(&bad.mint(pair.proof(&token))) {
            Outcome::Rejected(rejection) => assert_eq!(rejection.code(), bad.rejection(), "{}", bad.name()),
            other => panic!("{}: {other:?}", bad.name()),
        }
        assert_eq!(pair.cache().hits, hits + 1, "{}: the token is known all the same", bad.name());
    }
    let used = pair.proof(&token).mint();
    assert!(matches!(judge(&used), Outcome::Accepted(_)));
    assert!(matches!(judge(&used), Outcome::Rejected(Rejection::ProofReplayed)));
    assert_eq!(pair.rejection(&Pair::with_proof(&token, None)), Rejection::ProofMissing);
    assert_eq!(pair.rejection(&bearer(&token)), Rejection::KeyBound);
    let plain = pair.known(pair.tenant.token("auth0|ada"));
    let proof = pair.proof(&plain).mint();
    assert_eq!(pair.rejection(&Pair::with_proof(&plain, Some(&proof))), Rejection::NotKeyBound);
    // None of that made a token forgotten.
    assert_eq!(pair.cache().entries, 2);
}

#[test]
fn tokens_that_come_once_take_up_no_room_and_displace_nobody() {
    let pair = Pair::new();
    let token = pair.known(pair.tenant.token("auth0|ada"));
    for n in 0..(3 * ENTRIES) {
        pair.accepts(&pair.tenant.token(&format!("auth0|{n}")));
    }
    let before = pair.cache();
    assert_eq!((before.entries, before.admissions), (1, 1));
    pair.accepts(&token);
    assert_eq!(pair.cache().hits, before.hits + 1);
}

#[test]
fn no_more_tokens_are_kept_than_were_allowed() {
    let pair = Pair::new();
    for n in 0..(3 * ENTRIES) {
        let token = pair.tenant.token(&format!("auth0|{n}"));
        pair.accepts(&token);
        pair.accepts(&token);
    }
    let cache = pair.cache();
    assert!(cache.admissions > 2 * ENTRIES as u64, "{cache:?}");
    assert!((1..=ENTRIES).contains(&cache.entries), "{cache:?}");
}

#[test]
fn a_known_token_is_judged_without_an_allocation() {
    let pair = Pair::new();
    let token = bearer(&pair.tenant.token_for("auth0|ada").scope("read:notes write:notes").mint());
    assert!(pair.allocations(&token) > 0);
    assert!(pair.allocations(&token) > 0);
    assert_eq!(pair.allocations(&token), 0);
}

#[test]
fn a_known_token_takes_up_half_a_kilobyte() {
    const TOKENS: usize = 2_000;
    let pair = Pair::with_entries(TOKENS);
    let bytes = pair.bytes_of_known(TOKENS);
    let cache = pair.cache();
    assert!(cache.entries > TOKENS * 9 / 10, "{cache:?}");
    let each = usize::try_from(bytes).expect("more than before") / cache.entries;
    assert!((200..=600).contains(&each), "{each} bytes");
}

#[test]
fn a_token_of_more_than_4_kib_is_judged_from_the_beginning_each_time() {
    let pair = Pair::new();
    let token = pair.tenant.token_for("auth0|ada").claim("filler", "a".repeat(3 * 1024)).mint();
    assert!(token.len() > 4 * 1024);
    for _ in 0..3 {
        pair.accepts(&token);
    }
    let cache = pair.cache();
    assert_eq!((cache.entries, cache.hits, cache.misses), (0, 0, 0));
}

#[test]
fn a_cache_of_the_smallest_size_works() {
    let pair = Pair::with_entries(1);
    let [ada, eve] = ["auth0|ada", "auth0|eve"].map(|sub| pair.tenant.token(sub));
    for (token, sub) in [(&ada, "auth0|ada"), (&eve, "auth0|eve"), (&ada, "auth0|ada")] {
        for _ in 0..3 {
            assert_eq!(pair.accepts(token).subject().as_str(), sub);
        }
    }
    assert_eq!(pair.cache().entries, 1);
}

#[test]
fn what_is_shown_of_a_verifier_holds_nothing_of_the_tokens_it_knows() {
    let pair = Pair::new();
    let token = pair.known(pair.tenant.token("auth0|ada"));
    let shown = pair.shown();
    assert!(shown.contains("entries: 1"), "{shown}");
    assert!(token.split('.').all(|part| !shown.contains(part)) && !shown.contains("auth0|ada"), "{shown}");
}
