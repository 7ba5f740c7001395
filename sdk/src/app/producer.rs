//! The producer of an application, made when it is first needed.
//!
//! A classifier, or a handler's answer, may send any record to a dead-letter topic, so every listener has
//! a way there; most applications never use it, and pay nothing for it.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use futures::FutureExt;
use futures::future::BoxFuture;

use super::error::StartError;
use crate::BoxError;
use crate::client::refused_properties;
use crate::config::{ClientKind, Config, Problem};
use crate::dead_letter::{DeadLetter, DeadLetterError, DeadLetterPublisher, DeadLetterSink};
use crate::handler::BoxHandler;
use crate::producer::{KafkaTemplate, KafkaTemplateBuilder, ProducerHealth};

/// Makes the producer once. Cloning shares it.
#[derive(Debug, Clone)]
pub(super) struct LazyProducer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Held for a copy. Until the start more settings may come, which placeholders then have.
    config: RwLock<Config>,
    /// The producer once it is made. The lock is held while it is made, so that there is only one.
    made: Mutex<Option<KafkaTemplate>>,
}

impl LazyProducer {
    pub(super) fn new(config: Config) -> Self {
        Self(Arc::new(Inner { config: RwLock::new(config), made: Mutex::new(None) }))
    }

    /// The producer, made now if it is not there.
    pub(super) fn template(&self) -> Result<KafkaTemplate, StartError> {
        let mut made = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(template) = &*made {
            return Ok(template.clone());
        }
        let config = self.config();
        let properties = config.producer_properties();
        let refused = refused_properties(&config, ClientKind::Producer, &properties);
        if !refused.is_empty() {
            return Err(StartError::Problems { problems: refused.into_iter().map(Into::into).collect() });
        }
        let (section, inner) = (config.producer(), Arc::downgrade(&self.0));
        let resolve = move |text: &str| {
            // The template may outlive its application.
            let current = inner.upgrade().map(|inner| Self(inner).config());
            Ok(current.as_ref().unwrap_or(&config).resolve(text)?)
        };
        let template = KafkaTemplateBuilder::of(properties)
            .placeholders(resolve)
            .buffer_memory(section.buffer_memory)
            .max_block(section.max_block)
            .build()
            .map_err(|error| StartError::Producer { reason: error.to_string() })?;
        Ok(made.insert(template).clone())
    }

    fn config(&self) -> Config {
        self.0.config.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the configuration of the start.
    ///
    /// # Errors
    /// When the producer was made before a setting of it was there.
    pub(super) fn settle(&self, config: &Config) -> Result<(), Vec<Problem>> {
        let mut known = self.0.config.write().unwrap_or_else(PoisonError::into_inner);
        if self.made().is_some() {
            let late = config.too_late_for_a_producer_of(&known);
            if !late.is_empty() {
                return Err(late);
            }
        }
        *known = config.clone();
        Ok(())
    }

    /// Makes another one the next time it is needed, in place of `spent`, which can send nothing any more.
    fn renew(&self, spent: &KafkaTemplate) {
        let mut made = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.as_ref().is_some_and(|known| known.is(spent)) {
            *made = None;
        }
    }

    /// How the producer is doing, if it is made.
    pub(super) fn health(&self) -> Vec<(&'static str, ProducerHealth)> {
        self.made().map(|template| ("producer", template.health())).into_iter().collect()
    }

    /// The producer if anybody needed it.
    pub(super) fn made(&self) -> Option<KafkaTemplate> {
        self.0.made.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The way to the dead letters of one listener.
#[derive(Debug)]
pub(super) struct LazyDeadLetters {
    pub(super) producer: LazyProducer,
    /// Its error type is written into the letters.
    pub(super) handler: BoxHandler,
}

impl DeadLetterSink for LazyDeadLetters {
    fn publish(&self, letter: DeadLetter) -> BoxFuture<'static, Result<(), BoxError>> {
        let template = match self.producer.template() {
            Ok(template) => template,
            Err(error) => return std::future::ready(Err(error.into())).boxed(),
        };
        let publisher = DeadLetterPublisher::new(template.clone()).for_handler(&self.handler);
        let producer = self.producer.clone();
        async move {
            let written = publisher.publish(letter).await;
            // The letter is offered again, and must not meet the same producer for ever.
            if written.as_ref().is_err_and(|error| is_the_producers_end(&**error)) {
                producer.renew(&template);
            }
            written
        }
        .boxed()
    }
}

fn is_the_producers_end(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(DeadLetterError::Send { source, .. }) if source.is_fatal())
}
