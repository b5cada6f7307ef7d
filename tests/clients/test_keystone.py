"""`--auth keystone` with a real Keystone: its users hand over volumes by their own clients, and what changes there is heeded."""

import uuid

import pytest
from harness import cli
from harness.keystone import PASSWORD, Keystone
from openstack import exceptions

TRANSFER = ("volume", "transfer", "request")
JSON = ("-f", "json")


@pytest.fixture(scope="session")
def keystone(tmp_path_factory):
    keystone = Keystone(tmp_path_factory.mktemp("keystone"))
    yield keystone
    keystone.stop()


class Cast:
    """A service that asks Keystone, alice on the project alpha, bob on beta: names that no other test has."""

    def __init__(self, keystone, service):
        self.keystone, self.service, self.region = keystone, service, keystone.region(service)
        ending = uuid.uuid4().hex[:8]
        self.alpha, self.beta = keystone.project(f"alpha-{ending}"), keystone.project(f"beta-{ending}")
        self.alice = keystone.user(f"alice-{ending}", self.alpha, "member")
        self.bob = keystone.user(f"bob-{ending}", self.beta, "member")

    def settings(self, user):
        return self.keystone.settings(user.name, self._project(user).name, self.region)

    def volumes(self, user):
        """The proxy of block storage; its token is of now."""
        return self.keystone.connect(user.name, self._project(user).name, self.region).block_storage

    def _project(self, user):
        return self.beta if user is self.bob else self.alpha


@pytest.fixture
def cast(keystone, start):
    return Cast(keystone, start(*keystone.flags(), "--token-cache=0"))


def test_the_openstack_command_hands_over_by_the_catalogue(cast, tmp_path):
    def openstack(user, *words):
        return cli.run(["openstack", *words], tmp_path, **cast.settings(user))

    volume = openstack(cast.alice, "volume", "create", "--size", "1", "first", *JSON).json()["id"]
    made = openstack(cast.alice, *TRANSFER, "create", "first", *JSON).json()
    openstack(cast.bob, *TRANSFER, "accept", made["id"], "--auth-key", made["auth_key"]).well()
    stored = cast.service.stored(volume)
    assert (stored["project_id"], stored["user_id"]) == (cast.beta.id, cast.bob.id)
    assert openstack(cast.alice, "volume", "list", *JSON).json() == []


def test_the_cinder_command_hands_over_by_the_catalogue(cast, tmp_path):
    def cinder(user, *words):
        return cli.run(["cinder", *words], tmp_path, **cast.settings(user))

    volume = cinder(cast.alice, "create", "1", "--name", "first").properties()["id"]
    made = cinder(cast.alice, "transfer-create", volume).properties()
    cinder(cast.bob, "transfer-accept", made["id"], made["auth_key"]).well()
    assert cast.service.owner(volume) == (cast.beta.id, "available")


def test_openstacksdk_hands_over_and_an_admin_sees_every_project(cast):
    alice, bob = cast.volumes(cast.alice), cast.volumes(cast.bob)
    volume = alice.create_volume(size=1, name="first")
    made = alice.create_transfer(volume_id=volume.id)
    with pytest.raises(exceptions.BadRequestException, match="Invalid auth key"):
        bob.accept_transfer(made.id, "0000000000000000")
    bob.accept_transfer(made.id, made.auth_key)
    assert cast.service.owner(volume.id) == (cast.beta.id, "available")
    with pytest.raises(exceptions.ForbiddenException):
        list(alice.backend_pools())
    admin = cast.keystone.connect("admin", "admin", cast.region).block_storage
    assert volume.id in [found.id for found in admin.volumes(all_projects=True)]


def test_what_is_changed_at_keystone_holds_at_once(cast):
    admin = cast.keystone.admin
    alice = cast.volumes(cast.alice)
    get, create = f"{cast.service.url}/v3/{cast.alpha.id}/volumes", {"volume": {"size": 1}}

    def statuses(token):
        """Of a read and a write with a token as it is, without a client that would get itself a new one."""
        who = {"X-Auth-Token": token}
        asked = (alice.session.get(get, headers=who, authenticated=False, raise_exc=False),
                 alice.session.post(get, headers=who, json=create, authenticated=False, raise_exc=False))
        return [answer.status_code for answer in asked]

    def token():
        return cast.volumes(cast.alice).session.get_token()

    kept = token()
    assert statuses(kept) == [200, 202]
    reader, member = admin.find_role("reader"), admin.find_role("member")
    admin.assign_project_role_to_user(cast.alpha, cast.alice, reader)
    admin.unassign_project_role_from_user(cast.alpha, cast.alice, member)
    assert statuses(kept) == [200, 403]
    admin.unassign_project_role_from_user(cast.alpha, cast.alice, reader)
    assert statuses(kept) == [401, 401]

    admin.assign_project_role_to_user(cast.alpha, cast.alice, member)
    revoked = token()
    assert statuses(revoked) == [200, 202]
    alice.session.delete(f"{cast.keystone.url}/auth/tokens", headers={"X-Auth-Token": revoked, "X-Subject-Token": revoked})
    assert statuses(revoked) == [401, 401]

    of_disabled = token()
    assert statuses(of_disabled) == [200, 202]
    admin.update_user(cast.alice, is_enabled=False)
    assert statuses(of_disabled) == [401, 401]
    assert statuses(of_disabled[:-1]) == [401, 401]
    log = cast.service.log()
    assert not any(secret in log for secret in (kept, revoked, of_disabled, PASSWORD)), "a token or the password is in the log"


def test_an_unscoped_token_is_refused_and_the_services_account_may_be_an_application_credential(cast, start):
    keystone = cast.keystone
    own = keystone.connect("handover", "service", "identity").identity
    account = keystone.admin.find_user("handover")
    made = own.create_application_credential(user=account, name=f"of-{uuid.uuid4().hex}")
    flags = ["--auth=keystone", f"--keystone-url={keystone.url}", f"--keystone-application-credential-id={made.id}"]
    service = start(*flags, f"--keystone-application-credential-secret={made.secret}")
    session = cast.volumes(cast.alice).session
    url = f"{service.url}/v3/{cast.alpha.id}/volumes"
    assert session.get(url).status_code == 200
    password = {"user": {"id": cast.alice.id, "password": PASSWORD}}
    auth = {"auth": {"identity": {"methods": ["password"], "password": password}, "scope": "unscoped"}}
    unscoped = session.post(f"{keystone.url}/auth/tokens", json=auth, authenticated=False).headers["X-Subject-Token"]
    answer = session.get(url, headers={"X-Auth-Token": unscoped}, authenticated=False, raise_exc=False)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == f'Keystone uri="{keystone.url.removesuffix("/v3")}"'
