import Kernel
import Ledger
import Portal
import Store

/// What the city gave, for everybody: sums by programme, year, district, field and host, down to a project's trail.
struct PublicMoneyPages: Sendable {
    let house: House

    /// By what sums are made.
    enum Cut: String, CaseIterable {
        case programme, year, district, field, host

        var title: Bilingual {
            switch self {
            case .programme: Bilingual("科技计划", "Programme")
            case .year: Bilingual("年度", "Year")
            case .district: Bilingual("区", "District")
            case .field: Bilingual("领域", "Field")
            case .host: Bilingual("承担单位", "Host")
            }
        }

        var column: SQL {
            switch self {
            case .programme: "g.code"
            case .year: "CAST(p.year AS TEXT)"
            // 登记管理机关行政区划码: the third to eighth character of the code of the awardee.
            case .district: "COALESCE(substr(o.uscc, 3, 6), '')"
            case .field: "p.field"
            case .host: "COALESCE(o.uscc, '')"
            }
        }
    }

    /// The money of one part.
    struct Part: Sendable {
        let key: String
        let name: Bilingual
        let projects: Int
        let awarded: Money
        let paid: Money
        let returned: Money
    }

    var routes: [Route] {
        [
            Route(
                "public-money", .get, "/public-money", access: .everyone,
                summary: Bilingual("资金去向", "Public money"), handler: page)
        ]
    }

    private static let title = Bilingual("资金去向", "Public money")

    /// Sums of awards in effect, the largest first, after one.
    /// - Parameters:
    ///   - year: nil for all years.
    ///   - programme: its code; nil for all.
    static func parts(
        _ cut: Cut, year: Int?, programme: String?, after: (awarded: Money, key: String)? = nil, limit: Int, _ tx: Tx
    ) throws -> [Part] {
        var conditions: [SQL] = ["f.audience IS NULL"]
        if let year { conditions.append("p.year = \(year)") }
        if let programme { conditions.append("g.code = \(programme)") }
        func station(_ kind: AccountKind) -> SQL {
            "CAST(COALESCE(SUM(CASE WHEN a.kind = \(kind) THEN a.in_fen ELSE 0 END), 0) AS BIGINT)"
        }
        let edge: SQL =
            after.map { "WHERE q.awarded < \($0.awarded) OR (q.awarded = \($0.awarded) AND q.part > \($0.key))" } ?? ""
        return try tx.rows(
            """
            SELECT * FROM (SELECT \(cut.column) AS part, MIN(g.name_zh) AS programme_zh, MIN(g.name_en) AS programme_en,
                MIN(p.organisation_zh) AS host_zh, MIN(p.organisation_en) AS host_en,
                COUNT(DISTINCT p.case_id) AS projects, \(station(.commitment)) AS awarded, \(station(.paid)) AS paid,
                \(station(.returned)) AS returned
            FROM project p JOIN case_file f ON f.id = p.case_id JOIN programme g ON g.id = p.programme
                JOIN ledger_account a ON a.project = LOWER(p.number) LEFT JOIN organisation o ON o.id = p.organisation
            WHERE \(SQL.join(conditions, separator: " AND "))
            GROUP BY \(cut.column)) AS q \(edge) ORDER BY q.awarded DESC, q.part LIMIT \(limit)
            """
        ) { row in
            let key: String = try row["part"]
            let name: Bilingual =
                switch cut {
                case .programme: Bilingual(try row["programme_zh"], try row["programme_en"])
                case .host: Bilingual(try row["host_zh"], try row["host_en"])
                default: Bilingual(key, key)
                }
            return Part(
                key: key, name: name, projects: try row["projects"], awarded: try row["awarded"], paid: try row["paid"],
                returned: try row["returned"])
        }
    }

    private func name(_ part: Part, _ cut: Cut) -> Bilingual {
        switch cut {
        case .district where part.key.isEmpty: Bilingual("未登记", "Not known")
        case .district: house.city.district(part.key)
        case .field where part.key.isEmpty: Bilingual("不限领域", "Any field")
        case .field: Disciplines.name(part.key)
        default: part.name
        }
    }

    private func page(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let cut = visit.query("by").flatMap(Cut.init(rawValue:)) ?? .programme
        let year = visit.query("year").flatMap(Int.init)
        let programme = visit.query("programme").flatMap { $0.isEmpty ? nil : $0 }
        let after = visit.query("after").flatMap { edge -> (awarded: Money, key: String)? in
            let words = edge.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard words.count == 2, let fen = Int64(words[0]) else { return nil }
            return (Money(fen: fen), words[1])
        }
        let db = house.db
        let file = try visit.export(PublicMoneyPages.title, columns(cut, visit.language)) { last, limit in
            let edge = last.map { ($0.awarded, $0.key) }
            return try await db.read { tx in
                try PublicMoneyPages.parts(cut, year: year, programme: programme, after: edge, limit: limit, tx)
            }
        }
        if let file { return file }
        let (parts, total, years, programmes) = try await house.db.read { tx in
            (
                try PublicMoneyPages.parts(cut, year: year, programme: programme, after: after, limit: 51, tx),
                try PublicMoneyPages.parts(.year, year: year, programme: programme, limit: 100, tx),
                try Board.years(tx), try ProgrammeStore.all(tx)
            )
        }
        let shown = parts.prefix(50)
        let rows = shown.map { part -> [HTML] in
            [
                link(part, cut, year, programme, t), HTML(text: String(part.projects)),
                HTML(text: part.awarded.yuanText), HTML(text: part.paid.yuanText), HTML(text: part.returned.yuanText),
            ]
        }
        let chart = Chart.bars(
            ChartText(
                id: "money", title: t("立项金额", "Awarded"),
                description: t("各项立项金额，由大到小。", "What was awarded to each, the largest first."),
                unit: t("万元", "RMB 10,000")),
            shown.prefix(15).map { (t(name($0, cut)), Int($0.awarded.fen / 1_000_000)) }, t)
        let kept = "by=\(cut.rawValue)&year=\(year.map(String.init) ?? "")&programme=\(programme ?? "")"
        let next =
            parts.count > 50
            ? shown.last.flatMap { SafeURL(checking: "/public-money?\(kept)&after=\($0.awarded.fen)-\($0.key)") } : nil
        let body: HTML = """
            <h1>\(t(PublicMoneyPages.title))</h1><p class="lead">\(t("市级科技资金给了谁、给了多少、付了多少。金额取自总账，可以一直查到每个项目的立项、合同和拨款。", "To whom the city gave money for science, how much, and what was paid. Amounts are those of the ledger, down to each project's award, contract and payments."))</p>\
            \(Parts.tiles([
                (String(total.reduce(0) { $0 + $1.projects }), t("项目", "Projects"), "/projects"),
                (Money.sum(total.map(\.awarded)).tenThousandText, t("立项（万元）", "Awarded (RMB 10,000)"), nil),
                (Money.sum(total.map(\.paid)).tenThousandText, t("已拨付（万元）", "Paid (RMB 10,000)"), nil),
                (Money.sum(total.map(\.returned)).tenThousandText, t("已退回（万元）", "Paid back (RMB 10,000)"), nil),
            ]))\(Fields.filters("/public-money", filters(cut, year, programme, years, programmes, t), t))\(visit.exports)\(chart)\(Parts.table(t(PublicMoneyPages.title), [
                .init(t(cut.title)), .init(t("项目", "Projects"), numeric: true), .init(t("立项（元）", "Awarded (yuan)"), numeric: true),
                .init(t("已拨付（元）", "Paid (yuan)"), numeric: true), .init(t("已退回（元）", "Paid back (yuan)"), numeric: true),
            ], Array(rows), empty: "<p>\(t("还没有立项。", "Nothing was awarded yet."))</p>"))\
            \(Parts.pager(next: next, first: after == nil ? nil : SafeURL(checking: "/public-money?\(kept)"), t))\
            <p><a href="/projects">\(t("全部资助项目", "All funded projects"))</a> · <a href="/open-data">\(t("开放数据下载", "Open data"))</a></p>
            """
        return .page(Page(title: PublicMoneyPages.title, width: .desk, body: body))
    }

    private func filters(
        _ cut: Cut, _ year: Int?, _ programme: String?, _ years: [Int], _ programmes: [Programme], _ t: Say
    ) -> HTML {
        """
        \(Fields.select(.init("by", t("按", "By")), Cut.allCases.map { ($0.rawValue, t($0.title)) }, value: cut.rawValue, t))\
        \(Fields.select(.init("year", t("年度", "Year")), years.map { (String($0), String($0)) }, value: year.map(String.init), none: t("全部", "All"), t))\
        \(Fields.select(.init("programme", t("科技计划", "Programme")), programmes.map { ($0.code, t($0.name)) }, value: programme, none: t("全部", "All"), t))
        """
    }

    private func columns(_ cut: Cut, _ language: Language) -> [ExportColumn<Part>] {
        [
            ExportColumn(cut.title, text: { name($0, cut)[language] }),
            ExportColumn(Bilingual("项目", "Projects")) { .number(Int64($0.projects)) },
            ExportColumn(Bilingual("立项（元）", "Awarded (yuan)")) { .money($0.awarded) },
            ExportColumn(Bilingual("已拨付（元）", "Paid (yuan)")) { .money($0.paid) },
            ExportColumn(Bilingual("已退回（元）", "Paid back (yuan)")) { .money($0.returned) },
        ]
    }

    private func link(_ part: Part, _ cut: Cut, _ year: Int?, _ programme: String?, _ t: Say) -> HTML {
        let shown = t(name(part, cut))
        let address: String? =
            switch cut {
            case .programme: "/projects?year=\(year.map(String.init) ?? "")&programme=\(part.key)"
            case .year: "/projects?year=\(part.key)&programme=\(programme ?? "")"
            default: nil
            }
        return address.flatMap { SafeURL(checking: $0) }.map { "<a href=\"\($0)\">\(shown)</a>" } ?? HTML(text: shown)
    }

    /// A project's money as everybody may follow it.
    static func card(_ award: PublicAward, _ actor: Actor, _ t: Say) -> HTML {
        let rows = award.moves.compactMap { move -> [HTML]? in
            let (what, amount): (Bilingual, Money)
            switch move.meaning {
            case .awarded(let value): (what, amount) = (Bilingual("立项", "Awarded"), value)
            case .signed(let value): (what, amount) = (Bilingual("合同签订", "Contract signed"), value)
            case .paid(let value) where value < .zero:
                (what, amount) = (Bilingual("银行退回", "Came back from the bank"), value)
            case .paid(let value): (what, amount) = (Bilingual("拨付", "Paid"), value)
            case .returned(let value): (what, amount) = (Bilingual("退回财政", "Paid back"), value)
            case .freed(let value, _): (what, amount) = (Bilingual("不再拨付", "Not paid any more"), value)
            case nil: return nil
            }
            return [HTML(text: move.day.text(t.language)), HTML(text: t(what)), HTML(text: amount.yuanText)]
        }
        let notice: HTML =
            award.decided.notice.map {
                "<p>\(t("立项依据：公示", "Awarded after notice")) <a href=\"/notices/\($0)\">\($0)</a></p>"
            } ?? .empty
        let trail: HTML =
            actor.roles.isDisjoint(with: [.auditor, .leader])
            ? .empty
            : "<p>\(Parts.button(t("资金轨迹", "Trail of money"), to: "/audit/trail?for=\(award.project.number)", .secondary))</p>"
        let table = Parts.table(
            t("资金", "Money"),
            [
                .init(t("日期", "Day")), .init(t("事项", "What")), .init(t("金额（元）", "Amount (yuan)"), numeric: true),
            ], rows, empty: "—")
        return Parts.card(t("资金", "Money"), "\(notice)\(table)\(trail)")
    }
}
