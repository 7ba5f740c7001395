//! The topics: create, delete, look up.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::log_config::log_config;
use super::topic_file::{self, TopicEntry};
use super::{CatalogueError, Image, Topic, start_epoch};
use crate::config::{Settings, TopicDefaults};
use crate::log::{LogError, OpenMode, discard, is_partition_folder};
use crate::replica::{Partition, PartitionHome};
use crate::runtime::{Clock, chain};
use crate::storage::Fs;
use crate::types::{LeaderEpoch, PartitionId, TopicId, TopicName, TopicPartition};

/// Partitions that one topic may have. Each costs memory and, with a data folder, files.
const MOST_PARTITIONS: i32 = 10_000;

/// A topic that somebody wants.
#[derive(Debug, Clone)]
pub(crate) struct NewTopic {
    pub(crate) name: TopicName,
    pub(crate) partitions: i32,
    pub(crate) settings: Settings,
}

/// All topics of the broker.
pub(crate) struct Catalogue {
    fs: Arc<dyn Fs>,
    clock: Clock,
    defaults: TopicDefaults,
    /// The number of this start.
    start: LeaderEpoch,
    /// Guards the pointer to the present image: held to copy or to replace it.
    image: RwLock<Arc<Image>>,
    /// Held for the whole of a change, so that changes come one after the other.
    changing: Mutex<()>,
}

impl Catalogue {
    /// Opens all topics that were written down.
    ///
    /// # Errors
    /// [`CatalogueError`] if the catalogue is damaged or a partition cannot be opened.
    pub(crate) fn open(
        fs: Arc<dyn Fs>,
        clock: Clock,
        defaults: TopicDefaults,
    ) -> Result<Self, CatalogueError> {
        let start = start_epoch::next(&*fs)?;
        let (image, changing) = (RwLock::default(), Mutex::default());
        let catalogue = Self {
            fs,
            clock,
            defaults,
            start,
            image,
            changing,
        };
        let mut image = Image::default();
        let min_epoch = start;
        for note in catalogue.known()? {
            image.add(Arc::new(
                catalogue.open_topic(note, OpenMode::Existing { min_epoch })?,
            ));
        }
        match catalogue.folders() {
            Ok(folders) => folders
                .iter()
                .filter(|folder| !is_of(&image, folder))
                .for_each(|folder| {
                    tracing::warn!(
                        folder,
                        "a folder with records belongs to no topic; it is left alone"
                    );
                }),
            Err(error) => {
                tracing::warn!(
                    error = chain(&error),
                    "not looked for folders that belong to no topic"
                )
            }
        }
        catalogue.show(image);
        Ok(catalogue)
    }

    /// The topics that were written down. There is a catalogue from the first start on.
    fn known(&self) -> Result<Vec<TopicEntry>, CatalogueError> {
        if let Some(notes) = topic_file::read(&*self.fs)? {
            return Ok(notes);
        }
        if let Some(folder) = self.folders()?.into_iter().next() {
            return Err(CatalogueError::Lost { folder });
        }
        topic_file::write(&*self.fs, [].into_iter())?;
        Ok(Vec::new())
    }

    /// The folders that hold a partition.
    fn folders(&self) -> Result<Vec<String>, CatalogueError> {
        let failed = |source| CatalogueError::Storage {
            file: "the data folder",
            doing: "read",
            source,
        };
        let mut folders = Vec::new();
        // A volume's own folders, such as `lost+found`, may be for the system's eyes only.
        let names = self.fs.list("").map_err(failed)?.into_iter();
        for name in names.filter(|name| name.contains('-') && !name.starts_with('.')) {
            if is_partition_folder(&*self.fs, &name).map_err(failed)? {
                folders.push(name);
            }
        }
        folders.sort();
        Ok(folders)
    }

    /// Notes that there was this start. To be called once, soon: it keeps leader epochs from coming
    /// again after a loss of power.
    pub(crate) fn note_start(&self) {
        start_epoch::note(&*self.fs, self.start);
    }

    /// The topics as they are now.
    pub(crate) fn image(&self) -> Arc<Image> {
        Arc::clone(&self.image.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The settings that topics start from.
    pub(crate) fn defaults(&self) -> &TopicDefaults {
        &self.defaults
    }

    /// Whether the topic could be created.
    ///
    /// # Errors
    /// [`CatalogueError`] with the reason why not.
    pub(crate) fn check(&self, topic: &NewTopic) -> Result<(), CatalogueError> {
        self.check_in(&self.image(), topic)
    }

    fn check_in(&self, image: &Image, topic: &NewTopic) -> Result<(), CatalogueError> {
        if image.topic(topic.name.as_str()).is_some() {
            return Err(CatalogueError::Exists {
                topic: topic.name.clone(),
            });
        }
        if let Some(other) = image.colliding(&topic.name) {
            return Err(CatalogueError::Collision {
                topic: topic.name.clone(),
                other: other.clone(),
            });
        }
        if !(1..=MOST_PARTITIONS).contains(&topic.partitions) {
            return Err(CatalogueError::Partitions {
                wanted: topic.partitions,
                most: MOST_PARTITIONS,
            });
        }
        Ok(self.defaults.check(&topic.settings)?)
    }

    /// Creates a topic. When this returns it survives `kill -9`.
    ///
    /// # Errors
    /// [`CatalogueError`] with the reason why not; there is no such topic then.
    pub(crate) fn create(&self, topic: NewTopic) -> Result<Arc<Topic>, CatalogueError> {
        self.create_all([topic])?
            .pop()
            .unwrap_or(Err(CatalogueError::Unknown))
    }

    /// Creates topics, each for itself, with one change of the catalogue.
    ///
    /// # Errors
    /// [`CatalogueError`] if the change cannot be written down: there is none of them then.
    pub(crate) fn create_all(
        &self,
        topics: impl IntoIterator<Item = NewTopic>,
    ) -> Result<Vec<Result<Arc<Topic>, CatalogueError>>, CatalogueError> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut image = Image::clone(&self.image());
        let mut create = |topic: NewTopic| {
            self.check_in(&image, &topic)?;
            let NewTopic {
                name,
                partitions,
                settings,
            } = topic;
            let note = TopicEntry {
                name,
                id: TopicId::random(),
                partitions,
                settings,
            };
            let made = note.clone();
            let topic = self
                .open_topic(note, OpenMode::Create)
                .inspect_err(|_| self.discard(&made))?;
            let topic = Arc::new(topic);
            image.add(Arc::clone(&topic));
            Ok(topic)
        };
        let outcomes: Vec<Result<Arc<Topic>, CatalogueError>> =
            topics.into_iter().map(&mut create).collect();
        if outcomes.iter().any(Result::is_ok) {
            self.change(image).map_err(
                |NotChanged {
                     error,
                     is_as_before,
                 }| {
                    if is_as_before {
                        outcomes
                            .iter()
                            .flatten()
                            .for_each(|topic| self.discard(&entry_of(topic)));
                    }
                    error
                },
            )?;
        }
        for topic in outcomes.iter().flatten() {
            tracing::info!(topic = %topic.name(), partitions = topic.partitions().len(), "topic created");
        }
        Ok(outcomes)
    }

    /// The topic of this name, created now if it is not there.
    ///
    /// # Errors
    /// [`CatalogueError`] if it is not there and cannot be created.
    pub(crate) fn ensure(&self, topic: NewTopic) -> Result<Arc<Topic>, CatalogueError> {
        let name = topic.name.clone();
        let known = |catalogue: &Self| catalogue.image().topic(name.as_str()).cloned();
        if let Some(topic) = known(self) {
            return Ok(topic);
        }
        match self.create(topic) {
            // Somebody else was faster.
            Err(CatalogueError::Exists { .. }) => known(self).ok_or(CatalogueError::Unknown),
            created => created,
        }
    }

    /// Deletes a topic with its records; requests that wait for it wake up.
    ///
    /// # Errors
    /// [`CatalogueError`]: unknown, not allowed, or its files cannot be removed (the topic is gone all the same).
    pub(crate) fn delete(&self, id: TopicId) -> Result<(), CatalogueError> {
        if !self.defaults.deletable {
            return Err(CatalogueError::DeletionDisabled);
        }
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let image = self.image();
        let topic = image.topic_by_id(id).ok_or(CatalogueError::Unknown)?;
        // Out of the catalogue first: a crash in between leaves files that nobody opens. The other
        // order would leave a topic whose files are gone.
        self.change(image.without(topic))
            .map_err(|not_changed| not_changed.error)?;
        tracing::info!(topic = %topic.name(), "topic deleted");
        for partition in topic.partitions() {
            partition
                .delete()
                .map_err(|source| log_error(topic.name(), source))?;
        }
        Ok(())
    }

    /// Drops the segments that are past their topic's retention.
    pub(crate) fn enforce_retention(&self) {
        let now = self.clock.wall();
        for topic in self.image().topics() {
            for partition in topic.partitions() {
                if let Err(error) = partition.enforce_retention(now) {
                    tracing::warn!(partition = %partition.at(), error = chain(&error), "old segments not dropped");
                }
            }
        }
    }

    /// Closes every partition, each even if another cannot be closed cleanly.
    pub(crate) fn close(&self) {
        for topic in self.image().topics() {
            for partition in topic.partitions() {
                if let Err(error) = partition.close() {
                    tracing::warn!(partition = %partition.at(), error = chain(&error), "not closed cleanly; the next start takes longer");
                }
            }
        }
    }

    /// Writes an image down, then shows it.
    fn change(&self, image: Image) -> Result<(), NotChanged> {
        if let Err(error) = self.write(&image) {
            return Err(NotChanged {
                error,
                is_as_before: self.restore(),
            });
        }
        self.show(image);
        Ok(())
    }

    fn write(&self, image: &Image) -> Result<(), CatalogueError> {
        topic_file::write(&*self.fs, image.topics().map(|topic| entry_of(topic)))
    }

    /// Sees to it that the disk says what is shown: a new catalogue may be there already and only
    /// its safety be in doubt.
    fn restore(&self) -> bool {
        let image = self.image();
        let shown: Vec<TopicEntry> = image.topics().map(|topic| entry_of(topic)).collect();
        if topic_file::read(&*self.fs).is_ok_and(|written| written == Some(shown)) {
            return true;
        }
        let restored = self.write(&image);
        if let Err(error) = &restored {
            tracing::error!(
                error = chain(error),
                "what the catalogue on the disk says is not known"
            );
        }
        restored.is_ok()
    }

    /// Removes the folders of a topic that is not in the catalogue after all.
    fn discard(
        &self,
        TopicEntry {
            name,
            id,
            partitions,
            ..
        }: &TopicEntry,
    ) {
        for number in 0..*partitions {
            let at = TopicPartition::new(name.clone(), PartitionId(number));
            if let Err(error) = discard(&*self.fs, &at.to_string(), *id) {
                tracing::warn!(partition = %at, %error, "the folder of a topic that was not created is left behind");
            }
        }
    }

    fn show(&self, image: Image) {
        *self.image.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(image);
    }

    fn open_topic(&self, note: TopicEntry, mode: OpenMode) -> Result<Topic, CatalogueError> {
        let TopicEntry {
            name,
            id,
            partitions,
            settings,
        } = note;
        let config = log_config(&self.defaults, &settings);
        let open = |number| {
            let at = TopicPartition::new(name.clone(), PartitionId(number));
            let (fs, clock) = (Arc::clone(&self.fs), self.clock.clone());
            let home = PartitionHome {
                fs,
                clock,
                topic_id: id,
                mode,
                at,
            };
            Partition::open(home, config.clone())
                .map(Arc::new)
                .map_err(|source| log_error(&name, source))
        };
        let partitions = (0..partitions).map(open).collect::<Result<_, _>>()?;
        Ok(Topic::new(name, id, settings, partitions))
    }
}

/// A change that was not made.
struct NotChanged {
    error: CatalogueError,
    /// The catalogue on the disk says what it said before, and not something that nobody knows.
    is_as_before: bool,
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalogue")
            .field("image", &self.image)
            .finish_non_exhaustive()
    }
}

fn entry_of(topic: &Topic) -> TopicEntry {
    TopicEntry {
        name: topic.name().clone(),
        id: topic.id(),
        partitions: i32::try_from(topic.partitions().len()).unwrap_or(i32::MAX),
        settings: topic.settings().clone(),
    }
}

/// Whether the folder is that of a partition of one of these topics.
fn is_of(image: &Image, folder: &str) -> bool {
    let place = folder
        .rsplit_once('-')
        .and_then(|(topic, number)| Some((topic, number.parse().ok()?)));
    place.is_some_and(|(topic, number)| image.partition(topic, PartitionId(number)).is_some())
}

fn log_error(topic: &TopicName, source: LogError) -> CatalogueError {
    CatalogueError::Log {
        topic: topic.clone(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::storage::{MemoryFs, StubbornFs};

    fn open(fs: &Arc<dyn Fs>) -> Catalogue {
        let defaults = Config::resolve(Settings::new()).unwrap().topics;
        Catalogue::open(Arc::clone(fs), Clock::new(), defaults).unwrap()
    }

    fn topic(name: &str, partitions: i32) -> NewTopic {
        NewTopic {
            name: TopicName::new(name).unwrap(),
            partitions,
            settings: Settings::new(),
        }
    }

    #[test]
    fn topics_with_their_ids_and_settings_are_there_after_a_restart() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        let mut wanted = topic("orders", 3);
        wanted.settings.set("retention.ms", "77");
        let id = open(&fs).create(wanted).unwrap().id();

        let image = open(&fs).image();
        let orders = image.topic("orders").unwrap();
        assert_eq!((orders.id(), orders.partitions().len()), (id, 3));
        assert_eq!(orders.settings().get("retention.ms"), Some("77"));
        assert_eq!(image.topic_by_id(id).unwrap().name().as_str(), "orders");
    }

    #[test]
    fn a_deleted_topic_is_gone_and_a_new_one_of_its_name_has_another_id() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        let catalogue = open(&fs);
        let old = catalogue.create(topic("t", 1)).unwrap();
        catalogue.delete(old.id()).unwrap();

        assert!(catalogue.image().topic("t").is_none());
        assert!(old.partition(PartitionId(0)).unwrap().is_closed());
        assert!(open(&fs).image().topic("t").is_none());
        assert_ne!(catalogue.create(topic("t", 1)).unwrap().id(), old.id());
        assert!(matches!(
            catalogue.delete(old.id()),
            Err(CatalogueError::Unknown)
        ));
    }

    #[test]
    fn topics_are_created_together_and_each_fails_for_itself() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        let catalogue = open(&fs);
        let names = [("a.b", 1), ("a_b", 1), ("c", 0), ("a.b", 1), ("d", 2)];
        let outcomes = catalogue
            .create_all(names.map(|(name, partitions)| topic(name, partitions)))
            .unwrap();
        assert!(outcomes[0].is_ok() && outcomes[4].is_ok());
        assert!(matches!(outcomes[1], Err(CatalogueError::Collision { .. })));
        assert!(matches!(
            outcomes[2],
            Err(CatalogueError::Partitions { .. })
        ));
        assert!(matches!(outcomes[3], Err(CatalogueError::Exists { .. })));
        assert_eq!(open(&fs).image().topics().count(), 2);
    }

    #[test]
    fn a_topic_that_cannot_be_created_leaves_nothing_behind() {
        let stubborn = Arc::new(StubbornFs::default());
        let fs = Arc::clone(&stubborn) as Arc<dyn Fs>;
        let catalogue = open(&fs);
        let before = fs.list("").unwrap();
        for refused in [
            "catalogue",
            "t-1/00000000000000000000.log",
            "t-2/partition.metadata",
        ] {
            stubborn.refuse(Some(refused));
            assert!(catalogue.create(topic("t", 3)).is_err(), "{refused}");
            assert_eq!(fs.list("").unwrap(), before, "{refused}");
        }
        stubborn.refuse(None);
        catalogue.create(topic("t", 3)).unwrap();
        assert_eq!(open(&fs).image().topics().count(), 1);
    }

    #[test]
    fn a_catalogue_whose_safety_is_in_doubt_says_what_it_said_before() {
        let stubborn = Arc::new(StubbornFs::default());
        let fs = Arc::clone(&stubborn) as Arc<dyn Fs>;
        let catalogue = open(&fs);
        let kept = catalogue.create(topic("kept", 1)).unwrap();
        stubborn.doubt("catalogue");
        assert!(catalogue.create(topic("t", 3)).is_err());
        assert!(open(&fs).image().topic("t").is_none());
        stubborn.doubt("catalogue");
        assert!(catalogue.delete(kept.id()).is_err());
        assert!(open(&fs).image().topic("kept").is_some());
    }

    #[test]
    fn a_catalogue_that_is_lost_is_not_taken_for_an_empty_one() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        drop(open(&fs));
        fs.remove("catalogue").unwrap();
        open(&fs).create(topic("t", 1)).unwrap();
        let again = || {
            let defaults = Config::resolve(Settings::new()).unwrap().topics;
            Catalogue::open(Arc::clone(&fs), Clock::new(), defaults).map(drop)
        };
        fs.remove("catalogue").unwrap();
        assert!(matches!(again(), Err(CatalogueError::Lost { folder }) if folder == "t-0"));
        fs.write("catalogue", b"").unwrap();
        assert!(matches!(again(), Err(CatalogueError::Damaged { .. })));
    }

    #[test]
    fn a_topic_that_cannot_be_is_refused_with_the_reason() {
        let catalogue = open(&(Arc::new(MemoryFs::default()) as Arc<dyn Fs>));
        catalogue.create(topic("a.b", 1)).unwrap();
        assert!(matches!(
            catalogue.create(topic("a.b", 1)),
            Err(CatalogueError::Exists { .. })
        ));
        assert!(matches!(
            catalogue.create(topic("a_b", 1)),
            Err(CatalogueError::Collision { .. })
        ));
        assert!(matches!(
            catalogue.create(topic("c", 0)),
            Err(CatalogueError::Partitions { .. })
        ));
        assert!(matches!(
            catalogue.create(topic("c", i32::MAX)),
            Err(CatalogueError::Partitions { .. })
        ));
        let mut odd = topic("c", 1);
        odd.settings.set("flush.often", "please");
        assert!(matches!(
            catalogue.create(odd),
            Err(CatalogueError::Config(_))
        ));
        assert_eq!(catalogue.image().topics().count(), 1);
    }

    #[test]
    fn ensuring_a_topic_twice_gives_the_same_one() {
        let catalogue = open(&(Arc::new(MemoryFs::default()) as Arc<dyn Fs>));
        let first = catalogue.ensure(topic("__consumer_offsets", 50)).unwrap();
        let again = catalogue.ensure(topic("__consumer_offsets", 50)).unwrap();
        assert_eq!(first.id(), again.id());
        assert!(first.is_internal());
    }
}
