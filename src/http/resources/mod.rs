//! What the service has, a resource a file or folder: handlers with what they take and answer.

pub mod openapi;
