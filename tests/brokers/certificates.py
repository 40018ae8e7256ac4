"""Certificates for servers on loopback, made by openssl in a folder of a test."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def made(folder: Path) -> Path:
    """Make an authority, a server whom it vouches for, and an authority that vouches for nobody; return the folder.

    `ca.pem` and `other.pem` are the authorities, `server.pem` and `server.key` the server's, `both.pem` these in one.
    """
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder.mkdir()
    for name in ("ca", "other"):
        _openssl(folder, "req", "-x509", *_key(name), "-out", f"{name}.pem", "-days", "2")
    _openssl(folder, "req", *_key("server"), "-out", "server.csr")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names", "-days", "2"]
    _openssl(folder, "x509", "-req", "-in", "server.csr", *signed, "-out", "server.pem")
    (folder / "both.pem").write_bytes((folder / "server.key").read_bytes() + (folder / "server.pem").read_bytes())
    return folder


def _key(name: str) -> list[str]:
    return ["-newkey", "rsa:2048", "-nodes", "-subj", f"/CN=dq-{name}", "-keyout", f"{name}.key"]


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
