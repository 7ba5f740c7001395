//! The checks before the first broker is asked: all that will run, and all that is wrong with it.

use std::any::TypeId;
use std::collections::BTreeMap;

use super::builder::{App, Source};
use super::error::StartProblem;
use super::resolve::{Planned, resolve};
use crate::admin::Topic;
use crate::client::{TopicSpec, refused_properties};
use crate::config::{ClientKind, ClientProperties, Config, Problem};
use crate::endpoint::{Endpoint, Registration, registered};
use crate::extract::{Requirement, StateMap};
use crate::types::TopicName;

/// An application that can be started.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) config: Config,
    pub(super) listeners: Vec<Planned>,
    pub(super) topics: Vec<TopicSpec>,
    pub(super) state: StateMap,
    pub(super) admin: ClientProperties,
}

/// Checks an application and resolves its settings.
pub(super) fn plan(app: App) -> Result<Plan, Vec<StartProblem>> {
    let mut problems = app.problems;
    let config = match app.config.and_set(app.settings) {
        Ok(config) => config,
        Err(error) => {
            problems.extend(error.into_problems().into_iter().map(StartProblem::from));
            return Err(problems);
        }
    };
    let mut listeners = Vec::new();
    for (name, endpoint) in endpoints(app.sources, app.discover, &mut problems) {
        match resolve(&config, endpoint, name) {
            Ok(planned) => listeners.push(planned),
            Err(found) => problems.extend(found),
        }
    }
    problems.extend(two_of_one_id(&listeners));
    problems.extend(missing_states(&listeners, &app.state, &app.state_names));
    let topics = declared(&config, app.topics, &mut problems);
    let (producer, admin) = (config.producer_properties(), config.admin_properties());
    for (kind, properties) in [
        (ClientKind::Producer, &producer),
        (ClientKind::Admin, &admin),
    ] {
        let refused = refused_properties(&config, kind, properties);
        problems.extend(refused.into_iter().map(StartProblem::from));
    }
    if let Some(Err(late)) = app.producer.get().map(|producer| producer.settle(&config)) {
        problems.extend(late.into_iter().map(StartProblem::from));
    }
    if !problems.is_empty() {
        return Err(each_once(problems));
    }
    warn_of(&config, &listeners);
    Ok(Plan {
        config,
        listeners,
        topics,
        state: app.state,
        admin,
    })
}

/// Adds a problem once: a property of all clients is refused by each of them.
fn each_once(problems: Vec<StartProblem>) -> Vec<StartProblem> {
    let mut once: Vec<StartProblem> = Vec::new();
    for problem in problems {
        if !once.contains(&problem) {
            once.push(problem);
        }
    }
    once
}

/// Returns the endpoints of an application, each once, with the names of their functions.
fn endpoints(
    sources: Vec<Source>,
    discover: bool,
    problems: &mut Vec<StartProblem>,
) -> Vec<(Option<&'static str>, Endpoint)> {
    let mut endpoints = Vec::new();
    let mut seen: Vec<TypeId> = Vec::new();
    let mut add = |registration: &Registration, endpoints: &mut Vec<_>| {
        let function = (registration.function)();
        if !seen.contains(&function) {
            seen.push(function);
            endpoints.push((Some(registration.name), (registration.endpoint)()));
        }
    };
    for source in sources {
        match source {
            Source::Built(endpoint) => endpoints.push((None, *endpoint)),
            Source::Annotated(registration) => add(registration, &mut endpoints),
        }
    }
    if discover {
        let mut found: Vec<&Registration> = registered().collect();
        if found.is_empty() {
            problems.push(StartProblem::NothingDiscovered);
        }
        // The linker's order is arbitrary.
        found.sort_by_key(|registration| (registration.at.module, registration.at.line));
        found
            .into_iter()
            .for_each(|registration| add(registration, &mut endpoints));
    }
    endpoints
}

fn two_of_one_id(listeners: &[Planned]) -> Vec<StartProblem> {
    let mut first: BTreeMap<&str, &Planned> = BTreeMap::new();
    let mut problems = Vec::new();
    for listener in listeners {
        let id = listener.endpoint.id.as_str();
        if let Some(other) = first.get(id) {
            let reads = |planned: &Planned| {
                let topics: Vec<&str> = planned
                    .endpoint
                    .topics
                    .iter()
                    .map(TopicName::as_str)
                    .collect();
                format!("of {}", topics.join(", "))
            };
            let (first, second) = (reads(other), reads(listener));
            problems.push(StartProblem::TwoListeners {
                id: id.to_owned(),
                first,
                second,
            });
        }
        first.insert(id, listener);
    }
    problems
}

fn missing_states(
    listeners: &[Planned],
    state: &StateMap,
    names: &[&'static str],
) -> Vec<StartProblem> {
    let mut problems = Vec::new();
    for listener in listeners {
        for requirement in listener.endpoint.handler.requirements().iter() {
            let Requirement::State { type_id, type_name } = *requirement;
            if !state.contains(type_id) {
                let (listener, states) = (listener.endpoint.id.to_string(), names.to_vec());
                problems.push(StartProblem::MissingState {
                    listener,
                    type_name,
                    states,
                });
            }
        }
    }
    problems
}

fn declared(
    config: &Config,
    topics: Vec<Topic>,
    problems: &mut Vec<StartProblem>,
) -> Vec<TopicSpec> {
    let mut specs: Vec<TopicSpec> = Vec::new();
    for topic in topics {
        let text = topic.name.clone();
        match spec(config, topic) {
            Ok(spec)
                if specs
                    .iter()
                    .any(|known| known.name == spec.name && *known != spec) =>
            {
                let reason = "declared twice, and differently".to_owned();
                problems.push(StartProblem::Topic { text, reason });
            }
            Ok(spec) => specs.push(spec),
            Err(reason) => problems.push(StartProblem::Topic { text, reason }),
        }
    }
    specs.dedup();
    specs
}

fn spec(config: &Config, topic: Topic) -> Result<TopicSpec, String> {
    let name = config
        .expand(&topic.name)
        .map_err(|complaint| complaint.to_string())?;
    let name = TopicName::new(name).map_err(|invalid| invalid.to_string())?;
    if topic.partitions == 0 || topic.replication == Some(0) {
        return Err("a topic has at least one partition and one replica".to_owned());
    }
    let mut spec = TopicSpec::new(name, topic.partitions);
    spec.replication = topic.replication;
    for (key, value) in topic.settings {
        let value = config
            .expand(&value)
            .map_err(|complaint| complaint.to_string())?;
        spec.settings.insert(key, value);
    }
    Ok(spec)
}

/// Logs what is probably a mistake but may be intended.
fn warn_of(config: &Config, listeners: &[Planned]) {
    for suspect in config.suspects() {
        tracing::warn!("{suspect}");
    }
    for id in config.listener_ids() {
        let known = listeners
            .iter()
            .any(|listener| same_id(listener.endpoint.id.as_str(), id));
        if !known {
            tracing::warn!(
                listener = id,
                "settings for a listener that this application does not have"
            );
        }
    }
}

fn same_id(a: &str, b: &str) -> bool {
    let plain = |id: &str| {
        id.to_lowercase()
            .replace(|c: char| !c.is_alphanumeric(), "_")
    };
    plain(a) == plain(b)
}

/// The problem of a topic, a listener or a setting, for tests.
#[cfg(test)]
pub(super) fn report(problems: Vec<StartProblem>) -> String {
    super::error::StartError::Problems { problems }.to_string()
}

impl From<crate::config::ConfigError> for super::error::StartError {
    fn from(error: crate::config::ConfigError) -> Self {
        let problems: Vec<Problem> = error.into_problems();
        Self::Problems {
            problems: problems.into_iter().map(StartProblem::from).collect(),
        }
    }
}
