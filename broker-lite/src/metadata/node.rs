//! The names that clients know a node by.

use crate::types::NodeId;

/// A node and the cluster that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NodeIdentity {
    /// 22 random characters, the same after each start.
    pub(crate) cluster_id: String,
    /// This node.
    pub(crate) node: NodeId,
}
