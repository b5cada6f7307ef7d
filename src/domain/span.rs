//! Lengths of time as settings say them, `90s`, `15m`, `2h`, `7d`: how long acts are kept, and how long a new volume is `creating`.

use super::prelude::*;
use super::volume::Provisioning;

/// The units, and how many seconds each has.
const UNITS: [(&str, u64); 4] = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)];

/// A century: whatever is meant to be kept for longer is kept for ever.
const MOST: u64 = 36_525 * 86_400;

/// What it may be, for messages.
pub const RULE: &str = "a whole number of seconds, minutes, hours or days, such as 90s, 15m, 2h or 7d";

/// Reads a whole number and a unit; `None` for anything else, nothing at all, and more than a century.
pub fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = number_and_unit(text);
    let (_, seconds) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    let seconds = digits.parse::<u64>().ok()?.checked_mul(seconds)?;
    (1..=MOST).contains(&seconds).then(|| Duration::from_secs(seconds))
}

fn number_and_unit(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// How long acts may be kept, for messages.
pub const HISTORY: &str = "forever, or a whole number of seconds, minutes, hours or days from an hour on, such as 90d";

/// An act tells whether a COMMIT has landed whose answer was lost, so it must outlive every such doubt by far.
pub const LEAST: Duration = Duration::from_hours(1);

/// Reads how long acts are kept.
pub fn history(text: &str) -> Option<Duration> {
    parse(text).filter(|span| *span >= LEAST)
}

/// How long an offer may last, for messages.
pub const LIFETIME: &str = "none, or a whole number of seconds, minutes, hours or days, such as 90s, 15m, 2h or 7d";

/// How many wrong keys of one project are judged within a time, of one transfer; of all together ten times as many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    pub most: i64,
    pub within: Duration,
}

impl Attempts {
    /// What it may be, for messages.
    pub const RULE: &'static str = "none, or how many within which time, such as 5/15m: 1 to 1000 in 1s to 36525d";
    /// So many times as many of all transfers together.
    pub const TOGETHER: i64 = 10;
    /// Where callers say who they are.
    pub const DEFAULT: Self = Self { most: 5, within: Duration::from_mins(15) };

    /// Reads a number and a span.
    pub fn parse(text: &str) -> Option<Self> {
        let (most, within) = text.split_once('/')?;
        Some(Self { most: most.parse().ok().filter(|most| (1..=1000).contains(most))?, within: parse(within)? })
    }
}

/// When a new volume becomes `available`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvisioningRule {
    AtOnce,
    AfterMillis(i64),
    AfterReads(i64),
}

/// A day: who waits longer waits for another service.
const MOST_SECONDS: i64 = 86_400;
const MOST_READS: i64 = 1_000_000;

impl ProvisioningRule {
    /// What it may be, for messages.
    pub const RULE: &'static str = "at-once, 1ms to 86400000ms, 1s to 86400s, or 1reads to 1000000reads";

    /// Reads `at-once`, `500ms`, `2s`, `3reads`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "at-once" {
            return Some(Self::AtOnce);
        }
        let (digits, unit) = number_and_unit(text);
        let number = |most: i64| digits.parse().ok().filter(|number| (1..=most).contains(number));
        match unit {
            "ms" => number(MOST_SECONDS * 1000).map(Self::AfterMillis),
            "s" => number(MOST_SECONDS).map(|seconds| Self::AfterMillis(seconds * 1000)),
            "reads" => number(MOST_READS).map(Self::AfterReads),
            _ => None,
        }
    }

    /// What a volume that is made now waits for; `None` when it need not wait.
    pub fn begin(self, now: Time) -> Option<Provisioning> {
        match self {
            Self::AtOnce => None,
            Self::AfterMillis(millis) => Time::from_micros(now.micros().saturating_add(millis * 1000)).map(Provisioning::Until),
            Self::AfterReads(reads) => Some(Provisioning::Reads(reads)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_in_each_unit_up_to_a_century() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("2h", 7200), ("7d", 604_800), ("36525d", MOST)] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!((history("60m"), history("59m")), (Some(LEAST), None));
        for wrong in
            ["", "0s", "s", "1", "1w", "-1s", " 1s", "1.5h", "36526d", "99999999999999999999s", "18446744073709551615d"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_or_a_number_of_reads_or_at_once() {
        for (text, creation) in [
            ("at-once", ProvisioningRule::AtOnce),
            ("1ms", ProvisioningRule::AfterMillis(1)),
            ("86400000ms", ProvisioningRule::AfterMillis(86_400_000)),
            ("2s", ProvisioningRule::AfterMillis(2000)),
            ("3reads", ProvisioningRule::AfterReads(3)),
        ] {
            assert_eq!(ProvisioningRule::parse(text), Some(creation), "{text}");
        }
        for text in
            ["", "at once", "0ms", "86401s", "-1s", "+1s", "1", "s", "1.5s", "2 s", "1read", "0reads", "1000001reads", "٣s"]
        {
            assert_eq!(ProvisioningRule::parse(text), None, "{text}");
        }
    }
}
