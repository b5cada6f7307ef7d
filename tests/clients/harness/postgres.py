"""A real PostgreSQL of our own, started once a run and gone when the run is."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

WATCHER = pathlib.Path(__file__).parents[2] / "support" / "postgres.sh"
# Workers of one run share the cluster: the process that starts it says so in the environment that they inherit.
ADDRESS, PROGRAMS = "HANDOVER_TEST_POSTGRES", "HANDOVER_TEST_POSTGRES_PROGRAMS"


def start():
    """Starts the cluster; it lives until the returned process's standard input is closed."""
    programs = _programs()
    root = pathlib.Path(tempfile.mkdtemp(prefix="handover-clients-", dir=_place()))
    root.chmod(0o755)
    shell = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(root, "postgres", "postgres")
        shell = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        port = any_port.getsockname()[1]
    options = f"-p {port} -k {root} -c listen_addresses=127.0.0.1 -c max_connections=300 -c fsync=off -c synchronous_commit=off"
    watcher = subprocess.Popen(
        [*shell, "/bin/sh", "-c", WATCHER.read_text(), programs, root, options],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # an interrupt from the keyboard ends us, not the one who cleans up after us
    )
    said = watcher.stdout.readline()
    assert said == b"ready\n", f"PostgreSQL does not start: {(root / 'log').read_text()}"
    os.environ[ADDRESS], os.environ[PROGRAMS] = f"127.0.0.1:{port}", str(programs)
    return watcher


def stop(watcher):
    watcher.stdin.close()
    watcher.wait(60)


def create(name):
    """A new and empty database; its URL."""
    host, port = os.environ[ADDRESS].split(":")
    program = pathlib.Path(os.environ[PROGRAMS]) / "createdb"
    subprocess.run([program, "-h", host, "-p", port, "-U", "postgres", name], check=True)
    return f"postgres://postgres@{host}:{port}/{name}"


def _programs():
    """The folder of the newest PostgreSQL's programs: Debian's, else those in the PATH."""
    versions = [path for path in pathlib.Path("/usr/lib/postgresql").glob("*") if path.name.isdigit()]
    newest = sorted(versions, key=lambda path: int(path.name), reverse=True)
    in_path = os.environ["PATH"].split(os.pathsep)
    for folder in [path / "bin" for path in newest] + [pathlib.Path(path) for path in in_path]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise FileNotFoundError("no PostgreSQL on this machine: run scripts/test, which installs it")


def _place():
    """In memory where there is room."""
    memory = pathlib.Path("/dev/shm")
    return memory if memory.exists() and shutil.disk_usage(memory).free > 1 << 30 else None
