"""The identity that the service itself has, by OpenStack's and Huawei's own clients: everybody believed, and users of its own."""

import dataclasses
import json

import openstack
import pytest
from cinderclient import client as cinderclient
from harness import cli
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkevs.v2 import (
    CinderAcceptVolumeTransferOption,
    CinderAcceptVolumeTransferRequest,
    CinderAcceptVolumeTransferRequestBody,
    CinderCreateVolumeTransferRequest,
    CinderCreateVolumeTransferRequestBody,
    CinderDeleteVolumeTransferRequest,
    CinderListQuotasRequest,
    CinderListVolumeTransfersRequest,
    CinderShowVolumeTransferRequest,
    CreateVolumeTransferOption,
    EvsClient,
    ListVolumesRequest,
    ShowVolumeRequest,
)
from keystoneauth1 import session
from keystoneauth1.identity import v3
from openstack import exceptions

ADMIN, SECRET = "correct horse battery staple", "a-secret-!#=~*%&@-of-theirs"
BUILT_IN = ["--auth=builtin", f"--admin-password={ADMIN}", f"--seal-key={'k' * 32}"]
TRANSFER = ("volume", "transfer", "request")
JSON = ("-f", "json")


@dataclasses.dataclass
class Site:
    """A service with two projects and a user on each."""

    service: object
    is_built_in: bool

    def settings(self, user, project, password=SECRET):
        return {
            "OS_AUTH_URL": f"{self.service.url}/identity/v3",
            "OS_IDENTITY_API_VERSION": "3",
            "OS_USERNAME": user,
            "OS_PASSWORD": password,
            "OS_PROJECT_NAME": project,
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_PROJECT_DOMAIN_NAME": "Default",
        }

    def connect(self, user, project, password=SECRET):
        named = self.settings(user, project, password)
        auth = {name[3:].lower(): value for name, value in named.items() if name != "OS_IDENTITY_API_VERSION"}
        return openstack.connect(load_yaml_config=False, load_envvars=False, auth=auth, region_name="RegionOne")

    def project_id(self, name):
        return self.connect("admin", "admin", ADMIN).identity.find_project(name).id

    def handover(self, *words):
        """The command, where the database is."""
        said = self.service.command(*words, f"--seal-key={'k' * 32}")
        return json.loads(said) if said else None


def make_cast(identity):
    """Two projects, and a member on each, as a script on openstacksdk makes them."""
    member = identity.find_role("member")
    for name, project in (("alice", "alpha"), ("bob", "beta")):
        made = identity.find_project(project) or identity.create_project(name=project, domain_id="default")
        user = identity.find_user(name) or identity.create_user(name=name, password=SECRET, domain_id="default")
        identity.assign_project_role_to_user(made, user, member)


@pytest.fixture(params=["everybody believed", "built-in"])
def site(request, start):
    is_built_in = request.param == "built-in"
    site = Site(start(*(BUILT_IN if is_built_in else [])), is_built_in)
    make_cast(site.connect("admin", "admin", ADMIN).identity)
    return site


@pytest.fixture
def built_in(start):
    site = Site(start(*BUILT_IN), True)
    make_cast(site.connect("admin", "admin", ADMIN).identity)
    return site


def test_the_openstack_command_hands_over(site, tmp_path):
    def run(user, project, *words):
        return cli.run(["openstack", *words], tmp_path, **site.settings(user, project))

    assert run("alice", "alpha", "versions", "show", "--service", "identity", *JSON).json()[0]["Status"] in ("CURRENT", "STABLE")
    assert {row["Type"] for row in run("alice", "alpha", "catalog", "list", *JSON).json()} >= {"identity", "block-storage"}
    volume = run("alice", "alpha", "volume", "create", "--size", "1", "first", *JSON).json()["id"]
    made = run("alice", "alpha", *TRANSFER, "create", "first", *JSON).json()
    run("bob", "beta", *TRANSFER, "accept", made["id"], "--auth-key", made["auth_key"]).well()
    assert site.service.owner(volume) == (site.project_id("beta"), "available")
    assert run("alice", "alpha", "volume", "list", *JSON).json() == []
    listed = cli.run(["openstack", "volume", "list", "--project", "beta", *JSON], tmp_path, **site.settings("admin", "admin", ADMIN))
    assert [row["ID"] for row in listed.json()] == [volume]


def test_openstacksdk_and_cinderclient_hand_over(site):
    alice, bob = site.connect("alice", "alpha").block_storage, site.connect("bob", "beta").block_storage
    volume = alice.create_volume(size=1, name="first")
    made = alice.create_transfer(volume_id=volume.id)
    bob.accept_transfer(made.id, made.auth_key)
    assert site.service.owner(volume.id)[0] == site.project_id("beta")

    def cinder(user, project):
        who = {"username": user, "password": SECRET, "project_name": project}
        domains = {"user_domain_name": "Default", "project_domain_name": "Default"}
        auth = v3.Password(f"{site.service.url}/identity/v3", **who, **domains)
        return cinderclient.Client("3.71", session=session.Session(auth=auth))

    back = cinder("bob", "beta").transfers.create(volume.id)
    cinder("alice", "alpha").transfers.accept(back.id, back.auth_key)
    assert site.service.owner(volume.id)[0] == site.project_id("alpha")


def test_the_openstack_command_sees_to_users_and_projects(built_in, tmp_path):
    def run(*words, **who):
        return cli.run(["openstack", *words], tmp_path, **(built_in.settings("admin", "admin", ADMIN) | who))

    made = run("project", "create", "--description", "of a test", "gamma", *JSON).json()
    assert run("project", "create", "--or-show", "gamma", *JSON).json()["id"] == made["id"]
    assert "Conflict" in run("project", "create", "gamma").err
    run("user", "create", "--password", SECRET, "--project", "gamma", "--email", "c@example.org", "carl", *JSON).json()
    run("role", "create", "vault").well()
    run("role", "add", "--user", "carl", "--project", "gamma", "vault").well()
    run("role", "add", "--user", "carl", "--project", "gamma", "reader").well()
    named = run("role", "assignment", "list", "--names", "--user", "carl", *JSON).json()
    assert sorted(row["Role"] for row in named) == ["reader", "vault"]
    assert [row["Name"] for row in run("user", "list", "--project", "gamma", *JSON).json()] == ["carl"]
    assert {row["Name"] for row in run("role", "list", *JSON).json()} >= {"admin", "manager", "member", "reader", "vault"}
    assert run("domain", "list", *JSON).json()[0]["Name"] == "Default"
    assert run("region", "list", *JSON).json()[0]["Region"] == "RegionOne"
    assert run("service", "list", *JSON).json()
    assert run("endpoint", "list", *JSON).json()

    carl = built_in.settings("carl", "gamma")
    assert run("volume", "list", **carl).well()
    assert "Policy doesn't allow volume:create" in run("volume", "create", "--size", "1", "first", **carl).err
    assert run("project", "list", "--my-projects", *JSON, **carl).json()[0]["Name"] == "gamma"
    assert "identity:list_users" in run("user", "list", **carl).err
    run("user", "password", "set", "--password", "another secret", "--original-password", SECRET, **carl).well()
    assert "HTTP 401" in run("token", "issue", **carl).err
    carl["OS_PASSWORD"] = "another secret"
    token = run("token", "issue", *JSON, **carl).json()["id"]
    run("token", "revoke", token, **carl).well()

    run("role", "remove", "--user", "carl", "--project", "gamma", "reader").well()
    run("quota", "set", "--volumes", "3", "gamma").well()
    run("user", "set", "--disable", "carl").well()
    assert "HTTP 401" in run("token", "issue", **carl).err
    assert run("user", "show", "carl", *JSON).json()["enabled"] is False
    run("project", "set", "--disable", "gamma").well()
    run("user", "delete", "carl").well()
    run("project", "delete", "gamma").well()
    assert "No Project found" in run("project", "show", "gamma").err


def test_an_application_credential_signs_in_and_ends(built_in, tmp_path):
    def run(*words, **who):
        return cli.run(["openstack", *words], tmp_path, **who)

    alice = built_in.settings("alice", "alpha")
    made = run("application", "credential", "create", "ci", "--role", "member", *JSON, **alice).json()
    made = {key.lower(): value for key, value in made.items()}
    ci = {
        "OS_AUTH_URL": alice["OS_AUTH_URL"],
        "OS_AUTH_TYPE": "v3applicationcredential",
        "OS_APPLICATION_CREDENTIAL_ID": made["id"],
        "OS_APPLICATION_CREDENTIAL_SECRET": made["secret"],
    }
    volume = run("volume", "create", "--size", "1", "first", *JSON, **ci).json()["id"]
    assert built_in.service.owner(volume)[0] == built_in.project_id("alpha")
    assert "identity:create_application_credential" in run("application", "credential", "create", "more", **ci).err
    assert [row["Name"] for row in run("application", "credential", "list", *JSON, **alice).json()] == ["ci"]
    run("application", "credential", "delete", "ci", **alice).well()
    assert "HTTP 404" in run("volume", "list", **ci).err


def evs(site, key, project):
    credentials = BasicCredentials(key["access"], key["secret"], project)
    return EvsClient.new_builder().with_credentials(credentials).with_endpoint(site.service.url).build()


def test_huaweis_sdk_signs_with_its_ordinary_credentials(built_in):
    alpha, beta = built_in.project_id("alpha"), built_in.project_id("beta")
    keys = {name: built_in.handover("access-key", "create", name, project) for name, project in (("alice", alpha), ("bob", beta))}
    alice, bob = evs(built_in, keys["alice"], alpha), evs(built_in, keys["bob"], beta)
    volume = built_in.connect("alice", "alpha").block_storage.create_volume(size=1, name="a name, with blanks").id

    def offer(name):
        option = CreateVolumeTransferOption(volume_id=volume, name=name)
        body = CinderCreateVolumeTransferRequestBody(transfer=option)
        return alice.cinder_create_volume_transfer(CinderCreateVolumeTransferRequest(body=body)).transfer

    def accept(transfer, key):
        body = CinderAcceptVolumeTransferRequestBody(accept=CinderAcceptVolumeTransferOption(auth_key=key))
        return bob.cinder_accept_volume_transfer(CinderAcceptVolumeTransferRequest(transfer, body))

    made = offer("für Müller & Söhne")
    listed = alice.cinder_list_volume_transfers(CinderListVolumeTransfersRequest(limit=10, offset=0)).transfers
    assert [row.id for row in listed] == [made.id]
    assert alice.cinder_show_volume_transfer(CinderShowVolumeTransferRequest(made.id)).transfer.name == "für Müller & Söhne"
    alice.cinder_delete_volume_transfer(CinderDeleteVolumeTransferRequest(made.id))
    made = offer("again")
    accept(made.id, made.auth_key)
    assert bob.show_volume(ShowVolumeRequest(volume)).volume.id == volume
    assert [row.id for row in bob.list_volumes(ListVolumesRequest(name="a name, with blanks")).volumes] == [volume]
    assert alice.list_volumes(ListVolumesRequest(limit=5)).volumes == []
    assert bob.cinder_list_quotas(CinderListQuotasRequest(target_project_id=beta, usage=True)).quota_set.id == beta

    for spoilt in ({"secret": "another"}, {"access": "AKUNKNOWN"}):
        with pytest.raises(ClientRequestException) as raised:
            evs(built_in, keys["alice"] | spoilt, alpha).list_volumes(ListVolumesRequest())
        assert (raised.value.status_code, raised.value.error_code) == (401, "EVS.5401")
    with pytest.raises(ClientRequestException) as raised:
        evs(built_in, keys["alice"], beta).list_volumes(ListVolumesRequest())
    assert raised.value.status_code == 401
    built_in.handover("access-key", "delete", keys["alice"]["access"])
    log = built_in.service.log()
    assert not any(secret in log for secret in (keys["alice"]["secret"], keys["bob"]["secret"], ADMIN, SECRET))


def test_what_is_changed_is_heeded(built_in):
    identity = built_in.connect("admin", "admin", ADMIN).identity
    alice = built_in.connect("alice", "alpha").block_storage
    alice.create_volume(size=1)
    user, project = identity.find_user("alice"), identity.find_project("alpha")
    identity.assign_project_role_to_user(project, user, identity.find_role("reader"))
    identity.unassign_project_role_from_user(project, user, identity.find_role("member"))
    with pytest.raises(exceptions.ForbiddenException):
        built_in.connect("alice", "alpha").block_storage.create_volume(size=1)
    identity.update_user(user, is_enabled=False)
    with pytest.raises(exceptions.SDKException, match="401"):
        built_in.connect("alice", "alpha").authorize()
