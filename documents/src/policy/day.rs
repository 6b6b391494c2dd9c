//! Days relative to that of the request: `today - 90 days` as the value of a date parameter.

use jiff::{Span, civil::Date};

/// Most days that are added or subtracted: a hundred years.
const MAX_DAYS: i64 = 36_525;

/// Whether a value starts as a relative day does.
pub(super) fn is_relative(value: &str) -> bool {
    value.trim_start().starts_with("today")
}

/// The day that a relative one is, seen from `today`; `None` where the value has another form.
pub(super) fn relative(value: &str, today: Date) -> Option<Date> {
    let words: Vec<&str> = value.split_whitespace().collect();
    let days: i64 = match words[..] {
        ["today"] => return Some(today),
        ["today", sign @ ("+" | "-"), days, "day" | "days"] => {
            let days: i64 = days.parse().ok().filter(|days| (0..=MAX_DAYS).contains(days))?;
            if sign == "-" { -days } else { days }
        }
        _ => return None,
    };
    today.checked_add(Span::new().try_days(days).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_counted_from_today() {
        let today = date(2026, 3, 1);
        for (value, day) in [
            ("today", Some(today)),
            ("today - 90 days", Some(date(2025, 12, 1))),
            (" today  + 1 day ", Some(date(2026, 3, 2))),
            ("today - 1", None),
            ("today - -1 days", None),
            ("today - 99999 days", None),
            ("todays", None),
        ] {
            assert_eq!(relative(value, today), day, "{value}");
        }
    }
}
