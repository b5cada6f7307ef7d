"""Huawei's own SDK for EVS, on /v2: every call of transfers that it has, and how its exceptions read."""

import pytest
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
    ListVersionsRequest,
    ListVolumesRequest,
    ShowVersionRequest,
    ShowVolumeRequest,
)

UNKNOWN = "11111111-2222-4333-8444-555555555555"


class Evs:
    """The SDK's client of a project; the key and its secret are any, for nobody checks the signature."""

    def __init__(self, service, project):
        credentials = BasicCredentials("an access key", "its secret", project)
        self.client = EvsClient.new_builder().with_credentials(credentials).with_endpoint(service.url).build()

    def create(self, volume_id, name=None):
        option = CreateVolumeTransferOption(volume_id=volume_id, name=name)
        body = CinderCreateVolumeTransferRequestBody(transfer=option)
        return self.client.cinder_create_volume_transfer(CinderCreateVolumeTransferRequest(body=body))

    def list(self, **page):
        return self.client.cinder_list_volume_transfers(CinderListVolumeTransfersRequest(**page))

    def show(self, transfer_id):
        return self.client.cinder_show_volume_transfer(CinderShowVolumeTransferRequest(transfer_id))

    def accept(self, transfer_id, auth_key):
        option = CinderAcceptVolumeTransferOption(auth_key=auth_key)
        body = CinderAcceptVolumeTransferRequestBody(accept=option)
        return self.client.cinder_accept_volume_transfer(CinderAcceptVolumeTransferRequest(transfer_id, body))

    def delete(self, transfer_id):
        return self.client.cinder_delete_volume_transfer(CinderDeleteVolumeTransferRequest(transfer_id))

    def disk(self, volume_id):
        return self.client.show_volume(ShowVolumeRequest(volume_id)).volume

    def disks(self):
        return self.client.list_volumes(ListVolumesRequest()).volumes


@pytest.fixture
def alpha(service):
    return Evs(service, "alpha")


@pytest.fixture
def beta(service):
    return Evs(service, "beta")


def refused(status, code, call, *given, **named):
    """The message of the exception that a call raises; status, code and request id must be there and right."""
    with pytest.raises(ClientRequestException) as raised:
        call(*given, **named)
    error = raised.value
    assert (error.status_code, error.error_code) == (status, code)
    assert error.request_id.startswith("req-")
    return error.error_msg


def test_a_volume_goes_from_alpha_to_beta(service, alpha, beta):
    volume = service.volume("alpha", user_id="alice", name="first")
    created = alpha.create(volume, "for beta")
    offer = created.transfer
    assert created.status_code == 202
    assert (offer.name, offer.volume_id, len(offer.auth_key)) == ("for beta", volume, 16)
    assert [link.rel for link in offer.links] == ["self", "bookmark"]
    assert offer.links[0].href == f"{service.url}/v2/alpha/os-volume-transfer/{offer.id}"
    assert service.owner(volume) == ("alpha", "awaiting-transfer")
    assert alpha.disk(volume).status == "awaiting-transfer"

    (listed,) = alpha.list().transfers
    assert (listed.id, listed.name, listed.volume_id) == (offer.id, "for beta", volume)
    shown = alpha.show(offer.id)
    assert shown.status_code == 200
    assert shown.transfer.created_at == offer.created_at

    accepted = beta.accept(offer.id, offer.auth_key)
    assert accepted.status_code == 202
    assert (accepted.transfer.id, accepted.transfer.volume_id) == (offer.id, volume)
    assert service.owner(volume) == ("beta", "available")
    owned = beta.disk(volume)
    assert (owned.name, owned.status, owned.os_vol_tenant_attrtenant_id) == ("first", "available", "beta")
    assert owned.user_id == "noauth", "the signature says nothing of a user"
    assert [disk.id for disk in beta.disks()] == [volume]
    assert alpha.disks() == []
    assert alpha.list().transfers == []
    for gone in (alpha.show, alpha.delete, beta.show, beta.delete):
        assert f"Transfer {offer.id} could not be found." in refused(404, "EVS.5404", gone, offer.id)


def test_an_offer_without_a_name_is_deleted(service, alpha):
    volume = service.volume("alpha")
    offer = alpha.create(volume).transfer
    assert offer.name is None
    assert alpha.delete(offer.id).status_code == 202
    assert service.owner(volume) == ("alpha", "available")


def test_pages_are_walked_by_limit_and_offset(service, alpha):
    offers = [alpha.create(service.volume("alpha")).transfer.id for _ in range(3)]
    pages = [alpha.list(limit=2, offset=offset).transfers for offset in (0, 2, 4)]
    assert [[row.id for row in page] for page in pages] == [offers[:2], offers[2:], []]
    assert refused(400, "EVS.1023", alpha.list, limit=0).startswith("invalid filter limit! ")
    assert refused(400, "EVS.2142", alpha.list, limit=1001).startswith("invalid filter limit, can not greater than 1000. ")
    assert refused(400, "EVS.5400", alpha.list, offset=-1).startswith("offset param must be an integer. ")


def test_a_wrong_key_leaves_the_offer_pending(service, alpha, beta):
    offer = alpha.create(service.volume("alpha")).transfer
    message = refused(400, "EVS.5400", beta.accept, offer.id, "0000000000000000")
    assert message.startswith(f"Invalid auth key: Attempt to transfer {offer.id} with invalid auth key. ")
    assert alpha.show(offer.id).transfer.id == offer.id


def test_what_is_unknown_is_not_found(service, alpha):
    for call, given in [(alpha.show, ()), (alpha.delete, ()), (alpha.accept, ("0000000000000000",))]:
        message = refused(404, "EVS.5404", call, UNKNOWN, *given)
        assert message.startswith(f"Resource could not be found. Transfer {UNKNOWN} could not be found. ")
    foreign = service.volume("beta")
    for volume in (UNKNOWN, foreign):
        message = refused(404, "EVS.5404", alpha.create, volume)
        assert message.startswith(f"Resource could not be found. Volume {volume} could not be found. ")
    assert refused(400, "EVS.1002", alpha.create, "first").startswith("invalid volume id! ")
    assert refused(400, "EVS.5400", alpha.create, foreign, " ").startswith("Malformed request body. ")


def test_a_refusal_says_every_reason(service, alpha):
    volume = service.volume("alpha", frozen=True, billing="prepaid", status="in-use")
    message = refused(400, "EVS.5400", alpha.create, volume)
    assert message.startswith("Invalid volume: status must be available. ")
    assert "a volume billed by the year or month cannot be transferred" in message
    assert "a frozen volume cannot be transferred" in message
    assert service.owner(volume) == ("alpha", "in-use")


def test_a_recipient_over_quota_takes_nothing(service, alpha, beta, quota):
    volume = service.volume("alpha", size=3)
    offer = alpha.create(volume).transfer
    quota("beta", volumes=0)
    message = refused(413, "EVS.5413", beta.accept, offer.id, offer.auth_key)
    assert message.startswith("Insufficient volume quota. ")
    assert "VolumeLimitExceeded: Maximum number of volumes allowed (0) exceeded for quota 'volumes'." in message
    assert service.owner(volume) == ("alpha", "awaiting-transfer")
    quota("beta", volumes=1)
    beta.accept(offer.id, offer.auth_key)
    usage = beta.client.cinder_list_quotas(CinderListQuotasRequest("beta", "True")).quota_set
    assert (usage.volumes.in_use, usage.volumes.limit, usage.gigabytes.in_use) == (1, 1, 3)


def test_the_sdk_reads_the_versions(service, alpha):
    listed = alpha.client.list_versions(ListVersionsRequest())
    assert [(version.id, version.status) for version in listed.versions] == [("v2.0", "DEPRECATED"), ("v3.0", "CURRENT")]
    for name in ("v2", "v3"):
        (version,) = alpha.client.show_version(ShowVersionRequest(name)).versions
        assert version.id == f"{name}.0"
        assert {link.rel: link.href for link in version.links}["self"] == f"{service.url}/{name}/"
