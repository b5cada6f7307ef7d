//! The fields and parameters that the OpenAPI document speaks of are those that are read: each is known, and no other.

use crate::support::{TestServer, Value, apply, both_engines, json, new_id};

/// An operation that takes a body or a query.
struct Row<'d> {
    document: &'d Value,
    path: String,
    method: String,
    operation: &'d Value,
}

/// Every operation of a served document, at a path that can be asked.
fn rows(document: &Value) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let path = template.split('/').map(|segment| match segment {
                "{project_id}" | "{target_project_id}" => "alpha".to_owned(),
                "{class_name}" => "default".to_owned(),
                _ if segment.starts_with('{') => new_id(),
                _ => segment.to_owned(),
            });
            let path = path.collect::<Vec<_>>().join("/");
            rows.push(Row { document, path, method: method.to_uppercase(), operation });
        }
    }
    rows
}

impl Row<'_> {
    fn resolved<'d>(&'d self, schema: &'d Value) -> &'d Value {
        match schema["$ref"].as_str() {
            Some(to) => self.resolved(self.document.pointer(to.trim_start_matches('#')).unwrap()),
            None => schema,
        }
    }

    /// The objects that a body may hold: one, or an action's one of several.
    fn objects<'d>(&'d self, body: &'d Value) -> Vec<(&'d str, &'d Value)> {
        let body = self.resolved(body);
        if let Some(forms) = body["oneOf"].as_array() {
            return forms.iter().flat_map(|form| self.objects(form)).collect();
        }
        let mut objects = Vec::new();
        for (name, object) in body["properties"].as_object().into_iter().flatten() {
            let object = self.resolved(object);
            // or null
            let object = object["oneOf"].as_array().map_or(object, |either| self.resolved(either.last().unwrap()));
            if body["required"].as_array().unwrap().contains(&json!(name)) && object["type"] == "object" {
                objects.push((&**name, object));
            }
        }
        objects
    }

    /// Something that a schema allows.
    fn example(&self, schema: &Value) -> Value {
        let schema = self.resolved(schema);
        if let Some(given) = schema["examples"].get(0).or(schema["enum"].get(0)) {
            return given.clone();
        }
        if let Some(either) = schema["oneOf"].get(0) {
            return self.example(either);
        }
        let kind = schema["type"].as_str().or(schema["type"][0].as_str());
        match kind.unwrap_or_else(|| panic!("no example for {schema}")) {
            "object" => {
                let required = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
                required
                    .map(|name| (name.to_owned(), self.example(&schema["properties"][name])))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }
            "array" => json!([]),
            "boolean" => json!(true),
            "integer" => json!(1),
            "string" => json!("x"),
            kind => panic!("no example for {kind}"),
        }
    }
}

#[apply(both_engines!)]
async fn each_documented_field_is_known_and_each_required_one_missed_and_any_other_refused(server: TestServer) {
    let document = server.get("/openapi.json").await.json();
    let mut fields = 0;
    for row in rows(&document) {
        let Some(content) = row.operation["requestBody"]["content"].get("application/json") else { continue };
        for (name, inner) in row.objects(&content["schema"]) {
            if inner["properties"].is_null() {
                continue; // metadata have any field
            }
            let mut whole = row.example(inner);
            // some must say something, whatever it is
            let first = inner["properties"].as_object().unwrap().iter().next().unwrap();
            whole[first.0] = row.example(first.1);
            let send = async |field: &str, value: Option<Value>| {
                let mut body = whole.as_object().unwrap().clone();
                body.shift_remove(field);
                body.extend(value.map(|value| (field.to_owned(), value)));
                let ask = server.ask(&row.method, &row.path).json(&json!({ name: body }));
                ask.at("3.71").await.text().to_owned()
            };
            for (field, schema) in inner["properties"].as_object().unwrap() {
                let said = send(field, Some(row.example(schema))).await;
                assert!(!said.contains("Unknown field"), "{} {}: {field}: {said}", row.method, row.path);
                fields += 1;
            }
            for field in inner["required"].as_array().into_iter().flatten().map(|field| field.as_str().unwrap()) {
                let said = send(field, None).await;
                let (ours, keystones) =
                    (format!("`{name}.{field}` is missing"), format!("Expecting to find {field} in {name}."));
                assert!(said.contains(&ours) || said.contains(&keystones), "{} {}: {said}", row.method, row.path);
            }
            if row.path.starts_with("/identity/") {
                continue; // what else is said of something is kept
            }
            let said = send("colour", Some(json!("red"))).await;
            let expected = format!("Unknown field `{name}.colour`");
            assert!(said.contains(&expected), "{} {}: {said}", row.method, row.path);
        }
    }
    assert!(fields >= 10, "{fields}");
}

#[apply(both_engines!)]
async fn each_documented_parameter_is_taken_with_its_example(server: TestServer) {
    let document = server.get("/openapi.json").await.json();
    let mut parameters = 0;
    for row in rows(&document) {
        for parameter in row.operation["parameters"].as_array().into_iter().flatten().filter(|given| given["in"] == "query") {
            let (name, example) = (parameter["name"].as_str().unwrap(), row.example(&parameter["schema"]));
            if name == "marker" {
                continue; // names a record, which an example does not
            }
            let value = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
            let answer = server.ask(&row.method, &format!("{}?{name}={value}", row.path)).by("admin:alpha").at("3.71").await;
            assert!(matches!(answer.status, 200 | 404), "{name}: {answer}");
            parameters += 1;
        }
    }
    assert!(parameters >= 50, "{parameters}");
}

#[apply(both_engines!)]
async fn the_headers_that_name_a_request_are_documented_where_they_are_heeded(server: TestServer) {
    let document = server.get("/openapi.json").await.json();
    let mut heeded = 0;
    for row in rows(&document).iter().filter(|row| row.path.starts_with("/v2/alpha/") && row.method != "GET") {
        let ask = server.ask(&row.method, &row.path).header("X-Client-Token", "no UUID");
        let answer = if row.method == "DELETE" { ask.await } else { ask.json(&json!({})).await };
        let is_heeded = answer.text().contains("EVS.2218");
        for name in ["X-Client-Token", "Idempotency-Key"] {
            let to = json!({"$ref": format!("#/components/parameters/{name}")});
            let is_documented = row.operation["parameters"].as_array().unwrap().contains(&to);
            assert_eq!(is_documented, is_heeded, "{name}: {answer}");
        }
        heeded += usize::from(is_heeded);
    }
    assert_eq!(heeded, 3, "create, accept, delete");
}
