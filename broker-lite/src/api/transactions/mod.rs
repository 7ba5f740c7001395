//! Producer ids, which idempotent producers need.

mod init_producer_id;

pub(super) use init_producer_id::InitProducerId;
