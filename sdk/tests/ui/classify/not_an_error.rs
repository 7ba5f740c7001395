use wellspring::Classify;

#[derive(Debug, Classify)]
#[classify(fatal)]
struct LedgerError;

fn main() {}
