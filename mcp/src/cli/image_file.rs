//! Writes a picture to the chosen file, and to no other.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

/// Writes the file as a whole. A file of that name is replaced, as the commands' own earlier pictures are; a link is
/// never followed, because what it leads to may be any file of the account.
///
/// # Errors
/// Why the file cannot be written. It is then unchanged.
pub(super) fn write(path: &Path, image: &[u8]) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(present) if present.is_symlink() => {
            return Err(refused("it is a link; name the file itself, or remove the link"));
        }
        Ok(present) if !present.is_file() => {
            return Err(refused("it exists and is not a file; choose another name"));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let Some(name) = path.file_name() else { return Err(refused("it is not the name of a file")) };
    let mut beside = name.to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)
        .and_then(|mut file| file.write_all(image))
        // A link that appears here meanwhile is replaced, not followed.
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_file_is_made_or_replaced_as_a_whole() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("code.png");
        write(&path, b"a long first picture").unwrap();
        write(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let folder = TempDir::new().unwrap();
        let precious = folder.path().join("precious");
        fs::write(&precious, "keep").unwrap();
        for target in [precious.as_path(), Path::new("nowhere"), folder.path(), Path::new("/dev/null")] {
            let link = folder.path().join("code.png");
            std::os::unix::fs::symlink(target, &link).unwrap();
            let error = write(&link, b"picture").unwrap_err();
            assert!(error.to_string().contains("a link"), "{target:?}: {error}");
            fs::remove_file(link).unwrap();
        }
        assert_eq!(fs::read(&precious).unwrap(), b"keep");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_not_a_file_is_left_alone() {
        let folder = TempDir::new().unwrap();
        let directory = folder.path().join("code.png");
        fs::create_dir(&directory).unwrap();
        assert!(write(&directory, b"picture").unwrap_err().to_string().contains("not a file"));
        assert!(write(&folder.path().join("missing/code.png"), b"picture").is_err());
    }
}
