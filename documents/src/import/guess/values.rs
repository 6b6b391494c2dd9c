//! What the cells of a column say about a guess: whether each is such a fact, and how figures and dates are written.

use crate::{
    codes::{Country, Criterion, Currency, Dangerous, HsCode, Method},
    import::{
        csv::{Form, read_date},
        facts::{self, is_placeholder},
    },
    quantity::{Decimal, MassUnit},
};

/// Cells of one column that say something, with how they are stored.
pub(super) type Cells<'a> = [(&'a str, Form)];

/// The first cell that is no such fact. Figures are judged by their decimal point.
pub(super) fn misfit<'a>(fact: &str, cells: &Cells<'a>, point: char) -> Option<&'a str> {
    let fits = |&(text, form): &(&str, Form)| match fact {
        "hs" => {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            HsCode::new(text).is_ok() && digits != 7 && (form != Form::Number || digits.is_multiple_of(2))
        }
        "origin" => Country::new(text).is_ok(),
        "currency" => Currency::new(text).is_ok(),
        "unit" => facts::unit(text).is_ok(),
        "dangerous" => text == "none" || Dangerous::un(text.strip_prefix("UN").unwrap_or(text).trim_start()).is_ok(),
        "originating" => matches!(text, "yes" | "no"),
        "criterion" => Criterion::new(text).is_ok(),
        "method" => Method::new(text).is_ok(),
        "packages" => figure(text, form, point).is_some_and(|f| f.packages().is_ok()),
        "money" | "quantity" => figure(text, form, point).is_some(),
        mass if mass.ends_with("_mass") => figure(text, form, point).is_some(),
        _ => true,
    };
    cells.iter().find(|cell| !is_placeholder(cell.0) && !fits(cell)).map(|(text, _)| *text)
}

/// Whether every cell is a unit of mass.
pub(super) fn mass_units(cells: &Cells<'_>) -> bool {
    !cells.is_empty() && cells.iter().all(|(text, _)| MassUnit::read(text).is_some())
}

fn figure(text: &str, form: Form, point: char) -> Option<Decimal> {
    match (form, point) {
        (Form::Number, _) | (_, '.') => Decimal::read(text).ok(),
        _ if text.contains('.') => None,
        _ => Decimal::read(&text.replace(',', ".")).ok(),
    }
}

/// The decimal point of figures that are stored as texts.
///
/// # Errors
/// The first figure that may be read in two ways.
pub(super) fn decimal_point<'a>(cells: &Cells<'a>, delimiter: u8) -> Result<char, &'a str> {
    let mut texts = cells.iter().filter(|(_, form)| *form == Form::Text).map(|(text, _)| *text);
    let with = |mark: char| cells.iter().map(|(text, _)| *text).filter(move |text| text.contains(mark));
    if let Some(both) = texts.find(|text| text.contains(',') && text.contains('.')) {
        return Err(both);
    }
    // Three digits behind a mark may be a part of a thousand or a thousand.
    let certain = |text: &str, mark: char| {
        let part = text.rsplit_once(mark).map_or("", |(_, part)| part);
        part.len() != 3 || text.matches(mark).count() > 1
    };
    let (comma, point) = (with(',').next(), with('.').next());
    match (comma, point) {
        (None, None) => Ok('.'),
        (Some(one), Some(_)) => Err(one),
        (Some(one), None) => {
            if with(',').any(|text| certain(text, ',')) {
                Ok(',')
            } else {
                Err(one)
            }
        }
        // A file whose cells are parted by semicolons comes from where the decimal point is a comma.
        (None, Some(one)) if delimiter == b';' => {
            if with('.').any(|text| certain(text, '.')) {
                Ok('.')
            } else {
                Err(one)
            }
        }
        (None, Some(_)) => Ok('.'),
    }
}

/// The formats of dates that are tried, without the one that needs no format.
const FORMATS: [&str; 6] = ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y"];

/// The format of the dates of a column: none for `YYYY-MM-DD`.
///
/// # Errors
/// A date that may be read in two ways, or in none.
pub(super) fn date_format<'a>(cells: &Cells<'a>) -> Result<Option<&'static str>, &'a str> {
    let texts: Vec<&str> = cells.iter().filter(|(_, form)| *form != Form::Date).map(|(text, _)| *text).collect();
    let all = |format| texts.iter().all(|text| read_date(text, format).is_some());
    if all(None) {
        return Ok(None);
    }
    let fitting: Vec<&'static str> = FORMATS.into_iter().filter(|format| all(Some(format))).collect();
    match fitting[..] {
        [format] => Ok(Some(format)),
        // 05/05/2026 is the same day either way.
        [first, second] if texts.iter().all(|t| read_date(t, Some(first)) == read_date(t, Some(second))) => {
            Ok(Some(first))
        }
        _ => Err(texts.first().copied().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(texts: &[&'static str]) -> Vec<(&'static str, Form)> {
        texts.iter().map(|text| (*text, Form::Text)).collect()
    }

    #[test]
    fn points() {
        let point = |texts: &[&'static str], delimiter| decimal_point(&cells(texts), delimiter);
        assert_eq!(point(&["12", "1.5"], b','), Ok('.'));
        assert_eq!(point(&["12,5", "1,250"], b';'), Ok(','));
        assert_eq!(point(&["1,250"], b';'), Err("1,250"));
        assert_eq!(point(&["1.250"], b';'), Err("1.250"));
        assert_eq!(point(&["1.250"], b','), Ok('.'));
        assert_eq!(point(&["1,250.00"], b'\t'), Err("1,250.00"));
        assert_eq!(point(&["1,5", "1.5"], b'\t'), Err("1,5"));
    }

    #[test]
    fn dates() {
        let format = |texts: &[&'static str]| date_format(&cells(texts));
        assert_eq!(format(&["2026-10-02"]), Ok(None));
        assert_eq!(format(&["02/10/2026", "13/10/2026"]), Ok(Some("%d/%m/%Y")));
        assert_eq!(format(&["10/13/2026"]), Ok(Some("%m/%d/%Y")));
        assert_eq!(format(&["02/10/2026"]), Err("02/10/2026"));
        assert_eq!(format(&["05/05/2026"]), Ok(Some("%d/%m/%Y")));
        assert_eq!(format(&["2.10.2026"]), Ok(Some("%d.%m.%Y")));
        assert_eq!(format(&["in May"]), Err("in May"));
    }
}
