//! Hook events.

/// Events that Helm knows.
const EVENTS: &[&str] = &[
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
];

/// The events of a `helm.sh/hook` annotation; none when one of them is unknown, which makes
/// Helm skip the document.
pub(super) fn events(annotation: &str) -> Option<Vec<&'static str>> {
    annotation
        .split(',')
        .map(|event| {
            let event = event.trim().to_lowercase();
            let event = if event == "test-success" { "test" } else { event.as_str() };
            EVENTS.iter().copied().find(|known| *known == event)
        })
        .collect()
}
