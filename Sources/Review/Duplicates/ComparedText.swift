public import Kernel
public import Store

/// A text as it is compared with all others.
public struct ComparedText: Hashable, Sendable {
    public let caseID: ID<CaseFile>
    /// What it is, e.g. `application` or `report`.
    public let kind: String
    /// Texts of one family belong together, such as an application and the reports of its project: never told as pairs.
    public let family: String
    public let number: String
    public let title: Bilingual
    public let division: String
    public let text: String

    public init(
        caseID: ID<CaseFile>, kind: String, family: String, number: String, title: Bilingual, division: String,
        text: String
    ) {
        self.caseID = caseID
        self.kind = kind
        self.family = family
        self.number = number
        self.title = title
        self.division = division
        self.text = text
    }

    /// Fewest characters of an answer that is compared, and fewest letters among them: others are names, choices,
    /// numbers and telephones, which are nobody's words.
    static let shortest = 12
    static let fewestLetters = 8

    /// What people wrote into a form, in the order of its fields' names, so that the same answers are the same text.
    /// What lies sealed is left away: it is nobody's words either, and reads otherwise each time it is sealed.
    public static func text(of answers: JSONValue) -> String {
        var parts: [String] = []
        collect(answers, into: &parts)
        return parts.joined(separator: "\n")
    }

    private static func collect(_ value: JSONValue, into parts: inout [String]) {
        switch value {
        case .string(let text):
            if text.count >= shortest, text.count(where: \.isLetter) >= fewestLetters { parts.append(text) }
        case .array(let items): for item in items { collect(item, into: &parts) }
        case .object(let members) where !value.isSealed && !value.isErased:
            for key in members.keys.sorted() { if let value = members[key] { collect(value, into: &parts) } }
        default: break
        }
    }
}

/// Where compared texts come from: the duty whose they are.
public protocol ComparedTexts: Sendable {
    /// The texts of some cases; a case without one is left away.
    func texts(_ ids: [ID<CaseFile>], _ tx: Tx) throws -> [ComparedText]
    /// Cases with a text, by identity, after one.
    func all(after: ID<CaseFile>?, limit: Int, _ tx: Tx) throws -> [ID<CaseFile>]
    /// What the duty does about a case of which pairs were found, in the same transaction.
    func found(_ count: Int, of text: ComparedText, at now: Instant, _ tx: Tx) throws
}
