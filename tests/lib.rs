//! What several tests share: the corpus and the programs that answer beside us.

pub mod corpus;
pub mod oracle;
