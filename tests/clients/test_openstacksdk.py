"""openstacksdk as a library, and keystoneauth's discovery beneath it."""

import openstack
import pytest
from keystoneauth1 import adapter, discover, noauth
from keystoneauth1.session import Session
from openstack import exceptions

UNKNOWN = "11111111-2222-4333-8444-555555555555"
WRONG = "0000000000000000"


@pytest.fixture
def connect(service):
    """The proxy of block storage; as a user, or as nobody in particular."""

    def connect(project, user=None, at=None):
        endpoint = service.endpoint(project)
        auth = {"auth_type": "none", "endpoint": endpoint}
        if user:
            auth = {"auth_type": "admin_token", "auth": {"endpoint": endpoint, "token": f"{user}:{project}"}}
            auth |= {"block_storage_endpoint_override": endpoint}
        version = {"block_storage_default_microversion": at} if at else {}
        return openstack.connect(load_yaml_config=False, load_envvars=False, **auth, **version).block_storage

    return connect


@pytest.mark.parametrize("users", [(None, None), ("alice", "bob")], ids=["none", "admin_token"])
def test_a_volume_goes_from_alpha_to_beta(service, connect, users):
    alpha, beta = connect("alpha", users[0]), connect("beta", users[1])
    volume = alpha.create_volume(size=1, name="first")
    alpha.wait_for_status(volume, "available", interval=0.1, wait=10)
    offer = alpha.create_transfer(volume_id=volume.id, name="for beta")
    assert (offer.name, offer.volume_id, len(offer.auth_key)) == ("for beta", volume.id, 16)
    assert alpha.get_volume(volume.id).status == "awaiting-transfer"

    assert [found.id for found in alpha.transfers()] == [offer.id]
    assert [found.id for found in alpha.transfers(details=False)] == [offer.id]
    assert alpha.get_transfer(offer.id).created_at == offer.created_at
    assert alpha.find_transfer("for beta").id == offer.id
    assert beta.find_transfer(offer.id) is None

    accepted = beta.accept_transfer(offer.id, offer.auth_key)
    assert (accepted.id, accepted.volume_id) == (offer.id, volume.id)
    owned = beta.get_volume(volume.id)
    assert (owned.project_id, owned.user_id, owned.status) == ("beta", users[1] or "noauth", "available")
    assert list(alpha.transfers()) == []
    assert alpha.find_volume("first") is None

    second = beta.create_transfer(volume_id=volume.id)
    beta.delete_transfer(second, ignore_missing=False)
    assert service.owner(volume.id) == ("beta", "available")


@pytest.mark.parametrize("at", ["3.0", "3.55", "3.57", "3.71"])
def test_a_story_at_a_microversion(service, connect, at):
    alpha, beta = connect("alpha", at=at), connect("beta", at=at)
    volume = service.volume("alpha")
    wanted = {} if at == "3.0" else {"no_snapshots": True}
    offer = alpha.create_transfer(volume_id=volume, **wanted)
    assert alpha.get_transfer(offer.id).no_snapshots is (None if at == "3.0" else True)
    assert [found.id for found in alpha.transfers()] == [offer.id]
    beta.accept_transfer(offer.id, offer.auth_key)
    assert service.owner(volume) == ("beta", "available")


def test_what_fails_is_raised_with_its_details(service, connect, quota):
    alpha, beta = connect("alpha"), connect("beta")

    def refused(kind, status, call, *given, **named):
        with pytest.raises(kind) as raised:
            call(*given, **named)
        assert raised.value.status_code == status
        assert raised.value.request_id.startswith("req-")
        return raised.value.details

    offer = alpha.create_transfer(volume_id=service.volume("alpha"))
    wrong = refused(exceptions.BadRequestException, 400, beta.accept_transfer, offer.id, WRONG)
    assert wrong.startswith(f"Invalid auth key: Attempt to transfer {offer.id} with invalid auth key. ")
    for call, given in [(beta.get_transfer, ()), (beta.delete_transfer, (False,)), (beta.accept_transfer, (WRONG,))]:
        unknown = refused(exceptions.NotFoundException, 404, call, UNKNOWN, *given)
        assert unknown.startswith(f"Transfer {UNKNOWN} could not be found. ")
    nothing = refused(exceptions.NotFoundException, 404, alpha.create_transfer, volume_id=UNKNOWN)
    assert nothing.startswith(f"Volume {UNKNOWN} could not be found. ")
    bad = service.volume("alpha", frozen=True, billing="prepaid")
    reasons = refused(exceptions.BadRequestException, 400, alpha.create_transfer, volume_id=bad)
    assert reasons.startswith("Invalid volume: a volume billed by the year or month cannot be transferred. ")
    assert "Invalid volume: a frozen volume cannot be transferred. " in reasons
    quota("beta", volumes=0)
    full = refused(exceptions.HttpException, 413, beta.accept_transfer, offer.id, offer.auth_key)
    assert full.startswith("VolumeLimitExceeded: Maximum number of volumes allowed (0) exceeded for quota 'volumes'.")


def test_the_proxy_is_found_by_discovery(service, connect):
    proxy = connect("alpha")
    data = proxy.get_endpoint_data()
    assert data.url == service.endpoint("alpha")
    assert (data.api_version, data.min_microversion, data.max_microversion) == ((3, 0), (3, 0), (3, 71))
    assert openstack.utils.maximum_supported_microversion(proxy, "3.999") == "3.71"
    with pytest.raises(exceptions.ConfigException, match="maximum of 3.71"):
        connect("alpha", at="3.99").get("/volume-transfers")


@pytest.mark.parametrize("path", ["", "/", "/v3", "/v3/", "/v3/alpha"])
def test_keystoneauth_discovers_from_any_endpoint(service, path):
    session = Session(auth=noauth.NoAuth(endpoint=service.url + path))
    for service_type in ("block-storage", "volumev3", "volume"):
        found = adapter.Adapter(session, service_type=service_type, min_version="3", max_version="3.latest")
        data = found.get_endpoint_data()
        assert (data.api_version, data.max_microversion) == ((3, 0), (3, 71)), service_type


def test_keystoneauth_reads_every_version(service):
    found = discover.Discover(Session(), service.url)
    versions = {data["version"]: data for data in found.version_data(allow_deprecated=True)}
    assert [versions[version]["url"] for version in ((2, 0), (3, 0))] == [f"{service.url}/v2/", f"{service.url}/v3/"]
    assert found.url_for("3") == f"{service.url}/v3/"
