//! Defaults that are written out: to servers nothing changed.

use super::updates::after;

/// The spec of a pod that says little.
const POD: &str = r#"
      restartPolicy: Never
      serviceAccountName: x
      containers:
      - name: a
        image: nginx
        ports: [{containerPort: 80}]
        env: [{name: A}, {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: C,
          valueFrom: {resourceFieldRef: {resource: limits.cpu}}}, {name: D,
          valueFrom: {secretKeyRef: {name: a, key: b}}}]
        envFrom: [{configMapRef: {name: a}}]
        livenessProbe: {httpGet: {port: 80}}
        readinessProbe: {grpc: {port: 80}}
        startupProbe: {tcpSocket: {port: 80}}
        lifecycle: {preStop: {httpGet: {port: 80}}}
        volumeMounts: [{name: a, mountPath: /a}, {name: b, mountPath: /b}]
        resources: {limits: {cpu: 1, memory: 1Gi}}
        securityContext: {}
      volumes:
      - {name: a, configMap: {name: a, items: [{key: a, path: b}]}}
      - {name: b, secret: {secretName: a}}
      - {name: c, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.name}}]}}
      - {name: d, projected: {sources: [{serviceAccountToken: {path: a}}, {configMap: {name: a}}]}}
      - {name: e, emptyDir: {}}
      - {name: f}
      - {name: g, hostPath: {path: /a}}
      - {name: h, persistentVolumeClaim: {claimName: a}}
      - {name: i, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce],
        resources: {requests: {storage: 1Gi}}}}}}
      - {name: j, nfs: {server: a, path: /a}}
      - {name: k, csi: {driver: a.b}}
      - {name: l, iscsi: {targetPortal: a, iqn: iqn.2001-04.com.example:a, lun: 0}}
      - {name: m, azureDisk: {diskName: a, diskURI: https://a.blob.core.windows.net/b/c.vhd}}
      - {name: nn, rbd: {monitors: [a], image: b}}
      - {name: o, scaleIO: {gateway: a, system: b, secretRef: {name: a}, volumeName: a}}
      tolerations: [{key: a, operator: Exists}]
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule,
        labelSelector: {matchLabels: {a: b}}}]
      affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1,
        podAffinityTerm: {topologyKey: a, labelSelector: {matchLabels: {a: b}}}}]}}
"#;
/// The same with what servers make of it.
const HELD: &str = r#"
      restartPolicy: Never
      serviceAccountName: x
      dnsPolicy: ClusterFirst
      schedulerName: default-scheduler
      terminationGracePeriodSeconds: 30
      securityContext: {}
      initContainers: []
      hostNetwork: false
      hostPID: false
      hostIPC: false
      nodeSelector: {}
      imagePullSecrets: []
      containers:
      - name: a
        image: nginx
        imagePullPolicy: Always
        stdin: false
        tty: false
        args: []
        terminationMessagePath: /dev/termination-log
        terminationMessagePolicy: File
        ports: [{containerPort: 80, protocol: TCP}]
        env: [{name: A, value: ''}, {name: B, valueFrom: {fieldRef: {apiVersion: v1,
          fieldPath: metadata.name}}}, {name: C, valueFrom: {resourceFieldRef: {resource: limits.cpu,
          divisor: '0'}}}, {name: D, valueFrom: {secretKeyRef: {name: a, key: b}}}]
        envFrom: [{configMapRef: {name: a}}]
        livenessProbe: {httpGet: {port: 80, path: /, scheme: HTTP}, timeoutSeconds: 1, periodSeconds: 10,
          successThreshold: 1, failureThreshold: 3, initialDelaySeconds: 0}
        readinessProbe: {grpc: {port: 80, service: ''}, timeoutSeconds: 1, periodSeconds: 10,
          successThreshold: 1, failureThreshold: 3}
        startupProbe: {tcpSocket: {port: 80}, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1,
          failureThreshold: 3}
        lifecycle: {preStop: {httpGet: {port: 80, path: /, scheme: HTTP}}}
        volumeMounts: [{name: a, mountPath: /a, readOnly: false, subPath: ''}, {name: b, mountPath: /b}]
        resources: {limits: {cpu: '1', memory: 1024Mi}}
        securityContext: {}
      volumes:
      - {name: a, configMap: {name: a, defaultMode: 420, items: [{key: a, path: b}]}}
      - {name: b, secret: {secretName: a, defaultMode: 0644}}
      - {name: c, downwardAPI: {defaultMode: 420, items: [{path: a, fieldRef: {apiVersion: v1,
        fieldPath: metadata.name}}]}}
      - {name: d, projected: {defaultMode: 420, sources: [{serviceAccountToken: {path: a,
        expirationSeconds: 3600}}, {configMap: {name: a}}]}}
      - {name: e, emptyDir: {medium: ''}}
      - {name: f, emptyDir: {}}
      - {name: g, hostPath: {path: /a, type: ''}}
      - {name: h, persistentVolumeClaim: {claimName: a, readOnly: false}}
      - {name: i, ephemeral: {volumeClaimTemplate: {metadata: {creationTimestamp: null},
        spec: {accessModes: [ReadWriteOnce], volumeMode: Filesystem, resources: {requests: {storage: 1Gi}}}}}}
      - {name: j, nfs: {server: a, path: /a, readOnly: false}}
      - {name: k, csi: {driver: a.b}}
      - {name: l, iscsi: {targetPortal: a, iqn: iqn.2001-04.com.example:a, lun: 0, iscsiInterface: default}}
      - {name: m, azureDisk: {diskName: a, diskURI: https://a.blob.core.windows.net/b/c.vhd,
        cachingMode: ReadWrite, fsType: ext4, readOnly: false, kind: Shared}}
      - {name: nn, rbd: {monitors: [a], image: b, pool: rbd, user: admin, keyring: /etc/ceph/keyring}}
      - {name: o, scaleIO: {gateway: a, system: b, secretRef: {name: a}, volumeName: a,
        storageMode: ThinProvisioned, fsType: xfs}}
      tolerations: [{key: a, operator: Exists}]
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule,
        labelSelector: {matchLabels: {a: b}, matchExpressions: []}}]
      affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1,
        podAffinityTerm: {topologyKey: a, namespaces: [], labelSelector: {matchLabels: {a: b}}}}]}}
"#;

#[test]
fn a_job_s_pods_stay_as_they_are() {
    let job = |pod: &str| {
        format!("apiVersion: batch/v1\nkind: Job\nmetadata: {{name: a}}\nspec:\n  template:\n    spec:{pod}")
    };
    for minor in [30, 34, 37] {
        assert_eq!(after(&format!("{}---\n{}", job(POD), job(HELD)), minor), Vec::<String>::new());
        assert_eq!(after(&format!("{}---\n{}", job(HELD), job(POD)), minor), Vec::<String>::new());
    }
    let other = HELD.replace("expirationSeconds: 3600", "expirationSeconds: 3601");
    assert_ne!(after(&format!("{}---\n{}", job(POD), job(&other)), 37), Vec::<String>::new());
}

#[test]
fn objects_of_many_kinds_stay_as_they_are() {
    for (kind, spec, held) in KINDS {
        let object = |spec: &str| format!("apiVersion: {kind}\nmetadata: {{name: a}}\n{spec}\n");
        for (old, new) in [(spec, held), (held, spec)] {
            assert_eq!(after(&format!("{}---\n{}", object(old), object(new)), 37), Vec::<String>::new(), "{kind}");
        }
    }
}

/// What is said, and what servers hold.
const KINDS: &[(&str, &str, &str)] = &[
    (
        "v1\nkind: Secret",
        "immutable: true\nstringData: {a: b, c: d}",
        "immutable: true\ntype: Opaque\ndata: {c: ZA==, a: Yg==}",
    ),
    (
        "resource.k8s.io/v1\nkind: ResourceClaim",
        "spec: {devices: {requests: [{name: a, exactly: {deviceClassName: b, tolerations: [{key: a, \
         effect: NoSchedule, value: b}]}}, {name: b, firstAvailable: [{name: c, deviceClassName: b}]}]}}",
        "spec: {devices: {constraints: [], requests: [{name: a, exactly: {deviceClassName: b, \
         allocationMode: ExactCount, count: 1, tolerations: [{key: a, operator: Equal, effect: NoSchedule, \
         value: b}]}}, {name: b, firstAvailable: [{name: c, deviceClassName: b, allocationMode: ExactCount, \
         count: 1}]}]}}",
    ),
    (
        "storage.k8s.io/v1\nkind: CSIDriver",
        "spec: {}",
        "spec: {attachRequired: true, podInfoOnMount: false, storageCapacity: false, \
         fsGroupPolicy: ReadWriteOnceWithFSType, volumeLifecycleModes: [Persistent], requiresRepublish: false, \
         seLinuxMount: false}",
    ),
    (
        "v1\nkind: PersistentVolume",
        "spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /a}, \
         claimRef: {name: a, namespace: b}}",
        "spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /a, type: ''}, \
         volumeMode: Filesystem, persistentVolumeReclaimPolicy: Retain, claimRef: {name: a, namespace: b, \
         kind: PersistentVolumeClaim, apiVersion: v1}}\nstatus: {phase: Pending}",
    ),
    (
        "v1\nkind: PersistentVolume",
        "spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, iscsi: {targetPortal: a, \
         iqn: 'iqn.2001-04.com.example:a', lun: 0}}",
        "spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, iscsi: {targetPortal: a, \
         iqn: 'iqn.2001-04.com.example:a', lun: 0, iscsiInterface: default}}",
    ),
    (
        "scheduling.k8s.io/v1\nkind: PriorityClass",
        "value: 1",
        "value: 1\npreemptionPolicy: PreemptLowerPriority\nglobalDefault: false",
    ),
    (
        "storage.k8s.io/v1\nkind: CSINode",
        "spec: {drivers: [{name: a, nodeID: b}]}",
        "spec: {drivers: [{name: a, nodeID: b, topologyKeys: []}]}",
    ),
    (
        "storage.k8s.io/v1\nkind: VolumeAttachment",
        "spec: {attacher: a, nodeName: b, source: {persistentVolumeName: c}}",
        "spec: {attacher: a, nodeName: b, source: {persistentVolumeName: c}}\nstatus: {attached: false}",
    ),
    (
        "v1\nkind: Service",
        "spec: {type: LoadBalancer, selector: {a: b}, ports: [{port: 80}]}",
        "spec: {type: LoadBalancer, allocateLoadBalancerNodePorts: true, externalTrafficPolicy: Cluster, \
         internalTrafficPolicy: Cluster, ipFamilyPolicy: SingleStack, sessionAffinity: None, selector: {a: b}, \
         ports: [{port: 80, protocol: TCP, targetPort: 80}]}\nstatus: {loadBalancer: {}}",
    ),
];
