//! Property tests within a test's own runtime.

use std::fmt::Debug;
use std::future::Future;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// Tries `cases` cases, or as many as `PROPTEST_CASES` says, and names the smallest that fails.
pub fn holds<S, F>(cases: u32, strategy: &S, property: impl Fn(S::Value) -> F)
where
    S: Strategy,
    S::Value: Debug,
    F: Future<Output = Result<(), TestCaseError>>,
{
    let cases = std::env::var("PROPTEST_CASES").map_or(cases, |asked| asked.parse().expect("PROPTEST_CASES is a number"));
    // no file of failed cases: a case names ids that the next run has not
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let tried = TestRunner::new(config)
        .run(strategy, |case| tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(property(case))));
    if let Err(failure) = tried {
        panic!("{failure}");
    }
}
