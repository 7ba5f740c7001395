//! Who this cluster and this broker are, for as long as the data folder lives.

use super::CatalogueError;
use crate::config::Settings;
use crate::storage::Fs;
use crate::types::NodeId;
use crate::wire::KafkaUuid;

/// Kafka's own name for the file, and its format.
const FILE: &str = "meta.properties";

/// The names that clients know the broker by.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// 22 characters, random, the same after each start.
    pub(crate) cluster_id: String,
    /// This broker.
    pub(crate) node: NodeId,
}

impl Identity {
    /// Reads the identity of the data folder, or gives it one.
    ///
    /// # Errors
    /// [`CatalogueError::OtherNode`] if the folder belongs to a broker of another number, `Damaged`
    /// and `Storage`.
    pub(crate) fn open(fs: &dyn Fs, node: NodeId) -> Result<Self, CatalogueError> {
        let known = fs.read(FILE).map_err(|source| CatalogueError::Storage {
            file: FILE,
            doing: "read",
            source,
        })?;
        match known {
            Some(content) => Self::parse(&content, node),
            None => Self::first(fs, node),
        }
    }

    fn parse(content: &[u8], node: NodeId) -> Result<Self, CatalogueError> {
        let damaged = |line| CatalogueError::Damaged { file: FILE, line };
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
            return Err(CatalogueError::OtherNode {
                found,
                wanted: node.0,
            });
        }
        let cluster_id = properties.get("cluster.id").ok_or(damaged(1))?.to_owned();
        Ok(Self { cluster_id, node })
    }

    fn first(fs: &dyn Fs, node: NodeId) -> Result<Self, CatalogueError> {
        let cluster_id = KafkaUuid::from_uuid(uuid::Uuid::new_v4()).to_string();
        let content = format!("version=1\ncluster.id={cluster_id}\nnode.id={node}\n");
        fs.replace(FILE, content.as_bytes())
            .map_err(|source| CatalogueError::Storage {
                file: FILE,
                doing: "written",
                source,
            })?;
        Ok(Self { cluster_id, node })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryFs;

    #[test]
    fn a_folder_keeps_its_cluster_id_and_its_node() {
        let fs = MemoryFs::default();
        let first = Identity::open(&fs, NodeId(3)).unwrap();
        let again = Identity::open(&fs, NodeId(3)).unwrap();
        assert_eq!(first.cluster_id, again.cluster_id);
        assert_eq!(first.cluster_id.len(), 22);
        let other = Identity::open(&fs, NodeId(4)).unwrap_err();
        assert!(
            matches!(
                other,
                CatalogueError::OtherNode {
                    found: 3,
                    wanted: 4
                }
            ),
            "{other}"
        );
    }
}
