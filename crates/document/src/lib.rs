//! YAML and JSON as Kubernetes reads them: one arena tree with spans.
