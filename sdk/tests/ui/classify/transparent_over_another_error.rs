use wellspring::Classify;

#[derive(Debug, thiserror::Error, Classify)]
#[error(transparent)]
#[classify(transparent)]
struct Wrapper(std::io::Error);

fn main() {}
