//! The header `OpenStack-API-Version`, and which fields an answer has at which version.

use crate::support::{Answer, TestServer, Value, apply, assert_answer, both_engines, json};

const BASES: [&str; 4] =
    ["/v3/alpha/os-volume-transfer", "/v3/alpha/volume-transfers", "/v3/os-volume-transfer", "/v3/volume-transfers"];

async fn ask(server: &TestServer, path: &str, header: &str) -> Answer {
    server.get(path).header("OpenStack-API-Version", header).await
}

fn keys(object: &Value) -> Vec<String> {
    let mut keys: Vec<String> = object.as_object().unwrap().keys().cloned().collect();
    keys.sort_unstable();
    keys
}

#[apply(both_engines!)]
async fn the_version_asked_for_is_echoed_with_vary(server: TestServer) {
    for base in BASES {
        for (header, version) in [
            ("volume 3.0", "3.0"),
            ("volume 3.55", "3.55"),
            ("volume 3.71", "3.71"),
            ("volumev3 3.55", "3.55"),
            ("block-storage 3.55", "3.55"),
            ("compute 2.1, volume 3.55", "3.55"),
            ("compute 2.1,volume 3.57,identity 3.0", "3.57"),
            ("volume 3.57, volume 3.1", "3.57"),
            ("block-storage 3.7, volume 3.8", "3.7"),
            ("volume latest", "3.71"),
            ("compute latest, volumev3 latest", "3.71"),
        ] {
            let answer = ask(&server, base, header).await.is(200);
            assert_eq!(answer.header("openstack-api-version"), Some(&*format!("volume {version}")), "{header}: {answer}");
            assert_eq!(answer.header("vary").map(str::to_lowercase).as_deref(), Some("openstack-api-version"), "{answer}");
        }
        let answer = server.get(base).await.is(200);
        assert_eq!(answer.header("openstack-api-version"), Some("volume 3.0"), "no header is 3.0: {answer}");
        assert!(answer.header("vary").is_some(), "{answer}");
    }
}

#[apply(both_engines!)]
async fn errors_of_a_settled_version_echo_it_too(server: TestServer) {
    let path = "/v3/alpha/volume-transfers/nope";
    let answer = ask(&server, path, "volume 3.57").await.is(404);
    assert_eq!(answer.header("openstack-api-version"), Some("volume 3.57"), "{answer}");
    assert!(answer.header("vary").is_some(), "{answer}");
    let answer = server.post_text("/v3/alpha/volume-transfers", "{").at("3.57").await.is(400);
    assert_eq!(answer.header("openstack-api-version"), Some("volume 3.57"), "{answer}");
}

#[apply(both_engines!)]
async fn where_no_version_was_settled_none_is_echoed(server: TestServer) {
    for answer in [
        server.get("/v3/alpha/nothing").at("3.57").await.is(404),
        server.get("/v3/volume-transfers").by_nobody().at("3.57").await.is(401),
        server.ask("PUT", "/v3/alpha/volume-transfers").at("3.57").await.is(405),
        server.get("/nothing").at("3.57").await.is(404),
    ] {
        assert_eq!((answer.header("openstack-api-version"), answer.header("vary")), (None, None), "{answer}");
    }
}

#[apply(both_engines!)]
async fn a_version_outside_is_406_and_echoed(server: TestServer) {
    for base in BASES {
        for version in ["3.72", "3.999", "2.0", "2.71", "4.0", "0.0", "3.4294967295"] {
            let answer = ask(&server, base, &format!("volume {version}")).await.is(406);
            let message = format!("Version {version} is not supported by the API. Minimum is 3.0 and maximum is 3.71.");
            assert_eq!(answer.json(), json!({"computeFault": {"code": 406, "message": message}}));
            assert!(answer.header("openstack-api-version").is_some_and(|echo| echo.contains(version)), "{answer}");
        }
    }
    assert_answer("version-3.999", &server, &ask(&server, BASES[0], "volume 3.999").await);
}

#[apply(both_engines!)]
async fn a_malformed_header_is_400_and_echoes_nothing(server: TestServer) {
    for base in BASES {
        for header in [
            "3.55", "latest", "volume", "volume 3", "volume 3.", "volume .55", "volume x.y", "volume 3.055", "volume 03.55",
            "volume -3.5", "volume 3.-5", "volume +3.5", "volume LATEST", "volume Latest", "VOLUME 3.55", "Volume 3.55",
            "volume 3.55 please", "compute 2.1", "compute 2.1, identity 3.0", "volume=3.55", "",
        ] {
            let answer = ask(&server, base, header).await;
            answer.fails(400, "EVS.5400");
            assert_eq!(answer.header("openstack-api-version"), None, "{header}: {answer}");
            assert_eq!(answer.header("vary"), None, "{header}: {answer}");
        }
    }
}

#[apply(both_engines!)]
async fn v2_and_the_version_documents_ignore_the_header(server: TestServer) {
    for path in ["/v2/alpha/os-volume-transfer", "/v2", "/v2/", "/v3", "/v3/", "/health/live", "/health/ready"] {
        for header in ["volume 3.999", "nonsense", "volume 3.57"] {
            let answer = ask(&server, path, header).await.is(200);
            assert_eq!(answer.header("openstack-api-version"), None, "{path}: {answer}");
        }
    }
    let root = ask(&server, "/", "volume 3.999").await.is(300);
    assert_eq!(root.header("openstack-api-version"), None);
    let volume = server.volume().await;
    let asked = json!({"transfer": {"volume_id": volume}});
    let transfer = server.post("/v2/alpha/os-volume-transfer", asked).at("3.57").await.is(202).transfer();
    assert_eq!(keys(&transfer), ["auth_key", "created_at", "id", "links", "name", "volume_id"]);
}

#[apply(both_engines!)]
async fn every_answer_has_exactly_the_fields_of_its_version(server: TestServer) {
    let summary = ["id", "links", "name", "volume_id"];
    let from_55 = ["no_snapshots"];
    let from_57 = ["accepted", "destination_project_id", "no_snapshots", "source_project_id"];
    let with = |more: &[&str]| {
        let mut keys: Vec<String> = summary.iter().chain(more).map(|key| (*key).to_owned()).collect();
        keys.sort_unstable();
        keys
    };
    for base in ["/v2/alpha/os-volume-transfer"].into_iter().chain(BASES) {
        for (version, newer) in [
            (None, &[][..]),
            (Some("3.0"), &[]),
            (Some("3.54"), &[]),
            (Some("3.55"), &from_55),
            (Some("3.56"), &from_55),
            (Some("3.57"), &from_57),
            (Some("3.70"), &from_57),
            (Some("latest"), &from_57),
        ] {
            let newer = if base.starts_with("/v2") { &[] } else { newer };
            let what = format!("{base} at {version:?}");
            let full: Vec<&str> = newer.iter().copied().chain(["created_at"]).collect();
            let created: Vec<&str> = full.iter().copied().chain(["auth_key"]).collect();

            let asked = json!({"transfer": {"volume_id": server.volume().await}});
            let transfer = server.post(base, asked).at_or_none(version).await.is(202).transfer();
            assert_eq!(keys(&transfer), with(&created), "create, {what}");
            let id = transfer["id"].as_str().unwrap();

            let shown = server.get(&format!("{base}/{id}")).at_or_none(version).await.is(200).transfer();
            assert_eq!(keys(&shown), with(&full), "show, {what}");
            let facts =
                json!({"no_snapshots": false, "source_project_id": "alpha", "destination_project_id": null, "accepted": false});
            for key in newer {
                assert_eq!((&shown[key], &transfer[key]), (&facts[key], &facts[key]), "{key}, {what}");
            }
            let row = server.get(base).at_or_none(version).await.is(200).transfers();
            assert_eq!((row.len(), keys(&row[0])), (1, with(&[])), "list, {what}");
            let row = server.get(&format!("{base}/detail")).at_or_none(version).await.is(200).transfers();
            assert_eq!((row.len(), keys(&row[0])), (1, with(&full)), "list with details, {what}");

            let accept = format!("{}/{id}/accept", base.replace("alpha", "beta"));
            let body = json!({"accept": {"auth_key": transfer["auth_key"]}});
            let accepted = server.post(&accept, body).by("bob:beta").at_or_none(version).await.is(202).transfer();
            assert_eq!(keys(&accepted), with(&[]), "accept, {what}");
        }
    }
}

#[apply(both_engines!)]
async fn the_newest_answer_to_create_is(server: TestServer) {
    let asked = json!({"transfer": {"volume_id": server.volume().await, "name": "first volume", "no_snapshots": true}});
    let answer = server.post("/v3/alpha/volume-transfers", asked).at("3.71").await.is(202);
    assert_answer("create-at-3.71", &server, &answer);
}

#[apply(both_engines!)]
async fn paths_and_versions_mix_freely_in_one_story(server: TestServer) {
    let asked = json!({"transfer": {"volume_id": server.volume().await, "no_snapshots": true}});
    let transfer = server.post(BASES[1], asked).at("3.70").await.is(202).transfer();
    let id = transfer["id"].as_str().unwrap();
    assert_eq!(server.get(&format!("/v2/alpha/os-volume-transfer/{id}")).await.is(200).transfer()["id"], id);
    assert_eq!(server.get(&format!("{}/{id}", BASES[0])).at("3.55").await.is(200).transfer()["no_snapshots"], true);
    assert_eq!(server.get(&format!("{}/{id}", BASES[3])).at("3.57").await.is(200).transfer()["source_project_id"], "alpha");
    let body = json!({"accept": {"auth_key": transfer["auth_key"]}});
    server.post(&format!("/v3/beta/os-volume-transfer/{id}/accept"), body).by("bob:beta").at("3.1").await.is(202);
}
