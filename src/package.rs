//! Charts to archives, as `package` and `dependency` write them.
//!
//! The same chart gives the same bytes, whenever and wherever: entries in a fixed order, without
//! owners, all with one time. Blind to the command line.

use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};

use crate::chart::{Chart, Lock};
use crate::diag::io::{mkdir_all, path_error};
use crate::diag::{Fault, FaultKind, Result};
use crate::golang::filepath;
use crate::golang::time::{Time, Zone};
use crate::host::{FileKind, Host};

/// The time of entries where `SOURCE_DATE_EPOCH` names none: 1980, the first that every
/// archive format knows.
const PLAIN_TIME: u64 = 315_532_800;

/// `SOURCE_DATE_EPOCH`: the time that reproducible builds want on everything.
///
/// Errors: a text that is no time, in Helm's words.
pub fn source_date_epoch(host: &dyn Host) -> Result<Option<u64>> {
    let Some(text) = host.env("SOURCE_DATE_EPOCH").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let fault = |why: String| {
        Err(Fault::new(FaultKind::Usage, format!("invalid SOURCE_DATE_EPOCH: {why}")))
    };
    match text.parse::<i64>() {
        Ok(seconds) => match u64::try_from(seconds) {
            Ok(seconds) => Ok(Some(seconds)),
            Err(_) => fault("must not be negative".into()),
        },
        Err(_) => {
            let shown = crate::golang::quote::quote(text.as_bytes());
            fault(format!("strconv.ParseInt: parsing {shown}: invalid syntax"))
        }
    }
}

/// Writes a chart to `folder/NAME-VERSION.tgz`, making the folder, and returns the path.
///
/// `epoch` is the time of all entries, and of the lock inside.
/// Errors: a schema that is no JSON, what the disk says.
pub fn save(host: &dyn Host, chart: &Chart, folder: &str, epoch: Option<u64>) -> Result<PathBuf> {
    let fault = |message: String| Fault::new(FaultKind::Io, message);
    let metadata = &chart.metadata;
    let name = format!("{}-{}.tgz", metadata.name, metadata.version);
    let path = PathBuf::from(filepath::join(folder, &name));
    let folder = path.parent().map_or(Path::new("."), |parent| {
        if parent.as_os_str().is_empty() { Path::new(".") } else { parent }
    });
    match host.stat(folder, true) {
        Ok(stat) if stat.kind != FileKind::Dir => {
            return Err(fault(format!("is not a directory: {}", folder.display())));
        }
        Ok(_) => {}
        Err(_) => mkdir_all(host, folder).map_err(fault)?,
    }
    let bytes = archive(chart, epoch)?;
    host.write(&path, &bytes).map_err(|error| fault(path_error("open", &path, &error)))?;
    Ok(path)
}

/// A chart as a gzip-packed tar.
///
/// Errors: a schema that is no JSON.
pub fn archive(chart: &Chart, epoch: Option<u64>) -> Result<Vec<u8>> {
    // No name, no time: the header is the same everywhere.
    let packed = GzBuilder::new().write(Vec::new(), Compression::best());
    let mut writer = Writer { tar: tar::Builder::new(packed), epoch };
    writer.chart(chart, "")?;
    let finish = |mut tar: tar::Builder<flate2::write::GzEncoder<Vec<u8>>>| {
        tar.finish()?;
        tar.into_inner()?.finish()
    };
    finish(writer.tar).map_err(|error| broken(&error))
}

fn broken(error: &std::io::Error) -> Fault {
    Fault::new(FaultKind::Io, format!("writing the archive: {error}"))
}

struct Writer<W: std::io::Write> {
    tar: tar::Builder<W>,
    epoch: Option<u64>,
}

impl<W: std::io::Write> Writer<W> {
    fn chart(&mut self, chart: &Chart, above: &str) -> Result<()> {
        let base = format!("{above}{}/", chart.metadata.name);
        let mut metadata = chart.metadata.clone();
        let is_old = metadata.api_version == "v1";
        if is_old {
            // They stand in requirements.yaml.
            metadata.dependencies = None;
        }
        self.file(&format!("{base}Chart.yaml"), &metadata.to_yaml())?;
        if let Some(lock) = chart.lock.as_ref().filter(|_| !is_old) {
            self.file(&format!("{base}Chart.lock"), &self.stamped(lock).to_yaml())?;
        }
        if let Some(values) = &chart.raw_values {
            self.file(&format!("{base}values.yaml"), values)?;
        }
        if let Some(schema) = &chart.schema {
            if serde_json::from_slice::<serde::de::IgnoredAny>(schema).is_err() {
                return Err(Fault::new(FaultKind::Chart, "invalid JSON in values.schema.json"));
            }
            self.file(&format!("{base}values.schema.json"), schema)?;
        }
        for file in chart.templates.iter().chain(&chart.files) {
            self.file(&format!("{base}{}", file.name), &file.data)?;
        }
        for child in &chart.dependencies {
            self.chart(child, &format!("{base}charts/"))?;
        }
        Ok(())
    }

    fn stamped(&self, lock: &Lock) -> Lock {
        let mut lock = lock.clone();
        if let Some(text) = self.epoch.and_then(|seconds| timestamp(seconds as i64, 0)) {
            lock.generated = text;
        }
        lock
    }

    fn file(&mut self, path: &str, data: &[u8]) -> Result<()> {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o644);
        header.set_size(data.len() as u64);
        header.set_mtime(self.epoch.unwrap_or(PLAIN_TIME));
        self.tar.append_data(&mut header, path, data).map_err(|error| broken(&error))
    }
}

/// A time as Go writes it into JSON, in UTC; none for one beyond the year 9999.
pub fn timestamp(seconds: i64, nanos: u32) -> Option<String> {
    Time::unix(seconds, nanos, Zone::utc()).to_rfc3339().ok()
}

/// Unpacks a chart's archive into a folder of its name below `folder`, as `pull --untar` does,
/// and returns that folder.
///
/// Entries cannot leave it: names are cleaned, links are not made, and an entry behind a link
/// that was there before is refused.
/// Errors: an archive that is none, is too large or leaves its folder, what the disk says.
pub fn unpack(host: &dyn Host, bytes: &[u8], folder: &Path) -> Result<PathBuf> {
    let fault = |message: String| Fault::new(FaultKind::Chart, message);
    let entries = crate::chart::archive::read(bytes).map_err(fault)?;
    let name = entries.iter().rfind(|entry| entry.name == "Chart.yaml").map_or_else(
        || Err(fault("chart name not specified".into())),
        |entry| {
            let doc = crate::values::read::single(&entry.data, crate::source::SourceId::NONE);
            let name = doc.map(|doc| doc.get("name").and_then(|it| it.as_str().map(String::from)));
            name.map_err(|error| error.context("cannot load Chart.yaml"))
        },
    )?;
    let shown = |name: &str| crate::golang::quote::quote(name.as_bytes());
    let name = match name.as_deref() {
        None | Some("") => return Err(fault("chart name not specified".into())),
        Some(dots @ ("." | "..")) => {
            return Err(fault(format!("chart name {} is not allowed", shown(dots))));
        }
        Some(name) if name.contains(['/', '\\']) => {
            let shown = shown(name);
            return Err(fault(format!("chart name {shown} must not contain path separators")));
        }
        Some(name) => name.to_string(),
    };
    let root = folder.join(name);
    for entry in entries {
        let path = root.join(&entry.name);
        refuse_links(host, &root, &path)?;
        let parent = path.parent().unwrap_or(&root);
        mkdir_all(host, parent).map_err(fault)?;
        host.write(&path, &entry.data).map_err(|error| fault(path_error("open", &path, &error)))?;
    }
    Ok(root)
}

/// No part of the way below `root` may be a link: what it leads to is not ours to write.
fn refuse_links(host: &dyn Host, root: &Path, path: &Path) -> Result<()> {
    for part in path.ancestors().take_while(|part| part.starts_with(root)) {
        if host.stat(part, false).is_ok_and(|stat| stat.kind == FileKind::Symlink) {
            return Err(Fault::new(
                FaultKind::Chart,
                format!("refusing to write through the symbolic link {}", part.display()),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::chart::{File, Metadata};

    fn chart() -> Chart {
        let text = |name: &str, data: &str| File {
            name: name.into(),
            data: Bytes::copy_from_slice(data.as_bytes()),
        };
        let yaml = b"name: c\nversion: 1.2.3\napiVersion: v2\n";
        let doc = crate::values::read::single(yaml, crate::source::SourceId::NONE);
        let mut metadata = Metadata::default();
        metadata.decode(&doc.expect("YAML")).expect("metadata");
        Chart {
            metadata,
            raw_values: Some(Bytes::from_static(b"a: 1\n")),
            templates: vec![text("templates/t.yaml", "kind: A\n")],
            files: vec![text("README.md", "# c\n")],
            ..Chart::default()
        }
    }

    #[test]
    fn archives_are_the_same_every_time_and_read_back() {
        let bytes = archive(&chart(), None).expect("an archive");
        assert_eq!(bytes, archive(&chart(), None).expect("an archive"));
        assert_eq!(bytes[3..8], [0; 5], "no name, no time");
        let entries = crate::chart::archive::read(&bytes).expect("entries");
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["Chart.yaml", "values.yaml", "templates/t.yaml", "README.md"]);
        assert_eq!(&entries[0].data[..], b"apiVersion: v2\nname: c\nversion: 1.2.3\n");
    }

    /// Archives that would write elsewhere, each in its own words.
    #[test]
    fn archives_stay_in_their_folder() {
        let pack = |name: &str, path: &str| {
            let packed = GzBuilder::new().write(Vec::new(), Compression::fast());
            let mut tar = tar::Builder::new(packed);
            let chart = format!("apiVersion: v2\nname: \"{name}\"\nversion: 1.0.0\n");
            for (path, text) in [("c/Chart.yaml", chart.as_str()), (path, "x")] {
                let mut header = tar::Header::new_gnu();
                // The crate would refuse such names; a careless writer would not.
                header.as_gnu_mut().expect("gnu").name[..path.len()]
                    .copy_from_slice(path.as_bytes());
                header.set_size(text.len() as u64);
                header.set_cksum();
                tar.append(&header, text.as_bytes()).expect("an entry");
            }
            tar.into_inner().and_then(flate2::write::GzEncoder::finish).expect("an archive")
        };
        let folder = Path::new("/nowhere/at/all");
        for (name, path, why) in [
            ("c", "c/../../x", "chart illegally references parent directory"),
            ("c", "c//etc/x", "chart illegally contains absolute paths"),
            ("..", "c/x", "chart name \"..\" is not allowed"),
            ("a/b", "c/x", "chart name \"a/b\" must not contain path separators"),
            ("", "c/x", "chart name not specified"),
        ] {
            let fault = unpack(&crate::host::RealHost, &pack(name, path), folder);
            assert_eq!(fault.expect_err(path).message(), why);
        }
    }

    #[test]
    fn a_broken_schema_is_refused() {
        let mut chart = chart();
        chart.schema = Some(Bytes::from_static(b"{"));
        let fault = archive(&chart, None).expect_err("no JSON");
        assert_eq!(fault.message(), "invalid JSON in values.schema.json");
    }
}
