import Testing

@testable import Portal

@Suite("Static files")
struct AssetsTests {
    private let assets = Assets([Asset(name: "portal.css", bytes: Array("a{}".utf8))])

    @Test("What a page of another version asks for is not there, unless a proxy takes anything for it")
    func otherVersion() throws {
        let own = try #require(assets.address("portal.css"))
        #expect(try #require(assets.answer(own)).caching == .forever)
        #expect(assets.answer("/assets/0123456789abcdef/portal.css") == nil)
        let other = try #require(assets.answer("/assets/0123456789abcdef/portal.css", any: true))
        #expect(other.caching == .never && other.status == 200)
    }

    @Test(
        "Other addresses are none of files",
        arguments: [
            "/assets/0123456789abcdef/other.css", "/assets/0123/portal.css", "/assets/portal.css", "/portal.css",
            "/assets/0123456789abcdef/robots.txt/x", "/x/0123456789abcdef/portal.css",
        ])
    func strangers(path: String) {
        #expect(assets.answer(path, any: true)?.status == nil)
    }
}
