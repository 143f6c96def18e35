//! `snapshot accept`: what payloads are mapped to now becomes what is approved.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use super::compare::{Compared, State, compare};
use super::folder::Folder;
use super::{ChosenArgs, test};
use crate::meaning::counted;
use crate::{Exit, Failed, Global, Io};

pub(super) fn run(args: &ChosenArgs, global: &Global, io: &mut Io) -> Result<Exit, Failed> {
    let (folder, names) = Folder::chosen(args);
    let files = folder.files(names)?;
    let global = &folder.configured(global);
    // Everything is mapped before anything is written.
    let all = compare(&folder, &files, global)?;
    let mut taken = 0;
    for one in &all {
        take(&folder, one)?;
        taken += usize::from(one.state != State::Same);
    }
    if !global.quiet {
        let text = match taken {
            0 => "everything is as approved\n".to_owned(),
            _ => test::summary(&all) + &counted(taken, "change") + " accepted\n",
        };
        let _ = io.stderr.write_all(text.as_bytes());
    }
    Ok(Exit::Done)
}

/// Writes a snapshot as it would be now; one without its payload goes.
pub(super) fn take(folder: &Folder, one: &Compared) -> Result<(), Failed> {
    let path = folder.snapshot(&one.name);
    let done = match &one.state {
        State::Same => Ok(()),
        State::Differs { after, .. } | State::New { after } => write(&path, after.as_bytes()),
        State::Unreferenced => fs::remove_file(&path),
    };
    done.map_err(|error| {
        let message = format!("cannot write {}: {error}", folder.shown(&path));
        (Exit::Unexpected, message)
    })
}

/// Writes a file whole or not at all, with the folders above it.
pub(super) fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new();
    #[cfg(unix)]
    file.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = file.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}
