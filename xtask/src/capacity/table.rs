//! The plans as tables, as `docs/scaling.md` has them.

use std::fmt::Write;

use super::costs::MEASURED;
use super::limits::LIMITS;
use super::mix::{DEPLOYMENT, Deployment, MIX};
use super::plan::{Plan, plan};

/// Requests per second of the three columns.
pub(super) const LOADS: [f64; 3] = [1e3, 1e5, 1e7];

/// Where the tables stand in the document.
const BEGIN: &str = "<!-- cargo xtask capacity: begin -->\n";
const END: &str = "<!-- cargo xtask capacity: end -->\n";

/// A line of the first two tables.
struct Row {
    name: &'static str,
    of: fn(&Plan) -> String,
}

const ROWS: [Row; 19] = [
    Row { name: "users who are active at once", of: |plan| count(plan.active_users) },
    Row { name: "users in the table", of: |plan| count(plan.users) },
    Row { name: "syncs, per second", of: |plan| count(plan.syncs) },
    Row { name: "of these: new users, per second", of: |plan| count(plan.new_users) },
    Row { name: "changed rows, new ones included, per second", of: |plan| count(plan.changes) },
    Row { name: "requests whose token is checked anew", of: |plan| percent(plan.token_misses) },
    Row { name: "requests whose user is read", of: |plan| percent(plan.user_misses) },
    Row { name: "rows read, per second", of: |plan| count(plan.lookups) },
    Row { name: "processor time of a request, server", of: |plan| format!("{:.1} µs", plan.server_us) },
    Row { name: "processor time of a request, PostgreSQL", of: |plan| format!("{:.1} µs", plan.postgres_us) },
    Row { name: "**nodes**", of: |plan| count(plan.nodes) },
    Row { name: "requests of a node, per second", of: |plan| count(plan.requests / plan.nodes) },
    Row { name: "memory of a node, MiB", of: |plan| count(plan.node_mib) },
    Row { name: "**cores for PostgreSQL**", of: |plan| count(plan.postgres_cores) },
    Row { name: "**connections to PostgreSQL**", of: |plan| count(plan.connections) },
    Row { name: "**notifications handed over, per second**", of: |plan| count(plan.deliveries) },
    Row { name: "**fetches of the issuer's keys, per minute**", of: |plan| count(plan.key_fetches_per_minute) },
    Row { name: "**profiles read from Auth0, per second**", of: |plan| count(plan.syncs) },
    Row { name: "the users table with its indexes, GiB", of: |plan| count(plan.table_gib) },
];

/// Everything that stands between the marks.
pub(super) fn document() -> String {
    let tuned = Deployment { same_node: true, remembered: None, ..DEPLOYMENT };
    let mut text = String::new();
    let remembered = count(DEPLOYMENT.remembered.unwrap_or(f64::INFINITY));
    let any = format!("Any node answers any request, and each remembers {remembered} tokens and users:");
    let same = "All requests with one token reach the same node, which has room for all that come to it:".to_owned();
    for (title, deployment) in [(any, &DEPLOYMENT), (same, &tuned)] {
        let plans = LOADS.map(|load| plan(load, &MIX, deployment, &MEASURED));
        let _infallible = write!(text, "{title}\n\n{}\n", comparison(&plans));
    }
    text + "What ends first, in the first of the two ways and then in the second:\n\n" + &what_ends_first(&tuned)
}

/// One plan for each column.
pub(super) fn comparison(plans: &[Plan]) -> String {
    let heads = plans.iter().map(|plan| format!(" {} |", count(plan.requests))).collect::<String>();
    let mut text = format!("| requests per second |{heads}\n|---|{}\n", "---:|".repeat(plans.len()));
    for row in &ROWS {
        let cells = plans.iter().map(|plan| format!(" {} |", (row.of)(plan))).collect::<String>();
        let _infallible = writeln!(text, "| {} |{cells}", row.name);
    }
    text
}

fn what_ends_first(tuned: &Deployment) -> String {
    let mut rows: Vec<_> = LIMITS
        .iter()
        .map(|limit| {
            let at = [&DEPLOYMENT, tuned].map(|deployment| limit.reached_at(&MIX, deployment, &MEASURED));
            (limit, at)
        })
        .collect();
    rows.sort_by(|(_, [a, _]), (_, [b, _])| a.total_cmp(b));
    let mut text =
        "| what | how much there is | used up at requests per second | in the second way | then |\n|---|---|---:|---:|---|\n"
            .to_owned();
    for (limit, [any, same]) in rows {
        let (most, any, same) = (count(limit.most), roughly(any), roughly(same));
        let _infallible =
            writeln!(text, "| {} | {most} ({}) | {any} | {same} | {} |", limit.name, limit.source, limit.then);
    }
    text
}

/// What the document says between the marks.
pub(super) fn within(document: &str) -> Option<&str> {
    let (_, rest) = document.split_once(BEGIN)?;
    Some(rest.split_once(END)?.0)
}

/// Two digits that count, and the rest as zeros: more would claim to know.
fn roughly(number: f64) -> String {
    let unit = 10_f64.powf(number.abs().max(1e-9).log10().floor() - 1.0);
    count((number / unit).round() * unit)
}

/// Whole numbers with separators, small ones with the digits that tell them from nothing.
fn count(number: f64) -> String {
    match number {
        n if n >= 99.5 => separated(&format!("{n:.0}")),
        n if n >= 9.95 || n.fract() == 0.0 => format!("{n:.0}"),
        n if n >= 0.095 => format!("{n:.1}"),
        n => format!("{n:.3}"),
    }
}

fn separated(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_person_would_write_them() {
        for (number, text) in [
            (0.0, "0"),
            (0.0112, "0.011"),
            (0.13, "0.1"),
            (5.55, "5.5"),
            (2.0, "2"),
            (12.4, "12"),
            (999.6, "1,000"),
            (12_345_678.0, "12,345,678"),
        ] {
            assert_eq!(count(number), text, "{number}");
        }
        assert_eq!(roughly(123_456.0), "120,000");
        assert_eq!(roughly(2_880.0), "2,900");
        assert_eq!(percent(0.0123), "1.2 %");
    }

    #[test]
    fn only_what_stands_between_the_marks_is_compared() {
        assert_eq!(within(&format!("a\n{BEGIN}b\n{END}c\n")), Some("b\n"));
        assert_eq!(within(&format!("a\n{BEGIN}b\n")), None);
    }
}
