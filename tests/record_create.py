"""Records what the chart of `helm create` renders to, for tests/create.rs.

Usage: HELM=/path/to/helm python3 tests/record_create.py
"""

import os
import pathlib
import subprocess
import tempfile

CASES = {
    "defaults": [],
    "exposed": [
        "--set", "ingress.enabled=true,ingress.className=nginx,httpRoute.enabled=true",
        "--set", "autoscaling.enabled=true,autoscaling.targetMemoryUtilizationPercentage=70",
        "--set-json", 'ingress.tls=[{"secretName":"web-tls","hosts":["a.example","b.example"]}]',
    ],
    "filled": [
        "--set", "image.tag=2,replicaCount=3,service.port=8080,service.type=NodePort",
        "--set", "podAnnotations.a=b,podLabels.c=d,podSecurityContext.fsGroup=2000",
        "--set", "securityContext.runAsUser=1,imagePullSecrets[0].name=x,livenessProbe=null",
        "--set", "resources.limits.cpu=1,nodeSelector.a=b,tolerations[0].key=a",
        "--set", "serviceAccount.name=own,serviceAccount.annotations.a=b,nameOverride=other",
        "--set-json", 'volumes=[{"name":"foo","emptyDir":{}}]',
        "--set-json", 'volumeMounts=[{"name":"foo","mountPath":"/foo"}]',
    ],
}


def main() -> None:
    helm = os.environ.get("HELM", "helm")
    out = pathlib.Path(__file__).parent / "cases" / "create"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([helm, "create", "web"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        for name, flags in CASES.items():
            args = [helm, "template", "shop", "web", *flags]
            done = subprocess.run(args, cwd=folder, check=True, capture_output=True)
            (out / f"{name}.out").write_bytes(done.stdout)
            (out / f"{name}.args").write_text("\n".join(flags) + "\n" if flags else "")


if __name__ == "__main__":
    main()
