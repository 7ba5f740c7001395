//! A broker without a socket, and the ways in which it can be in trouble.

use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::messages::{ApiKey, RequestKind, ResponseKind};
use kafka_protocol::records::Compression;
use tokio::runtime::Handle;

use super::codec::{decode, frame};
use super::said::{Said, said};
use super::samples::{Known, batch, name_and_id, produce, sample};
use crate::api::{Context, Modules, NoReply, Router, Session, TABLE};
use crate::config::{Config, Settings};
use crate::controller::{Controller, NewTopic, ProducerIds, open_identity};
use crate::group::{GroupCoordinator, Record, offsets_topic};
use crate::metadata::MetadataCache;
use crate::replica::ReplicaManager;
use crate::runtime::{Clock, Tasks};
use crate::state_log::StateLog;
use crate::storage::{FaultyFs, Fs};
use crate::types::TopicName;

const TOPIC: &str = "matrix";

pub(super) struct Stage {
    disk: Arc<FaultyFs>,
    replicas: Arc<ReplicaManager>,
    controller: Arc<Controller>,
    tasks: Tasks,
    router: Router,
    topic: Known,
}

/// Every version that is served of every key.
pub(super) fn versions() -> impl Iterator<Item = (ApiKey, i16)> {
    let keys = TABLE
        .iter()
        .map(|route| (ApiKey::try_from(route.key).unwrap(), route.min..=route.max));
    let versions = keys.flat_map(|(key, versions)| versions.map(move |version| (key, version)));
    // The first versions of Produce are advertised and refused; the second codec lost them.
    versions.filter(|(key, version)| *key != ApiKey::Produce || *version >= 3)
}

impl Stage {
    /// A topic with two records and a group that has read up to offset 7.
    pub(super) async fn open() -> Self {
        let mut settings = Settings::new();
        settings.set("auto.create.topics.enable", "false");
        let config = Arc::new(Config::resolve(settings).unwrap());
        let (clock, disk) = (Clock::new(), Arc::new(FaultyFs::default()));
        let fs: Arc<dyn Fs> = Arc::clone(&disk) as Arc<dyn Fs>;
        let identity = open_identity(&*fs, config.node).unwrap();
        let producer_ids = ProducerIds::open(Arc::clone(&fs)).unwrap();
        let metadata = Arc::new(MetadataCache::default());
        let (defaults, known) = (|| config.topics.clone(), || Arc::clone(&metadata));
        let replicas = ReplicaManager::new(Arc::clone(&fs), clock.clone(), defaults(), known());
        let replicas = Arc::new(replicas);
        let controller = Controller::open(fs, defaults(), known(), Arc::clone(&replicas)).unwrap();
        let controller = Arc::new(controller);
        let doomed = (1..=6).map(|version| (format!("to-be-deleted-by-v{version}"), 1));
        for (name, partitions) in doomed.chain([(TOPIC.to_owned(), 2)]) {
            let name = TopicName::new(&name).unwrap();
            controller
                .create(NewTopic {
                    name,
                    partitions,
                    settings: Settings::new(),
                })
                .unwrap();
        }
        let tasks = Tasks::new(Handle::current());
        let offsets = offsets_topic(
            Arc::clone(&controller),
            Arc::clone(&replicas),
            clock.clone(),
            1,
        );
        let replay = offsets.replay().unwrap();
        let log: Arc<dyn StateLog<Record>> = Arc::new(offsets);
        let groups = GroupCoordinator::start(config.groups, &log, &clock, replay, &tasks);
        let context = Context::new(Modules {
            config,
            clock,
            identity,
            metadata,
            replicas: Arc::clone(&replicas),
            controller: Arc::clone(&controller),
            groups,
            producer_ids,
        });
        let router = Router::new(context);
        let (version, request) = name_and_id(TOPIC);
        let answer = call(&router, ApiKey::Metadata, version, &request, None)
            .await
            .unwrap();
        let stage = Self {
            disk,
            replicas,
            controller,
            tasks,
            router,
            topic: Known::found(&answer),
        };
        let records = produce(&stage.topic, 9, 1, batch(&["a", "b"], Compression::None));
        stage.call(ApiKey::Produce, 9, &records).await.unwrap();
        for key in [ApiKey::FindCoordinator, ApiKey::OffsetCommit] {
            stage
                .call(key, 3, &sample(key, 3, &stage.topic))
                .await
                .unwrap();
        }
        stage
    }

    pub(super) async fn stop_groups(&self) {
        self.tasks.stopped().await;
    }

    pub(super) fn close_logs(&self) {
        self.replicas.close();
    }

    pub(super) fn break_disk(&self) {
        self.disk.break_down();
    }

    pub(super) fn delete_topic(&self) {
        let id = self.replicas.view().image().topic(TOPIC).unwrap().id();
        self.controller.delete(id).unwrap();
    }

    /// What is said to a request that asks for what is there in health.
    pub(super) async fn ask(&self, key: ApiKey, version: i16) -> Said {
        match self
            .call(key, version, &sample(key, version, &self.topic))
            .await
        {
            Ok(response) => said(version, &response),
            Err(no_reply) if no_reply.closes() => Said::Error,
            Err(_) => Said::Nothing,
        }
    }

    async fn call(
        &self,
        key: ApiKey,
        version: i16,
        request: &RequestKind,
    ) -> Result<ResponseKind, NoReply> {
        call(&self.router, key, version, request, Some(&self.topic)).await
    }
}

async fn call(
    router: &Router,
    key: ApiKey,
    version: i16,
    request: &RequestKind,
    topic: Option<&Known>,
) -> Result<ResponseKind, NoReply> {
    let request = frame(key, version, 1, request, topic).slice(4..);
    let here = ([127, 0, 0, 1], 9092).into();
    let mut session = Session::new(here, here, Clock::new().now());
    let reply = router.answer(&mut session, Router::route(request)?).await?;
    let (head, rest) = reply.finish().unwrap();
    let response = Bytes::from([&head[..], &rest.concat()].concat()).slice(4..);
    Ok(decode(key, version, response, topic).1)
}
