/// What became of a file that was taken in: all of it is kept, or nothing.
public protocol FileImport: Sendable {
    associatedtype Line: ImportedLine
    var lines: [Line] { get }
    /// Whether anything was written.
    var isWritten: Bool { get }
}

extension FileImport {
    public func count(_ outcome: ImportOutcome) -> Int { lines.count { $0.outcome == outcome } }
}

/// What became of one row of a file.
public protocol ImportedLine: Sendable {
    /// As the spreadsheet counts.
    var number: Int { get }
    var outcome: ImportOutcome { get }
    /// All that keeps it out.
    var problems: [FieldProblem] { get }
}

/// What became of a row: `fits` was only tried, `known` had been taken in before.
public enum ImportOutcome: String, Codable, Sendable, CaseIterable {
    case imported, fits, refused, known

    public var title: Bilingual {
        switch self {
        case .imported: Bilingual("已导入", "Imported")
        case .fits: Bilingual("可导入", "Fits")
        case .refused: Bilingual("不能导入", "Refused")
        case .known: Bilingual("此前已有", "Known before")
        }
    }
}
