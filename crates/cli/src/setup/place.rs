//! Where the store's file is, or will be.

use std::path::{Path, PathBuf};

use crate::config::Severity;

/// Where a store is, or will be.
#[derive(Debug)]
pub(crate) struct Place {
    store: PathBuf,
    /// The folder, or the nearest above it that exists.
    pub(crate) folder: PathBuf,
    kind: Kind,
    can_write: Result<(), String>,
}

/// What kind of file system it is, as far as that matters to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A disk, or not known.
    Disk,
    /// Over a network, where neither locks nor the journal can be relied upon.
    Network(&'static str),
    /// Served by another program, which may be a network.
    Foreign(&'static str),
    /// Gone with the next restart.
    Memory,
}

impl Place {
    /// Looks at the folder of a store.
    pub(crate) fn of(store: &Path) -> Self {
        let folder = nearest_folder(store);
        let kind = kind(&folder);
        let can_write = can_write(store, &folder);
        Self {
            store: store.to_owned(),
            folder,
            kind,
            can_write,
        }
    }

    /// What is to be said about it.
    pub(crate) fn findings(&self) -> Vec<(Severity, String)> {
        let mut found = Vec::new();
        let folder = self.folder.display();
        if !self.folder.is_dir() {
            found.push((Severity::Mistake, format!("{folder} is no folder")));
        } else if let Err(why) = &self.can_write {
            found.push((Severity::Mistake, why.clone()));
        }
        if self.store.is_dir() {
            let message = format!("{} is a folder, not a file", self.store.display());
            found.push((Severity::Mistake, message));
        }
        match self.kind {
            Kind::Disk => {}
            Kind::Network(name) => found.push((
                Severity::Mistake,
                format!(
                    "{folder} is on a network file system ({name}), where a store can be damaged; \
                     choose a local disk"
                ),
            )),
            Kind::Foreign(name) => found.push((
                Severity::Warning,
                format!(
                    "{folder} is on {name}: make sure that it is a local disk behind it, and one \
                     that syncs"
                ),
            )),
            Kind::Memory => found.push((
                Severity::Warning,
                format!("{folder} is in memory: the store is lost with the next restart"),
            )),
        }
        found
    }
}

/// The folder that a file is in, or the nearest one above that exists.
fn nearest_folder(file: &Path) -> PathBuf {
    let here = Path::new(".");
    let mut folder = file.parent();
    while let Some(at) = folder {
        if at.as_os_str().is_empty() {
            break;
        }
        if at.exists() {
            return at.to_owned();
        }
        folder = at.parent();
    }
    here.to_owned()
}

#[cfg(unix)]
fn can_write(store: &Path, folder: &Path) -> Result<(), String> {
    use nix::unistd::{AccessFlags, access};
    let need = AccessFlags::W_OK | AccessFlags::X_OK;
    access(folder, need)
        .map_err(|error| format!("cannot write in {}: {}", folder.display(), error.desc()))?;
    if store.is_file() {
        access(store, AccessFlags::R_OK | AccessFlags::W_OK)
            .map_err(|error| format!("cannot write {}: {}", store.display(), error.desc()))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn can_write(_: &Path, _: &Path) -> Result<(), String> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn kind(folder: &Path) -> Kind {
    let system = nix::sys::statfs::statfs(folder);
    system.map_or(Kind::Disk, |system| {
        let magic = system.filesystem_type().0;
        u32::try_from(magic).map_or(Kind::Disk, of_magic)
    })
}

#[cfg(not(target_os = "linux"))]
fn kind(_: &Path) -> Kind {
    Kind::Disk
}

/// The numbers of `statfs(2)`.
#[cfg(target_os = "linux")]
fn of_magic(magic: u32) -> Kind {
    match magic {
        0x6969 => Kind::Network("NFS"),
        0x517B | 0xFF53_4D42 | 0xFE53_4D42 => Kind::Network("SMB"),
        0x5346_414F => Kind::Network("AFS"),
        0x00C3_6400 => Kind::Network("Ceph"),
        0x0102_1997 => Kind::Foreign("9p"),
        0x6573_5546 => Kind::Foreign("FUSE"),
        0x0102_1994 | 0x8584_58F6 => Kind::Memory,
        _ => Kind::Disk,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_yet_is_made_in_the_nearest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        assert_eq!(nearest_folder(&path.join("store.db")), path);
        assert_eq!(nearest_folder(&path.join("a/b/store.db")), path);
        assert_eq!(nearest_folder(Path::new("store.db")), Path::new("."));
        assert_eq!(
            nearest_folder(Path::new("no-such/store.db")),
            Path::new(".")
        );
        assert_eq!(nearest_folder(Path::new("/no-such/b")), Path::new("/"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn network_file_systems_are_refused_and_the_unsure_ones_told() {
        let place = |kind| Place {
            store: PathBuf::from("/no-such-store.db"),
            folder: PathBuf::from("/"),
            kind,
            can_write: Ok(()),
        };
        let said = |magic| place(of_magic(magic)).findings();
        assert_eq!(said(0xEF53), [], "ext4");
        for (magic, severity, word) in [
            (0x6969, Severity::Mistake, "NFS"),
            (0xFF53_4D42, Severity::Mistake, "SMB"),
            (0xFE53_4D42, Severity::Mistake, "SMB"),
            (0x0102_1997, Severity::Warning, "9p"),
            (0x6573_5546, Severity::Warning, "FUSE"),
            (0x0102_1994, Severity::Warning, "memory"),
        ] {
            let found = said(magic);
            assert_eq!(found.len(), 1, "{magic:x}");
            assert_eq!(found[0].0, severity, "{magic:x}");
            assert!(found[0].1.contains(word), "{found:?}");
        }
    }
}
