import Foundation
public import Kernel

/// A column of an exported list.
public struct ExportColumn<Row>: Sendable {
    let title: Bilingual
    let cell: @Sendable (Row) -> ListCell

    public init(_ title: Bilingual, _ cell: @escaping @Sendable (Row) -> ListCell) {
        self.title = title
        self.cell = cell
    }

    /// A column of texts.
    public init(_ title: Bilingual, text: @escaping @Sendable (Row) -> String) {
        self.init(title) { .text(text($0)) }
    }
}

/// How a list is exported.
public enum ExportFormat: String, Sendable, CaseIterable {
    case csv, xlsx

    var type: String {
        switch self {
        case .csv: "text/csv; charset=utf-8"
        case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        }
    }
}

extension Answer {
    /// A list of any length as a file, in pages of the same query that the list shows.
    /// - Parameters:
    ///   - name: file name without its end.
    ///   - next: the rows after one, at most so many; fewer mean the end.
    public static func list<Row: Sendable>(
        _ name: String, as format: ExportFormat, _ columns: [ExportColumn<Row>], _ language: Language,
        next: @escaping @Sendable (_ after: Row?, _ limit: Int) async throws -> [Row]
    ) -> Answer {
        let header = columns.map { $0.title[language] }
        switch format {
        case .csv:
            return .csv(name: "\(name).csv", header: header) { writer in
                try await ListPages.walk(next) { rows in
                    for row in rows { try await writer.row(columns.map { $0.cell(row).text }) }
                }
            }
        case .xlsx:
            return .stream(type: format.type, name: "\(name).xlsx") { writer in
                try await ListPages.workbook(header, columns, next, &writer)
            }
        }
    }
}

/// Walks through a list page by page.
enum ListPages {
    static let size = 500

    static func walk<Row: Sendable>(
        _ next: @Sendable (Row?, Int) async throws -> [Row], _ take: ([Row]) async throws -> Void
    ) async throws {
        var last: Row?
        while true {
            let rows = try await next(last, size)
            try await take(rows)
            guard rows.count == size, let end = rows.last else { return }
            last = end
        }
    }

    /// Makes the file on disk, because its directory stands at its end, and sends it in pieces.
    static func workbook<Row: Sendable>(
        _ header: [String], _ columns: [ExportColumn<Row>], _ next: @Sendable (Row?, Int) async throws -> [Row],
        _ writer: inout BodyWriter
    ) async throws {
        let folder = NSTemporaryDirectory()
        let path = "\(folder)kechuang-list-\(Digest.hex(try Secret.bytes(12))).xlsx"
        defer { unlink(path) }
        let book = try await BlockingFiles.run { try Workbook(path: path, header: header, folder: folder) }
        try await walk(next) { rows in
            let cells = rows.map { row in columns.map { $0.cell(row) } }
            try await BlockingFiles.run { try book.add(cells) }
        }
        try await BlockingFiles.run { try book.close() }
        let descriptor = try await BlockingFiles.openToRead(path)
        do {
            while true {
                let piece = try await BlockingFiles.next(descriptor, 64 << 10)
                guard !piece.isEmpty else { break }
                try await writer.write(piece)
            }
        } catch {
            await BlockingFiles.close(descriptor)
            throw error
        }
        await BlockingFiles.close(descriptor)
    }
}

extension Visit {
    /// The format in which the list of this address is asked for (`?format=csv`); nil for the page.
    /// - Throws: ``PlainProblem`` of kind `invalid`, code `list.format`.
    public func exportFormat() throws -> ExportFormat? {
        guard let word = query("format") else { return nil }
        guard let format = ExportFormat(rawValue: word) else {
            let known = ExportFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw PlainProblem(
                .invalid, "list.format", Bilingual("导出格式应为 \(known)。", "The format is one of \(known)."),
                fields: [
                    FieldProblem(
                        field: "format", code: "list.format", message: Bilingual("应为 \(known)", "is one of \(known)"))
                ])
        }
        return format
    }

    /// The list of this address as a file, exactly as filtered; nil where the page is asked for.
    public func export<Row: Sendable>(
        _ name: Bilingual, _ columns: [ExportColumn<Row>],
        next: @escaping @Sendable (_ after: Row?, _ limit: Int) async throws -> [Row]
    ) throws -> Answer? {
        guard let format = try exportFormat() else { return nil }
        return .list(text(name), as: format, columns, language, next: next)
    }

    /// Links to this list as files, with the filters of the page.
    public var exports: HTML {
        let kept = query.filter { !["after", "before", "format"].contains($0.name) }.map {
            "\(SafeURL.encode($0.name))=\(SafeURL.encode($0.value))"
        }
        let links = HTML(each: ExportFormat.allCases) { format in
            let address = SafeURL(checking: "?" + (kept + ["format=\(format.rawValue)"]).joined(separator: "&"))
            return " <a href=\"\(address ?? "#")\" rel=\"nofollow\">\(format.rawValue.uppercased())</a>"
        }
        return "<p class=\"exports\">\(say("导出本列表：", "Export this list:"))\(links)</p>"
    }
}
