//! The process as the system sees it, under the names that all of Prometheus' libraries use. Linux only, but for the start:
//! elsewhere there are no such series.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus::core::{Collector, Desc};
use prometheus::proto::{MetricFamily, MetricType};
use rustix::process::{Resource, getrlimit};

use super::family::{counted_in, described, family, measured};

/// Time in `/proc` is counted in hundredths of a second on every machine that this is built for (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// Reads `/proc/self` at each scrape, and nothing else of `/proc`: a service may be shown no more of it.
#[derive(Debug)]
pub(super) struct ProcessFamilies {
    processor: Desc,
    resident: Desc,
    virtual_memory: Desc,
    threads: Desc,
    open_files: Desc,
    most_files: Desc,
    started: Desc,
    /// In seconds since 1970. Taken once: an alert counts how often it changes.
    started_at: Option<f64>,
}

/// What `/proc/self/stat` tells.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stat {
    processor_seconds: f64,
    threads: f64,
}

impl ProcessFamilies {
    /// To be made once, when the process starts.
    pub(super) fn new() -> prometheus::Result<Self> {
        let of = |name: &str, help: &str| described(name, help, &[]);
        Ok(Self {
            processor: of("process_cpu_seconds_total", "Processor time that the process has taken.")?,
            resident: of("process_resident_memory_bytes", "Memory of the process that is in use.")?,
            virtual_memory: of("process_virtual_memory_bytes", "Memory that the process has set aside.")?,
            threads: of("process_threads", "Threads of the process.")?,
            open_files: of("process_open_fds", "Files and connections that are open.")?,
            most_files: of("process_max_fds", "The most files and connections that may be open.")?,
            started: of("process_start_time_seconds", "When the process was started, in seconds since 1970.")?,
            started_at: SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs_f64()),
        })
    }
}

impl Collector for ProcessFamilies {
    fn desc(&self) -> Vec<&Desc> {
        let Self { processor, resident, virtual_memory, threads, open_files, most_files, started, started_at: _ } =
            self;
        vec![processor, resident, virtual_memory, threads, open_files, most_files, started]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
        let (stat, status) = (Stat::parse(&read("/proc/self/stat")), read("/proc/self/status"));
        let kibibytes = |name: &str| number_after(&status, name).map(|kibibytes| kibibytes * 1_024.0);
        let gauge = |description: &Desc, value: Option<f64>| {
            value.map(|value| family(description, MetricType::GAUGE, vec![measured(value)]))
        };
        let processor =
            stat.map(|stat| family(&self.processor, MetricType::COUNTER, vec![counted_in(stat.processor_seconds)]));
        let families = [
            processor,
            gauge(&self.resident, kibibytes("VmRSS:")),
            gauge(&self.virtual_memory, kibibytes("VmSize:")),
            gauge(&self.threads, stat.map(|stat| stat.threads)),
            gauge(&self.open_files, open_files()),
            gauge(&self.most_files, most_files()),
            gauge(&self.started, self.started_at),
        ];
        families.into_iter().flatten().collect()
    }
}

impl Stat {
    /// The fields are numbered as in proc(5), where the second is the name in parentheses.
    fn parse(text: &str) -> Option<Self> {
        let (_, fields) = text.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        let number = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
        Some(Self { processor_seconds: (number(14)? + number(15)?) / TICKS_PER_SECOND, threads: number(20)? })
    }
}

/// Newer kernels tell the number as the size of the directory; on others it is counted.
fn open_files() -> Option<f64> {
    let told = fs::metadata("/proc/self/fd").ok()?.len();
    if told > 0 {
        return Some(told as f64);
    }
    // One of them is the directory itself.
    Some(fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1) as f64)
}

/// Asked for without opening a file: the alert about files that run out needs it most when none can be opened.
fn most_files() -> Option<f64> {
    getrlimit(Resource::Nofile).current.map(|files| files as f64)
}

/// The first number on the line that begins so.
fn number_after(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_moves_no_field() {
        let text = "7 (a) (b c) S 1 7 7 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 6 0 4200 9000 300 18446744073709551615";
        let expected = Stat { processor_seconds: 2.0, threads: 6.0 };
        assert_eq!(Stat::parse(text), Some(expected));
        assert_eq!(Stat::parse("7 (short) S 1"), None);
    }

    #[test]
    fn sizes_are_the_first_number_of_their_line() {
        assert_eq!(number_after("VmSize:\t  100 kB\nVmRSS:\t   12 kB\n", "VmRSS:"), Some(12.0));
        assert_eq!(number_after("VmRSS: much", "VmRSS:"), None);
    }

    fn value_of(name: &str, families: &[MetricFamily]) -> f64 {
        let family = families.iter().find(|family| family.name() == name).expect("a family");
        let metric = family.get_metric().first().expect("a series");
        metric.get_gauge().get_value() + metric.get_counter().get_value()
    }

    #[test]
    fn the_start_is_the_same_at_each_scrape() {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64();
        let before = now();
        let process = ProcessFamilies::new().expect("good names");
        let after = now();
        let told: Vec<f64> = (0..3).map(|_| value_of("process_start_time_seconds", &process.collect())).collect();
        assert!(told.iter().all(|started| (before..=after).contains(started)), "{before} {told:?} {after}");
        assert!(told.windows(2).all(|pair| pair.first() == pair.last()), "{told:?}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_is_told() {
        let families = ProcessFamilies::new().expect("good names").collect();
        let value = |name: &str| value_of(name, &families);
        assert_eq!(families.len(), 7);
        assert!(value("process_resident_memory_bytes") > 1e6);
        assert!(value("process_virtual_memory_bytes") >= value("process_resident_memory_bytes"));
        assert!(value("process_threads") >= 1.0);
        assert!((1.0..=value("process_max_fds")).contains(&value("process_open_fds")));
        let file = fs::File::open("/proc/self/stat").expect("a file");
        let more = open_files().expect("a number");
        drop(file);
        assert!(more >= 4.0, "{more}");
    }
}
