//! Cron expressions: five fields, in UTC, to the minute.

const MINUTE_MS: u64 = 60_000;
const HOUR_MINUTES: u64 = 60;
const DAY_MINUTES: u64 = 24 * HOUR_MINUTES;
/// Days that are searched for one that matches: 29 February comes every eight years at least.
const DAYS_MAX: u64 = 9 * 366;
/// Days from 1 March of the year 0 to the Unix epoch, of the calendar that is in force today.
const EPOCH_DAYS: u64 = 719_468;
/// Weekday of the Unix epoch, Sunday being 0.
const EPOCH_WEEKDAY: u64 = 4;

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// An expression: each field as the set of its values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether either of day and weekday suffices: when both are restricted.
    either: bool,
}

/// What a field may hold: least and greatest value, and names of the values from the least on.
struct Field(u64, u64, &'static [&'static str]);

impl Cron {
    /// `None` when the text is no expression.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else { return None };
        let restricted = |field: &str| !field.starts_with('*');
        let either = restricted(days) && restricted(weekdays);
        let weekdays = Field(0, 7, &WEEKDAYS).parse(weekdays)?;
        Some(Self {
            minutes: Field(0, 59, &[]).parse(minutes)?,
            hours: Field(0, 23, &[]).parse(hours)?,
            days: Field(1, 31, &[]).parse(days)?,
            months: Field(1, 12, &MONTHS).parse(months)?,
            // 7 is Sunday too.
            weekdays: (weekdays | weekdays >> 7) & 0x7f,
            either,
        })
    }

    /// The first time after `after_ms`. `None` when there is none within nine years.
    pub(super) fn next(&self, after_ms: u64) -> Option<u64> {
        let minute = after_ms / MINUTE_MS + 1;
        let (today, from) = (minute / DAY_MINUTES, minute % DAY_MINUTES);
        let later = |day| if day == today { from } else { 0 };
        let mut days = (today..today + DAYS_MAX).filter(|day| self.has_day(*day));
        days.find_map(|day| Some((day, (later(day)..DAY_MINUTES).find(|minute| self.has_minute(*minute))?))).map(time)
    }

    /// The last time up to `until_ms`. `None` when there is none within nine years.
    pub(super) fn last(&self, until_ms: u64) -> Option<u64> {
        let minute = until_ms / MINUTE_MS;
        let (today, until) = (minute / DAY_MINUTES, minute % DAY_MINUTES);
        let earlier = |day| if day == today { until } else { DAY_MINUTES - 1 };
        let mut days = (today.saturating_sub(DAYS_MAX)..=today).rev().filter(|day| self.has_day(*day));
        days.find_map(|day| Some((day, (0..=earlier(day)).rev().find(|minute| self.has_minute(*minute))?))).map(time)
    }

    fn has_minute(&self, minute: u64) -> bool {
        has(self.hours, minute / HOUR_MINUTES) && has(self.minutes, minute % HOUR_MINUTES)
    }

    fn has_day(&self, day: u64) -> bool {
        let (month, of_month) = month_and_day(day);
        let by_day = has(self.days, of_month);
        let by_weekday = has(self.weekdays, (day + EPOCH_WEEKDAY) % 7);
        has(self.months, month) && if self.either { by_day || by_weekday } else { by_day && by_weekday }
    }
}

fn has(set: u64, value: u64) -> bool {
    set >> value & 1 == 1
}

fn time((day, minute): (u64, u64)) -> u64 {
    (day * DAY_MINUTES + minute) * MINUTE_MS
}

impl Field {
    /// The values that a list of ranges names.
    fn parse(&self, text: &str) -> Option<u64> {
        text.split(',').try_fold(0, |set, part| Some(set | self.range(part)?))
    }

    /// `*`, `a` or `a-b`, and each of them with `/step`.
    fn range(&self, text: &str) -> Option<u64> {
        let Self(least, greatest, _) = *self;
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(number(step).filter(|step| *step > 0)?)),
            None => (text, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, greatest),
            Some((from, to)) => (self.value(from)?, self.value(to)?),
            None => (self.value(range)?, if step.is_some() { greatest } else { self.value(range)? }),
        };
        let steps = usize::try_from(step.unwrap_or(1)).ok()?;
        (from <= to).then(|| (from..=to).step_by(steps).fold(0, |set, value| set | 1 << value))
    }

    fn value(&self, text: &str) -> Option<u64> {
        let Self(least, greatest, names) = *self;
        let named = || names.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|place| least + place as u64);
        number(text).or_else(named).filter(|value| (least..=greatest).contains(value))
    }
}

/// Digits alone: the standard parser takes a sign.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Month (from 1) and day of month (from 1) of a day since the Unix epoch. Years begin in March here, so that the leap
/// day is a year's last.
fn month_and_day(day: u64) -> (u64, u64) {
    let of_era = (day + EPOCH_DAYS) % 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    // Months from March on have 153 days in every five.
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    (if month < 10 { month + 3 } else { month - 9 }, of_month)
}
