// What a first visitor sees: a small shop with slips that are easy to make and hard to see.

export const example = {
    files: [
        {
            name: "shop.yaml",
            text: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 3
  selector:
    matchLabels: {app: shop}
  template:
    metadata:
      labels: {app: shop}
    spec:
      containers:
        - name: shop
          image: registry.example.com/shop:2.4.1
          ports:
            - {name: http, containerPort: 8080}
          env:
            - name: DATABASE
              valueFrom:
                configMapKeyRef: {name: shop, key: database-url}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 256mi}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
data:
  database_url: postgres://orders:5432/orders
`,
        },
        {
            name: "network.yaml",
            text: `apiVersion: v1
kind: Service
metadata:
  name: shop
spec:
  selector: {app: shopp}
  ports:
    - {name: http, port: 80, targetPort: http}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service: {name: shop, port: {number: 8080}}
`,
        },
        {
            name: "orders.yaml",
            text: `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: orders
spec:
  serviceName: orders
  replicas: 1
  selector:
    matchLabels: {app: orders}
  template:
    metadata:
      labels: {app: orders}
    spec:
      containers:
        - name: postgres
          image: postgres:17.2
          ports:
            - {containerPort: 5432}
          volumeMounts:
            - {name: data, mountPath: /var/lib/postgresql/data}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec:
        accessModes: [ReadWriteOnce]
        storageClassName: fast
        resources:
          requests: {storage: 20Gi}
---
apiVersion: v1
kind: Service
metadata:
  name: orders
spec:
  clusterIP: None
  selector: {app: orders}
  ports:
    - {port: 5432}
`,
        },
    ],
    options: { kubernetesVersions: [], packs: [], complete: true },
};
