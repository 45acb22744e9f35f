//! Two sets of Kubernetes objects: which came, went or changed, and in which fields.
//!
//! Objects are read ([`objects`]) and paired, masks take away what need not agree ([`mask`]), and
//! pairs are compared field by field ([`fields`]): members of lists by the keys by which
//! Kubernetes merges them, contents of Secrets without showing them ([`secret`]). Blind to charts
//! and to the command line.

pub mod fields;
pub mod lines;
pub mod mask;
pub mod objects;
pub mod path;
pub mod print;
pub mod report;
mod secret;

use crate::doc::Doc;
use crate::kube::catalog::find_kind;
use fields::{Change, Field};
use mask::Mask;
use objects::{Id, Object, pair};

/// What became of an object.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It is only on the right; its contents, those of Secrets hidden.
    Added(Doc),
    /// It is only on the left.
    Removed(Doc),
    /// It is on both sides, and these fields differ.
    Changed(Vec<Field>),
}

/// An object that is not the same on both sides.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Which one; for changed ones as the right side names it.
    pub id: Id,
    /// What became of it.
    pub fate: Fate,
}

/// How two sides differ.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Objects that differ: those of the left side in its order, then added ones in theirs.
    pub objects: Vec<Changed>,
    /// How many objects are the same.
    pub same: usize,
}

impl Difference {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// How many objects changed, were added, were removed.
    pub fn counts(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for object in &self.objects {
            let kind = match object.fate {
                Fate::Changed(_) => 0,
                Fate::Added(_) => 1,
                Fate::Removed(_) => 2,
            };
            counts[kind] += 1;
        }
        counts
    }

    /// The counts in words: `1 object changed, 2 added, 12 the same`.
    pub fn summary(&self) -> String {
        let words = ["changed", "added", "removed"];
        let counts = self.counts().into_iter().zip(words).chain([(self.same, "the same")]);
        let mut parts: Vec<String> = Vec::new();
        for (count, word) in counts.filter(|(count, _)| *count > 0) {
            let noun = match (parts.is_empty(), count) {
                (false, _) => "",
                (true, 1) => "object ",
                (true, _) => "objects ",
            };
            parts.push(format!("{count} {noun}{word}"));
        }
        if parts.is_empty() { "no objects".to_owned() } else { parts.join(", ") }
    }
}

/// Compares two sides; what the masks cover counts as the same.
pub fn compare(left: &[Object], right: &[Object], masks: &[Mask]) -> Difference {
    let mut difference = Difference::default();
    for pair in pair(left, right) {
        match pair {
            (Some(a), None) => difference.objects.push(Changed {
                id: left[a].id.clone(),
                fate: Fate::Removed(secret::hidden(&left[a])),
            }),
            (None, Some(b)) => difference.objects.push(Changed {
                id: right[b].id.clone(),
                fate: Fate::Added(secret::hidden(&right[b])),
            }),
            (Some(a), Some(b)) => {
                let fields = changed_fields(&left[a], &right[b], masks);
                if fields.is_empty() {
                    difference.same += 1;
                } else {
                    let id = right[b].id.clone();
                    difference.objects.push(Changed { id, fate: Fate::Changed(fields) });
                }
            }
            (None, None) => {}
        }
    }
    difference
}

/// The fields in which two objects differ, contents of Secrets hidden.
fn changed_fields(left: &Object, right: &Object, masks: &[Mask]) -> Vec<Field> {
    let visible = |object: &Object| mask::without(&secret::normal(object), &object.id, masks);
    let (a, b) = (visible(left), visible(right));
    let id = &right.id;
    let version = id.api_version.rsplit('/').next().unwrap_or_default();
    let schema = find_kind(id.group(), version, &id.kind).map(|kind| kind.node);
    let mut fields = fields::compare(&a, &b, schema);
    if secret::is_secret(left) || secret::is_secret(right) {
        for field in &mut fields {
            secret::hide(field);
        }
    }
    fields
}

/// Whether a change can be shown as the lines of a text.
fn is_text_change(change: &Change) -> Option<(&str, &str)> {
    let Change::Changed(a, b) = change else { return None };
    let (a, b) = (a.as_str()?, b.as_str()?);
    (a.trim_end().contains('\n') || b.trim_end().contains('\n')).then_some((a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn objects(text: &str) -> Vec<Object> {
        objects::read(text.as_bytes(), SourceId::NONE).expect("good text")
    }

    fn diff(left: &str, right: &str, masks: &[&str]) -> String {
        let masks = mask::parse_all(masks).expect("good masks");
        let difference = compare(&objects(left), &objects(right), &masks);
        print::Printer { colors: false }.text(&difference)
    }

    const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  \
        replicas: 1\n  template:\n    metadata: {annotations: {checksum/config: abc}}\n    spec:\n      \
        containers:\n        - name: web\n          image: nginx:1.25\n          \
        ports: [{containerPort: 80}, {containerPort: 81}]\n          \
        env: [{name: A, value: '1'}, {name: B, value: '2'}]\n          args: [a, b, c]\n          \
        resources: {limits: {cpu: 1}}\n";

    #[test]
    fn the_same_in_other_words() {
        let other = WEB
            .replace("cpu: 1", "cpu: \"1\"")
            .replace("{containerPort: 80}", "{protocol: TCP, containerPort: 80, name: null}")
            .replace("replicas: 1", "replicas: 1 # one");
        let shown = diff(WEB, &other, &[]);
        insta::assert_snapshot!(shown, @r#"
        ~ apps/v1 Deployment web
          + spec.template.spec.containers[name=web].ports[containerPort=80].protocol: "TCP"
        1 object changed
        "#);
        assert_eq!(diff(WEB, &other, &["**.protocol"]), "1 object the same\n");
    }

    #[test]
    fn fields_of_lists_are_found_by_their_keys() {
        let other = WEB
            .replace("replicas: 1", "replicas: 3")
            .replace("{containerPort: 80}, ", "")
            .replace(
                "{name: A, value: '1'}, {name: B, value: '2'}",
                "{name: B, value: '3'}, {name: C}, {name: A, value: '1'}",
            )
            .replace("[a, b, c]", "[a, x, c, d]")
            .replace("abc", "def");
        let shown = diff(WEB, &other, &["Deployment: **.annotations[\"checksum/*\"]"]);
        insta::assert_snapshot!(shown, @r#"
        ~ apps/v1 Deployment web
          ~ spec.replicas: 1 → 3
          - spec.template.spec.containers[name=web].ports[containerPort=80]: {containerPort: 80}
          ~ spec.template.spec.containers[name=web].env[name=B].value: "2" → "3"
          + spec.template.spec.containers[name=web].env[name=C]: {name: "C"}
          ~ spec.template.spec.containers[name=web].env: order name=A, name=B → name=B, name=A
          ~ spec.template.spec.containers[name=web].args[1]: "b" → "x"
          + spec.template.spec.containers[name=web].args[3]: "d"
        1 object changed
        "#);
    }

    #[test]
    fn objects_are_paired_across_api_versions() {
        let left = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\n---\n\
            apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: gone}}\n";
        let right = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: a, namespace: shop}\n---\n\
            {apiVersion: v1, kind: Service, metadata: {name: new}}\n";
        insta::assert_snapshot!(diff(left, right, &[]), @r#"
        ~ policy/v1 PodDisruptionBudget shop/a
          ~ apiVersion: "policy/v1beta1" → "policy/v1"
          + metadata.namespace: "shop"
        - v1 Service gone
        + v1 Service new
          + apiVersion: v1
          + kind: Service
          + metadata:
          +   name: new
        1 object changed, 1 added, 1 removed
        "#);
    }

    #[test]
    fn secrets_stay_secret() {
        let secret =
            |rest: &str| format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\n{rest}\n");
        let left = secret("stringData: {same: hunter2, changed: hunter2, gone: hunter2}");
        let right = secret("data: {same: aHVudGVyMg==, changed: aHVudGVyMw==, new: aHVudGVyMjI=}");
        let shown = diff(&left, &right, &[]);
        insta::assert_snapshot!(shown, @r"
        ~ v1 Secret s
          ~ data.changed: (hidden, 7 bytes) → (hidden, 7 bytes, other ones)
          - data.gone: (hidden, 7 bytes)
          + data.new: (hidden, 8 bytes)
        1 object changed
        ");
        let added = diff("", &format!("{left}---\n{right}"), &[]);
        for hidden in ["hunter", "aHV"] {
            assert!(!added.contains(hidden), "{added}");
        }
        let whole = diff(&secret("type: a"), &secret("data: {a: aHVudGVyMg==}"), &[]);
        assert!(!whole.contains("aHV") && whole.contains("hidden, 7 bytes"), "{whole}");
    }

    #[test]
    fn texts_are_compared_by_lines() {
        let config = |text: &str| {
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  a.conf: |\n{text}"
            )
        };
        let left = config("    one\n    two\n    three\n");
        let right = config("    one\n    2\n    three\n");
        insta::assert_snapshot!(diff(&left, &right, &[]), @r#"
        ~ v1 ConfigMap c
          ~ data["a.conf"]:
              @@ -1,4 +1,4 @@
               one
              -two
              +2
               three
               
        1 object changed
        "#);
    }
}
