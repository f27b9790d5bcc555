//! What is said about a fleet, and where: findings, unknowns, skipped input.
