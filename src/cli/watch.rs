//! `--watch`: a command again and again, whenever its files change.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use super::{Failure, Streams, write_out};
use crate::host::{FileKind, Host, Stream};
use crate::limited::Limited;

/// Milliseconds between two looks.
const PAUSE: u64 = 300;

/// Files up to this size are known by their contents, larger ones by size and time.
const SMALL: u64 = 1 << 20;

/// Folders below a root that are followed, against links in circles.
const MAX_DEPTH: usize = 20;

/// Files by path: what they are known by.
type Prints = BTreeMap<PathBuf, (u64, i64, u64)>;

/// Runs a command, and again whenever a file below `roots` changes that it has not written itself,
/// until somebody ends the program; what fails is told and counts for nothing.
///
/// Errors: standard output that cannot be written; the last run's failure where there is nothing
/// to wait for.
pub(super) fn watch(
    host: &dyn Host,
    roots: &[PathBuf],
    streams: &mut Streams<'_>,
    run: &mut dyn FnMut(&dyn Host, &mut Streams<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let folder = host.current_dir().unwrap_or_default();
    let roots: Vec<PathBuf> = roots.iter().map(|root| folder.join(root)).collect();
    let roots = roots.as_slice();
    loop {
        if host.is_terminal(Stream::Stdout) {
            write_out(streams.out, b"\x1b[2J\x1b[3J\x1b[H")?;
        }
        let mut seen = prints(host, roots);
        let noting = Limited::new(host);
        let result = run(&noting, streams);
        let now = prints(host, roots);
        for path in noting.written.into_inner().unwrap_or_else(PoisonError::into_inner) {
            if let Some((path, print)) = now.get_key_value(&folder.join(path)) {
                seen.insert(path.clone(), *print);
            }
        }
        if let Err(failure) = &result
            && !failure.message.is_empty()
        {
            // Losing what is said about a failure is no reason for another one.
            let _ = writeln!(streams.err, "Error: {}", failure.message);
        }
        write_out(streams.out, b"\nWaiting for changes; Ctrl-C ends.\n")?;
        loop {
            if !host.pause(PAUSE) {
                return result.map_err(|failure| Failure { message: String::new(), ..failure });
            }
            if prints(host, roots) != seen {
                break;
            }
        }
    }
}

fn prints(host: &dyn Host, roots: &[PathBuf]) -> Prints {
    let mut prints = Prints::new();
    for root in roots {
        collect(host, root, 0, &mut prints);
    }
    prints
}

/// Whether a name is one that editors and version control use for themselves.
fn is_scratch(name: &str) -> bool {
    name.starts_with('.') && name != ".helmignore" || name.ends_with('~') || name == "4913"
}

fn collect(host: &dyn Host, path: &Path, depth: usize, prints: &mut Prints) {
    // What goes away while we look is seen as gone at the next look.
    let Ok(stat) = host.stat(path, true) else { return };
    match stat.kind {
        FileKind::Dir if depth < MAX_DEPTH => {
            for name in host.read_dir(path).unwrap_or_default() {
                if !is_scratch(&name.to_string_lossy()) {
                    collect(host, &path.join(name), depth + 1, prints);
                }
            }
        }
        FileKind::File if stat.len <= SMALL => {
            let mut hasher = foldhash::quality::FixedState::default().build_hasher();
            hasher.write(&host.read(path).unwrap_or_default());
            prints.insert(path.to_owned(), (stat.len, 0, hasher.finish()));
        }
        FileKind::File => {
            prints.insert(path.to_owned(), (stat.len, stat.modified, 0));
        }
        _ => {}
    }
}
