//! One response: encoded fields, with record batches in between by reference.

use bytes::{BufMut, Bytes, BytesMut};

use super::WireError;

/// A frame under construction. Record batches are spliced in and never copied.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The frame's first bytes; the length in front is filled in last.
    head: BytesMut,
    /// The pieces after it, in order.
    rest: Vec<Bytes>,
    /// The fields after the last spliced piece.
    tail: BytesMut,
}

impl Reply {
    const PREFIX: usize = 4;

    /// Starts a response with its header.
    pub(crate) fn new(correlation_id: i32, header_len: usize) -> Self {
        let mut head = BytesMut::with_capacity(128);
        head.put_i32(0);
        head.put_i32(correlation_id);
        head.put_bytes(0, header_len.saturating_sub(4));
        Self {
            head,
            rest: Vec::new(),
            tail: BytesMut::new(),
        }
    }

    /// Returns the buffer for the next fields.
    pub(crate) fn buf(&mut self) -> &mut BytesMut {
        if self.rest.is_empty() {
            &mut self.head
        } else {
            &mut self.tail
        }
    }

    /// Appends bytes by reference.
    pub(crate) fn splice(&mut self, piece: Bytes) {
        if piece.is_empty() {
            return;
        }
        if !self.tail.is_empty() {
            self.rest.push(self.tail.split().freeze());
        }
        self.rest.push(piece);
    }

    /// Fills in the length and hands out the pieces in order.
    ///
    /// # Errors
    /// [`WireError::Impossible`] over 2 GiB: a frame cannot say so.
    pub(crate) fn finish(mut self) -> Result<(BytesMut, Vec<Bytes>), WireError> {
        if !self.tail.is_empty() {
            self.rest.push(self.tail.freeze());
        }
        let length =
            self.head.len() - Self::PREFIX + self.rest.iter().map(Bytes::len).sum::<usize>();
        let length = i32::try_from(length).map_err(|_| WireError::Impossible {
            field: "frame length",
            value: i64::MAX,
        })?;
        for (place, byte) in self.head.iter_mut().zip(length.to_be_bytes()) {
            *place = byte;
        }
        Ok((self.head, self.rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spliced_pieces_keep_their_place_and_are_not_copied() {
        let records = Bytes::from(vec![7; 100]);
        let mut reply = Reply::new(42, 5);
        reply.buf().put_slice(b"before");
        reply.splice(records.clone());
        reply.buf().put_slice(b"after");
        reply.splice(Bytes::new());
        let (head, rest) = reply.finish().unwrap();

        assert_eq!(&head[..4], 116_i32.to_be_bytes(), "length without itself");
        assert_eq!(&head[4..9], [0, 0, 0, 42, 0]);
        assert_eq!(&head[9..], b"before");
        assert_eq!(rest, [records.clone(), Bytes::from_static(b"after")]);
        assert_eq!(rest[0].as_ptr(), records.as_ptr());
    }
}
