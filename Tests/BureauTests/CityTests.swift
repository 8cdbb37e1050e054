import BureauTestSupport
import Funding
import HouseTestSupport
import Kernel
import Portal
import Store
import StoreTestSupport
import Testing

@testable import Bureau

@Suite("Cities")
struct CityTests {
    @Test("Every city loads whole, and its procedures name only what exists", arguments: ["Shenzhen", "Example"])
    func loads(name: String) async throws {
        let city = try Jurisdiction(folder: "\(TestHouse.root)/Jurisdictions/\(name)")
        let db = try await TestStore.open(.sqlite, Services.migrations)
        let services = try Services(
            db: db, clock: MovableClock(), city: city, vault: Vault(key: [UInt8](repeating: 1, count: 32)),
            files: FileStore(folder: "/nowhere"), site: "http://test", isDemonstration: false)
        #expect(try services.routeTable().route("demo.show") == nil, "only a demonstration moves its clock")
        #expect(city.procedures.contains { $0.id == "funding.application" })
        for definition in city.procedures {
            for text in [definition.title, definition.summary, definition.who] {
                #expect(!text.zh.isEmpty && !text.en.isEmpty, "\(definition.id)")
            }
        }
    }

    @Test("Codes and lines of legal numbers have names, so that nobody reads keys", arguments: ["Shenzhen", "Example"])
    func codesAreNamed(name: String) throws {
        let city = try Jurisdiction(folder: "\(TestHouse.root)/Jurisdictions/\(name)")
        var count = 0
        // That list is of words as people write them.
        for parameter in city.rules.parameters.values where parameter.id != "spending.negative.words" {
            for value in parameter.values.map(\.value) where value.fraction == nil {
                let codes: [String] =
                    switch value {
                    case .codes(let codes): codes
                    case .table(let table): table.keys.sorted()
                    default: []
                    }
                for code in codes where code.allSatisfy({ ("a"..."z").contains($0) || $0 == "-" }) {
                    count += 1
                    #expect(parameter.words[code] != nil, "\(parameter.id): \(code)")
                }
            }
        }
        #expect(count > 60)
    }

    @Test(
        "Every kind of personal content has a time of keeping, and each that was chosen says so",
        arguments: ["Shenzhen", "Example"])
    func keeping(name: String) throws {
        let city = try Jurisdiction(folder: "\(TestHouse.root)/Jurisdictions/\(name)")
        let day = try #require(Day("2026-03-02"))
        for kind in PersonalKind.all {
            _ = try city.rules.period(kind.parameter, on: day)
            #expect(try city.rules.dated(kind.parameter, on: day).source.confidence.needsChecking, "\(kind.id)")
        }
        #expect(try city.rules.period(PersonalKind.number.parameter, on: day) == .years(2))
    }

    /// What asks how somebody is reached and lies in the clear, as docs/security.md says: registers by which people are
    /// found, the forms that fill them, and offices.
    private static let open: Set<String> = [
        "funding.investments contact", "innovation.bodies contact", "talent.employer contact",
        "talent.service reason-en", "talent.service reason-zh", "transfer.broker contact", "transfer.brokers contact",
        "transfer.finance-need contact", "transfer.finance-needs contact", "transfer.financier contact",
        "transfer.financiers contact", "transfer.need contact", "transfer.needs contact", "transfer.platform contact",
        "transfer.platforms contact", "transfer.registrars telephone", "transfer.result contact",
        "transfer.results contact", "transfer.service-bodies contact", "transfer.service-body contact",
        "key.demands enterprise-contact",
    ]

    @Test(
        "Whatever asks how somebody is reached is kept sealed, but for what is named",
        arguments: ["Shenzhen", "Example"])
    func contacts(name: String) throws {
        let city = try Jurisdiction(folder: "\(TestHouse.root)/Jurisdictions/\(name)")
        var plain: Set<String> = []
        func look(_ owner: String, _ fields: [FormField]) {
            for field in fields where !field.isSealed {
                look(owner, field.columns ?? [])
                let words = [field.name, field.label.zh, field.label.en, field.hint?.zh ?? "", field.hint?.en ?? ""]
                let all = words.joined(separator: " ").lowercased()
                let asks = ["电话", "手机", "联系", "phone", "contact"].contains { all.contains($0) }
                if asks, field.kind != .day { plain.insert("\(owner) \(field.name)") }
            }
        }
        for definition in city.procedures {
            look(definition.id, definition.form?.fields ?? [])
            for action in definition.steps.flatMap(\.actions) { look(definition.id, action.asks) }
        }
        for register in city.registers.definitions { look(register.id, register.form.fields) }
        #expect(plain == Self.open)
    }

    @Test("No two procedures number their cases alike")
    func prefixes() throws {
        let patterns = try TestCity.shenzhen().procedures.compactMap { $0.filing?.number }
        let heads = patterns.map { $0.prefix { $0 != "{" } } + ["YY-", "LX-", "SC-", "BJ-", "GS-", "HY-", "KC-", "TB-"]
        #expect(heads.count == Set(heads).count, "\(heads.filter { head in heads.filter { $0 == head }.count > 1 })")
    }

    @Test("Numbers of one city are not those of another")
    func differ() throws {
        let day = try #require(Day("2026-03-02"))
        let shenzhen = try TestCity.shenzhen()
        let example = try Jurisdiction(folder: "\(TestHouse.root)/Jurisdictions/Example")
        #expect(try shenzhen.rules.period("publicity.days", on: day) == .calendarDays(10))
        #expect(try example.rules.period("publicity.days", on: day) == .calendarDays(7))
        #expect(try example.rules.dated("publicity.days", on: day).source.confidence.needsChecking)
    }

    @Test("A folder that is no city is refused with its file")
    func faulty() {
        do {
            _ = try Jurisdiction(folder: "/nowhere")
            Issue.record("nothing was taken for a city")
        } catch let error as JurisdictionError {
            #expect(error.path == "/nowhere/city.yaml")
        } catch { Issue.record("\(error)") }
    }
}
