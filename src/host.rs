//! The outside world: disk, environment, clock, randomness, programs and network,
//! behind one trait.
//!
//! Everything else in the crate is a function of its arguments. Blind to all other modules but
//! [`crate::net`], which it alone may call.
#![expect(clippy::disallowed_methods, reason = "this file is the one place that may")]

mod watchdog;

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::net::{Request, Response};

pub use watchdog::Budget;

/// The exit code of a process that the watchdog ends: what was asked for cannot be had.
const LIMIT_EXIT: i32 = 1;

/// What kind of thing a directory entry or path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link (only from calls that do not follow links).
    Symlink,
    /// A socket, pipe or device.
    Other,
}

/// A standard stream of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard input.
    Stdin,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What is known of a path without reading it.
#[derive(Clone, Copy, Debug)]
pub struct Stat {
    /// Its kind.
    pub kind: FileKind,
    /// Its length in bytes, for files.
    pub len: u64,
    /// Seconds since 1970 of its last change; 0 where the system does not say.
    pub modified: i64,
}

/// What a program left behind.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
}

/// The outside world as the crate sees it.
pub trait Host: Send + Sync {
    /// Reads a whole file, following links.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Reads a whole file, following links, unless it is longer than `limit` bytes.
    fn read_within(&self, path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
        if self.stat(path, true)?.len > limit {
            return Ok(None);
        }
        self.read(path).map(Some)
    }
    /// Reads standard input to its end.
    fn read_stdin(&self) -> io::Result<Vec<u8>>;
    /// Names in a directory, sorted by bytes.
    fn read_dir(&self, path: &Path) -> io::Result<Vec<std::ffi::OsString>>;
    /// Names and kinds in a directory, sorted by the bytes of the names; links are not followed.
    fn entries(&self, path: &Path) -> io::Result<Vec<(std::ffi::OsString, FileKind)>> {
        let names = self.read_dir(path)?.into_iter();
        names
            .map(|name| {
                let kind = self.stat(&path.join(&name), false)?.kind;
                Ok((name, kind))
            })
            .collect()
    }
    /// What a path is; `follow` looks through a symbolic link.
    fn stat(&self, path: &Path, follow: bool) -> io::Result<Stat>;
    /// The real path behind links.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf>;
    /// Where a symbolic link points, as written.
    fn read_link(&self, path: &Path) -> io::Result<PathBuf>;
    /// Writes a whole file, by way of a temporary name in the same folder.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Appends to a file, creating it when it is absent.
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Creates a directory and its parents.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;
    /// The working directory.
    fn current_dir(&self) -> io::Result<PathBuf>;
    /// An environment variable, if set and valid text.
    fn env(&self, name: &str) -> Option<String>;
    /// Now, as seconds and nanoseconds since 1970.
    fn now(&self) -> (i64, u32);
    /// Fills a buffer with random bytes fit for keys.
    fn random(&self, buffer: &mut [u8]) -> io::Result<()>;
    /// Addresses of a host name, as text; empty when it does not resolve.
    fn lookup_host(&self, name: &str) -> Vec<String>;
    /// Runs a program, found by its path or on `PATH`, and hands it `input` as its standard
    /// input. A host without programs refuses.
    fn pipe(&self, program: &Program<'_>) -> io::Result<Output> {
        let text = format!("{} cannot be run here", program.path);
        Err(io::Error::new(io::ErrorKind::Unsupported, text))
    }
    /// Whether a standard stream is a terminal.
    fn is_terminal(&self, _stream: Stream) -> bool {
        false
    }
    /// Writes a whole file that only its owner may read.
    fn write_private(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.write(path, bytes)
    }
    /// Removes a file or link.
    fn remove_file(&self, _path: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Removes a folder and all below it.
    fn remove_dir_all(&self, _path: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Makes a symbolic link to a folder.
    fn link_dir(&self, _target: &Path, _link: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Ends the process, with a sentence on standard error, once it has used up a budget. A host
    /// that is no process of its own does nothing.
    fn watch(&self, _budget: Budget) {}
    /// Reads a line of standard input with its end; none when there are no more.
    fn read_line(&self) -> io::Result<Option<String>> {
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Waits; whether there is anything to wait for.
    fn pause(&self, _milliseconds: u64) -> bool {
        false
    }
    /// Asks a server; the error is a sentence.
    fn request(&self, request: &Request) -> Result<Response, String> {
        Err(format!("{}: there is no network here", request.url))
    }
}

/// A program to run.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// Its path, or a name to be found on the path.
    pub path: &'a str,
    /// Its arguments.
    pub args: &'a [String],
    /// Variables on top of those of this process.
    pub env: &'a [(String, String)],
    /// What it reads.
    pub input: &'a [u8],
}

/// The real machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealHost;

fn kind_of(kind: std::fs::FileType) -> FileKind {
    if kind.is_file() {
        FileKind::File
    } else if kind.is_dir() {
        FileKind::Dir
    } else if kind.is_symlink() {
        FileKind::Symlink
    } else {
        FileKind::Other
    }
}

fn stat_of(meta: &std::fs::Metadata) -> Stat {
    let modified = meta
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
    Stat { kind: kind_of(meta.file_type()), len: meta.len(), modified }
}

/// Writes beside the file and then takes its place, so that nobody sees half of it.
fn replace(path: &Path, bytes: &[u8], private: bool) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let written = options
        .open(&temporary)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        // Best effort: the first error is the one worth telling.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

impl Host for RealHost {
    fn watch(&self, budget: Budget) {
        watchdog::watch(budget);
    }

    fn pipe(&self, program: &Program<'_>) -> io::Result<Output> {
        let mut child = Command::new(program.path)
            .args(program.args)
            .envs(program.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take();
        let output = std::thread::scope(|scope| {
            scope.spawn(move || {
                // A program that stops reading has seen all it wanted.
                stdin.map(|mut stdin| stdin.write_all(program.input))
            });
            child.wait_with_output()
        })?;
        Ok(Output { code: output.status.code(), stdout: output.stdout, stderr: output.stderr })
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Ok(self.read_within(path, u64::MAX)?.unwrap_or_default())
    }

    fn read_within(&self, path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let mut file = std::fs::File::open(path)?;
        let len = file.metadata()?.len();
        if len > limit {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        if len == 0 {
            // Devices and the like do not say how much they hold.
            file.read_to_end(&mut bytes)?;
        } else {
            // With the length known the end needs no call of its own.
            bytes.reserve_exact(usize::try_from(len).unwrap_or_default());
            file.take(len).read_to_end(&mut bytes)?;
        }
        Ok(Some(bytes))
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(std::ffi::OsString, FileKind)>> {
        let mut entries = std::fs::read_dir(path)?
            .map(|entry| {
                entry.and_then(|entry| Ok((entry.file_name(), kind_of(entry.file_type()?))))
            })
            .collect::<io::Result<Vec<_>>>()?;
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(entries)
    }

    fn read_stdin(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<std::ffi::OsString>> {
        let mut names = std::fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn stat(&self, path: &Path, follow: bool) -> io::Result<Stat> {
        let meta = if follow { std::fs::metadata(path)? } else { std::fs::symlink_metadata(path)? };
        Ok(stat_of(&meta))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::canonicalize(path)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::read_link(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        replace(path, bytes, false)
    }

    fn write_private(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        replace(path, bytes, true)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        std::fs::OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes)
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(path)
    }

    fn current_dir(&self) -> io::Result<PathBuf> {
        std::env::current_dir()
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn now(&self) -> (i64, u32) {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => (i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos()),
            Err(_) => (0, 0),
        }
    }

    fn random(&self, buffer: &mut [u8]) -> io::Result<()> {
        getrandom::fill(buffer).map_err(|error| io::Error::other(error.to_string()))
    }

    fn lookup_host(&self, name: &str) -> Vec<String> {
        use std::net::ToSocketAddrs as _;
        (name, 0u16)
            .to_socket_addrs()
            .map(|addresses| addresses.map(|address| address.ip().to_string()).collect())
            .unwrap_or_default()
    }

    fn is_terminal(&self, stream: Stream) -> bool {
        match stream {
            Stream::Stdin => io::stdin().is_terminal(),
            Stream::Stdout => io::stdout().is_terminal(),
            Stream::Stderr => io::stderr().is_terminal(),
        }
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir_all(path)
    }

    fn link_dir(&self, target: &Path, link: &Path) -> io::Result<()> {
        #[cfg(unix)]
        return std::os::unix::fs::symlink(target, link);
        #[cfg(windows)]
        return std::os::windows::fs::symlink_dir(target, link);
    }

    fn read_line(&self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let count = io::stdin().lock().read_line(&mut line)?;
        Ok((count > 0).then_some(line))
    }

    fn pause(&self, milliseconds: u64) -> bool {
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        true
    }

    fn request(&self, request: &Request) -> Result<Response, String> {
        crate::net::send(request)
    }
}

/// A host with a fixed clock and a repeatable random stream over the real disk; used by tests
/// and by seeded renders.
#[derive(Debug)]
pub struct FixedHost {
    /// Seconds and nanoseconds since 1970 that [`Host::now`] gives.
    pub now: (i64, u32),
    state: std::sync::Mutex<u64>,
}

impl FixedHost {
    /// A host whose clock stands at `seconds` since 1970 and whose random stream starts at `seed`.
    pub fn new(seconds: i64, seed: u64) -> Self {
        Self { now: (seconds, 0), state: std::sync::Mutex::new(seed) }
    }
}

impl Host for FixedHost {
    fn pipe(&self, program: &Program<'_>) -> io::Result<Output> {
        RealHost.pipe(program)
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        RealHost.read(path)
    }
    fn read_stdin(&self) -> io::Result<Vec<u8>> {
        RealHost.read_stdin()
    }
    fn read_dir(&self, path: &Path) -> io::Result<Vec<std::ffi::OsString>> {
        RealHost.read_dir(path)
    }
    fn stat(&self, path: &Path, follow: bool) -> io::Result<Stat> {
        RealHost.stat(path, follow)
    }
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        RealHost.canonicalize(path)
    }
    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        RealHost.read_link(path)
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        RealHost.write(path, bytes)
    }
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        RealHost.append(path, bytes)
    }
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        RealHost.create_dir_all(path)
    }
    fn current_dir(&self) -> io::Result<PathBuf> {
        RealHost.current_dir()
    }
    fn env(&self, _name: &str) -> Option<String> {
        None
    }
    fn now(&self) -> (i64, u32) {
        self.now
    }

    /// `SplitMix64`: repeatable, good enough for snapshots, never for keys that guard anything.
    fn random(&self, buffer: &mut [u8]) -> io::Result<()> {
        let mut state = self.state.lock().map_err(|_| io::Error::other("random state poisoned"))?;
        for chunk in buffer.chunks_mut(8) {
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }

    fn lookup_host(&self, _name: &str) -> Vec<String> {
        Vec::new()
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        RealHost.remove_file(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        RealHost.remove_dir_all(path)
    }
}
