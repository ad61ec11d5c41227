//! What runs where, and what to try.

use super::database::Database;
use super::login::SyncBody;
use super::server::FRONTENDS;
use super::tenant::Tenant;
use crate::screen::Screen;

/// Shows the addresses, lines to paste, and how to stop.
pub(super) fn show(tenant: &Tenant, server: &str, page: &str, database: &Database, screen: Screen) {
    let rows = [
        ("a page to log in on", page.to_owned()),
        ("authsync", server.to_owned()),
        ("its API, for reading", format!("{server}/docs")),
        ("Auth0 tenant", tenant.url.clone()),
        ("audience", tenant.audience.clone()),
        ("database", database.url().to_owned()),
        ("frontends may be at", FRONTENDS.join(", ")),
    ];
    screen.line("");
    screen.line(screen.bold("what runs where"));
    for (what, place) in rows {
        screen.line(format_args!("   {what:<22}{place}"));
    }
    screen.line("");
    screen.line(screen.bold("lines to paste into another terminal"));
    for line in lines_to_paste(server).lines() {
        screen.line(format_args!("   {line}"));
    }
    screen.line("");
    screen.line("Ctrl-C stops all. What they log:");
    screen.line("");
}

fn lines_to_paste(server: &str) -> String {
    let body = SyncBody::json().unwrap_or_default();
    format!(
        r#"TOKEN=$(cargo xtask token)
curl -i -H "Authorization: Bearer $TOKEN" {server}/auth/verify
curl -i -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \
  -d '{body}' {server}/auth/sync
curl -i {server}/readyz"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_quote_the_body_for_a_shell() {
        let lines = lines_to_paste("http://127.0.0.1:1");
        let body = lines.split('\'').nth(1).unwrap();
        assert_eq!(body, SyncBody::json().unwrap());
        assert_eq!(lines.matches('\'').count(), 2);
    }
}
