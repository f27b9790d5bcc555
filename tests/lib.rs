//! What several tests share: the examples, the corpus and the programs that answer beside us.

pub mod corpus;
pub mod examples;
pub mod oracle;
