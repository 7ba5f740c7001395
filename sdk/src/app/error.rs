//! Errors of starting and running an application.

use std::fmt;
use std::time::Duration;

use crate::admin::TopicsError;
use crate::config::Problem;

/// The application did not start. Nothing of it is left running.
///
/// `Debug` prints the same words as `Display`, because that is what `main` shows of an error it
/// returns.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The application cannot work as written and configured. No broker was asked.
    #[error("{}", Listed(problems))]
    Problems {
        /// Everything that is wrong.
        problems: Vec<StartProblem>,
    },
    /// Declared topics could not be created or found.
    #[error(transparent)]
    Topics(#[from] TopicsError),
    /// The producer could not be made.
    #[error("the producer cannot be made: {reason}")]
    Producer {
        /// Why.
        reason: String,
    },
    /// Health cannot be served over HTTP at this address.
    #[error(
        "cannot listen on {address} for health: {reason}; the address is actuator.host and actuator.port"
    )]
    Actuator {
        /// The address.
        address: String,
        /// The operating system's reason.
        reason: String,
    },
    /// A listener ended before it had its partitions.
    #[error("listener {listener} did not start: {reason}")]
    Listener {
        /// The listener's id.
        listener: String,
        /// Why.
        reason: String,
    },
    /// Listeners got no partitions assigned in time.
    #[error(
        "no partitions assigned within {within:?} to {}; the deadline is app.start-deadline",
        listeners.join(", ")
    )]
    NotAssigned {
        /// Their ids, each with what it waits for.
        listeners: Vec<String>,
        /// The time that the start waited.
        within: Duration,
    },
}

/// The application ended without being asked to.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The application did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The application has no listener.
    #[error(
        "the application has no listener to run: add one with .listener(f), .endpoint(e) or .discover(); an application that only produces needs no run()"
    )]
    NoListener,
    /// Every listener has ended by itself.
    #[error("no listener is left: {}", listeners.join("; "))]
    NoListenerLeft {
        /// Each with its reason.
        listeners: Vec<String>,
    },
    /// A Kafka client has failed for good, and `app.on-fatal-error` is `end`.
    #[error("a Kafka client has failed for good, and app.on-fatal-error is end: {reason}")]
    Fatal {
        /// Whose it was, and why.
        reason: String,
    },
    /// A second signal came while handlers were still running; their records are delivered again.
    #[error("a second signal ended the stop before all handlers were done")]
    Interrupted,
    /// The signals of the operating system cannot be received.
    #[error("cannot wait for SIGTERM and ctrl-c: {reason}")]
    Signals {
        /// The operating system's reason.
        reason: String,
    },
}

/// One thing that is wrong with an application before it starts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartProblem {
    /// A setting.
    #[error("{0}")]
    Config(Problem),
    /// A listener's value does not resolve or does not fit.
    #[error("listener {listener}: {what} = {text:?}: {reason}")]
    Listener {
        /// The listener's id.
        listener: String,
        /// The value.
        what: String,
        /// As it is written.
        text: String,
        /// The problem with it.
        reason: String,
    },
    /// A listener for an `Event` reads another topic.
    #[error(
        "listener {listener} handles an Event of the topic {event}, but its topic {text:?} is {topic}: leave the topic out, name {event}-dlt for its dead letters, set a key for its placeholder, write #[event(topic = \"${{key:{event}}}\")], or use a payload that names no topic, such as AnyTopic<T>"
    )]
    TopicMismatch {
        /// The listener's id.
        listener: String,
        /// The topic of the event.
        event: String,
        /// The topic as written.
        text: String,
        /// The topic that it resolves to.
        topic: String,
    },
    /// A handler asks for a state that the application was not given.
    #[error(
        "listener {listener} needs State<{type_name}>: give it to the app with .state(value){}",
        given(states)
    )]
    MissingState {
        /// The listener's id.
        listener: String,
        /// The type that is asked for.
        type_name: &'static str,
        /// The types the application has.
        states: Vec<&'static str>,
    },
    /// Two states have the same type.
    #[error(
        "two states of type {type_name}: handlers find a state by its type, so wrap one of them in a type of its own"
    )]
    TwoStates {
        /// The type.
        type_name: &'static str,
    },
    /// Two listeners have the same id.
    #[error(
        "two listeners have the id {id} ({first} and {second}): give one of them another with id = \"…\""
    )]
    TwoListeners {
        /// The id.
        id: String,
        /// The topics of the first one.
        first: String,
        /// The topics of the second one.
        second: String,
    },
    /// A function was given to `.listener(f)` that carries no attribute.
    #[error(
        "{function} is not annotated: put #[kafka_listener(…)] on it, or build an Endpoint and give it to .endpoint(e)"
    )]
    NotAnnotated {
        /// The function.
        function: &'static str,
    },
    /// `.discover()` found no listener.
    #[error(
        "discover() found no #[kafka_listener] in this binary: a crate that nobody references is not linked, so name it once (`use my_listeners as _;`), or add listeners one by one with .listener(f)"
    )]
    NothingDiscovered,
    /// A declared topic cannot be one.
    #[error("topic {text:?}: {reason}")]
    Topic {
        /// The topic as written.
        text: String,
        /// The problem with it.
        reason: String,
    },
}

/// The report of several problems.
struct Listed<'a>(&'a [StartProblem]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0.len() == 1 { "" } else { "s" };
        write!(
            f,
            "the application cannot start, {} problem{plural}:",
            self.0.len()
        )?;
        self.0
            .iter()
            .try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

fn given(states: &[&'static str]) -> String {
    if states.is_empty() {
        String::new()
    } else {
        format!("; it has {}", states.join(", "))
    }
}

impl From<Problem> for StartProblem {
    fn from(problem: Problem) -> Self {
        Self::Config(problem)
    }
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
