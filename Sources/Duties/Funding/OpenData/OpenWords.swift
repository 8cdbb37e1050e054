import Kernel

/// Who publishes, and how things are named outside the house.
///
/// The prefixes are the house's own: neither 360Giving nor the Open Contracting Partnership has registered them, and
/// docs/open-data.md says so. They are made of the city's code, so that two cities never meet.
struct OpenWords: Sendable {
    static let licence = "https://creativecommons.org/licenses/by/4.0/"

    let city: String
    let bureau: Bilingual
    /// Scheme and host, without a slash at the end.
    let site: String
    let zone: CityZone

    init(_ house: House) {
        self.init(city: house.city.id, bureau: house.city.bureau, site: house.site, zone: house.city.zone)
    }

    init(city: String, bureau: Bilingual, site: String, zone: CityZone) {
        self.city = city
        self.bureau = bureau
        self.site = site
        self.zone = zone
    }

    /// `ocds-` and six letters or digits, as OCDS asks for.
    var processPrefix: String { "ocds-k\(Digest.hex(Digest.sha256(Array(city.utf8))).prefix(5))" }

    func process(_ call: String) -> String { "\(processPrefix)-\(call)" }
    func grant(_ project: String) -> String { "360G-\(city)-\(project)" }
    var funder: String { "360G-\(city)" }
    /// CN-USCC is our own name for the unified social credit code as a list of organisations.
    func organisation(_ uscc: String) -> String { "CN-USCC-\(uscc)" }

    func address(_ path: String) -> String { "\(site)\(path)" }

    /// The start of a day in the city, as a moment.
    func moment(_ day: Day) -> JSONValue { .string(OpenWords.text(zone.start(of: day))) }
    func moment(_ instant: Instant) -> JSONValue { .string(OpenWords.text(instant)) }

    /// RFC 3339 in UTC, with microseconds where there are any.
    static func text(_ instant: Instant) -> String {
        let day = 86_400_000_000 as Int64
        let days = instant.microseconds.quotientAndRemainder(dividingBy: day)
        let rest = days.remainder < 0 ? days.remainder + day : days.remainder
        let number = days.remainder < 0 ? days.quotient - 1 : days.quotient
        let seconds = Int(rest / 1_000_000)
        let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
        let fraction = Int(rest % 1_000_000)
        return "\(Day(number: Int(number)))T\(clock)\(fraction == 0 ? "" : ".\(padded(fraction, 6))")Z"
    }
}

extension Money {
    /// Yuan as a number of JSON, exact to the fen.
    var openNumber: JSONValue {
        if fen.isMultiple(of: 100) { return .integer(fen / 100) }
        return DecimalNumber(units: fen, places: 2).map { .decimal($0) } ?? .string(plainText)
    }

    /// As OCDS writes amounts.
    var openValue: JSONValue { ["amount": openNumber, "currency": "CNY"] }
}

extension JSONValue {
    /// An object without the members that are nil.
    static func members(_ members: [String: JSONValue?]) -> JSONValue { .object(members.compactMapValues { $0 }) }
}
