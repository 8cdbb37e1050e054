import Kernel
import Testing

@testable import Portal

@Suite("Markup")
struct HTMLTests {
    @Test("A literal is markup and a text put into it is escaped")
    func escapes() {
        let name = #"<b> & "x" 'y'"#
        let html: HTML = "<p>\(name)</p>"
        #expect(html.string == "<p>&lt;b&gt; &amp; &quot;x&quot; &#39;y&#39;</p>")
    }

    @Test("A quotation mark before a combining mark does not end an attribute")
    func combiningMark() {
        let attack = "\"\u{301} onfocus=alert(1) autofocus x=\""
        let html: HTML = #"<input value="\#(attack)">"#
        let inside = html.bytes.dropFirst(#"<input value=""#.utf8.count).dropLast(2)
        #expect(!inside.contains(UInt8(ascii: "\"")))
        let less: HTML = "\("<\u{338}script>" as String)"
        #expect(!less.bytes.contains(UInt8(ascii: "<")))
    }

    @Test("Markup goes into markup as it is, and nothing for nil")
    func nests() {
        let inner: HTML = "<i>\("<" as String)</i>"
        let none: HTML? = nil
        let text: String? = nil
        let html: HTML = "<b>\(inner)\(none)\(text)\(7)</b>"
        #expect(html.string == "<b><i>&lt;</i>7</b>")
    }

    @Test("Lists, conditions and attributes have their own interpolation")
    func helpers() {
        let rows = ["a", "<"]
        let hint: String? = "h"
        let html: HTML = """
            <ul>\(each: rows, { "<li>\($0)</li>" })</ul>\(if: rows.isEmpty, "none")\(if: true, "y", else: "n")\
            \(with: hint, { "<p>\($0)</p>" })<input\(attribute: "id", "q\"")\(attribute: "min", nil)\
            \(attribute: "checked", if: true)\(attribute: "disabled", if: false)>
            """
        #expect(
            html.string
                == "<ul><li>a</li><li>&lt;</li></ul>y<p>h</p><input id=\"q&quot;\" checked>")
    }

    @Test("Joining leaves out empty pieces")
    func joins() {
        #expect(HTML.join(["a", .empty, "b"], separator: ", ").string == "a, b")
    }

    @Test(
        "An address of the house or of http, https and mailto is safe",
        arguments: [
            "/calls", "/calls?a=b:c", "?page=2", "#name", "notices/1", "https://www.sz.gov.cn/", "HTTP://x",
            "mailto:a@b",
        ])
    func safe(_ text: String) { #expect(SafeURL(checking: text) != nil) }

    @Test(
        "Any other address is refused",
        arguments: [
            "javascript:alert(1)", "JaVaScript:x", "java\nscript:x", " javascript:x", "data:text/html,x", "//evil.cn",
            "/\\evil.cn", "\u{1}javascript:x", "vbscript:x", "",
        ])
    func unsafe(_ text: String) {
        #expect(SafeURL(checking: text) == nil)
        let html: HTML = #"<a href="\#(text)">x</a>"#
        #expect(html.string == ##"<a href="#">x</a>"##)
    }

    @Test("Values put into an address are percent-encoded")
    func encodes() {
        let words = "科 创&x=/\"'"
        let url: SafeURL = "/search?q=\(words)&page=\(2)"
        #expect(url.text == "/search?q=%E7%A7%91%20%E5%88%9B%26x%3D%2F%22%27&page=2")
        let scheme = "javascript:alert(1)"
        #expect(("\(url)&next=\(scheme)" as SafeURL).text == "\(url.text)&next=javascript%3Aalert%281%29")
    }

    @Test("An address that begins with a text, which encoding would break, ends the program that was written so")
    func beginsWithText() async {
        await #expect(processExitsWith: .failure) {
            let base = "/calls"
            _ = "\(base)/1" as SafeURL
        }
    }

    @Test("A clock whose due day lies beyond the published calendars names the day and claims nothing of what is left")
    func clockBeyondCalendars() throws {
        let due = try #require(Day("2027-05-01"))
        let days = Bilingual("个工作日", "working days")
        for t in Language.allCases.map(Say.init) {
            let unknown = Parts.clock(due: due, left: nil, unit: days, holder: "", t).string
            #expect(unknown.contains(due.text(t.language)) && !unknown.contains("badge"))
            #expect(Parts.clock(due: due, left: 0, unit: days, holder: "", t).string.contains("badge"))
        }
    }
}
