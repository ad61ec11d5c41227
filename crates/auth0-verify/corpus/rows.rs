//! The rows of the corpus with their tokens. Included by the test that holds the table and by the generator.

use fake_auth0::{BadToken, FakeAuth0, GoodToken, SpecialToken};

pub(crate) const ISSUER_DOMAIN: &str = "corpus.example.test";
pub(crate) const ALGORITHMS: [&str; 3] = ["RS256", "PS256", "ES256"];
pub(crate) const LEEWAY_SECONDS: u8 = 30;
pub(crate) const NOW: i64 = 1_800_000_000;
/// What is expected of a token that is no reason to refuse.
pub(crate) const ACCEPTED: &str = "accepted";

/// One token, and what a verifier must make of it.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// [`ACCEPTED`], or the code of the reason to refuse it.
    pub(crate) expected: &'static str,
    pub(crate) source: &'static str,
    pub(crate) about: &'static str,
    pub(crate) token: String,
}

/// All rows, with the tenant whose keys they are about.
pub(crate) struct Corpus {
    pub(crate) tenant: FakeAuth0,
    pub(crate) hostile: Vec<Row>,
    pub(crate) unusual: Vec<Row>,
}

impl Corpus {
    pub(crate) fn mint() -> Self {
        let tenant = FakeAuth0::builder().domain_override(ISSUER_DOMAIN).clock_at(NOW).start();
        let hostile = BadToken::ALL.iter().map(|bad| Row {
            name: bad.name(),
            expected: bad.rejection(),
            source: bad.source(),
            about: bad.about(),
            token: bad.mint(&tenant, "auth0|eve"),
        });
        let good = GoodToken::ALL.iter().map(|good| Row {
            name: good.name(),
            expected: ACCEPTED,
            source: good.source(),
            about: good.about(),
            token: good.mint(&tenant, "auth0|ada"),
        });
        let special = SpecialToken::ALL.iter().map(|special| Row {
            name: special.name(),
            expected: ACCEPTED,
            source: special.source(),
            about: special.about(),
            token: special.mint(&tenant, "auth0|ada"),
        });
        let (hostile, unusual) = (hostile.collect(), good.chain(special).collect());
        Self { tenant, hostile, unusual }
    }
}

/// The rows as a table that is kept in the repository: name, expected, source and description, separated by tabulators.
pub(crate) fn table(rows: &[Row]) -> String {
    let lines = rows.iter().map(|row| [row.name, row.expected, row.source, row.about].join("\t"));
    ["name\texpected\tsource\twhat it is".to_owned()].into_iter().chain(lines).map(|line| line + "\n").collect()
}
