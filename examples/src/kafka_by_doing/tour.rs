//! Which chapters run, on which Kafka, and what becomes of them.

use std::io;
use std::path::PathBuf;

use broker_lite::Broker;
use tempfile::TempDir;

use super::chapters::{Body, CHAPTERS, Chapter, FALSE_CLAIM, Outcome};
use super::client::Client;
use super::cluster::{Cluster, ClusterError};
use super::narrator::{Narrator, Pace};
use crate::common::Kafka;

/// What a run is to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// The names of chapters, or `all`.
    pub chapters: Vec<String>,
    /// Whether the reader is asked before each step.
    pub pace: Pace,
    /// The Kafka to use; `None` asks the configuration, and starts a broker when that names none.
    pub bootstrap_servers: Option<String>,
    /// The folder in which that Kafka keeps partitions, when it is on this machine.
    pub log_dir: Option<PathBuf>,
    /// The program that starts three brokers. Default: `kafka-node` beside this one.
    pub cluster: Option<PathBuf>,
    /// What a chapter that can't run here means.
    pub on_skip: OnSkip,
}

/// What a chapter that can't run here means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnSkip {
    /// It is told, and the others run.
    Tell,
    /// The run fails at its end.
    Fail,
}

/// Returns a line for each chapter, with where it runs.
#[must_use]
pub fn list() -> String {
    let line = |chapter: &Chapter| {
        let place = match chapter.body {
            Body::OneBroker(_) => "",
            Body::Cluster(_) => " (three brokers, needs Java)",
        };
        format!("{:<17} {}{place}\n", chapter.name, chapter.title)
    };
    CHAPTERS.iter().map(line).collect()
}

/// Runs chapters in the order in which they are named.
///
/// # Errors
/// When there is no such chapter, Kafka does not answer, or a claim does not hold. With
/// [`OnSkip::Fail`] also at the end, when a chapter was skipped.
pub async fn run(options: Options) -> wellspring::Result {
    let chapters = chosen(&options.chapters)?;
    let scratch = tempfile::Builder::new()
        .prefix("kafka-by-doing-")
        .tempdir()?;
    let kafka = connect(options.bootstrap_servers.as_deref(), &scratch).await?;
    let log_dir = if kafka.is_own() {
        Some(scratch.path().to_owned())
    } else {
        options.log_dir
    };
    let client = Client::new(kafka.bootstrap_servers())?.with_log_dir(log_dir);

    client.check().await?;

    let mut narrator = Narrator::new(io::stdout(), options.pace);
    let name = if kafka.is_own() {
        "broker-lite"
    } else {
        "Kafka"
    };
    narrator.line(&format!("{name} at {}", client.bootstrap_servers()));
    let mut cluster = None;
    let mut skipped = Vec::new();
    for chapter in &chapters {
        narrator.begin(chapter.name, chapter.title);
        let outcome = match chapter.body {
            Body::OneBroker(run) => run(&mut narrator, &client).await?,
            Body::Cluster(run) => {
                match started(&mut cluster, &options.cluster, &mut narrator).await {
                    Ok(cluster) => run(&mut narrator, cluster).await?,
                    Err(failed @ ClusterError::Failed { .. }) => return Err(failed.into()),
                    Err(absent) => Outcome::Skipped(absent.to_string()),
                }
            }
        };
        if let Outcome::Skipped(reason) = outcome {
            narrator.expect(&format!("Skipped: {reason}"));
            skipped.push(chapter.name);
        }
    }
    drop(cluster);
    kafka.stop().await;
    finish(&mut narrator, chapters.len(), &skipped, options.on_skip)
}

fn finish(
    narrator: &mut Narrator,
    chapters: usize,
    skipped: &[&str],
    on_skip: OnSkip,
) -> wellspring::Result {
    let (done, claims) = (chapters - skipped.len(), narrator.claims());
    let rest = if skipped.is_empty() {
        String::new()
    } else {
        format!(", {} skipped ({})", skipped.len(), skipped.join(", "))
    };
    narrator.line(&format!(
        "\n{done} chapters done, {claims} claims hold{rest}"
    ));
    if on_skip == OnSkip::Fail && !skipped.is_empty() {
        return Err(format!("chapters were skipped: {}", skipped.join(", ")).into());
    }
    Ok(())
}

/// The chapters of these names.
fn chosen(names: &[String]) -> wellspring::Result<Vec<&'static Chapter>> {
    if names == ["all"] {
        return Ok(CHAPTERS.iter().collect());
    }
    let find = |name: &String| {
        let mut known = CHAPTERS.iter().chain([&FALSE_CLAIM]);
        let found = known.find(|chapter| chapter.name == name);
        found.ok_or_else(|| {
            let known: Vec<&str> = CHAPTERS.iter().map(|chapter| chapter.name).collect();
            format!(
                "there is no chapter {name:?}; there are: {}",
                known.join(", ")
            )
            .into()
        })
    };
    names.iter().map(find).collect()
}

/// The Kafka that is given or configured, or a broker that keeps its files in `scratch` and looks
/// for what is past retention all the time, where Kafka looks every five minutes.
async fn connect(given: Option<&str>, scratch: &TempDir) -> wellspring::Result<Kafka> {
    let own = Broker::builder()
        .data_dir(scratch.path())
        .set("log.retention.check.interval.ms", "100");
    Kafka::connect_or_start(given, own).await
}

/// The cluster, started at its first chapter and kept for the others.
async fn started<'a>(
    cluster: &'a mut Option<Cluster>,
    program: &Option<PathBuf>,
    narrator: &mut Narrator,
) -> Result<&'a mut Cluster, ClusterError> {
    let running = match cluster.take() {
        Some(running) => running,
        None => {
            let running = Cluster::start(program.as_deref()).await?;
            let addresses = running.client().bootstrap_servers();
            narrator.line(&format!("three brokers on the JVM at {addresses}"));
            running
        }
    };
    Ok(cluster.insert(running))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chapter_that_is_not_there_is_answered_with_those_that_are() {
        let error = chosen(&["retentoin".to_owned()]).unwrap_err().to_string();
        assert!(
            error.contains("\"retentoin\"; there are: partitions, "),
            "{error}"
        );
        let names = ["acks", "offsets"].map(str::to_owned);
        let found = chosen(&names).unwrap();
        assert_eq!(found.iter().map(|c| c.name).collect::<Vec<_>>(), names);
    }

    #[test]
    fn names_are_unique_and_listed_in_the_order_of_the_tour() {
        let mut names: Vec<&str> = CHAPTERS.iter().map(|chapter| chapter.name).collect();
        let listed = list();
        assert!(
            listed
                .lines()
                .zip(&names)
                .all(|(line, name)| line.starts_with(name))
        );
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CHAPTERS.len());
    }

    #[test]
    fn a_skipped_chapter_fails_the_run_where_all_are_required() {
        let mut narrator = Narrator::new(io::stdout(), Pace::Straight);
        assert!(finish(&mut narrator, 2, &["leader"], OnSkip::Tell).is_ok());
        assert!(finish(&mut narrator, 2, &["leader"], OnSkip::Fail).is_err());
        assert!(finish(&mut narrator, 2, &[], OnSkip::Fail).is_ok());
    }
}
