//! The request of an `AdmissionReview` (`k8s.io/api/admission/v1`).

use serde::Deserialize;
use serde_json::value::RawValue;

/// The body is no `AdmissionReview` of version v1 that holds a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Malformed {
    /// Why.
    pub why: String,
    /// The uid of the request, where it can be read; else empty.
    pub uid: String,
}

const API_VERSION: &str = "admission.k8s.io/v1";
const KIND: &str = "AdmissionReview";

/// The envelope. What a newer server adds is passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'b> {
    api_version: Option<String>,
    kind: Option<String>,
    #[serde(borrow)]
    request: Option<&'b RawValue>,
}

/// What the server asks. Go writes no nulls here, but other hosts do.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request<'b> {
    pub(crate) uid: Option<String>,
    pub(crate) kind: Option<GroupKind>,
    pub(crate) resource: Option<GroupResource>,
    pub(crate) sub_resource: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) operation: Option<String>,
    pub(crate) user_info: Option<UserInfo>,
    /// The object as it was sent, byte for byte.
    #[serde(borrow)]
    pub(crate) object: Option<&'b RawValue>,
    /// What it was before, on UPDATE and DELETE.
    #[serde(borrow)]
    pub(crate) old_object: Option<&'b RawValue>,
    pub(crate) dry_run: Option<bool>,
}

/// Its version is of no interest: the object says it.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct GroupKind {
    #[serde(default)]
    pub(crate) group: String,
    #[serde(default)]
    pub(crate) kind: String,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct GroupResource {
    #[serde(default)]
    pub(crate) group: String,
    #[serde(default)]
    pub(crate) resource: String,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct UserInfo {
    #[serde(default)]
    pub(crate) username: Option<String>,
    #[serde(default)]
    pub(crate) groups: Option<Vec<String>>,
}

/// What of an object says whether it is judged.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Head {
    #[serde(default)]
    pub(crate) metadata: Option<Metadata>,
}

/// `metadata`, as far as it says who made the object and what becomes of it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) name: Option<String>,
    pub(crate) uid: Option<String>,
    pub(crate) deletion_timestamp: Option<String>,
}

impl<'b> Request<'b> {
    /// Reads the body of a review.
    ///
    /// # Errors
    /// It is no `AdmissionReview` of version v1, or holds no request of the right form.
    pub(crate) fn read(body: &'b [u8]) -> Result<Self, Malformed> {
        let fault = |why: String| Malformed { why, uid: uid_in(body) };
        let text = std::str::from_utf8(body).map_err(|error| fault(format!("the body is not UTF-8: {error}")))?;
        let Envelope { api_version, kind, request } =
            serde_json::from_str(text).map_err(|error| fault(format!("the body is no AdmissionReview: {error}")))?;
        let (api_version, kind) = (api_version.unwrap_or_default(), kind.unwrap_or_default());
        if (api_version.as_str(), kind.as_str()) != (API_VERSION, KIND) {
            let why = format!("the body is `{kind}` of `{api_version}`, not `{KIND}` of `{API_VERSION}`");
            return Err(fault(why));
        }
        let request = request.ok_or_else(|| fault("the AdmissionReview has no `request`".to_owned()))?;
        let request: Self = serde_json::from_str(request.get())
            .map_err(|error| fault(format!("`request` of the AdmissionReview is none: {error}")))?;
        if request.uid().is_empty() {
            return Err(fault("the request has no `uid`".to_owned()));
        }
        Ok(request)
    }

    /// The id of this one question, which the answer must repeat.
    pub(crate) fn uid(&self) -> &str {
        self.uid.as_deref().unwrap_or("")
    }

    /// The object, where it is not null.
    pub(crate) fn object(&self) -> Option<&'b str> {
        self.object.map(RawValue::get).filter(|it| *it != "null")
    }

    /// True if an update leaves all as it was but metadata and status.
    pub(crate) fn keeps_content(&self) -> bool {
        let content = |raw: &RawValue| {
            let mut object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(raw.get()).ok()?;
            ["metadata", "status"].iter().for_each(|key| drop(object.remove(*key)));
            Some(object)
        };
        let (old, new) = (self.old_object.and_then(content), self.object.and_then(content));
        new.is_some() && old == new
    }

    /// What the object says of who made it; nothing where that cannot be read.
    pub(crate) fn metadata(&self) -> Metadata {
        let head = self.object().and_then(|it| serde_json::from_str::<Head>(it).ok());
        head.and_then(|it| it.metadata).unwrap_or_default()
    }

    /// `pods/ephemeralcontainers`, `deployments`: the resource without its group.
    pub(crate) fn resource(&self) -> String {
        let resource = self.resource.as_ref().map_or("", |it| it.resource.as_str());
        match self.sub_resource.as_deref().unwrap_or("") {
            "" => resource.to_owned(),
            sub => format!("{resource}/{sub}"),
        }
    }
}

/// The uid of a request, however odd the rest of the body is; empty where there is none.
pub(crate) fn uid_in(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Outer<'b> {
        #[serde(borrow)]
        request: Option<&'b RawValue>,
    }
    #[derive(Deserialize)]
    struct Inner {
        uid: Option<String>,
    }
    let text = String::from_utf8_lossy(body);
    let outer = serde_json::from_str::<Outer<'_>>(&text).ok();
    let inner = outer.and_then(|it| serde_json::from_str::<Inner>(it.request?.get()).ok());
    inner.and_then(|it| it.uid).unwrap_or_default()
}
