//! A render: the state between templates, and what functions may ask of it.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use super::ast::Tree;
use super::coverage::Cover;
use super::eval::{Val, Variable};
use super::output::{Output, without_no_value};
use super::parse::meant;
use super::set::{Layered, Parsed, ROOT, TemplateSet};
use super::trace::Trace;
use super::watch::{Notes, Watch};
use crate::compat::Compat;
use crate::coverage::{Collector, Hits};
use crate::diag::{Fault, FaultKind, Frame, Result};
use crate::doc::uses::Uses;
use crate::funcs::{Cluster, Runtime};
use crate::golang::quote::quote;
use crate::host::Host;
use crate::mapping::TextMap;
use crate::stack;
use crate::value::{Map, Str, Value, work};

/// Times that one name may be included within itself, after the first.
const MAX_INCLUDES: u32 = 1000;

/// Nesting of `tpl`, which Helm bounds by its stack alone.
const MAX_TPL: usize = 10_000;

/// What the caller of a render decides.
#[derive(Clone, Debug)]
pub struct RenderOptions {
    /// Whether `required` and `fail` only log, as `helm lint` has it.
    pub lint_mode: bool,
    /// Whether `getHostByName` may ask the resolver.
    pub enable_dns: bool,
    /// Whether a missing map key is an error (`helm lint --strict`).
    pub strict_missing_keys: bool,
    /// Whether to keep what wrote each part of the text, for [`Renderer::take_map`].
    pub trace: bool,
    /// Which Helm is followed where two differ.
    pub compat: Compat,
    /// Bytes that one file may write, texts of its includes and of functions counted in.
    pub max_output_bytes: usize,
    /// Pipelines and turns of loops that one file may take.
    pub max_steps: u64,
    /// How deep templates may stand in templates, by `template`, `include` and `tpl` alike.
    pub max_depth: usize,
    /// What `lookup` asks; without a cluster nothing is found.
    pub cluster: Option<Arc<dyn Cluster>>,
    /// Who is told what the render reaches; nothing is counted without.
    pub coverage: Option<Arc<Collector>>,
    /// Whether the process ends with this render, so that nobody need free its values.
    pub is_last: bool,
}

impl RenderOptions {
    /// Values that the functions of one file may walk over: some seconds' worth, as are the steps.
    fn max_walked(&self) -> u64 {
        self.max_steps.saturating_mul(5) / 2
    }
}

impl Default for RenderOptions {
    fn default() -> Self {
        RenderOptions {
            lint_mode: false,
            enable_dns: false,
            strict_missing_keys: false,
            trace: false,
            compat: Compat::default(),
            max_output_bytes: 256 << 20,
            max_steps: 20_000_000,
            max_depth: usize::MAX,
            cluster: None,
            coverage: None,
            is_last: false,
        }
    }
}

/// Executes the templates of a set, one file after another.
///
/// Wants a large stack: call it within [`stack::run`].
pub struct Renderer<'a> {
    pub(super) templates: Layered<'a>,
    pub(super) options: RenderOptions,
    pub(super) out: Output,
    /// Variables of all templates being executed, newest last.
    pub(super) variables: Vec<Variable>,
    /// What wrote which bytes, if that is asked for.
    pub(super) trace: Option<Box<Trace>>,
    map: Option<TextMap>,
    /// What is left of [`RenderOptions::max_steps`].
    steps: u64,
    /// Templates that are being executed.
    pub(super) depth: usize,
    host: &'a dyn Host,
    /// How often each name is being included right now.
    included: HashMap<Str, u32, foldhash::fast::RandomState>,
    /// Texts that `tpl` has parsed.
    parsed: HashMap<Str, Parsed, foldhash::fast::RandomState>,
    logs: Vec<String>,
    /// What is read, when somebody wants to know.
    pub(super) watch: Option<Box<Watch>>,
    /// What is reached, when somebody counts.
    pub(super) cover: Option<Box<Cover>>,
}

impl<'a> Renderer<'a> {
    /// A renderer of a set's templates.
    pub fn new(set: &'a TemplateSet, host: &'a dyn Host, options: RenderOptions) -> Self {
        Renderer {
            templates: Layered::new(set),
            out: Output::new(options.max_output_bytes),
            steps: options.max_steps,
            depth: 0,
            trace: options.trace.then(Box::default),
            map: None,
            cover: options.coverage.is_some().then(Box::default),
            options,
            variables: Vec::new(),
            host,
            included: HashMap::default(),
            parsed: HashMap::default(),
            logs: Vec::new(),
            watch: None,
        }
    }

    /// Notes from now on what is read of the values.
    pub fn watch(&mut self, watch: Watch) {
        self.watch = Some(Box::new(watch));
    }

    /// What was noted since [`Renderer::watch`], which ends with it.
    pub fn take_notes(&mut self) -> Option<Notes> {
        self.watch.take().map(|watch| watch.into_notes())
    }

    /// Gives what was reached, and what was read of the values, to the collector of the options.
    pub fn give_hits(&mut self, uses: Option<Uses>) {
        if let (Some(cover), Some(collector)) = (self.cover.take(), &self.options.coverage) {
            collector.add(Hits { uses: uses.unwrap_or_default(), ..cover.into_hits() });
        }
    }

    /// Executes the named template with a dot and gives its text, less every `<no value>`.
    pub fn render(&mut self, name: &str, dot: &Value) -> Result<Vec<u8>> {
        // What a failed render left behind must not be seen by the next.
        self.templates.clear();
        self.variables.clear();
        self.included.clear();
        self.steps = self.options.max_steps;
        self.depth = 0;
        let _allowance = work::Allowance::grant(self.options.max_walked());
        self.out.finish();
        self.map = None;
        if let Some(trace) = &mut self.trace {
            trace.finish(&[]);
        }
        let tree = self.associated(name)?;
        let mark = self.watch.as_ref().map_or(0, |watch| watch.exponents());
        self.execute(&tree, dot.clone())?;
        if let Some(trace) = &mut self.trace {
            self.map = Some(trace.finish(&self.out.no_values(0)));
        }
        let text = self.out.finish();
        if let Some(watch) = &mut self.watch {
            watch.keep_exponents(mark, &text);
        }
        Ok(text)
    }

    /// What wrote which part of the text rendered last; none unless the options asked for it.
    pub fn take_map(&mut self) -> Option<TextMap> {
        self.map.take()
    }

    /// Records for standard error since the last call, without line ends.
    pub fn take_logs(&mut self) -> Vec<String> {
        std::mem::take(&mut self.logs)
    }

    /// Accounts for one step; false when the render has taken all it may.
    pub(super) fn step(&mut self) -> bool {
        let left = self.steps.checked_sub(1);
        self.steps = left.unwrap_or(0);
        left.is_some()
    }

    /// A template by name, or Go's refusal to execute it.
    fn associated(&self, name: &str) -> Result<Arc<Tree>> {
        self.templates.get(name).ok_or_else(|| {
            let fault = Fault::function(format!(
                "template: no template {} associated with template {}",
                quote(name.as_bytes()),
                quote(ROOT.as_bytes())
            ));
            meant(fault, name, self.templates.names())
        })
    }

    /// Executes a template from the start, with nothing in scope but its dot.
    fn execute(&mut self, tree: &Tree, dot: Value) -> Result<()> {
        if stack::is_low() {
            return Err(Fault::new(FaultKind::Limit, "templates are nested too deeply"));
        }
        self.walk_tree(tree, &Val::from(dot), 0)
    }

    /// The parsed form of a text given to `tpl`.
    fn parsed(&mut self, text: &Str) -> Result<Parsed> {
        if let Some(parsed) = self.parsed.get(text) {
            return Ok(parsed.clone());
        }
        let parsed =
            Parsed::new(ROOT, Bytes::copy_from_slice(text.as_bytes())).map_err(|fault| {
                let text = quote(text.as_bytes());
                fault
                    .context(format_args!("cannot parse template {text}"))
                    .with_kind(FaultKind::Function)
            })?;
        self.parsed.insert(text.clone(), parsed.clone());
        Ok(parsed)
    }
}

impl Runtime for Renderer<'_> {
    fn host(&self) -> &dyn Host {
        self.host
    }

    fn include(&mut self, name: &Str, data: Value) -> Result<Str> {
        match self.included.get_mut(name) {
            Some(count) if *count > MAX_INCLUDES => {
                return Err(Fault::function(format!(
                    "rendering template has a nested reference name: {name}: unable to execute template"
                )));
            }
            Some(count) => *count += 1,
            None => {
                self.included.insert(name.clone(), 1);
            }
        }
        let tree = self.associated(&name.to_str_lossy())?;
        let mark = self.out.mark();
        let outer = self.swap_dot(self.reads(), true);
        self.execute(&tree, data)?;
        self.restore_dot(outer);
        if let Some(count) = self.included.get_mut(name) {
            *count -= 1;
        }
        let text = self.out.cut(mark);
        if let Some(trace) = &mut self.trace {
            trace.cut(mark, &[], &text);
        }
        Ok(text)
    }

    fn tpl(&mut self, text: &Str, data: Value) -> Result<Str> {
        if memchr::memmem::find(text.as_bytes(), b"{{").is_none() {
            // Nothing to execute, and nothing that could call this text by its name.
            return Ok(match without_no_value(text.as_bytes()) {
                std::borrow::Cow::Borrowed(_) => text.clone(),
                std::borrow::Cow::Owned(text) => Str::from(text),
            });
        }
        let parsed = self.parsed(text)?;
        if self.templates.depth() >= MAX_TPL {
            let message = format!("tpl is nested more than {MAX_TPL} deep");
            return Err(Fault::new(FaultKind::Limit, message));
        }
        let body = parsed.get(ROOT).expect("a parsed text has a body");
        self.templates.push(&parsed);
        let mark = self.out.mark();
        let outer = self.swap_dot(self.reads(), true);
        self.execute(body, data).map_err(|fault| {
            let text = quote(text.as_bytes());
            fault.frame(Frame::Wrap(format!("error during tpl function execution for {text}")))
        })?;
        self.templates.pop();
        self.restore_dot(outer);
        let removed = if self.trace.is_some() { self.out.no_values(mark) } else { Vec::new() };
        let text = self.out.cut_clean(mark);
        if let Some(trace) = &mut self.trace {
            trace.cut(mark, &removed, &text);
        }
        Ok(text)
    }

    fn lint_mode(&self) -> bool {
        self.options.lint_mode
    }

    fn enable_dns(&self) -> bool {
        self.options.enable_dns
    }

    fn lookup(&mut self, api: &Str, kind: &Str, namespace: &Str, name: &Str) -> Result<Value> {
        match &self.options.cluster {
            None => Ok(Value::Map(Map::new())),
            Some(cluster) => cluster.lookup(
                &api.to_str_lossy(),
                &kind.to_str_lossy(),
                &namespace.to_str_lossy(),
                &name.to_str_lossy(),
            ),
        }
    }

    fn log(&mut self, record: &str) {
        self.logs.push(record.to_owned());
    }

    fn charge(&mut self, bytes: usize) -> Result<()> {
        self.out.charge(bytes)
    }
}
