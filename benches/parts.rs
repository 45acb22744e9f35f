//! The parts of a render by themselves, in one process: `cargo bench`, or `cargo bench -- yaml`.
//!
//! benches/run.sh times whole commands beside Helm; this shows where a change of those comes from.

use std::hint::black_box;
use std::path::Path;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rhumb::chart::{Chart, load, skeleton};
use rhumb::compat::Compat;
use rhumb::doc::{Doc, DocMap};
use rhumb::gotpl::{Parsed, RenderOptions, stack, token_count};
use rhumb::kube::catalog::Minors;
use rhumb::kube::custom::Customs;
use rhumb::kube::finding::Level;
use rhumb::kube::validate::{Input, Options, validate};
use rhumb::manifest;
use rhumb::render::capabilities::Capabilities;
use rhumb::render::{self, Job, Release};
use rhumb::source::{SourceId, Sources};
use rhumb::values::{Final, coalesce, schema};
use rhumb::yaml::{emit, head, read};

#[path = "../tests/support.rs"]
#[allow(dead_code, clippy::disallowed_methods, reason = "the integration tests use the rest")]
mod support;

use support::MemoryHost;

/// How many deployments a long manifest has.
const DEPLOYMENTS: usize = 100;

/// A chart on a disk in memory, ready to be rendered.
struct Ready {
    host: MemoryHost,
    sources: Sources,
    chart: Chart,
    values: Final,
    job: Job,
}

impl Ready {
    fn new(files: skeleton::Files) -> Self {
        let host = MemoryHost::new();
        for (path, text) in files {
            host.put(&format!("c/{path}"), skeleton::named(text, "c").as_bytes());
        }
        let (sources, mut log) = (Sources::new(), Vec::new());
        let mut chart =
            load::load(&host, &sources, Path::new("/work/c"), &mut log).expect("a chart");
        let user = Doc::map(DocMap::default());
        let values = coalesce::compose(&mut chart, &user, &mut log).expect("values");
        let release = Release {
            name: "r".into(),
            namespace: "ns".into(),
            revision: 1,
            is_upgrade: false,
            is_install: true,
        };
        let options = RenderOptions::default();
        let job = Job { release, capabilities: Capabilities::of(Compat::default()), options };
        Ready { host, sources, chart, values, job }
    }

    /// The rendered files, one after the other.
    fn render(&self) -> Vec<u8> {
        let Ready { host, sources, chart, values, job } = self;
        let files = render::render(host, sources, chart, values, job, &mut Vec::new());
        files.expect("a good chart").iter().flat_map(|file| file.text.to_vec()).collect()
    }
}

/// The templates of a new chart in one text.
fn templates() -> String {
    let texts = skeleton::HELM.iter().filter(|(path, _)| path.starts_with("templates/"));
    texts.map(|(_, text)| skeleton::named(text, "c")).collect()
}

/// A values file of 2,500 keys.
fn values_file() -> String {
    let group = |at: usize| {
        let keys = (0..50).map(|key| format!("  key{key}: \"some value, number {key}\"\n"));
        format!("group{at}:\n{}", keys.collect::<String>())
    };
    (0..50).map(group).collect()
}

/// The deployment of a new chart, many times.
fn manifests() -> Vec<Vec<u8>> {
    let ready = Ready::new(skeleton::HELM);
    let Ready { host, sources, chart, values, job } = &ready;
    let files = render::render(host, sources, chart, values, job, &mut Vec::new());
    let files = files.expect("a good chart");
    let listed = files.iter().filter(|file| !file.path.ends_with("NOTES.txt"));
    let listed = listed.map(|file| (file.path.as_str(), &file.text));
    let sorted = manifest::sort_manifests_as(Compat::default(), listed, &mut Vec::new());
    let sorted = sorted.expect("good manifests").manifests;
    let found = sorted.iter().find(|manifest| manifest.path.ends_with("deployment.yaml"));
    vec![found.expect("a deployment").text.to_vec(); DEPLOYMENTS]
}

fn go_templates(criterion: &mut Criterion) {
    let text = templates();
    let mut group = criterion.benchmark_group("gotpl");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("lex", |bencher| bencher.iter(|| token_count(black_box(text.as_bytes()))));
    group.bench_function("parse", |bencher| {
        let text = Bytes::from(text.clone());
        bencher.iter_with_large_drop(|| Parsed::new("t", black_box(&text).clone()));
    });
    let ready = Ready::new(skeleton::HELM);
    group.throughput(Throughput::Bytes(ready.render().len() as u64));
    // On a stack of its own, as the program runs it; reading the templates is part of it.
    group.bench_function("render", |bencher| bencher.iter(|| stack::run(|| ready.render())));
    group.finish();
}

fn jinja(criterion: &mut Criterion) {
    let ready = Ready::new(skeleton::NATIVE);
    let mut group = criterion.benchmark_group("jinja");
    group.throughput(Throughput::Bytes(ready.render().len() as u64));
    group.bench_function("render", |bencher| bencher.iter(|| ready.render()));
    group.finish();
}

fn yaml(criterion: &mut Criterion) {
    let text = values_file();
    let doc = read::parse(text.as_bytes(), SourceId::NONE).expect("good YAML");
    let value = rhumb::value::from_doc::from_doc(&doc);
    let mut group = criterion.benchmark_group("yaml");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("read", |bencher| {
        bencher.iter_with_large_drop(|| read::parse(black_box(text.as_bytes()), SourceId::NONE));
    });
    // An anchor is not for the quick reader of plain lines.
    let anchored = format!("{text}last: &a 1\nagain: *a\n");
    group.bench_function("read with anchors", |bencher| {
        bencher
            .iter_with_large_drop(|| read::parse(black_box(anchored.as_bytes()), SourceId::NONE));
    });
    let manifest = manifests().remove(0);
    group.throughput(Throughput::Bytes(manifest.len() as u64));
    group.bench_function("head of a manifest", |bencher| {
        bencher.iter(|| head::read(black_box(&manifest)));
    });
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("write", |bencher| bencher.iter(|| emit::to_yaml(black_box(&value))));
    group.finish();
}

fn validation(criterion: &mut Criterion) {
    let texts = manifests();
    let options = Options::new(Minors::one(37).expect("a known minor"), Level::Full);
    let mut group = criterion.benchmark_group("validate");
    group.throughput(Throughput::Elements(DEPLOYMENTS as u64));
    group.bench_function("deployments", |bencher| {
        bencher.iter(|| {
            let input = |(first, text)| {
                let text: &Vec<u8> = text;
                Input { source: SourceId::NONE, text, group: 0, first }
            };
            let inputs: Vec<Input<'_>> = texts.iter().enumerate().map(input).collect();
            validate(&inputs, Customs::default(), &options)
        });
    });
    let native = skeleton::NATIVE.iter().find(|(path, _)| *path == "values.schema.json");
    let schema_text = native.expect("a schema").1.as_bytes();
    let ready = Ready::new(skeleton::NATIVE);
    group.throughput(Throughput::Bytes(schema_text.len() as u64));
    group.bench_function("values by schema", |bencher| {
        let values = &ready.chart.defaults;
        bencher.iter(|| schema::validate_one(schema_text, values, None, &mut Vec::new()));
    });
    group.finish();
}

criterion_group!(benches, go_templates, jinja, yaml, validation);
criterion_main!(benches);
