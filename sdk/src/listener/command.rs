//! The command channel to a consumer's thread.

use std::sync::mpsc::Sender;
use std::thread::Thread;

/// Commands to a consumer's thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Give all partitions back and leave the group.
    Stop,
}

/// The sending end of the channel to one consumer's thread.
///
/// The channel has no bound, since a sender must never block: a command stands for one request of
/// the application, or for one failure.
#[derive(Debug)]
pub(super) struct CommandSender {
    commands: Sender<Command>,
    /// The thread that receives, which sleeps between two looks.
    thread: Thread,
}

impl CommandSender {
    pub(super) const fn new(commands: Sender<Command>, thread: Thread) -> Self {
        Self { commands, thread }
    }

    /// Sends a command and wakes the thread. A thread that has ended is left alone.
    pub(super) fn send(&self, command: Command) {
        if self.commands.send(command).is_ok() {
            self.thread.unpark();
        }
    }
}
