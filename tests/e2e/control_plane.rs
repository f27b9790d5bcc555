//! etcd and kube-apiserver on loopback, as a cluster without nodes and controllers.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use tempfile::{NamedTempFile, TempDir};

use crate::api::Api;

const TOKEN: &str = "administrator";

/// A running control plane. It ends with this value.
pub struct ControlPlane {
    programs: Vec<Child>,
    folder: TempDir,
    port: u16,
}

impl ControlPlane {
    /// Starts the programs that `xtask/build-tools.sh` built, and waits until the API server is ready.
    ///
    /// The API server shows webhooks the client certificate that [`ControlPlane::client_authority`] has signed.
    pub async fn start(etcd: &Path, apiserver: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let ca = Authority::new("control plane");
        let serving = ca.sign(&["127.0.0.1"], ExtendedKeyUsagePurpose::ServerAuth);
        let clients = Authority::new("clients of webhooks");
        let client = clients.sign(&["kube-apiserver"], ExtendedKeyUsagePurpose::ClientAuth);
        let write = |name: &str, text: &str| std::fs::write(path(name), text).unwrap();
        write("ca.crt", &ca.certificate);
        write("tls.crt", &serving.certificate);
        write("tls.key", &serving.key);
        write("client-ca.crt", &clients.certificate);
        write("client.crt", &client.certificate);
        write("client.key", &client.key);
        let accounts = KeyPair::generate().unwrap();
        write("accounts.key", &accounts.serialize_pem());
        write("accounts.pub", &accounts.public_key_pem());
        write("tokens.csv", &format!("{TOKEN},admin,admin,system:masters\n"));
        write("audit.yaml", AUDIT);
        write("admission.yaml", &admission(folder.path()));
        write("webhooks.yaml", &webhooks(folder.path()));

        let (clients, peers, port) = (free_port(), free_port(), free_port());
        let store = format!("http://127.0.0.1:{clients}");
        let mut plane = Self { programs: Vec::new(), port, folder };
        plane.run(
            etcd,
            &[
                format!("--data-dir={}", plane.file("etcd").display()),
                format!("--listen-client-urls={store}"),
                format!("--advertise-client-urls={store}"),
                format!("--listen-peer-urls=http://127.0.0.1:{peers}"),
                "--unsafe-no-fsync".to_owned(),
            ],
        );
        let file = |flag: &str, name: &str| format!("--{flag}={}", plane.file(name).display());
        let flags = [
            format!("--etcd-servers={store}"),
            format!("--secure-port={port}"),
            "--bind-address=127.0.0.1".to_owned(),
            file("tls-cert-file", "tls.crt"),
            file("tls-private-key-file", "tls.key"),
            file("token-auth-file", "tokens.csv"),
            file("service-account-key-file", "accounts.pub"),
            file("service-account-signing-key-file", "accounts.key"),
            file("admission-control-config-file", "admission.yaml"),
            file("audit-policy-file", "audit.yaml"),
            file("audit-log-path", "audit.json"),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            "--service-cluster-ip-range=10.0.0.0/16".to_owned(),
            "--authorization-mode=RBAC".to_owned(),
            "--allow-privileged=true".to_owned(),
        ];
        plane.run(apiserver, &flags);
        plane.ready().await;
        plane
    }

    /// A client that may do everything.
    pub fn api(&self) -> Api {
        Api::new(&self.url(), &self.authority(), TOKEN)
    }

    /// A kubeconfig of whoever has this token; without one, of the administrator.
    pub fn kubeconfig(&self, token: Option<&str>) -> NamedTempFile {
        let cluster = json!({"server": self.url(), "certificate-authority": self.authority()});
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "e2e",
            "clusters": [{"name": "e2e", "cluster": cluster}],
            "users": [{"name": "e2e", "user": {"token": token.unwrap_or(TOKEN)}}],
            "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": "e2e"}}],
        });
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), config.to_string()).unwrap();
        file
    }

    /// What the audit log says of requests that were done.
    pub fn audit(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.file("audit.json")).unwrap();
        text.lines().filter_map(|it| serde_json::from_str(it).ok()).collect()
    }

    fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    fn authority(&self) -> PathBuf {
        self.file("ca.crt")
    }

    /// The authority that signed the certificate which the API server shows to webhooks.
    pub fn client_authority(&self) -> PathBuf {
        self.file("client-ca.crt")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&mut self, program: &Path, flags: &[String]) {
        let name = program.file_name().unwrap().to_string_lossy().into_owned();
        let log = File::create(self.file(&format!("{name}.log"))).unwrap();
        let child = Command::new(program).args(flags).stdout(log.try_clone().unwrap()).stderr(log).spawn();
        self.programs.push(child.unwrap_or_else(|error| panic!("{}: {error}", program.display())));
    }

    async fn ready(&mut self) {
        let (api, start) = (self.api(), Instant::now());
        while api.try_get("/readyz").await.is_none_or(|answer| answer.code != 200) {
            let ended = self.programs.iter_mut().any(|it| it.try_wait().unwrap().is_some());
            if ended || start.elapsed() > Duration::from_secs(180) {
                panic!("the control plane is not ready:\n{}", self.logs());
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// The end of what the programs logged.
    fn logs(&self) -> String {
        let files = std::fs::read_dir(self.folder.path()).unwrap().map(|it| it.unwrap().path());
        let logs = files.filter(|it| it.extension().is_some_and(|it| it == "log"));
        logs.map(|it| {
            let text = std::fs::read_to_string(&it).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            format!("{}:\n{}\n", it.display(), lines[lines.len().saturating_sub(20)..].join("\n"))
        })
        .collect()
    }
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        for program in self.programs.iter_mut().rev() {
            let _ = program.kill();
            let _ = program.wait();
        }
    }
}

/// A port of loopback that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// New Deployments, and what was said of them.
const AUDIT: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - {level: Metadata, verbs: [create], resources: [{group: apps, resources: [deployments]}]}
  - {level: None}
";

/// What makes the API server show webhooks a client certificate, as docs/webhook.md says.
fn admission(folder: &Path) -> String {
    format!(
        "apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
  - name: ValidatingAdmissionWebhook
    configuration:
      apiVersion: apiserver.config.k8s.io/v1
      kind: WebhookAdmissionConfiguration
      kubeConfigFile: {}
",
        folder.join("webhooks.yaml").display()
    )
}

fn webhooks(folder: &Path) -> String {
    format!(
        "apiVersion: v1
kind: Config
users:
  - name: '*'
    user:
      client-certificate: {}
      client-key: {}
",
        folder.join("client.crt").display(),
        folder.join("client.key").display()
    )
}

/// A certificate authority for one test.
pub struct Authority {
    pub certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
pub struct Signed {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { certificate: params.self_signed(&key).unwrap().pem(), issuer: Issuer::new(params, key) }
    }

    pub fn sign(&self, names: &[&str], usage: ExtendedKeyUsagePurpose) -> Signed {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|&it| it.to_owned()).collect();
        let mut params = CertificateParams::new(names.clone()).unwrap();
        params.distinguished_name.push(DnType::CommonName, names.join(" "));
        params.extended_key_usages = vec![usage];
        Signed { certificate: params.signed_by(&key, &self.issuer).unwrap().pem(), key: key.serialize_pem() }
    }
}
