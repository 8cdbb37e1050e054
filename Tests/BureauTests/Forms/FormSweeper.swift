import BureauTestSupport
import Foundation
import Kernel
import Store
import Testing

@testable import Bureau
@testable import Portal

/// Looks at pages and sends each form that they show, once, as it stands but for one field, which is missing, too long,
/// not among its choices or not text. The answer is a refusal that names the field, in the reader's language, and leaves
/// no trace.
struct FormSweeper {
    let house: TestHouse
    private let knocker: Knocker
    /// Routes of the forms that were seen; what has no fields to fill in cannot be sent wrong.
    private(set) var met: Set<String> = []
    /// Bad inputs that were sent.
    private(set) var sent = 0
    private(set) var count = 0
    private var seen: Set<String> = []

    /// Who signs in is not told which half was wrong; who files may have no organisation.
    private static let right: Set<String> = [
        "session.start login too long", "filings.open organisation missing",
    ]

    init(_ house: TestHouse) throws {
        self.house = house
        knocker = try Knocker(house.services)
    }

    var table: RouteTable { knocker.table }

    /// Sends the forms of every page of the house, found by following its links.
    mutating func walk(_ guests: [LeakWorld.Guest]) async throws {
        var found: [ShownForm] = []
        _ = try await LeakAddresses.find(knocker, guides: guests, language: .english) { address, guest, html in
            found += ShownForm.all(html, guest, at: address.path, knocker.table)
        }
        try await send(found)
    }

    /// Sends the forms of pages as somebody of the demonstration city sees them.
    mutating func look(_ login: String, _ paths: String...) async throws {
        let actor = try await house.actor(login)
        for path in paths { try await look(LeakWorld.Guest(name: login, actor: actor), path) }
    }

    mutating func look(_ guest: LeakWorld.Guest, _ path: String) async throws {
        let reply = await knocker.get(path, as: guest.actor, guest.name, language: .english)
        #expect(reply.status == 200, "\(path) is answered \(reply.status) to \(guest.name)")
        try await send(ShownForm.all(reply.text, guest, at: path, knocker.table))
    }

    /// Sends the forms of the page that answers another form, where it has no address of its own.
    mutating func look(_ guest: LeakWorld.Guest, after address: String, _ body: String) async throws {
        let reply = await knocker.form(address, Array(body.utf8), as: guest.actor, guest.name, .english)
        #expect(reply.status == 200, "\(address) is answered \(reply.status)")
        try await send(ShownForm.all(reply.text, guest, at: address, knocker.table))
    }

    /// Looks at a page, then sends a form of it as it should be filled in.
    mutating func fill(_ login: String, _ path: String, _ route: String, _ values: [String: String]) async throws {
        try await look(login, path)
        let guest = LeakWorld.Guest(name: login, actor: try await house.actor(login))
        let page = await knocker.get(path, as: guest.actor, login, language: .english)
        let shown = ShownForm.all(page.text, guest, at: path, knocker.table)
        let form = try #require(
            shown.first { $0.route == route }, "\(path) has no \(route) among \(shown.map(\.route))")
        let reply = await knocker.form(
            form.action, Array(form.body(values).utf8), as: guest.actor, login, .english)
        try #require((200..<400).contains(reply.status), "\(route) is answered \(reply.status): \(reply.text)")
    }

    /// Prints what was sent, and looks whether these routes were among it.
    func expect(_ routes: Set<String>, _ place: String) {
        print("forms of \(place): \(count) of \(met.count) addresses, \(sent) bad inputs")
        #expect(met.isSuperset(of: routes), "\(routes.subtracting(met).sorted())")
    }

    private func events() async throws -> Int {
        try await house.house.db.read { tx in try tx.value("SELECT COUNT(*) FROM event") ?? 0 }
    }

    private mutating func send(_ forms: [ShownForm]) async throws {
        for form in forms where seen.insert(form.key).inserted {
            met.insert(form.route)
            count += 1
            for (field, bad) in form.bad() where !Self.right.contains("\(form.route) \(field.name) \(bad.kind)") {
                try await send(form, field, bad)
            }
            guard form.isKept else { continue }
            // What was there before is there again.
            let restored = await knocker.form(
                form.action, Array(try await form.current(form.body([:]), knocker).utf8), as: form.guest.actor,
                form.guest.name, .english)
            // What was incomplete is told so once more.
            #expect(restored.status < 500 && restored.status != 409, "\(form.route) is not as it was")
        }
    }

    private mutating func send(
        _ form: ShownForm, _ field: ShownForm.Field, _ bad: (kind: ShownForm.Kind, body: String)
    ) async throws {
        let place = "\(form.route) \(field.name): \(bad.kind)"
        // The labels that are looked for were read in English.
        let language: Language = bad.kind == .notText ? .chinese : .english
        let before = try await events()
        let reply = await knocker.form(
            form.action, Array(try await form.current(bad.body, knocker).utf8), as: form.guest.actor,
            form.guest.name, language)
        sent += 1
        #expect((400..<500).contains(reply.status), "\(place) is answered \(reply.status)")
        #expect(reply.text.contains("lang=\"\(language == .chinese ? "zh-CN" : "en")\""), "\(place)")
        #expect(try await events() == before, "\(place) wrote to the record")
        #expect(bad.kind == .notText || form.names(field, reply), "\(place) is not told")
    }
}
