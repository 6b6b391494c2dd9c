//! For each policy of the pack documents that satisfy it, and some that miss it by the smallest unit: used here in the
//! clear, and by the circuits to prove and to refuse.

use super::Case;
use crate::{
    facts::Facts,
    policy::{RoleName, pack},
    profile::{Kind, Place},
    table::{Row, RowKind, Table},
};
use jiff::civil::{Date, date};
use std::collections::BTreeMap;

/// The day of the requests.
pub const TODAY: Date = date(2026, 6, 1);

/// A policy of the pack, with documents for it.
#[derive(Clone, Debug)]
pub struct PackCase {
    /// Name of the policy.
    pub name: &'static str,
    /// Documents that satisfy it.
    pub satisfied: Case,
    /// Documents that miss it by the smallest unit.
    pub missed: Case,
}

/// What a case is written as: the policy, values, and for each document its role, kind, currency, header and lines, a
/// line being columns with the numbers that the table holds. `{}` stands for the first or the second of two words.
struct Written {
    name: &'static str,
    values: &'static [(&'static str, &'static str)],
    documents: &'static [(&'static str, Kind, &'static str, &'static str, &'static [&'static str])],
    words: [&'static str; 2],
}

const MANIFEST: Kind = Kind::CargoManifest;
const INVOICE: Kind = Kind::CommercialInvoice;
const BOM: Kind = Kind::BillOfMaterials;
const WEIGHTS: Kind = Kind::WeightStatement;
const DECLARATION: Kind = Kind::CustomsDeclaration;

const CASES: &[Written] = &[
    Written {
        name: "arms-screen",
        values: &[],
        documents: &[("manifest", MANIFEST, "USD", "", &["hs=847130", "hs={}"])],
        words: ["360500", "360410"],
    },
    Written {
        name: "concentration",
        values: &[("origins", "CN"), ("chapters", "84")],
        documents: &[
            ("invoice", INVOICE, "USD", "", &["amount={} origin=156 hs=840991"]),
            ("invoice", INVOICE, "USD", "", &["amount=7500 origin=704 hs=610910"]),
        ],
        words: ["2500", "2501"],
    },
    Written {
        name: "container-payload",
        values: &[],
        documents: &[(
            "weights",
            WEIGHTS,
            "",
            "",
            &[
                "container=1 gross_mass=28080000 tare_mass=2400000 max_gross_mass=30480000",
                "container=2 gross_mass={} tare_mass=2200000 max_gross_mass=30480000",
            ],
        )],
        words: ["28280000", "28280001"],
    },
    Written {
        name: "dangerous-goods-within",
        values: &[],
        documents: &[("manifest", MANIFEST, "USD", "", &["dangerous=0", "dangerous=3480", "dangerous={}"])],
        words: ["3481", "3479"],
    },
    Written {
        name: "dual-use-screen",
        values: &[],
        documents: &[("manifest", MANIFEST, "USD", "", &["hs={}", "hs=610910"])],
        words: ["845599", "845600"],
    },
    Written {
        name: "eu-low-value",
        values: &[("lines", "2")],
        documents: &[("invoice", INVOICE, "EUR", "", &["amount=7500", "amount={}"])],
        words: ["7500", "7501"],
    },
    Written {
        name: "eu-low-value-2025",
        values: &[],
        documents: &[("invoice", INVOICE, "EUR", "", &["amount=7500", "amount={}"])],
        words: ["7500", "7501"],
    },
    Written {
        name: "eu-road",
        values: &[],
        documents: &[("manifest", MANIFEST, "USD", "", &["gross_mass={}"])],
        words: ["25000000", "25000001"],
    },
    Written {
        name: "invoice-finance",
        values: &[("least", "1000 USD"), ("most", "5000 USD"), ("advance", "1600 USD")],
        // 90 days before the first of June are the third of March, day 20515.
        documents: &[("invoice", INVOICE, "USD", "issue_date=20515", &["amount={}"])],
        words: ["200000", "199999"],
    },
    Written {
        name: "invoice-matches-manifest",
        values: &[],
        documents: &[
            ("invoice", INVOICE, "USD", "", &["amount={} net_mass=900 packages=3", "amount=1 net_mass=100 packages=1"]),
            ("manifest", MANIFEST, "USD", "", &["value=5001 net_mass=1000 packages=4"]),
        ],
        words: ["5000", "5001"],
    },
    Written {
        name: "invoice-near-manifest",
        values: &[],
        documents: &[
            ("invoice", INVOICE, "USD", "", &["amount=5000 net_mass={}"]),
            ("manifest", MANIFEST, "USD", "", &["value=5000 net_mass=1000000"]),
        ],
        words: ["1005000", "1005001"],
    },
    Written {
        name: "no-dangerous-goods",
        values: &[],
        documents: &[("manifest", MANIFEST, "USD", "", &["dangerous=0", "dangerous={}"])],
        words: ["0", "4"],
    },
    Written {
        name: "origin-outside",
        values: &[("excluded", "RU, BY")],
        documents: &[("manifest", MANIFEST, "USD", "", &["origin=704", "origin={}"])],
        words: ["764", "643"],
    },
    Written {
        name: "origin-within",
        values: &[("origins", "VN, TH")],
        documents: &[("manifest", MANIFEST, "USD", "", &["origin=704", "origin={}"])],
        words: ["764", "156"],
    },
    Written {
        name: "quota",
        values: &[("goods", "1701"), ("quota", "50 t")],
        documents: &[
            ("declarations", DECLARATION, "EUR", "", &["hs=170199 net_mass=20000000"]),
            ("declarations", DECLARATION, "EUR", "", &["hs=170199 net_mass={}", "hs=170290 net_mass=9000000"]),
            ("declarations", DECLARATION, "EUR", "", &["hs=170113 net_mass=10000000"]),
        ],
        words: ["20000000", "20000001"],
    },
    Written {
        name: "rcep-cth",
        values: &[("heading", "8471")],
        documents: &[(
            "bom",
            BOM,
            "USD",
            "product_hs=847130",
            &["hs=847330 originating=0", "hs=847150 originating={}"],
        )],
        words: ["1", "0"],
    },
    Written {
        name: "rcep-de-minimis",
        values: &[("unchanged", "8471")],
        documents: &[(
            "bom",
            BOM,
            "USD",
            "product_value=10000",
            &["hs=847150 originating=0 value={}", "hs=847330 originating=0 value=4000"],
        )],
        words: ["1000", "1001"],
    },
    Written {
        name: "rcep-rvc",
        values: &[],
        documents: &[(
            "bom",
            BOM,
            "USD",
            "product_value=10000",
            &["originating=0 value={}", "originating=1 value=3000"],
        )],
        words: ["6000", "6001"],
    },
    Written {
        name: "solas-vgm",
        values: &[],
        documents: &[(
            "weights",
            WEIGHTS,
            "",
            "",
            &["container=1 method=2 gross_mass=20000000 tare_mass=2200000 verified_mass={}"],
        )],
        words: ["22200000", "22200001"],
    },
    Written {
        name: "ucp600-about",
        values: &[("credit", "1000 USD")],
        documents: &[("invoice", INVOICE, "USD", "", &["amount={}"])],
        words: ["110000", "110001"],
    },
    Written {
        name: "ucp600-less",
        values: &[("quantity", "1000 KGM"), ("credit", "1000 USD")],
        documents: &[("invoice", INVOICE, "USD", "", &["quantity=1000000 amount={}"])],
        words: ["95000", "94999"],
    },
    Written {
        name: "ucp600-quantity",
        values: &[("quantity", "1000 KGM"), ("credit", "1000 USD")],
        documents: &[("invoice", INVOICE, "USD", "", &["quantity={} amount=100000"])],
        words: ["1050000", "1050001"],
    },
    Written {
        name: "uflpa-screen",
        values: &[],
        documents: &[("manifest", MANIFEST, "USD", "", &["hs=520100 origin={}", "hs=847130 origin=156"])],
        words: ["704", "156"],
    },
    Written {
        name: "us-informal-entry",
        values: &[],
        documents: &[("invoice", INVOICE, "USD", "", &["amount=100000", "amount={}"])],
        words: ["150000", "150001"],
    },
    Written {
        name: "us-road",
        values: &[],
        documents: &[("manifest", MANIFEST, "USD", "", &["gross_mass={}"])],
        words: ["20411000", "20411001"],
    },
    Written {
        name: "usmca-rvc",
        values: &[],
        documents: &[(
            "bom",
            BOM,
            "USD",
            "product_value=10000",
            &["originating=0 value={}", "originating=1 value=3000"],
        )],
        words: ["4000", "4001"],
    },
];

/// A case for each policy of the pack, in its order.
pub fn pack_cases() -> Vec<PackCase> {
    CASES.iter().map(Written::read).collect()
}

impl Written {
    fn read(&self) -> PackCase {
        let [satisfied, missed] = self.words.map(|word| self.case(word));
        PackCase { name: self.name, satisfied, missed }
    }

    fn case(&self, word: &str) -> Case {
        let policy = pack::policy(self.name).expect(self.name).expect(self.name);
        let values: BTreeMap<String, String> =
            self.values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let policy = policy.resolve_on(TODAY, &values).unwrap_or_else(|e| panic!("{}: {e}", self.name));
        let documents = self.documents.iter().enumerate();
        let tables: Vec<(RoleName, Table, Facts)> = documents
            .map(|(i, (role, kind, currency, header, lines))| {
                let goods = lines.iter().map(|line| row(*kind, RowKind::Goods, &line.replace("{}", word)));
                let header = row(*kind, RowKind::Document, header);
                let table = Table::new(header, goods.collect()).expect("rows of the right kinds");
                ((*role).to_owned(), table, facts(*kind, currency, i))
            })
            .collect();
        Case { policy, tables }
    }
}

/// Columns that are not written are zero.
fn row(kind: Kind, row: RowKind, text: &str) -> Row {
    let (mut measures, mut origin, mut codes, mut hs) = ([0; 4], 0, [0; 2], [0; 3]);
    for word in text.split_whitespace() {
        let (name, number) = word.split_once('=').expect("COLUMN=NUMBER");
        let number: u64 = number.parse().expect("a number");
        let column = match row {
            RowKind::Document => kind.profile().document_column(name),
            _ => kind.profile().goods_column(name),
        };
        let small = || u16::try_from(number).expect("a code");
        match column.unwrap_or_else(|| panic!("{kind} has no {name}")).place {
            Place::Measure(i) => measures[usize::from(i)] = number,
            Place::Origin => origin = small(),
            Place::C2 => codes[0] = small(),
            Place::C3 => codes[1] = small(),
            Place::Hs => hs = [number / 10_000, number / 100 % 100, number % 100].map(|group| group as u8),
        }
    }
    Row::new(row, measures, origin, codes, hs).expect("columns are in range")
}

/// All columns complete, one shipment, quantities in kilograms.
fn facts(kind: Kind, currency: &str, number: usize) -> Facts {
    let profile = kind.profile();
    let header = profile.document.iter().map(|column| format!("document.{}", column.name));
    let references = [("shipment", "S-1".to_owned()), ("document", format!("D-{number}"))];
    Facts {
        complete: profile.goods.iter().map(|column| column.name.to_owned()).chain(header).collect(),
        currency: (!currency.is_empty()).then(|| currency.to_owned()),
        unit: Some("KGM".to_owned()),
        references: references.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}
