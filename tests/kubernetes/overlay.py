"""Puts an overlay of deploy/kubernetes together as kustomize does, as far as ours use it:
resources, components, strategic merge patches, maps and secrets that are generated. Names get no
hash, images and namespaces stay as they are. check.sh renders the same with kustomize itself."""

import pathlib

import yaml

UNDERSTOOD = {"apiVersion", "kind", "namespace", "labels", "images", "resources", "components",
              "patches", "configMapGenerator", "secretGenerator"}
# The lists of a pod that are merged by a key; others are replaced.
KEYS = {"containers": "name", "volumes": "name", "volumeMounts": "mountPath", "env": "name",
        "ports": "containerPort"}


def _load(path: pathlib.Path) -> list[dict]:
    with path.open(encoding="utf-8") as text:
        return [document for document in yaml.safe_load_all(text) if document is not None]


def _merge_lists(old: list, new: list, key: str) -> list:
    merged = {entry[key]: entry for entry in old}
    for entry in new:
        merged[entry[key]] = merge(merged[entry[key]], entry) if entry[key] in merged else entry
    return list(merged.values())


def merge(old: dict, patch: dict) -> dict:
    """A null in the patch removes."""
    merged = dict(old)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and isinstance(merged.get(name), dict):
            merged[name] = merge(merged[name], value)
        elif isinstance(value, list) and name in KEYS and isinstance(merged.get(name), list):
            merged[name] = _merge_lists(merged[name], value, KEYS[name])
        else:
            merged[name] = value
    return merged


def _identity(document: dict) -> tuple[str, str]:
    return document["kind"], document["metadata"]["name"]


def _generate(folder: pathlib.Path, kind: str, entry: dict, documents: dict) -> None:
    data = dict(literal.split("=", 1) for literal in entry.get("literals", []))
    for file in entry.get("files", []):
        path = folder / file
        # Of a secret only the operator has the content.
        data[path.name] = path.read_text(encoding="utf-8") if kind == "ConfigMap" else ""
    made = {"kind": kind, "metadata": {"name": entry["name"]}, "data": data}
    known = (kind, entry["name"]) in documents
    if known != (entry.get("behavior") == "merge"):
        state = "there already" if known else "not there"
        raise ValueError(f"{folder}: {entry['name']} is {state}")
    documents[kind, entry["name"]] = merge(documents[kind, entry["name"]], made) if known else made


def _apply(folder: pathlib.Path, documents: dict) -> None:
    (rules,) = _load(folder / "kustomization.yaml")
    if strange := rules.keys() - UNDERSTOOD:
        raise ValueError(f"{folder}: {', '.join(sorted(strange))} is not understood here")
    for resource in rules.get("resources", []):
        path = folder / resource
        if path.is_dir():
            _apply(path, documents)
            continue
        for document in _load(path):
            if _identity(document) in documents:
                raise ValueError(f"{path}: {_identity(document)} is there twice")
            documents[_identity(document)] = document
    for component in rules.get("components", []):
        _apply(folder / component, documents)
    for patch in rules.get("patches", []):
        for document in _load(folder / patch["path"]):
            documents[_identity(document)] = merge(documents[_identity(document)], document)
    for entry in rules.get("configMapGenerator", []):
        _generate(folder, "ConfigMap", entry, documents)
    for entry in rules.get("secretGenerator", []):
        _generate(folder, "Secret", entry, documents)


def assemble(*folders: pathlib.Path) -> list[dict]:
    """The documents of an overlay, and of components over it. ValueError and KeyError name what
    does not fit."""
    documents: dict[tuple[str, str], dict] = {}
    for folder in folders:
        _apply(folder, documents)
    return list(documents.values())
