use wellspring::Classify;

#[derive(Debug, thiserror::Error, Classify)]
#[classify(transparent)]
enum LedgerError {
    #[error("no such card")]
    #[classify(transparent)]
    NoSuchCard,
}

#[derive(Debug, thiserror::Error, Classify)]
#[error("two")]
#[classify(transparent)]
struct Two(std::io::Error, std::io::Error);

fn main() {}
