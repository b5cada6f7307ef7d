//! The catalogue: types, zones and extensions for everybody, what runs behind them for admins; in Cinder's shapes, which
//! clients check key by key.

use crate::support::{Answer, Dialect, Engine, TestServer, Value, apply, both_engines, json, new_id};

/// Every path below which the catalogue is, with a caller's token for it.
const BASES: [&str; 3] = ["/v2/alpha", "/v3/alpha", "/v3"];

const DEFAULTS: [&str; 8] = ["ESSD", "ESSD2", "GPSSD", "GPSSD2", "SAS", "SATA", "SSD", "__DEFAULT__"];

/// The rows under `name`, which must be the only key.
#[track_caller]
fn rows(answer: &Answer, name: &str) -> Vec<Value> {
    let body = answer.json();
    assert_eq!(keys(&body), [name], "{answer}");
    body[name].as_array().unwrap().clone()
}

fn keys(object: &Value) -> Vec<String> {
    let mut keys: Vec<String> = object.as_object().unwrap().keys().cloned().collect();
    keys.sort();
    keys
}

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["name"].as_str().unwrap()).collect()
}

/// A type as everybody sees it.
fn shown(id: &Value, name: &str) -> Value {
    json!({
        "id": id, "name": name, "is_public": true, "description": null, "extra_specs": {},
        "os-volume-type-access:is_public": true,
    })
}

#[apply(both_engines!)]
async fn types_are_those_of_the_settings_by_name(server: TestServer) {
    for base in BASES {
        let types = rows(&server.get(&format!("{base}/types?is_public=none")).await.is(200), "volume_types");
        assert_eq!(names(&types), DEFAULTS);
        for volume_type in &types {
            assert_eq!(*volume_type, shown(&volume_type["id"], volume_type["name"].as_str().unwrap()));
        }
    }
}

#[apply(both_engines!)]
async fn a_type_is_shown_by_its_id_in_any_form(server: TestServer) {
    for base in BASES {
        let types = rows(&server.get(&format!("{base}/types?name=SAS")).await.is(200), "volume_types");
        assert_eq!(names(&types), ["SAS"]);
        let id = types[0]["id"].as_str().unwrap();
        for form in [id.to_owned(), id.to_uppercase(), id.replace('-', "")] {
            let answer = server.get(&format!("{base}/types/{form}")).await.is(200);
            assert_eq!(answer.json(), json!({"volume_type": shown(&types[0]["id"], "SAS")}));
        }
        let specs = server.get(&format!("{base}/types/{id}/extra_specs")).await.is(200);
        assert_eq!(specs.json(), json!({"extra_specs": {}}));
    }
}

#[apply(both_engines!)]
async fn a_type_has_the_same_id_on_every_server(engine: Engine) {
    let (one, other) = (TestServer::start(engine).await, TestServer::with(engine, &["--volume-types=SSD,gold"]).await);
    let of = async |server: &TestServer| rows(&server.get("/v3/types?name=SSD").await.is(200), "volume_types");
    assert_eq!(of(&one).await, of(&other).await);
}

#[apply(both_engines!)]
async fn the_default_type_is_the_first_of_the_settings(engine: Engine) {
    let server = TestServer::with(engine, &["--volume-types=gold,SSD"]).await;
    for base in BASES {
        let answer = server.get(&format!("{base}/types/default")).await.is(200);
        let id = &answer.json()["volume_type"]["id"];
        assert_eq!(answer.json(), json!({"volume_type": shown(id, "gold")}));
    }
}

#[apply(both_engines!)]
async fn a_types_name_or_anothers_id_finds_none(server: TestServer) {
    let unknown = new_id();
    for base in BASES {
        for sent in ["SSD", "__DEFAULT__", "Default", &unknown] {
            for path in [format!("{base}/types/{sent}"), format!("{base}/types/{sent}/extra_specs")] {
                let message = server.get(&path).await.fails(404, "EVS.5404");
                assert!(message.starts_with(&format!("Volume type {sent} could not be found.")), "{message}");
            }
        }
    }
}

#[apply(both_engines!)]
async fn an_admin_sees_a_types_qos_and_asks_for_private_ones(server: TestServer) {
    for base in BASES {
        let ask = async |query: &str| server.get(&format!("{base}/types{query}")).by("admin:alpha").await;
        let types = rows(&ask("").await.is(200), "volume_types");
        assert!(types.iter().all(|volume_type| volume_type["qos_specs_id"].is_null() && keys(volume_type).len() == 7));
        for (sent, found) in [("true", 8), ("None", 8), ("1", 8), ("False", 0), ("no", 0)] {
            let types = rows(&ask(&format!("?is_public={sent}")).await.is(200), "volume_types");
            assert_eq!(types.len(), found, "{sent}");
        }
        let message = ask("?is_public=perhaps").await.fails(400, "EVS.5400");
        assert!(message.starts_with("Invalid is_public filter [perhaps]"), "{message}");
        // to everybody else there is no such parameter
        let types = server.get(&format!("{base}/types?is_public=perhaps")).await.is(200);
        assert_eq!(rows(&types, "volume_types").len(), 8);
    }
}

#[apply(both_engines!)]
async fn no_type_is_encrypted(server: TestServer) {
    for base in BASES {
        for volume_type in rows(&server.get(&format!("{base}/types")).await.is(200), "volume_types") {
            let path = format!("{base}/types/{}/encryption", volume_type["id"].as_str().unwrap());
            assert_eq!(server.get(&path).by("admin:alpha").await.is(200).json(), json!({}));
            server.get(&path).await.fails(403, "EVS.5403");
        }
        let unknown = format!("{base}/types/{}/encryption", new_id());
        server.get(&unknown).by("admin:alpha").await.fails(404, "EVS.5404");
    }
}

#[apply(both_engines!)]
async fn no_type_has_an_extra_spec_to_be_asked_for_from_3_52(server: TestServer) {
    let multiattach = "/v3/types?extra_specs=%7B%27multiattach%27:%20%27%3Cis%3E%20True%27%7D";
    for (version, path, found) in
        [("3.51", multiattach, 8), ("3.52", multiattach, 0), ("3.52", "/v3/types?extra_specs=%7B%7D", 8)]
    {
        assert_eq!(rows(&server.get(path).at(version).await.is(200), "volume_types").len(), found, "{version} {path}");
    }
}

#[apply(both_engines!)]
async fn types_come_in_pages_whose_links_have_cinders_name(server: TestServer) {
    for base in BASES {
        let mut path = format!("{base}/types?limit=3&sort=name:desc");
        let mut found = Vec::new();
        loop {
            let answer = server.get(&path).await.is(200).json();
            found.extend(names(answer["volume_types"].as_array().unwrap()).iter().map(ToString::to_string));
            let Some(links) = answer.get("volume_type_links") else { break };
            let href = links[0]["href"].as_str().unwrap();
            assert_eq!((links.as_array().unwrap().len(), &links[0]["rel"]), (1, &json!("next")));
            path = href.strip_prefix(&server.base).unwrap().to_owned();
        }
        assert_eq!(found, DEFAULTS.iter().rev().map(ToString::to_string).collect::<Vec<_>>());
        let rest = server.get(&format!("{base}/types?offset=6")).await.is(200);
        assert_eq!(names(&rows(&rest, "volume_types")), DEFAULTS[6..]);
    }
}

#[apply(both_engines!)]
async fn a_marker_of_types_need_not_fit_the_filter_but_must_be_one(server: TestServer) {
    let types = rows(&server.get("/v3/types").await.is(200), "volume_types");
    let id = |name: &str| types.iter().find(|row| row["name"] == name).unwrap()["id"].as_str().unwrap().to_owned();
    for (marker, found) in [(id("SAS"), vec!["SSD"]), (id("SSD"), vec![])] {
        let answer = server.get(&format!("/v3/types?name=SSD&marker={marker}")).await.is(200);
        assert_eq!(names(&rows(&answer, "volume_types")), found);
    }
    server.get("/v2/alpha/types?marker=SSD").await.fails(400, "EVS.1024");
    let message = server.get(&format!("/v3/types?marker={}", new_id())).await.fails(404, "EVS.5404");
    assert!(message.starts_with("Volume type "), "{message}");
}

#[apply(both_engines!)]
async fn zones_are_those_of_the_settings_or_nova(engine: Engine) {
    for (flags, zones) in [(&[][..], vec!["nova"]), (&["--availability-zones=az2,az1"], vec!["az2", "az1"])] {
        let server = TestServer::with(engine, flags).await;
        let expected: Vec<Value> =
            zones.iter().map(|name| json!({"zoneName": name, "zoneState": {"available": true}})).collect();
        for base in BASES {
            let answer = server.get(&format!("{base}/os-availability-zone")).await.is(200);
            assert_eq!(answer.json(), json!({"availabilityZoneInfo": expected}));
        }
    }
}

#[apply(both_engines!)]
async fn extensions_are_listed_and_shown_by_their_alias(server: TestServer) {
    for base in BASES {
        let all = rows(&server.get(&format!("{base}/extensions")).await.is(200), "extensions");
        assert!(names(&all).contains(&"VolumeTransfer") && names(&all).contains(&"Hosts"));
        for extension in all {
            assert_eq!(keys(&extension), ["alias", "description", "links", "name", "updated"]);
            let alias = extension["alias"].as_str().unwrap();
            let answer = server.get(&format!("{base}/extensions/{alias}")).await.is(200);
            assert_eq!(answer.json(), json!({"extension": extension}));
        }
        let message = server.get(&format!("{base}/extensions/nope")).await.fails(404, "EVS.5404");
        assert!(message.starts_with("Extension nope could not be found."), "{message}");
    }
}

#[apply(both_engines!)]
async fn an_admin_sees_one_service_that_is_up(server: TestServer) {
    let old = ["active_backend_id", "binary", "disabled_reason", "frozen", "host", "replication_status", "state", "status"];
    for (base, version, more) in [
        ("/v2/alpha", None, &[][..]),
        ("/v3/alpha", None, &[]),
        ("/v3", Some("3.6"), &[]),
        ("/v3", Some("3.7"), &["cluster"]),
        ("/v3/alpha", Some("3.49"), &["cluster", "backend_state"]),
        ("/v3/alpha", Some("latest"), &["cluster", "backend_state"]),
    ] {
        let answer = server.get(&format!("{base}/os-services")).by("admin:alpha").at_or_none(version).await.is(200);
        let services = rows(&answer, "services");
        let mut expected = [&old[..], &["updated_at", "zone"], more].concat();
        expected.sort_unstable();
        assert_eq!((services.len(), keys(&services[0])), (1, expected.iter().map(ToString::to_string).collect()));
        let values = ["binary", "status", "state", "zone"].map(|key| services[0][key].as_str().unwrap());
        assert_eq!(values, ["cinder-volume", "enabled", "up", "nova"]);
    }
}

#[apply(both_engines!)]
async fn services_are_filtered_by_binary_and_host(server: TestServer) {
    let ask =
        async |query: &str| rows(&server.get(&format!("/v3/os-services{query}")).by("admin:ops").await.is(200), "services");
    let host = ask("").await[0]["host"].as_str().unwrap().to_owned();
    let machine = host.split('@').next().unwrap();
    for (query, found) in [
        ("?binary=cinder-volume".to_owned(), 1),
        ("?binary=cinder-backup".to_owned(), 0),
        (format!("?host={host}&binary=cinder-volume"), 1),
        (format!("?host={machine}"), 1),
        ("?host=other".to_owned(), 0),
    ] {
        assert_eq!(ask(&query).await.len(), found, "{query}");
    }
}

#[apply(both_engines!)]
async fn the_host_and_the_pool_are_those_of_the_service(server: TestServer) {
    let admin = async |path: &str| server.get(path).by("admin:alpha").at("3.28").await.is(200);
    for base in BASES {
        let service = rows(&admin(&format!("{base}/os-services")).await, "services").remove(0);
        let host = rows(&admin(&format!("{base}/os-hosts")).await, "hosts").remove(0);
        assert_eq!(keys(&host), ["host_name", "last-update", "service", "service-state", "service-status", "zone"],);
        assert_eq!((&host["host_name"], &host["service-state"]), (&service["host"], &json!("enabled")));

        let plain = rows(&admin(&format!("{base}/scheduler-stats/get_pools")).await, "pools");
        let name = plain[0]["name"].as_str().unwrap();
        assert_eq!(plain, [json!({"name": name})]);
        assert!(name.starts_with(&format!("{}#", service["host"].as_str().unwrap())), "{name}");
        let detailed = rows(&admin(&format!("{base}/scheduler-stats/get_pools?detail=True")).await, "pools");
        assert_eq!((&detailed[0]["name"], &detailed[0]["capabilities"]["backend_state"]), (&json!(name), &json!("up")));
    }
    assert_eq!(rows(&admin("/v3/scheduler-stats/get_pools?name=other").await, "pools"), [json!(null); 0]);
}

#[apply(both_engines!)]
async fn a_volume_is_in_the_pool_unless_an_export_says_where(server: TestServer) {
    let pool = rows(&server.get("/v3/scheduler-stats/get_pools").by("admin:ops").await.is(200), "pools")[0]["name"].clone();
    for (fields, host) in [(json!({}), pool), (json!({"os-vol-host-attr:host": "a@b#c"}), json!("a@b#c"))] {
        let id = server.volume_with(fields).await;
        for path in [format!("/v3/volumes/{id}"), format!("/v2/ops/cloudvolumes/{id}")] {
            let volume = server.get(&path).by("admin:ops").await.is(200).one("volume");
            assert_eq!(volume["os-vol-host-attr:host"], host, "{path}");
        }
    }
    let id = server.volume_with(json!({"os-vol-host-attr:host": null})).await;
    let volume = server.get(&format!("/v2/alpha/cloudvolumes/{id}")).await.is(200).one("volume");
    assert_eq!(volume["os-vol-host-attr:host"], json!(null), "as the export said");
}

#[apply(both_engines!)]
async fn what_runs_behind_is_for_admins_only(server: TestServer) {
    for (path, policy) in [
        ("os-services", "volume_extension:services:index"),
        ("os-hosts", "volume_extension:hosts"),
        ("scheduler-stats/get_pools", "scheduler_extension:scheduler_stats:get_pools"),
    ] {
        for base in BASES {
            let answer = server.get(&format!("{base}/{path}")).await;
            let message = answer.fails(403, "EVS.5403");
            assert!(message.starts_with(&format!("Policy doesn't allow {policy} to be performed.")), "{message}");
        }
    }
}

#[apply(both_engines!)]
async fn a_policy_speaks_the_dialect_of_the_setting(engine: Engine) {
    for (flag, dialect) in [("--dialect=evs", Dialect::Evs), ("--dialect=openstack", Dialect::Openstack)] {
        let server = TestServer::with(engine, &[flag]).await;
        for base in BASES {
            server.get(&format!("{base}/os-services")).await.fails_in(dialect, 403, "EVS.5403");
        }
    }
}

#[apply(both_engines!)]
async fn the_default_type_is_the_first_that_is_named_whoever_made_it(engine: Engine) {
    let first = TestServer::start(engine).await;
    let gold = first.volume_type(json!({"name": "gold"})).await;
    let database = first.database.clone();
    drop(first);
    let server = TestServer::over(database, &["--volume-types=gold,SSD"]).await;
    assert_eq!(server.types("GET", "/default", Value::Null).await.is(200).one("volume_type")["name"], "gold");
    let made = server.post("/v3/alpha/volumes", json!({"volume": {"size": 1}})).await.is(202).one("volume");
    assert_eq!(made["volume_type"], "gold");
    server.delete(&format!("/v3/alpha/volumes/{}", made["id"].as_str().unwrap())).await.is(202);
    let message = server.types("DELETE", &format!("/{gold}"), Value::Null).await.fails(400, "EVS.5400");
    assert!(message.contains("is a default volume type"), "{message}");
}
