//! ApiVersions, key 18, versions 0-4.
//!
//! *Behaviour.* Returns the table of APIs. A version above 4 is answered by [`downgraded`].
//!
//! *Versions.* 1: throttle time. 3: flexible; the client says which software it is (KIP-511). 4: a
//! feature's lowest version may be 0 (KIP-584).
//!
//! *Known gaps.* No features are finalized: they are about transactions and consumer-protocol
//! groups, which do not exist yet.

use std::ops::RangeInclusive;

use crate::api::context::{Call, ClusterContext};
use crate::api::{Api, NoReply, TABLE};
use crate::wire::messages::api_versions_request::ApiVersionsRequestData;
use crate::wire::messages::api_versions_response::{ApiVersion, ApiVersionsResponseData};
use crate::wire::{Encode, ErrorCode, Reply, response_header_len};

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct ApiVersions;

impl Api for ApiVersions {
    const KEY: i16 = 18;
    const NAME: &'static str = "ApiVersions";
    const VERSIONS: RangeInclusive<i16> = 0..=4;

    type Context = ClusterContext;
    type Request = ApiVersionsRequestData;
    type Response = ApiVersionsResponseData;

    async fn handle(
        _context: &ClusterContext,
        call: &mut Call<'_>,
        request: ApiVersionsRequestData,
    ) -> Result<ApiVersionsResponseData, NoReply> {
        if call.version >= 3
            && !(names_software(request.client_software_name.as_str())
                && names_software(request.client_software_version.as_str()))
        {
            return Ok(ApiVersionsResponseData::default()
                .with_error_code(ErrorCode::InvalidRequest.code()));
        }
        let served = TABLE
            .iter()
            .map(|route| row(route.key, route.min, route.max))
            .collect();
        Ok(ApiVersionsResponseData::default().with_api_keys(served))
    }
}

/// Returns the response to an unknown version of ApiVersions: the oldest layout with
/// UNSUPPORTED_VERSION and the range that is served.
pub(crate) fn downgraded(correlation_id: i32) -> Result<Reply, NoReply> {
    let (min, max) = (*ApiVersions::VERSIONS.start(), *ApiVersions::VERSIONS.end());
    let response = ApiVersionsResponseData::default()
        .with_error_code(ErrorCode::UnsupportedVersion.code())
        .with_api_keys(vec![row(ApiVersions::KEY, min, max)]);
    let mut reply = Reply::new(correlation_id, response_header_len(ApiVersions::KEY, 0));
    response
        .encode(&mut reply, 0)
        .map_err(|source| NoReply::Unencodable {
            api: ApiVersions::NAME,
            version: 0,
            source,
        })?;
    Ok(reply)
}

fn row(key: i16, min: i16, max: i16) -> ApiVersion {
    ApiVersion::default()
        .with_api_key(key)
        .with_min_version(min)
        .with_max_version(max)
}

/// Kafka's rule for `client_software_name` and `client_software_version`: letters, digits, dots and
/// dashes, with a letter or a digit at both ends.
fn names_software(text: &str) -> bool {
    let at_end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    at_end(text.bytes().next())
        && at_end(text.bytes().next_back())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn software_names_follow_kafkas_pattern() {
        for good in ["librdkafka", "2.12.1", "a", "apache-kafka-java"] {
            assert!(names_software(good), "{good}");
        }
        for bad in ["", "-a", "a.", "lib rdkafka", "ä"] {
            assert!(!names_software(bad), "{bad}");
        }
    }
}
