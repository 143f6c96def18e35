//! Network file systems, on which the locks that a store rests on cannot be relied on.
//! <https://sqlite.org/faq.html#q5>

use std::path::{Path, PathBuf};

use super::super::{StoreError, StoreErrorKind};

/// The network file system that a path is on, or would be once it is made; `None` for a local one
/// and where it cannot be told.
pub fn network_file_system(path: &Path) -> Option<&'static str> {
    // A store that is still to be made lies where its folder lies.
    let there = std::path::absolute(path).ok()?;
    let there = there.ancestors().find(|part| part.exists())?;
    by_path(there)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn by_path(path: &Path) -> Option<&'static str> {
    let found = nix::sys::statfs::statfs(path).ok()?;
    by_number(u32::try_from(found.filesystem_type().0).ok()?)
}

#[cfg(any(target_os = "macos", target_os = "freebsd"))]
fn by_path(path: &Path) -> Option<&'static str> {
    let found = nix::sys::statfs::statfs(path).ok()?;
    let name = found.filesystem_type_name();
    let known = ["nfs", "smbfs", "afpfs", "webdav"];
    known.into_iter().find(|known| *known == name)
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "macos",
    target_os = "freebsd"
)))]
fn by_path(_: &Path) -> Option<&'static str> {
    None
}

/// Numbers of `statfs(2)`.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn by_number(number: u32) -> Option<&'static str> {
    Some(match number {
        0x6969 => "NFS",
        0x517B => "SMB",
        0xFF53_4D42 => "CIFS",
        0xFE53_4D42 => "SMB2",
        0x5346_414F => "AFS",
        0x7375_7245 => "Coda",
        0x00C3_6400 => "Ceph",
        0x0BD0_0BD0 => "Lustre",
        _ => return None,
    })
}

/// The sentence for whoever put a store there.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} is on {system}, a network file system; put the store on a local disk, with `url` in [store]",
    path.display()
)]
struct OnNetwork {
    path: PathBuf,
    system: &'static str,
}

/// Refuses a file that is on a network file system.
pub(super) fn refuse(path: &Path, system: Option<&'static str>) -> Result<(), StoreError> {
    let Some(system) = system else { return Ok(()) };
    let path = path.to_owned();
    let why = OnNetwork { path, system };
    Err(StoreError::caused("open", StoreErrorKind::Network, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_disk_is_none_also_where_nothing_is_yet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("not/there/yet.db");
        assert_eq!(network_file_system(&path), None);
        assert!(refuse(&path, None).is_ok());
    }

    #[test]
    fn who_puts_a_store_on_a_network_is_told_where_and_what_to_do() {
        let error = refuse(Path::new("/mnt/shop/orders.db"), Some("NFS")).unwrap_err();
        assert_eq!(error.kind, StoreErrorKind::Network);
        let why = std::error::Error::source(&error).unwrap().to_string();
        assert!(
            why.starts_with("/mnt/shop/orders.db is on NFS, a network file system"),
            "{why}"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn network_file_systems_are_known_by_their_numbers() {
        for (number, expected) in [
            (0x6969, Some("NFS")),
            (0xFF53_4D42, Some("CIFS")),
            (0xEF53, None),
            (0x0102_1994, None),
        ] {
            assert_eq!(by_number(number), expected, "{number:#x}");
        }
    }
}
