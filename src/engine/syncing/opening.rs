//! Checking the signatures of many ops on all cores: that is most of the work of catching up.

use std::panic::resume_unwind;
use std::thread::available_parallelism;

use tokio::task::spawn_blocking;

use crate::party::{Op, OpError};

/// Ops that are fewer are checked at once: they take less than a millisecond.
const FEW: usize = 16;

/// Opens ops. The first that is none decides.
pub(super) async fn open_all(ops: Vec<Vec<u8>>) -> Result<Vec<Op>, OpError> {
    if ops.len() <= FEW {
        return open(&ops);
    }
    let share = ops.len().div_ceil(available_parallelism().map_or(1, usize::from));
    let mut ops = ops.into_iter().peekable();
    let mut checks = Vec::new();
    while ops.peek().is_some() {
        let share: Vec<Vec<u8>> = ops.by_ref().take(share).collect();
        checks.push(spawn_blocking(move || open(&share)));
    }
    let mut opened = Vec::new();
    for check in checks {
        match check.await {
            Ok(ops) => opened.extend(ops?),
            // A panic is a bug, and is treated like one in the engine itself.
            Err(error) => resume_unwind(error.into_panic()),
        }
    }
    Ok(opened)
}

fn open(ops: &[Vec<u8>]) -> Result<Vec<Op>, OpError> {
    ops.iter().map(|bytes| Op::open(bytes)).collect()
}
