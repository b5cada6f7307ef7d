"""One PostgreSQL for the run; for each test a service of its own, on SQLite and on PostgreSQL."""

import ast
import contextlib
import os
import pathlib
import uuid

import pytest
from harness import cli, postgres
from harness.service import Service

for name in list(os.environ):  # what the clients within this process would take for their own settings
    if name.startswith("OS_") or name.lower().endswith("_proxy"):
        del os.environ[name]


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # else of a worker, who uses the cluster of the one that started it
        config.cluster = postgres.start()
        config.pluginmanager.register(Progress(config))


class Progress:
    """Says which client is driven, when the first of its tests begins: what the module of these says first of itself."""

    def __init__(self, config):
        self._config = config
        self._said = set()

    def pytest_runtest_logstart(self, location):
        module = pathlib.Path(self._config.rootpath, location[0])
        if module not in self._said:
            self._said.add(module)
            about = ast.get_docstring(ast.parse(module.read_text()))
            reporter = self._config.pluginmanager.get_plugin("terminalreporter")
            reporter.write_line(f"\nclients: {about.split(':')[0]}")
            reporter.flush()


def pytest_unconfigure(config):
    if hasattr(config, "cluster"):
        postgres.stop(config.cluster)


@pytest.fixture(params=["sqlite", "postgres"])
def start(request, tmp_path):
    """Starts services over fresh databases, with flags of `serve`; each is judged when the test ends."""
    with contextlib.ExitStack() as stops:

        def start(*flags, environment=None):
            name = f"clients_{uuid.uuid4().hex}"
            of_engine = {"sqlite": lambda: f"sqlite://{tmp_path / name}.db", "postgres": lambda: postgres.create(name)}
            service = Service(of_engine[request.param](), tmp_path / f"{name}.log", *flags, environment=environment)
            stops.callback(service.stop)
            return service

        yield start


@pytest.fixture
def service(start):
    return start()


@pytest.fixture
def cinder(service, tmp_path):
    """The command line of python-cinderclient as a user of a project."""

    def cinder(user, project, *words):
        where = ["--os-endpoint", f"{service.url}/v3", "--os-user-id", user, "--os-project-id", project]
        return cli.run(["cinder", "--os-auth-type", "noauth", *where, *words], tmp_path)

    return cinder


@pytest.fixture
def quota(cinder):
    """Sets what a project may have, as an admin does it."""

    def quota(project, **limits):
        words = [word for name, limit in limits.items() for word in (f"--{name}", str(limit))]
        cinder("admin", "operations", "quota-update", *words, project).well()

    return quota
