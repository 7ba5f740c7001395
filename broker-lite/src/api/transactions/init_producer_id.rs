//! InitProducerId, key 22, versions 0-5.
//!
//! *Behaviour.* Gives an idempotent producer an id that no other has or had, with epoch 0. Each
//! call returns a new one.
//!
//! *Versions.* 2: flexible. 3: the producer may say who it was (KIP-360). 4: PRODUCER_FENCED
//! (KIP-588). 5: KIP-890.
//!
//! *Known gaps.* No transactions yet: a transactional id is INVALID_REQUEST, which is final
//! to producers. Version 6 (KIP-939) is not stable in any Kafka.

use std::ops::RangeInclusive;

use crate::api::context::{Call, TransactionsContext};
use crate::api::error::Coded;
use crate::api::{Api, NoReply};
use crate::runtime::error_chain;
use crate::types::ProducerEpoch;
use crate::wire::ErrorCode;
use crate::wire::messages::init_producer_id_request::InitProducerIdRequestData;
use crate::wire::messages::init_producer_id_response::InitProducerIdResponseData;

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct InitProducerId;

impl Api for InitProducerId {
    const KEY: i16 = 22;
    const NAME: &'static str = "InitProducerId";
    const VERSIONS: RangeInclusive<i16> = 0..=5;

    type Context = TransactionsContext;
    type Request = InitProducerIdRequestData;
    type Response = InitProducerIdResponseData;

    async fn handle(
        context: &TransactionsContext,
        _call: &mut Call<'_>,
        request: InitProducerIdRequestData,
    ) -> Result<InitProducerIdResponseData, NoReply> {
        let failed = |error: ErrorCode| {
            InitProducerIdResponseData::default()
                .with_error_code(error.code())
                .with_producer_id(-1)
                .with_producer_epoch(-1)
        };
        if let Some(id) = request.transactional_id {
            tracing::warn!(
                transactional_id = id.as_str(),
                "transactions are not served here"
            );
            return Ok(failed(ErrorCode::InvalidRequest));
        }
        // An id and an epoch come together or not at all (KIP-360).
        if (request.producer_id == -1) != (request.producer_epoch == -1) {
            return Ok(failed(ErrorCode::InvalidRequest));
        }
        Ok(match context.producer_ids.next() {
            Ok(id) => InitProducerIdResponseData::default()
                .with_producer_id(id.0)
                .with_producer_epoch(ProducerEpoch::ZERO.0),
            Err(error) => {
                tracing::error!(error = %error_chain(&error), "no producer id could be taken");
                failed(error.code())
            }
        })
    }
}
