//! Slash-separated paths. The `os…` names do the same: Helm's results on Linux are the rule
//! everywhere.

use super::{Def, def};
use crate::golang::filepath::clean as clean_bytes;
use crate::value::Str;

pub(super) const FUNCS: &[Def] = &[
    def!("base" => base(path: &Str)),
    def!("clean" => clean(path: &Str)),
    def!("dir" => dir(path: &Str)),
    def!("ext" => ext(path: &Str)),
    def!("isAbs" => is_abs(path: &Str)),
    def!("osBase" => base(path: &Str)),
    def!("osClean" => clean(path: &Str)),
    def!("osDir" => dir(path: &Str)),
    def!("osExt" => ext(path: &Str)),
    def!("osIsAbs" => is_abs(path: &Str)),
];

/// The last element of a path, without trailing slashes.
///
/// Takes: path (string). Returns: string; `.` for an empty path, `/` for slashes only.
/// Errors: none. Source: sprig `base`, `osBase`.
fn base(path: &Str) -> Str {
    let path = path.as_bytes();
    if path.is_empty() {
        return Str::from(".");
    }
    match path.split(|&byte| byte == b'/').rfind(|element| !element.is_empty()) {
        Some(element) => Str::from(element),
        None => Str::from("/"),
    }
}

/// The shortest equal path: no `.` elements, no doubled slashes, `..` resolved by name.
///
/// Takes: path (string). Returns: string; `.` for an empty path.
/// Errors: none. Source: sprig `clean`, `osClean`.
fn clean(path: &Str) -> Str {
    Str::from(clean_bytes(path.as_bytes()))
}

/// A path without its last element, cleaned.
///
/// Takes: path (string). Returns: string; `.` when there is no slash.
/// Errors: none. Source: sprig `dir`, `osDir`.
fn dir(path: &Str) -> Str {
    let path = path.as_bytes();
    let end = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    Str::from(clean_bytes(&path[..end]))
}

/// The suffix of the last element from its last dot.
///
/// Takes: path (string). Returns: string, with the dot; "" without one.
/// Errors: none. Source: sprig `ext`, `osExt`.
fn ext(path: &Str) -> Str {
    let path = path.as_bytes();
    let name = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    match path[name..].iter().rposition(|&byte| byte == b'.') {
        Some(dot) => Str::from(&path[name + dot..]),
        None => Str::from(""),
    }
}

/// Whether a path begins with a slash.
///
/// Takes: path (string). Returns: bool.
/// Errors: none. Source: sprig `isAbs`, `osIsAbs`.
fn is_abs(path: &Str) -> bool {
    path.as_bytes().first() == Some(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_as_go_sees_them() {
        // path, base, dir, clean, ext
        let cases = [
            ("", ".", ".", ".", ""),
            ("/", "/", "/", "/", ""),
            ("//", "/", "/", "/", ""),
            ("a/b.tar.gz", "b.tar.gz", "a", "a/b.tar.gz", ".gz"),
            ("a/b/", "b", "a/b", "a/b", ""),
            ("/a/../../b", "b", "/", "/b", ""),
            ("../../x/..", "..", "../../x", "../..", "."),
            ("a//b/./c", "c", "a/b", "a/b/c", ""),
            (".bashrc", ".bashrc", ".", ".bashrc", ".bashrc"),
            ("a.d/b", "b", "a.d", "a.d/b", ""),
        ];
        for (path, expected_base, expected_dir, expected_clean, expected_ext) in cases {
            let path = Str::from(path);
            assert_eq!(base(&path), Str::from(expected_base), "base {path}");
            assert_eq!(dir(&path), Str::from(expected_dir), "dir {path}");
            assert_eq!(clean(&path), Str::from(expected_clean), "clean {path}");
            assert_eq!(ext(&path), Str::from(expected_ext), "ext {path}");
        }
        assert!(is_abs(&Str::from("/a")) && !is_abs(&Str::from("a")));
    }
}
