use wellspring::Classify;

#[derive(Debug, thiserror::Error, Classify)]
enum LedgerError {
    #[error("no such card")]
    #[classify]
    NoSuchCard,
    #[error("busy")]
    #[classify(retry, fatal)]
    Busy,
    #[error("closed")]
    #[classify("fatal")]
    Closed,
    #[error("full")]
    #[classify()]
    Full,
}

fn main() {}
