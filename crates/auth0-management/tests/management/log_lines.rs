//! What the code under test logs, apart for each thread, because tests run side by side.

use std::cell::RefCell;
use std::sync::Once;

use log::{LevelFilter, Log, Metadata, Record};

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct ByThread;

/// Every line that is logged on this thread meanwhile, at any level: `LEVEL text`.
pub(crate) fn lines_of(work: impl FnOnce()) -> Vec<String> {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        log::set_logger(&ByThread).expect("the only logger");
        log::set_max_level(LevelFilter::Trace);
    });
    LINES.take();
    work();
    LINES.take()
}

impl Log for ByThread {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        LINES.with_borrow_mut(|lines| lines.push(format!("{} {}", record.level(), record.args())));
    }

    fn flush(&self) {}
}
