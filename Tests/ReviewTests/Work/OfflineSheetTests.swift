import Foundation
import Kernel
import Store
import Testing

@testable import Review

@Suite("Sheets filled in offline")
struct OfflineSheetTests {
    /// The file as the house hands it out, with some answers written into it.
    static func file(
        _ lines: [OfflineSheet.Line], answers: [String: ListCell] = [:], drop: Set<String> = []
    ) throws
        -> [UInt8]
    {
        let folder = NSTemporaryDirectory()
        let path = "\(folder)sheet-\(UUID().uuidString).xlsx"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let book = try Workbook(path: path, header: ["Code", "What", "Your answer", "Hint"], folder: folder)
        try book.add(
            lines.filter { !drop.contains($0.code) }.map { line in
                [.text(line.code), .text(line.title.zh), answers[line.code] ?? line.answer, .text(line.hint.zh)]
            })
        try book.close()
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    static func lines(_ assignment: Assignment) -> [OfflineSheet.Line] {
        OfflineSheet.lines(assignment, ReviewCity.sheet, title: Bilingual("项目", "Item"))
    }

    @Test("A sheet taken away, filled in and brought back is the draft, and goes out again as it came in")
    func roundTrip() async throws {
        let city = try await ReviewCity.open(experts: 6)
        let (round, _) = try await city.drawn()
        let one = try await city.assignments(round)[0]
        let expert = try city.actor(one.expert)
        try await city.sheets.accept(one.id, by: expert)
        let bytes = try Self.file(
            Self.lines(one),
            answers: [
                "score-novelty": .number(81), "score-method": .text("77"), "verdict": .text("资助"),
                "comment": .text("方法可复现，\n但样本偏少。"),
            ])
        let read = try OfflineSheet.read(bytes, of: one, round.sheet)
        #expect(read.values["verdict"] == "fund" && read.values["score-novelty"] == "81" && read.revision == 0)
        _ = try await city.sheets.save(
            one.id, values: { read.values[$0].map { [$0] } ?? [] }, expecting: read.revision, by: expert)
        let saved = try await city.assignment(one.id)
        #expect(saved.answers["comment"]?.string == "方法可复现，\n但样本偏少。")
        let again = try OfflineSheet.read(try Self.file(Self.lines(saved)), of: saved, round.sheet)
        #expect(again.values == read.values && again.revision == 1)
        // The first file is stale now, as two windows of a browser would be.
        await #expect(throws: ReviewError.stale) {
            _ = try await city.sheets.save(
                one.id, values: { read.values[$0].map { [$0] } ?? [] }, expecting: read.revision, by: expert)
        }
        // A row that was left out leaves its answer as it was.
        let part = try OfflineSheet.read(try Self.file(Self.lines(saved), drop: ["comment"]), of: saved, round.sheet)
        #expect(part.values["comment"] == read.values["comment"])
        try await city.sheets.submit(one.id, by: expert)
        let submitted = try await city.assignment(one.id)
        #expect(submitted.total == 81 * 375 + 77 * 625)
    }

    @Test("All bad cells are named at once, by their place")
    func badCells() async throws {
        let city = try await ReviewCity.open(experts: 6)
        let (round, _) = try await city.drawn(items: 2)
        let all = try await city.assignments(round)
        let bytes = try Self.file(
            Self.lines(all[0]) + [
                .init(code: "salary", title: Bilingual("", ""), answer: .number(1), hint: Bilingual("", ""))
            ],
            answers: ["score-novelty": .number(101), "score-method": .text("many"), "verdict": .text("perhaps")])
        do {
            _ = try OfflineSheet.read(bytes, of: all[0], round.sheet)
            Issue.record("a file full of mistakes was taken")
        } catch ReviewError.incomplete(let problems) {
            #expect(Set(problems.map(\.field)) == ["C4", "C5", "C6", "A8"])
            #expect(problems.allSatisfy { $0.message.zh.hasPrefix("\($0.field)：") })
        }
        let other = try Self.file(Self.lines(all[0]))
        #expect(throws: (any Error).self) { try OfflineSheet.read(other, of: all[1], round.sheet) }
        #expect(throws: SpreadsheetError.self) { try OfflineSheet.read([1, 2, 3], of: all[0], round.sheet) }
    }

    @Test("A sheet may ask a comment on each criterion and a grade")
    func moreFields() {
        var sheet = ReviewCity.sheet
        #expect(sheet.form.fields.map(\.name) == ["score-novelty", "score-method", "verdict", "comment"])
        sheet.hasCriterionComments = true
        sheet.hasGrade = true
        #expect(
            sheet.form.fields.map(\.name) == [
                "score-novelty", "comment-novelty", "score-method", "comment-method", "grade", "verdict", "comment",
            ])
        #expect(sheet.commentFields == ["comment-novelty", "comment-method", "comment"])
        let answers: JSONValue = [
            "score-novelty": 80, "score-method": 70, "grade": "E", "verdict": "fund", "comment": "论证充分，数据可靠，可以做。",
        ]
        let wrong = Set(sheet.form.problems(answers, complete: true).map(\.field))
        #expect(wrong == ["comment-novelty", "comment-method", "grade"])
    }
}
