//! A row in the circuit; native half [`consign_documents::table::Row`].
//!
//! A row is 253 bits and is hashed as the number they make. 253 constraints for the bits, one each for the exclusive
//! kinds and for the packed wire, two for each HS group, and five for the products that selections share.

use consign_documents::table::{CODE_BITS, HS_GROUP_BITS, MEASURE_BITS, MEASURES, ORIGIN_BITS, ROW_BITS, Row};

use crate::{
    builder::{Bit, Builder, Num},
    gadgets::select::Paired,
};

/// A row whose every column is within its width.
pub struct RowGadget {
    /// Goods, document; never both.
    pub kind: [Bit; 2],
    /// The measures, paired for selection.
    pub measures: Paired,
    /// The four measures.
    pub measure: [Num; MEASURES],
    /// The six codes, paired for selection, in the order of [`consign_documents::table::Code::ALL`].
    pub codes: Paired,
    /// The row as one field element.
    pub packed: Num,
}

impl RowGadget {
    /// Allocates a row.
    pub fn new(b: &mut Builder, row: &Row) -> RowGadget {
        let values = row.bits();
        let mut bits = Vec::with_capacity(ROW_BITS as usize);
        let mut take = |b: &mut Builder, name: &'static str, width: u32| -> Vec<Bit> {
            let start = bits.len();
            bits.extend((0..width as usize).map(|i| b.bit(name, values[start + i])));
            bits[start..].to_vec()
        };
        let kind = take(b, "kind", 2);
        let measure_bits: [Vec<Bit>; MEASURES] = ["m0", "m1", "m2", "m3"].map(|name| take(b, name, MEASURE_BITS));
        let origin = take(b, "origin", ORIGIN_BITS);
        let c2 = take(b, "c2", CODE_BITS);
        let c3 = take(b, "c3", CODE_BITS);
        let hs: [Vec<Bit>; 3] = ["HS chapter", "HS heading", "HS subheading"].map(|name| take(b, name, HS_GROUP_BITS));

        b.enforce("kind is not 3", kind[0].num(), kind[1].num(), &Num::zero());
        hs.iter().for_each(|group| below_hundred(b, group));

        // One wire for the packed row keeps its 253 bits out of three products of the hash.
        let sum = Num::from_bits(&bits);
        let packed = b.witness("packed row", sum.value());
        b.enforce_equal("packed row", &sum, &packed);

        let measure = measure_bits.map(|bits| Num::from_bits(&bits));
        let measures = Paired::new(b, "product of measures", measure.to_vec());
        let [hs2, hs4, hs6] = hs.map(|bits| Num::from_bits(&bits));
        let heading = &(&hs2 * 100) + &hs4;
        let subheading = &(&heading * 100) + &hs6;
        let codes = [Num::from_bits(&origin), hs2, heading, subheading, Num::from_bits(&c2), Num::from_bits(&c3)];
        let codes = Paired::new(b, "product of codes", codes.to_vec());
        let [goods, document] = [kind[0].clone(), kind[1].clone()];
        RowGadget { kind: [goods, document], measures, measure, codes, packed }
    }
}

/// Seven bits below 100 = 1100100b: if bits 6 and 5 are set, then bits 4, 3 and 2 are not. Their sum has no negative term,
/// so it vanishes only if each does. Two constraints.
fn below_hundred(b: &mut Builder, bits: &[Bit]) {
    let [b2, b3, b4, b5, b6] = [2, 3, 4, 5, 6].map(|i| bits[i].num());
    let at_least_96 = b.product("HS group at least 96", b6, b5);
    b.enforce("HS group below 100", &at_least_96, &(&(b4 + b3) + b2), &Num::zero());
}
