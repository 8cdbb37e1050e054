internal import Foundation
internal import YAMLReading

/// A division (处室) of the bureau.
public struct Division: Codable, Hashable, Sendable {
    public let code: String
    public let name: Bilingual
}

/// A city as data: who the bureau is, its zone, calendar, rules, procedures and letters. Loaded and checked whole.
public struct Jurisdiction: Sendable {
    public let id: String
    public let name: Bilingual
    public let bureau: Bilingual
    public let contact: Bilingual
    public let zone: CityZone
    public let divisions: [Division]
    /// The division that handles objections.
    public let objectionsDivision: String
    /// The division that handles work permits of foreigners.
    public let permitsDivision: String
    /// Districts of the city (GB/T 2260 where they have a code).
    public let districts: [Division]
    /// Which division of this city does what a shared procedure gives to a division that it does not have.
    private let substitutes: [String: String]
    public let countries: Countries
    public let calendar: WorkCalendar
    public private(set) var rules: RuleBook
    public let procedures: [ProcedureDefinition]
    public let letters: Letters
    public let registers: Registers
    public let programmes: [ProgrammeEntry]
    /// The account from which the city pays; nil where none is set, and nothing is paid then.
    public let payer: Payer?
    /// Where the stories of the demonstration lie.
    public let storiesFolder: String

    /// The account from which the city pays: holder, number and the 12 digits of its branch (大额支付行号).
    public struct Payer: Codable, Hashable, Sendable {
        public let name: String
        public let account: String
        public let cnaps: String

        public init(name: String, account: String, cnaps: String) {
            self.name = name
            self.account = account
            self.cnaps = cnaps
        }
    }

    /// A programme of the city's plan, as the duty rooms seed it.
    public struct ProgrammeEntry: Codable, Hashable, Sendable {
        public let code: String
        public let kind: String
        public let name: Bilingual
        public let summary: Bilingual
        public let division: String
    }

    private struct City: Decodable {
        let id: String
        let name: Bilingual
        let bureau: Bilingual
        let contact: Bilingual
        let zone: String
        let objections: String
        let permits: String?
        let districts: [Division]?
        let substitutes: [String: String]?
        let divisions: [Division]
        let payer: Payer?
    }

    /// Reads the folder of a city.
    /// - Throws: ``JurisdictionError`` naming the file, or the error of the part that is faulty.
    public init(folder: String) throws {
        let city: City = try Jurisdiction.read("\(folder)/city.yaml")
        guard let zone = CityZone(name: city.zone) else {
            throw JurisdictionError(path: "\(folder)/city.yaml", reason: "unknown zone \(city.zone)")
        }
        substitutes = city.substitutes ?? [:]
        for code in [city.objections, city.permits].compactMap(\.self) + substitutes.values.sorted()
        where !city.divisions.contains(where: { $0.code == code }) {
            throw JurisdictionError(path: "\(folder)/city.yaml", reason: "unknown division \(code)")
        }
        id = city.id
        name = city.name
        bureau = city.bureau
        contact = city.contact
        self.zone = zone
        divisions = city.divisions
        payer = city.payer
        objectionsDivision = city.objections
        permitsDivision = city.permits ?? city.objections
        districts = city.districts ?? []
        calendar = try WorkCalendar.load("\(folder)/calendar.yaml")
        let cities = (folder as NSString).deletingLastPathComponent
        rules = try RuleBook(national: "\(cities)/National", city: folder)
        // What a city does not word itself is worded as for all cities.
        let common = "\(cities)/Common"
        storiesFolder = "\(folder)/stories"
        countries = try Countries.load("\(common)/countries.csv")
        let own = try ProcedureDefinition.load(folder: "\(folder)/procedures")
        let shared = try ProcedureDefinition.load(folder: "\(common)/procedures")
        programmes = try Jurisdiction.read("\(folder)/programmes.yaml")
        let lists = [
            "programmes": programmes.map { FormOption($0.code, $0.name) },
            "divisions": divisions.map { FormOption($0.code, $0.name) },
            "districts": districts.map { FormOption($0.code, $0.name) },
            "countries": countries.all.map { FormOption($0.alpha3, $0.name) },
        ]
        procedures = (own + shared.filter { item in !own.contains { $0.id == item.id } }).map { $0.filled(from: lists) }
        registers = try Registers.load(folders: ["\(folder)/registers", "\(common)/registers"])
        letters = try Letters.load(folders: ["\(common)/letters", "\(folder)/letters"])
        let codes = Set(divisions.map(\.code))
        if let stray = programmes.first(where: { !codes.contains($0.division) }) {
            throw JurisdictionError(path: "\(folder)/programmes.yaml", reason: "unknown division \(stray.division)")
        }
    }

    /// The same city with a book of numbers of its own, in which changes of the other one are not seen.
    /// - Throws: ``RuleBookError``.
    public func withOwnBook() throws(RuleBookError) -> Jurisdiction {
        var copy = self
        copy.rules = try RuleBook(Array(rules.written.values))
        return copy
    }

    /// The name of a district; the code itself where the city has none such.
    public func district(_ code: String) -> Bilingual {
        districts.first { $0.code == code }?.name ?? Bilingual(code, code)
    }

    /// The division that does the work which shared procedures give to one: itself where the city has it, otherwise
    /// the one that the city names for it, or its first.
    public func handling(_ code: String) -> String {
        if divisions.contains(where: { $0.code == code }) { return code }
        return substitutes[code] ?? divisions.first?.code ?? code
    }

    public func division(_ code: String) -> Bilingual {
        divisions.first { $0.code == code }?.name ?? Bilingual(code, code)
    }

    private static func read<T: Decodable>(_ path: String) throws -> T {
        do {
            return try YAMLReader.decode(T.self, from: String(contentsOfFile: path, encoding: .utf8))
        } catch {
            throw JurisdictionError(path: path, reason: "\(error)")
        }
    }
}

/// A file of a city cannot be used.
public struct JurisdictionError: Problem, Hashable {
    public let path: String
    public let reason: String

    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    public var kind: ProblemKind { .broken }
    public var code: String { "jurisdiction.faulty" }
    public var message: Bilingual {
        Bilingual("城市数据 \(path) 有误：\(reason)", "Faulty data of a city in \(path): \(reason)")
    }
}
