//! Responses to be written to a socket.
//!
//! Small responses are gathered into one buffer, and record batches are not copied; a vectored
//! write then passes many of these pieces to the kernel in one system call.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::wire::{Reply, WireError};

/// The most pieces that one system call writes.
const PIECES: usize = 64;

/// The bytes that one connection still has to send, in order.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    pieces: VecDeque<Bytes>,
    /// Small responses after the last piece, gathered.
    tail: BytesMut,
    length: usize,
}

impl Outbox {
    /// Adds one response at the end.
    pub(super) fn push(&mut self, reply: Reply) -> Result<(), WireError> {
        let (head, rest) = reply.finish()?;
        self.length += head.len() + rest.iter().map(Bytes::len).sum::<usize>();
        if self.tail.is_empty() {
            self.tail = head;
        } else {
            self.tail.extend_from_slice(&head);
        }
        if !rest.is_empty() {
            self.pieces.push_back(self.tail.split().freeze());
            self.pieces.extend(rest);
        }
        Ok(())
    }

    /// Bytes not yet sent.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Writes everything out.
    ///
    /// # Cancel safety
    /// Bytes that were written have left the outbox; the others are still in it.
    pub(super) async fn flush(&mut self, socket: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        if !self.tail.is_empty() {
            self.pieces.push_back(self.tail.split().freeze());
        }
        while !self.pieces.is_empty() {
            let mut slices = [IoSlice::new(&[]); PIECES];
            let mut count = 0;
            for (slice, piece) in slices.iter_mut().zip(&self.pieces) {
                *slice = IoSlice::new(piece);
                count += 1;
            }
            let written = socket
                .write_vectored(slices.get(..count).unwrap_or_default())
                .await?;
            if written == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
            self.drop_front(written);
        }
        Ok(())
    }

    fn drop_front(&mut self, mut written: usize) {
        self.length = self.length.saturating_sub(written);
        while let Some(piece) = self.pieces.front_mut() {
            if written < piece.len() {
                piece.advance(written);
                return;
            }
            written -= piece.len();
            self.pieces.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::BufMut;

    use super::*;

    fn reply(correlation_id: i32, records: &[&'static [u8]]) -> Reply {
        let mut reply = Reply::new(correlation_id, 4);
        for records in records {
            reply.buf().put_u8(b'|');
            reply.splice(Bytes::from_static(records));
        }
        reply
    }

    #[tokio::test]
    async fn answers_leave_in_order_through_a_socket_that_takes_a_byte_at_a_time() {
        let mut outbox = Outbox::default();
        outbox.push(reply(1, &[])).unwrap();
        outbox.push(reply(2, &[b"abc", b"de"])).unwrap();
        outbox.push(reply(3, &[])).unwrap();
        let length = outbox.len();

        let (mut near, mut far) = tokio::io::duplex(1);
        let sent = async {
            outbox.flush(&mut near).await.unwrap();
            drop(near);
            outbox.len()
        };
        let mut seen = Vec::new();
        let (left, _) = tokio::join!(sent, tokio::io::copy(&mut far, &mut seen));

        assert_eq!(left, 0);
        assert_eq!(seen.len(), length);
        assert_eq!(
            seen,
            b"\0\0\0\x04\0\0\0\x01\0\0\0\x0b\0\0\0\x02|abc|de\0\0\0\x04\0\0\0\x03"
        );
    }

    #[tokio::test]
    async fn more_pieces_than_one_call_takes_still_leave() {
        let mut outbox = Outbox::default();
        outbox
            .push(reply(1, &[b"x".as_slice(); 3 * PIECES]))
            .unwrap();
        let mut seen = Vec::new();
        outbox.flush(&mut seen).await.unwrap();
        assert_eq!(seen.len(), 8 + 6 * PIECES);
    }
}
