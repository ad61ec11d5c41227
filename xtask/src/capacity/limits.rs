//! What ends first when the load grows, and what to do then.

use super::costs::Costs;
use super::mix::{Deployment, Mix};
use super::plan::{Plan, plan};

/// Something of which there is only so much, however many nodes there are.
pub(super) struct Limit {
    pub(super) name: &'static str,
    /// How much there is.
    pub(super) most: f64,
    /// Whose word that is.
    pub(super) source: &'static str,
    pub(super) used: fn(&Plan) -> f64,
    pub(super) then: &'static str,
}

/// How long a commit takes to reach the disk, in seconds: a cloud's network disk. Commits that notify wait for each other.
const FLUSH: f64 = 0.001;

pub(super) const LIMITS: [Limit; 7] = [
    Limit {
        name: "profiles read from Auth0, per second",
        most: 16.0,
        source: "Auth0, Enterprise, sustained; the smallest plan has 2",
        used: |plan| plan.syncs,
        then: "put `email` and `email_verified` into the token by an Action, let events bring changes, and leave `AUTH0_CLIENT_ID` out. \
               With it, known users are answered from their row as ever; new ones whose token has no verified email get 503",
    },
    Limit {
        name: "new users read from Auth0, per second",
        most: 16.0,
        source: "the same",
        used: |plan| plan.new_users,
        then: "the same; nothing else is left of it then",
    },
    Limit {
        name: "connections to one PostgreSQL",
        most: 500.0,
        source: "a choice; the stock setting is 100",
        used: |plan| plan.connections,
        then: "fewer and larger nodes; `database.max_connections` of 2 or 3; PgBouncer, with `DATABASE_LISTEN_URL` past it",
    },
    Limit {
        name: "commits that make or change a user, per second",
        most: 1.0 / FLUSH,
        source: "one at a time, 1 ms each to the disk",
        used: |plan| plan.changes,
        then: "nothing to do up to the size of a batch: each node writes what waited meanwhile by one commit. \
               A write then waits for the other nodes' turns",
    },
    Limit {
        name: "cores of one PostgreSQL",
        most: 64.0,
        source: "a choice",
        used: |plan| plan.postgres_cores,
        then: "all requests with one token to one node and larger caches; then lookups to replicas (`DATABASE_READ_URL`)",
    },
    Limit {
        name: "fetches of the issuer's keys, per second",
        most: 20.0,
        source: "Auth0, free plan; of others no figure was found",
        used: |plan| plan.key_fetches_per_minute / 60.0,
        then: "a proxy on your side that keeps the answer (`HTTPS_PROXY`), or a custom domain behind a content network",
    },
    Limit {
        name: "ids of users",
        most: 2_147_483_647.0,
        source: "`SERIAL` is 32 bits",
        used: |plan| plan.users,
        then: "a migration of `id` to 64 bits, of clients too, long before",
    },
];

impl Limit {
    /// From how many requests per second on there is not enough. Sought between one and 10¹² by halves.
    pub(super) fn reached_at(&self, mix: &Mix, deployment: &Deployment, costs: &Costs) -> f64 {
        let (mut enough, mut too_much) = (0.0_f64, 12.0_f64);
        for _ in 0..40 {
            let middle = f64::midpoint(enough, too_much);
            let is_enough = (self.used)(&plan(10_f64.powf(middle), mix, deployment, costs)) <= self.most;
            *(if is_enough { &mut enough } else { &mut too_much }) = middle;
        }
        10_f64.powf(enough)
    }
}
