//! The commands that standard input gives to one of three brokers, one a line.
//!
//! ```text
//! stop N      SIGTERM: it hands over what it leads, and ends
//! kill N      SIGKILL
//! start N     again, on the same port and the same data
//! freeze N    SIGSTOP: it keeps its connections and says nothing
//! thaw N      SIGCONT
//! ```
//!
//! Each is answered with one line once it is done: `done`, or `refused: ` and why.

use std::io::{self, Write as _};

use integration_tests::own::{OwnKafkaError, ReplicatedKafka};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::error_chain::error_chain;

/// A command to a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Stop,
    Kill,
    Start,
    Freeze,
    Thaw,
}

/// Does as standard input says until that ends.
pub(crate) async fn serve(kafka: &mut ReplicatedKafka) -> io::Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = match parse(&line) {
            Some((action, broker)) => answer(perform(kafka, action, broker).await),
            None => {
                "refused: a command is stop, kill, start, freeze or thaw, and a number".to_owned()
            }
        };
        let mut out = io::stdout();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

async fn perform(
    kafka: &mut ReplicatedKafka,
    action: Action,
    broker: u16,
) -> Result<(), OwnKafkaError> {
    match action {
        Action::Stop => kafka.stop_broker(broker).await,
        Action::Kill => kafka.kill_broker(broker).await,
        Action::Start => kafka.start_broker(broker).await,
        Action::Freeze => kafka.freeze_broker(broker).await,
        Action::Thaw => kafka.thaw_broker(broker),
    }
}

fn parse(line: &str) -> Option<(Action, u16)> {
    let (word, number) = line.trim().split_once(' ')?;
    let action = match word {
        "stop" => Action::Stop,
        "kill" => Action::Kill,
        "start" => Action::Start,
        "freeze" => Action::Freeze,
        "thaw" => Action::Thaw,
        _ => return None,
    };
    Some((action, number.trim().parse().ok()?))
}

/// One line, whatever the end of a log looks like.
fn answer(done: Result<(), OwnKafkaError>) -> String {
    match done {
        Ok(()) => "done".to_owned(),
        Err(error) => format!("refused: {}", error_chain(&error).replace('\n', " | ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_a_word_and_a_number() {
        assert_eq!(parse("kill 2"), Some((Action::Kill, 2)));
        assert_eq!(parse(" start 3\r"), Some((Action::Start, 3)));
        for wrong in ["", "kill", "kill all", "explode 1"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_answer_is_one_line() {
        let log = "first\nsecond".to_owned();
        let bootstrap = "127.0.0.1:9".to_owned();
        let said = answer(Err(OwnKafkaError::Ended { bootstrap, log }));
        assert!(
            said.starts_with("refused: ") && said.ends_with("first | second"),
            "{said}"
        );
    }
}
