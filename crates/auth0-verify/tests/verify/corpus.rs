//! The public corpus: every row is judged as it says, and the tables in the repository say what the generator makes.

#[path = "../../corpus/rows.rs"]
pub(crate) mod rows;

use std::collections::HashSet;
use std::io::Write as _;
use std::sync::Arc;

use auth0_verify::{
    AllowedAlgorithms, Audience, Auth0Verifier, CachePolicy, FetchError, Issuer, KeyAnswer, KeyCache, KeyFetcher,
    KeySet, Leeway, TokenRules, TrustedIssuer, Validator,
};
use domain::{ManualClock, Rejection, TokenVerifier as _, UnixTime, VerifyError};

use rows::{ACCEPTED, ALGORITHMS, Corpus, LEEWAY_SECONDS, NOW, Row};

/// A verifier at the corpus' moment, with the keys that minting has published.
pub(crate) fn verifier_of(corpus: &Corpus) -> Auth0Verifier {
    struct Published(Vec<u8>);
    impl KeyFetcher for Published {
        fn fetch(&self, _: Option<&Validator>) -> Result<KeyAnswer, FetchError> {
            Ok(KeyAnswer::of(KeySet::parse(&self.0)?))
        }
    }
    let clock = Arc::new(ManualClock::at(UnixTime::from_secs(NOW)));
    let keys =
        Arc::new(KeyCache::new(Arc::new(Published(corpus.tenant.jwks())), clock.clone(), CachePolicy::default()));
    keys.refresh_if_due();
    let mut rules = TokenRules::for_audience(Audience::parse(corpus.tenant.audience()).expect("an audience"));
    rules.algorithms = AllowedAlgorithms::parse(&ALGORITHMS.join(",")).expect("algorithms");
    rules.leeway = Leeway::from_secs(LEEWAY_SECONDS);
    let issuer = Issuer::parse(corpus.tenant.domain()).expect("a domain");
    Auth0Verifier::new(rules, vec![TrustedIssuer { issuer, keys }], clock)
}

/// [`ACCEPTED`], or the code of the reason to refuse.
fn outcome(verifier: &Auth0Verifier, row: &Row) -> &'static str {
    match verifier.verify(&crate::bearer(&row.token)) {
        Ok(_) => ACCEPTED,
        Err(VerifyError::Rejected(rejection)) => rejection.code(),
        Err(ours) => panic!("{}: {ours}", row.name),
    }
}

#[test]
fn every_row_of_the_corpus_is_judged_as_it_says() {
    let corpus = Corpus::mint();
    let verifier = verifier_of(&corpus);
    let mut wrong = Vec::new();
    for row in corpus.hostile.iter().chain(&corpus.unusual) {
        let outcome = outcome(&verifier, row);
        if outcome != row.expected {
            wrong.push(format!("{}: expected {}, got {outcome}", row.name, row.expected));
        }
    }
    assert!(wrong.is_empty(), "{} rows are judged otherwise:\n{}", wrong.len(), wrong.join("\n"));
    assert!(corpus.hostile.iter().all(|row| row.expected != ACCEPTED));
    assert!(corpus.unusual.iter().all(|row| row.expected == ACCEPTED));
    // Not `eprintln!`, which the test runner keeps to itself where a test passes.
    let count = format!("corpus: {} hostile and {} unusual tokens\n", corpus.hostile.len(), corpus.unusual.len());
    std::io::stderr().write_all(count.as_bytes()).expect("standard error");
}

#[test]
fn every_rejection_is_reached_by_a_row_of_the_corpus() {
    // Those of a proof, and of how a token comes together with one, are reached in the tests of `dpop`.
    let of_presentation = [Rejection::NotKeyBound, Rejection::KeyBindingMismatch, Rejection::SchemeNotOffered];
    let of_tokens = || Rejection::ALL.iter().filter(|one| !one.is_of_proof() && !of_presentation.contains(one));
    let corpus = Corpus::mint();
    let reached: HashSet<&str> = corpus.hostile.iter().map(|row| row.expected).collect();
    for rejection in of_tokens() {
        assert!(reached.contains(rejection.code()), "no row is refused as {}", rejection.code());
    }
    assert_eq!(reached.len(), of_tokens().count(), "a row expects a reason that does not exist");
}

#[test]
fn the_tables_of_the_corpus_are_those_of_the_generator() {
    let corpus = Corpus::mint();
    let tables = [
        ("hostile.tsv", include_str!("../../corpus/hostile.tsv"), &corpus.hostile),
        ("unusual.tsv", include_str!("../../corpus/unusual.tsv"), &corpus.unusual),
    ];
    for (name, kept, rows) in tables {
        let made = rows::table(rows);
        let differing = kept.lines().zip(made.lines()).find(|(kept, made)| kept != made);
        assert!(
            kept == made,
            "{name} differs ({differing:?}); write it anew: cargo run -p auth0-verify --example corpus -- --tables"
        );
    }
}

#[test]
fn the_documents_tell_how_many_rows_there_are() {
    let corpus = Corpus::mint();
    let sentence = format!("{} hostile and {} unusual tokens", corpus.hostile.len(), corpus.unusual.len());
    for (name, text) in [
        ("docs/token-rules.md", include_str!("../../../../docs/token-rules.md")),
        ("corpus/README.md", include_str!("../../corpus/README.md")),
    ] {
        assert!(text.replace('\n', " ").contains(&sentence), "{name} does not say `{sentence}`");
    }
}

#[test]
fn no_two_rows_have_the_same_name_or_token() {
    let corpus = Corpus::mint();
    let (mut names, mut tokens) = (HashSet::new(), HashSet::new());
    for row in corpus.hostile.iter().chain(&corpus.unusual) {
        assert!(names.insert(row.name), "{}", row.name);
        assert!(tokens.insert(&*row.token), "{}", row.name);
    }
}
