//! What the integration tests share: a disk in memory and a way to run the command line on it.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

use rhumb::host::{FileKind, Host, Output as Ran, Program, Stat, Stream};

/// A host whose files live in memory below `/work`, which is also the working directory.
#[derive(Default)]
pub(crate) struct MemoryHost {
    files: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
    env: BTreeMap<String, String>,
    stdin: Vec<u8>,
    network: bool,
    read_only: Option<PathBuf>,
    now: i64,
    /// Lines that somebody types at a terminal; without any there is no terminal.
    typed: Option<Mutex<VecDeque<String>>>,
    /// Files that change while a command waits: paths and bytes.
    changes: Mutex<VecDeque<(String, Vec<u8>)>>,
}

/// The working directory of [`MemoryHost`].
pub(crate) const WORK: &str = "/work";

impl MemoryHost {
    /// An empty disk.
    pub(crate) fn new() -> Self {
        Self { now: 1_790_000_000, ..Self::default() }
    }

    /// Sets the clock, in seconds since 1970.
    pub(crate) fn set_now(&mut self, seconds: i64) {
        self.now = seconds;
    }

    /// Puts a file, by a path below the working directory.
    pub(crate) fn put(&self, path: &str, bytes: &[u8]) {
        self.files.lock().expect("files").insert(resolve(Path::new(path)), bytes.to_vec());
    }

    /// Puts every file of a folder of this repository, `from` and `to` relative to its root and
    /// to the working directory.
    pub(crate) fn put_folder(&self, from: &str, to: &str) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(from);
        for entry in std::fs::read_dir(&root).expect("folder") {
            let entry = entry.expect("entry");
            let name = entry.file_name().into_string().expect("name");
            if entry.path().is_dir() {
                self.put_folder(&format!("{from}/{name}"), &format!("{to}/{name}"));
            } else {
                let bytes = std::fs::read(entry.path()).expect("file");
                self.put(&format!("{to}/{name}"), &bytes);
            }
        }
    }

    /// Sets an environment variable.
    pub(crate) fn set_env(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_string(), value.to_string());
    }

    /// Removes an environment variable; what it held.
    pub(crate) fn take_env(&mut self, name: &str) -> Option<String> {
        self.env.remove(name)
    }

    /// Refuses every change in a folder.
    pub(crate) fn set_read_only(&mut self, folder: &str) {
        self.read_only = Some(resolve(Path::new(folder)));
    }

    fn check_writable(&self, path: &Path) -> io::Result<()> {
        match &self.read_only {
            // EACCES, as the system words it.
            Some(folder) if resolve(path).starts_with(folder) => {
                Err(io::Error::from_raw_os_error(13))
            }
            _ => Ok(()),
        }
    }

    /// Lets requests out, to servers of the tests.
    pub(crate) fn allow_network(&mut self) {
        self.network = true;
    }

    /// The bytes of a file.
    pub(crate) fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        self.files.lock().expect("files").get(&resolve(Path::new(path))).cloned()
    }

    /// Makes all streams a terminal at which these lines are typed.
    pub(crate) fn type_lines(&mut self, lines: &[&str]) {
        self.typed = Some(Mutex::new(lines.iter().map(|line| format!("{line}\n")).collect()));
    }

    /// Changes a file while a command waits; after the last change nobody waits any longer.
    pub(crate) fn change_later(&self, path: &str, bytes: &[u8]) {
        let change = (path.to_owned(), bytes.to_vec());
        self.changes.lock().expect("changes").push_back(change);
    }

    /// Sets what standard input holds.
    pub(crate) fn set_stdin(&mut self, bytes: &[u8]) {
        self.stdin = bytes.to_vec();
    }

    /// The paths of all files, below the working directory.
    pub(crate) fn paths(&self) -> Vec<String> {
        let files = self.files.lock().expect("files");
        files
            .keys()
            .map(|path| path.strip_prefix(WORK).unwrap_or(path).display().to_string())
            .collect()
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        let files = self.files.lock().expect("files");
        files.get(&resolve(Path::new(path))).map(|b| String::from_utf8_lossy(b).into_owned())
    }
}

/// The absolute path without `.` and `..`.
fn resolve(path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() {
        // Nothing has this name on a disk.
        return PathBuf::from("/no/name");
    }
    let mut resolved = PathBuf::from(WORK);
    for component in path.components() {
        match component {
            Component::RootDir => resolved = PathBuf::from("/"),
            Component::ParentDir => {
                resolved.pop();
            }
            Component::Normal(name) => resolved.push(name),
            Component::CurDir | Component::Prefix(_) => {}
        }
    }
    resolved
}

fn missing() -> io::Error {
    // As the system words it: error texts carry it.
    io::Error::from_raw_os_error(2)
}

impl Host for MemoryHost {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let bytes = self.files.lock().expect("files").get(&resolve(path)).cloned();
        match bytes {
            Some(bytes) => Ok(bytes),
            // EISDIR, as the system words it.
            None if self.stat(path, true).is_ok() => Err(io::Error::from_raw_os_error(21)),
            None => Err(missing()),
        }
    }
    fn read_stdin(&self) -> io::Result<Vec<u8>> {
        Ok(self.stdin.clone())
    }
    fn read_dir(&self, path: &Path) -> io::Result<Vec<OsString>> {
        let resolved = resolve(path);
        let files = self.files.lock().expect("files");
        let below = files.keys().filter_map(|file| file.strip_prefix(&resolved).ok());
        let mut names: Vec<OsString> =
            below.filter_map(|rest| rest.iter().next().map(OsString::from)).collect();
        names.sort();
        names.dedup();
        if names.is_empty() { Err(missing()) } else { Ok(names) }
    }
    fn stat(&self, path: &Path, _follow: bool) -> io::Result<Stat> {
        let resolved = resolve(path);
        let files = self.files.lock().expect("files");
        if let Some(bytes) = files.get(&resolved) {
            return Ok(Stat { kind: FileKind::File, len: bytes.len() as u64, modified: 0 });
        }
        if resolved == Path::new(WORK) || files.keys().any(|file| file.starts_with(&resolved)) {
            return Ok(Stat { kind: FileKind::Dir, len: 0, modified: 0 });
        }
        Err(missing())
    }
    fn read_link(&self, _path: &Path) -> io::Result<PathBuf> {
        // EINVAL: there are no links here.
        Err(io::Error::from_raw_os_error(22))
    }
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.stat(path, true)?;
        Ok(resolve(path))
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check_writable(path)?;
        self.files.lock().expect("files").insert(resolve(path), bytes.to_vec());
        Ok(())
    }
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check_writable(path)?;
        let mut files = self.files.lock().expect("files");
        files.entry(resolve(path)).or_default().extend_from_slice(bytes);
        Ok(())
    }
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        if self.stat(path, true).is_ok() { Ok(()) } else { self.check_writable(path) }
    }
    fn current_dir(&self) -> io::Result<PathBuf> {
        Ok(PathBuf::from(WORK))
    }
    fn env(&self, name: &str) -> Option<String> {
        self.env.get(name).cloned()
    }
    fn now(&self) -> (i64, u32) {
        (self.now, 0)
    }
    fn random(&self, buffer: &mut [u8]) -> io::Result<()> {
        buffer.fill(7);
        Ok(())
    }
    fn lookup_host(&self, _name: &str) -> Vec<String> {
        Vec::new()
    }
    /// One program is there: `replace OLD NEW` writes its input with other words.
    fn pipe(&self, program: &Program<'_>) -> io::Result<Ran> {
        let ("replace", [old, new]) = (program.path, program.args) else { return Err(missing()) };
        let text = String::from_utf8_lossy(program.input).replace(old, new);
        Ok(Ran { code: Some(0), stdout: text.into_bytes(), stderr: Vec::new() })
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let removed = self.files.lock().expect("files").remove(&resolve(path));
        removed.map(drop).ok_or_else(missing)
    }
    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let root = resolve(path);
        self.files.lock().expect("files").retain(|file, _| !file.starts_with(&root));
        Ok(())
    }
    fn is_terminal(&self, _stream: Stream) -> bool {
        self.typed.is_some()
    }
    fn read_line(&self) -> io::Result<Option<String>> {
        let mut lines = self.typed.as_ref().ok_or_else(missing)?.lock().expect("lines");
        Ok(lines.pop_front())
    }
    fn pause(&self, _milliseconds: u64) -> bool {
        let Some((path, bytes)) = self.changes.lock().expect("changes").pop_front() else {
            return false;
        };
        self.put(&path, &bytes);
        true
    }
    fn request(&self, request: &rhumb::net::Request) -> Result<rhumb::net::Response, String> {
        if self.network {
            return rhumb::host::RealHost.request(request);
        }
        Err(format!("{}: there is no network here", request.url))
    }
}

/// What a command printed.
#[derive(Debug)]
pub(crate) struct Output {
    /// Exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: Vec<u8>,
    /// Standard error.
    pub(crate) err: String,
}

/// Runs `rhumb ARGS…` on a host.
pub(crate) fn run(host: &dyn Host, args: &[&str]) -> Output {
    run_as(host, "rhumb", args)
}

/// Runs `PROGRAM ARGS…` on a host: rhumb under that name.
pub(crate) fn run_as(host: &dyn Host, program: &str, args: &[&str]) -> Output {
    let mut all = vec![program.to_string()];
    all.extend(args.iter().map(|arg| (*arg).to_string()));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = rhumb::cli::Streams { out: &mut out, err: &mut err };
    let code = rhumb::cli::run(&all, host, &mut streams);
    Output { code, out, err: String::from_utf8_lossy(&err).into_owned() }
}

/// The folder of the test data.
pub(crate) fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// Runs `work` over `items` on all processors and gathers what it returns.
pub(crate) fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let chunk = items.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let handles: Vec<_> = items
            .chunks(chunk)
            .map(|chunk| scope.spawn(|| chunk.iter().map(&work).collect::<Vec<R>>()))
            .collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("no panic")).collect()
    })
}

/// Compares a text with a file of this repository. `UPDATE=1 cargo test` writes the file instead;
/// what changed is then in `git diff`.
pub(crate) fn same_as_file(path: &str, text: &str) {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(full.parent().expect("a file has a folder")).expect("folder");
        std::fs::write(&full, text).expect("file");
        return;
    }
    let kept = std::fs::read_to_string(&full).unwrap_or_default();
    if kept != text {
        let line = kept.lines().zip(text.lines()).take_while(|(old, new)| old == new).count();
        let shown = |text: &str| text.lines().nth(line).unwrap_or("(end)").to_string();
        panic!(
            "{path}:{}\n  kept: {}\n  now:  {}\nUPDATE=1 cargo test keeps what there is now",
            line + 1,
            shown(&kept),
            shown(text)
        );
    }
}
