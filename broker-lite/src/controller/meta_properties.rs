//! `meta.properties`: the names of the cluster and of this node, for as long as the data folder
//! lives.

use super::StoreError;
use crate::config::Settings;
use crate::metadata::NodeIdentity;
use crate::storage::Fs;
use crate::types::NodeId;
use crate::wire::KafkaUuid;

/// Kafka's own name for the file, and its format.
const FILE: &str = "meta.properties";

/// Reads the identity of the data folder, or gives it one.
///
/// # Errors
/// [`StoreError::OtherNode`] if the folder belongs to a broker of another number, `Damaged` and
/// `Storage`.
pub(crate) fn open_identity(fs: &dyn Fs, node: NodeId) -> Result<NodeIdentity, StoreError> {
    let content = fs.read(FILE).map_err(|source| StoreError::Storage {
        file: FILE,
        doing: "read",
        source,
    })?;
    match content {
        Some(content) => parse(&content, node),
        None => create(fs, node),
    }
}

fn parse(content: &[u8], node: NodeId) -> Result<NodeIdentity, StoreError> {
    let damaged = |line| StoreError::Damaged { file: FILE, line };
    let text = std::str::from_utf8(content).map_err(|_| damaged(1))?;
    let mut properties = Settings::new();
    properties
        .add_properties(FILE, text)
        .map_err(|_| damaged(1))?;
    let found = properties
        .get("node.id")
        .and_then(|id| id.parse().ok())
        .ok_or(damaged(1))?;
    if found != node.0 {
        return Err(StoreError::OtherNode {
            found,
            wanted: node.0,
        });
    }
    let cluster_id = properties.get("cluster.id").ok_or(damaged(1))?.to_owned();
    Ok(NodeIdentity { cluster_id, node })
}

fn create(fs: &dyn Fs, node: NodeId) -> Result<NodeIdentity, StoreError> {
    let cluster_id = KafkaUuid::from_uuid(uuid::Uuid::new_v4()).to_string();
    let content = format!("version=1\ncluster.id={cluster_id}\nnode.id={node}\n");
    fs.replace(FILE, content.as_bytes())
        .map_err(|source| StoreError::Storage {
            file: FILE,
            doing: "written",
            source,
        })?;
    Ok(NodeIdentity { cluster_id, node })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryFs;

    #[test]
    fn a_folder_keeps_its_cluster_id_and_its_node() {
        let fs = MemoryFs::default();
        let first = open_identity(&fs, NodeId(3)).unwrap();
        let again = open_identity(&fs, NodeId(3)).unwrap();
        assert_eq!(first.cluster_id, again.cluster_id);
        assert_eq!(first.cluster_id.len(), 22);
        let other = open_identity(&fs, NodeId(4)).unwrap_err();
        assert!(
            matches!(
                other,
                StoreError::OtherNode {
                    found: 3,
                    wanted: 4
                }
            ),
            "{other}"
        );
    }
}
