"""nginx and Apache, as docs/hosting.md sets them up, in a folder of a test."""

import os
import re
import shlex
import shutil
import ssl
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.hosting import documented
from tests.hosting.documented import BIN, ROOT
from tests.postgres import NOBODY, is_root

PREFIX = "/crm"
_NGINX = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    {paths}
    {server}
}}
"""
_PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_APACHE = """
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
ErrorLog {folder}/output
Listen 127.0.0.1:{port}
{modules}
WSGISocketPrefix {folder}/wsgi
{host}
"""
_MODULES = ("mpm_event", "authz_core", "alias", "reqtimeout", "wsgi")
_APACHE_MODULES = Path("/usr/lib/apache2/modules")


def nginx(folder: Path, port: int, behind: int, location: str = "") -> dict[str, Any]:
    """Return how to run nginx with TLS before the server on the port `behind`.

    `location` is another location block, from which the path and the address are taken.
    """
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        pytest.skip("nginx isn't installed")
    server = documented.block("nginx", "nginx")
    if location:
        for part in (r"location \S+ \{", r"proxy_pass \S+;"):
            found = re.search(part, location)
            assert found
            server = re.sub(part, found[0], server, count=1)
    server = server.replace("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;")
    server = server.replace("127.0.0.1:8000", f"127.0.0.1:{behind}")
    server = server.replace("/etc/letsencrypt/live/crm.example.com", str(folder))
    text = _NGINX.format(
        folder=folder,
        user="user root;" if is_root() else "",
        paths="\n    ".join(f"{name}_temp_path {folder}/{name};" for name in _PATHS),
        server=server,
    )
    (folder / "nginx.conf").write_text(text)
    return {
        "proxy": [program, "-e", "stderr", "-c", str(folder / "nginx.conf")],
        "proxy_port": port,
        "tls": certificate(folder),
    }


def certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate, and return what trusts it."""
    pem, key = folder / "fullchain.pem", folder / "privkey.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", *subject),
            *("-keyout", str(key), "-out", str(pem)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(cafile=str(pem))
    # The connections of the tests have no name to ask for.
    context.check_hostname = False
    return context


def prefixed(number: int, port: int) -> tuple[list[str], dict[str, str], str]:
    """Return a command under a prefix, its environment, and the location for nginx."""
    location = documented.block("Under a path prefix", "nginx", number)
    line = documented.block("Under a path prefix", "console", number).strip().removeprefix("$ ")
    settings, start, rest = line.partition(BIN)
    given = dict(pair.split("=", 1) for pair in shlex.split(settings))
    return documented.command(start + rest, port), given, location


def apache(folder: Path, port: int) -> tuple[list[str], dict[str, Any]]:
    """Return how to run Apache with mod_wsgi: without TLS, which nginx is tested with."""
    program = shutil.which("apache2") or shutil.which("/usr/sbin/apache2")
    if program is None or not (_APACHE_MODULES / "mod_wsgi.so").exists():
        pytest.skip("Apache with mod_wsgi isn't installed")
    host = documented.block("mod_wsgi", "apache")
    host = re.sub(r"^ +SSL.*\n", "", host, flags=re.M).replace("*:443", f"127.0.0.1:{port}")
    host = host.replace("/srv/tofa-crm/.venv", str(_venv(folder)))
    host = host.replace("/srv/tofa-crm", str(ROOT)).replace(" user=tofa", "")
    host = host.replace("/var/log/apache2", str(folder))
    text = _APACHE.format(
        folder=folder,
        port=port,
        modules="\n".join(
            f"LoadModule {name}_module {_APACHE_MODULES}/mod_{name}.so" for name in _MODULES
        ),
        host=host,
    )
    (folder / "apache.conf").write_text(text)
    command = [program, "-f", str(folder / "apache.conf"), "-DFOREGROUND"]
    if not is_root():
        return command, {}
    # mod_wsgi runs no app as root.
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return command, {"user": NOBODY}


def _venv(folder: Path) -> Path:
    """Make a virtual environment of the Python that mod_wsgi has, with what this one has."""
    python, made = "/usr/bin/python3", folder / "venv"
    question = "import sys; print('%d.%d' % sys.version_info[:2])"
    version = subprocess.run([python, "-c", question], check=True, capture_output=True, text=True)
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    if version.stdout.strip() != ours:
        pytest.skip(f"mod_wsgi has Python {version.stdout.strip()}, and the tests {ours}")
    subprocess.run([python, "-m", "venv", "--without-pip", str(made)], check=True)
    packages = made / "lib" / f"python{ours}" / "site-packages"
    (packages / "tested.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return made


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a server behind one proxy."""
    return {**given, "TRUSTED_PROXIES": "1"}
