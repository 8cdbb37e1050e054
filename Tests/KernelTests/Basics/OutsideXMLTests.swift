import FoundationXML
import Kernel
import Testing

@Suite("XML from outside")
struct OutsideXMLTests {
    @Test(
        "What a parser could stumble over is refused before it begins",
        arguments: [
            ("<?xm?><a/>", OutsideXML.Refusal.instruction), ("<a><?b?></a>", .instruction),
            ("<?xml version=\"1.0\"?><?xml?><a/>", .instruction), ("<?xml?><a/>", .instruction),
            ("<!DOCTYPE a><a/>", .documentType),
            ("<!--" + String(repeating: "-x", count: 5_000) + "--><!DOCTYPE a><a/>", .documentType),
            ("<?xml version=\"1.0\" encoding=\"UTF-7\"?>+ADw-?b?+AD4-<a/>", .notUTF8),
            ("<\0a\0/\0>\0", .notUTF8), ("", .notUTF8),
        ])
    func refused(text: String, why: OutsideXML.Refusal) {
        #expect(throws: why) { try OutsideXML.parser(Array(text.utf8)) }
    }

    @Test(
        "What banks and spreadsheets send is read",
        arguments: [
            "<a/>", "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<a b=\"基金\"/>",
            "<?xml version='1.0' encoding='utf-8'?><a>&lt;?</a>", "<?xml version=\"1.0\"?>\r\n<a><!-- x --></a>",
        ])
    func read(text: String) throws {
        #expect(try OutsideXML.parser(Array(text.utf8)).parse())
    }
}
