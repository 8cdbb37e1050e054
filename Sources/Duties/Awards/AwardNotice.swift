import Kernel
import Store

/// Notices that announce nominations: after acceptance, after the vote, and before a nomination goes to a higher level.
enum AwardNotice {
    /// At which point of a procedure cases are announced.
    enum Point: String, CaseIterable {
        case acceptance, result, upper

        var title: Bilingual {
            switch self {
            case .acceptance: Bilingual("科学技术奖受理项目公示", "Nominations accepted for the science and technology awards")
            case .result: Bilingual("科学技术奖拟奖公示", "Prizes proposed after the vote")
            case .upper: Bilingual("推荐上级科学技术奖项目公示", "Nominations for provincial and national awards")
            }
        }

        /// The parameter with the days for objections.
        var days: String { self == .upper ? "awards.upper-publicity.days" : "awards.objection.days" }
        var procedure: String { self == .upper ? "awards.upper" : "awards.nomination" }
        /// Where cases wait to be announced.
        var step: String {
            switch self {
            case .acceptance: "accepted"
            case .result: "proposed"
            case .upper: "checked"
            }
        }
    }

    /// Publishes one notice of some cases and keeps it with each.
    @discardableResult
    static func open(
        _ files: [CaseFile], at pointName: String, _ city: Jurisdiction, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws -> Notice? {
        guard let point = Point(rawValue: pointName), let first = files.first else { return nil }
        var rows: [NoticeRow] = []
        for file in files {
            let nomination = try Nomination.read(file.id, tx)
            let unit = nomination.units.first?.name ?? "—"
            let nominator = try file.organisation.flatMap { try Registry.organisation($0, tx) }
            rows.append(
                NoticeRow(
                    caseID: file.id, number: file.number,
                    title: Bilingual(
                        "\(nomination.values["title"]?.string ?? file.title.zh)（\(nomination.prize?.title.zh ?? "")\(nomination.grade.map { $0 == .none ? "" : $0.title.zh } ?? "")）",
                        "\(nomination.values["title"]?.string ?? file.title.en) (\(nomination.prize?.title.en ?? ""), \(nomination.grade?.title.en ?? ""))"
                    ),
                    organisation: nomination.units.isEmpty
                        ? nominator?.name ?? Bilingual("—", "—") : Bilingual(unit, unit),
                    person: nomination.people.joined(separator: "、"), amount: nil))
        }
        let notice = try Publicity(calendar: city.calendar, zone: city.zone, rules: city.rules).open(
            title: point.title,
            intro: Bilingual(
                "公示期内，任何单位和个人对公示项目有异议的，可实名书面提出。匿名或逾期的异议不予受理。",
                "During the publicity anybody may object in writing under their real name. Anonymous and late objections are not taken."
            ), about: "award", first.id.text, rows: rows, division: first.division, days: point.days, by: actor,
            at: now,
            tx)
        for file in files { try keep(notice.id, of: file.id, at: pointName, tx) }
        return notice
    }

    static func keep(_ notice: ID<Notice>, of file: ID<CaseFile>, at point: String, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO award_notice (case_id, point, notice) VALUES (\(file), \(point), \(notice))
            ON CONFLICT (case_id, point, notice) DO NOTHING
            """)
    }

    /// The last notice of a case at a point.
    static func last(of file: ID<CaseFile>, at point: String, _ tx: Tx) throws -> ID<Notice>? {
        try tx.first(
            "SELECT notice FROM award_notice WHERE case_id = \(file) AND point = \(point) ORDER BY notice DESC LIMIT 1"
        ) { try $0["notice"] as ID<Notice> }
    }

    /// All notices of a case, in the order in which they were published.
    static func all(of file: ID<CaseFile>, _ tx: Tx) throws -> [ID<Notice>] {
        try tx.rows("SELECT notice FROM award_notice WHERE case_id = \(file) ORDER BY notice") { try $0["notice"] }
    }
}
