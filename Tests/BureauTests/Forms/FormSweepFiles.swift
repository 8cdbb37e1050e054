import BureauTestSupport
import Funding
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

extension FormSweepTests {
    /// Looked at where somebody wants to fetch a file.
    static let files: Set<String> = ["documents.link.make", "cases.package.link.make"]

    @Test("Forms that make links to files and packages")
    func linkForms() async throws {
        let house = try await TestHouse(.sqlite, standing: true)
        var sweeper = try FormSweeper(house)
        let item = try await house.submit(1, call: try await house.call("natural-science"))
        let home = house.house
        let bytes = Array("%PDF-1.4 report".utf8)
        let document = Document(
            id: home.ids.make(), caseID: item.id, field: "report", name: "report.pdf", size: bytes.count,
            hash: try home.files.keep(bytes), type: "application/pdf", uploadedBy: "", uploadedAt: home.clock.now())
        try await home.db.write { tx in try DocumentStore.add(document, accepting: nil, tx) }
        try await sweeper.look("officer", "/documents/\(document.id)/link", "/cases/\(item.id)/package/link")
        sweeper.expect(Self.files, "links")
    }
}
