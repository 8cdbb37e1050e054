import BureauTestSupport
import Foundation
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau

@Suite("A new version of a procedure and the cases that are running")
struct VersionTests {
    static let first = """
        id: example.visit
        version: 1
        duty: cooperation
        public: true
        title: {zh: 来访登记, en: Visit}
        summary: {zh: 登记来访。, en: Registers a visit.}
        who: {zh: 任何人, en: Anyone}
        fee: {zh: 不收费, en: Free}
        basis: []
        documents: []
        filing: {by: signedIn, number: 'LF-{year}-{n:3}', division: cooperation, subject: name}
        form:
          sections:
            - name: visit
              title: {zh: 来访, en: Visit}
              fields: [{name: name, label: {zh: 来访人, en: Visitor}, kind: text, atMost: 60}]
        steps:
          - id: draft
            title: {zh: 填写, en: Draft}
            holder: applicant
            actions: [{id: submit, title: {zh: 提交, en: Submit}, to: check, kind: primary}]
          - id: check
            title: {zh: 审核, en: Check}
            holder: officer
            clock: {title: {zh: 审核, en: Check}, period: 5 working days}
            actions:
              - {id: pass, title: {zh: 通过, en: Pass}, to: done}
              - {id: ask, title: {zh: 会商, en: Ask others}, to: council}
          - id: council
            title: {zh: 会商, en: Council}
            holder: officer
            actions: [{id: pass, title: {zh: 通过, en: Pass}, to: done}]
          - {id: done, title: {zh: 办结, en: Done}, final: true}
        """

    /// The check is called review and takes longer; the council is gone.
    static let second = first.replacing("version: 1", with: "version: 2\nreplaces: {steps: {check: review}}")
        .replacing(
            "    holder: applicant\n", with: "    holder: applicant\n    waitsFor: {zh: 来访人, en: The visitor}\n"
        )
        .replacing("to: check", with: "to: review").replacing("- id: check", with: "- id: review")
        .replacing("period: 5 working", with: "period: 8 working")
        .replacing("      - {id: ask, title: {zh: 会商, en: Ask others}, to: council}\n", with: "")
        .replacing(
            """
              - id: council
                title: {zh: 会商, en: Council}
                holder: officer
                actions: [{id: pass, title: {zh: 通过, en: Pass}, to: done}]

            """, with: "")

    private func services(_ db: Database, _ folder: String, _ clock: MovableClock) throws -> Services {
        try Services(
            db: db, clock: clock, city: try Jurisdiction(folder: "\(folder)/Shenzhen"),
            vault: Vault(key: [UInt8](repeating: 7, count: 32)), files: FileStore(folder: folder),
            site: "http://house.test", isDemonstration: true)
    }

    @Test(
        "Compare, look first, move with the map; a case without a step is named and stays", arguments: TestStore.engines
    )
    func migrate(engine: Engine) async throws {
        let folder = "\(NSTemporaryDirectory())kechuang-versions-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.copyItem(atPath: "\(TestHouse.root)/Jurisdictions", toPath: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/Common/procedures/example-visit"
        try Self.first.write(toFile: "\(path)-1.yaml", atomically: true, encoding: .utf8)
        let db = try Database.open(
            try await TestStore.address(engine), DatabaseOptions(connections: 4, waitSeconds: 60))
        try await db.migrate(Services.migrations)
        let clock = MovableClock()
        let before = try services(db, folder, clock)
        try await DemonstrationCity(before).fill(stories: false)
        let actors = try await db.read { tx in
            try ["applicant", "officer", "admin"].map { login in
                try AccountStore.actor(try #require(try AccountStore.find(login: login, tx)), tx)
            }
        }
        let filings = Filings(before.house)
        var files: [CaseFile] = []
        for number in 0..<4 {
            let file = try await filings.start("example.visit", Filings.Start(), by: actors[0])
            _ = try await filings.drafts.replace(
                file.id, answers: ["name": .string("Visitor \(number)")], expecting: 0, by: actors[0])
            files.append(file)
        }
        let now = clock.now()
        let soon = before.house.today.adding(days: 1)
        let (drafted, checked, asked, done) = (files[0].id, files[1].id, files[2].id, files[3].id)
        try await db.write { tx in
            for id in [checked, asked, done] {
                try before.house.procedures.act(id, "submit", as: actors[0], at: now, in: tx)
            }
            try CaseStore.bind(checked, by: soon, tx)
            try before.house.procedures.act(asked, "ask", as: actors[1], at: now, in: tx)
            try before.house.procedures.act(done, "pass", as: actors[1], at: now, in: tx)
        }

        try Self.second.write(toFile: "\(path)-2.yaml", atomically: true, encoding: .utf8)
        let after = try services(db, folder, clock)
        let versions = ProcedureVersions(after.house.procedures)
        let all = versions.versions("example.visit")
        let differences = ProcedureVersions.differences(all[0], all[1]).map(\.en)
        #expect(differences.contains("Step 'Council' is gone"))
        #expect(differences.contains { $0.contains("New step 'Check'") })
        #expect(differences.contains("Step 'Draft': now waits for The visitor"))
        let passages = try await db.read { tx in try versions.passages("example.visit", limit: 100, tx) }
        #expect(passages.map(\.step) == ["draft", "review", nil])

        let moved = try await VersionPages.migrate("example.visit", by: actors[2], after.house, most: 100)
        #expect(moved.count == 2)
        #expect(moved.left == [files[2].number])
        try await db.read { tx in
            let review = try CaseStore.require(checked, tx)
            #expect(review.version == 2 && review.step == "review")
            #expect(try CaseStore.clocks(checked, tx).last?.clock.period == .workingDays(8))
            #expect(review.dueOn == soon, "a day of its own goes on")
            #expect(try CaseStore.require(drafted, tx).version == 2)
            #expect(try CaseStore.require(asked, tx) == passages[2].file)
            #expect(try CaseStore.require(done, tx).version == 1)
            let kinds = try Record.events(of: checked, tx).map(\.kind)
            #expect(kinds.filter { $0 == "case.migrated" }.count == 1)
        }
        try await db.write { tx in
            try after.house.procedures.act(checked, "pass", as: actors[1], at: now, in: tx)
            // The case that stayed goes on under the version with which it began.
            try after.house.procedures.act(asked, "pass", as: actors[1], at: now, in: tx)
            #expect(try CaseStore.require(checked, tx).dueOn == nil, "what is finished waits for no day")
        }
    }
}
