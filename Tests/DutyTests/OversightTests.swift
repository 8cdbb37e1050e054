import BureauTestSupport
import Foundation
import Kernel
import Ledger
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Funding

/// An auditor starts from any number and reaches its papers, draws samples that others can draw again, and takes the
/// books away in files that check themselves.
@Suite("The auditor's workbench")
struct OversightTests {
    private func paidProject(_ engine: Engine) async throws -> (TestHouse, Project) {
        let house = try await TestHouse(engine)
        let project = try await house.running(try await house.call("natural-science"))
        let first = try #require(try await house.tranches(project).first)
        try await house.pay(first)
        return (house, project)
    }

    @Test(
        "From a project's number, a decision, a notice, a posting or an amount to one trail",
        arguments: TestStore.engines)
    func trail(engine: Engine) async throws {
        let (house, project) = try await paidProject(engine)
        let year = house.house.today.parts.year
        let days = (from: try #require(Day(year: year, month: 1, day: 1)), to: house.house.today)
        let trail = try await house.house.db.read { tx in try Trail.load(project, before: nil, tx) }
        let decision = try #require(trail.decision)
        let notice = try #require(trail.notice)
        let paid = try #require(trail.postings.first { $0.legs.contains { $0.account.kind == .paid } })
        #expect(trail.tranches.count > 0 && !trail.letters.isEmpty && trail.files.count >= 2)
        #expect(trail.postings.allSatisfy { trail.events[$0.event] != nil })
        for word in [project.number, decision.number, notice.number, paid.id.text, paid.event, project.id.text] {
            let found = try await house.house.db.read { tx in try TrailSearch.find(word, days: days, tx) }
            guard case .project(let number) = found else {
                Issue.record("\(word) leads nowhere")
                continue
            }
            #expect(number == project.number)
        }
        let amount = try #require(paid.legs.first { $0.account.kind == .paid }?.inward)
        let found = try await house.house.db.read { tx in try TrailSearch.find(amount.yuanText, days: days, tx) }
        guard case .hits(let hits) = found else {
            Issue.record("an amount is no project")
            return
        }
        #expect(hits.contains { $0.posting == paid.id.text && $0.project == project.number })
    }

    @Test("A sample is the same for ever, whatever is posted afterwards", arguments: TestStore.engines)
    func samples(engine: Engine) async throws {
        let (house, project) = try await paidProject(engine)
        let auditor = try await house.actor("auditor")
        let desk = SampleDesk(db: house.house.db, clock: house.house.clock, ids: house.house.ids)
        let year = house.house.today.parts.year
        let question = SampleQuestion(
            method: .monetary, kind: .paid, from: try #require(Day(year: year, month: 1, day: 1)),
            to: try #require(Day(year: year, month: 12, day: 31)), programme: "", least: .zero, size: 3, seed: "公开随机数")
        let sample = try await desk.draw(question, title: "拨款", by: auditor)
        let first = (try await house.tranches(project))[0].amount
        #expect(sample.population == 1 && sample.total == first)
        let second = (try await house.tranches(project))[1]
        try await house.pay(second)
        let (again, items) = try await house.house.db.read { tx in
            (
                try SampleDesk.run(sample.question, through: sample.through, tx),
                try SampleDesk.items(sample.id, after: 0, limit: 10, tx)
            )
        }
        #expect(again.hash == sample.populationHash && again.chosen == items.map(\.chosen))
        #expect(items.first?.chosen.hits == 3)
        await #expect(throws: AccessError.self) {
            _ = try await desk.draw(question, title: "拨款", by: try await house.actor("officer"))
        }
    }

    @Test("Monetary units: every fen has one place, hits add up to the size; random: every unit may come")
    func arithmetic() throws {
        for seed in 0..<200 {
            var random = SeededRandom(seed: UInt64(seed))
            let units = (0..<Int.random(in: 1...80, using: &random)).map { index in
                SampleUnit(
                    posting: "p\(padded(index, 4))", amount: Money(fen: Int64.random(in: 1...5_000_000, using: &random))
                )
            }
            let total = Money.sum(units.map(\.amount))
            let size = Int.random(in: 1...30, using: &random)
            for method in SampleMethod.allCases {
                var draw = SampleDraw(method, size: size, seed: "s\(seed)", total: total)
                for unit in units { draw.add(unit) }
                let hits = draw.chosen.reduce(0) { $0 + $1.hits }
                let wanted = method == .monetary ? size : min(size, units.count)
                #expect(hits == wanted, "seed \(seed), \(method): \(hits) hits instead of \(wanted)")
                if method == .monetary, let largest = units.max(by: { $0.amount < $1.amount }),
                    largest.amount.fen >= total.fen / Int64(size) * 2
                {
                    #expect(draw.chosen.contains { $0.unit == largest }, "seed \(seed): a large unit was not chosen")
                }
                let lines = ["posting,fen"] + units.map { "\($0.posting),\($0.amount.fen)" }
                #expect(try SampleFile.draw(method, size: size, seed: "s\(seed)", lines: lines) == draw.chosen)
            }
        }
    }

    @Test("Another program draws the same from the population and the seed")
    func outsider() throws {
        guard let python = ProcessInfo.processInfo.environment["KECHUANG_TEST_PYTHON"] else {
            return print("skipped: needs KECHUANG_TEST_PYTHON")
        }
        let program = """
            import hashlib, sys
            units = [(f"p{i:04}", (i * 7919 * 7919) % 4999999 + 1) for i in range(300)]
            size, seed = 25, "种子 seed"
            rank = sorted(units, key=lambda u: hashlib.sha256(f"{seed}|{u[0]}".encode()).digest())[:size]
            print(" ".join(u[0] for u in rank))
            total = sum(u[1] for u in units); interval = total // size
            point = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:7], "big") % interval
            hits, end, chosen = [point + k * interval for k in range(size)], 0, []
            for name, fen in units:
                end += fen
                n = sum(1 for h in hits if end - fen <= h < end)
                if n: chosen.append(f"{name}x{n}")
            print(" ".join(chosen))
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", program]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let lines = said.split(separator: "\n").map(String.init)
        let units = (0..<300).map { (index: Int) -> SampleUnit in
            let fen: Int = index * 7_919 * 7_919 % 4_999_999 + 1
            return SampleUnit(posting: "p\(padded(index, 4))", amount: Money(fen: Int64(fen)))
        }
        func chosen(_ method: SampleMethod) -> [SampleDraw.Chosen] {
            var draw = SampleDraw(method, size: 25, seed: "种子 seed", total: Money.sum(units.map(\.amount)))
            for unit in units { draw.add(unit) }
            return draw.chosen
        }
        let random: [String] = chosen(.random).map(\.unit.posting)
        let monetary: [String] = chosen(.monetary).map { one -> String in "\(one.unit.posting)x\(one.hits)" }
        #expect(random.joined(separator: " ") == lines.first)
        #expect(monetary.joined(separator: " ") == lines.last)
    }

    @Test(
        "An audit file checks itself, and a changed fen is found even where its hash was changed too",
        arguments: TestStore.engines)
    func auditFile(engine: Engine) async throws {
        let (house, _) = try await paidProject(engine)
        let folder = "\(house.folder)/audit"
        let manifest = try await AuditFile.write(
            to: folder, from: house.house.db, bureau: house.house.city.bureau, at: house.house.clock.now())
        let report = try AuditFileCheck.run(folder)
        #expect(report.faults == [] && report.postings > 5 && report.events > 10 && report.given > .zero)
        let check = try await house.house.db.read { tx in try LedgerCheck.run(tx) }
        #expect(report.given == check.total && report.postings == check.postings && report.legs == check.legs)
        #expect(manifest.files.contains { $0.name == "tranches.csv" && $0.rows > 0 })
        await #expect(throws: OversightError.self) {
            try await AuditFile.write(
                to: folder, from: house.house.db, bureau: Bilingual("", ""), at: house.house.clock.now())
        }
        // A fen more in the first leg.
        let path = "\(folder)/legs.csv"
        var text = try String(contentsOfFile: path, encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasSuffix(",0,20000000000") })
        text = text.replacingOccurrences(of: String(line), with: "\(line.dropLast())1")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try AuditFileCheck.run(folder).faults.map(\.en) == ["legs.csv is not what the manifest says"])
        let old = try #require(manifest.files.first { $0.name == "legs.csv" })
        let new = Digest.hex(Digest.sha256(Array(text.utf8)))
        let book = "\(folder)/manifest.json"
        let changed = try String(contentsOfFile: book, encoding: .utf8).replacingOccurrences(of: old.sha256, with: new)
        try changed.write(toFile: book, atomically: true, encoding: .utf8)
        let faults = try AuditFileCheck.run(folder).faults.map(\.en)
        #expect(
            faults.contains { $0.hasSuffix("does not add up to zero") } && faults.contains { $0.hasPrefix("account ") })
    }

    @Test("Looks at a hit add up, need an auditor and a reason, and are never lost", arguments: TestStore.engines)
    func looks(engine: Engine) async throws {
        let (house, project) = try await paidProject(engine)
        let desk = FlagDesk(house.house)
        let auditor = try await house.actor("auditor")
        try await house.house.db.write { tx in
            try tx.run("UPDATE project SET ends_on = '2020-01-01' WHERE case_id = \(project.id)")
        }
        let found = try await desk.run()
        #expect(found["paid-after-term"] == 1 && found["same-person"] == 0 && found["over-contract"] == 0)
        #expect(try await desk.run()["paid-after-term"] == 0)
        let hits = try await house.house.db.read { tx in try FlagDesk.list("paid-after-term", limit: 10, tx) }
        let hit = try #require(hits.first)
        #expect(hit.project == project.number && hit.disposition == nil && hit.values[0] == "2020-01-01")
        await #expect(throws: PlainProblem.self) {
            try await desk.look(hit.flag, hit.subject, .error, reason: " ", by: auditor)
        }
        await #expect(throws: AccessError.self) {
            try await desk.look(hit.flag, hit.subject, .explained, reason: "尾款", by: try await house.actor("leader"))
        }
        try await desk.look(hit.flag, hit.subject, .watched, reason: "等合同", by: auditor)
        try await desk.look(hit.flag, hit.subject, .explained, reason: "合同约定验收后付尾款", by: auditor)
        let (again, looks, counts) = try await house.house.db.read { tx in
            (
                try FlagDesk.find(hit.flag, hit.subject, tx), try FlagDesk.looks(hit, tx), try FlagDesk.counts(tx)
            )
        }
        #expect(again?.disposition == .explained && looks.map(\.disposition) == [.watched, .explained])
        #expect(counts["paid-after-term"] == ["explained": 1])
        for table in ["red_flag", "red_flag_look"] {
            await #expect(throws: (any Error).self) {
                try await house.house.db.write { tx in try tx.run("DELETE FROM \(SQL(unchecked: table))") }
            }
        }
    }
}
