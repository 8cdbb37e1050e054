import Kernel

/// The small checks that everything passes before it is published; the tests use the schemas of the standards.
enum OpenDataCheck {
    private static let tags: Set<String> = [
        "planning", "tender", "award", "awardCancellation", "contract", "contractAmendment", "implementation",
        "contractTermination",
    ]
    /// Members that could hold a person: none of them is ever published.
    private static let people: Set<String> = [
        "recipientIndividual", "contactPoint", "contactName", "email", "telephone", "investigator", "person", "actor",
    ]

    /// What is wrong with a grant of 360Giving, in English words for the log.
    static func faults(ofGrant grant: JSONValue) -> [String] {
        var faults = required(
            ["id", "title", "description", "currency", "awardDate", "url", "dateModified"], of: grant, "grant")
        if grant["id"]?.string?.hasPrefix("360G-") != true { faults.append("grant: id does not begin with 360G-") }
        if grant["currency"]?.string != "CNY" { faults.append("grant: currency is not CNY") }
        if grant["awardDate"]?.string.flatMap({ Day($0) }) == nil { faults.append("grant: awardDate is not a day") }
        for name in ["amountAwarded", "amountDisbursed"] where !isNumber(grant[name]) {
            faults.append("grant: \(name) is not a number")
        }
        for name in ["fundingOrganization", "recipientOrganization"] {
            let list = grant[name]?.array ?? []
            if list.count != 1 { faults.append("grant: \(name) needs one entry") }
            for one in list { faults += required(["id", "name"], of: one, name) }
        }
        return faults + persons(in: grant)
    }

    /// What is wrong with a release of OCDS.
    static func faults(ofRelease release: JSONValue) -> [String] {
        var faults = required(["ocid", "id", "date", "initiationType"], of: release, "release")
        if release["initiationType"]?.string != "tender" { faults.append("release: initiationType is not tender") }
        let used = (release["tag"]?.array ?? []).compactMap(\.string)
        if used.isEmpty || !tags.isSuperset(of: used) { faults.append("release: tag is missing or unknown") }
        if let tender = release["tender"] { faults += required(["id"], of: tender, "tender") }
        for award in release["awards"]?.array ?? [] { faults += required(["id"], of: award, "award") }
        for contract in release["contracts"]?.array ?? [] {
            faults += required(["id", "awardID"], of: contract, "contract")
            for transaction in contract["implementation"]?["transactions"]?.array ?? [] {
                faults += required(["id", "date"], of: transaction, "transaction")
                if !isNumber(transaction["value"]?["amount"]) { faults.append("transaction: amount is not a number") }
            }
        }
        return faults + persons(in: release)
    }

    private static func required(_ names: [String], of value: JSONValue, _ what: String) -> [String] {
        names.filter { value[$0]?.string?.isEmpty ?? true }.map { "\(what): \($0) is missing" }
    }

    private static func isNumber(_ value: JSONValue?) -> Bool {
        switch value {
        case .integer, .decimal: true
        default: false
        }
    }

    private static func persons(in value: JSONValue) -> [String] {
        switch value {
        case .object(let members):
            members.keys.filter(people.contains).map { "\($0) is never published" }
                + members.values.flatMap { persons(in: $0) }
        case .array(let elements): elements.flatMap { persons(in: $0) }
        default: []
        }
    }
}

/// Why something was not published.
enum OpenDataError: Problem, Hashable {
    case faulty([String])
    case noPackage
    /// No package was made on this day.
    case noPackageOn(Day)

    var kind: ProblemKind { if case .faulty = self { .broken } else { .notFound } }
    var code: String { if case .faulty = self { "open-data.faulty" } else { "open-data.none" } }
    var message: Bilingual {
        switch self {
        case .faulty(let faults):
            Bilingual(
                "这些条目不合规范，没有发布：\(faults.joined(separator: "；"))",
                "These items are faulty and were not published: \(faults.joined(separator: "; "))")
        case .noPackageOn(let day):
            Bilingual("\(day) 没有数据包，请换一天。", "There is no package of \(day); choose another day.")
        case .noPackage:
            Bilingual(
                "没有这个数据包。第一批立项次日才有数据包。",
                "There is no such package. The first is made on the day after the first award.")
        }
    }
}
