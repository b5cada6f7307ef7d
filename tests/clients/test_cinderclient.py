"""python-cinderclient in no-auth mode: its command line, whose paths hold no project, and its library."""

import pytest
from cinderclient import client, exceptions
from cinderclient.contrib.noauth import CinderNoAuthPlugin
from keystoneauth1.session import Session

UNKNOWN = "11111111-2222-4333-8444-555555555555"
WRONG = "0000000000000000"


@pytest.fixture
def api(service):
    """The library's client of a user, at a microversion."""

    def api(user, project, at="3.71"):
        auth = CinderNoAuthPlugin(user, project, endpoint=f"{service.url}/v3")
        return client.Client(at, session=Session(auth=auth))

    return api


# ---- the command line -----------------------------------------------------------------------------------------------


def test_a_volume_goes_from_alpha_to_beta(service, cinder):
    made = cinder("alice", "alpha", "create", "--name", "first", "1").properties()
    volume = made["id"]
    offer = cinder("alice", "alpha", "transfer-create", "--name", "for beta", "first").properties()
    assert (offer["name"], offer["volume_id"], len(offer["auth_key"])) == ("for beta", volume, 16)
    assert offer["source_project_id"] == "alpha", "the client asks for the newest microversion"
    row = {"ID": offer["id"], "Volume ID": volume, "Name": "for beta"}
    assert cinder("alice", "alpha", "transfer-list").rows() == [row]
    shown = {key: offer[key] for key in offer if key != "auth_key"}
    assert cinder("alice", "alpha", "transfer-show", offer["id"]).properties() == shown
    assert cinder("alice", "alpha", "transfer-show", "for beta").properties() == shown

    accepted = cinder("bob", "beta", "transfer-accept", offer["id"], offer["auth_key"]).properties()
    assert accepted == {"id": offer["id"], "name": "for beta", "volume_id": volume}
    assert [row["ID"] for row in cinder("bob", "beta", "list").rows()] == [volume]
    assert cinder("alice", "alpha", "list").rows() == []
    assert cinder("alice", "alpha", "transfer-list").rows() == []
    stored = service.stored(volume)
    assert (stored["project_id"], stored["user_id"], stored["status"]) == ("beta", "bob", "available")


def test_an_offer_by_the_volumes_id_is_deleted_by_its_name(service, cinder):
    volume = service.volume("alpha")
    cinder("alice", "alpha", "transfer-create", "--name", "for beta", volume).well()
    cinder("alice", "alpha", "transfer-delete", "for beta").well()
    assert service.owner(volume) == ("alpha", "available")


def test_what_fails_is_said_with_its_status(service, cinder):
    volume = service.volume("alpha", name="first")
    offer = cinder("alice", "alpha", "transfer-create", "first").properties()
    wrong = cinder("bob", "beta", "transfer-accept", offer["id"], WRONG).complaint()
    assert wrong.startswith(f"ERROR: Invalid auth key: Attempt to transfer {offer['id']} with invalid auth key. ")
    assert "(HTTP 400) (Request-ID: req-" in wrong
    again = cinder("alice", "alpha", "transfer-create", "first").complaint()
    assert again.startswith("ERROR: Invalid volume: status must be available. ")
    unknown = cinder("bob", "beta", "transfer-accept", UNKNOWN, WRONG).complaint()
    assert unknown.startswith(f"ERROR: Transfer {UNKNOWN} could not be found. ")
    assert "(HTTP 404) (Request-ID: req-" in unknown
    for words, noun in [(("transfer-show", UNKNOWN), "volumetransfer"), (("transfer-create", UNKNOWN), "volume")]:
        assert cinder("bob", "beta", *words).complaint() == f"ERROR: No {noun} with a name or ID of '{UNKNOWN}' exists."
    assert service.owner(volume) == ("alpha", "awaiting-transfer")


def test_a_refusal_says_every_reason(service, cinder):
    service.volume("alpha", name="bad", frozen=True, billing="prepaid")
    said = cinder("alice", "alpha", "transfer-create", "bad").complaint()
    assert said.startswith("ERROR: Invalid volume: a volume billed by the year or month cannot be transferred. ")
    assert "Invalid volume: a frozen volume cannot be transferred. " in said
    assert "(HTTP 400) (Request-ID: req-" in said


def test_a_volume_with_a_backup_waits_until_it_is_deleted(service, cinder):
    volume = service.volume("alpha", name="first")
    backup = cinder("alice", "alpha", "backup-create", "--name", "weekly", "first").properties()
    said = cinder("alice", "alpha", "transfer-create", "first").complaint()
    assert said.startswith("ERROR: Invalid volume: a volume with backups cannot be transferred. ")
    assert cinder("alice", "alpha", "backup-delete", backup["id"]).exit == 0
    assert cinder("alice", "alpha", "transfer-create", "first").properties()["volume_id"] == volume


def test_usage_moves_with_the_volume_up_to_the_quota(service, cinder, quota):
    volume = service.volume("alpha", name="first", size=3)
    offer = cinder("alice", "alpha", "transfer-create", "first").properties()
    quota("beta", gigabytes=2)
    accept = ("bob", "beta", "transfer-accept", offer["id"], offer["auth_key"])
    said = cinder(*accept).complaint()
    assert said.startswith("ERROR: ") and "(HTTP 413) (Request-ID: req-" in said
    assert "gigabytes" in said

    quota("beta", gigabytes=3)
    cinder(*accept).well()
    assert service.owner(volume) == ("beta", "available")

    def in_use(project):
        rows = cinder("admin", project, "quota-usage", project).rows()
        return {row["Type"]: row["In_use"] for row in rows if row["Type"] in ("volumes", "gigabytes")}

    assert in_use("beta") == {"volumes": "1", "gigabytes": "3"}
    assert in_use("alpha") == {"volumes": "0", "gigabytes": "0"}


def test_an_admin_lists_every_projects_offers(service, cinder, api):
    for name in ("b", "a"):
        cinder("alice", "alpha", "transfer-create", "--name", name, service.volume("alpha")).well()

    def names(*words, user="admin"):
        return {row["Name"] for row in cinder(user, "beta", "transfer-list", *words).rows()}

    assert names() == set()
    assert names("--all-tenants") == {"a", "b"}
    assert names("--all-tenants", "--filters", "name=b") == {"b"}
    assert names("--all-tenants", user="bob") == set()
    # the command line sorts its rows by itself, whatever it asks for
    for direction, sorted_names in [("asc", ["a", "b"]), ("desc", ["b", "a"])]:
        found = api("admin", "beta").transfers.list(search_opts={"all_tenants": 1}, sort=f"name:{direction}")
        assert [transfer.name for transfer in found] == sorted_names


def test_versions_are_settled_with_the_server(cinder):
    listed = cinder("alice", "alpha", "api-version").rows()
    assert listed == [
        {"ID": "v2.0", "Status": "DEPRECATED", "Version": "", "Min_version": ""},
        {"ID": "v3.0", "Status": "CURRENT", "Version": "3.71", "Min_version": "3.0"},
    ]
    newer = cinder("alice", "alpha", "--os-volume-api-version", "3.99", "transfer-list")
    assert newer.exit == 0
    assert "downgrading to 3.71 based on server support" in newer.err


@pytest.mark.parametrize("at", ["3.0", "3.55", "3.57"])
def test_a_story_at_a_microversion(service, cinder, at):
    version = ("--os-volume-api-version", at)
    volume = service.volume("alpha", name="first")
    words = [] if at == "3.0" else ["--no-snapshots"]
    offer = cinder("alice", "alpha", *version, "transfer-create", *words, "first").properties()
    keys = {"auth_key", "created_at", "id", "name", "volume_id"}
    keys |= {"no_snapshots"} if at != "3.0" else set()
    keys |= {"accepted", "destination_project_id", "source_project_id"} if at == "3.57" else set()
    assert set(offer) == keys
    assert offer.get("no_snapshots") == (None if at == "3.0" else "True")
    cinder("bob", "beta", *version, "transfer-accept", offer["id"], offer["auth_key"]).well()
    assert service.owner(volume) == ("beta", "available")


# ---- the library ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["3.0", "3.55", "3.71"])
def test_the_library_hands_a_volume_over(service, api, at):
    alice, bob = api("alice", "alpha", at), api("bob", "beta", at)
    volume = alice.volumes.create(size=1, name="first")
    assert alice.volumes.get(volume.id).status == "available"
    offer = alice.transfers.create(volume.id, "for beta")
    assert [found.id for found in alice.transfers.list()] == [offer.id]
    assert alice.transfers.find(name="for beta").created_at == offer.created_at
    assert not hasattr(alice.transfers.get(offer.id), "auth_key")
    accepted = bob.transfers.accept(offer.id, offer.auth_key)
    assert (accepted.id, accepted.volume_id) == (offer.id, volume.id)
    assert bob.volumes.get(volume.id).name == "first"
    assert alice.transfers.list() == []
    with pytest.raises(exceptions.NotFound):
        alice.volumes.get(volume.id)
    second = bob.transfers.create(volume.id)
    response, body = bob.transfers.delete(second.id)
    assert (response.status_code, body) == (202, None)
    assert service.owner(volume.id) == ("beta", "available")


def test_the_library_raises_what_cinder_would(service, api, quota):
    alice, bob = api("alice", "alpha"), api("bob", "beta")

    def refused(kind, code, call, *given):
        with pytest.raises(kind) as raised:
            call(*given)
        assert raised.value.code == code
        assert raised.value.request_id.startswith("req-")
        return raised.value.message

    offer = alice.transfers.create(service.volume("alpha"))
    wrong = refused(exceptions.BadRequest, 400, bob.transfers.accept, offer.id, WRONG)
    assert wrong.startswith(f"Invalid auth key: Attempt to transfer {offer.id} with invalid auth key. ")
    unknown = refused(exceptions.NotFound, 404, bob.transfers.accept, UNKNOWN, WRONG)
    assert unknown.startswith(f"Transfer {UNKNOWN} could not be found. ")
    assert refused(exceptions.NotFound, 404, bob.transfers.delete, offer.id).startswith(f"Transfer {offer.id} ")
    nothing = refused(exceptions.NotFound, 404, alice.transfers.create, UNKNOWN)
    assert nothing.startswith(f"Volume {UNKNOWN} could not be found. ")
    frozen = refused(exceptions.BadRequest, 400, alice.transfers.create, service.volume("alpha", frozen=True))
    assert frozen.startswith("Invalid volume: a frozen volume cannot be transferred. ")
    quota("beta", volumes=0)
    full = refused(exceptions.OverLimit, 413, bob.transfers.accept, offer.id, offer.auth_key)
    assert full.startswith("VolumeLimitExceeded: Maximum number of volumes allowed (0) exceeded for quota 'volumes'.")


def test_the_library_finds_the_newest_version_that_both_have(service):
    minimum, maximum = client.get_server_version(f"{service.url}/v3/")
    assert (minimum.get_string(), maximum.get_string()) == ("3.0", "3.71")
    assert client.get_highest_client_server_version(service.endpoint("alpha")) == "3.71"
