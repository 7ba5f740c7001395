//! Rights of a scenario: what everybody who connects may not do (ACLs).
//!
//! For a Kafka with an authorizer that allows what no rule is about, such as
//! [`AUTHORIZER`]. broker-lite has none.

use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::messages::delete_acls_request::DeleteAclsFilter;
use kafka_protocol::messages::{CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest};
use kafka_protocol::protocol::StrBytes;

use super::Cluster;
use crate::wait::{self, TimedOut};
use crate::wire::{Wire, WireError};

/// The settings of a Kafka that knows rights and allows everything at first.
pub const AUTHORIZER: [(&str, &str); 2] = [
    (
        "authorizer.class.name",
        "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    ),
    ("allow.everyone.if.no.acl.found", "true"),
];

/// The version of all requests here.
const VERSION: i16 = 3;

/// A rule holds once the broker has replayed it from its metadata log.
const TIME_TO_HOLD: std::time::Duration = std::time::Duration::from_secs(20);

/// The subject of a rule.
#[derive(Debug, Clone, Copy)]
pub enum Resource<'a> {
    /// A topic, by its full name.
    Topic(&'a str),
    /// A group, by its full name.
    Group(&'a str),
    /// The cluster.
    Cluster,
}

/// The operation on a resource, by Kafka's number of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum Operation {
    /// Everything.
    All = 2,
    /// Reading records, and being a member of a group.
    Read = 3,
    /// Writing records.
    Write = 4,
    /// Making a topic.
    Create = 5,
    /// Changing a topic, its partitions for example.
    Alter = 7,
    /// Seeing that it exists.
    Describe = 8,
    /// Seeing its settings.
    DescribeConfigs = 10,
}

/// The reason why a rule could not be made or taken back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RightsError {
    /// The request did not come through.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The broker refused.
    #[error("the broker refused the rule with code {0}")]
    Refused(i16),
    /// The rule was made and doesn't hold.
    #[error(transparent)]
    Late(#[from] TimedOut),
}

const DENY: i8 = 2;
const ALLOW: i8 = 3;
const LITERAL: i8 = 3;
const EVERYBODY: StrBytes = StrBytes::from_static_str("User:*");
const ANYWHERE: StrBytes = StrBytes::from_static_str("*");

impl Resource<'_> {
    fn kind(self) -> i8 {
        match self {
            Self::Topic(_) => 2,
            Self::Group(_) => 3,
            Self::Cluster => 4,
        }
    }

    fn name(self) -> StrBytes {
        let name = match self {
            Self::Topic(name) | Self::Group(name) => name,
            Self::Cluster => "kafka-cluster",
        };
        StrBytes::from_string(name.to_owned())
    }

    fn rule(self, operation: Operation, permission: i8) -> AclCreation {
        AclCreation::default()
            .with_resource_type(self.kind())
            .with_resource_name(self.name())
            .with_resource_pattern_type(LITERAL)
            .with_principal(EVERYBODY)
            .with_host(ANYWHERE)
            .with_operation(operation as i8)
            .with_permission_type(permission)
    }
}

impl Cluster {
    /// Forbids one operation on a resource to everybody. All others stay allowed.
    ///
    /// # Errors
    ///
    /// When the broker has no authorizer, or the rule doesn't hold in time.
    ///
    /// # Cancel safety
    ///
    /// The rule may have been made.
    pub async fn forbid(
        &self,
        resource: Resource<'_>,
        operation: Operation,
    ) -> Result<(), RightsError> {
        // Where there is a rule, what none is about is forbidden.
        let rules = [
            resource.rule(Operation::All, ALLOW),
            resource.rule(operation, DENY),
        ];
        let request = CreateAclsRequest::default().with_creations(rules.to_vec());
        let made = Wire::connect(self.bootstrap())?.call(VERSION, &request)?;
        let codes = made.results.iter().map(|result| result.error_code);
        accepted(codes)?;
        self.rule_is(resource, operation, true).await
    }

    /// Takes back what [`forbid`](Self::forbid) has done.
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Cancel safety
    ///
    /// The rule may have been taken back.
    pub async fn permit(
        &self,
        resource: Resource<'_>,
        operation: Operation,
    ) -> Result<(), RightsError> {
        let filter = DeleteAclsFilter::default()
            .with_resource_type_filter(resource.kind())
            .with_resource_name_filter(Some(resource.name()))
            .with_pattern_type_filter(LITERAL)
            .with_principal_filter(None)
            .with_host_filter(None)
            .with_operation(operation as i8)
            .with_permission_type(DENY);
        let request = DeleteAclsRequest::default().with_filters(vec![filter]);
        let removed = Wire::connect(self.bootstrap())?.call(VERSION, &request)?;
        accepted(
            removed
                .filter_results
                .iter()
                .map(|result| result.error_code),
        )?;
        self.rule_is(resource, operation, false).await
    }

    /// Waits until the broker knows of the rule, or knows it no more.
    async fn rule_is(
        &self,
        resource: Resource<'_>,
        operation: Operation,
        there: bool,
    ) -> Result<(), RightsError> {
        let request = DescribeAclsRequest::default()
            .with_resource_type_filter(resource.kind())
            .with_resource_name_filter(Some(resource.name()))
            .with_pattern_type_filter(LITERAL)
            .with_principal_filter(None)
            .with_host_filter(None)
            .with_operation(operation as i8)
            .with_permission_type(DENY);
        let what = format!("the rule about {resource:?} and {operation:?}");
        let holds = wait::until(what, TIME_TO_HOLD, async || {
            let known = Wire::connect(self.bootstrap())
                .and_then(|mut wire| wire.call(VERSION, &request))
                .ok()?;
            (known.resources.is_empty() != there).then_some(())
        });
        Ok(holds.await?)
    }
}

fn accepted(codes: impl IntoIterator<Item = i16>) -> Result<(), RightsError> {
    match codes.into_iter().find(|code| *code != 0) {
        Some(code) => Err(RightsError::Refused(code)),
        None => Ok(()),
    }
}
