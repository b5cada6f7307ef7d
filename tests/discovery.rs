//! Version documents: how clients find the API and its microversions.

use crate::support::{Engine, TestServer, apply, assert_answer, both_engines};

#[apply(both_engines!)]
async fn the_root_lists_all_versions_to_anybody(server: TestServer) {
    let answer = server.get("/").by_nobody().await.is(300);
    let versions = answer.json()["versions"].clone();
    let found: Vec<_> = versions.as_array().unwrap().iter().map(|version| (&version["id"], &version["status"])).collect();
    assert!(found.iter().any(|(id, status)| *id == "v3.0" && *status == "CURRENT"), "{answer}");
    assert!(found.iter().any(|(id, status)| *id == "v2.0" && *status == "DEPRECATED"), "{answer}");
    assert_answer("all-versions", &server, &answer);
    server.ask("HEAD", "/").by_nobody().await.is(300);
}

#[apply(both_engines!)]
async fn a_version_has_its_document_with_a_slash_or_without(server: TestServer) {
    for (path, name) in [("/v3/", "v3.0"), ("/v3", "v3.0"), ("/v2/", "v2.0"), ("/v2", "v2.0")] {
        for answer in [server.get(path).by_nobody().await, server.get(path).await, server.get(path).by("a:b:c").await] {
            let document = answer.is(200).json();
            let versions = document["versions"].as_array().unwrap();
            assert_eq!((versions.len(), &versions[0]["id"]), (1, &name.into()));
            let links = versions[0]["links"].as_array().unwrap();
            let own = links.iter().find(|link| link["rel"] == "self").unwrap();
            assert_eq!(own["href"], format!("{}/{}/", server.base, &name[..2]), "absolute, with the port");
        }
    }
    let v3 = server.get("/v3/").await.json()["versions"][0].clone();
    assert_eq!((&v3["version"], &v3["min_version"]), (&"3.71".into(), &"3.0".into()));
    let v2 = server.get("/v2/").await.json()["versions"][0].clone();
    assert_eq!((&v2["version"], &v2["min_version"]), (&"".into(), &"".into()));
}

#[apply(both_engines!)]
async fn documents_begin_where_links_do(engine: Engine) {
    let server = TestServer::with(engine, &["--public-url=https://volumes.example.org/cloud"]).await;
    for (path, own) in [("/v3/", "/v3/"), ("/v2", "/v2/")] {
        let document = server.get(path).await.is(200).json();
        assert!(document.to_string().contains(&format!("https://volumes.example.org/cloud{own}")), "{document}");
    }
}

#[apply(both_engines!)]
async fn a_project_alone_is_404_so_that_a_client_climbs(server: TestServer) {
    for path in ["/v3/alpha", "/v3/alpha/", "/v2/alpha", "/v2/alpha/"] {
        server.get(path).await.fails(404, "EVS.5404");
    }
}
