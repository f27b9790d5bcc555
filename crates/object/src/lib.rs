//! Kubernetes objects as views over the tree, and the catalog of their schemas.
