//! A build of which nothing depends on where, when and by whom it is done. `deploy/Dockerfile` has the same flags.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::said;
use super::source::Source;

/// What the paths of the machine become in messages, back-traces and the assertions of the C libraries.
const SOURCE: &str = "/authsync";
const TARGET: &str = "/target";
const CARGO_HOME: &str = "/cargo";

/// Of the environment, what a build needs or what says how packages are fetched; nothing else gets through.
const KEPT: [&str; 11] = [
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "PATH",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "SSL_CERT_FILE",
    "TMPDIR",
    "https_proxy",
    "no_proxy",
];
const KEPT_PREFIXES: [&str; 4] = ["CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR", "CARGO_SOURCE_"];

/// Where, and what of.
#[derive(Debug)]
pub(super) struct Build<'a> {
    pub(super) source: &'a Source,
    pub(super) target: PathBuf,
    pub(super) cargo_home: PathBuf,
    /// Of the package `server`, besides the default ones.
    pub(super) features: &'a str,
}

impl Build<'_> {
    /// Builds, and says where the program is.
    pub(super) fn run(&self) -> anyhow::Result<PathBuf> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--release", "--locked", "--package", "server", "--bin", "authsync"]);
        cargo.args(["--features", self.features]).current_dir(&self.source.folder).stdin(Stdio::null());
        cargo.env_clear().envs(kept(std::env::vars_os())).envs(self.environment(&sysroot()?)?);
        if !cargo.status().context("cargo cannot be started")?.success() {
            bail!("the release was not built");
        }
        Ok(self.target.join("release/authsync"))
    }

    fn environment(&self, sysroot: &Sysroot) -> anyhow::Result<Vec<(&'static str, String)>> {
        let folders = [
            (&self.source.folder, SOURCE.to_owned()),
            (&self.cargo_home, CARGO_HOME.to_owned()),
            (&self.target, TARGET.to_owned()),
            // Where the component rust-src is installed, the compiler finds it; where it is not, it says this.
            (&sysroot.library, format!("/rustc/{}", sysroot.commit)),
        ];
        let mut rust = Vec::new();
        let mut c = Vec::new();
        for (folder, name) in folders {
            // Some programs look where a link leads to before they say where they are.
            let behind_links = folder.canonicalize().ok().filter(|behind| behind != folder);
            for folder in behind_links.iter().chain([folder]) {
                let folder = folder.to_str().with_context(|| format!("not UTF-8: {}", folder.display()))?;
                // The compilers of C get their flags as one text.
                if folder.contains(char::is_whitespace) {
                    bail!("a path with a space cannot be built in: {folder}");
                }
                rust.push(format!("--remap-path-prefix={folder}={name}"));
                c.push(format!("-ffile-prefix-map={folder}={name}"));
            }
        }
        Ok(vec![
            ("CARGO_ENCODED_RUSTFLAGS", rust.join("\x1f")),
            ("CARGO_HOME", self.cargo_home.display().to_string()),
            ("CARGO_INCREMENTAL", "0".to_owned()),
            ("CARGO_PROFILE_RELEASE_STRIP", "symbols".to_owned()),
            ("CARGO_TARGET_DIR", self.target.display().to_string()),
            ("CFLAGS", c.join(" ")),
            ("LC_ALL", "C".to_owned()),
            ("SOURCE_DATE_EPOCH", self.source.committed_at.clone()),
            ("TZ", "UTC".to_owned()),
        ])
    }

    /// What somebody needs to know who wants to build the same.
    pub(super) fn told(&self) -> anyhow::Result<String> {
        let compiler = said(Command::new("rustc").arg("-vV"))?;
        let c = said(Command::new("cc").arg("--version"))?;
        let linker = said(Command::new("ld").arg("--version"))?;
        let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
        let features = if self.features.is_empty() { "default" } else { self.features };
        Ok(format!(
            "commit: {}\nSOURCE_DATE_EPOCH: {}\nfeatures: {features}\n{compiler}\ncc: {}\nld: {}\n",
            self.source.commit,
            self.source.committed_at,
            first(&c),
            first(&linker)
        ))
    }
}

/// Where cargo keeps what it has fetched.
pub(super) fn cargo_home() -> anyhow::Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    home.context("neither CARGO_HOME nor HOME says where cargo keeps its files")
}

struct Sysroot {
    /// The sources of the standard library, there or not.
    library: PathBuf,
    commit: String,
}

fn sysroot() -> anyhow::Result<Sysroot> {
    let folder = said(Command::new("rustc").args(["--print", "sysroot"]))?;
    let version = said(Command::new("rustc").arg("-vV"))?;
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: ")).unwrap_or("unknown").to_owned();
    Ok(Sysroot { library: Path::new(&folder).join("lib/rustlib/src/rust"), commit })
}

fn kept(all: impl Iterator<Item = (OsString, OsString)>) -> impl Iterator<Item = (OsString, OsString)> {
    all.filter(|(name, _)| {
        let name = name.to_string_lossy();
        KEPT.contains(&&*name) || KEPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        let text = str::to_owned;
        Source { folder: "/a/source".into(), commit: text("abc"), committed_at: text("1795379400") }
    }

    #[test]
    fn every_folder_of_the_machine_has_another_name_in_the_program() {
        let source = source();
        let build = Build { source: &source, target: "/b/t".into(), cargo_home: "/c/h".into(), features: "" };
        let sysroot = Sysroot { library: "/d/rust".into(), commit: "123".to_owned() };
        let environment = build.environment(&sysroot).unwrap();
        let of = |wanted: &str| environment.iter().find(|(name, _)| *name == wanted).unwrap().1.clone();
        assert_eq!(
            of("CARGO_ENCODED_RUSTFLAGS").split('\x1f').collect::<Vec<_>>(),
            [
                "--remap-path-prefix=/a/source=/authsync",
                "--remap-path-prefix=/c/h=/cargo",
                "--remap-path-prefix=/b/t=/target",
                "--remap-path-prefix=/d/rust=/rustc/123"
            ]
        );
        assert!(of("CFLAGS").contains("-ffile-prefix-map=/c/h=/cargo"));
        assert_eq!(of("SOURCE_DATE_EPOCH"), "1795379400");
    }

    #[test]
    fn settings_of_the_person_who_builds_do_not_get_through() {
        let given = ["PATH", "RUSTFLAGS", "CARGO_PROFILE_RELEASE_LTO", "CARGO_NET_OFFLINE", "CFLAGS"];
        let given = given.map(|name| (OsString::from(name), OsString::from("x")));
        let kept: Vec<_> = kept(given.into_iter()).map(|(name, _)| name).collect();
        assert_eq!(kept, ["PATH", "CARGO_NET_OFFLINE"]);
    }

    #[test]
    fn the_image_is_built_with_the_same_flags() {
        let dockerfile = crate::workspace::root().join("deploy/Dockerfile");
        let dockerfile = std::fs::read_to_string(dockerfile).unwrap();
        for flag in [
            "--remap-path-prefix=/src=/authsync",
            "--remap-path-prefix=/usr/local/cargo=/cargo",
            "--remap-path-prefix=/src/target=/target",
            "-ffile-prefix-map=/usr/local/cargo=/cargo",
            "CARGO_PROFILE_RELEASE_STRIP=symbols",
            "SOURCE_DATE_EPOCH",
            "--locked",
        ] {
            assert!(dockerfile.contains(flag), "{flag}");
        }
    }
}
