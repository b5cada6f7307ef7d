//! A moment, in UTC and whole microseconds: what both engines store and what the API shows.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, SubsecRound, TimeDelta, Utc};

use super::prelude::*;

/// A moment cut to microseconds, so that it is the same before and after it was stored. Shown with six digits of a second always
/// and no zone. Source: EVS and Cinder answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Display)]
#[display("{}", _0.to_rfc3339_opts(SecondsFormat::Micros, true).trim_end_matches('Z'))]
pub struct Time(DateTime<Utc>);

/// Dates and times of ISO 8601, extended and basic.
const DATES: [&str; 4] = ["%Y-%m-%d", "%Y%m%d", "%Y-%j", "%G-W%V-%u"];
const TIMES: [&str; 4] = ["%H:%M:%S%.f", "%H:%M", "%H%M%S%.f", "%H%M"];

impl Time {
    /// 1970: the age of what has none.
    pub const EPOCH: Self = Self(DateTime::UNIX_EPOCH);

    /// Cut, never rounded: rounding up would date an event after it was answered.
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(at.trunc_subsecs(6))
    }

    /// Microseconds since 1970; `None` beyond the calendar.
    pub fn from_micros(micros: i64) -> Option<Self> {
        DateTime::from_timestamp_micros(micros).map(Self)
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// So much earlier; itself, where that is beyond the calendar.
    pub fn before(self, span: Duration) -> Self {
        self.0.checked_sub_signed(signed(span)).map_or(self, Self::new)
    }

    /// So much later; itself, where that is beyond the calendar.
    pub fn after(self, span: Duration) -> Self {
        self.0.checked_add_signed(signed(span)).map_or(self, Self::new)
    }

    /// The hour that it is in, counted from 1970.
    pub fn hour(self) -> i64 {
        self.micros().div_euclid(3_600_000_000)
    }

    /// The same time, as the calendar's library has it.
    pub const fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// Reads a time as exports write it: `YYYY-MM-DDTHH:MM:SS`, with or without a fraction and with or without a zone
    /// (none means UTC). Years 1 to 9999, since other years have no such form.
    pub fn parse(text: &str) -> Option<Self> {
        let naive = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|at| at.and_utc());
        let zoned = || DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
        let year = text.get(..5)?;
        let has_four_digits = year.ends_with('-') && year[..4].bytes().all(|b| b.is_ascii_digit());
        // a zone first, which PostgreSQL's have: a form that is spelled out takes many times as long to read
        let at = has_four_digits.then(|| zoned().or_else(naive)).flatten()?;
        // through microseconds, which have no leap second: its 60 is the next minute's 0, as it will be when it is stored
        Self::from_micros(at.timestamp_micros()).filter(|time| (1..=9999).contains(&time.0.year()))
    }

    /// Reads a time as people write it in any form of ISO 8601: a date alone, with minutes or seconds, a blank or a `T` between, with
    /// colons or without, with any offset (none means UTC). The `+` of an offset may have become a blank, as it does in a URL.
    pub fn iso(text: &str) -> Option<Self> {
        let upper = text.to_ascii_uppercase();
        let pieces: Vec<&str> = upper.split_whitespace().collect();
        let offset = |text: &str| if text.starts_with(['+', '-', 'Z']) { text.to_owned() } else { format!("+{text}") };
        let mut text = match pieces.as_slice() {
            [at] => (*at).to_owned(),
            [at, zone] if at.contains('T') => format!("{at}{}", offset(zone)),
            [date, time] => format!("{date}T{time}"),
            [date, time, zone] => format!("{date}T{time}{}", offset(zone)),
            _ => return None,
        };
        // hours alone
        if let Some(at) = text.find('T').map(|at| at + 3)
            && text.get(at..).is_some_and(|rest| rest.is_empty() || rest.starts_with(['Z', '+', '-']))
        {
            text.insert_str(at, ":00");
        }
        let read = |date: &&str| {
            let day = NaiveDate::parse_from_str(&text, date).ok().map(|day| day.and_time(NaiveTime::MIN).and_utc());
            day.or_else(|| {
                TIMES.iter().find_map(|time| {
                    let form = format!("{date}T{time}");
                    let zoned = || DateTime::parse_from_str(&text, &format!("{form}%#z")).ok().map(|at| at.to_utc());
                    NaiveDateTime::parse_from_str(&text, &form).ok().map(|at| at.and_utc()).or_else(zoned)
                })
            })
        };
        let at = DATES.iter().find_map(read)?;
        Self::from_micros(at.timestamp_micros()).filter(|time| (1..=9999).contains(&time.0.year()))
    }
}

fn signed(span: Duration) -> TimeDelta {
    TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX)
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// As a row has it: microseconds since 1970, or a text with a zone.
impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let time = match Value::deserialize(from)? {
            Value::String(text) => Self::parse(&text),
            micros => micros.as_i64().and_then(Self::from_micros),
        };
        time.ok_or_else(|| D::Error::custom("no time"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_shown_time_reads_back_as_itself(micros in -62_135_596_800_000_000i64..253_402_300_800_000_000) {
            let time = Time::from_micros(micros).unwrap();
            prop_assert_eq!(Time::parse(&time.to_string()), Some(time));
            prop_assert_eq!(time.to_string().len(), 26);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let _ = Time::parse(&text);
        }
    }

    #[test]
    fn every_form_of_iso_8601_is_a_time() {
        let at = |text: &str| Time::iso(text).map(|time| time.to_string());
        for (text, expected) in [
            ("2020-01-31", "2020-01-31T00:00:00.000000"),
            ("20200131", "2020-01-31T00:00:00.000000"),
            ("2020-01-31T12:30", "2020-01-31T12:30:00.000000"),
            ("2020-01-31 12:30:15", "2020-01-31T12:30:15.000000"),
            ("2020-01-31 12:30:15.5", "2020-01-31T12:30:15.500000"),
            ("20200131T123015Z", "2020-01-31T12:30:15.000000"),
            ("20200131T1230Z", "2020-01-31T12:30:00.000000"),
            ("2020-01-31T12:30:15+0800", "2020-01-31T04:30:15.000000"),
            ("2020-01-31T12:30:15-08:00", "2020-01-31T20:30:15.000000"),
            ("2020-01-31T12:30:15+08", "2020-01-31T04:30:15.000000"),
            ("2020-01-31T12:30:15 08:00", "2020-01-31T04:30:15.000000"),
            ("2020-01-31 12:30:15 0800", "2020-01-31T04:30:15.000000"),
            ("2020-01-31T12:30:15.081642Z", "2020-01-31T12:30:15.081642"),
            ("2020-01-31t12:30:15z", "2020-01-31T12:30:15.000000"),
            ("20200131 123015 0800", "2020-01-31T04:30:15.000000"),
            ("2020-01-31 12:30:15 -08:00", "2020-01-31T20:30:15.000000"),
            ("2020-01-31T12", "2020-01-31T12:00:00.000000"),
            ("2020-01-31 12+08", "2020-01-31T04:00:00.000000"),
            ("2020-031", "2020-01-31T00:00:00.000000"),
            ("2020-W05-5", "2020-01-31T00:00:00.000000"),
        ] {
            assert_eq!(at(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "", "today", "2020", "2020-13-01", "2020-02-30", "2020-01-31T25:00", "2020-01-31T", "T12:30", "10000-01-01",
            "-2020-01-01",
        ] {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn hours_before_may_lead_into_another_day() {
        let at = Time::parse("2015-02-25T03:56:53.081642").unwrap();
        let hours = |hours: u64| Duration::from_hours(hours);
        assert_eq!(at.before(hours(8)).to_string(), "2015-02-24T19:56:53.081642");
        assert_eq!(at.before(hours(8)).after(hours(8)), at);
        assert_eq!((at.before(Duration::MAX), at.after(Duration::MAX)), (at, at), "beyond the calendar");
        assert_eq!((at.hour(), Time::EPOCH.before(hours(1)).hour()), (395_787, -1));
    }

    #[test]
    fn a_zone_is_taken_into_account() {
        assert_eq!(Time::parse("2015-02-25T04:56:53.081642+01:00"), Time::parse("2015-02-25T03:56:53.081642"));
    }

    #[test]
    fn a_leap_second_is_the_next_minute_and_a_zone_does_not_lead_out_of_the_calendar() {
        assert_eq!(Time::parse("2016-12-31T23:59:60"), Time::parse("2017-01-01T00:00:00"));
        assert_eq!(Time::parse("9999-12-31T23:59:59-23:00"), None);
        assert_eq!(Time::parse("0001-01-01T00:00:00+10:00"), None);
    }
}
