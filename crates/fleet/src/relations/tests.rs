use seaworthy_object::Catalog;
use seaworthy_source::{Source, SourceId};

use super::*;

/// The references of one manifest, as `path -> Kind namespace/name [parts]`.
fn listed(yaml: &str) -> Vec<String> {
    let source = Source::new("test.yaml", yaml);
    let documents: Vec<_> = seaworthy_document::read(&source).into_iter().map(|it| it.in_source(SourceId(0))).collect();
    let catalog = Catalog::built_in();
    let root = documents.first().and_then(|it| it.root()).unwrap();
    let object = Object::new(root, &catalog, "default").unwrap();
    references(&object)
        .iter()
        .map(|it| {
            let parts: Vec<_> = it.parts.iter().map(|part| part.text()).collect();
            format!(
                "{} {:?} {it}{}",
                it.field.path(),
                it.relation,
                parts.iter().map(|it| format!(" {it}")).collect::<String>()
            )
        })
        .collect()
}

#[test]
fn a_pod_refers_from_volumes_containers_and_itself() {
    let yaml = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      serviceAccountName: web
      priorityClassName: high
      imagePullSecrets: [{name: registry}]
      volumes:
      - name: a
        configMap: {name: conf, items: [{key: x, path: x}]}
      - name: b
        projected: {sources: [{secret: {name: keys}}]}
      - name: c
        persistentVolumeClaim: {claimName: data}
      initContainers:
      - name: init
        env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: password}}}]
      containers:
      - name: web
        envFrom: [{configMapRef: {name: env, optional: true}}]
";
    assert_eq!(
        listed(yaml),
        [
            "spec.template.spec.volumes[0].configMap.name Mounts ConfigMap shop/conf x",
            "spec.template.spec.volumes[1].projected.sources[0].secret.name Mounts Secret shop/keys",
            "spec.template.spec.volumes[2].persistentVolumeClaim.claimName Mounts PersistentVolumeClaim shop/data",
            "spec.template.spec.imagePullSecrets[0].name Refers Secret shop/registry",
            "spec.template.spec.serviceAccountName Refers ServiceAccount shop/web",
            "spec.template.spec.priorityClassName Refers PriorityClass high",
            "spec.template.spec.initContainers[0].env[0].valueFrom.secretKeyRef.name Refers Secret shop/db password",
            "spec.template.spec.containers[0].envFrom[0].configMapRef.name Refers ConfigMap shop/env",
        ]
    );
}

#[test]
fn holders_say_the_kind_where_the_api_lets_them() {
    let scaler = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
";
    assert_eq!(listed(scaler), ["spec.scaleTargetRef.name Scales Deployment default/web"]);
    let binding = "
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: web, namespace: other}, {kind: User, name: jane}]
";
    assert_eq!(
        listed(binding),
        [
            "roleRef.name Refers ClusterRole view",
            "subjects[0].name Refers ServiceAccount other/web",
            "subjects[1].name Refers User jane",
        ]
    );
}

#[test]
fn an_ingress_routes_in_both_shapes() {
    let old = "
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: web, annotations: {nginx.ingress.kubernetes.io/auth-secret: ops/users}}
spec:
  tls: [{secretName: cert}]
  backend: {serviceName: other, servicePort: 80}
  rules: [{http: {paths: [{backend: {serviceName: web, servicePort: http}}]}}]
";
    assert_eq!(
        listed(old),
        [
            "spec.tls[0].secretName Refers Secret default/cert",
            "spec.backend.serviceName RoutesTo Service default/other 80",
            "spec.rules[0].http.paths[0].backend.serviceName RoutesTo Service default/web http",
            "metadata.annotations[nginx.ingress.kubernetes.io/auth-secret] Refers Secret ops/users",
        ]
    );
}
