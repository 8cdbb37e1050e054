internal import Foundation
public import Store
internal import YAMLReading

/// A letter that went out (函件): both languages as sent, and a code by which anyone can check it.
public struct Letter: Codable, Hashable, Sendable {
    public let id: ID<Letter>
    public let caseID: ID<CaseFile>
    public let template: String
    public let number: String
    public let title: Bilingual
    public let body: Bilingual
    /// Sixteen letters and digits in groups of four, without those that look alike.
    public let checkCode: String
    /// SHA-256 over number, title and body.
    public let hash: String
    public let writtenAt: Instant

    init(row: Row) throws {
        id = try row["id"]
        caseID = try row["case_id"]
        template = try row["template"]
        number = try row["number"]
        title = Bilingual(try row["title_zh"], try row["title_en"])
        body = Bilingual(try row["body_zh"], try row["body_en"])
        checkCode = try row["check_code"]
        hash = try row["hash"]
        writtenAt = try row["written_at"]
    }

    static func hash(number: String, title: Bilingual, body: Bilingual) -> String {
        let content: JSONValue = [
            "number": .string(number), "titleZh": .string(title.zh), "titleEn": .string(title.en),
            "bodyZh": .string(body.zh), "bodyEn": .string(body.en),
        ]
        return Digest.hex(Digest.sha256(content.canonicalBytes))
    }

    /// Whether the text is still what was sent.
    public var isIntact: Bool { hash == Letter.hash(number: number, title: title, body: body) }
}

/// A letter as the city words it; `{{name}}` stands for a value.
public struct LetterTemplate: Codable, Hashable, Sendable {
    public let id: String
    public let title: Bilingual
    public let body: Bilingual
}

/// Writes and finds letters.
public struct Letters: Sendable {
    private let templates: [String: LetterTemplate]

    public init(_ templates: [LetterTemplate]) {
        self.templates = Dictionary(templates.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
    }

    /// Reads the templates of folders; a later folder replaces what an earlier one has under the same id.
    /// - Throws: ``ProcedureError/faultyDefinition(_:)``.
    public static func load(folders: [String]) throws -> Letters {
        var templates: [LetterTemplate] = []
        var faults: [String] = []
        for folder in folders {
            for name in ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
            where name.hasSuffix(".yaml") {
                do {
                    let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                    templates.append(try YAMLReader.decode(LetterTemplate.self, from: text))
                } catch {
                    faults.append("\(folder)/\(name): \(error)")
                }
            }
        }
        guard faults.isEmpty else { throw ProcedureError.faultyDefinition(faults) }
        return Letters(templates)
    }

    /// Taken before the transaction by whoever may write a letter: the numbers of letters follow each other without a
    /// gap, so that of two who write at once one would have to begin anew.
    public static let lock = LockKey("letters")

    public func template(_ id: String) -> LetterTemplate? { templates[id] }

    /// Writes a letter of a case. A value that the template names and nobody gave is left as a visible dash.
    /// - Throws: ``DocumentError/unknownLetter(_:)``.
    @discardableResult
    public func write(
        _ id: String, caseID: ID<CaseFile>, values: [String: Bilingual], at now: Instant, zone: CityZone, _ tx: Tx
    ) throws -> Letter {
        guard let template = templates[id] else { throw DocumentError.unknownLetter(id) }
        let year = zone.day(of: now).parts.year
        let number = "KC-\(year)-\(padded(try NumberSeries.next("letter.\(year)", tx), 6))"
        let title = Bilingual(
            Letters.fill(template.title.zh, values, .chinese), Letters.fill(template.title.en, values, .english))
        let body = Bilingual(
            Letters.fill(template.body.zh, values, .chinese), Letters.fill(template.body.en, values, .english))
        let letter: ID<Letter> = ID(UUIDv7.make(at: now))
        try tx.run(
            """
            INSERT INTO letter (id, case_id, template, number, title_zh, title_en, body_zh, body_en, check_code, hash,
                written_at)
            VALUES (\(letter), \(caseID), \(id), \(number), \(title.zh), \(title.en), \(body.zh), \(body.en),
                \(try Letters.checkCode()), \(Letter.hash(number: number, title: title, body: body)), \(now))
            """)
        guard let written = try Letters.find(letter, tx) else { throw DocumentError.missing }
        try Record.append(
            Event(
                room: "documents", kind: "letter.written", subjectKind: "letter", subject: letter.text, caseID: caseID,
                actor: .system, at: now, content: ["number": .string(number), "hash": .string(written.hash)]), tx)
        return written
    }

    public static func find(_ id: ID<Letter>, _ tx: Tx) throws -> Letter? {
        try tx.first("SELECT * FROM letter WHERE id = \(id)", Letter.init(row:))
    }

    /// The letter with a check code, however it was typed.
    public static func find(checkCode typed: String, _ tx: Tx) throws -> Letter? {
        guard let code = normalCheckCode(typed) else { return nil }
        return try tx.first("SELECT * FROM letter WHERE check_code = \(code)", Letter.init(row:))
    }

    /// A check code as it is kept, however it was typed; nil where it cannot be one.
    public static func normalCheckCode(_ typed: String) -> String? {
        let plain = typed.uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return plain.count == 16 ? grouped(plain) : nil
    }

    public static func list(of caseID: ID<CaseFile>, _ tx: Tx) throws -> [Letter] {
        try tx.rows("SELECT * FROM letter WHERE case_id = \(caseID) ORDER BY id", Letter.init(row:))
    }

    /// A line whose values are all empty is left out: there is nothing to correct, nobody gave a reason.
    static func fill(_ text: String, _ values: [String: Bilingual], _ language: Language) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .compactMap { fillLine($0, values, language) }.joined(separator: "\n")
    }

    private static func fillLine(
        _ line: Substring, _ values: [String: Bilingual], _ language: Language
    ) -> String? {
        var (filled, rest, given) = ("", line, [String]())
        while let open = rest.range(of: "{{"), let close = rest.range(of: "}}", range: open.upperBound..<rest.endIndex)
        {
            filled += rest[..<open.lowerBound]
            let value = values[String(rest[open.upperBound..<close.lowerBound]).trimmed]?[language] ?? "—"
            given.append(value)
            filled += value
            rest = rest[close.upperBound...]
        }
        return !given.isEmpty && given.allSatisfy(\.isEmpty) ? nil : filled + rest
    }

    /// A new check code: eighty bits of chance in an alphabet without look-alikes, in groups of four.
    /// - Throws: ``AccessError/unavailable``.
    public static func checkCode() throws -> String {
        let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789")
        return grouped(String(try Secret.bytes(16).map { alphabet[Int($0 & 31)] }))
    }

    private static func grouped(_ plain: String) -> String {
        var text = ""
        for (index, letter) in plain.enumerated() {
            if index > 0, index.isMultiple(of: 4) { text += "-" }
            text.append(letter)
        }
        return text
    }
}
