//! How long a new volume is `creating`: what a setting says of volumes that will be made.

use super::Time;
use super::volume::Provisioning;

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
        let (digits, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
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
