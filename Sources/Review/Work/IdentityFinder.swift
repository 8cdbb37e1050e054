public import Kernel

/// Finds what would tell an applicant who wrote an opinion, or would tell others who applied: names, employers,
/// telephone numbers and addresses of mail.
public struct IdentityFinder: Sendable {
    /// One place of a text.
    public struct Match: Hashable, Sendable {
        public enum Kind: String, Sendable, CaseIterable {
            case name, employer, telephone, mail, account

            public var title: Bilingual {
                switch self {
                case .name: Bilingual("专家姓名", "name of an expert")
                case .employer: Bilingual("专家单位", "employer of an expert")
                case .telephone: Bilingual("电话号码", "telephone number")
                case .mail: Bilingual("电子邮箱", "e-mail address")
                case .account: Bilingual("微信、QQ 等账号", "messenger account")
                }
            }
        }

        public let kind: Kind
        public let text: String
    }

    private let names: [String]
    private let employers: [String]

    /// - Parameters:
    ///   - names: of people, whole; a name of one letter is passed over.
    ///   - employers: full names of organisations; the short form without the company's kind is found too.
    public init(names: [String], employers: [String]) {
        self.names = Set(names.map(IdentityFinder.plain)).filter { $0.count > 1 }.sorted()
        self.employers = Set(employers.map(IdentityFinder.plain).flatMap { [$0, IdentityFinder.short($0)] })
            .filter { $0.count > 3 }.sorted { ($1.count, $0) < ($0.count, $1) }
    }

    /// What a text gives away, each once.
    public func matches(in text: String) -> [Match] {
        let plain = IdentityFinder.plain(text)
        var found: [Match] = []
        for name in names where plain.contains(name) { found.append(Match(kind: .name, text: name)) }
        for employer in employers where plain.contains(employer) {
            guard !found.contains(where: { $0.kind == .employer && $0.text.contains(employer) }) else { continue }
            found.append(Match(kind: .employer, text: employer))
        }
        return found + patterns(text)
    }

    private func patterns(_ text: String) -> [Match] {
        var found: [Match] = []
        for hit in text.matches(of: /[A-Za-z0-9._%+\-]+\s?[@＠]\s?[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+/) {
            found.append(Match(kind: .mail, text: String(hit.output.0)))
        }
        // Mainland mobile numbers with or without gaps, and landlines with their area code.
        let number =
            /1[3-9]\d[\s\-]?\d{4}[\s\-]?\d{4}|0\d{2,3}[\s\-]?\d{7,8}|\+\d{1,3}[\s\-]?\d[\d\s\-]{6,13}\d/
        for hit in text.matches(of: number) {
            guard !IdentityFinder.goesOn(text, hit.range) else { continue }
            found.append(Match(kind: .telephone, text: String(hit.output)))
        }
        for hit in text.matches(of: /(微信|VX|vx|QQ|qq|WeChat|wechat)号?[:：\s]{0,2}[A-Za-z0-9_\-]{5,20}/) {
            found.append(Match(kind: .account, text: String(hit.output.0)))
        }
        var seen: Set<Match> = []
        return found.filter { seen.insert($0).inserted }
    }

    /// Whether digits go on at either end, so that a long number is not taken for a telephone's.
    private static func goesOn(_ text: String, _ range: Range<String.Index>) -> Bool {
        let after = range.upperBound < text.endIndex && text[range.upperBound].isNumber
        let before =
            range.lowerBound > text.startIndex && text[text.index(before: range.lowerBound)].isNumber
        return after || before
    }

    /// A text with every match struck out, and without blanks between Chinese letters.
    public func masked(_ text: String) -> String {
        var result = IdentityFinder.plain(text)
        for match in matches(in: result).sorted(by: { $0.text.count > $1.text.count }) {
            result = result.replacing(match.text, with: "〔…〕")
        }
        return result
    }

    /// Without the blanks that some put between the two letters of a name.
    static func plain(_ text: String) -> String {
        text.replacing("\u{3000}", with: " ").replacing(/(\p{Han}) +(?=\p{Han})/) { String($0.output.1) }
    }

    private static func short(_ name: String) -> String {
        for ending in ["股份有限公司", "有限责任公司", "有限公司", "集团", " Co., Ltd.", " Ltd."] where name.hasSuffix(ending) {
            return String(name.dropLast(ending.count))
        }
        return name
    }
}
