//! What a new chart starts with: the files of the top-level `templates/create/`.

/// What stands for the chart's name in the files.
const PLACE: &str = "__NAME__";

/// The files of a new chart: path below it, and text.
pub type Files = &'static [(&'static str, &'static str)];

/// A table of files, each from the folder of its skeleton.
macro_rules! skeleton {
    ($folder:literal: $($path:literal from $file:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../templates/create/", $folder, "/", $file)))),*]
    };
}

/// A chart of Go templates; it renders what the chart of `helm create` does. In the order in
/// which Helm writes them.
pub const HELM: Files = skeleton! {
    "helm":
    "Chart.yaml" from "Chart.yaml",
    "values.yaml" from "values.yaml",
    ".helmignore" from "helmignore",
    "templates/ingress.yaml" from "templates/ingress.yaml",
    "templates/httproute.yaml" from "templates/httproute.yaml",
    "templates/deployment.yaml" from "templates/deployment.yaml",
    "templates/service.yaml" from "templates/service.yaml",
    "templates/serviceaccount.yaml" from "templates/serviceaccount.yaml",
    "templates/hpa.yaml" from "templates/hpa.yaml",
    "templates/NOTES.txt" from "templates/NOTES.txt",
    "templates/_helpers.tpl" from "templates/_helpers.tpl",
    "templates/tests/test-connection.yaml" from "templates/tests/test-connection.yaml",
};

/// A chart of Jinja templates on the workload library, with a schema of its values.
pub const NATIVE: Files = skeleton! {
    "native":
    "Chart.yaml" from "Chart.yaml",
    "values.yaml" from "values.yaml",
    "values.schema.json" from "values.schema.json",
    ".helmignore" from "helmignore",
    "templates/_config.j2" from "templates/_config.j2",
    "templates/configmap.yaml.j2" from "templates/configmap.yaml.j2",
    "templates/deployment.yaml.j2" from "templates/deployment.yaml.j2",
    "templates/service.yaml.j2" from "templates/service.yaml.j2",
    "templates/serviceaccount.yaml.j2" from "templates/serviceaccount.yaml.j2",
    "templates/hpa.yaml.j2" from "templates/hpa.yaml.j2",
    "templates/pdb.yaml.j2" from "templates/pdb.yaml.j2",
    "templates/NOTES.txt.j2" from "templates/NOTES.txt.j2",
    "tests/chart_test.yaml" from "tests/chart_test.yaml",
};

/// The text of a file for a chart of that name.
pub fn named(text: &str, name: &str) -> String {
    text.replace(PLACE, name)
}
