"""The openstack command line, without Keystone: by `--os-auth-type none`, and by a clouds.yaml with `admin_token`."""

import re

import pytest
from harness import cli

UNKNOWN = "11111111-2222-4333-8444-555555555555"
WRONG = "0000000000000000"
TRANSFER = ("volume", "transfer", "request")
JSON = ("-f", "json")


@pytest.fixture
def openstack(service, tmp_path):
    def openstack(project, *words, at=None):
        where = ["--os-auth-type", "none", "--os-endpoint", service.endpoint(project)]
        version = ["--os-volume-api-version", at] if at else []
        return cli.run(["openstack", *where, *version, *words], tmp_path)

    return openstack


@pytest.fixture
def offer(openstack):
    """Makes an offer of a volume of alpha's, named by name or by id."""

    def offer(volume, *words):
        return openstack("alpha", *TRANSFER, "create", volume, *words, *JSON).json()

    return offer


def test_a_volume_goes_from_alpha_to_beta(service, openstack, offer):
    volume = openstack("alpha", "volume", "create", "--size", "1", "first", *JSON).json()["id"]
    made = offer("first", "--name", "for beta")
    assert set(made) == {"auth_key", "created_at", "id", "name", "volume_id"}
    assert (made["name"], made["volume_id"]) == ("for beta", volume)
    assert re.fullmatch("[0-9a-f]{16}", made["auth_key"])
    assert openstack("alpha", "volume", "show", "first", *JSON).json()["status"] == "awaiting-transfer"

    listed = openstack("alpha", *TRANSFER, "list", *JSON).json()
    assert listed == [{"ID": made["id"], "Name": "for beta", "Volume": volume}]
    shown = openstack("alpha", *TRANSFER, "show", made["id"], *JSON).json()
    assert shown == {key: made[key] for key in ("created_at", "id", "name", "volume_id")}
    # by its name the client takes the row of the plain list, which has no time
    assert openstack("alpha", *TRANSFER, "show", "for beta", *JSON).json() == shown | {"created_at": None}

    accepted = openstack("beta", *TRANSFER, "accept", made["id"], "--auth-key", made["auth_key"], *JSON).json()
    assert accepted == {key: made[key] for key in ("id", "name", "volume_id")}
    (owned,) = openstack("beta", "volume", "list", *JSON).json()
    assert (owned["ID"], owned["Name"], owned["Status"]) == (volume, "first", "available")
    assert openstack("alpha", "volume", "list", *JSON).json() == []
    assert openstack("alpha", *TRANSFER, "list", *JSON).json() == []
    assert service.owner(volume) == ("beta", "available")


def test_an_offer_by_the_volumes_id_is_deleted(service, openstack, offer):
    volume = service.volume("alpha", name="first")
    made = offer(volume)
    assert made["name"] is None
    openstack("alpha", *TRANSFER, "delete", made["id"]).well()
    assert service.owner(volume) == ("alpha", "available")


def test_a_wrong_key_leaves_the_offer_pending(service, openstack, offer):
    volume = service.volume("alpha")
    made = offer(volume)
    said = openstack("beta", *TRANSFER, "accept", made["id"], "--auth-key", WRONG).complaint()
    assert said.startswith("BadRequestException: 400: Client Error for url: ")
    assert f"Invalid auth key: Attempt to transfer {made['id']} with invalid auth key. " in said
    assert service.owner(volume) == ("alpha", "awaiting-transfer")


def test_what_is_unknown_is_not_found(service, openstack):
    assert openstack("alpha", *TRANSFER, "show", UNKNOWN).complaint() == f"No Transfer found for {UNKNOWN}"
    assert openstack("alpha", *TRANSFER, "create", "nothing").complaint() == "No Volume found for nothing"
    foreign = service.volume("beta")
    assert openstack("alpha", *TRANSFER, "create", foreign).complaint() == f"No Volume found for {foreign}"
    accept = openstack("beta", *TRANSFER, "accept", UNKNOWN, "--auth-key", WRONG).complaint()
    delete = openstack("alpha", *TRANSFER, "delete", UNKNOWN).complaint()
    for said in (accept, delete):
        assert "NotFoundException: 404: Client Error for url: " in said
        assert f"Transfer {UNKNOWN} could not be found. " in said
    assert delete.endswith("1 of 1 volume transfer requests failed to delete")


def test_a_refusal_says_every_reason(service, openstack):
    volume = service.volume("alpha", name="bad", frozen=True, billing="prepaid")
    said = openstack("alpha", *TRANSFER, "create", "bad").complaint()
    assert said.startswith("BadRequestException: 400: Client Error for url: ")
    assert "Invalid volume: a volume billed by the year or month cannot be transferred. " in said
    assert "Invalid volume: a frozen volume cannot be transferred. " in said
    assert service.owner(volume) == ("alpha", "available")


def test_a_volume_on_offer_is_not_offered_again(service, openstack, offer):
    offer(service.volume("alpha", name="first"))
    assert "Invalid volume: status must be available. " in openstack("alpha", *TRANSFER, "create", "first").complaint()


def test_a_recipient_over_quota_takes_nothing(service, openstack, offer, quota):
    volume = service.volume("alpha")
    made = offer(volume)
    quota("beta", volumes=0)
    accept = ("beta", *TRANSFER, "accept", made["id"], "--auth-key", made["auth_key"])
    said = openstack(*accept).complaint()
    assert said.startswith("HttpException: 413: Client Error for url: ")
    assert "VolumeLimitExceeded: Maximum number of volumes allowed (0) exceeded for quota 'volumes'." in said
    assert service.owner(volume) == ("alpha", "awaiting-transfer")
    quota("beta", volumes=1)
    openstack(*accept).well()
    assert service.owner(volume) == ("beta", "available")


@pytest.mark.parametrize("at", ["3.0", "3.55", "3.57", "3.71"])
def test_a_story_at_a_microversion(service, openstack, at):
    volume = service.volume("alpha", name="first")
    made = openstack("alpha", *TRANSFER, "create", "first", *JSON, at=at).json()
    assert openstack("alpha", *TRANSFER, "list", *JSON, at=at).json()[0]["ID"] == made["id"]
    openstack("beta", *TRANSFER, "accept", made["id"], "--auth-key", made["auth_key"], at=at).well()
    assert service.owner(volume) == ("beta", "available")
    path = "volume-transfers" if at != "3.0" else "os-volume-transfer"
    assert f"/v3/{{project_id}}/{path}/{{transfer_id}}/accept" in service.log()


def test_a_volume_with_a_snapshot_waits_until_it_is_deleted(service, openstack, offer):
    volume = service.volume("alpha", name="first")
    openstack("alpha", "volume", "snapshot", "create", "--volume", "first", "before").well()
    said = openstack("alpha", *TRANSFER, "create", "first").complaint()
    assert "Invalid volume: a volume with snapshots cannot be transferred. " in said
    openstack("alpha", "volume", "snapshot", "delete", "before").well()
    assert offer("first")["volume_id"] == volume


@pytest.mark.parametrize("wanted", ["--snapshots", "--no-snapshots"])
def test_snapshots_go_along_where_they_are_wanted(start, tmp_path, wanted):
    service = start("--rules=openstack")
    volume = service.volume("alpha", name="first", snapshots=[{"id": UNKNOWN, "name": "before"}])

    def openstack(at, project, *words):
        where = ["--os-auth-type", "none", "--os-endpoint", service.endpoint(project), "--os-volume-api-version", at]
        return cli.run(["openstack", *where, *words], tmp_path)

    early = openstack("3.54", "alpha", *TRANSFER, "create", wanted, "first").complaint()
    assert "--os-volume-api-version 3.55 or greater is required" in early
    made = openstack("3.55", "alpha", *TRANSFER, "create", wanted, "first", *JSON).json()
    openstack("3.55", "beta", *TRANSFER, "accept", made["id"], "--auth-key", made["auth_key"]).well()
    assert service.owner(volume) == ("beta", "available")
    listed = {project: openstack("3.55", project, "volume", "snapshot", "list", *JSON).json() for project in ("alpha", "beta")}
    names = {project: [row["Name"] for row in rows] for project, rows in listed.items()}
    goes_along = wanted == "--snapshots"
    assert names == {"alpha": [] if goes_along else ["before"], "beta": ["before"] if goes_along else []}


def test_a_version_that_is_not_served_is_named(openstack):
    said = openstack("alpha", *TRANSFER, "list", at="3.99").complaint()
    assert "3.99 was requested, but the cloud only supports a minimum of 3.0 and a maximum of 3.71" in said


def test_clouds_yaml_says_who_is_calling(service, tmp_path):
    cloud = """
  {user}:
    auth_type: admin_token
    auth: {{endpoint: {endpoint}, token: "{user}:{project}"}}
    block_storage_endpoint_override: {endpoint}
"""
    who = {"alice": "alpha", "bob": "beta"}
    clouds = [cloud.format(user=user, project=who[user], endpoint=service.endpoint(who[user])) for user in who]
    (tmp_path / "clouds.yaml").write_text("clouds:" + "".join(clouds))

    def openstack(user, *words):
        return cli.run(["openstack", "--os-cloud", user, *words], tmp_path)

    volume = openstack("alice", "volume", "create", "--size", "1", "first", *JSON).json()["id"]
    assert service.stored(volume)["user_id"] == "alice"
    made = openstack("alice", *TRANSFER, "create", "first", *JSON).json()
    openstack("bob", *TRANSFER, "accept", made["id"], "--auth-key", made["auth_key"]).well()
    stored = service.stored(volume)
    assert (stored["project_id"], stored["user_id"]) == ("beta", "bob")
