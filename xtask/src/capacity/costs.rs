//! What one of each costs: the only place where such numbers stand, and where each of them comes from. Absolute figures are
//! those of one machine: put in your own before you believe a plan.

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
    // docs/benchmarks/servers.md, verify-warm with the access log
    verify: Cost { server: 13.9, postgres: 0.0 },
    // docs/benchmarks/servers.md, sync-same with the access log
    sync: Cost { server: 14.9, postgres: 0.0 },
    // docs/benchmarks/verify.md, RS256
    token: Cost { server: 20.0, postgres: 0.0 },
    // docs/benchmarks/servers.md: verify-unique beyond verify-warm and the signature
    lookup: Cost { server: 11.2, postgres: 6.0 },
    // docs/benchmarks/servers.md: sync-new beyond sync-same and the signature; PostgreSQL's is docs/scaling.md, one row in a
    // commit, which is a quiet moment: of a full batch a row costs an eighth
    write: Cost { server: 16.3, postgres: 430.0 },
    // the server's part is estimated; PostgreSQL's is docs/scaling.md, one row in a commit
    notification: Cost { server: 2.0, postgres: 6.5 },
    // docs/benchmarks/sockets.md
    node_mib: 13.0,
    socket_bytes: 17.6 * 1024.0,
    // docs/benchmarks/verify.md
    token_bytes: 466.0,
    // what a user of ordinary size weighs in the server's own bound
    user_bytes: 2048.0,
    // docs/scaling.md
    row_bytes: 360.0,
};
