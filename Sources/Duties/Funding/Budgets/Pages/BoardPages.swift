import Kernel
import Ledger
import Portal
import Store

/// The budget board: appropriated, reserved, committed, paid, spent and left; by programme, month, district and field.
struct BoardPages: Sendable {
    let house: House

    /// By what the board is cut.
    enum Cut: String, CaseIterable, Sendable {
        case programme, month, district, field

        var name: Bilingual {
            switch self {
            case .programme: Bilingual("按专项", "By programme")
            case .month: Bilingual("按月份", "By month")
            case .district: Bilingual("按区", "By district")
            case .field: Bilingual("按领域", "By field")
            }
        }

        /// What each line of the board is.
        var line: Bilingual {
            switch self {
            case .programme: Bilingual("专项", "Programme")
            case .month: Bilingual("月份", "Month")
            case .district: Bilingual("区", "District")
            case .field: Bilingual("领域", "Field")
            }
        }
    }

    var routes: [Route] {
        [
            Route(
                "ledger.board", .get, "/ledger", access: CallDesk.staff, summary: Bilingual("资金总表", "Budget board"),
                handler: show)
        ]
    }

    static let title = Bilingual("资金总表", "Budget board")

    /// What one page of the board reads, in a constant number of queries.
    struct Model: Sendable {
        let year: Int
        let years: [Int]
        let lines: [BoardLine]
        let months: [MonthSum]
        let programmes: [Programme]
        let parts: [BoardPart]
        let madeAt: Instant?
        let ends: YearEndMoves

        static func load(_ year: Int, _ cut: Cut, _ tx: Tx) throws -> Model {
            let months = try MonthSums.of(year: year, tx)
            var parts: (parts: [BoardPart], madeAt: Instant?) = ([], nil)
            if let dimension = BoardPart.Dimension(rawValue: cut.rawValue) {
                parts = try BoardParts.list(dimension, year: year, tx)
            }
            return Model(
                year: year, years: try Board.years(tx), lines: try Board.lines(months, year: year, tx),
                months: months, programmes: try ProgrammeStore.all(tx), parts: parts.parts, madeAt: parts.madeAt,
                ends: try YearEndMoves.of(year: year, tx))
        }

        /// All programmes that have or had money in the year.
        var programmeLines: [(code: String, name: Bilingual, figures: BoardFigures)] {
            let names = Dictionary(
                programmes.map { (LedgerAccount.code($0.code), $0.name) }, uniquingKeysWith: { first, _ in first })
            return lines.filter { !$0.programme.isEmpty }.map {
                ($0.programme, names[$0.programme] ?? Bilingual($0.programme, $0.programme), BoardFigures($0))
            }
        }

        var total: BoardFigures { programmeLines.map(\.figures).reduce(BoardFigures(), +) }

        /// All that sources granted for the year. With what was carried over into it, it is what lies in calls and
        /// projects, is left or not given out, and what left the year at its end.
        var granted: Money { BoardMonth.granted(months, lapsed: ends.lapsed()) }

        /// Granted or carried over, and not given to a programme yet.
        var notGiven: Money { Money.sum(months.filter { $0.kind == .appropriation }.map(\.balance)) }
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let current = house.today.parts.year
        let year =
            visit.query("year").flatMap(Int.init).flatMap { (2_000...2_100).contains($0) ? $0 : nil } ?? current
        let cut = visit.query("by").flatMap(Cut.init(rawValue:)) ?? .programme
        let db = house.db
        let view = BoardView(city: house.city)
        let file = try visit.export(
            Bilingual("\(year) 年资金总表", "Budget board of \(year)"), BoardView.columns(cut, visit.language)
        ) { last, _ in
            guard last == nil else { return [] }
            return view.rows(try await db.read { tx in try Model.load(year, cut, tx) }, cut)
        }
        if let file { return file }
        let model = try await db.read { tx in try Model.load(year, cut, tx) }
        let years = Set(model.years + [current]).sorted(by: >).prefix(8).map {
            (String($0), "/ledger?year=\(String($0))&by=\(cut.rawValue)" as SafeURL, $0 == year)
        }
        let cuts = Cut.allCases.map {
            (t($0.name), "/ledger?year=\(String(year))&by=\($0.rawValue)" as SafeURL, $0 == cut)
        }
        let body: HTML = """
            <h1>\(t("\(year) 年资金总表", "Public money of \(year)"))</h1>\(Parts.tabs(t("预算年度", "Budget year"), Array(years)))\
            \(view.tiles(model, t))\(Parts.tabs(t("分类", "Cut"), cuts))\(visit.exports)\(view.content(model, cut, links: true, t))\
            \(view.words(t))
            """
        return .page(Page(title: BoardPages.title, trail: [CallDesk.crumb], width: .desk, body: body))
    }
}

/// The board for everybody: programmes and months without what is only proposed, and no way into single accounts.
struct PublicBoard: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "budget.board", .get, "/budget", access: .everyone,
                summary: Bilingual("科技专项资金总表", "Public money for science, by programme"), handler: show)
        ]
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let current = house.today.parts.year
        let year =
            visit.query("year").flatMap(Int.init).flatMap { (2_000...current).contains($0) ? $0 : nil } ?? current
        let cut = visit.query("by").flatMap(BoardPages.Cut.init(rawValue:)) ?? .programme
        let db = house.db
        let view = BoardView(city: house.city, isPublic: true)
        let file = try visit.export(
            Bilingual("\(year) 年科技专项资金", "Public money for science in \(year)"),
            BoardView.columns(cut, visit.language)
        ) { last, _ in
            guard last == nil else { return [] }
            return view.rows(try await db.read { tx in try BoardPages.Model.load(year, cut, tx) }, cut)
        }
        if let file { return file }
        let model = try await db.read { tx in try BoardPages.Model.load(year, cut, tx) }
        let years = Set(model.years.filter { $0 <= current } + [current]).sorted(by: >).prefix(8).map {
            (String($0), "/budget?year=\(String($0))&by=\(cut.rawValue)" as SafeURL, $0 == year)
        }
        let cuts = BoardPages.Cut.allCases.map {
            (t($0.name), "/budget?year=\(String(year))&by=\($0.rawValue)" as SafeURL, $0 == cut)
        }
        let title = Bilingual("科技专项资金总表", "Public money for science")
        let body: HTML = """
            <h1>\(t("\(year) 年科技专项资金", "Public money for science in \(year)"))</h1>\(Parts.tabs(t("预算年度", "Budget year"), Array(years)))\
            \(view.tiles(model, t))\(Parts.tabs(t("分类", "Cut"), cuts))\(visit.exports)\(view.content(model, cut, links: false, t))\
            \(view.words(t))<p><a href="/performance">\(t("绩效评价结果", "Performance of programmes"))</a> · <a href="/projects">\(t("资助项目", "Funded projects"))</a></p>
            """
        return .page(Page(title: title, width: .desk, body: body))
    }
}
