//! What one of each costs, as it was measured: the only place where such numbers stand.
//!
//! Requests: `docs/benchmarks/servers.md`. Sockets: `docs/benchmarks/sockets.md`. What PostgreSQL pays for a commit, a
//! notification and a row: `docs/scaling.md`, "What was measured for this page". Absolute figures are those of one machine:
//! put in your own before you believe a plan.

/// Processor time of one piece of work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// Microseconds at the server.
    pub(super) server: f64,
    /// Microseconds at PostgreSQL.
    pub(super) postgres: f64,
}

/// The pieces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Costs {
    /// `GET /auth/verify` whose token and user are remembered.
    pub(super) verify: Cost,
    /// `POST /auth/sync` that changes nothing, of a user who is remembered.
    pub(super) sync: Cost,
    /// What a token adds that is not remembered: its signature.
    pub(super) token: Cost,
    /// What a user adds who is not remembered: the row is read.
    pub(super) lookup: Cost,
    /// What a sync adds that makes or changes a row.
    pub(super) write: Cost,
    /// A change that one listening node is told of, at each end.
    pub(super) notification: Cost,
    /// Mebibytes of a node that remembers nothing.
    pub(super) node_mib: f64,
    /// Bytes of a remembered token, and of a remembered user.
    pub(super) token_bytes: f64,
    pub(super) user_bytes: f64,
    /// Bytes of a socket.
    pub(super) socket_bytes: f64,
    /// Bytes of a row of `users` with its indexes.
    pub(super) row_bytes: f64,
}

pub(super) const MEASURED: Costs = Costs {
    verify: Cost { server: 13.0, postgres: 0.0 },
    sync: Cost { server: 15.0, postgres: 0.0 },
    token: Cost { server: 20.0, postgres: 0.0 },
    lookup: Cost { server: 13.0, postgres: 14.0 },
    write: Cost { server: 40.0, postgres: 430.0 },
    notification: Cost { server: 2.0, postgres: 6.5 },
    node_mib: 13.0,
    token_bytes: 600.0,
    user_bytes: 1024.0,
    socket_bytes: 17.6 * 1024.0,
    row_bytes: 360.0,
};
