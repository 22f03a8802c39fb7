//! `tallow.toml`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use tallow_types::{ClusterId, NetworkId};

/// The profile that is used when none is named.
pub(crate) const DEFAULT_PROFILE: &str = "dev";

/// A project's settings. A key that is not known is an error: it would be misspelt.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) project: About,
    pub(crate) deploy: Deploy,
    pub(crate) dev: Dev,
    profile: BTreeMap<String, Profile>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct About {
    /// The contract's name: that of its package.
    pub(crate) name: Option<String>,
}

/// What `tallow deploy` takes when the command line does not say otherwise.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Deploy {
    /// The bundle, from the project's folder.
    pub(crate) file: Option<String>,
    pub(crate) constructor: Option<String>,
    pub(crate) args: Vec<String>,
}

/// What `tallow dev` does beside what the command line says.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Dev {
    /// Origins whose pages may use the API in a browser.
    pub(crate) allow_origins: Vec<Origin>,
}

/// The origin of a web page: a scheme and a host, with a port if it is not the scheme's.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(try_from = "String")]
pub(crate) struct Origin(pub(crate) String);

impl TryFrom<String> for Origin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).unwrap_or_default();
        let letter = |letter: char| letter.is_ascii_alphanumeric() || "-.:[]".contains(letter);
        match !host.is_empty() && host.chars().all(letter) {
            true => Ok(Self(text.to_owned())),
            false => Err(format!("{text} is not an origin; write it as http://localhost:5173")),
        }
    }
}

/// A network, and as whom to use it.
#[derive(Deserialize, Default, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Profile {
    pub(crate) url: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) network: Option<IdText<NetworkId>>,
    pub(crate) cluster: Option<IdText<ClusterId>>,
}

/// An id as text.
#[derive(Deserialize, Clone, Copy, Debug)]
#[serde(try_from = "String", bound = "T: FromStr, T::Err: Display")]
pub(crate) struct IdText<T>(pub(crate) T);

impl<T: FromStr<Err: Display>> TryFrom<String> for IdText<T> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|error| format!("{text}: {error}"))
    }
}

impl Settings {
    /// Reads the file's text.
    ///
    /// # Errors
    /// What is wrong, with its line.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let settings: Self = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        for (name, profile) in &settings.profile {
            // The file is made to be shared.
            if profile.from.as_deref().is_some_and(looks_secret) {
                return Err(format!("profile.{name}.from is a secret, which does not belong into a file of a project"));
            }
        }
        Ok(settings)
    }

    /// The profile of this name; without a name, `dev` if there is one.
    ///
    /// # Errors
    /// The names that there are, when this one is not among them.
    pub(crate) fn profile(&self, name: Option<&str>) -> Result<Profile, String> {
        match (name, self.profile.get(name.unwrap_or(DEFAULT_PROFILE))) {
            (_, Some(profile)) => Ok(profile.clone()),
            (None, None) => Ok(Profile::default()),
            (Some(_), None) if self.profile.is_empty() => Err("there are no profiles".to_owned()),
            (Some(_), None) => {
                let names: Vec<&str> = self.profile.keys().map(String::as_str).collect();
                Err(format!("there is {}", names.join(", ")))
            }
        }
    }
}

/// A secret seed or a phrase, not the name of an account.
fn looks_secret(from: &str) -> bool {
    from.starts_with("0x") || from.trim().contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_chosen_by_name_and_dev_is_the_default() {
        let text = "[profile.dev]\nurl = \"http://a\"\n[profile.live]\nfrom = \"work\"";
        let settings = Settings::parse(text).unwrap();
        assert_eq!(settings.profile(None).unwrap().url.as_deref(), Some("http://a"));
        assert_eq!(settings.profile(Some("live")).unwrap().from.as_deref(), Some("work"));
        assert_eq!(settings.profile(Some("test")).unwrap_err(), "there is dev, live");
        assert!(Settings::parse("").unwrap().profile(None).unwrap().url.is_none());
    }

    #[test]
    fn origins_are_those_that_browsers_send() {
        for good in ["http://localhost:5173", "https://example.org", "http://[::1]:80"] {
            assert_eq!(good.parse(), Ok(Origin(good.to_owned())));
        }
        for bad in ["", "*", "null", "localhost:5173", "http://", "http://a/", "http://a/b", "http://a@b", "ftp://a"] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, what) in [
            ("[project]\nnam = \"a\"", "line 2"),
            ("[profile.dev]\nurl = 3", "line 2"),
            ("[profile.dev]\nnetwork = \"0x12\"", "line 2"),
            ("[profil.dev]\nurl = \"a\"", "unknown field `profil`"),
            ("[dev]\nallow_origins = [\"*\"]", "line 2"),
            ("[deploy", "line 1"),
            ("[profile.dev]\nfrom = \"0x1234\"", "secret"),
        ] {
            let error = Settings::parse(text).unwrap_err();
            assert!(error.contains(what), "{text}: {error}");
        }
    }
}
