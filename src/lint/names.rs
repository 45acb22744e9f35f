//! Names of objects, by the rules of the API server, as far as lint knows kinds.

use std::sync::LazyLock;

use regex::Regex;

use crate::golang::quote::quote;

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

static IS_LABEL: LazyLock<Regex> = LazyLock::new(|| pattern(LABEL));
static IS_SUBDOMAIN: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("{LABEL}(\\.{LABEL})*")));
static IS_OLD_LABEL: LazyLock<Regex> = LazyLock::new(|| pattern("[a-z]([-a-z0-9]*[a-z0-9])?"));

fn pattern(text: &str) -> Regex {
    Regex::new(&format!("^(?:{text})$")).expect("a fixed pattern")
}

/// What the server would object to.
///
/// Errors: the objections in its words.
pub(super) fn check(kind: &str, name: &str) -> Result<(), String> {
    let complaints = match kind.to_lowercase().as_str() {
        "service" => label(
            name,
            &IS_OLD_LABEL,
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start \
             with an alphabetic character, and end with an alphanumeric character (e.g. \
             'my-name',  or 'abc-123', regex used for validation is \
             '[a-z]([-a-z0-9]*[a-z0-9])?')",
        ),
        "namespace" if !IS_LABEL.is_match(name) && IS_SUBDOMAIN.is_match(name) => {
            let mut complaints = too_long(name, 63);
            complaints.push("must not contain dots".into());
            complaints
        }
        "namespace" => label(
            name,
            &IS_LABEL,
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \
             '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or \
             '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
        ),
        "certificatesigningrequest" => Vec::new(),
        "role" | "clusterrole" | "rolebinding" | "clusterrolebinding" => path_segment(name),
        _ => {
            let mut complaints = too_long(name, 253);
            if !IS_SUBDOMAIN.is_match(name) {
                complaints.push(format!(
                    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric \
                     characters, '-' or '.', and must start and end with an alphanumeric \
                     character (e.g. 'example.com', regex used for validation is \
                     '{LABEL}(\\.{LABEL})*')"
                ));
            }
            complaints
        }
    };
    let quoted = quote(name.as_bytes());
    let complaints: Vec<String> = complaints
        .into_iter()
        .map(|why| format!("metadata.name: Invalid value: {quoted}: {why}"))
        .collect();
    let all = match complaints.as_slice() {
        [] => return Ok(()),
        [one] => one.clone(),
        more => format!("[{}]", more.join(", ")),
    };
    Err(format!("object name does not conform to Kubernetes naming requirements: {quoted}: {all}"))
}

fn too_long(name: &str, most: usize) -> Vec<String> {
    let complaint = (name.len() > most).then(|| format!("must be no more than {most} characters"));
    complaint.into_iter().collect()
}

fn label(name: &str, pattern: &Regex, why: &str) -> Vec<String> {
    let mut complaints = too_long(name, 63);
    if !pattern.is_match(name) {
        complaints.push(why.to_string());
    }
    complaints
}

fn path_segment(name: &str) -> Vec<String> {
    if name == "." || name == ".." {
        return vec![format!("may not be '{name}'")];
    }
    let bad = ["/", "%"].into_iter().filter(|part| name.contains(part));
    bad.map(|part| format!("may not contain '{part}'")).collect()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_by_kind() {
        assert_eq!(check("ConfigMap", "a.b-c"), Ok(()));
        assert_eq!(check("Role", "system:x"), Ok(()));
        assert_eq!(check("CertificateSigningRequest", "A_"), Ok(()));
        for (kind, name, end) in [
            ("Namespace", "a.b", "\"a.b\": must not contain dots"),
            ("Service", "1a", "'[a-z]([-a-z0-9]*[a-z0-9])?')"),
            ("Role", "a%/b", "\"a%/b\": may not contain '%']"),
            ("Pod", "", "[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"),
        ] {
            let complaint = check(kind, name).expect_err("a complaint");
            assert!(complaint.ends_with(end), "{complaint}");
        }
    }
}
