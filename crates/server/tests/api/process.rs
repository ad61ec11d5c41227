//! A process, as Linux sees it.

use std::fs;

/// By its number.
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// How many files and connections it has open.
    pub(crate) fn open_files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.0)).expect("a process").count()
    }

    /// Whether the system takes connections for it, whatever it has said.
    pub(crate) fn is_listening(&self) -> bool {
        let sockets = fs::read_to_string(format!("/proc/{}/net/tcp", self.0)).unwrap_or_default();
        let listening = sockets.lines().filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            (fields.get(3) == Some(&"0A")).then(|| format!("socket:[{}]", fields[9]))
        });
        let listening: Vec<String> = listening.collect();
        let files = fs::read_dir(format!("/proc/{}/fd", self.0)).into_iter().flatten().flatten();
        let mut links = files.filter_map(|file| fs::read_link(file.path()).ok());
        links.any(|link| listening.iter().any(|socket| link.as_os_str() == socket.as_str()))
    }

    /// Sends SIGTERM, at once.
    pub(crate) fn terminate(&self) {
        let process = i32::try_from(self.0).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(process.expect("a process"), rustix::process::Signal::TERM).expect("a signal");
    }
}
