//! A file system of a few megabytes, which can be filled up and given room again.
//!
//! It lives in memory and in a mount namespace of its own, which one program and its children see. When the last of
//! them ends, the kernel takes it away, so nothing is left behind however they end. Root may make one anywhere; others may
//! where the kernel allows user namespaces.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

/// Mounts the disk, runs the program, and takes the disk and its folders away. `$1` is the place, `$2` the options of the mount.
const MOUNTED: &str = r#"
mount -t tmpfs -o "$2" authsync-small-disk "$1" || exit 70
place=$1
shift 2
"$@"
status=$?
umount "$place"
rmdir "$place" "${place%/*}" 2>/dev/null
exit $status
"#;
const BALLAST: &str = "ballast";
const PIECE: usize = 64 * 1024;

/// The disk, seen from outside of its namespace.
#[derive(Clone, Debug)]
pub struct SmallDisk {
    place: PathBuf,
}

impl SmallDisk {
    /// The beginning of a command line; what is added to it runs as `owner` (user and group; `None`: whoever we are), and sees a
    /// disk of `megabytes` at `place`, an existing folder, which goes with it, and so does the one around it if nothing else is in there. Exit code 70: there is no such disk to be had.
    ///
    /// # Errors
    /// We are not root and want another owner.
    pub fn shell(place: &Path, megabytes: u32, owner: Option<(u32, u32)>) -> anyhow::Result<Command> {
        let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let mut command = Command::new("unshare");
        match owner {
            Some(_) if !is_root => bail!("only root may give a disk to somebody else"),
            _ if is_root => command.arg("--mount"),
            // Whoever makes a user namespace may mount in it.
            _ => command.args(["--user", "--map-current-user", "--keep-caps", "--mount"]),
        };
        command.args(["sh", "-c", MOUNTED, "small-disk"]).arg(place);
        let size = format!("size={megabytes}m,mode=0700");
        match owner {
            Some((user, group)) => command.args([
                format!("{size},uid={user},gid={group}"),
                "setpriv".to_owned(),
                format!("--reuid={user}"),
                format!("--regid={group}"),
                "--clear-groups".to_owned(),
            ]),
            None => command.arg(size),
        };
        Ok(command)
    }

    /// The disk at `place` as the process sees it that [`shell`](Self::shell) has become.
    #[must_use]
    pub fn seen_by(process: u32, place: &Path) -> Self {
        let inside = place.strip_prefix("/").unwrap_or(place);
        Self { place: Path::new("/proc").join(process.to_string()).join("root").join(inside) }
    }

    /// Writes until nothing more fits.
    ///
    /// # Errors
    /// It cannot be written to for another reason.
    pub fn fill(&self) -> anyhow::Result<()> {
        let path = self.place.join(BALLAST);
        let mut file =
            File::options().create(true).append(true).open(&path).with_context(|| path.display().to_string())?;
        let mut piece = vec![0; PIECE];
        // Down to the last byte.
        while !piece.is_empty() {
            match file.write(&piece) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => piece.truncate(piece.len() / 2),
                Err(error) => return Err(error).context("the disk cannot be filled"),
            }
        }
        Ok(())
    }

    /// Takes away what [`fill`](Self::fill) wrote.
    ///
    /// # Errors
    /// It cannot be taken away.
    pub fn make_room(&self) -> anyhow::Result<()> {
        fs::remove_file(self.place.join(BALLAST)).context("the disk gets no room")
    }

    /// Where a file of the disk is, seen from outside.
    #[must_use]
    pub fn path_of(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.place.join(name.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;

    use super::*;

    #[test]
    fn a_full_disk_takes_writes_again_when_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("disk");
        fs::create_dir(&place).unwrap();
        let mut command = SmallDisk::shell(&place, 1, None).unwrap();
        command.args(["sh", "-c", "echo here; read -r word"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut running = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(running.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "here\n", "no disk in a namespace of its own");
        let disk = SmallDisk::seen_by(running.id(), &place);
        disk.fill().unwrap();
        let refused = fs::write(disk.path_of("note"), "kept").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::StorageFull);
        disk.make_room().unwrap();
        fs::write(disk.path_of("note"), "kept").unwrap();
        drop(running.stdin.take());
        running.wait().unwrap();
        assert!(!place.exists());
    }
}
