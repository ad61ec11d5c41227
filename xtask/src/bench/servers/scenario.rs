//! What is asked of every server.

/// Tokens in turn where there are several, and the users whom they are of.
pub(in crate::bench) const WARM: usize = 1000;
/// The first of the unique tokens are for warming up alone.
pub(in crate::bench) const ASIDE: usize = 2000;

/// One kind of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::bench) enum Scenario {
    /// `GET /auth/verify` with one token.
    VerifyHot,
    /// With the tokens of a thousand users in turn.
    VerifyWarm,
    /// Each request has a new token of another user.
    VerifyUnique,
    /// `POST /auth/sync` of a thousand users, again and again, without a change.
    SyncSame,
    /// Each request has a new token of a user without a row.
    SyncNew,
    /// Each request has a new token with a bad signature.
    Forged,
}

impl Scenario {
    #[cfg(test)]
    pub(in crate::bench) const ALL: [Self; 6] =
        [Self::VerifyHot, Self::VerifyWarm, Self::VerifyUnique, Self::SyncSame, Self::SyncNew, Self::Forged];

    /// As `--only` has it.
    pub(in crate::bench) fn name(self) -> &'static str {
        match self {
            Self::VerifyHot => "verify-hot",
            Self::VerifyWarm => "verify-warm",
            Self::VerifyUnique => "verify-unique",
            Self::SyncSame => "sync-same",
            Self::SyncNew => "sync-new",
            Self::Forged => "forged",
        }
    }

    /// The arguments of the load generator that say what is asked. `lines`: from which token to before which.
    pub(in crate::bench) fn arguments(self, lines: (usize, usize)) -> Vec<String> {
        let mut words: Vec<String> = vec!["--first".to_owned(), lines.0.to_string()];
        words.extend(["--take".to_owned(), (lines.1 - lines.0).to_string()]);
        let status = if self == Self::Forged { "401" } else { "200" };
        words.extend(["--expect", status].map(str::to_owned));
        if matches!(self, Self::SyncSame | Self::SyncNew) {
            words.extend(["--method", "POST", "--path", "/auth/sync", "--body", BODY].map(str::to_owned));
        }
        if self == Self::Forged {
            words.push("--forged".to_owned());
        }
        if self.uses_up() {
            words.push("--once".to_owned());
        }
        words
    }

    /// From which token to before which, for warming up and for measuring, of so many.
    pub(in crate::bench) fn lines(self, unique: usize) -> [(usize, usize); 2] {
        match self {
            Self::VerifyHot => [(0, 1); 2],
            Self::VerifyWarm | Self::SyncSame => [(0, WARM); 2],
            Self::VerifyUnique | Self::SyncNew | Self::Forged => [(0, ASIDE), (ASIDE, unique)],
        }
    }

    /// Whether a token is of use only once.
    pub(in crate::bench) fn uses_up(self) -> bool {
        matches!(self, Self::VerifyUnique | Self::SyncNew | Self::Forged)
    }

    /// Whether the users have rows before.
    pub(in crate::bench) fn users_are_known(self) -> bool {
        self != Self::SyncNew
    }

    /// Whether a server that looks at no token takes part.
    pub(in crate::bench) fn suits_a_bare_handler(self) -> bool {
        matches!(self, Self::VerifyHot | Self::VerifyWarm | Self::SyncSame)
    }
}

/// What the frontend sends; [`SEED`] has written the same.
const BODY: &str = r#"{"auth0_id":"auth0|bench-{n}","email":"bench-{n}@example.com","name":"Somebody Ordinary"}"#;

/// Rows of users from `{from}` to `{to}`, inclusive, for PostgreSQL.
pub(in crate::bench) const SEED: &str = "INSERT INTO users (email, name, auth0_id) \
    SELECT 'bench-' || n || '@example.com', 'Somebody Ordinary', 'auth0|bench-' || n \
    FROM generate_series({from}, {to}) AS n";

/// The same for SQLite.
pub(in crate::bench) const SEED_SQLITE: &str = "WITH RECURSIVE numbers(n) AS \
    (VALUES({from}) UNION ALL SELECT n + 1 FROM numbers WHERE n < {to}) \
    INSERT INTO users (email, name, auth0_id) \
    SELECT 'bench-' || n || '@example.com', 'Somebody Ordinary', 'auth0|bench-' || n FROM numbers";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_that_warm_up_are_not_measured_where_each_counts_once() {
        for scenario in Scenario::ALL.into_iter().filter(|scenario| scenario.uses_up()) {
            let [(_, end), (begin, _)] = scenario.lines(10_000);
            assert!(end <= begin, "{scenario:?}");
            assert!(scenario.arguments((begin, 10_000)).contains(&"--once".to_owned()));
        }
    }

    #[test]
    fn only_a_forged_token_is_refused() {
        for scenario in Scenario::ALL {
            let words = scenario.arguments((0, 1)).join(" ");
            let expected = if scenario == Scenario::Forged { "--expect 401" } else { "--expect 200" };
            assert!(words.contains(expected), "{words}");
        }
    }
}
