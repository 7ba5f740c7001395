//! The threads that a cluster runs on.

use std::io;
use std::thread::available_parallelism;

use tokio::runtime::{Handle, Runtime};

/// Most worker threads: the broker shares its machine with the program under test.
const MAX_THREADS: usize = 4;
/// Stack of a thread, in bytes. The deepest stack is a compression codec's; the system takes the
/// memory only as it is used.
const STACK_BYTES: usize = 512 * 1024;

/// A runtime with its worker threads.
#[derive(Debug)]
pub(super) struct Threads {
    handle: Handle,
    /// Present until `drop` takes it.
    runtime: Option<Runtime>,
}

impl Threads {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system's error if it gives no threads.
    pub(super) fn new() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(
                available_parallelism()
                    .map_or(1, usize::from)
                    .min(MAX_THREADS),
            )
            .max_blocking_threads(1)
            .thread_name("broker-lite")
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    /// A handle to spawn tasks with.
    pub(super) fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Dropping a runtime inside async code panics, so this one ends in the background.
            runtime.shutdown_background();
        }
    }
}
