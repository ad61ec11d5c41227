//! What cargo says about the crates of this workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::workspace;

/// A crate of this workspace.
#[derive(Debug, Default)]
pub(super) struct Package {
    pub(super) name: String,
    /// `Cargo.toml`, from the root.
    pub(super) manifest: String,
    pub(super) may_be_published: bool,
    /// What it names under `[dependencies]` and `[build-dependencies]`.
    pub(super) named: BTreeSet<String>,
    /// What it names under `[dev-dependencies]`.
    pub(super) named_for_tests: BTreeSet<String>,
    /// Everything that ends up in its product, at any distance.
    pub(super) linked: BTreeSet<String>,
}

/// Asks cargo for the crates of the workspace at `root`. Where their dependencies make no sense (a circle, for one),
/// cargo's complaint comes with them, and nothing is linked.
///
/// # Errors
/// Cargo cannot read the manifests.
pub(super) fn packages(root: &Path) -> anyhow::Result<(Vec<Package>, Option<String>)> {
    match metadata(&[])? {
        Ok(resolved) => Ok((members(root, &resolved)?, None)),
        Err(complaint) => match metadata(&["--no-deps"])? {
            Ok(unresolved) => Ok((members(root, &unresolved)?, Some(complaint))),
            Err(complaint) => bail!("`cargo metadata` says: {complaint}"),
        },
    }
}

/// What `cargo metadata` prints, or its complaint.
fn metadata(arguments: &[&str]) -> anyhow::Result<Result<Metadata, String>> {
    let answer = workspace::cargo().args(["metadata", "--format-version", "1"]).args(arguments).output()?;
    if !answer.status.success() {
        return Ok(Err(String::from_utf8_lossy(&answer.stderr).trim().trim_start_matches("error: ").to_owned()));
    }
    serde_json::from_slice(&answer.stdout).map(Ok).context("cargo metadata")
}

fn members(root: &Path, metadata: &Metadata) -> anyhow::Result<Vec<Package>> {
    let names: BTreeMap<&str, &str> =
        metadata.packages.iter().map(|one| (one.id.as_str(), one.name.as_str())).collect();
    let links: BTreeMap<&str, &Node> =
        metadata.resolve.iter().flat_map(|resolve| &resolve.nodes).map(|node| (node.id.as_str(), node)).collect();
    let members = metadata.packages.iter().filter(|package| metadata.workspace_members.contains(&package.id));
    members
        .map(|package| {
            let manifest = Path::new(&package.manifest_path).strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            let is_for_tests = |dependency: &&Dependency| dependency.kind.as_deref() == Some("dev");
            let (for_tests, always): (Vec<_>, Vec<_>) = package.dependencies.iter().partition(is_for_tests);
            Ok(Package {
                name: package.name.clone(),
                manifest,
                may_be_published: package.publish.as_ref().is_none_or(|registries| !registries.is_empty()),
                named: always.into_iter().map(|dependency| dependency.name.clone()).collect(),
                named_for_tests: for_tests.into_iter().map(|dependency| dependency.name.clone()).collect(),
                linked: linked(&package.id, &links)
                    .into_iter()
                    .filter_map(|id| names.get(id))
                    .map(|&n| n.to_owned())
                    .collect(),
            })
        })
        .collect()
}

/// Everything that a package reaches through normal dependencies.
fn linked<'a>(from: &'a str, links: &BTreeMap<&str, &'a Node>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        let Some(node) = links.get(id) else { continue };
        let normal = node.deps.iter().filter(|link| link.dep_kinds.iter().any(|kind| kind.kind.is_none()));
        open.extend(normal.map(|link| link.pkg.as_str()).filter(|&next| seen.insert(next)));
    }
    seen
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
    workspace_members: Vec<String>,
    /// Absent with `--no-deps`.
    resolve: Option<Resolve>,
}

#[derive(Deserialize)]
struct MetadataPackage {
    id: String,
    name: String,
    manifest_path: String,
    publish: Option<Vec<String>>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    pkg: String,
    dep_kinds: Vec<LinkKind>,
}

#[derive(Deserialize)]
struct LinkKind {
    kind: Option<String>,
}
