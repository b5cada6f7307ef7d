//! The document of the API, as it was handed in, and the page to browse it.

pub mod page;

use crate::http::{
    answer::{
        problem::Problem,
        success::{Answer, Body},
    },
    request::call::Call,
};

/// `GET /openapi.json`: for anybody.
pub async fn document(call: Call) -> Result<Answer, Problem> {
    Ok(Answer::new(200, Body::Shared("application/json", call.document.at(&call.public_url).into())))
}
