//! Microversions: what `OpenStack-API-Version` asks for on `/v3`. Source: Cinder's `api_version_request`.

use actix_web::http::header::HeaderMap;
use derive_more::Display;

use super::prelude::*;

/// The header that asks, and that every `/v3` answer echoes.
pub const HEADER: &str = "OpenStack-API-Version";

/// A microversion of `/v3` that we serve: its minor number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Display)]
#[display("3.{_0}")]
pub struct Microversion(pub u16);

/// What Cinder 29 serves.
pub const MIN: Microversion = Microversion(0);
/// The newest of them, which `latest` asks for.
pub const MAX: Microversion = Microversion(71);

/// The service types that the header may name us by.
pub const TYPES: [&str; 3] = ["volume", "volumev3", "block-storage"];

/// The version asked for; 3.0 where the header is absent.
///
/// # Errors
/// 400 when the header is malformed or names none of our types; 406, echoing the version, when we do not serve it.
pub fn asked(headers: &HeaderMap) -> Result<Microversion> {
    let lines: Vec<&str> = headers.get_all(HEADER).map(|line| line.to_str().unwrap_or("?")).collect();
    if lines.is_empty() { Ok(MIN) } else { parse(&lines.join(",")) }
}

fn parse(header: &str) -> Result<Microversion> {
    let ours = header.split(',').find_map(|entry| {
        let mut words = entry.split_ascii_whitespace();
        let (service, version) = (words.next()?, words.next()?);
        (TYPES.contains(&service) && words.next().is_none()).then_some(version)
    });
    let Some(version) = ours else { return Err(malformed(header)) };
    if version == "latest" {
        return Ok(MAX);
    }
    let numbers = version.split_once('.').and_then(|(major, minor)| Some((number(major)?, number(minor)?)));
    let (major, minor) = numbers.ok_or_else(|| malformed(header))?;
    if major == 3 && minor <= u32::from(MAX.0) {
        return u16::try_from(minor).map(Microversion).map_err(|_| malformed(header));
    }
    let asked = shown(version);
    Err(problem!(Version, "Version {asked} is not supported by the API. Minimum is {MIN} and maximum is {MAX}.")
        .with_header(HEADER, format!("volume {version}")))
}

/// A number without sign or leading zero; one with too many digits is as large as any.
fn number(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    (is_plain && !text.is_empty()).then(|| text.parse().unwrap_or(u32::MAX))
}

fn malformed(header: &str) -> Problem {
    let (header, most) = (quoted(header), MAX.0);
    problem!(Url, "The header {HEADER} is malformed: {header}. Send `volume 3.N` with N from 0 to {most}, or `volume latest`.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::http::answer::problem::Kind;

    proptest! {
        #[test]
        fn every_version_we_serve_is_taken_and_no_other(minor in 0u32..200) {
            let asked = parse(&format!("volume 3.{minor}"));
            match asked {
                Ok(version) => prop_assert!(u32::from(version.0) == minor && minor <= 71),
                Err(problem) => prop_assert!(minor > 71 && problem.kind == Kind::Version),
            }
        }

        #[test]
        fn no_header_makes_it_panic(header in ".*") {
            let _ = parse(&header);
        }
    }
}
