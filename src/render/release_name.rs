//! Helm's rule for release names.

/// What is wrong with a release name, in Helm's words: it must be DNS labels joined by dots, 53
/// bytes at most.
pub fn problem(name: &str) -> Option<&'static str> {
    let label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = label.as_bytes();
        bytes.iter().all(|&byte| plain(byte) || byte == b'-')
            && bytes.first().is_some_and(|&byte| plain(byte))
            && bytes.last().is_some_and(|&byte| plain(byte))
    };
    if name.len() <= 53 && name.split('.').all(label) {
        return None;
    }
    Some(if name.is_empty() {
        "no name provided"
    } else {
        "invalid release name, must match regex \
         ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ \
         and the length must not be longer than 53"
    })
}
