//! DescribeConfigs, key 32, versions 1-4.
//!
//! *Behaviour.* Returns the settings of a topic (resource type 2) or this broker (4), each with its
//! value in force and the source of it. A resource that is named twice is answered once. An empty
//! broker name means the cluster-wide dynamic settings, of which there are none.
//!
//! *Versions.* 1: synonyms, sources instead of a default flag (KIP-226). 3: types and documentation
//! (KIP-569). 4: flexible.
//!
//! *Known gaps.* Only the settings of this broker's own tables are known. Other types of resources
//! (loggers, client metrics, groups) have none.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use crate::api::context::{Call, TopicsContext, advertised};
use crate::api::{Api, NoReply};
use crate::config::{BROKER_KEYS, Config, Key, Settings, TOPIC_KEYS, TopicKey};
use crate::types::TopicName;
use crate::wire::messages::create_topics_response::CreatableTopicConfigs;
use crate::wire::messages::describe_configs_request::{
    DescribeConfigsRequestData, DescribeConfigsResource,
};
use crate::wire::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResponseData, DescribeConfigsResult,
    DescribeConfigsSynonym,
};
use crate::wire::{ErrorCode, text};

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct DescribeConfigs;

impl Api for DescribeConfigs {
    const KEY: i16 = 32;
    const NAME: &'static str = "DescribeConfigs";
    const VERSIONS: RangeInclusive<i16> = 1..=4;

    type Context = TopicsContext;
    type Request = DescribeConfigsRequestData;
    type Response = DescribeConfigsResponseData;

    async fn handle(
        context: &TopicsContext,
        call: &mut Call<'_>,
        request: DescribeConfigsRequestData,
    ) -> Result<DescribeConfigsResponseData, NoReply> {
        let detail = Detail {
            version: call.version,
            synonyms: request.include_synonyms,
            documentation: request.include_documentation,
        };
        // A resource that is named twice is answered once: a small request must not ask for a huge
        // answer.
        let mut seen = HashSet::with_capacity(request.resources.len());
        let mut is_new = |of: &DescribeConfigsResource| {
            seen.insert((of.resource_type, of.resource_name.clone()))
        };
        let results = request
            .resources
            .into_iter()
            .filter(|resource| is_new(resource))
            .map(|resource| {
                let described = describe(context, call, &resource);
                let row = DescribeConfigsResult::default()
                    .with_resource_type(resource.resource_type)
                    .with_resource_name(resource.resource_name);
                match described {
                    Ok(values) => {
                        // An empty list means all settings, as a null one does.
                        let named = resource.configuration_keys.unwrap_or_default();
                        let wanted = |value: &Value| {
                            named.is_empty()
                                || named.iter().any(|key| key.as_str() == value.key.name)
                        };
                        row.with_configs(
                            values
                                .into_iter()
                                .filter(wanted)
                                .map(|value| detail.render(value))
                                .collect(),
                        )
                    }
                    Err((error, reason)) => row
                        .with_error_code(error.code())
                        .with_error_message(Some(text(reason))),
                }
            });
        Ok(DescribeConfigsResponseData::default().with_results(results.collect()))
    }
}

/// Returns all settings of a new topic, as CreateTopics has them in its response.
pub(super) fn of_new_topic(config: &Config, own: &Settings) -> Vec<CreatableTopicConfigs> {
    let row = |value: Value| {
        CreatableTopicConfigs::default()
            .with_name(text(value.key.name))
            .with_value(value.text().map(text))
            .with_config_source(value.source() as i8)
    };
    TOPIC_KEYS
        .iter()
        .map(|key| row(topic_value(config, own, key)))
        .collect()
}

/// The source of a value, as the protocol numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Topic = 1,
    Broker = 4,
    Default = 5,
}

/// A setting with all its sources; the first is in force.
struct Value {
    key: &'static Key,
    read_only: bool,
    voices: Vec<Voice>,
}

struct Voice {
    name: &'static str,
    text: Option<String>,
    source: Source,
}

impl Value {
    fn text(&self) -> Option<&str> {
        self.voices.first()?.text.as_deref()
    }

    fn source(&self) -> Source {
        self.voices
            .first()
            .map_or(Source::Default, |voice| voice.source)
    }
}

type Refusal = (ErrorCode, String);

fn describe(
    context: &TopicsContext,
    call: &Call<'_>,
    resource: &DescribeConfigsResource,
) -> Result<Vec<Value>, Refusal> {
    let name = resource.resource_name.as_str();
    match resource.resource_type {
        TOPIC => {
            if let Err(error) = TopicName::new(name) {
                return Err((ErrorCode::InvalidTopicException, error.to_string()));
            }
            let image = context.metadata.image();
            let topic = image.topic(name).ok_or_else(|| {
                (
                    ErrorCode::UnknownTopicOrPartition,
                    format!("there is no topic {name}"),
                )
            })?;
            let value = |key| topic_value(&context.config, topic.settings(), key);
            Ok(TOPIC_KEYS.iter().map(value).collect())
        }
        BROKER if name.is_empty() => Ok(Vec::new()),
        BROKER if name == context.identity.node.to_string() => Ok(BROKER_KEYS
            .iter()
            .map(|key| broker_value(context, call, key))
            .collect()),
        BROKER => {
            let reason = format!("this is broker {}, not {name}", context.identity.node);
            Err((ErrorCode::InvalidRequest, reason))
        }
        other => Err((
            ErrorCode::InvalidRequest,
            format!("resource type {other} has no settings here"),
        )),
    }
}

fn topic_value(config: &Config, own: &Settings, key: &'static TopicKey) -> Value {
    let TopicKey { key, broker, .. } = key;
    let mut voices = Vec::new();
    if let Some(text) = own.get(key.name) {
        voices.push(Voice {
            name: key.name,
            text: Some(text.to_owned()),
            source: Source::Topic,
        });
    }
    let fallback = config.topics.value(&Settings::new(), key.name).to_owned();
    let name = broker.unwrap_or(key.name);
    if key.default != Some(fallback.as_str()) {
        voices.push(Voice {
            name,
            text: Some(fallback),
            source: Source::Broker,
        });
    }
    voices.push(Voice {
        name,
        text: key.default.map(str::to_owned),
        source: Source::Default,
    });
    Value {
        key,
        read_only: false,
        voices,
    }
}

fn broker_value(context: &TopicsContext, call: &Call<'_>, key: &'static Key) -> Value {
    let mut voices = Vec::new();
    // The effective value, even where the setting left it open.
    let actual = match key.name {
        "advertised.listeners" => {
            let (host, port) = advertised(&context.config, call.session);
            let host = if host.contains(':') {
                format!("[{host}]")
            } else {
                host
            };
            Some(format!("PLAINTEXT://{host}:{port}"))
        }
        _ => context.config.written.get(key.name).map(str::to_owned),
    };
    if actual.is_some() {
        voices.push(Voice {
            name: key.name,
            text: actual,
            source: Source::Broker,
        });
    }
    voices.push(Voice {
        name: key.name,
        text: key.default.map(str::to_owned),
        source: Source::Default,
    });
    Value {
        key,
        read_only: true,
        voices,
    }
}

/// The optional parts of each setting that the client asks for.
struct Detail {
    version: i16,
    synonyms: bool,
    documentation: bool,
}

impl Detail {
    fn render(&self, value: Value) -> DescribeConfigsResourceResult {
        let mut row = DescribeConfigsResourceResult::default()
            .with_name(text(value.key.name))
            .with_value(value.text().map(text))
            .with_read_only(value.read_only)
            .with_config_source(value.source() as i8);
        if self.version >= 3 {
            row = row.with_config_type(value.key.rule.type_code());
            if self.documentation {
                row = row.with_documentation(Some(text(value.key.doc)));
            }
        }
        if self.synonyms {
            let synonym = |voice: Voice| {
                DescribeConfigsSynonym::default()
                    .with_name(text(voice.name))
                    .with_value(voice.text.map(text))
                    .with_source(voice.source as i8)
            };
            row = row.with_synonyms(value.voices.into_iter().map(synonym).collect());
        }
        row
    }
}
