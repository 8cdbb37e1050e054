import Kernel
import Portal
import Store

/// The board of agreements: what ends when, with whom, and the money of each side.
struct AgreementBoard: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "desk.agreements", .get, "/desk/cooperation/agreements", access: .roles([.officer, .leader, .auditor]),
                summary: Bilingual("协议到期与投入", "Agreements: ends and money"), handler: board)
        ]
    }

    /// Most agreements that the board shows.
    static let most = 500

    private func board(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let today = house.today
        let found = try await house.db.read { tx in
            try RegisterStore.list(Renewals.register, RegisterFilter(state: "in-force"), limit: Self.most, tx)
        }
        let lines = found.map(AgreementLine.init).sorted { ($0.endsOn, $0.entry.number) < ($1.endsOn, $1.entry.number) }
        let file = try visit.export(
            Bilingual("合作协议", "Agreements"), AgreementLine.columns(visit.language, house.city)
        ) { last, _ in last == nil ? lines : [] }
        if let file { return file }
        let widest = Renewals(house: house).offsets(on: today).first ?? 0
        let rows = lines.map { line -> [HTML] in
            let left = line.endsOn.number - today.number
            let words =
                left < 0
                ? t("已过期 \(-left) 天", "ended \(counted(-left, "day")) ago") : t("\(left) 天", counted(left, "day"))
            let tone: Parts.Tone = left <= 30 ? .bad : left <= widest ? .warning : .good
            return [
                "<a href=\"/registers/cooperation.agreements/\(line.entry.number)\">\(line.entry.name)</a>",
                HTML(text: line.partner), HTML(text: country(line.country, t)),
                "\(line.endsOn.text(t.language)) \(Parts.badge(words, tone))",
                HTML(text: line.amounts.joined(separator: t("；", "; "))), HTML(text: line.ours?.yuanText ?? "—"),
                HTML(text: line.theirs?.yuanText ?? "—"),
            ]
        }
        let body: HTML = """
            <h1>\(t("合作协议", "Agreements"))</h1>\(visit.exports)\(Parts.table(t("合作协议", "Agreements"), [
                .init(t("协议", "Agreement")), .init(t("合作方", "Partner")), .init(t("国家（地区）", "Country")),
                .init(t("到期", "Ends")), .init(t("各方投入（原币）", "Money in its currency")),
                .init(t("中方（元）", "Ours, RMB"), numeric: true), .init(t("外方（元）", "Partner, RMB"), numeric: true),
            ], rows, empty: "<p>\(t("没有有效的协议。", "No agreement is in force."))</p>"))\
            <p>\(Parts.button(t("办理续签或终止", "Renew or end one"), to: "/desk/procedures/cooperation.renewal", .secondary))</p>
            """
        return .page(
            Page(
                title: Bilingual("合作协议", "Agreements"),
                trail: [Crumb(Bilingual("交流合作", "Cooperation"), "/desk/rooms/cooperation")], width: .desk, body: body))
    }

    private func country(_ code: String, _ t: Say) -> String { house.city.countries[code].map { t($0.name) } ?? code }
}

/// An agreement in force as the board shows it.
struct AgreementLine: Sendable {
    let entry: RegisterEntry
    let partner: String
    let country: String
    let endsOn: Day
    /// Each line as it was written: side, currency, amount and rate.
    let amounts: [String]
    let ours: Money?
    let theirs: Money?

    init(_ entry: RegisterEntry) {
        self.entry = entry
        partner = entry.content["partner"]?.string ?? ""
        country = entry.content["country"]?.string ?? ""
        endsOn = entry.content["ends-on"]?.string.flatMap { Day($0) } ?? Day(number: 0)
        amounts = (entry.content["money"]?.array ?? []).map { row in
            ["currency", "amount"].compactMap { row[$0]?.string }.joined(separator: " ")
                + (row["currency"]?.string == "CNY" ? "" : " × \(row["rate"]?.string ?? "?")")
        }
        ours = entry.content["ours"]?.integer.map(Money.init(fen:))
        theirs = entry.content["theirs"]?.integer.map(Money.init(fen:))
    }

    static func columns(_ language: Language, _ city: Jurisdiction) -> [ExportColumn<AgreementLine>] {
        [
            ExportColumn(Bilingual("编号", "Number"), text: \.entry.number),
            ExportColumn(Bilingual("协议", "Agreement"), text: \.entry.name),
            ExportColumn(Bilingual("合作方", "Partner"), text: \.partner),
            ExportColumn(
                Bilingual("国家（地区）", "Country"), text: { city.countries[$0.country]?.name[language] ?? $0.country }),
            ExportColumn(Bilingual("到期", "Ends")) { .day($0.endsOn) },
            ExportColumn(Bilingual("各方投入（原币）", "Money in its currency"), text: { $0.amounts.joined(separator: "; ") }),
            ExportColumn(Bilingual("中方（元）", "Ours, RMB")) { $0.ours.map { .money($0) } ?? .none },
            ExportColumn(Bilingual("外方（元）", "Partner, RMB")) { $0.theirs.map { .money($0) } ?? .none },
        ]
    }
}
