public import Kernel

/// A scoring sheet as a file that an expert fills in without the network and brings back.
public enum OfflineSheet {
    /// A row of the file.
    public struct Line: Hashable, Sendable {
        /// What the house calls the cell; the reader goes by it, so that rows may be sorted or left out.
        public let code: String
        public let title: Bilingual
        public let answer: ListCell
        public let hint: Bilingual
    }

    /// Where the answer stands, counted from 0.
    static let answerColumn = 2

    static let identity = "#sheet"
    static let revision = "#revision"

    /// The rows of an assignment's sheet.
    public static func lines(_ assignment: Assignment, _ sheet: ScoringSheet, title: Bilingual) -> [Line] {
        let head = [
            Line(
                code: identity, title: title, answer: .text(assignment.id.text),
                hint: Bilingual("请勿改动", "Leave as it is")),
            Line(
                code: revision, title: Bilingual("版本", "Version"), answer: .number(Int64(assignment.revision)),
                hint: Bilingual("请勿改动", "Leave as it is")),
        ]
        return head
            + sheet.form.fields.map { field in
                Line(
                    code: field.name, title: field.label, answer: cell(assignment.answers[field.name]),
                    hint: hint(field))
            }
    }

    private static func cell(_ value: JSONValue?) -> ListCell {
        if let number = value?.integer { return .number(number) }
        return value?.string.map { .text($0) } ?? .none
    }

    private static func hint(_ field: FormField) -> Bilingual {
        guard let options = field.options else { return field.hint ?? Bilingual("", "") }
        return Bilingual(
            options.map { "\($0.value) = \($0.label.zh)" }.joined(separator: "；"),
            options.map { "\($0.value) = \($0.label.en)" }.joined(separator: "; "))
    }

    /// What a file says.
    public struct Answers: Hashable, Sendable {
        /// By the names of the sheet's fields; a field whose row is gone keeps its earlier answer.
        public let values: [String: String]
        public let revision: Int
        /// Where each answer stands, e.g. `C7`, by the name of its field.
        public let cells: [String: String]
    }

    /// Reads a file that was downloaded for an assignment.
    /// - Throws: ``ReviewError/incomplete(_:)`` with every cell that cannot be right; ``SpreadsheetError``.
    public static func read(
        _ bytes: [UInt8], of assignment: Assignment, _ sheet: ScoringSheet
    ) throws -> Answers {
        let rows = try Spreadsheet.rows(bytes)
        let fields = Dictionary(sheet.form.fields.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var values: [String: String] = [:]
        var cells: [String: String] = [:]
        var problems: [FieldProblem] = []
        var found: (identity: String?, revision: Int?) = (nil, nil)
        for (index, row) in rows.enumerated().dropFirst() {
            let code = (row.first ?? "").trimmed
            let answer = answerColumn < row.count ? row[answerColumn].trimmed : ""
            let cell = "C\(index + 1)"
            switch code {
            case "": continue
            case identity: found.identity = answer
            case revision: found.revision = Int(answer)
            default:
                guard let field = fields[code] else {
                    problems.append(
                        problem("A\(index + 1)", "sheet.row", "评审表里没有「\(code)」这一行", "the sheet has no row '\(code)'"))
                    continue
                }
                if values[code] != nil {
                    problems.append(problem("A\(index + 1)", "sheet.twice", "「\(code)」出现两次", "'\(code)' comes twice"))
                }
                values[code] = value(answer, field)
                cells[code] = cell
            }
        }
        // A row that was left out leaves its answer as it was.
        for field in sheet.form.fields where values[field.name] == nil {
            values[field.name] = cell(assignment.answers[field.name]).text
        }
        if found.identity != assignment.id.text {
            problems.append(
                problem("C2", "sheet.other", "这不是本项评审的表格", "this is not the file of this review"))
        }
        if found.revision == nil {
            problems.append(problem("C3", "sheet.version", "缺少版本号", "the version is missing"))
        }
        let form = sheet.form
        let read = form.read(section: nil, from: { values[$0].map { [$0] } ?? [] }, over: assignment.answers)
        problems += form.problems(read, complete: false).map { wrong in
            problem(cells[wrong.field] ?? wrong.field, wrong.code, wrong.message.zh, wrong.message.en)
        }
        guard problems.isEmpty, let version = found.revision else { throw ReviewError.incomplete(problems) }
        return Answers(values: values, revision: version, cells: cells)
    }

    /// A choice may be given by its code or by its words.
    private static func value(_ text: String, _ field: FormField) -> String {
        let option = field.options?.first { [$0.value, $0.label.zh, $0.label.en].contains(text) }
        return option?.value ?? text
    }

    private static func problem(_ cell: String, _ code: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: cell, code: code, message: Bilingual("\(cell)：\(zh)", "\(cell): \(en)"))
    }
}
