//! The order in which templates are parsed and executed.

/// Sorts template names as Helm does: more `/` first, then descending by bytes. Templates are
/// parsed and executed in this order, so the define that is parsed last (shallow, early name)
/// wins.
pub fn sort_templates<T>(templates: &mut [T], name: impl Fn(&T) -> &str) {
    templates.sort_by(|a, b| {
        let (a, b) = (name(a), name(b));
        let slashes = |text: &str| text.bytes().filter(|&byte| byte == b'/').count();
        slashes(b).cmp(&slashes(a)).then_with(|| b.cmp(a))
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn deepest_first_then_descending() {
        let mut names =
            vec!["c/templates/a", "c/templates/z", "c/charts/s/templates/b", "c/templates/_h"];
        super::sort_templates(&mut names, |name| name);
        assert_eq!(
            names,
            ["c/charts/s/templates/b", "c/templates/z", "c/templates/a", "c/templates/_h"]
        );
    }
}
