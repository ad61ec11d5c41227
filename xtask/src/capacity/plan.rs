//! What a load takes.

use super::costs::{Cost, Costs};
use super::formulae::{
    active_users, connections, cores, deliveries_per_second, first_or_second_share, first_share, held_share,
    key_fetches_per_minute, miss_share, new_tokens_per_second, requests_of_a_token,
};
use super::mix::{Deployment, Mix};

/// Auth0's `max-age`, as it was seen, and what `auth0_verify::CachePolicy` makes of it.
pub(super) const STATED_MAX_AGE: f64 = 15.0;
pub(super) const SHORTEST_MAX_AGE: f64 = 60.0;
pub(super) const CONFIGURED_MAX_AGE: f64 = 600.0;

/// The whole of it; rates are per second unless they say otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) requests: f64,
    pub(super) active_users: f64,
    pub(super) users: f64,
    pub(super) syncs: f64,
    pub(super) new_users: f64,
    pub(super) changes: f64,
    pub(super) token_misses: f64,
    pub(super) user_misses: f64,
    pub(super) lookups: f64,
    /// Microseconds of a request, on average.
    pub(super) server_us: f64,
    pub(super) postgres_us: f64,
    pub(super) nodes: f64,
    pub(super) node_mib: f64,
    pub(super) postgres_cores: f64,
    pub(super) connections: f64,
    pub(super) deliveries: f64,
    pub(super) key_fetches_per_minute: f64,
    pub(super) table_gib: f64,
}

/// More nodes see each token less often, so that they have more work; the number is sought until it stays.
pub(super) fn plan(requests: f64, mix: &Mix, deployment: &Deployment, costs: &Costs) -> Plan {
    let mut nodes = deployment.nodes.unwrap_or(deployment.fewest_nodes);
    loop {
        let plan = with_nodes(requests, nodes, mix, deployment, costs);
        let wanted = cores(requests, plan.server_us, deployment.busy) / deployment.cores_per_node;
        let wanted = wanted.ceil().max(deployment.fewest_nodes);
        // It only ever grows: what more nodes cost does not go away with them.
        if deployment.nodes.is_some() || wanted <= nodes {
            return plan;
        }
        nodes = wanted;
    }
}

fn with_nodes(requests: f64, nodes: f64, mix: &Mix, deployment: &Deployment, costs: &Costs) -> Plan {
    let active = active_users(requests, mix.seconds_between);
    let syncs = new_tokens_per_second(active, mix.token_seconds) * mix.syncs_per_token;
    let (new_users, changes) = (syncs * mix.new_share, syncs * (mix.new_share + mix.changed_share));

    let nodes_it_meets = if deployment.same_node { 1.0 } else { nodes };
    let of_a_token = requests_of_a_token(mix.token_seconds, mix.seconds_between, nodes_it_meets);
    // A node can remember no more tokens than come by it, however many nodes there are.
    let at_a_node = active * nodes_it_meets / nodes;
    let remembered = deployment.remembered.unwrap_or(f64::INFINITY);
    let held = held_share(remembered, at_a_node);
    let token_misses = miss_share(first_or_second_share(of_a_token), held);
    let user_misses = miss_share(first_share(of_a_token), held);

    let sync_share = syncs / requests;
    let per_request = |of: fn(Cost) -> f64| {
        of(costs.verify) * (1.0 - sync_share)
            + of(costs.sync) * sync_share
            + of(costs.token) * token_misses
            + of(costs.lookup) * user_misses
            + of(costs.write) * changes / requests
            + of(costs.notification) * deliveries_per_second(changes, nodes) / requests
    };
    let (server_us, postgres_us) = (per_request(|cost| cost.server), per_request(|cost| cost.postgres));
    let sockets = active * mix.socket_share / nodes;
    let remembers = at_a_node.min(remembered);
    let bytes = remembers * (costs.token_bytes + costs.user_bytes) + sockets * costs.socket_bytes;
    let users = active / mix.active_share;
    let fetches = key_fetches_per_minute(nodes, STATED_MAX_AGE, SHORTEST_MAX_AGE, CONFIGURED_MAX_AGE);
    Plan {
        requests,
        active_users: active,
        users,
        syncs,
        new_users,
        changes,
        token_misses,
        user_misses,
        lookups: requests * user_misses,
        server_us,
        postgres_us,
        nodes,
        node_mib: costs.node_mib + bytes / 1024.0 / 1024.0,
        postgres_cores: cores(requests, postgres_us, deployment.busy),
        connections: connections(nodes, deployment.pool),
        deliveries: deliveries_per_second(changes, nodes),
        key_fetches_per_minute: fetches * deployment.issuers,
        table_gib: users * costs.row_bytes / 1024.0 / 1024.0 / 1024.0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::costs::MEASURED;
    use super::super::mix::{DEPLOYMENT, MIX};
    use super::*;

    /// A file of the workspace.
    fn file(path: &str) -> String {
        std::fs::read_to_string(crate::workspace::root().join(path)).unwrap()
    }

    #[test]
    fn what_is_assumed_of_the_server_is_what_it_does_by_default() {
        let (pool, remembered) = (DEPLOYMENT.pool, DEPLOYMENT.remembered.unwrap());
        for (path, line) in [
            ("config/default.toml", format!("\nmax_connections = {pool}\n")),
            ("config/default.toml", format!("\ncache_entries = {remembered}\n")),
            ("config/default.toml", format!("\nentries = {remembered}\n")),
            ("config/default.toml", format!("\njwks_max_age_secs = {CONFIGURED_MAX_AGE}\n")),
            (
                "crates/auth0-verify/src/cache_policy.rs",
                format!("SHORTEST_MAX_AGE: Duration = Duration::from_secs({SHORTEST_MAX_AGE});"),
            ),
            ("crates/auth0-verify/src/refresh_schedule.rs", "max_age.mul_f64(0.8 - 0.08 * random".to_owned()),
        ] {
            assert!(file(path).contains(&line), "{path}: {line}");
        }
    }

    #[test]
    fn a_given_number_of_nodes_is_left_as_it_is_and_any_other_is_enough() {
        let given = Deployment { nodes: Some(3.0), ..DEPLOYMENT };
        assert!((plan(1e7, &MIX, &given, &MEASURED).nodes - 3.0).abs() < f64::EPSILON);
        for requests in [1e3, 1e5, 1e7] {
            let plan = plan(requests, &MIX, &DEPLOYMENT, &MEASURED);
            let busy = requests * plan.server_us / 1e6 / (plan.nodes * DEPLOYMENT.cores_per_node);
            assert!(busy <= DEPLOYMENT.busy, "{requests}: {busy}");
        }
    }

    #[test]
    fn where_all_is_remembered_only_first_sights_are_read() {
        let all = Deployment { same_node: true, remembered: None, ..DEPLOYMENT };
        // 1 of the 180 requests with a token, of 1,000 a second
        let plan = plan(1e3, &MIX, &all, &MEASURED);
        assert!((plan.lookups - 5.556).abs() < 0.001, "{}", plan.lookups);
    }
}
