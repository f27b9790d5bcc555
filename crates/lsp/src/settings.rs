//! What the client may say about how to check.

use seaworthy::Validator;
use seaworthy::wire::{Options, WireError};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// What holds: the flags of `check` under the names that editors give them, and what is for editors alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Settings {
    #[serde(alias = "kubernetesVersions", deserialize_with = "words")]
    kubernetes_version: Vec<String>,
    complete: Option<bool>,
    namespace: Option<String>,
    #[serde(deserialize_with = "words")]
    only: Vec<String>,
    #[serde(deserialize_with = "words")]
    skip: Vec<String>,
    #[serde(deserialize_with = "words")]
    packs: Vec<String>,
    today: Option<String>,
    /// The Fleet document that counts where there are several, from the workspace folder.
    pub(crate) fleet: Option<String>,
    /// The address of a rule's page, with `{rule}` where the name of the rule belongs.
    pub(crate) pages: Option<String>,
    /// Who sends the findings: the server when they change, or the client by asking.
    pub(crate) diagnostics: Mode,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// Pull if the client can, else push.
    #[default]
    Auto,
    Push,
    Pull,
}

impl Settings {
    /// Settings on top of others; what is null or not said stays.
    ///
    /// # Errors
    /// They have another form, in words.
    pub(crate) fn read(said: &[&Value]) -> Result<Self, String> {
        let mut all = Map::new();
        for settings in said {
            let own = settings.get("seaworthy").unwrap_or(settings);
            for (key, value) in own.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
                all.insert(key.clone(), value.clone());
            }
        }
        serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())
    }

    /// A validator that obeys them.
    pub(crate) fn validator(&self) -> Result<Validator, WireError> {
        let text = |text: &Option<String>| text.clone().filter(|it| !it.is_empty());
        let options = Options {
            kubernetes_versions: self.kubernetes_version.clone(),
            // False is what an editor sends where nobody said a word; a Fleet document may still say true.
            complete: self.complete.filter(|&it| it),
            namespace: text(&self.namespace),
            only: self.only.clone(),
            skip: self.skip.clone(),
            packs: self.packs.clone(),
            today: text(&self.today),
        };
        options.validator()
    }
}

/// A list of words, or one text with commas between them, as on the command line.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        One(String),
        Many(Vec<String>),
    }
    let words = match Words::deserialize(deserializer)? {
        Words::One(text) => text.split(',').map(|it| it.trim().to_owned()).collect(),
        Words::Many(words) => words,
    };
    Ok(words.into_iter().filter(|it| !it.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn later_ones_beat_earlier_ones() {
        let base = json!({"today": "2026-11-30", "kubernetesVersion": "1.30,1.34", "packs": ["strict"]});
        let top = json!({"seaworthy": {"kubernetesVersion": "1.37", "packs": null, "trace": {"server": "off"}}});
        let settings = Settings::read(&[&base, &Value::Null, &top]).unwrap();
        assert_eq!(settings.kubernetes_version, ["1.37"]);
        assert_eq!(settings.packs, ["strict"]);
        assert!(settings.validator().is_ok());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = Settings::read(&[&json!({"complete": "perhaps"})]).unwrap_err();
        assert!(wrong.contains("expected a boolean"), "{wrong}");
        let settings = Settings::read(&[&json!({"packs": ["strickt"]})]).unwrap();
        assert!(settings.validator().unwrap_err().to_string().contains("did you mean `strict`?"));
    }
}
