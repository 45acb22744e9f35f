//! A host without its network, for `--offline`: whatever asks a server is refused.

use std::io;
use std::path::{Path, PathBuf};

use crate::host::{Host, Output, Program, Stat, Stream};
use crate::net::{Request, Response};

/// Another host, with nobody to ask.
pub struct Offline<'a>(pub &'a dyn Host);

impl Host for Offline<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.read(path)
    }
    fn read_stdin(&self) -> io::Result<Vec<u8>> {
        self.0.read_stdin()
    }
    fn read_dir(&self, path: &Path) -> io::Result<Vec<std::ffi::OsString>> {
        self.0.read_dir(path)
    }
    fn stat(&self, path: &Path, follow: bool) -> io::Result<Stat> {
        self.0.stat(path, follow)
    }
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.canonicalize(path)
    }
    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.read_link(path)
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.0.write(path, bytes)
    }
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.0.append(path, bytes)
    }
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.0.create_dir_all(path)
    }
    fn current_dir(&self) -> io::Result<PathBuf> {
        self.0.current_dir()
    }
    fn env(&self, name: &str) -> Option<String> {
        self.0.env(name)
    }
    fn now(&self) -> (i64, u32) {
        self.0.now()
    }
    fn random(&self, buffer: &mut [u8]) -> io::Result<()> {
        self.0.random(buffer)
    }
    fn lookup_host(&self, _name: &str) -> Vec<String> {
        Vec::new()
    }
    fn is_terminal(&self, stream: Stream) -> bool {
        self.0.is_terminal(stream)
    }
    fn write_private(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.0.write_private(path, bytes)
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.0.remove_file(path)
    }
    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.0.remove_dir_all(path)
    }
    fn link_dir(&self, target: &Path, link: &Path) -> io::Result<()> {
        self.0.link_dir(target, link)
    }
    fn pipe(&self, program: &Program<'_>) -> io::Result<Output> {
        self.0.pipe(program)
    }
    fn request(&self, request: &Request) -> Result<Response, String> {
        Err(format!("{} is not on this machine, and --offline is given", request.url))
    }
}
