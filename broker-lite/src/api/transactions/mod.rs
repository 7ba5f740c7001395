//! Producers that write each record once.

mod init_producer_id;

pub(super) use init_producer_id::InitProducerId;
