//! From the socket to a row of the route table and back: what is settled and sent is the same whichever resource is asked for.
//! Nothing below knows that there are connections.

pub mod connection;
pub mod dispatch;
pub mod metrics;
pub mod public_url;
pub mod router;
pub mod server;
pub mod shared;
pub mod under_way;
