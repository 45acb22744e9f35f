//! A host that may do less than the one behind it: no network for `--offline`, no writing, a clock
//! that stands still and random numbers that repeat.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::host::{Budget, FileKind, FixedHost, Host, Output, Program, Stat, Stream};
use crate::net::{Request, Response};

/// What the clock says in tests: the first second of 2024.
pub const FROZEN_AT: i64 = 1_704_067_200;

/// Another host within limits.
pub struct Limited<'a> {
    /// The host behind it.
    pub host: &'a dyn Host,
    /// Whether nobody can be asked.
    pub offline: bool,
    /// Whether nothing is written.
    pub read_only: bool,
    /// Clock and random numbers in place of the host's.
    pub fixed: Option<FixedHost>,
    /// Files that were written.
    pub written: Mutex<Vec<PathBuf>>,
}

impl<'a> Limited<'a> {
    /// A host without limits yet.
    pub fn new(host: &'a dyn Host) -> Self {
        Limited { host, offline: false, read_only: false, fixed: None, written: Mutex::default() }
    }

    /// A host whose clock stands still and whose random numbers begin at a seed.
    pub fn frozen(host: &'a dyn Host, seed: u64) -> Self {
        Limited { fixed: Some(FixedHost::new(FROZEN_AT, seed)), ..Limited::new(host) }
    }

    /// Refuses to write, or notes what is.
    fn check_write(&self, path: &Path) -> io::Result<()> {
        if !self.read_only {
            self.written.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
            return Ok(());
        }
        let text = format!("{} is not written: nothing is, in this run", path.display());
        Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
    }
}

impl Host for Limited<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.host.read(path)
    }
    fn read_within(&self, path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
        self.host.read_within(path, limit)
    }
    fn entries(&self, path: &Path) -> io::Result<Vec<(std::ffi::OsString, FileKind)>> {
        self.host.entries(path)
    }
    fn read_stdin(&self) -> io::Result<Vec<u8>> {
        self.host.read_stdin()
    }
    fn read_dir(&self, path: &Path) -> io::Result<Vec<std::ffi::OsString>> {
        self.host.read_dir(path)
    }
    fn stat(&self, path: &Path, follow: bool) -> io::Result<Stat> {
        self.host.stat(path, follow)
    }
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.host.canonicalize(path)
    }
    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.host.read_link(path)
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check_write(path)?;
        self.host.write(path, bytes)
    }
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check_write(path)?;
        self.host.append(path, bytes)
    }
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.check_write(path)?;
        self.host.create_dir_all(path)
    }
    fn current_dir(&self) -> io::Result<PathBuf> {
        self.host.current_dir()
    }
    fn env(&self, name: &str) -> Option<String> {
        self.host.env(name)
    }
    fn now(&self) -> (i64, u32) {
        self.fixed.as_ref().map_or_else(|| self.host.now(), Host::now)
    }
    fn random(&self, buffer: &mut [u8]) -> io::Result<()> {
        match &self.fixed {
            Some(fixed) => fixed.random(buffer),
            None => self.host.random(buffer),
        }
    }
    fn lookup_host(&self, name: &str) -> Vec<String> {
        if self.offline { Vec::new() } else { self.host.lookup_host(name) }
    }
    fn is_terminal(&self, stream: Stream) -> bool {
        self.host.is_terminal(stream)
    }
    fn write_private(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check_write(path)?;
        self.host.write_private(path, bytes)
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.check_write(path)?;
        self.host.remove_file(path)
    }
    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.check_write(path)?;
        self.host.remove_dir_all(path)
    }
    fn link_dir(&self, target: &Path, link: &Path) -> io::Result<()> {
        self.check_write(link)?;
        self.host.link_dir(target, link)
    }
    fn watch(&self, budget: Budget) {
        self.host.watch(budget);
    }
    fn pipe(&self, program: &Program<'_>) -> io::Result<Output> {
        self.host.pipe(program)
    }
    fn read_line(&self) -> io::Result<Option<String>> {
        self.host.read_line()
    }
    fn pause(&self, milliseconds: u64) -> bool {
        self.host.pause(milliseconds)
    }
    fn request(&self, request: &Request) -> Result<Response, String> {
        if self.offline {
            return Err(format!("{} is not on this machine, and --offline is given", request.url));
        }
        self.host.request(request)
    }
}
