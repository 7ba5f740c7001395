//! The machine that a run is made on.

use std::fmt;

use procfs::{CpuInfo, Current as _, LoadAverage, Meminfo};
use serde::{Deserialize, Serialize};

/// The machine, as the page describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Its cores, as the kernel counts them.
    pub cores: usize,
    /// Its memory in MiB.
    pub memory_mib: u64,
    /// The kernel's release.
    pub kernel: String,
}

impl Machine {
    /// Reads what this machine is.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn read() -> wellspring::Result<Self> {
        let processors = CpuInfo::current()?;
        // Some architectures give no name.
        let processor = processors.model_name(0).unwrap_or(std::env::consts::ARCH);
        Ok(Self {
            processor: processor.to_owned(),
            cores: processors.num_cores(),
            memory_mib: Meminfo::current()?.mem_total / MIB,
            kernel: std::fs::read_to_string("/proc/sys/kernel/osrelease")?
                .trim()
                .to_owned(),
        })
    }
}

const MIB: u64 = 1024 * 1024;

/// Returns the memory in bytes that can be used without swapping.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn available_memory() -> wellspring::Result<u64> {
    let memory = Meminfo::current()?;
    Ok(memory.mem_available.unwrap_or(memory.mem_free))
}

/// Returns how many tasks wanted a core, on average over the last minute.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn load() -> wellspring::Result<f64> {
    Ok(f64::from(LoadAverage::current()?.one))
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            processor,
            cores,
            memory_mib,
            kernel,
        } = self;
        write!(
            f,
            "{processor}, {cores} cores, {memory_mib} MiB of memory, Linux {kernel}"
        )
    }
}
