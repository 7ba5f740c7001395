use wellspring::Classify;

#[derive(Classify)]
union LedgerError {
    code: u32,
}

fn main() {}
