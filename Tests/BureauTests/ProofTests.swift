import BureauTestSupport
import Foundation
import Funding
import Kernel
import Proof
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("Proofs of what the house did")
struct HouseProofTests {
    private func answer(
        _ house: TestHouse, _ route: String, _ values: [String: String] = [:], query: [String: String] = [:],
        as actor: Actor = .everyone, language: Language = .english
    ) async throws -> Answer {
        let found = try #require(try house.services.routeTable().route(route))
        #expect(found.access.allows(actor), "\(route)")
        let visit = Visit(
            actor: actor, language: language, values: values,
            query: query.map { FormBody.Field(name: $0.key, value: $0.value) }, now: house.house.clock.now(),
            csrfToken: "token")
        return try await Database.$writesForbidden.withValue(true) { try await found.handler(visit) }
    }

    private func json(_ answer: Answer) throws -> JSONValue {
        switch answer.content {
        case .bytes(let bytes, _): try JSONValue(parsing: bytes, fractions: true)
        case .encoded(_, let encode): try JSONValue(parsing: try encode(), fractions: true)
        default: .null
        }
    }

    private func keys(_ house: TestHouse) async throws -> LogKeys {
        try LogKeys(parsing: try json(try await answer(house, "record.keys")))
    }

    @Test(
        "A submission and its letter have receipts that hold, for those who may see the case",
        arguments: TestStore.engines)
    func submission(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let item = try await house.submit(1, call: try await house.call("natural-science"))
        let events = try await house.house.db.read { tx in try Record.events(of: item.id, tx) }
        let frozen = try #require(events.first { $0.kind == "application.frozen" })
        let applicant = try await house.actor("applicant")
        await #expect(throws: RecordError.waiting) {
            _ = try await answer(house, "receipts.file", ["id": frozen.id], as: applicant)
        }
        try await house.house.record.sign()
        let keys = try await keys(house)
        let file = try json(try await answer(house, "receipts.file", ["id": frozen.id], as: applicant))
        let receipt = try Receipt(checking: file, keys: keys)
        let hash = try await house.house.db.read { tx in try ApplicationStore.require(item.id, tx).contentHash }
        #expect(receipt.content?["hash"]?.string == hash && hash != nil)
        #expect(try json(try await answer(house, "api.receipts.show", ["id": frozen.id], as: applicant)) == file)
        // Every step of the case has one.
        for event in events {
            let page = text(try await answer(house, "receipts.show", ["id": event.id], as: applicant))
            #expect(page.contains("Leaf ") && page.contains("<svg"), "\(event.kind)")
        }
        // What the officer's steps say is kept from the applicant; that they happened is not.
        try await house.act(
            item.id, "accept", try await house.actor("officer"))
        try await house.house.record.sign()
        let accepted = try #require(
            try await house.house.db.read { tx in try Record.events(of: item.id, tx) }.last { $0.kind == "case.accept" }
        )
        let bare = try json(try await answer(house, "receipts.file", ["id": accepted.id], as: applicant))
        #expect(bare["parts"]?["content"]?["value"] == nil)
        #expect(try Receipt(checking: bare, keys: keys).what["kind"] == "case.accept")
        let full = try json(
            try await answer(house, "receipts.file", ["id": accepted.id], as: try await house.actor("officer")))
        #expect(full["parts"]?["content"]?["value"]?["to"] == "review")
        // Strangers learn nothing, not even that there is such an event.
        for stranger in ["expert1", "applicant2"] {
            guard let actor = try? await house.actor(stranger) else { continue }
            await #expect(throws: RecordError.unknownEvent) {
                _ = try await answer(house, "receipts.file", ["id": frozen.id], as: actor)
            }
        }
        let letter = try #require(try await house.house.db.read { tx in try Letters.list(of: item.id, tx).first })
        #expect(text(try await answer(house, "letters.show", ["id": letter.id.text], as: applicant)).contains("Leaf "))
        let verified = text(try await answer(house, "letters.verify", query: ["code": letter.checkCode]))
        #expect(verified.contains("/record/leaf?index="))
        #expect(
            text(
                try await answer(
                    house, "record.leaf", query: ["index": "\(receipt.index)", "hash": receipt.leafHash])
            ).contains("notice good"))
        #expect(
            text(
                try await answer(
                    house, "record.leaf", query: ["index": "\(receipt.index + 1)", "hash": receipt.leafHash])
            ).contains("notice bad"))
    }

    @Test(
        "A notice has a proof from the next round of the jobs on, and no changed notice passes",
        arguments: TestStore.engines)
    func notice(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let city = house.house.city
        let publicity = Publicity(calendar: city.calendar, zone: city.zone, rules: city.rules)
        let now = house.house.clock.now()
        let rows = [
            NoticeRow(
                caseID: ID("0fffffff-0000-7000-8000-000000000000"), number: "A-1", title: Bilingual("题", "T"),
                organisation: Bilingual("单位", "Org"), person: "张三", amount: Money(fen: 100))
        ]
        let notice = try await house.house.db.write { tx in
            try publicity.open(
                title: Bilingual("公示", "Notice"), intro: Bilingual("说明", "Intro"), about: "decision", "x", rows: rows,
                division: "basic", by: .system, at: now, tx)
        }
        await #expect(throws: RecordError.waiting) {
            _ = try await answer(house, "notices.proof", ["number": notice.number])
        }
        await Jobs(services: house.services, mail: nil).tick()
        let file = try json(try await answer(house, "notices.proof", ["number": notice.number]))
        let keys = try await keys(house)
        _ = try NoticeFile.check(file, keys: keys)
        #expect(!file.canonicalText.contains("0fffffff-0000"), "the case of a line is not shown")
        var changed = file.object ?? [:]
        changed["notice"] = try JSONValue(
            parsing: (file["notice"] ?? .null).canonicalText.replacing("张三", with: "李四"))
        let fault = #expect(throws: LogFault.self) { _ = try NoticeFile.check(.object(changed), keys: keys) }
        #expect(fault?.code == "notice.changed")
        #expect(text(try await answer(house, "notices.show", ["number": notice.number])).contains("/proof"))
    }

    @Test(
        "Proofs of the API hold, and the page shows checkpoints, keys and what disagreed", arguments: TestStore.engines)
    func interface(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let first = try #require(try await house.house.record.sign())
        _ = try await house.submit(1, call: try await house.call("natural-science"))
        let second = try #require(try await house.house.record.sign())
        let keys = try await keys(house)
        #expect(first.size < second.size)
        let shown = try json(try await answer(house, "api.record.checkpoint"))
        #expect(try keys.checkpoint(shown["note"]?.string ?? "").size == second.size)
        let old = try json(try await answer(house, "api.record.checkpoints.show", ["size": "\(first.size)"]))
        #expect(old["root"]?.string == first.root.base64)
        let proof = try json(
            try await answer(
                house, "api.record.consistency", query: ["from": "\(first.size)", "to": "\(second.size)"]))
        let (one, two) = (try keys.checkpoint(first.note), try keys.checkpoint(second.note))
        #expect(ConsistencyCheck.faults(one, two, proof: proof).isEmpty)
        let forged = Checkpoint(origin: one.origin, size: one.size, root: two.root)
        #expect(ConsistencyCheck.faults(forged, two, proof: proof).map(\.code) == ["log.forked"])
        #expect(ConsistencyCheck.faults(forged, one, proof: nil).map(\.code) == ["log.forked"])
        let leaf = try json(try await answer(house, "api.record.inclusion", query: ["index": "3"]))
        let path = (leaf["path"]?.array ?? []).compactMap { TreeHash(base64: $0.string ?? "") }
        #expect(
            TreeProof.includes(
                TreeHash.leaf((leaf["leaf"] ?? .null).canonicalBytes), at: 3, in: second.size, root: second.root,
                path: path))
        #expect(try json(try await answer(house, "api.record.checkpoints", query: ["limit": "1"]))["next"] != nil)
        for query in [["index": "-1"], ["index": "x"], [:], ["index": "999999"], ["index": "0", "size": "0"]] {
            let problem = await #expect(throws: (any Error).self) {
                _ = try await answer(house, "api.record.inclusion", query: query)
            }
            #expect((problem as? any Problem).map { $0.kind != .broken } == true, "\(query)")
        }
        let before = text(try await answer(house, "record.show"))
        #expect(before.contains(second.root.base64) && !before.contains("notice bad"))
        // A checkpoint with our signature that says something else.
        let seed = Array(try Data(contentsOf: URL(fileURLWithPath: "\(house.house.files.spool)/keys/record-1.key")))
        let signer = try NoteSigner(name: keys.origin, seed: seed)
        let note = try SignedNote(forged.text, by: [signer]).note
        let route = try #require(try house.services.routeTable().route("record.check"))
        func check(_ note: String) async throws -> String {
            let form = FormBody(fields: [FormBody.Field(name: "checkpoint", value: note)])
            return text(
                try await route.handler(
                    Visit(language: .english, method: .post, form: form, now: house.house.clock.now())))
        }
        #expect(try await check(first.note).contains("notice good"))
        #expect(try await check("nonsense").contains("errors"))
        #expect(try await check(note).contains("It disagrees"))
        #expect(text(try await answer(house, "record.show")).contains("notice bad"))
    }

    @Test(
        "Before a draw its commitments are public and signed; the protocol only when the review is over",
        arguments: TestStore.engines)
    func draw(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let officer = try await house.actor("officer")
        let item = try await house.submit(1, call: call)
        try await house.act(item.id, "accept", officer)
        house.move(days: call.closesOn.number - house.house.today.number + 1)
        let due = house.house.today.adding(days: 10)
        let route = try #require(try house.services.routeTable().route("desk.review.open"))
        let fields = ["load": "5", "due": due.description].map { FormBody.Field(name: $0.key, value: $0.value) }
        _ = try await route.handler(
            Visit(
                actor: officer, method: .post, values: ["id": call.id.text], form: FormBody(fields: fields),
                now: house.house.clock.now()))
        let round = try #require(try await house.house.db.read { tx in try RoundStore.find(subject: call.id.text, tx) })
        let values = ["id": round.id.text]
        let before = text(try await answer(house, "draws.show", values))
        let promised = try #require(try await house.house.db.read { tx in try RoundStore.seedCommitment(round.id, tx) })
        #expect(before.contains(round.commitment) && before.contains(promised) && before.contains("checkpoint of"))
        await #expect(throws: ReviewError.notDrawn) { _ = try await answer(house, "draws.protocol", values) }
        let outcome = try await house.services.funding.review.draw(call.id, seed: "8 15 22", by: officer)
        try await house.house.record.sign()
        #expect(text(try await answer(house, "draws.show", values)).contains(outcome.seed))
        for actor in [Actor.everyone, try await house.actor("applicant")] {
            for (route, id) in [("draws.protocol", round.id.text), ("api.review.protocol", call.id.text)] {
                await #expect(throws: ReviewError.sealed) { _ = try await answer(house, route, ["id": id], as: actor) }
            }
        }
        let file = try json(try await answer(house, "draws.protocol", values, as: officer))
        #expect(DrawCheck.faults(file).isEmpty)
        func faults(_ file: JSONValue) async throws -> [String] {
            var log = LogVerifier(keys: try await keys(house), keeping: DrawCheck.kinds)
            var lines: [String] = []
            try await LogExport.write(house.house.db) { lines += $0.split(separator: "\n").map(String.init) }
            for line in lines { log.take(Array(line.utf8)) }
            log.finish()
            #expect(log.faults.isEmpty)
            return DrawCheck.faults(file, in: log).map(\.code)
        }
        #expect(try await faults(file).isEmpty)
        // Another seed, with the result that really comes of it.
        let again = try JSONValue(encoding: try DrawProtocol(outcome.plan, seed: "9 15 22"))
        #expect(DrawCheck.faults(again).isEmpty)
        let found = try await faults(again)
        #expect(
            found.contains("draw.seed") && found.contains("draw.protocol") && found.contains("draw.seed-commitment"))
        // Another seed with the old result.
        var mixed = file.object ?? [:]
        mixed["seed"] = "9 15 22"
        #expect(DrawCheck.faults(.object(mixed)).map(\.code) == ["draw.result"])
        mixed = file.object ?? [:]
        mixed["commitment"] = .string(Digest.hex(Digest.sha256([])))
        #expect(DrawCheck.faults(.object(mixed)).map(\.code) == ["draw.plan"])
        #expect(try await faults(.object(mixed)) == ["draw.not-in-log"])
        // A second round by the same plan, of which one could be kept because it pleases.
        let second = Event(
            room: "review", kind: "review.committed", subjectKind: "round", subject: "second", actor: .system,
            at: house.house.clock.now(), content: ["commitment": .string(round.commitment)], isPublic: true)
        try await house.house.db.write { tx in _ = try Record.append(second, tx) }
        try await house.house.record.sign()
        #expect(try await faults(file) == ["draw.twice"])
    }
}
