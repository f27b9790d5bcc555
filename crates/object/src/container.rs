//! Containers: ordinary, init, native sidecars and ephemeral ones.

use crate::field::Field;
use crate::int_or_string::IntOrString;
use crate::object::Object;

/// When a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `initContainers`: runs to its end before the others start.
    Init,
    /// `initContainers` with `restartPolicy: Always`: starts first and keeps running.
    Sidecar,
    /// `containers`.
    Ordinary,
    /// `ephemeralContainers`: added by hand for debugging.
    Ephemeral,
}

/// One container of a pod.
#[derive(Debug, Clone, Copy)]
pub struct Container<'a> {
    field: Field<'a>,
    role: Role,
}

/// One entry of `ports`.
#[derive(Debug, Clone, Copy)]
pub struct Port<'a> {
    field: Field<'a>,
}

/// `livenessProbe`, `readinessProbe` or `startupProbe`.
#[derive(Debug, Clone, Copy)]
pub struct Probe<'a> {
    field: Field<'a>,
}

impl<'a> Container<'a> {
    pub(crate) fn new(field: Field<'a>, role: Role) -> Self {
        Self { field, role }
    }

    /// The mapping itself.
    #[must_use]
    pub fn field(&self) -> Field<'a> {
        self.field
    }

    /// The object it lies in.
    #[must_use]
    pub fn object(&self) -> &'a Object<'a> {
        self.field.object()
    }

    /// When it runs.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// True if it runs as long as its pod: ordinary ones and native sidecars.
    #[must_use]
    pub fn keeps_running(&self) -> bool {
        matches!(self.role, Role::Ordinary | Role::Sidecar)
    }

    /// Its name; empty if it has none.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.field.get("name").map_or("", |it| it.text())
    }

    /// Its image.
    #[must_use]
    pub fn image(&self) -> Option<Field<'a>> {
        self.field.get("image")
    }

    /// The value at keys joined by dots.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<Field<'a>> {
        self.field.at(path)
    }

    /// Its declared ports.
    pub fn ports(&self) -> impl Iterator<Item = Port<'a>> + use<'a> {
        self.field.items_at("ports").map(|field| Port { field })
    }

    /// Its variables, as written.
    pub fn env(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        self.field.items_at("env")
    }

    /// `resources.limits` of a resource.
    #[must_use]
    pub fn limit(&self, resource: &str) -> Option<Field<'a>> {
        self.field.at("resources.limits")?.get(resource)
    }

    /// `resources.requests` of a resource, after the server's default: a limit without a request is the request.
    #[must_use]
    pub fn request(&self, resource: &str) -> Option<Field<'a>> {
        self.field.at("resources.requests").and_then(|it| it.get(resource)).or_else(|| self.limit(resource))
    }

    /// A probe by its key: `livenessProbe`, `readinessProbe`, `startupProbe`.
    #[must_use]
    pub fn probe(&self, key: &str) -> Option<Probe<'a>> {
        self.field.get(key).map(|field| Probe { field })
    }

    /// Its volume mounts and devices, as written.
    pub fn mounts(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        self.field.items_at("volumeMounts").chain(self.field.items_at("volumeDevices"))
    }
}

impl<'a> Port<'a> {
    /// The mapping itself.
    #[must_use]
    pub fn field(&self) -> Field<'a> {
        self.field
    }

    /// `containerPort`.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        self.field.get("containerPort")?.as_int()
    }

    /// Where the port of the node is written that it takes: the one it asks for, or its own in the network of the node,
    /// as the server fills in (`defaultHostNetworkPorts`).
    #[must_use]
    pub fn of_node(&self, in_host_network: bool) -> Option<Field<'a>> {
        let stated = self.field.get("hostPort").filter(|it| it.as_int() != Some(0));
        stated.or_else(|| self.field.get("containerPort").filter(|_| in_host_network))
    }

    /// `name`.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        self.field.get("name").map(|it| it.text())
    }

    /// `protocol`, after the server's default.
    #[must_use]
    pub fn protocol(&self) -> &'a str {
        self.field.str_at("protocol").unwrap_or("TCP")
    }

    /// True if this is the port that a target names, by number or by name, for this protocol.
    #[must_use]
    pub fn is_target(&self, target: IntOrString<'_>, protocol: &str) -> bool {
        self.protocol() == protocol
            && match target {
                IntOrString::Int(number) => self.number() == Some(number),
                IntOrString::String(name) => self.name() == Some(name),
            }
    }
}

impl<'a> Probe<'a> {
    /// The mapping itself.
    #[must_use]
    pub fn field(&self) -> Field<'a> {
        self.field
    }

    /// What it does: `httpGet`, `tcpSocket`, `grpc` or `exec`, and its settings.
    #[must_use]
    pub fn handler(&self) -> Option<(&'static str, Field<'a>)> {
        ["httpGet", "tcpSocket", "grpc", "exec"].into_iter().find_map(|key| Some((key, self.field.get(key)?)))
    }

    /// The port it asks.
    #[must_use]
    pub fn port(&self) -> Option<Field<'a>> {
        self.handler()?.1.get("port")
    }

    /// A number of seconds or times, after the server's defaults.
    #[must_use]
    pub fn number(&self, key: &str) -> i64 {
        let default = match key {
            "initialDelaySeconds" => 0,
            "periodSeconds" => 10,
            "failureThreshold" => 3,
            _ => 1,
        };
        self.field.get(key).and_then(|it| it.as_int()).filter(|&it| it != 0).unwrap_or(default)
    }
}
