//! The arithmetic, one function for each step, and no number that was measured.

/// How many users are active at once, when each asks once in so many seconds.
pub(super) fn active_users(requests_per_second: f64, seconds_between: f64) -> f64 {
    requests_per_second * seconds_between
}

/// How many tokens per second are used for the first time anywhere: each active user takes another one after so long.
pub(super) fn new_tokens_per_second(active_users: f64, token_seconds: f64) -> f64 {
    active_users / token_seconds
}

/// How many requests one node sees with one token: all of them, or its part where any node answers.
pub(super) fn requests_of_a_token(token_seconds: f64, seconds_between: f64, nodes_it_meets: f64) -> f64 {
    token_seconds / seconds_between / nodes_it_meets
}

/// Of the requests that reach a node, the share that is the first one of its token there. The number of requests of one
/// token is random with this mean (Poisson): of `mean` requests, 1 − e^−mean are a first one.
pub(super) fn first_share(mean: f64) -> f64 {
    -(-mean).exp_m1() / mean
}

/// The share that is the first or the second one, for a cache that takes a token in at its second sight.
pub(super) fn first_or_second_share(mean: f64) -> f64 {
    // The mean of min(requests, 2): one for the first, and one more unless there was only one.
    let none = (-mean).exp();
    (2.0 - 2.0 * none - mean * none) / mean
}

/// Of what a node should remember, the share that it does: all of it until the cache is full.
pub(super) fn held_share(entries: f64, wanted: f64) -> f64 {
    if wanted <= entries { 1.0 } else { entries / wanted }
}

/// The share of requests that a cache does not answer.
pub(super) fn miss_share(unseen_share: f64, held_share: f64) -> f64 {
    1.0 - held_share * (1.0 - unseen_share)
}

/// How many cores so much work takes, when they are to be busy for a part of the time only.
pub(super) fn cores(per_second: f64, microseconds_each: f64, busy: f64) -> f64 {
    per_second * microseconds_each / 1e6 / busy
}

/// Connections to PostgreSQL: the pool of each node, and three beside it, for lookups, for logins and to listen.
pub(super) fn connections(nodes: f64, pool: f64) -> f64 {
    nodes * (pool + 3.0)
}

/// How many notifications PostgreSQL hands over: each change to each node.
pub(super) fn deliveries_per_second(changes_per_second: f64, nodes: f64) -> f64 {
    changes_per_second * nodes
}

/// How many times a minute all nodes together ask the issuer for its keys. Each fetches for itself, between 72 and 80 % of
/// the greatest age, 76 % on average; the greatest age is what the issuer says, between the shortest and the configured one.
pub(super) fn key_fetches_per_minute(nodes: f64, stated: f64, shortest: f64, configured: f64) -> f64 {
    let greatest_age = stated.max(shortest).min(configured);
    nodes * 60.0 / (0.76 * greatest_age)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against values that were worked out by hand, with as many digits as were written down.
    fn assert_near(found: f64, by_hand: f64) {
        assert!((found - by_hand).abs() <= by_hand.abs() * 0.001, "{found} is not {by_hand}");
    }

    #[test]
    fn a_thousand_requests_a_second_are_ten_thousand_users_who_ask_every_ten_seconds() {
        assert_near(active_users(1_000.0, 10.0), 10_000.0);
        // 10,000 ÷ 1,800
        assert_near(new_tokens_per_second(10_000.0, 1_800.0), 5.556);
    }

    #[test]
    fn a_token_meets_each_node_with_its_part_of_the_requests() {
        // 1,800 ÷ 10 = 180 requests, over 1 and over 9 nodes
        assert_near(requests_of_a_token(1_800.0, 10.0, 1.0), 180.0);
        assert_near(requests_of_a_token(1_800.0, 10.0, 9.0), 20.0);
    }

    #[test]
    fn of_many_requests_with_a_token_two_are_unseen_and_of_few_nearly_all() {
        // e^-180 is nothing: 1 ÷ 180 and 2 ÷ 180
        assert_near(first_share(180.0), 0.005_556);
        assert_near(first_or_second_share(180.0), 0.011_11);
        // e^-1 = 0.36788: 1 - 0.36788 = 0.63212, and 2 - 2 × 0.36788 - 0.36788 = 0.89636
        assert_near(first_share(1.0), 0.632_1);
        assert_near(first_or_second_share(1.0), 0.896_4);
        // e^-0.1 = 0.904837: (1 - 0.904837) ÷ 0.1, and (2 - 1.809675 - 0.090484) ÷ 0.1
        assert_near(first_share(0.1), 0.951_6);
        assert_near(first_or_second_share(0.1), 0.998_4);
    }

    #[test]
    fn a_cache_that_is_too_small_holds_its_part() {
        assert_near(held_share(20_000.0, 10_000.0), 1.0);
        assert_near(held_share(20_000.0, 80_000.0), 0.25);
        // 1 - 0.25 × (1 - 0.2) = 0.8; and with room for all, what is unseen
        assert_near(miss_share(0.2, 0.25), 0.8);
        assert_near(miss_share(0.2, 1.0), 0.2);
    }

    #[test]
    fn a_hundred_thousand_requests_of_fifteen_microseconds_are_one_and_a_half_cores_of_work() {
        assert_near(cores(100_000.0, 15.0, 1.0), 1.5);
        assert_near(cores(100_000.0, 15.0, 0.5), 3.0);
    }

    #[test]
    fn each_node_has_its_pool_and_three_connections_beside_it() {
        // 30 × (8 + 3)
        assert_near(connections(30.0, 8.0), 330.0);
    }

    #[test]
    fn each_change_is_told_to_each_node() {
        assert_near(deliveries_per_second(122.0, 30.0), 3_660.0);
    }

    #[test]
    fn fifteen_seconds_count_as_a_minute_and_a_day_as_what_is_configured() {
        // 60 × 0.76 = 45.6 seconds; 60 ÷ 45.6 = 1.3158 a minute
        assert_near(key_fetches_per_minute(1.0, 15.0, 60.0, 600.0), 1.316);
        assert_near(key_fetches_per_minute(100.0, 15.0, 60.0, 600.0), 131.6);
        // 600 × 0.76 = 456 seconds
        assert_near(key_fetches_per_minute(1.0, 86_400.0, 60.0, 600.0), 0.131_6);
        // Less than the shortest is possible by configuration alone: 30 × 0.76 = 22.8 seconds
        assert_near(key_fetches_per_minute(1.0, 15.0, 60.0, 30.0), 2.632);
    }
}
