//! Secrets are named, never written down.

use std::path::{Path, PathBuf};

use orderbridge_event::Secret;

/// Where a secret is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretRef {
    /// `env:NAME`
    Env(String),
    /// `file:PATH`
    File(PathBuf),
}

/// What is said of a literal secret. It never repeats what was given.
const LITERAL: &str = "a reference to the secret, not the secret itself: env:NAME or file:PATH";

impl SecretRef {
    /// Reads a reference; a relative path is taken from the folder.
    pub(crate) fn parse(text: &str, folder: &Path) -> Result<Self, &'static str> {
        if let Some(name) = text.strip_prefix("env:").filter(|name| !name.is_empty()) {
            Ok(Self::Env(name.to_owned()))
        } else if let Some(path) = text.strip_prefix("file:").filter(|path| !path.is_empty()) {
            Ok(Self::File(folder.join(path)))
        } else {
            Err(LITERAL)
        }
    }

    /// Looks the secret up.
    pub(crate) fn read(&self) -> Result<Secret, String> {
        let value = match self {
            Self::Env(name) => {
                std::env::var(name).map_err(|_| format!("the variable {name} is not set"))?
            }
            Self::File(path) => std::fs::read_to_string(path)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?,
        };
        match value.trim() {
            "" => Err("the secret there is empty".to_owned()),
            secret => Ok(Secret::new(secret)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_referred_to() {
        let folder = Path::new("/nowhere");
        let refused = SecretRef::parse("eyJhbGciOi.secret", folder).unwrap_err();
        assert!(
            refused.contains("env:NAME") && !refused.contains("eyJ"),
            "{refused}"
        );
        assert!(SecretRef::parse("env:", folder).is_err());
        let unset = SecretRef::parse("env:ORDERBRIDGE_NOT_SET", folder).unwrap();
        assert!(unset.read().unwrap_err().contains("is not set"));

        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("token"), "  \n").unwrap();
        let file = SecretRef::parse("file:token", place.path()).unwrap();
        assert!(file.read().unwrap_err().contains("empty"));
        std::fs::write(place.path().join("token"), "tok-1\n").unwrap();
        assert_eq!(file.read().unwrap().expose(), "tok-1");
    }
}
