#!/usr/bin/env python3
"""Records what Helm v4.3.1 does for the command lines in tests/cases/dropin/lines.txt.

  record_dropin.py [HELM]      HELM: path of the binary, else $HELM, else `helm`

Makes the served files first: packages of `kid` as a repository, and the same as a registry would
serve them. Then runs each group of lines in a fresh copy of `tree/`, with homes of its own and
nothing else in the environment but what a line sets, against a small server on loopback. Written: served/ and
cases.jsonl, one object a line: group, env, args, stdin, exit, stdout, stderr; at the end of a group the
locks and lists of repositories that it leaves. <WORK>, <PORT> and <TIME> stand for what differs
from run to run.
"""
import hashlib
import http.server
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading

helm = shutil.which(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("HELM", "helm"))
root = pathlib.Path(__file__).parent / "cases" / "dropin"
served = root / "served"


def run(args, cwd, home, stdin=b"", more=None):
    environment = {
        "PATH": "/usr/bin:/bin", "TZ": "UTC", "HOME": f"{home}/home",
        "HELM_CONFIG_HOME": f"{home}/config", "HELM_CACHE_HOME": f"{home}/cache",
        "HELM_DATA_HOME": f"{home}/data", **(more or {}),
    }
    return subprocess.run(["helm", *args], executable=helm, cwd=cwd, env=environment, input=stdin,
                          capture_output=True)


def make_served():
    shutil.rmtree(served, ignore_errors=True)
    repository = served / "repository"
    repository.mkdir(parents=True)
    fixed = {"SOURCE_DATE_EPOCH": "1700000000"}
    with tempfile.TemporaryDirectory() as home:
        for version in ["0.1.0", "0.2.0", "0.3.0-rc.1"]:
            args = ["package", root / "tree" / "kid", "-d", repository, "--version", version]
            if version == "0.2.0":
                args += ["--sign", "--key", "edward@", "--keyring", root / "tree/keys/secret.gpg"]
            assert run(args, root, home, more=fixed).returncode == 0
        assert run(["repo", "index", repository], root, home, more=fixed).returncode == 0
    index = repository / "index.yaml"
    index.write_text(re.sub(r'"\d{4}-[^"]*Z"', '"2024-01-01T00:00:00Z"', index.read_text()))
    # The registry holds the first two of them.
    blobs = served / "v2" / "charts" / "kid" / "blobs"
    blobs.mkdir(parents=True)

    def blob(data):
        digest = hashlib.sha256(data).hexdigest()
        (blobs / f"sha256-{digest}").write_bytes(data)
        return {"digest": f"sha256:{digest}", "size": len(data)}

    manifests = blobs.parent / "manifests"
    manifests.mkdir()
    versions = ["0.1.0", "0.2.0"]
    for version in versions:
        config = {"mediaType": "application/vnd.cncf.helm.config.v1+json",
                  **blob(b'{"name":"kid","version":"%s","apiVersion":"v2"}' % version.encode())}
        archive = repository / f"kid-{version}.tgz"
        layers = [{"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                   **blob(archive.read_bytes())}]
        signature = archive.with_name(archive.name + ".prov")
        if signature.exists():
            layers.append({"mediaType": "application/vnd.cncf.helm.chart.provenance.v1.prov",
                           **blob(signature.read_bytes())})
        manifest = json.dumps({"schemaVersion": 2, "config": config, "layers": layers}).encode()
        (manifests / version).write_bytes(manifest)
        (manifests / f"sha256-{hashlib.sha256(manifest).hexdigest()}").write_bytes(manifest)
    (blobs.parent / "tags").mkdir()
    (blobs.parent / "tags" / "list").write_text(
        json.dumps({"name": "charts/kid", "tags": versions}))


class Server(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        file = served / self.path.split("?")[0].lstrip("/").replace(":", "-")
        body, status = (file.read_bytes(), 200) if file.is_file() else (b"{}", 404)
        self.send_response(status)
        is_manifest = "/manifests/" in self.path and status == 200
        self.send_header("Content-Type", "application/vnd.oci.image.manifest.v1+json"
                         if is_manifest else "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET


def main():
    version = subprocess.run([helm, "version", "--short"], capture_output=True, text=True)
    if not version.stdout.startswith("v4.3.1"):
        sys.exit(f"{helm} is {version.stdout.strip()}, not v4.3.1")
    make_served()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = str(server.server_address[1])
    cases, group, stdin, work = [], None, "", None

    def plain(text):
        # Helm takes a provenance file for a broken chart, and names a folder of the moment.
        text = re.sub(r"Could not verify \S+\.prov for moving: .*?\(Skipping\)", "", text)
        # Named after an address, which has the port in it.
        text = re.sub("helm-manager-[0-9a-f]{64}", "helm-manager-<DIGEST>", text)
        return text.replace(str(work), "<WORK>").replace(f":{port}", ":<PORT>")

    def left():
        """The locks and lists of repositories that a group leaves behind."""
        if work is None:
            return
        files = sorted([*work.rglob("Chart.lock"), *work.glob("config/repositories.yaml")])
        texts = {str(file.relative_to(work)): re.sub(r'"2[^"]*Z"', '"<TIME>"', plain(file.read_text()))
                 for file in files}
        cases.append({"group": group, "files": texts})

    for line in (root / "lines.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            left()
            group, stdin = line.strip("[]"), ""
            work = pathlib.Path(tempfile.mkdtemp()) / "w"
            shutil.copytree(root / "tree", work)
            for chart in work.rglob("Chart.yaml"):
                chart.write_text(chart.read_text().replace("<PORT>", port))
            continue
        if line.startswith("> "):
            _, path, text = line.split(" ", 2)
            text = text.replace("\\n", "\n")
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_text(text.replace("<PORT>", port))
            cases.append({"group": group, "put": path, "text": text})
            continue
        if line.startswith("< "):
            stdin = line[2:].replace("\\n", "\n") + "\n"
            continue
        words = shlex.split(line)
        env = {}
        while words and re.match("[A-Z_]+=", words[0]):
            name, value = words.pop(0).split("=", 1)
            env[name] = value
        more = {name: value.replace("<WORK>", str(work)) for name, value in env.items()}
        args = [word.replace("<PORT>", port) for word in words]
        result = run(args, work, work, stdin.encode(), more)
        case = {"group": group, "env": env or "", "args": words, "stdin": stdin,
                "exit": result.returncode, "stdout": plain(result.stdout.decode()),
                "stderr": plain(result.stderr.decode())}
        cases.append({key: value for key, value in case.items() if value != ""})
    left()
    text = "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases)
    (root / "cases.jsonl").write_text(text)
    print(f"{len(cases)} cases")


main()
