//! What `deploy/` installs, and what a kubelet would make of it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use k8s_openapi::ByteString;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::Api;

/// The objects of all files of a folder, in the order `kubectl apply --filename` takes them.
pub fn objects(folder: &Path) -> Vec<(String, Value)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.retain(|it| it.extension().is_some_and(|it| it == "yaml"));
    files.sort();
    let objects = files.iter().flat_map(|file| {
        let text = fs::read_to_string(file).unwrap();
        let documents: Vec<Value> =
            yaml_serde::Deserializer::from_str(&text).map(|it| Value::deserialize(it).unwrap()).collect();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        documents.into_iter().filter(|it| !it.is_null()).map(move |it| (name.clone(), it))
    });
    objects.collect()
}

/// The manifests of `deploy/`.
pub fn manifests() -> Vec<(String, Value)> {
    objects(&project().join("deploy/manifests"))
}

/// The project's folder.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a pod mounts, in a folder, as a kubelet lays it out: an update exchanges all files at once, by renaming a link.
pub struct Volumes {
    folder: tempfile::TempDir,
    pod: Value,
    written: usize,
}

impl Volumes {
    /// The volumes of a pod's first container, as they are now.
    pub async fn mount(api: &Api, pod: &Value) -> Self {
        let mut volumes = Self { folder: tempfile::tempdir().unwrap(), pod: pod.clone(), written: 0 };
        volumes.refresh(api).await;
        volumes
    }

    /// Brings the volumes up to date.
    pub async fn refresh(&mut self, api: &Api) {
        let pod = self.pod.clone();
        for mount in pod["spec"]["containers"][0]["volumeMounts"].as_array().unwrap() {
            let volumes = pod["spec"]["volumes"].as_array().unwrap();
            let volume = volumes.iter().find(|it| it["name"] == mount["name"]).unwrap();
            self.write(mount["mountPath"].as_str().unwrap(), &contents(api, volume).await);
        }
    }

    /// Writes the files of one mount.
    pub fn write(&mut self, mount_path: &str, files: &[(String, Vec<u8>)]) {
        self.written += 1;
        let mount = self.path(mount_path);
        let version = format!("..{}", self.written);
        fs::create_dir_all(mount.join(&version)).unwrap();
        for (name, bytes) in files {
            fs::write(mount.join(&version).join(name), bytes).unwrap();
            let link = mount.join(name);
            if !link.is_symlink() {
                symlink(Path::new("..data").join(name), link).unwrap();
            }
        }
        symlink(&version, mount.join("..data_tmp")).unwrap();
        fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
    }

    /// Where a path of the container lies.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path.trim_start_matches('/'))
    }

    /// The container's arguments, with the paths of mounts where they lie.
    pub fn arguments(&self) -> Vec<String> {
        let container = &self.pod["spec"]["containers"][0];
        let mounts = container["volumeMounts"].as_array().unwrap();
        let lies = |argument: String| {
            mounts.iter().fold(argument, |argument, mount| {
                let path = mount["mountPath"].as_str().unwrap();
                argument.replace(&format!("={path}/"), &format!("={}/", self.path(path).display()))
            })
        };
        arguments(container).into_iter().map(lies).collect()
    }
}

/// The arguments of a container.
pub fn arguments(container: &Value) -> Vec<String> {
    container["args"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// The files of a volume.
async fn contents(api: &Api, volume: &Value) -> Vec<(String, Vec<u8>)> {
    if let Some(name) = volume["configMap"]["name"].as_str() {
        let map = api.get(&format!("/api/v1/namespaces/seaworthy/configmaps/{name}")).await.expect(&[200]).body;
        let entries = map["data"].as_object().unwrap().iter();
        return entries.map(|(key, text)| (key.clone(), text.as_str().unwrap().as_bytes().to_vec())).collect();
    }
    let secret = &volume["secret"];
    let name = secret["secretName"].as_str().unwrap();
    let held = api.get(&format!("/api/v1/namespaces/seaworthy/secrets/{name}")).await.expect(&[200]).body;
    let items = secret["items"].as_array().unwrap().iter();
    items
        .map(|item| (item["path"].as_str().unwrap().to_owned(), bytes(&held["data"][item["key"].as_str().unwrap()])))
        .collect()
}

/// Bytes as JSON carries them, in base64.
pub fn bytes(value: &Value) -> Vec<u8> {
    serde_json::from_value::<ByteString>(value.clone()).unwrap().0
}

/// A token of a service account.
pub async fn token(api: &Api, namespace: &str, account: &str) -> String {
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
    let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    api.post(&path, &request).await.expect(&[201]).body["status"]["token"].as_str().unwrap().to_owned()
}
