//! Documents of UBL that nobody published an example of, and the traps of those that somebody did.

use consign_documents::{
    document::Document,
    error::Fault,
    import::{ImportOptions, Imported, import},
    profile::Kind,
    table::RowKind,
};

/// A UBL document with facts (prefix `b`) and aggregates (prefix `a`).
fn ubl(root: &str, inside: &str) -> String {
    format!(
        "<{root} xmlns='urn:oasis:names:specification:ubl:schema:xsd:{root}-2' \
         xmlns:a='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2' \
         xmlns:b='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'>\
         <b:ID>D-1</b:ID><b:IssueDate>2026-03-01</b:IssueDate>{inside}</{root}>"
    )
}

fn read(text: &str) -> Imported {
    import(text.as_bytes(), "d.xml", &ImportOptions::default()).expect("well-formed")
}

fn fault(text: &str) -> Fault {
    import(text.as_bytes(), "d.xml", &ImportOptions::default()).expect_err("refused").fault().clone()
}

fn warned(imported: &Imported, words: &str) -> bool {
    imported.warnings.iter().any(|warning| warning.text.contains(words))
}

const GOODS: &str = "<a:GoodsItem><b:ID>7</b:ID><b:ValueAmount currencyID='USD'>90.50</b:ValueAmount>\
    <b:GrossWeightMeasure unitCode='KG'>12.5</b:GrossWeightMeasure><b:Quantity unitCode='pcs'>40</b:Quantity>\
    <b:PreferenceCriterionCode>WO</b:PreferenceCriterionCode><a:Item><a:OriginCountry><b:IdentificationCode>VN\
    </b:IdentificationCode></a:OriginCountry><a:CommodityClassification><b:CommodityCode>8516.71</b:CommodityCode>\
    </a:CommodityClassification></a:Item></a:GoodsItem>";

#[test]
fn packing_list() {
    let packed = format!(
        "<a:Shipment><b:ID>S</b:ID><a:TransportHandlingUnit><a:TransportEquipment><b:ID>MSKU9070323</b:ID>\
         </a:TransportEquipment><a:ActualPackage><b:Quantity>4</b:Quantity>{GOODS}</a:ActualPackage>\
         </a:TransportHandlingUnit></a:Shipment>"
    );
    let imported = read(&ubl("PackingList", &packed));
    assert_eq!((imported.document.kind(), imported.format.as_str()), (Kind::PackingList, "UBL 2 PackingList"));
    assert_eq!(imported.document.containers(), ["MSKU9070323"]);
    let row = imported.document.table().rows()[1];
    assert_eq!(row.measures(), [12_500, 0, 4, 40_000]);
    assert_eq!(row.hs(), [85, 16, 71]);
    assert!(warned(&imported, "ValueAmount of a goods item is left out: the kind has no values"));
}

#[test]
fn certificate_of_origin() {
    let shipment = format!(
        "<a:CertificateOfOriginApplication><b:ReferenceID>R</b:ReferenceID><a:Shipment><b:ID>S</b:ID>{GOODS}\
         </a:Shipment></a:CertificateOfOriginApplication>"
    );
    let document = read(&ubl("CertificateOfOrigin", &shipment)).document;
    let line = &document.lines()[0];
    assert_eq!(line.criterion.as_ref().map(|c| c.letters()), Some("WO"));
    assert_eq!(document.table().rows()[1].measures(), [12_500, 40_000, 0, 9_050]);
    assert_eq!(document.facts().unit.as_deref(), Some("H87"));
}

#[test]
fn bill_of_lading() {
    let inside = format!(
        "<b:DeclaredCarriageValueAmount currencyID='EUR'>5000.00</b:DeclaredCarriageValueAmount>\
         <a:Shipment><b:ID>S</b:ID>{GOODS}</a:Shipment>"
    );
    let imported = read(&ubl("BillOfLading", &inside));
    let table = imported.document.table();
    let rows = table.rows();
    assert_eq!(rows[0].kind(), RowKind::Document);
    assert_eq!(rows[0].measures()[3], 500_000, "the value declared to the carrier");
    assert_eq!(rows[1].measures(), [12_500, 0, 0, 0]);
    assert!(!imported.document.facts().complete.contains("value"));
    assert!(warned(&imported, "ValueAmount of a goods item is left out: no line states"));
}

/// Two packages around one goods item, or two goods items in one package, do not say how many packages a line has.
#[test]
fn packages_are_not_guessed() {
    let unit = |inside: &str| {
        ubl(
            "Waybill",
            &format!(
                "<a:Shipment><b:ID>S</b:ID><a:TransportHandlingUnit>{inside}</a:TransportHandlingUnit></a:Shipment>"
            ),
        )
    };
    let other = GOODS.replace("<b:ID>7", "<b:ID>8");
    let shared = unit(&format!("<a:Package><b:Quantity>1</b:Quantity>{GOODS}{other}</a:Package>"));
    let nested = unit(&format!(
        "<a:Package><b:Quantity>2</b:Quantity><a:ContainedPackage><b:Quantity>3</b:Quantity>{GOODS}</a:ContainedPackage></a:Package>"
    ));
    for text in [shared, nested] {
        assert!(read(&text).document.lines().iter().all(|line| line.packages.is_none()));
    }
}

#[test]
fn placeholders_say_nothing() {
    let text = ubl("Waybill", &format!("<a:Shipment><b:ID>{{SHP}}</b:ID>{GOODS}</a:Shipment>"));
    let text = text.replace("8516.71", "{HS}").replace("VN", "N/A");
    let imported = read(&text);
    let line = &imported.document.lines()[0];
    assert_eq!((&line.hs, line.origin), (&None, None));
    assert!(!imported.document.facts().references.contains_key("shipment"));
    for fact in ["hs: the placeholder", "origin: the placeholder", "ID: the placeholder"] {
        assert!(warned(&imported, fact), "{fact}: {:?}", imported.warnings);
    }
}

#[test]
fn counts_of_goods_are_told() {
    let text = ubl(
        "Manifest",
        &format!(
            "<a:Shipment><b:ID>S</b:ID><b:TotalGoodsItemQuantity>2</b:TotalGoodsItemQuantity>{GOODS}</a:Shipment>"
        ),
    );
    assert!(warned(&read(&text), "TotalGoodsItemQuantity is 2, the file has 1 goods items"));
}

fn weights(method: &str) -> String {
    ubl(
        "WeightStatement",
        &format!(
            "<a:Shipment><b:ID>S</b:ID><a:TransportHandlingUnit><a:TransportEquipment><b:ID>TRHU1652173</b:ID>\
             <b:TareWeightMeasure unitCode='KGM'>2200</b:TareWeightMeasure><a:VerifiedGrossMass>\
             <b:WeighingMethodCode>{method}</b:WeighingMethodCode><b:GrossMassMeasure unitCode='LBR'>56725</b:GrossMassMeasure>\
             </a:VerifiedGrossMass><a:AttachedTransportEquipment><a:TransportEquipment><b:ID>CHASSIS</b:ID>\
             </a:TransportEquipment></a:AttachedTransportEquipment></a:TransportEquipment></a:TransportHandlingUnit>\
             </a:Shipment>"
        ),
    )
}

#[test]
fn weight_statement() {
    let document = read(&weights("SM2")).document;
    assert_eq!(document.containers(), ["TRHU1652173"], "a chassis is no container");
    let row = document.table().rows()[1];
    // 56,725 lb are 25,730,027.18825 g.
    assert_eq!((row.measures(), row.codes()), ([0, 2_200_000, 25_730_027, 0], [2, 1]));
    let other = read(&weights("SM3"));
    assert_eq!(other.document.lines()[0].method, None);
    assert!(warned(&other, "neither SM1 nor SM2"));
}

/// Header and lines of a Cross Industry Invoice.
fn cii(type_code: &str, amount: &str, total: &str) -> String {
    format!(
        "<r:CrossIndustryInvoice xmlns:r='urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100' \
         xmlns:m='urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100' \
         xmlns:u='urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100'><r:ExchangedDocument><m:ID>I-1</m:ID>\
         <m:TypeCode>{type_code}</m:TypeCode><m:IssueDateTime><u:DateTimeString format='102'>20260301</u:DateTimeString>\
         </m:IssueDateTime></r:ExchangedDocument><r:SupplyChainTradeTransaction><m:IncludedSupplyChainTradeLineItem>\
         <m:AssociatedDocumentLineDocument><m:LineID>1</m:LineID></m:AssociatedDocumentLineDocument>\
         <m:SpecifiedTradeProduct><m:Name>kettles</m:Name><m:DesignatedProductClassification>\
         <m:ClassCode listID='HS'>851671</m:ClassCode></m:DesignatedProductClassification><m:OriginTradeCountry>\
         <m:ID>VN</m:ID></m:OriginTradeCountry></m:SpecifiedTradeProduct><m:SpecifiedLineTradeDelivery>\
         <m:BilledQuantity unitCode='H87'>40</m:BilledQuantity></m:SpecifiedLineTradeDelivery>\
         <m:SpecifiedLineTradeSettlement><m:SpecifiedTradeSettlementLineMonetarySummation>\
         <m:LineTotalAmount>{amount}</m:LineTotalAmount></m:SpecifiedTradeSettlementLineMonetarySummation>\
         </m:SpecifiedLineTradeSettlement></m:IncludedSupplyChainTradeLineItem><m:ApplicableHeaderTradeSettlement>\
         <m:InvoiceCurrencyCode>EUR</m:InvoiceCurrencyCode><m:SpecifiedTradeSettlementHeaderMonetarySummation>\
         <m:LineTotalAmount>{total}</m:LineTotalAmount></m:SpecifiedTradeSettlementHeaderMonetarySummation>\
         </m:ApplicableHeaderTradeSettlement></r:SupplyChainTradeTransaction></r:CrossIndustryInvoice>"
    )
}

#[test]
fn cross_industry_invoice() {
    let document = read(&cii("380", "90.50", "90.50")).document;
    let row = document.table().rows()[1];
    assert_eq!((row.measures(), row.origin(), row.hs()), ([0, 40_000, 9_050, 0], 704, [85, 16, 71]));
    assert_eq!(document.header().issue_date.map(|d| d.to_string()).as_deref(), Some("2026-03-01"));
    assert!(matches!(fault(&cii("380", "90.50", "90.51")), Fault::Invalid(_)));
    assert!(matches!(fault(&cii("380", "-90.50", "-90.50")), Fault::Credit { .. }));
    assert_eq!(fault(&cii("381", "90.50", "90.50")), Fault::CreditNote);
}

#[test]
fn credit_notes_are_named() {
    assert_eq!(fault(&ubl("CreditNote", "")), Fault::CreditNote);
    assert!(matches!(fault(&ubl("Order", "")), Fault::Root { .. }));
}

/// A manifest of more than 20 MB imports, and comes back from its canonical form.
#[test]
fn a_large_file() {
    let goods: String = (0..46_000).map(|i| GOODS.replace("<b:ID>7", &format!("<b:ID>{i}"))).collect();
    let text = ubl("Manifest", &format!("<a:Shipment><b:ID>S</b:ID>{goods}</a:Shipment>"));
    assert!(text.len() > 20_000_000, "{}", text.len());
    let document = read(&text).document;
    assert_eq!(document.lines().len(), 46_000);
    assert_eq!(Document::from_json(document.as_json().as_bytes(), "again.json").expect("our own form"), document);
}
