//! One figure of a bench: many samples, of which it prints the median and the 90th percentile beside the aim, as a line of
//! the table in `FIGURES.md`.
//!
//! Single samples rather than means of many runs: this is what a person waits for, and a tail shows.

use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often something is measured: as often as asked under `cargo bench`, once where only its working is of interest.
pub(crate) fn runs(wanted: usize) -> usize {
    if std::env::args().any(|argument| argument == "--bench") {
        wanted
    } else {
        1
    }
}

/// Whether the words given after `--` leave this figure out.
pub(crate) fn is_wanted(figure: &str) -> bool {
    let mut words = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .peekable();
    words.peek().is_none() || words.any(|word| figure.contains(&word))
}

/// The moment a sample begins or ends.
#[expect(clippy::disallowed_methods, reason = "a bench is about real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// How long this takes.
pub(crate) fn timed<T>(what: impl FnOnce() -> T) -> Duration {
    let start = now();
    black_box(what());
    start.elapsed()
}

/// The samples of one figure.
pub(crate) struct Figure {
    name: String,
    aim: Option<Duration>,
    samples: Vec<Duration>,
}

impl Figure {
    /// A figure without samples. `aim` is what its median should stay below.
    pub(crate) fn new(name: &str, aim: Option<Duration>) -> Self {
        Self {
            name: name.to_owned(),
            aim,
            samples: Vec::new(),
        }
    }

    /// Takes in one sample.
    pub(crate) fn add(&mut self, sample: Duration) {
        self.samples.push(sample);
    }

    /// Takes `runs` samples after three that do not count, and prints them.
    pub(crate) fn measure(mut self, wanted: usize, mut sample: impl FnMut() -> Duration) {
        if !is_wanted(&self.name) {
            return;
        }
        for _ in 0..runs(3) {
            sample();
        }
        for _ in 0..runs(wanted) {
            self.add(sample());
        }
        self.print(None);
    }

    /// The sample that so many of a hundred are not longer than.
    fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.samples.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        sorted.get(last * percent / 100).copied().unwrap_or_default()
    }

    /// Prints `| figure | median (p90) | aim | samples |`; the median also in round trips, if it is about any.
    pub(crate) fn print(&self, round_trip: Option<Duration>) {
        let (median, tail) = (self.percentile(50), self.percentile(90));
        let trips = round_trip.map(|trip| format!(", {:.2} round trips", median.as_secs_f64() / trip.as_secs_f64()));
        let aim = self
            .aim
            .map_or_else(|| "-".to_owned(), |aim| format!("< {}", short(aim)));
        let missed = if self.aim.is_some_and(|aim| median >= aim) {
            ", MISSED"
        } else {
            ""
        };
        say(&format!(
            "| {} | {} ({}){} | {aim}{missed} | {} samples |",
            self.name,
            short(median),
            short(tail),
            trips.unwrap_or_default(),
            self.samples.len()
        ));
    }
}

/// Three digits are all that a shared machine gives.
fn short(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    match millis {
        ..0.1 => format!("{:.1} µs", millis * 1000.0),
        ..10.0 => format!("{millis:.2} ms"),
        ..100.0 => format!("{millis:.1} ms"),
        _ => format!("{millis:.0} ms"),
    }
}

/// Prints a line.
#[expect(clippy::expect_used, reason = "a bench that nobody reads can end")]
pub(crate) fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody reads");
}
