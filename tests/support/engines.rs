//! Each behaviour is written once and runs on both engines, as two tests with names of their own.

use super::{Engine, TestServer};

/// What a test asks for by the type of its parameter: an [`Engine`], or something running on one.
pub trait Fixture {
    async fn on(engine: Engine) -> Self;
}

impl Fixture for Engine {
    async fn on(engine: Engine) -> Self {
        engine
    }
}

impl Fixture for TestServer {
    async fn on(engine: Engine) -> Self {
        Self::start(engine).await
    }
}

/// Makes `name::sqlite` and `name::postgres` of `async fn name(fixture: SomeFixture)`.
///
/// The runtime has several threads, so that a property can block on its cases.
macro_rules! both_engines {
    ($(#[$about:meta])* async fn $name:ident($fixture:ident: $kind:ty) $body:block) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$about])*
            async fn on_either($fixture: $kind) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn sqlite() {
                let _limit = crate::support::Limit::of(concat!(module_path!(), "::sqlite"));
                on_either(<$kind as crate::support::Fixture>::on(crate::support::Engine::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn postgres() {
                let _limit = crate::support::Limit::of(concat!(module_path!(), "::postgres"));
                on_either(<$kind as crate::support::Fixture>::on(crate::support::Engine::Postgres).await).await;
            }
        }
    };
}
pub(crate) use both_engines;
