//! The play itself, which is written for Node.

use std::process::{Command, Stdio};

use anyhow::Context;

use super::pictures;
use super::stack::{EVENTS_TOKEN, Place};
use super::tools::Tools;
use crate::workspace;

/// Plays the chapters, in this order. `false`: one of them failed, and said why.
///
/// # Errors
/// Node cannot be started.
pub(super) fn play(place: &Place, chapters: &[&str], tools: &Tools) -> anyhow::Result<bool> {
    let mut node = Command::new(&tools.node.node);
    node.arg(workspace::root().join("e2e/run.js")).current_dir(workspace::root()).stdin(Stdio::null());
    node.env("PAGE_URL", &place.page).env("FOREIGN_PAGE_URL", &place.foreign_page);
    node.env("REACT_PAGE_URL", &place.react_page);
    node.env("TENANT_URL", &place.tenant).env("API_URL", &place.api).env("EVENTS_TOKEN", EVENTS_TOKEN);
    node.env("CHROMIUM", &tools.chromium).env("CHAPTERS", chapters.join(","));
    node.env("SCREENSHOTS", pictures().join(place.scheme.name()));
    // Requests on loopback, whatever the environment says about proxies.
    node.env("NO_PROXY", "*").env("no_proxy", "*");
    if let Some(authority) = &place.authority {
        node.env("NODE_EXTRA_CA_CERTS", authority);
    }
    Ok(node.status().context("node cannot be started")?.success())
}
