//! The lines of an export, some hundreds at a time.

use auth0_management::{ExportLine, ExportLines, JobClient, JobError};

/// The most lines of a batch.
const MOST_LINES: usize = 1_000;
/// A batch that holds more than this is full.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// How often in a row a connection may break off before it has brought a single line.
const MOST_BREAKS: u32 = 5;

/// The lines of an export in their order, none twice.
#[derive(Debug)]
pub(crate) struct Batches<'a> {
    jobs: &'a JobClient,
    job: String,
    /// Lines that were given out or passed over, the empty ones among them.
    done: u64,
    lines: Option<ExportLines>,
    breaks: u32,
    is_over: bool,
}

impl<'a> Batches<'a> {
    pub(super) fn new(jobs: &'a JobClient, job: String, done: u64) -> Self {
        Self { jobs, job, done, lines: None, breaks: 0, is_over: false }
    }

    /// How many lines are behind the batches so far.
    pub(crate) fn lines_done(&self) -> u64 {
        self.done
    }

    /// The next batch; none at the end.
    ///
    /// # Errors
    /// When the connection breaks off again and again, or cannot be opened again.
    pub(crate) fn next_batch(&mut self) -> Result<Option<Vec<ExportLine>>, JobError> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while !self.is_over && batch.len() < MOST_LINES && bytes < MOST_BYTES {
            let lines = match self.lines.as_mut() {
                Some(lines) => lines,
                None => match self.jobs.export_lines(&self.job, self.done) {
                    Ok(lines) => self.lines.insert(lines),
                    Err(JobError::Broken(error)) => {
                        self.broken(JobError::Broken(error))?;
                        continue;
                    }
                    Err(error) => return Err(error),
                },
            };
            match lines.next() {
                Some(Ok(line)) => {
                    self.breaks = 0;
                    self.done = line.number;
                    bytes += line.text.as_ref().map_or(0, Vec::len);
                    batch.push(line);
                }
                Some(Err(error)) => {
                    self.lines = None;
                    self.broken(JobError::Broken(error))?;
                }
                None => {
                    self.done = self.done.max(lines.lines_read());
                    self.is_over = true;
                }
            }
        }
        Ok(Some(batch).filter(|batch| !batch.is_empty()))
    }

    fn broken(&mut self, error: JobError) -> Result<(), JobError> {
        self.breaks += 1;
        log::warn!("the export is fetched again from line {} on: {:#}", self.done + 1, Shown(&error));
        if self.breaks >= MOST_BREAKS { Err(error) } else { Ok(()) }
    }
}

/// An error with its causes, in a line.
struct Shown<'e>(&'e JobError);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&domain::in_one_line(self.0))
    }
}
