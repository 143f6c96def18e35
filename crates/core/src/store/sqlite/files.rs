//! The files of a store: their names, their permissions, their sizes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::super::{StoreError, StoreErrorKind};

/// A file beside the store's, with the same name and this ending.
pub(super) fn beside(store: &Path, ending: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Opens a file that only its owner may read, and makes it if it is not there. One that others
/// could read is closed to them.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        && !folder.exists()
    {
        create_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    close_to_others(path)?;
    Ok(file)
}

#[cfg(unix)]
fn create_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn create_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn close_to_others(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn close_to_others(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The size of a file; 0 if there is none.
pub(super) fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |data| data.len())
}

/// Free space of the disk that a file is on, for those who are not root.
pub(super) fn disk_free(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let disk = nix::sys::statvfs::statvfs(path).ok()?;
        // These are of different widths on different systems.
        let blocks = u128::from(disk.blocks_available());
        let bytes = blocks.saturating_mul(u128::from(disk.fragment_size()));
        u64::try_from(bytes).ok()
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// An error of the file system, with the file it happened to.
pub(super) fn failed(operation: &'static str, error: &io::Error, path: &Path) -> StoreError {
    let kind = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreErrorKind::Full,
        ErrorKind::ReadOnlyFilesystem => StoreErrorKind::ReadOnly,
        _ => StoreErrorKind::Unreachable,
    };
    let text = format!("{}: {error}", path.display());
    StoreError::caused(operation, kind, io::Error::new(error.kind(), text))
}
