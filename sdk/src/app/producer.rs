//! The producers of an application, each made when it is first needed.
//!
//! A classifier or a handler's outcome may send any record to a dead-letter topic, so every
//! listener can write there. For listeners whose policy is to do so the producer is made at the
//! start; for others it is made with the first dead letter.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use futures::FutureExt;
use futures::future::BoxFuture;

use super::error::StartError;
use crate::BoxError;
use crate::client::refused_properties;
use crate::config::{ClientKind, Config, OnFatalError, Problem};
use crate::dead_letter::{DeadLetter, DeadLetterError, DeadLetterPublisher, DeadLetterSink};
use crate::handler::BoxHandler;
use crate::producer::{KafkaTemplate, KafkaTemplateBuilder, OnFatal, ProducerHealth};
use crate::runtime::error_chain;

/// Makes a producer once. Cloning shares it.
#[derive(Debug, Clone)]
pub(super) struct LazyProducer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The configuration for placeholders; the start replaces it by the final one. Held for a
    /// copy.
    config: RwLock<Config>,
    purpose: Purpose,
    /// The producer once it is made. The lock is held meanwhile, so that there is only one.
    made: Mutex<Option<KafkaTemplate>>,
}

/// The purpose of a producer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Records of the application.
    Records,
    /// The dead letters of its listeners, which may be larger than anything it sends.
    DeadLetters,
}

impl LazyProducer {
    /// For what the application sends.
    pub(super) fn new(config: Config) -> Self {
        Self::of(config, Purpose::Records)
    }

    /// For the dead letters of its listeners.
    pub(super) fn for_dead_letters(config: Config) -> Self {
        Self::of(config, Purpose::DeadLetters)
    }

    fn of(config: Config, purpose: Purpose) -> Self {
        Self(Arc::new(Inner {
            config: RwLock::new(config),
            purpose,
            made: Mutex::new(None),
        }))
    }

    /// Returns the producer, and makes it first if need be.
    pub(super) fn template(&self) -> Result<KafkaTemplate, StartError> {
        let mut made = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(template) = &*made {
            return Ok(template.clone());
        }
        let config = self.config();
        let properties = config.producer_properties();
        let refused = refused_properties(&config, ClientKind::Producer, &properties);
        if !refused.is_empty() {
            return Err(StartError::Problems {
                problems: refused.into_iter().map(Into::into).collect(),
            });
        }
        let on_fatal = match config.app().on_fatal_error {
            OnFatalError::Heal => OnFatal::Replace,
            OnFatalError::Red | OnFatalError::End => OnFatal::Stay,
        };
        let (section, inner) = (config.producer(), Arc::downgrade(&self.0));
        let resolve = move |text: &str| {
            // The template may outlive its application.
            let current = inner.upgrade().map(|inner| Self(inner).config());
            Ok(current.as_ref().unwrap_or(&config).resolve(text)?)
        };
        let builder = KafkaTemplateBuilder::of(properties).on_fatal(on_fatal);
        let builder = match self.0.purpose {
            Purpose::Records => builder,
            Purpose::DeadLetters => builder.for_dead_letters(),
        };
        let template = builder
            .placeholders(resolve)
            .buffer_memory(section.buffer_memory)
            .max_block(section.max_block)
            .build()
            .map_err(|error| StartError::Producer {
                reason: error.to_string(),
            })?;
        Ok(made.insert(template).clone())
    }

    fn config(&self) -> Config {
        self.0
            .config
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Takes over the final configuration.
    ///
    /// # Errors
    /// When the producer was made before one of its settings was known.
    pub(super) fn settle(&self, config: &Config) -> Result<(), Vec<Problem>> {
        let mut known = self
            .0
            .config
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if self.made().is_some() {
            let late = config.too_late_for_a_producer_of(&known);
            if !late.is_empty() {
                return Err(late);
            }
        }
        *known = config.clone();
        Ok(())
    }

    fn name(&self) -> &'static str {
        match self.0.purpose {
            Purpose::Records => "producer",
            Purpose::DeadLetters => "producer of dead letters",
        }
    }

    /// Returns the health of the producer, if it was made.
    pub(super) fn health(&self) -> Option<(&'static str, ProducerHealth)> {
        Some((self.name(), self.made()?.health()))
    }

    /// Returns the producer, if it was made.
    pub(super) fn made(&self) -> Option<KafkaTemplate> {
        self.0
            .made
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The sink for dead letters that their topic refuses for good.
#[derive(Clone)]
pub(super) struct RefusedLetters(pub(super) Arc<dyn DeadLetterSink>);

impl fmt::Debug for RefusedLetters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefusedLetters")
    }
}

/// Writes the dead letters of one listener.
#[derive(Debug, Clone)]
pub(super) struct LazyDeadLetters {
    pub(super) producer: LazyProducer,
    /// The handler, whose error type is written into the headers.
    pub(super) handler: BoxHandler,
    /// The sink for a dead letter that its topic refuses for good.
    pub(super) refused: Option<RefusedLetters>,
}

impl DeadLetterSink for LazyDeadLetters {
    fn publish(&self, letter: DeadLetter) -> BoxFuture<'static, Result<(), BoxError>> {
        let letters = self.clone();
        async move {
            let template = letters.producer.template()?;
            let publisher = DeadLetterPublisher::new(template).for_handler(&letters.handler);
            let Some(RefusedLetters(refused)) = letters.refused else {
                return publisher.publish(letter).await;
            };
            let Err(error) = publisher.publish(letter.clone()).await else {
                return Ok(());
            };
            if !is_final(&*error, letter.offer) {
                return Err(error);
            }
            let (at, offset) = (letter.record.source(), letter.record.offset());
            tracing::warn!(
                topic = %at.topic,
                partition = %at.partition,
                %offset,
                reason = error_chain(&*error),
                "the dead letter is refused for good and goes where refused ones do"
            );
            refused.publish(letter).await
        }
        .boxed()
    }
}

/// Whether the topic of dead letters is not asked again after this offer.
fn is_final(error: &(dyn std::error::Error + Send + Sync + 'static), offer: u32) -> bool {
    let refusal = error.downcast_ref().map(DeadLetterError::refusal);
    refusal.is_some_and(|refusal| refusal.is_final(offer))
}
