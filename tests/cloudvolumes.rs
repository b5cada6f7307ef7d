//! EVS's own calls for disks: Cinder's body and what EVS adds, lists with their count, filters one by one.

use std::collections::BTreeSet;

use handover::domain::VolumeType;

use crate::support::{Answer, TestServer, Value, apply, both_engines, json, new_id, volume, with};

/// Every path below which EVS's calls are.
const BASES: [&str; 3] = ["/v2/alpha", "/v3/alpha", "/v3"];

/// The project and the user of the sample.
const EVS: &str = "dd14c6ac581f40059e27f5320b60bf2f";

/// What EVS answered: `cloudvolumes/detail`, one disk for each thing that keeps it from being transferred.
fn sample() -> Value {
    serde_json::from_str(include_str!("samples/evs-cloudvolumes-detail.json")).unwrap()
}

/// The keys that the answers have and the sample has not: only the newest kinds of disk have these.
const NEWEST: [&str; 2] = ["iops", "throughput"];

fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A disk without its links, which lead to where it was asked for.
fn without_links(disk: &Value) -> Value {
    let mut disk = disk.clone();
    disk.as_object_mut().unwrap().remove("links");
    disk
}

/// The names of the rows.
fn names(answer: &Answer) -> Vec<String> {
    answer.rows("volumes").iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

/// Asks for the names that a query leaves, oldest first, on every path; the count must be theirs.
#[track_caller]
fn asked(server: &TestServer, query: &str) -> impl Future<Output = Vec<String>> {
    let bases = BASES.map(|base| format!("{base}/cloudvolumes/detail?sort_key=created_at&sort_dir=asc&{query}"));
    async move {
        let mut found = Vec::new();
        for path in bases {
            let answer = server.get(&path).await.is(200);
            assert_eq!(answer.json()["count"], names(&answer).len(), "{answer}");
            found.push(names(&answer));
        }
        assert!(found.iter().all(|names| *names == found[0]), "{found:?}");
        found.remove(0)
    }
}

/// Loads disks of alpha, each a second younger than the one before, called by their numbers and with these fields.
async fn disks<const N: usize>(server: &TestServer, fields: [Value; N]) -> Vec<String> {
    let age = |n: usize| json!({"name": n.to_string(), "created_at": format!("2026-01-01T00:00:{n:02}.000000")});
    let disks: Vec<Value> =
        fields.into_iter().enumerate().map(|(n, fields)| with(with(volume("alpha"), age(n)), fields)).collect();
    server.seed(json!({"volumes": disks})).await;
    disks.iter().map(|disk| disk["id"].as_str().unwrap().to_owned()).collect()
}

#[apply(both_engines!)]
async fn an_export_of_evs_that_is_imported_is_shown_as_it_was(server: TestServer) {
    let sample = sample();
    server.seed(sample.clone()).await;
    let token = format!("alice:{EVS}");
    for base in [format!("/v2/{EVS}"), format!("/v3/{EVS}")] {
        let list = server.get(&format!("{base}/cloudvolumes/detail")).by(&token).await.is(200);
        assert_eq!(keys(&list.json()), BTreeSet::from(["count", "volumes", "volumes_links"]));
        assert_eq!((&list.json()["count"], &list.json()["volumes_links"]), (&sample["count"], &sample["volumes_links"]));
        for disk in sample["volumes"].as_array().unwrap() {
            let id = disk["id"].as_str().unwrap();
            let shown = server.get(&format!("{base}/cloudvolumes/{id}")).by(&token).await.is(200).one("volume");
            let mut expected = without_links(disk);
            for key in NEWEST {
                expected[key] = Value::Null;
            }
            assert_eq!(without_links(&shown), expected);
            assert!(list.rows("volumes").contains(&shown), "{id} is the same in the list");
        }
    }
}

#[apply(both_engines!)]
async fn a_disk_of_our_own_has_every_key_of_evs(server: TestServer) {
    let id = server.volume().await;
    for base in BASES {
        let disk = server.get(&format!("{base}/cloudvolumes/{id}")).await.is(200).one("volume");
        assert_eq!(keys(&disk), keys(&sample()["volumes"][0]).into_iter().chain(NEWEST).collect());
        let evs = [
            "dedicated_storage_id", "dedicated_storage_name", "enterprise_project_id", "service_type", "shareable", "tags",
            "serial_number", "iops", "throughput", "volume_image_metadata", "bootable", "status", "metadata", "attachments",
        ];
        assert_eq!(
            evs.map(|key| disk[key].clone()),
            [
                json!(null),
                json!(null),
                json!("0"),
                json!("EVS"),
                json!("false"),
                json!({}),
                json!(id),
                json!(null),
                json!(null),
                json!({}),
                json!("false"),
                json!("available"),
                json!({}),
                json!([]),
            ]
        );
        let half = id.replace('-', "")[..16].to_owned();
        assert_eq!(disk["wwn"], format!("688860300000d136{half}"));
        let project = if base == "/v3" { "" } else { "/alpha" };
        let (url, version) = (&server.base, &base[..3]);
        assert_eq!(
            disk["links"],
            json!([
                {"rel": "self", "href": format!("{url}{version}{project}/cloudvolumes/{id}")},
                {"rel": "bookmark", "href": format!("{url}{project}/cloudvolumes/{id}")},
            ])
        );
    }
}

#[apply(both_engines!)]
async fn cinders_later_keys_come_with_their_version_on_v3(server: TestServer) {
    let path = format!("cloudvolumes/{}", server.volume().await);
    let at = async |version| server.get(&format!("/v3/{path}")).at(version).await.is(200).one("volume");
    assert_eq!(at("3.12").await.get("group_id"), None);
    assert_eq!(at("3.13").await["group_id"], json!(null));
    assert_eq!(at("3.71").await["consumes_quota"], json!(true));
    assert_eq!(at("3.71").await.get("cluster_name"), None, "which only admins see");
}

#[apply(both_engines!)]
async fn what_our_own_fields_say_is_said_in_evss_way(server: TestServer) {
    for (fields, key, shown) in [
        (json!({"dedicated_storage": "dss"}), "/service_type", json!("DSS")),
        (json!({"dedicated_storage": "dess"}), "/service_type", json!("DESS")),
        (json!({"multiattach": true}), "/shareable", json!("true")),
        (json!({"encrypted": true}), "/metadata/__system__encrypted", json!("1")),
        (json!({"billing": "prepaid", "metadata": {"orderID": "CS1"}}), "/metadata/orderID", json!("CS1")),
        (json!({"bootable": true}), "/bootable", json!("true")),
        (json!({"replication_enabled": true}), "/replication_status", json!("enabled")),
        (json!({"status": "error_managing"}), "/status", json!("error_managing")),
        (json!({"tags": {"k": "v"}}), "/tags", json!({"k": "v"})),
        (json!({"iops": {"id": "a", "total_val": 3000, "frozened": false}}), "/iops/total_val", json!(3000)),
    ] {
        let id = server.volume_with(fields.clone()).await;
        let disk = server.get(&format!("/v2/alpha/cloudvolumes/{id}")).await.is(200).one("volume");
        assert_eq!(disk.pointer(key), Some(&shown), "{fields}");
    }
    let id = server.volume_with(json!({"billing": "prepaid"})).await;
    let disk = server.get(&format!("/v2/alpha/cloudvolumes/{id}")).await.is(200).one("volume");
    assert_eq!(disk["metadata"], json!({"orderID": id}), "a value says that it is prepaid");
    // only EVS says it so
    let cinders = server.get(&format!("/v3/alpha/volumes/{id}")).await.is(200).one("volume");
    assert_eq!(cinders["metadata"], json!({}));
}

#[apply(both_engines!)]
async fn a_plain_list_has_ids_names_and_links(server: TestServer) {
    let ids = disks(&server, [json!({}), json!({})]).await;
    for base in BASES {
        let list = server.get(&format!("{base}/cloudvolumes?sort_dir=asc")).await.is(200);
        assert_eq!(names(&list), ["0", "1"]);
        assert_eq!(list.json()["count"], 2);
        let row = &list.rows("volumes")[0];
        assert_eq!((keys(row), &row["id"]), (BTreeSet::from(["id", "links", "name"]), &json!(ids[0])));
        assert!(row["links"][0]["href"].as_str().unwrap().ends_with(&format!("/cloudvolumes/{}", ids[0])), "{row}");
    }
}

#[apply(both_engines!)]
async fn the_count_is_of_all_pages_and_every_page_leads_to_the_next(server: TestServer) {
    disks(&server, [(); 5].map(|()| json!({}))).await;
    for base in BASES {
        let mut path = format!("{base}/cloudvolumes/detail?limit=2&status=available");
        let mut found = Vec::new();
        loop {
            let page = server.get(&path).await.is(200);
            found.push(names(&page));
            assert_eq!(page.json()["count"], 5);
            let links = page.json()["volumes_links"].clone();
            let Some(next) = links.get(0) else { break };
            assert_eq!(next["rel"], "next");
            path = next["href"].as_str().unwrap().strip_prefix(&server.base).unwrap().to_owned();
        }
        assert_eq!(found, [vec!["4", "3"], vec!["2", "1"], vec!["0"]], "newest first");
        let page = server.get(&format!("{base}/cloudvolumes/detail?limit=2&offset=4")).await.is(200);
        assert_eq!((names(&page), &page.json()["count"]), (vec!["0".to_owned()], &json!(5)));
    }
    let none = server.get("/v3/alpha/cloudvolumes/detail?limit=0").await.is(200);
    assert_eq!(none.json(), json!({"count": 5, "volumes": [], "volumes_links": []}));
}

#[apply(both_engines!)]
async fn disks_are_filtered_by_what_they_are(server: TestServer) {
    let fields = json!({
        "status": "in-use", "availability_zone": "az1", "multiattach": true, "volume_type": "SSD", "dedicated_storage": "dss",
        "dedicated_storage_id": "pool-1", "dedicated_storage_name": "the fast pool", "enterprise_project_id": "ep",
        "metadata": {"a": "1", "b": "2"},
    });
    let ids = disks(&server, [fields, json!({"volume_type": "SAS", "metadata": {"a": "1"}, "description": "pool"})]).await;
    let ssd = VolumeType::id_of("SSD").to_string();
    for (query, found) in [
        ("name=0", &["0"][..]),
        ("name=", &["0", "1"]),
        ("status=in-use", &["0"]),
        ("status=IN-USE", &[]),
        ("availability_zone=az1", &["0"]),
        ("multiattach=true", &["0"]),
        ("multiattach=False", &["1"]),
        ("service_type=DSS", &["0"]),
        ("service_type=EVS", &["1"]),
        ("service_type=DESS", &[]),
        ("service_type=dss", &[]),
        ("dedicated_storage_id=pool-1", &["0"]),
        ("dedicated_storage_id=pool", &[]),
        ("dedicated_storage_name=fast", &["0"]),
        ("dedicated_storage_name=the%20fast%20pool", &["0"]),
        ("dedicated_storage_name=FAST%25", &[]),
        ("enterprise_project_id=ep", &["0"]),
        ("enterprise_project_id=0", &["1"]),
        ("enterprise_project_id=all_granted_eps", &["0", "1"]),
        ("enterprise_project_id=other", &[]),
        (&format!("volume_type_id={ssd}"), &["0"]),
        (&format!("volume_type_id={}", new_id()), &[]),
        ("volume_type_id=SSD", &[]),
        ("metadata=%7B%22a%22:%221%22%7D", &["0", "1"]),
        ("metadata=%7B'a':%20'1',%20'b':'2'%7D", &["0"]),
        ("not_metadata=%7B%22b%22:%222%22%7D", &["1"]),
        ("not_metadata=%7B%22b%22:%223%22%7D", &["0", "1"]),
        ("not_metadata=%7B%22a%22:%221%22%7D", &[]),
        (&format!("id={}", ids[1]), &["1"]),
        ("id=nope", &[]),
        ("status=in-use&multiattach=false", &[]),
        ("unknown=1", &["0", "1"]),
    ] {
        assert_eq!(asked(&server, query).await, found, "{query}");
    }
}

#[apply(both_engines!)]
async fn disks_are_filtered_by_the_server_that_has_them(server: TestServer) {
    let (one, two) = (new_id(), new_id());
    let attached = |servers: &[&str]| {
        let all: Vec<Value> = servers.iter().map(|id| json!({"server_id": id, "attachment_id": new_id()})).collect();
        json!({"status": "in-use", "attachments": all})
    };
    let odd = json!({"attachments": [{"server_id": null}, {"device": "/dev/vdb"}]});
    disks(&server, [attached(&[&one]), attached(&[&two, &one]), odd, json!({})]).await;
    for (query, found) in [
        (format!("server_id={one}"), &["0", "1"][..]),
        (format!("server_id={two}"), &["1"]),
        (format!("server_id={}", new_id()), &[]),
        ("server_id=x".to_owned(), &[]),
    ] {
        assert_eq!(asked(&server, &query).await, found, "{query}");
    }
}

#[apply(both_engines!)]
async fn ids_are_a_list_of_which_what_is_no_id_is_ignored(server: TestServer) {
    let ids = disks(&server, [json!({}), json!({}), json!({})]).await;
    let [a, b] = [&ids[0], &ids[2]];
    for list in
        [format!("['{a}','{b}']"), format!("[\"{a}\", \"{}\", \"nope\"]", b.to_uppercase()), format!("[{b},{a},{}]", new_id())]
    {
        assert_eq!(asked(&server, &format!("ids={list}")).await, ["0", "2"], "{list}");
        // and the one id is not looked at beside them
        assert_eq!(asked(&server, &format!("id={}&ids={list}", ids[1])).await, ["0", "2"], "{list}");
    }
    for list in ["[]", "['nope']"] {
        assert_eq!(asked(&server, &format!("ids={list}")).await, [""; 0], "{list}");
    }
    let many = |count: usize| format!("[{}]", vec![a.as_str(); count].join(","));
    assert_eq!(asked(&server, &format!("ids={}", many(60))).await, ["0"]);
    for (list, what) in [(many(61), "has 61 ids"), (a.clone(), "is no list")] {
        let message = server.get(&format!("/v2/alpha/cloudvolumes/detail?ids={list}")).await.fails(400, "EVS.5400");
        assert!(message.starts_with(&format!("ids {what}")), "{message}");
    }
}

#[apply(both_engines!)]
async fn disks_are_sorted_by_evss_keys(server: TestServer) {
    let of = |size: u8, status: &str| json!({"size": size, "status": status});
    disks(&server, [of(2, "available"), of(3, "error"), of(1, "in-use")]).await;
    for (query, found) in [
        ("", ["2", "1", "0"]),
        ("sort_key=size&sort_dir=asc", ["2", "0", "1"]),
        ("sort_key=size", ["1", "0", "2"]),
        ("sort_key=status&sort_dir=desc", ["2", "1", "0"]),
        ("sort_key=status&sort_dir=asc", ["0", "1", "2"]),
        ("sort_dir=asc", ["0", "1", "2"]),
    ] {
        let list = server.get(&format!("/v2/alpha/cloudvolumes/detail?{query}")).await.is(200);
        assert_eq!(names(&list), found, "{query}");
    }
}

#[apply(both_engines!)]
async fn a_wrong_parameter_is_refused_in_evss_codes(server: TestServer) {
    for (query, code) in [
        ("limit=0", "EVS.1023"),
        ("limit=1001", "EVS.2142"),
        ("marker=nope", "EVS.1024"),
        (&format!("marker={}", new_id()), "EVS.1024"),
        ("sort_key=wwn", "EVS.1039"),
        ("sort_dir=up", "EVS.1040"),
        ("offset=-1", "EVS.5400"),
        ("multiattach=perhaps", "EVS.5400"),
        ("metadata=a", "EVS.5400"),
        ("not_metadata=a", "EVS.5400"),
        ("name=a&name=b", "EVS.5400"),
    ] {
        server.get(&format!("/v2/alpha/cloudvolumes/detail?{query}")).await.fails(400, code);
    }
}

#[apply(both_engines!)]
async fn anothers_disk_is_no_disk_but_for_admins(server: TestServer) {
    let id = server.volume().await;
    for (path, unknown) in [("", new_id()), ("/tags", new_id()), ("", "nope".to_owned())] {
        for base in BASES.map(|base| base.replace("alpha", "omega")) {
            for sent in [&unknown, &id] {
                let message =
                    server.get(&format!("{base}/cloudvolumes/{sent}{path}")).by("mallory:omega").await.fails(404, "EVS.5404");
                assert!(message.starts_with(&format!("Volume {sent} could not be found.")), "{message}");
            }
        }
    }
    let list = async |token: &str, query: &str| {
        server.get(&format!("/v2/omega/cloudvolumes/detail{query}")).by(token).await.is(200).json()["count"].clone()
    };
    assert_eq!(list("mallory:omega", "?all_tenants=1").await, 0);
    assert_eq!(list("admin:omega", "").await, 0);
    assert_eq!(list("admin:omega", "?all_tenants=1&project_id=alpha").await, 1);
    let disk = server.get(&format!("/v2/omega/cloudvolumes/{id}")).by("admin:omega").await.is(200).one("volume");
    assert_eq!(disk["os-vol-tenant-attr:tenant_id"], "alpha");
}

#[apply(both_engines!)]
async fn tags_are_shown_of_one_disk_and_of_all(server: TestServer) {
    let fields = [json!({"tags": {"env": "test", "team": "a"}}), json!({"tags": {"env": "prod", "团队": "甲"}})];
    let odd = [json!({"tags": null}), json!({"tags": {}}), json!({})];
    let ids = disks(&server, fields).await;
    let others = disks(&server, odd).await;
    server.seed(json!({"volumes": [with(volume("beta"), json!({"tags": {"env": "beta"}}))]})).await;
    for base in BASES {
        let all = server.get(&format!("{base}/cloudvolumes/tags")).await.is(200);
        assert_eq!(all.json(), json!({"tags": {"env": ["prod", "test"], "team": ["a"], "团队": ["甲"]}}));
        let one = server.get(&format!("{base}/cloudvolumes/{}/tags", ids[0])).await.is(200);
        assert_eq!(one.json(), json!({"tags": [{"key": "env", "value": "test"}, {"key": "team", "value": "a"}]}));
        for id in &others {
            let none = server.get(&format!("{base}/cloudvolumes/{id}/tags")).await.is(200);
            assert_eq!(none.json(), json!({"tags": []}));
        }
    }
    let quoted = json!({"tags": {"a\"b": "x", "": "y", "tab\tk": "q", "back\\": "z"}});
    server.seed(json!({"volumes": [with(volume("quoted"), quoted)]})).await;
    let all = server.get("/v2/quoted/cloudvolumes/tags").by("quinn:quoted").await.is(200);
    assert_eq!(all.json(), json!({"tags": {"a\"b": ["x"], "": ["y"], "tab\tk": ["q"], "back\\": ["z"]}}));
    let none = server.get("/v2/omega/cloudvolumes/tags").by("mallory:omega").await.is(200);
    assert_eq!(none.json(), json!({"tags": {}}));
}
