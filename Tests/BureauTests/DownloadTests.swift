import BureauTestSupport
import Funding
import HouseTestSupport
import Kernel
import Store
import StoreTestSupport
import Synchronization
import Testing

@testable import Bureau
@testable import Portal

/// A link gives its one file without signing in, for a short time, while whoever made it may see the file.
@Suite("Links to download", .timeLimit(.minutes(60)))
struct DownloadTests {
    private static let bytes = Array("%PDF-1.4 report".utf8)

    private struct World {
        let house: TestHouse
        let item: Application
        let document: Document
    }

    /// A file of a case at its formal check.
    private func world(_ engine: Engine) async throws -> World {
        let house = try await TestHouse(engine, standing: true)
        let item = try await house.submit(1, call: try await house.call("natural-science"))
        let document = try await add("report.pdf", to: item, house)
        return World(house: house, item: item, document: document)
    }

    private func add(
        _ name: String, to item: Application, _ house: TestHouse, isSealed: Bool = false
    ) async throws -> Document {
        let home = house.house
        let document = Document(
            id: home.ids.make(), caseID: item.id, field: "report", name: name, size: Self.bytes.count,
            hash: try home.files.keep(Self.bytes, sealedBy: isSealed ? home.vault : nil), type: "application/pdf",
            uploadedBy: "", uploadedAt: home.clock.now(), isSealed: isSealed)
        try await home.db.write { tx in try DocumentStore.add(document, accepting: nil, tx) }
        return document
    }

    /// The last part of the link that somebody makes.
    private func link(
        _ house: TestHouse, _ login: String, _ id: String, _ route: String = "documents.link.make"
    ) async throws -> String {
        let page = text(try await house.visit(route, try await house.actor(login), values: ["id": id]))
        let found = try #require(page.firstMatch(of: /downloads\/([a-z0-9.-]+)</), "\(page)")
        return String(found.1)
    }

    @discardableResult
    private func use(_ link: String, _ house: TestHouse) async throws -> Answer {
        try await house.visit("downloads.use", .everyone, values: ["link": link])
    }

    @Test("A link gives its file, and whatever is altered in it is refused", arguments: TestStore.engines)
    func altered(engine: Engine) async throws {
        let world = try await world(engine)
        let (house, document) = (world.house, world.document)
        let good = try await link(house, "applicant", document.id.text)
        guard case .file(let path, let type) = try await use(good, house).content else {
            Issue.record("no file")
            return
        }
        #expect(path == house.house.files.path(of: document.hash) && type == "application/pdf")
        // It says nothing that its maker does not know: what, for whom, until when, and the house's signature.
        let parts = good.split(separator: ".").map(String.init)
        let account = try #require(try await house.actor("applicant").account)
        #expect(parts.count == 5 && Array(parts[0...2]) == ["d", document.id.text, account.text])
        var random = SeededRandom(seed: 17)
        let letters = Array("0123456789abcdef.-dpA")
        for index in good.indices {
            let letter = letters.filter { $0 != good[index] }.randomElement(using: &random) ?? "x"
            let bad = "\(good[..<index])\(letter)\(good[good.index(after: index)...])"
            await #expect(throws: DownloadError.altered, "\(bad), seed 17") { try await use(bad, house) }
        }
        let twin = try await add("twin.pdf", to: world.item, house)
        let officer = try #require(try await house.actor("officer").account)
        let seconds = try #require(Int64(parts[3]))
        func made(
            _ id: String, _ account: String, _ seconds: String, _ signature: String, kind: String = "d"
        ) -> String { [kind, id, account, seconds, signature].joined(separator: ".") }
        for bad in [
            made(twin.id.text, parts[2], parts[3], parts[4]), made(parts[1], officer.text, parts[3], parts[4]),
            made(parts[1], parts[2], String(seconds + 1), parts[4]), made(parts[1], parts[2], "0\(seconds)", parts[4]),
            made(parts[1], parts[2], "9223372036854775807", parts[4]), made(parts[1], parts[2], "-1", parts[4]),
            made(parts[1], parts[2], parts[3], parts[4].uppercased()), made(parts[1], parts[2], parts[3], ""),
            made(parts[1], parts[2], parts[3], parts[4], kind: "p"), "\(good).", "\(good)0", "", "....", "d",
            good.uppercased(),
        ] {
            await #expect(throws: DownloadError.altered, "\(bad)") { try await use(bad, house) }
        }
        // The file is another one by now.
        try await house.house.db.write { tx in
            try tx.run("UPDATE document SET hash = 'another' WHERE id = \(document.id)")
        }
        await #expect(throws: DownloadError.altered) { try await use(good, house) }
    }

    @Test(
        "A link ends with its time, with the account that made it, and with the right to see the file",
        arguments: TestStore.engines)
    func endings(engine: Engine) async throws {
        let world = try await world(engine)
        let (house, id) = (world.house, world.document.id.text)
        let (own, officers) = (try await link(house, "applicant", id), try await link(house, "officer", id))
        let second: Int64 = 1_000_000
        house.services.clock.lead += 890 * second
        try await use(own, house)
        house.services.clock.lead += 10 * second
        await #expect(throws: DownloadError.expired) { try await use(own, house) }
        house.services.clock.lead -= 600 * second
        try await use(own, house)
        try await use(officers, house)
        let actors = (try await house.actor("applicant"), try await house.actor("officer"))
        let accounts = (try #require(actors.0.account), try #require(actors.1.account))
        try await house.house.db.write { tx in
            try AccountStore.setState(.closed, of: accounts.0, tx)
            try AccountStore.setRoles([.applicant], division: nil, of: accounts.1, tx)
        }
        await #expect(throws: DownloadError.revoked) { try await use(own, house) }
        await #expect(throws: DownloadError.revoked) { try await use(officers, house) }
        try await house.house.db.write { tx in
            try AccountStore.setRoles([.officer], division: nil, of: accounts.1, tx)
        }
        try await use(officers, house)
    }

    @Test("Whoever may not see a file makes no link to it, and nobody to a sensitive one", arguments: TestStore.engines)
    func makers(engine: Engine) async throws {
        let world = try await world(engine)
        let (house, item) = (world.house, world.item)
        for login in ["expert1", "admin"] {
            let actor = try await house.actor(login)
            await #expect(throws: DocumentError.missing, "\(login)") {
                try await house.visit("documents.link.make", actor, values: ["id": world.document.id.text])
            }
        }
        let paper = try await add("health.pdf", to: item, house, isSealed: true)
        let applicant = try await house.actor("applicant")
        for route in ["documents.link", "documents.link.make"] {
            await #expect(throws: DownloadError.sensitive, "\(route)") {
                try await house.visit(route, applicant, values: ["id": paper.id.text])
            }
        }
        // The record knows who made one; the case, which its applicant reads, does not.
        let before = try await house.house.db.read { tx in try Record.events(of: item.id, tx).count }
        _ = try await link(house, "officer", world.document.id.text)
        let (after, events) = try await house.house.db.read { tx in
            (
                try Record.events(of: item.id, tx).count,
                try Record.events(about: "document", world.document.id.text, tx)
            )
        }
        let officer = try await house.actor("officer")
        #expect(before == after && events.map(\.kind) == ["link.made"])
        #expect(events.map(\.actor) == [officer.account?.text])
    }

    @Test("The answer is kept nowhere, tells no address, and is logged under the account", arguments: TestStore.engines)
    func traces(engine: Engine) async throws {
        let world = try await world(engine)
        let house = world.house
        let good = try await link(house, "applicant", world.document.id.text)
        let account = try #require(try await house.actor("applicant").account)
        let knocker = try Knocker(house.services)
        let reply = await knocker.get("/downloads/\(good)", as: .everyone, "e")
        #expect(reply.status == 200 && reply.body == Self.bytes)
        let headers = reply.headers.lowercased()
        #expect(headers.contains("content-disposition: attachment") && !headers.contains("set-cookie"))
        let refused = await knocker.get("/downloads/\(good)0", as: .everyone, "e")
        #expect(refused.status == 403 && refused.text.contains("下载链接不完整"))
        for one in [headers, refused.headers.lowercased()] {
            #expect(one.contains("cache-control: private, no-store") && one.contains("referrer-policy: no-referrer"))
        }
        let log = knocker.log.text.withLock { $0 }
        #expect(log.contains("downloads.use") && log.contains(account.text) && !log.contains(good))
    }

    @Test(
        "The house sets for how long a link is good, and does not start with nonsense", arguments: ["0", "x", "1441"])
    func minutes(value: String) throws {
        let folder = try TestCity.folder()
        let set = try Configuration(dataDirectory: folder, environment: ["KECHUANG_LINK_MINUTES": "45"])
        #expect(set.linkMinutes == 45)
        #expect(throws: ConfigurationError.self) {
            _ = try Configuration(dataDirectory: folder, environment: ["KECHUANG_LINK_MINUTES": value])
        }
    }

    @Test("The bureau fetches the package of a case so, as long as it may", arguments: TestStore.engines)
    func package(engine: Engine) async throws {
        let world = try await world(engine)
        let house = world.house
        let good = try await link(house, "officer", world.item.id.text, "cases.package.link.make")
        guard case .bytes(let bytes, let type) = try await use(good, house).content else {
            Issue.record("no package")
            return
        }
        #expect(type == "application/zip" && Spreadsheet.isArchive(bytes))
        let officer = try #require(try await house.actor("officer").account)
        try await house.house.db.write { tx in
            try AccountStore.setRoles([.treasurer], division: nil, of: officer, tx)
        }
        await #expect(throws: DownloadError.revoked) { try await use(good, house) }
    }
}
