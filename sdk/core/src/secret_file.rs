//! Secrets from a file instead of the environment.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use secrecy::{ExposeSecret as _, SecretString};

/// The largest file that is read, in bytes. A secret takes less than a hundred.
const LARGEST: u64 = 64 * 1024;

/// A file that holds one secret, as text.
///
/// ```no_run
/// use payments_core::SecretFile;
///
/// let file = SecretFile::read("/run/secrets/api-key")?;
/// if file.is_readable_by_others() {
///     eprintln!("chmod 600 /run/secrets/api-key");
/// }
/// # Ok::<(), payments_core::SecretFileError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SecretFile {
    text: SecretString,
    readable_by_others: bool,
}

/// Why a file cannot hold a secret. What it holds is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretFileError {
    /// The system does not open the file.
    #[error("the file cannot be read: {0}")]
    Unreadable(io::ErrorKind),
    /// A directory, a pipe or a device. A pipe can wait for ever, and a device never ends.
    #[error("expected a regular file, and this is {0}; write the secret into a file")]
    NotAFile(&'static str),
    /// More than 64 KiB.
    #[error("the file is larger than 64 KiB, so it is not a file that holds one secret")]
    TooLarge,
    /// The text is UTF-16, as some editors and shells on Windows write it.
    #[error("the file is UTF-16; save it as UTF-8 (in PowerShell: Set-Content -Encoding utf8)")]
    Utf16,
    /// Bytes that are no text.
    #[error("the file is not UTF-8 text")]
    NotText,
}

impl From<io::Error> for SecretFileError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.kind())
    }
}

impl SecretFile {
    /// Reads a regular file of at most 64 KiB.
    ///
    /// # Errors
    /// When the path leads to anything else, or the file holds no text.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, SecretFileError> {
        let path = path.as_ref();
        // Before it is opened: opening a pipe waits for a writer.
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(SecretFileError::NotAFile(kind(&metadata)));
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
            return Err(SecretFileError::TooLarge);
        }
        if is_utf16(&bytes) {
            return Err(SecretFileError::Utf16);
        }
        let text = String::from_utf8(bytes).map_err(|_| SecretFileError::NotText)?;
        Ok(Self { text: text.into(), readable_by_others: is_readable_by_others(&metadata) })
    }

    /// The text of the file without the line break that editors and `echo` put at its end. Other space remains, for the
    /// value's own check to report.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret().trim_end_matches(['\r', '\n'])
    }

    /// Whether the mode of the file lets other users of the machine read it. Unknown on systems without modes.
    #[must_use]
    pub fn is_readable_by_others(&self) -> bool {
        self.readable_by_others
    }
}

/// A secret that is known already, such as one of a test.
impl From<String> for SecretFile {
    fn from(text: String) -> Self {
        Self { text: text.into(), readable_by_others: false }
    }
}

#[cfg(unix)]
fn kind(metadata: &fs::Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;

    let kind = metadata.file_type();
    if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn kind(metadata: &fs::Metadata) -> &'static str {
    if metadata.is_dir() { "a directory" } else { "a device" }
}

#[cfg(unix)]
fn is_readable_by_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    metadata.permissions().mode() & 0o044 != 0
}

#[cfg(not(unix))]
fn is_readable_by_others(_: &fs::Metadata) -> bool {
    false
}

/// With its mark at the beginning, or without it: then every other byte of ASCII text is zero.
fn is_utf16(bytes: &[u8]) -> bool {
    let zeros = |first: usize| bytes.iter().skip(first).step_by(2).take(8).all(|byte| *byte == 0);
    bytes.starts_with(&[0xff, 0xfe])
        || bytes.starts_with(&[0xfe, 0xff])
        || (bytes.len() >= 4 && (zeros(0) || zeros(1)))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::{os::unix::fs::PermissionsExt as _, path::PathBuf, process::Command};

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let path = std::env::temp_dir().join(format!("secret-files-{}", uuid::Uuid::new_v4()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn file(&self, content: &[u8], mode: u32) -> PathBuf {
            let path = self.0.join(uuid::Uuid::new_v4().to_string());
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn only_a_small_regular_file_of_text_is_read() {
        let folder = Folder::new();
        let pipe = folder.0.join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        for (path, error) in [
            (pipe, SecretFileError::NotAFile("a pipe")),
            ("/dev/zero".into(), SecretFileError::NotAFile("a device")),
            ("/dev/null".into(), SecretFileError::NotAFile("a device")),
            (folder.0.clone(), SecretFileError::NotAFile("a directory")),
            (folder.0.join("missing"), SecretFileError::Unreadable(io::ErrorKind::NotFound)),
            (folder.file(&[b'a'; 64 * 1024 + 1], 0o600), SecretFileError::TooLarge),
            (folder.file(&utf16("\u{feff}secret"), 0o600), SecretFileError::Utf16),
            (folder.file(&utf16("secret"), 0o600), SecretFileError::Utf16),
            (folder.file(b"\xfe\xff\0s\0e", 0o600), SecretFileError::Utf16),
            (folder.file(b"a\xe9b", 0o600), SecretFileError::NotText),
        ] {
            assert_eq!(SecretFile::read(&path).unwrap_err(), error, "{}", path.display());
        }
        let largest = folder.file(&[b'a'; 64 * 1024], 0o600);
        assert_eq!(SecretFile::read(&largest).unwrap().expose().len(), 64 * 1024);
    }

    #[test]
    fn a_line_break_at_the_end_is_no_part_of_the_secret_and_the_mode_is_told() {
        let folder = Folder::new();
        for (mode, readable) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true), (0o644, true)]
        {
            let file = SecretFile::read(folder.file(b" s3cret\r\n", mode)).unwrap();
            assert_eq!((file.expose(), file.is_readable_by_others()), (" s3cret", readable), "{mode:o}");
            assert!(!format!("{file:?}").contains("s3cret"));
        }
    }
}
