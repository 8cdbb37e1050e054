public import Kernel

/// A city made from a seed: organisations, people and projects that read like real ones and carry valid codes.
///
/// The same seed and sizes give the same city on every machine. Nothing here touches a database.
public struct SyntheticCity: Sendable {
    /// What kind of host an organisation is.
    public enum Kind: String, Sendable, CaseIterable { case enterprise, university, institute, hospital }

    public struct Organisation: Sendable {
        public let name: Bilingual
        public let kind: Kind
        public let district: String
        public let uscc: String
    }

    public struct Person: Sendable {
        public let name: Bilingual
        public let title: Bilingual
        /// Index into ``SyntheticCity/organisations``.
        public let employer: Int
        public let field: String
        public let keywords: [String]
        public let orcid: String
    }

    public struct Project: Sendable {
        public let title: Bilingual
        public let abstract: Bilingual
        public let field: String
        /// Index into ``SyntheticCity/people``.
        public let investigator: Int
        public let requested: Money
    }

    public let organisations: [Organisation]
    public let people: [Person]
    public let projects: [Project]

    /// Makes a city.
    /// - Parameters:
    ///   - seed: any number; the same one gives the same city.
    ///   - scale: 1 is a small town of 24 organisations, 120 researchers and 60 projects; sizes grow in proportion.
    public init(seed: UInt64, scale: Int = 1) {
        var random = SeededRandom(seed: seed)
        var made: [Organisation] = []
        var names: Set<String> = []
        let count = max(8, 24 * scale)
        while made.count < count {
            let organisation = SyntheticCity.organisation(number: made.count, &random)
            if names.insert(organisation.name.zh).inserted { made.append(organisation) }
        }
        var people: [Person] = []
        for index in 0..<(120 * scale) {
            people.append(SyntheticCity.person(employer: index % made.count, &random))
        }
        var projects: [Project] = []
        for index in 0..<(60 * scale) {
            projects.append(SyntheticCity.project(people: people, index: index, &random))
        }
        organisations = made
        self.people = people
        self.projects = projects
    }

    private static func organisation(number: Int, _ random: inout SeededRandom) -> Organisation {
        let district = pick(Vocabulary.districts, &random)
        // One in three is a public body: they hold most basic research.
        let kind: Kind =
            number % 6 == 0 ? .university : number % 6 == 2 ? .institute : number % 12 == 4 ? .hospital : .enterprise
        let brand = pick(Vocabulary.brands, &random)
        let number = number >= 240 ? "\(number / 24)" : ""
        let name: Bilingual
        switch kind {
        case .enterprise:
            let trade = pick(Vocabulary.trades, &random)
            name = Bilingual(
                "深圳市\(brand.zh)\(number)\(trade.zh)有限公司", "Shenzhen \(brand.en)\(number) \(trade.en) Co., Ltd.")
        case .university:
            let college = pick(Vocabulary.colleges, &random)
            name = Bilingual("深圳\(brand.zh)\(number)\(college.zh)", "Shenzhen \(brand.en)\(number) \(college.en)")
        case .institute:
            let institute = pick(Vocabulary.institutes, &random)
            name = Bilingual("深圳\(brand.zh)\(number)\(institute.zh)", "Shenzhen \(brand.en)\(number) \(institute.en)")
        case .hospital:
            let hospital = pick(Vocabulary.hospitals, &random)
            name = Bilingual(
                "深圳市\(district.name.zh)\(brand.zh)\(number)\(hospital.zh)",
                "\(district.name.en) \(brand.en)\(number) \(hospital.en), Shenzhen")
        }
        let prefix = kind == .enterprise ? "91" : "12"
        let uscc = USCC.generate(prefix: prefix, division: district.code, using: &random)
        return Organisation(name: name, kind: kind, district: district.code, uscc: uscc.text)
    }

    private static func person(employer: Int, _ random: inout SeededRandom) -> Person {
        let surname = pick(Vocabulary.surnames, &random)
        var given = pick(Vocabulary.given, &random)
        if Int.random(in: 0..<3, using: &random) > 0 {
            let second = pick(Vocabulary.given, &random)
            given = Bilingual(given.zh + second.zh, given.en + second.en)
        }
        let field = pick(Vocabulary.fields, &random)
        let method = pick(field.methods, &random)
        let object = pick(field.objects, &random)
        return Person(
            name: Bilingual(surname.zh + given.zh, "\(capitalised(given.en)) \(surname.en)"),
            title: pick(Vocabulary.titles, &random), employer: employer, field: field.code,
            keywords: [method.zh, object.zh, method.en, object.en], orcid: ORCID.generate(using: &random).text)
    }

    private static func project(people: [Person], index: Int, _ random: inout SeededRandom) -> Project {
        let investigator = (index * 7) % people.count
        let code = people[investigator].field
        let field = Vocabulary.fields.first { $0.code == code } ?? Vocabulary.fields[0]
        let method = pick(field.methods, &random)
        let object = pick(field.objects, &random)
        let form = pick(Vocabulary.titleForms, &random)
        let title = Bilingual(filled(form.zh, method.zh, object.zh), filled(form.en, method.en, object.en))
        let abstract = Bilingual(
            "本项目针对\(object.zh)中的瓶颈问题，采用\(method.zh)方法，研究其机理、关键技术与验证平台，形成可复现的成果，并在深圳开展示范应用。预期发表论文、申请专利并培养青年人才。",
            "This project addresses bottlenecks in \(object.en) by \(method.en), studies the mechanism, key technology and a test platform, yields reproducible results and demonstrates them in Shenzhen. Papers, patents and trained young researchers are expected."
        )
        // Whole ten thousands of yuan between 300,000 and 3,000,000.
        let requested = Money(fen: Int64(Int.random(in: 30...300, using: &random)) * 1_000_000)
        return Project(
            title: title, abstract: abstract, field: code, investigator: investigator, requested: requested)
    }

    private static func filled(_ form: String, _ method: String, _ object: String) -> String {
        form.replacing("{m}", with: method).replacing("{o}", with: object)
    }

    private static func capitalised(_ word: String) -> String { word.prefix(1).uppercased() + word.dropFirst() }

    private static func pick<T>(_ list: [T], _ random: inout SeededRandom) -> T {
        list[Int.random(in: 0..<list.count, using: &random)]
    }
}
