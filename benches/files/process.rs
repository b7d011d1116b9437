//! A process of a transfer: started, read line by line, watched for its memory, and ended.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A process that runs; killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> std::io::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let out = BufReader::new(child.stdout.take().unwrap());
        Ok(Self { child, out })
    }

    /// The next line in which this stands.
    pub(crate) fn line_with(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            let length = self.out.read_line(&mut line).unwrap();
            assert!(length > 0, "the process ended without saying `{words}`");
            if line.contains(words) {
                return line.trim().to_owned();
            }
        }
    }

    /// Waits until it has ended by itself, and says the most memory that it had at a time, in bytes.
    ///
    /// What has ended cannot be asked any more, so it is asked until then.
    pub(crate) fn finish(mut self) -> u64 {
        let mut peak = 0;
        loop {
            peak = self.peak_memory().unwrap_or(peak).max(peak);
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return peak;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// The most memory that it had at a time until now, in bytes (`VmHWM`, see `proc_pid_status(5)`).
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
