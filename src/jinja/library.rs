//! The workload library: Jinja macros in the top-level `templates/`, part of the program.
//!
//! Any native chart imports them by name, as in `{% from "lib/names.j2" import fullname %}`.

/// Every file of the library: its import name and its text.
pub const FILES: &[(&str, &str)] = &[
    ("lib/names.j2", include_str!("../../templates/names.j2")),
    ("lib/network.j2", include_str!("../../templates/network.j2")),
    ("lib/objects.j2", include_str!("../../templates/objects.j2")),
    ("lib/pod.j2", include_str!("../../templates/pod.j2")),
    ("lib/workload.j2", include_str!("../../templates/workload.j2")),
];
