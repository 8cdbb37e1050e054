internal import Foundation

/// A country or region of ISO 3166-1.
public struct Country: Codable, Hashable, Sendable {
    /// Two letters.
    public let code: String
    /// Three letters, as in passports.
    public let alpha3: String
    /// Three digits, as in the number of a permanent resident.
    public let numeric: String
    public let name: Bilingual
}

/// The countries of the world as data.
public struct Countries: Sendable {
    /// In the order of the file.
    public let all: [Country]
    private let byCode: [String: Country]

    /// Reads the list: two letters, three letters, three digits, Chinese and English name.
    /// - Throws: ``JurisdictionError``.
    static func load(_ path: String) throws(JurisdictionError) -> Countries {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw JurisdictionError(path: path, reason: "cannot be read")
        }
        var found: [Country] = []
        for (index, row) in CSVText.rows(text).enumerated() where row.first?.hasPrefix("#") == false && index > 1 {
            guard row.count == 5, row.allSatisfy({ !$0.isEmpty }) else {
                throw JurisdictionError(path: path, reason: "line \(index + 1) does not have five cells")
            }
            found.append(Country(code: row[0], alpha3: row[1], numeric: row[2], name: Bilingual(row[3], row[4])))
        }
        return Countries(found)
    }

    public init(_ all: [Country]) {
        self.all = all
        let codes = all.flatMap { [($0.alpha3, $0), ($0.code, $0)] }
        byCode = Dictionary(codes, uniquingKeysWith: { first, _ in first })
    }

    /// The country of two or three letters.
    public subscript(_ code: String) -> Country? { byCode[code] }

    /// The country of a passport's nationality: ICAO 9303 writes Germany `D`, and the United Kingdom's kinds of
    /// nationals `GBD`, `GBN`, `GBO`, `GBP`, `GBS`.
    public func country(passport code: String) -> Country? {
        switch code {
        case "D": self["DEU"]
        case "GBD", "GBN", "GBO", "GBP", "GBS": self["GBR"]
        default: self[code]
        }
    }
}
