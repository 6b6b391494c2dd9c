//! Views: some values of an attested document, which are known to be the attested ones, without the rest.
//!
//! In: a [`CheckedDossier`] and [`Pattern`]s such as `lines/*/gross_mass`; or the text of a view. Out: `view.json`, or a
//! [`CheckedView`], whose values stand in the document that was attested, and which leaves out nothing that its patterns
//! choose: what it does not show of them, the document does not say. Beside the values it shows the names of the members
//! on the way to them, and how many there are. Sources: design section 9, `docs/format.md`.

use std::collections::BTreeMap;

use consign_documents::document::Form;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{
    attestation::{Attestation, AttestationError},
    document_digest::{
        DocumentDigest, Node, NotAPattern, Pattern, Salts, TooDeep, digest_from_hex, is_leaf, salt_from_base64url,
        salt_to_base64url,
    },
    dossier::{self, CheckedDossier},
    strict_json::{self, JsonError, printable},
};

/// Name and version of the file, the value of its member `consign`.
pub const FORMAT: &str = "view/1";
/// Longest view that is read, in bytes.
pub const MAX_BYTES: usize = dossier::MAX_BYTES;
/// The most patterns of a view.
pub const MAX_PATTERNS: usize = 64;

/// Longest pointer of a value, in bytes. No document has one of 100; each value is hashed with its own, so one long name
/// above many values would cost the product of both.
const MAX_POINTER: usize = 200;

/// What is wrong with a view.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// Beyond [`MAX_BYTES`].
    #[error("the view has {0} bytes; it may have {MAX_BYTES}")]
    TooLong(usize),
    /// Not JSON, or not with these members.
    #[error("view: {0}")]
    Json(JsonError),
    /// Another file, or another version.
    #[error("the view says consign = \"{0}\"; \"{FORMAT}\" is accepted")]
    Version(String),
    /// A pattern is none.
    #[error("view: {0}")]
    Pattern(#[from] NotAPattern),
    /// No pattern, or too many.
    #[error("a view has 1 to {MAX_PATTERNS} choices of values; this one has {0}")]
    Patterns(usize),
    /// A digest that is none.
    #[error("view, at \"{0}\": a digest is not 64 lower-case hexadecimal digits")]
    Digest(String),
    /// A salt that is none.
    #[error("view, at \"{0}\": a salt is not 32 bytes in canonical base64url without padding")]
    Salt(String),
    /// A value with members in the place of one without.
    #[error("view, at \"{0}\": a value with members where one without is expected, or the other way round")]
    Shape(String),
    /// A value under more or longer names than a document has.
    #[error("view, at \"{0}\": the names down to a value have more than {MAX_POINTER} bytes together")]
    Pointer(String),
    /// The attestation is malformed or its signature does not hold.
    #[error("view: {0}")]
    Attestation(#[from] AttestationError),
    /// The values are not those that were attested.
    #[error("the values of the view are not those that were attested: they do not give the document's digest")]
    NotAttested,
    /// A value that a pattern chooses is not shown.
    #[error("the view hides \"{pointer}\", which {pattern} chooses")]
    Hidden {
        /// The pattern.
        pattern: Pattern,
        /// What is hidden.
        pointer: String,
    },
    /// A pattern chooses nothing of what is shown, and so says nothing of the document.
    #[error("the view shows nothing that {0} chooses")]
    ShowsNothing(Pattern),
    /// A value where no document has one.
    #[error("the view shows \"{0}\", where no document of its kind has such a value")]
    Misplaced(String),
    /// To be made: a pattern that chooses nothing.
    #[error("{0} names nothing in this document")]
    Nothing(Pattern),
    /// To be made: a pattern that goes on below a value without members.
    #[error("the choice of values goes on below \"{0}\", which has no members")]
    TooDeep(String),
}

impl ViewError {
    /// Whether every part is well-formed and they do not belong together.
    pub fn is_mismatch(&self) -> bool {
        use ViewError as E;
        matches!(self, E::NotAttested | E::Hidden { .. } | E::ShowsNothing(_) | E::Misplaced(_))
    }

    /// What the user can do.
    pub fn hint(&self) -> String {
        match self {
            ViewError::Attestation(error) => error.hint().into(),
            error if error.is_mismatch() => "do not rely on these values; ask the sender for them again".into(),
            ViewError::Nothing(_) | ViewError::TooDeep(_) | ViewError::Pattern(_) | ViewError::Patterns(_) => {
                "`consign open -o -` of your own copy shows the names of its members".into()
            }
            _ => "ask the sender for the file as it was written".into(),
        }
    }
}

/// The stored form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    consign: String,
    only: Vec<String>,
    shown: Stored,
    attestation: String,
}

/// A node as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Stored {
    Hidden(String),
    Leaf { value: Value, salt: String },
    Object(BTreeMap<String, Stored>),
    List(Vec<Stored>),
}

impl Stored {
    fn of(node: &Node) -> Stored {
        match node {
            Node::Hidden(digest) => Stored::Hidden(hex::encode(digest)),
            Node::Leaf { value, salt } => Stored::Leaf { value: value.clone(), salt: salt_to_base64url(salt) },
            Node::Object(members) => {
                Stored::Object(members.iter().map(|(key, node)| (key.clone(), Stored::of(node))).collect())
            }
            Node::List(items) => Stored::List(items.iter().map(Stored::of).collect()),
        }
    }

    fn parse(self, pointer: String) -> Result<Node, ViewError> {
        if pointer.len() > MAX_POINTER {
            return Err(ViewError::Pointer(printable(&pointer, 100)));
        }
        match self {
            Stored::Hidden(text) => {
                digest_from_hex(&text).map(Node::Hidden).map_err(|_| ViewError::Digest(printable(&pointer, 200)))
            }
            Stored::Leaf { value, salt } => match salt_from_base64url(&salt) {
                None => Err(ViewError::Salt(printable(&pointer, 200))),
                Some(_) if !is_leaf(&value) => Err(ViewError::Shape(printable(&pointer, 200))),
                Some(salt) => Ok(Node::Leaf { value, salt }),
            },
            Stored::Object(members) if !members.is_empty() => members
                .into_iter()
                .map(|(key, node)| {
                    let node = node.parse(format!("{pointer}/{key}"))?;
                    Ok((key, node))
                })
                .collect::<Result<_, _>>()
                .map(Node::Object),
            Stored::List(items) if !items.is_empty() => items
                .into_iter()
                .enumerate()
                .map(|(i, node)| node.parse(format!("{pointer}/{i}")))
                .collect::<Result<_, _>>()
                .map(Node::List),
            Stored::Object(_) | Stored::List(_) => Err(ViewError::Shape(printable(&pointer, 200))),
        }
    }
}

/// A view whose parts are well-formed and whose attestation's signature holds. That they belong together is for
/// [`View::check`] to say.
#[derive(Clone, Debug)]
pub struct View {
    only: Vec<Pattern>,
    tree: Node,
    attestation: Attestation,
}

impl View {
    /// The values of a dossier's document that patterns choose. Of the attestation it shows no disclosure.
    ///
    /// # Errors
    /// [`ViewError::Patterns`], [`ViewError::Nothing`], [`ViewError::TooDeep`].
    pub fn of(dossier: &CheckedDossier, only: &[Pattern]) -> Result<View, ViewError> {
        check_number(only)?;
        let (json, salts) = (dossier.document().as_json(), Salts::new(dossier.seed()));
        let choose = |patterns: &[Pattern]| {
            let segments: Vec<_> = patterns.iter().map(Pattern::segments).collect();
            Node::choose(json, "", &salts, &segments).map_err(|TooDeep { pointer }| ViewError::TooDeep(pointer))
        };
        for pattern in only {
            // A misspelt name would otherwise pass for a fact that the document does not say.
            if !choose(std::slice::from_ref(pattern))?.shows(pattern.segments()) {
                return Err(ViewError::Nothing(pattern.clone()));
            }
        }
        let sd_jwt = dossier.attestation().sd_jwt().showing([]).map_err(AttestationError::from)?;
        Ok(View { only: only.to_vec(), tree: choose(only)?, attestation: Attestation::of(sd_jwt)? })
    }

    /// Reads `view.json`.
    ///
    /// # Errors
    /// [`ViewError`], but those of [`View::check`].
    pub fn parse(bytes: &[u8]) -> Result<View, ViewError> {
        if bytes.len() > MAX_BYTES {
            return Err(ViewError::TooLong(bytes.len()));
        }
        let file: File = strict_json::from_slice(bytes).map_err(ViewError::Json)?;
        if file.consign != FORMAT {
            return Err(ViewError::Version(printable(&file.consign, 100)));
        }
        let only: Vec<Pattern> = file.only.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        check_number(&only)?;
        let attestation = Attestation::parse(&file.attestation)?;
        Ok(View { only, tree: file.shown.parse(String::new())?, attestation })
    }

    /// The stored form: seal it.
    ///
    /// # Errors
    /// [`ViewError::Json`] when it does not serialise, [`ViewError::TooLong`].
    pub fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, ViewError> {
        let file = File {
            consign: FORMAT.into(),
            only: self.only.iter().map(Pattern::to_string).collect(),
            shown: Stored::of(&self.tree),
            attestation: self.attestation.sd_jwt().to_string(),
        };
        let json = Zeroizing::new(serde_json::to_vec(&file).map_err(|e| ViewError::Json(e.into()))?);
        if json.len() > MAX_BYTES {
            return Err(ViewError::TooLong(json.len()));
        }
        // What its reader would refuse for its number of values is not handed out.
        strict_json::from_slice::<IgnoredAny>(&json).map_err(ViewError::Json)?;
        Ok(json)
    }

    /// Computes the document's digest from what is shown and hidden, compares it with the attested one, and sees that it
    /// has a document's shape, that everything the patterns choose is shown, and that each of them chooses something.
    ///
    /// # Errors
    /// [`ViewError::NotAttested`], [`ViewError::Misplaced`], [`ViewError::Hidden`], [`ViewError::ShowsNothing`].
    pub fn check(self) -> Result<CheckedView, ViewError> {
        if DocumentDigest::of_tree(&self.tree) != self.attestation.digest() {
            return Err(ViewError::NotAttested);
        }
        // An issuer can attest the digest of anything.
        if let Some(pointer) = self.tree.first_misplaced(self.attestation.kind(), Form::Document, "") {
            return Err(ViewError::Misplaced(printable(&pointer, 200)));
        }
        for pattern in &self.only {
            if let Some(pointer) = self.tree.first_hidden("", pattern.segments()) {
                return Err(ViewError::Hidden { pattern: pattern.clone(), pointer: printable(&pointer, 200) });
            }
            if !self.tree.shows(pattern.segments()) {
                return Err(ViewError::ShowsNothing(pattern.clone()));
            }
        }
        Ok(CheckedView(self))
    }
}

fn check_number(only: &[Pattern]) -> Result<(), ViewError> {
    if (1..=MAX_PATTERNS).contains(&only.len()) { Ok(()) } else { Err(ViewError::Patterns(only.len())) }
}

/// A view whose values are those that were attested, and which shows all that its patterns choose.
#[derive(Clone, Debug)]
pub struct CheckedView(View);

impl CheckedView {
    /// What it was to show.
    pub fn only(&self) -> &[Pattern] {
        &self.0.only
    }

    /// The attestation, with no disclosure. Whether its issuer is trusted is for [`Attestation::verify`] to say.
    pub fn attestation(&self) -> &Attestation {
        &self.0.attestation
    }

    /// Each value that is shown, by its JSON pointer, in the order of the document's members.
    pub fn values(&self) -> Vec<(String, &Value)> {
        let mut values = Vec::new();
        self.0.tree.walk(String::new(), &mut |pointer, value| values.push((pointer.into(), value)), &mut |_| {});
        values
    }

    /// The pointers of what is hidden, in the same order.
    pub fn hidden(&self) -> Vec<String> {
        let mut hidden = Vec::new();
        self.0.tree.walk(String::new(), &mut |_, _| {}, &mut |pointer| hidden.push(pointer.into()));
        hidden
    }

    /// What is shown, in the document's shape: hidden members are left out, hidden items of a list are null.
    pub fn to_value(&self) -> Value {
        fn shown(node: &Node) -> Option<Value> {
            match node {
                Node::Hidden(_) => None,
                Node::Leaf { value, .. } => Some(value.clone()),
                Node::Object(members) => {
                    let members = members.iter().filter_map(|(key, node)| Some((key.clone(), shown(node)?)));
                    Some(Value::Object(members.collect::<Map<_, _>>()))
                }
                Node::List(items) => Some(items.iter().map(|node| shown(node).unwrap_or(Value::Null)).collect()),
            }
        }
        shown(&self.0.tree).unwrap_or(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        jws::{self, ObjectType},
        samples,
    };

    fn patterns(texts: &[&str]) -> Vec<Pattern> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn view(texts: &[&str]) -> View {
        View::of(&samples::dossier(), &patterns(texts)).unwrap()
    }

    const INSURER: [&str; 2] = ["lines/*/gross_mass", "lines/*/dangerous"];

    /// The insurer's view with a change, read again.
    fn changed(change: impl FnOnce(&mut Value)) -> Result<CheckedView, ViewError> {
        let mut file: Value = serde_json::from_slice(&view(&INSURER).to_json().unwrap()).unwrap();
        change(&mut file);
        View::parse(file.to_string().as_bytes())?.check()
    }

    #[test]
    fn an_insurer_sees_masses_and_dangers_and_no_prices() {
        let json = view(&INSURER).to_json().unwrap();
        let checked = View::parse(&json).unwrap().check().unwrap();
        assert_eq!(checked.values().len(), 36, "twelve lines of a mass's value, its unit, and a danger");
        let shown = checked.to_value();
        assert_eq!(shown["lines"][4], json!({"gross_mass": {"value": "104.5", "unit": "KGM"}, "dangerous": "none"}));
        assert_eq!(shown.as_object().unwrap().len(), 1);
        // Nothing of what is hidden stands anywhere in the text, nor does what it could be computed from.
        let text = String::from_utf8(json.to_vec()).unwrap();
        for secret in ["1000.50", "machine parts", "MAN-17", "Elbe GmbH", "847989"] {
            assert!(!text.contains(secret), "{secret}");
        }
        assert!(!text.contains(samples::dossier().seed().to_base64url().as_str()));
        let blinding = &samples::dossier().blindings().to_hex()[0];
        assert!(!text.contains(blinding.as_str()));
        assert!(checked.attestation().disclosed().is_empty());
        assert_eq!(checked.attestation().commitment(), samples::dossier().attestation().commitment());
        // A line's other members are hidden by name; what is off the way is one digest.
        let hidden = checked.hidden();
        assert!(hidden.contains(&"/lines/4/value".into()) && hidden.contains(&"/parties".into()), "{hidden:?}");
        // Line 3 says no origin, and it shows that nothing was left out.
        assert!(!hidden.contains(&"/lines/3/origin".into()) && hidden.contains(&"/lines/4/origin".into()));
    }

    #[test]
    fn a_view_with_anything_changed_is_refused() {
        use ViewError as E;
        assert!(changed(|_| {}).is_ok());
        let line = |file: &mut Value, pointer: &str, value: Value| {
            *file.pointer_mut(&format!("/shown/object/lines/list/4{pointer}")).unwrap() = value;
        };
        let lighter = changed(|f| line(f, "/object/gross_mass/object/value/leaf/value", json!("4.5")));
        assert!(matches!(lighter, Err(E::NotAttested)));
        let harmless = changed(|f| line(f, "/object/dangerous/leaf/value", json!("3480")));
        assert!(matches!(harmless, Err(E::NotAttested)));
        let salt = samples::dossier().seed().to_base64url();
        let other_salt = changed(|f| line(f, "/object/dangerous/leaf/salt", json!(*salt)));
        assert!(matches!(other_salt, Err(E::NotAttested)));
        // Two lines in each other's places, a line less, a member less, a member under another name.
        let swapped = changed(|f| f["shown"]["object"]["lines"]["list"].as_array_mut().unwrap().swap(2, 4));
        assert!(matches!(swapped, Err(E::NotAttested)));
        let shorter = changed(|f| drop(f["shown"]["object"]["lines"]["list"].as_array_mut().unwrap().pop()));
        assert!(matches!(shorter, Err(E::NotAttested)));
        let members = |file: &mut Value, change: &dyn Fn(&mut Map<String, Value>)| {
            change(file.pointer_mut("/shown/object/lines/list/4/object").unwrap().as_object_mut().unwrap());
        };
        assert!(matches!(changed(|f| members(f, &|m| drop(m.remove("dangerous")))), Err(E::NotAttested)));
        let renamed = changed(|f| {
            members(f, &|m| {
                let mass = m.remove("gross_mass").unwrap();
                m.insert("net_mass".into(), mass);
            });
        });
        assert!(matches!(renamed, Err(E::NotAttested)));
        // The attestation of another document.
        let other = samples::dossier_of("other").attestation().sd_jwt().showing([]).unwrap().to_string();
        assert!(matches!(changed(|f| f["attestation"] = json!(other)), Err(E::NotAttested)));
        let hidden = "0".repeat(64);
        for (pointer, value) in [
            ("/shown/object/parties/hidden", json!(hidden)),
            ("/shown/object/lines/list/0/object/value/hidden", json!(hidden)),
        ] {
            let other = changed(|f| *f.pointer_mut(pointer).unwrap() = value);
            assert!(matches!(other, Err(E::NotAttested)), "{pointer}");
        }
    }

    /// A sender who hides the line with the danger, by the digest that is truly its own, still does not pass.
    #[test]
    fn nothing_that_was_asked_for_can_be_left_out() {
        let whole = view(&INSURER);
        let Node::Object(root) = &whole.tree else { panic!() };
        let Node::List(lines) = &root["lines"] else { panic!() };
        let line = hex::encode(lines[4].digest("/lines/4"));
        let error = changed(|f| f["shown"]["object"]["lines"]["list"][4] = json!({"hidden": line})).unwrap_err();
        assert!(matches!(&error, ViewError::Hidden { pointer, .. } if pointer == "/lines/4"), "{error}");
        let Node::Object(members) = &lines[4] else { panic!() };
        let danger = hex::encode(members["dangerous"].digest("/lines/4/dangerous"));
        let hide =
            |f: &mut Value| f["shown"]["object"]["lines"]["list"][4]["object"]["dangerous"] = json!({"hidden": danger});
        let error = changed(hide).unwrap_err();
        assert!(error.is_mismatch());
        assert!(
            matches!(&error, ViewError::Hidden { pattern, pointer }
            if pointer == "/lines/4/dangerous" && pattern.to_string() == INSURER[1]),
            "{error}"
        );
        let all = changed(|f| f["shown"] = json!({"hidden": hex::encode(whole.tree.digest(""))})).unwrap_err();
        assert!(matches!(&all, ViewError::Hidden { pointer, .. } if pointer.is_empty()), "{all}");
    }

    /// "All that it says of the dangerous goods", in a word that no document has: nothing, with the true value hidden.
    #[test]
    fn a_choice_of_nothing_says_nothing() {
        let mut file: Value = serde_json::from_slice(&view(&["lines/*/gross_mass"]).to_json().unwrap()).unwrap();
        file["only"] = json!(["lines/*/gross_mass", "lines/*/dangerous_goods"]);
        let error = View::parse(file.to_string().as_bytes()).unwrap().check().unwrap_err();
        assert!(matches!(&error, ViewError::ShowsNothing(p) if p.to_string() == "lines/*/dangerous_goods"), "{error}");
        assert!(error.is_mismatch());
    }

    /// An issuer that is trusted attests the digest of a tree of its own making, in which a program would stumble.
    #[test]
    fn a_tree_that_is_no_document_is_refused() {
        let salt = "A".repeat(43);
        let leaf = |value: Value| json!({"leaf": {"value": value, "salt": salt}});
        let attested = |shown: Value, only: &str| {
            let tree = serde_json::from_value::<Stored>(shown.clone()).unwrap().parse(String::new()).unwrap();
            let jwt = samples::dossier().attestation().sd_jwt().jwt().to_owned();
            let signed = jws::open::<Value>(ObjectType::Attestation, &jwt).unwrap();
            let mut payload = signed.whoever_signed().clone();
            payload["document_digest"] = json!(DocumentDigest::of_tree(&tree).to_string());
            let jwt = jws::sign(ObjectType::Attestation, &payload, &samples::party("Carrier")).unwrap();
            let file = json!({"consign": FORMAT, "only": [only], "shown": shown, "attestation": format!("{jwt}~")});
            View::parse(file.to_string().as_bytes()).unwrap().check()
        };
        let line = |name: &str, node: Value| json!({"object": {"lines": {"list": [{"object": {name: node}}]}}});
        assert_eq!(attested(line("hs", leaf(json!("1"))), "lines").unwrap().values().len(), 1);
        let misplaced = |shown: Value, only: &str| match attested(shown, only) {
            Err(ViewError::Misplaced(pointer)) => pointer,
            other => panic!("{other:?}"),
        };
        assert_eq!(misplaced(leaf(json!("5 kg")), "*"), "");
        assert_eq!(misplaced(json!({"list": [leaf(json!(1))]}), "*"), "/0");
        let escape = json!({"object": {"\u{1b}[2J": {"list": [{"object": {"a": leaf(json!(1))}}]}}});
        assert_eq!(misplaced(escape, "*"), "/\\u{1b}[2J");
        assert_eq!(misplaced(line("dangerous_goods", leaf(json!("none"))), "lines"), "/lines/0/dangerous_goods");
        assert_eq!(misplaced(line("amount", leaf(json!("1"))), "lines"), "/lines/0/amount", "of an invoice");
        assert_eq!(misplaced(line("hs", leaf(json!([]))), "lines"), "/lines/0/hs");
        assert_eq!(misplaced(line("gross_mass", leaf(json!("1"))), "lines"), "/lines/0/gross_mass");
        let nothing = attested(leaf(json!({})), "*").unwrap_err();
        assert!(matches!(nothing, ViewError::ShowsNothing(_)), "{nothing}");
    }

    #[test]
    fn malformed_views_say_where() {
        use ViewError as E;
        let at = "/shown/object/lines/list/0/object/dangerous";
        let with = |value: Value| changed(|f| *f.pointer_mut(at).unwrap() = value).unwrap_err();
        let place = "/lines/0/dangerous";
        let salt = "A".repeat(43);
        assert!(matches!(with(json!({"hidden": "AB"})), E::Digest(p) if p == place));
        assert!(matches!(with(json!({"leaf": {"value": 1, "salt": "A"}})), E::Salt(p) if p == place));
        assert!(matches!(with(json!({"leaf": {"value": {"a": 1}, "salt": salt}})), E::Shape(p) if p == place));
        assert!(matches!(with(json!({"leaf": {"value": [1], "salt": salt}})), E::Shape(p) if p == place));
        assert!(!with(json!({"object": {}})).is_mismatch());
        assert!(matches!(with(json!({"object": {}})), E::Shape(p) if p == place));
        assert!(matches!(with(json!({"list": []})), E::Shape(p) if p == place));
        assert!(matches!(with(json!({"leaf": {"value": 1, "salt": salt, "more": 1}})), E::Json(_)));
        assert!(matches!(with(json!({"other": 1})), E::Json(_)));
        let below = |name: &str| with(json!({"object": {name: {"hidden": "0".repeat(64)}}}));
        // Within the bound it is only not what was attested.
        assert!(matches!(below(&"n".repeat(200 - place.len() - 1)), E::NotAttested));
        assert!(matches!(below(&"n".repeat(200 - place.len())), E::Pointer(p) if p.starts_with(place)));
        assert!(matches!(changed(|f| f["consign"] = json!("view/2")), Err(E::Version(v)) if v == "view/2"));
        assert!(matches!(changed(|f| f["more"] = json!(1)), Err(E::Json(_))));
        assert!(matches!(changed(|f| f["only"] = json!([])), Err(E::Patterns(0))));
        assert!(matches!(changed(|f| f["only"] = json!(["lines//x"])), Err(E::Pattern(_))));
        assert!(matches!(changed(|f| f["attestation"] = json!("x")), Err(E::Attestation(_))));
        assert!(matches!(View::parse(&vec![b' '; MAX_BYTES + 1]), Err(E::TooLong(_))));
    }

    #[test]
    fn a_choice_that_is_misspelt_makes_no_view() {
        let of = |texts: &[&str]| View::of(&samples::dossier(), &patterns(texts)).unwrap_err();
        assert!(matches!(of(&["lines/*/gros_mass"]), ViewError::Nothing(p) if p.to_string() == "lines/*/gros_mass"));
        assert!(matches!(of(&["lines/*/dangerous", "lines/12"]), ViewError::Nothing(_)));
        assert!(matches!(of(&["number/x"]), ViewError::TooDeep(p) if p == "/number"));
        assert!(matches!(of(&[]), ViewError::Patterns(0)));
        assert!(matches!(of(&["lines"; 65]), ViewError::Patterns(65)));
        assert!(matches!(of(&["lines/3/origin"]), ViewError::Nothing(_)));
        assert_eq!(view(&["lines/4/origin"]).check().unwrap().values().len(), 1);
    }
}
