//! Writes all files, or none.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile};

use crate::generate::Output;

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", .path.display())]
pub struct WriteError {
    /// The file.
    path: PathBuf,
    /// The reason of the system.
    source: io::Error,
}

/// Writes the outputs below the folder `root`. Each is first written beside its place, and only when that has worked
/// for all of them they take their places; folders that are missing are created.
///
/// # Errors
/// Every file that cannot be written. Then none has changed.
pub fn all(root: &Path, outputs: &[&Output]) -> Result<(), Vec<WriteError>> {
    let staged = outputs.iter().map(|output| {
        let failed = |source| WriteError { path: output.path.clone(), source };
        stage(&root.join(&output.path), &output.generated).map(|staged| (*output, staged)).map_err(failed)
    });
    let (staged, errors): (Vec<_>, Vec<_>) = staged.partition(Result::is_ok);
    let errors: Vec<WriteError> = errors.into_iter().filter_map(Result::err).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut replaced: Vec<(&Output, PathBuf)> = Vec::new();
    for (output, Staged { file, place }) in staged.into_iter().flatten() {
        if let Err(error) = file.persist(&place) {
            let mut errors = vec![WriteError { path: output.path.clone(), source: error.error }];
            errors.extend(replaced.iter().filter_map(|(output, place)| restore(output, place).err()));
            return Err(errors);
        }
        replaced.push((output, place));
    }
    Ok(())
}

struct Staged {
    file: NamedTempFile,
    place: PathBuf,
}

fn stage(path: &Path, text: &str) -> io::Result<Staged> {
    // A link stays a link: what it leads to is replaced.
    let place = if path.exists() { path.canonicalize()? } else { path.to_owned() };
    if place.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let folder = place.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = Builder::new();
    builder.prefix(".codegen-");
    // A temporary file is for its owner alone; a generated file is readable by all, as far as the umask allows.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.tempfile_in(folder)?;
    fs::write(file.path(), text)?;
    match fs::metadata(&place) {
        Ok(present) if present.permissions().readonly() => Err(io::ErrorKind::PermissionDenied.into()),
        Ok(present) => {
            fs::set_permissions(file.path(), present.permissions())?;
            Ok(Staged { file, place })
        }
        Err(_) => Ok(Staged { file, place }),
    }
}

fn restore(output: &Output, place: &Path) -> Result<(), WriteError> {
    let restored = match &output.committed {
        Some(text) => fs::write(place, text),
        None => fs::remove_file(place),
    };
    restored.map_err(|source| WriteError { path: output.path.clone(), source })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn output(path: &str, committed: Option<&str>) -> Output {
        Output {
            path: path.into(),
            committed: committed.map(str::to_owned),
            generated: format!("new {path}"),
        }
    }

    fn files(root: &Path) -> Vec<String> {
        let entries = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_missing_folder_is_created() {
        let root = TempDir::new().unwrap();
        all(root.path(), &[&output("a/b/client.rs", None)]).unwrap();
        assert_eq!(fs::read_to_string(root.path().join("a/b/client.rs")).unwrap(), "new a/b/client.rs");
        assert_eq!(files(&root.path().join("a/b")), ["client.rs"]);
    }

    #[test]
    fn one_file_that_cannot_be_written_keeps_all_others_back_and_each_is_named() {
        let root = TempDir::new().unwrap();
        fs::write(root.path().join("README.md"), "old").unwrap();
        fs::write(root.path().join("file"), "not a folder").unwrap();
        fs::create_dir(root.path().join("folder")).unwrap();
        let outputs = [
            output("README.md", Some("old")),
            output("file/client.rs", None),
            output("folder", None),
            output("new.rs", None),
        ];
        let errors = all(root.path(), &outputs.iter().collect::<Vec<_>>()).unwrap_err();
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors, ["cannot write file/client.rs", "cannot write folder"]);
        assert_eq!(fs::read_to_string(root.path().join("README.md")).unwrap(), "old");
        assert_eq!(files(root.path()), ["README.md", "file", "folder"]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay_as_they_are() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let root = TempDir::new().unwrap();
        let (file, link) = (root.path().join("file.rs"), root.path().join("link.rs"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        all(root.path(), &[&output("link.rs", Some("old"))]).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new link.rs");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
