//! The form of the documents, judged by public validators.

use std::path::PathBuf;

use super::{Steps, output_of};
use crate::workspace;

/// By Redocly's linter, which also holds every example against its schema.
pub(super) fn openapi(steps: &Steps<'_>) -> anyhow::Result<String> {
    let mut lint = steps.node("node_modules/@redocly/cli/bin/cli.js");
    lint.arg("lint").arg(document("openapi.json")).args(["--config", "redocly.yaml", "--format", "stylish"]);
    output_of(&mut lint).map(|_| String::new())
}

/// By AsyncAPI's own parser.
pub(super) fn asyncapi(steps: &Steps<'_>) -> anyhow::Result<String> {
    output_of(steps.node("asyncapi.js").arg(document("asyncapi.json")))
}

/// The file that the server serves.
pub(super) fn document(name: &str) -> PathBuf {
    workspace::root().join("crates/server").join(name)
}
