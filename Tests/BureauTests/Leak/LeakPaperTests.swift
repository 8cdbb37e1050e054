import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// What leaves the house: mails, lists as files, letters and receipts in print.
extension LeakTests {
    /// What an account is told, in the house or by mail.
    private struct Told: Sendable {
        let account: String
        let roles: String
        let words: String
    }

    @Test("Mails and messages tell nobody more than they may know", arguments: TestStore.engines)
    func mails(engine: Engine) async throws {
        let world = try await LeakWorld.open(engine)
        // What the house says by itself in the weeks that follow is among it: reminders, replacements, lapses.
        for days in [0, 8, 8] as [Int64] {
            world.services.clock.lead += days * 86_400_000_000
            await Jobs(services: world.services, mail: nil).tick()
        }
        func told(_ sql: SQL) async throws -> [Told] {
            try await world.db.read { tx in
                try tx.rows(sql) {
                    Told(account: try $0["account"], roles: try $0["roles"], words: try $0["words"])
                }
            }
        }
        let messages = try await told(
            """
            SELECT a.id AS account, a.roles, m.title_zh || m.title_en || m.body_zh || m.body_en || m.address AS words
            FROM message m JOIN account a ON a.id = m.account
            """)
        let mails = try await told(
            """
            SELECT a.id AS account, a.roles, o.subject || ' ' || o.body AS words
            FROM mail_outbox o JOIN message m ON m.id = o.id JOIN account a ON a.id = m.account
            """)
        let vault = world.services.house.vault
        let astray = try await world.db.read { tx in
            try tx.rows(
                """
                SELECT o.recipient, a.mail FROM mail_outbox o JOIN message m ON m.id = o.id
                JOIN account a ON a.id = m.account
                """
            ) { row -> Bool in
                let (to, own) = (try row["recipient"] as SealedText, try row["mail"] as SealedText)
                return try to.text(vault) != own.text(vault)
            }.filter { $0 }
        }
        #expect(astray.isEmpty, "a mail goes to somebody else")
        let sent: Int? = try await world.db.read { tx in try tx.value("SELECT COUNT(*) FROM mail_outbox") }
        #expect(messages.count > 5 && mails.count > 5 && mails.count == sent)
        #expect(mails.contains { $0.roles.contains("expert") } && mails.contains { $0.roles.contains("applicant") })
        for one in messages + mails {
            // An expert without a name in this world was invited as the reviewers were, and knows what both may know.
            let known = world.guests.first { $0.actor.account?.text == one.account }?.name
            let guests = known.map { [$0] } ?? (one.roles.contains("expert") ? Self.reviewers : ["stranger"])
            let words = one.words.lowercased()
            for secret in world.secrets where words.contains(secret.word) {
                #expect(secret.knowers.isSuperset(of: guests), "\(guests) is told \(secret.name): \(one.words)")
            }
        }
    }

    private static let reviewers = ["reviewer", "second reviewer"]

    @Test("No secret is in any cell of a list that leaves as a file", arguments: TestStore.engines)
    func exports(engine: Engine) async throws {
        let world = try await LeakWorld.open(engine)
        let knocker = try Knocker(world.services)
        let addresses = try await LeakWorlds.addresses(engine)
        #expect(Set(addresses.exports.map(\.route)).count > 20, "\(addresses.exports)")
        let all = addresses.exports.flatMap { address -> [Cell] in
            let access = knocker.table.route(address.route)?.access
            return world.guests.filter { access?.allows($0.actor) == true }.map { Cell(address: address, guest: $0) }
        }
        let cells = Self.sample(all, engine == .sqlite ? 400 : 150) {
            "\($0.address.route) \($0.address.path.hasSuffix("=csv"))"
        }
        Self.say("\(engine): \(cells.count) of \(all.count) cells of lists as files, seed \(Self.seed)")
        var seen: Set<String> = []
        var read = 0
        for cell in cells {
            let language = Language.allCases[(cell.address.path.utf8.count + cell.guest.name.utf8.count) % 2]
            let reply = await knocker.get(cell.address.path, as: cell.guest.actor, cell.guest.name, language: language)
            #expect(reply.status < 500, "\(cell.address.path) as \(cell.guest.name)")
            guard reply.status == 200 else { continue }
            let isBook = cell.address.path.hasSuffix("=xlsx")
            #expect(Spreadsheet.isArchive(reply.body) == isBook, "\(cell.address.path) as \(cell.guest.name)")
            seen.formUnion(try check(reply, cell, world))
            read += 1
        }
        #expect(read > 40)
        // Cells are read: the pool of experts leaves with their names.
        #expect(seen.contains("a reviewer's name"))
    }

    @Test("No letter and no receipt says more in print than its reader may know", arguments: TestStore.engines)
    func papers(engine: Engine) async throws {
        let world = try await LeakWorld.open(engine)
        let knocker = try Knocker(world.services)
        let home = world.services.house
        let readers = world.guests.filter { $0.actor.account != nil }
        let (letters, events) = try await world.db.read { tx in
            let letters = try tx.rows("SELECT id FROM letter ORDER BY id") { try $0["id"] as ID<Letter> }
            return (
                try letters.map { (id: $0, receipt: try Receipt.find("letter.written", about: "letter", $0.text, tx)) },
                try tx.rows("SELECT id FROM event WHERE case_id IS NOT NULL ORDER BY id") { try $0["id"] as String }
            )
        }
        #expect(letters.count > 3 && events.count > 20)
        var (read, refused) = (0, 0)
        for (id, receipt) in letters {
            let found = try await world.db.read { tx in try Letters.find(id, tx) }
            let paper = LetterPage.document(try #require(found), receipt, home)
            for guest in readers {
                // The page is open to whoever gets the print, of which only the words are made here.
                let page = await knocker.get("/letters/\(id)", as: guest.actor, guest.name)
                if page.status == 200 {
                    search(paper, guest, "the print of letter \(id)", world)
                    read += 1
                } else {
                    let file = await knocker.get("/letters/\(id)/pdf", as: guest.actor, guest.name)
                    #expect(file.status == page.status && page.status >= 400, "/letters/\(id)/pdf as \(guest.name)")
                    refused += 1
                }
            }
        }
        #expect(read > letters.count && refused > letters.count)
        let all = events.flatMap { event in readers.map { (event: event, guest: $0) } }
        let cells = Self.sample(all, engine == .sqlite ? 600 : 200) { $0.guest.name }
        (read, refused) = (0, 0)
        for (event, guest) in cells {
            let visit = Visit(actor: guest.actor, values: ["id": event], now: home.clock.now())
            do {
                let found = try await ReceiptPages(house: home).find(visit)
                let both = HTML(each: [Say(.chinese), Say(.english)]) { ReceiptBlock.html(found, home, $0) }
                let paper = LetterPage.document(title: "receipt \(found.receipt.index)", both)
                search(paper + found.receipt.json.canonicalText, guest, "the receipt of \(event)", world)
                read += 1
            } catch RecordError.unknownEvent {
                let file = await knocker.get("/receipts/\(event)/pdf", as: guest.actor, guest.name)
                #expect(file.status == 404, "/receipts/\(event)/pdf as \(guest.name)")
                refused += 1
            }
        }
        #expect(read > 50 && refused > 50)
    }

    @Test("Minutes say in print what their page says, to the same people", arguments: TestStore.engines)
    func minutes(engine: Engine) async throws {
        let world = try await LeakRooms.open(engine)
        let knocker = try Knocker(world.services)
        let house = world.services.house
        let meetings = try await world.db.read { tx in
            try tx.rows("SELECT id FROM meeting WHERE minutes IS NOT NULL ORDER BY id") { try $0["id"] as String }
        }
        #expect(meetings.count > 1)
        var (read, refused) = (0, 0)
        var isFound = false
        for meeting in meetings {
            for guest in world.guests where guest.actor.account != nil {
                let page = await knocker.get("/meetings/\(meeting)/minutes", as: guest.actor, guest.name)
                let visit = Visit(actor: guest.actor, values: ["id": meeting], now: house.clock.now())
                do {
                    let paper = try await MinutesPages(house: house).printed(visit).document
                    #expect(page.status == 200, "\(guest.name) has in print what the page does not show")
                    search(paper, guest, "the minutes of \(meeting)", world)
                    isFound = isFound || paper.lowercased().contains("qzminutes")
                    read += 1
                } catch is MeetingError {
                    let file = await knocker.get("/meetings/\(meeting)/minutes.pdf", as: guest.actor, guest.name)
                    #expect(file.status == page.status && page.status >= 400, "\(meeting) as \(guest.name)")
                    refused += 1
                }
            }
        }
        #expect(isFound && read > meetings.count && refused > meetings.count)
    }

    /// Reports secrets that do not belong into a paper.
    private func search(_ paper: String, _ guest: LeakWorld.Guest, _ what: String, _ world: LeakWorld) {
        let bytes = Array(paper.lowercased().utf8)
        for secret in world.secrets where !secret.knowers.contains(guest.name) {
            #expect(!LeakSearch.contains(secret.word, in: bytes), "\(guest.name) learns \(secret.name) from \(what)")
        }
    }
}
