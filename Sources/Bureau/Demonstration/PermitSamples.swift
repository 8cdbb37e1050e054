import Kernel
import Store
import Talent

/// An employer with foreign staff whose permits end at different times, so that every permit journey can begin.
struct PermitSamples: Sendable {
    /// One member of the foreign staff.
    struct Sample: Sendable {
        let surname: String
        let given: String
        /// Three letters.
        let nationality: String
        let passport: String
        let birthYear: Int
        let category: PermitClass
        let route: String
        let post: String
        let salary: Int64
        /// Days until the permit ends.
        let days: Int
        var term = Permit.Term.long
    }

    static let staff: [Sample] = [
        Sample(
            surname: "LINDQVIST", given: "ASTRID", nationality: "SWE", passport: "SW2204417", birthYear: 1986,
            category: .b, route: "b1", post: "Research engineer", salary: 42_000_000, days: 60),
        Sample(
            surname: "OKAFOR", given: "CHINEDU", nationality: "NGA", passport: "A50231187", birthYear: 1990,
            category: .b, route: "b6", post: "Data scientist", salary: 36_000_000, days: 35),
        Sample(
            surname: "MORETTI", given: "LUCA", nationality: "ITA", passport: "YA7713205", birthYear: 1972,
            category: .a, route: "a3", post: "Chief scientist", salary: 180_000_000, days: 300),
        Sample(
            surname: "TANAKA", given: "YUKI", nationality: "JPN", passport: "TR8840316", birthYear: 1994,
            category: .c, route: "c", post: "Visiting researcher", salary: 20_000_000, days: 20, term: .short),
    ]

    let house: House

    /// Registers the employer and the staff.
    func seed(_ organisation: ID<OrganisationMark>) async throws {
        let (now, today, vault) = (house.clock.now(), house.today, house.vault)
        let cases = (0...PermitSamples.staff.count).map { _ in house.ids.make(CaseFile.self) }
        let district = house.city.districts.first?.code ?? ""
        let countries = house.city.countries
        try await house.db.write { tx in
            try EmployerStore.save(
                Employer(
                    organisation: organisation, caseID: cases[0], state: .active, trade: "M", district: district,
                    contact: "王敏", telephone: try SealedText("0755-12345678", by: vault),
                    registeredOn: today.adding(days: -400)), tx)
            for (index, sample) in PermitSamples.staff.enumerated() {
                let mrz = Passport.generate(
                    surname: sample.surname, given: sample.given, nationality: sample.nationality,
                    number: sample.passport, birth: Day(number: (sample.birthYear - 1970) * 365 + 100), sex: .other,
                    ends: today.adding(years: 6))
                let passport = try Passport(parsing: mrz, on: today)
                let person = Foreigner(
                    id: ID(UUIDv7.make(at: now)), number: "DEMO\(1000 + index)",
                    name: "\(sample.surname) \(sample.given)",
                    nationality: countries[sample.nationality]?.code ?? sample.nationality, sex: .other,
                    passportEnds: passport.ends)
                try ForeignerStore.add(person, passport, vault: vault, at: now, tx)
                let permit = Permit(
                    id: ID(UUIDv7.make(at: now)), foreigner: person, organisation: organisation,
                    caseID: cases[index + 1], term: sample.term, category: sample.category, route: sample.route,
                    post: sample.post, district: district, trade: "M", salary: Money(fen: sample.salary),
                    startsOn: sample.term == .short ? today.adding(days: -30) : today.adding(days: sample.days - 700),
                    endsOn: today.adding(days: sample.days), checkCode: try Letters.checkCode(), issuedAt: now)
                try PermitStore.add(permit, by: .system, on: today, tx)
            }
        }
    }
}
