use wellspring::Classify;

#[derive(Debug, thiserror::Error, Classify)]
enum LedgerError {
    #[error("no such card")]
    #[classify(deadletter)]
    NoSuchCard,
    #[error("busy")]
    #[classify(later)]
    Busy,
}

fn main() {}
