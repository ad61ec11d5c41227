//! Who asks for what, and on what. A description and no measurement: change what is otherwise with you.

/// The users and what they do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mix {
    /// Each active user asks once in so many seconds.
    pub(super) seconds_between: f64,
    /// For how long a token is used: the shorter of its life and of a visit, since each page that is loaded takes another.
    pub(super) token_seconds: f64,
    /// How many times a token is synced: pages do it once, after the login.
    pub(super) syncs_per_token: f64,
    /// Of the syncs, those of new users, and those that change a row.
    pub(super) new_share: f64,
    pub(super) changed_share: f64,
    /// Of the active users, those who hold a socket open.
    pub(super) socket_share: f64,
    /// Of all users in the table, those who are active at once.
    pub(super) active_share: f64,
}

/// How authsync is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deployment {
    pub(super) cores_per_node: f64,
    /// How busy the cores of nodes and database are to be, so that one node fewer is borne.
    pub(super) busy: f64,
    /// Never fewer nodes, so that one can be replaced.
    pub(super) fewest_nodes: f64,
    /// A given number of nodes, instead of as many as the work takes.
    pub(super) nodes: Option<f64>,
    /// Connections in the pool of a node.
    pub(super) pool: f64,
    /// How many tokens and how many users a node remembers; `None` for as many as there are.
    pub(super) remembered: Option<f64>,
    /// Whether the balancer sends all requests with one token to the same node.
    pub(super) same_node: bool,
    /// Domains of the tenant, each with keys of its own.
    pub(super) issuers: f64,
}

pub(super) const MIX: Mix = Mix {
    seconds_between: 10.0,
    token_seconds: 1_800.0,
    syncs_per_token: 1.0,
    new_share: 0.002,
    changed_share: 0.02,
    socket_share: 0.2,
    active_share: 0.05,
};

pub(super) const DEPLOYMENT: Deployment = Deployment {
    cores_per_node: 4.0,
    busy: 0.5,
    fewest_nodes: 2.0,
    nodes: None,
    pool: 8.0,
    remembered: Some(10_000.0),
    same_node: false,
    issuers: 1.0,
};
