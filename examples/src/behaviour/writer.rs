//! A thread that writes what is waiting, in groups: database and file calls block.
//!
//! Each item is a message to that thread. It takes what is there, writes it at once, and answers
//! each sender afterwards: a hundred items cost one commit, and none is confirmed early.

use std::thread;

use tokio::sync::{mpsc, oneshot};
use wellspring::prelude::*;

/// Most items that wait for the thread; senders beyond that wait themselves.
const MAX_WAITING: usize = 4096;

/// Most items that are written at once.
const MAX_GROUP: usize = 512;

/// A handle on the thread. Cloning shares it; the thread ends with the last one.
#[derive(Debug)]
pub(super) struct Writer<T, A> {
    queue: mpsc::Sender<Message<T, A>>,
}

type Message<T, A> = (T, oneshot::Sender<Result<A, WriteError>>);

/// Why an item was not written. Another attempt may help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Classify)]
#[error("{what}: {reason}")]
#[classify(retry)]
pub struct WriteError {
    what: &'static str,
    reason: String,
}

impl<T: Send + 'static, A: Send + 'static> Writer<T, A> {
    /// Starts the thread. `write` answers each item of a group in its order, or has written none.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(super) fn start<E: ToString>(
        name: &'static str,
        mut write: impl FnMut(&[T]) -> Result<Vec<A>, E> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (sender, mut queue) = mpsc::channel::<Message<T, A>>(MAX_WAITING);
        let serve = move || {
            let mut messages = Vec::with_capacity(MAX_GROUP);
            while queue.blocking_recv_many(&mut messages, MAX_GROUP) > 0 {
                let (items, senders): (Vec<T>, Vec<_>) = messages.drain(..).unzip();
                match write(&items) {
                    // A sender that went away does not mind.
                    Ok(answers) => senders
                        .into_iter()
                        .zip(answers)
                        .for_each(|(sender, answer)| {
                            drop(sender.send(Ok(answer)));
                        }),
                    Err(error) => senders.into_iter().for_each(|sender| {
                        drop(sender.send(Err(WriteError::new(name, error.to_string()))));
                    }),
                }
            }
        };
        thread::Builder::new().name(name.to_owned()).spawn(serve)?;
        Ok(Self { queue: sender })
    }

    /// Writes the item, and returns what became of it.
    ///
    /// # Errors
    /// When the group that it was in could not be written.
    ///
    /// # Cancel safety
    /// The item may still be written.
    pub(super) async fn write(&self, item: T) -> Result<A, WriteError> {
        let (answer, answered) = oneshot::channel();
        let gone = || WriteError::new("writer", "it has ended".to_owned());
        self.queue.send((item, answer)).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

impl WriteError {
    pub(super) const fn new(what: &'static str, reason: String) -> Self {
        Self { what, reason }
    }
}

impl<T, A> Clone for Writer<T, A> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_sender_hears_what_became_of_its_own_item() {
        let double = |items: &[u32]| Ok::<_, String>(items.iter().map(|item| item * 2).collect());
        let writer = Writer::start("double", double).unwrap();
        let answers = futures::future::join_all((0..1000).map(|item| writer.write(item))).await;
        let answers: Vec<u32> = answers.into_iter().map(Result::unwrap).collect();
        assert!(answers.iter().copied().eq((0..1000).map(|item| item * 2)));
    }

    #[tokio::test]
    async fn a_group_that_fails_is_told_to_all_its_senders_and_the_next_goes_on() {
        let mut full = true;
        let write = move |items: &[u32]| match std::mem::take(&mut full) {
            true => Err("the disk is full"),
            false => Ok(items.to_vec()),
        };
        let writer = Writer::start("archive", write).unwrap();
        let error = writer.write(1).await.unwrap_err();
        assert_eq!(error.to_string(), "archive: the disk is full");
        assert_eq!(writer.write(2).await, Ok(2));
    }
}
