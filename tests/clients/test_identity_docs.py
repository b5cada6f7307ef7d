"""docs/identity.md: every block is run as it stands, but for addresses and the folder of secrets, and has the effect that is told."""

import os
import pathlib
import pty
import re
import shlex
import subprocess
import textwrap

import pytest
from harness import cli
from harness.document import ADDRESS
from harness.keystone import PASSWORD, Keystone

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "identity.md"
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
BLOCKS = [textwrap.dedent(text) for _, _, text in FENCE.findall(PAGE.read_text())]
BELIEVED, SERVE, COMMANDS, DOCUMENT, CREDENTIAL, ACCESS_KEY, POLICY, ACCOUNT, SETTINGS, CATALOGUE = BLOCKS
ADMIN, SEAL = "--admin-password=correct horse battery staple", f"--seal-key={'k' * 32}"
VOLUME = "c86b9af4-151d-4ead-b62c-5fb967af0e37"


def lines(block):
    """The commands of a block, in words without the program's own name."""
    return [shlex.split(line)[1:] for line in block.splitlines() if line]


def as_user(url, password, user="alice", project="alpha"):
    return {
        "OS_AUTH_URL": url,
        "OS_USERNAME": user,
        "OS_PASSWORD": password,
        "OS_PROJECT_NAME": project,
        "OS_USER_DOMAIN_NAME": "Default",
        "OS_PROJECT_DOMAIN_NAME": "Default",
        "OS_IDENTITY_API_VERSION": "3",
    }


def built_in(start):
    (words,) = lines(SERVE)
    assert words[0] == "serve"
    return start(*words[1:], ADMIN, SEAL)


def test_whoever_signs_in_is_believed(service, tmp_path):
    block = BELIEVED.replace(ADDRESS, service.url)
    environment = cli.clean_environment(tmp_path)
    subprocess.run(["bash", "-ec", block], env=environment, cwd=tmp_path, check=True, capture_output=True)
    alice = as_user(f"{service.url}/identity/v3", "anything")
    listed = cli.run(["openstack", "volume", "list", "-f", "json"], tmp_path, **alice).json()
    assert [row["Name"] for row in listed] == ["gift"]


def test_the_command_makes_a_user_who_makes_credentials(start, tmp_path):
    service = built_in(start)
    secret = tmp_path / "alice"
    secret.write_text("alice-secret\n")
    for words in lines(COMMANDS.replace("/run/secrets/alice", str(secret))):
        service.command(*words)
    alice = as_user(f"{service.url}/identity/v3", "alice-secret")
    (words,) = lines(CREDENTIAL)
    made = cli.run(["openstack", *words, "-f", "json"], tmp_path, **alice).json()
    by_credential = {
        "OS_AUTH_TYPE": "v3applicationcredential",
        "OS_AUTH_URL": alice["OS_AUTH_URL"],
        "OS_APPLICATION_CREDENTIAL_ID": made["ID"],
        "OS_APPLICATION_CREDENTIAL_SECRET": made["Secret"],
    }
    assert cli.run(["openstack", "volume", "list", "-f", "json"], tmp_path, **by_credential).json() == []
    (words,) = lines(ACCESS_KEY)
    assert '"secret"' in service.command(*words, SEAL)


def test_a_document_holds_its_cast(start, tmp_path):
    service = built_in(start)
    (tmp_path / "cast.yaml").write_text(DOCUMENT)
    service.command("import", str(tmp_path / "cast.yaml"), SEAL)
    alice = as_user(f"{service.url}/identity/v3", "alice-secret")
    listed = cli.run(["openstack", "volume", "list", "-f", "json"], tmp_path, **alice).json()
    assert [row["ID"] for row in listed] == [VOLUME]


def test_a_policy_file_is_taken(start, tmp_path):
    (tmp_path / "policy.yaml").write_text(POLICY)
    start(f"--policy={tmp_path / 'policy.yaml'}")


@pytest.fixture
def keystone(tmp_path):
    """One of the test's own: the page makes what others share."""
    keystone = Keystone(tmp_path)
    keystone.admin.delete_user(keystone.admin.find_user("handover"))
    yield keystone
    keystone.stop()


def at_a_terminal(words, environment, typed):
    """Runs a program that asks for something at its terminal, and types it each time."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(words[0], words, environment)
    seen = b""
    while True:
        try:
            read = os.read(terminal, 4096)
        except OSError:  # the program has ended
            break
        seen += read
        if read.rstrip(b" ").endswith(b":"):
            os.write(terminal, typed.encode() + b"\n")
    assert os.waitpid(pid, 0)[1] == 0, seen.decode()


def test_a_service_is_set_up_beside_keystone(start, tmp_path, keystone):
    admin = as_user(keystone.url, PASSWORD, "admin", "admin")
    create, give = lines(ACCOUNT)
    environment = cli.clean_environment(tmp_path) | admin
    at_a_terminal([str(cli.PROGRAMS / "openstack"), *create], environment, "the service's own")
    cli.run(["openstack", *give], tmp_path, **admin).well()
    (tmp_path / "secret").write_text("the service's own")
    settings = SETTINGS.replace("https://identity.example.org:5000", keystone.url)
    settings = settings.replace("/run/secrets/keystone", str(tmp_path / "secret"))
    # a cloud has its region already, and in it its Keystone
    keystone.admin.create_region(id="RegionOne")
    identity = keystone.admin.find_service("keystone")
    keystone.admin.create_endpoint(service_id=identity.id, interface="public", region_id="RegionOne", url=keystone.url)
    service = start(environment=dict(line.split("=", 1) for line in settings.splitlines()))
    for words in lines(CATALOGUE.replace("https://volumes.example.org", service.url)):
        cli.run(["openstack", *words], tmp_path, **admin).well()
    keystone.user("alice", keystone.project("alpha"), "member")
    alice = as_user(keystone.url, PASSWORD) | {"OS_REGION_NAME": "RegionOne"}
    cli.run(["openstack", "volume", "create", "--size", "1", "gift"], tmp_path, **alice).well()
    listed = cli.run(["openstack", "volume", "list", "-f", "json"], tmp_path, **alice).json()
    assert [row["Name"] for row in listed] == ["gift"]
