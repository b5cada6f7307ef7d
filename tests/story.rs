//! Any story of offers, against a model in memory: what the model says is what every answer says.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::{Answer, TestServer, apply, both_engines, json, property, volume};

const PROJECTS: usize = 3;
const VOLUMES: usize = 3;

/// A step; an index picks among what there is.
#[derive(Debug, Clone)]
enum Step {
    Create { project: usize, volume: usize, newer: bool },
    Accept { offer: Index, project: usize, right_key: bool },
    Delete { offer: Index, project: usize, admin: bool },
    Show { offer: Index, project: usize },
    List { project: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let project = 0..PROJECTS;
    prop_oneof![
        4 => (project.clone(), 0..VOLUMES, any::<bool>()).prop_map(|(project, volume, newer)| Step::Create { project, volume, newer }),
        3 => (any::<Index>(), project.clone(), prop::bool::weighted(0.7))
            .prop_map(|(offer, project, right_key)| Step::Accept { offer, project, right_key }),
        2 => (any::<Index>(), project.clone(), prop::bool::weighted(0.2))
            .prop_map(|(offer, project, admin)| Step::Delete { offer, project, admin }),
        1 => (any::<Index>(), project.clone()).prop_map(|(offer, project)| Step::Show { offer, project }),
        1 => project.prop_map(|project| Step::List { project }),
    ]
}

/// What the model knows of an offer, ended ones too.
#[derive(Debug, Clone)]
struct Offer {
    id: String,
    key: String,
    volume: usize,
    donor: usize,
    is_pending: bool,
}

/// The whole truth of one case: projects and volumes of its own.
struct Model<'s> {
    server: &'s TestServer,
    case: u32,
    volumes: Vec<String>,
    owners: Vec<usize>,
    offers: Vec<Offer>,
}

impl Model<'_> {
    fn project(&self, number: usize) -> String {
        format!("c{}p{number}", self.case)
    }

    fn path(&self, project: usize, tail: &str) -> String {
        format!("/v2/{}/os-volume-transfer{tail}", self.project(project))
    }

    fn token(&self, project: usize) -> String {
        format!("u{project}:{}", self.project(project))
    }

    fn is_offered(&self, volume: usize) -> bool {
        self.offers.iter().any(|offer| offer.is_pending && offer.volume == volume)
    }

    async fn play(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::Create { project, volume, newer } => self.create(*project, *volume, *newer).await,
            Step::List { project } => self.list(*project).await,
            _ if self.offers.is_empty() => Ok(()),
            Step::Accept { offer, project, right_key } => {
                self.accept(offer.index(self.offers.len()), *project, *right_key).await
            }
            Step::Delete { offer, project, admin } => self.delete(offer.index(self.offers.len()), *project, *admin).await,
            Step::Show { offer, project } => self.show(offer.index(self.offers.len()), *project).await,
        }
    }

    async fn create(&mut self, project: usize, volume: usize, newer: bool) -> Result<(), TestCaseError> {
        let body = json!({"transfer": {"volume_id": self.volumes[volume]}});
        let path = self.path(project, "");
        let path = if newer { path.replace("/v2/", "/v3/").replace("os-volume-transfer", "volume-transfers") } else { path };
        let answer = self.server.post(&path, body).by(&self.token(project)).await;
        let expected = match (self.owners[volume] == project, self.is_offered(volume)) {
            (false, _) => 404,
            (true, true) => 400,
            (true, false) => 202,
        };
        is(&answer, expected)?;
        if expected == 202 {
            let transfer = answer.transfer();
            let text = |key: &str| transfer[key].as_str().unwrap().to_owned();
            self.offers.push(Offer { id: text("id"), key: text("auth_key"), volume, donor: project, is_pending: true });
        }
        Ok(())
    }

    async fn accept(&mut self, offer: usize, project: usize, right_key: bool) -> Result<(), TestCaseError> {
        let Offer { id, key, volume, is_pending, .. } = self.offers[offer].clone();
        let key = if right_key { key } else { "0000000000000000".to_owned() };
        let path = self.path(project, &format!("/{id}/accept"));
        let answer = self.server.post(&path, json!({"accept": {"auth_key": key}})).by(&self.token(project)).await;
        let expected = match (is_pending, right_key) {
            (false, _) => 404,
            (true, false) => 400,
            (true, true) => 202,
        };
        is(&answer, expected)?;
        if expected == 202 {
            self.offers[offer].is_pending = false;
            self.owners[volume] = project;
        }
        Ok(())
    }

    async fn delete(&mut self, offer: usize, project: usize, admin: bool) -> Result<(), TestCaseError> {
        let Offer { id, donor, is_pending, .. } = self.offers[offer].clone();
        let token = if admin { format!("admin:{}", self.project(project)) } else { self.token(project) };
        let answer = self.server.delete(&self.path(project, &format!("/{id}"))).by(&token).await;
        let may = is_pending && (admin || donor == project);
        is(&answer, if may { 202 } else { 404 })?;
        self.offers[offer].is_pending &= !may;
        Ok(())
    }

    async fn show(&self, offer: usize, project: usize) -> Result<(), TestCaseError> {
        let Offer { id, donor, is_pending, .. } = &self.offers[offer];
        let answer = self.server.get(&self.path(project, &format!("/{id}"))).by(&self.token(project)).await;
        is(&answer, if *is_pending && *donor == project { 200 } else { 404 })
    }

    async fn list(&self, project: usize) -> Result<(), TestCaseError> {
        let mut listed = self.server.get(&self.path(project, "")).by(&self.token(project)).await.is(200).ids();
        let theirs = self.offers.iter().filter(|offer| offer.is_pending && offer.donor == project);
        let mut expected: Vec<String> = theirs.map(|offer| offer.id.clone()).collect();
        // two offers of one microsecond go by id: the order has tests of its own
        listed.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(listed, expected);
        Ok(())
    }

    /// The state behind the answers.
    async fn is_true(&self) -> Result<(), TestCaseError> {
        for (volume, id) in self.volumes.iter().enumerate() {
            let stored = self.server.stored_volume(id).await;
            prop_assert_eq!(stored.project_id.as_str(), self.project(self.owners[volume]));
            let status = if self.is_offered(volume) { "awaiting-transfer" } else { "available" };
            prop_assert_eq!(stored.status.as_str(), status);
        }
        for project in 0..PROJECTS {
            self.list(project).await?;
        }
        let mut pending: BTreeMap<usize, usize> = BTreeMap::new();
        for offer in self.offers.iter().filter(|offer| offer.is_pending) {
            *pending.entry(offer.volume).or_default() += 1;
            prop_assert_eq!(offer.donor, self.owners[offer.volume]);
        }
        prop_assert!(pending.values().all(|count| *count == 1), "two offers of one volume: {:?}", self.offers);
        Ok(())
    }
}

fn is(answer: &Answer, status: u16) -> Result<(), TestCaseError> {
    prop_assert_eq!(answer.status, status, "{}", answer);
    Ok(())
}

/// `PROPTEST_CASES` asks for more.
const CASES: u32 = 16;

#[apply(both_engines!)]
async fn any_story_goes_as_the_model_says(server: TestServer) {
    let case = std::sync::atomic::AtomicU32::new(0);
    property::holds(CASES, &vec(step(), 1..24), |steps| {
        let (server, case) = (&server, case.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        async move {
            let mut model = Model { server, case, volumes: Vec::new(), owners: vec![0; VOLUMES], offers: Vec::new() };
            let seeds: Vec<_> = (0..VOLUMES).map(|_| volume(&model.project(0))).collect();
            server.seed(json!({"volumes": seeds})).await;
            model.volumes = seeds.iter().map(|seed| seed["id"].as_str().unwrap().to_owned()).collect();
            for step in &steps {
                model.play(step).await?;
            }
            model.is_true().await
        }
    });
}
