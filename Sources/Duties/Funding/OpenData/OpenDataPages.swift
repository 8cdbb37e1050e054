import Kernel
import Portal
import Store

/// What the house publishes for programs to read: what it is, and the packages by day.
struct OpenDataPages: Sendable {
    let house: House

    private var data: OpenData { OpenData(house) }

    var routes: [Route] {
        [
            Route(
                "open-data", .get, "/open-data", access: .everyone, summary: Bilingual("开放数据", "Open data"),
                handler: page),
            Route(
                "open-data.index", .get, "/open-data/index.json", access: .everyone,
                summary: Bilingual("开放数据包清单", "Index of open data packages"), handler: index),
            Route(
                "open-data.package", .get, "/open-data/{file}", access: .everyone,
                summary: Bilingual("一个开放数据包", "An open data package"), handler: package),
        ]
    }

    private func place(_ visit: Visit) throws -> (day: Day, kind: String)? {
        guard let cursor = try visit.query("after").map({ try Cursor(parsing: $0, count: 2) }),
            let day = cursor.values[0].string.flatMap({ Day($0) }), let kind = cursor.values[1].string
        else { return nil }
        return (day, kind)
    }

    private func next(_ list: [OpenPackage], _ limit: Int) -> String? {
        guard list.count > limit, let last = list.prefix(limit).last else { return nil }
        return Cursor([.string(last.day.description), .string(last.kind.rawValue)]).text
    }

    private func page(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let place = try place(visit)
        let list = try await house.db.read { tx in try OpenPackage.list(before: place, limit: 31, tx) }
        let rows = list.prefix(30).map { item -> [HTML] in
            [
                HTML(text: item.day.text(t.language)), HTML(text: t(item.kind.title)),
                "<a href=\"/open-data/\(item.name)\">\(item.name)</a>", HTML(text: String(item.items)),
                HTML(text: String(item.bytes)), "<code class=\"hash\">\(item.sha256)</code>",
            ]
        }
        let pager = Parts.pager(
            next: next(list, 30).map { "/open-data?after=\($0)" }, first: place == nil ? nil : "/open-data", t)
        let body: HTML = """
            <h1>\(t("开放数据", "Open data"))</h1>\
            <p class="lead">\(t("立项、合同和拨款，按国际通用格式供任何人下载、核对和再利用。金额取自总账，与公开页面一致。", "Awards, contracts and payments in the formats the world uses, for anyone to take, check and use again. Amounts are those of the ledger."))</p>\
            \(Parts.card(t("是什么", "What it is"), Parts.facts(facts(t))))\
            \(Parts.card(t("数据包", "Packages"), Parts.table(t("数据包", "Packages"), [
                .init(t("截至", "Through")), .init(t("内容", "Content")), .init(t("文件", "File")),
                .init(t("条数", "Items"), numeric: true), .init(t("字节", "Bytes"), numeric: true), .init("SHA-256"),
            ], rows, empty: "<p>\(t("还没有数据包。第一批立项次日发布。", "No package yet: the first is made on the day after the first award."))</p>") + pager))
            """
        return .page(
            Page(
                title: Bilingual("开放数据", "Open data"),
                trail: [Crumb(Bilingual("资金去向", "Public money"), "/public-money")], width: .desk, body: body))
    }

    private func facts(_ t: Say) -> [(String, HTML)] {
        [
            (
                t("许可", "Licence"),
                "<a href=\"https://creativecommons.org/licenses/by/4.0/\">CC BY 4.0</a> \(t("可自由使用，请注明来源。", "Free to use; name the source."))"
            ),
            (
                t("格式", "Formats"),
                HTML(
                    text: t(
                        "360Giving 1.4（资助）；OCDS 1.1.5（指南、立项、合同、拨款，每次变动一条 release，从不改写）。",
                        "360Giving 1.4 for grants; OCDS 1.1.5 for calls, awards, contracts and payments: one release for every change, none ever written over."
                    ))
            ),
            (
                t("更新", "Updates"),
                HTML(
                    text: t(
                        "每日一次，只含已结束的日子；没有变化的日子没有新包。",
                        "Once a day, for days that are over; a day without changes has no package."))
            ),
            (
                t("不公布", "Left out"),
                HTML(
                    text: t(
                        "个人信息、尚在公示的建议、落选申请、涉密项目、单位账户。",
                        "Persons, proposals under publicity, applications that were not funded, confidential files, bank accounts."
                    ))
            ),
            (
                t("编号", "Identifiers"),
                "\(t("机构用统一社会信用代码", "Organisations by unified social credit code")) <code>CN-USCC-…</code>; <code>\(data.words.processPrefix)</code>, <code>360G-\(data.words.city)</code> \(t("为本局自用前缀，尚未在标准组织登记。", "are prefixes of our own, not registered with the standards' bodies."))"
            ),
            (t("清单", "Index"), "<a href=\"/open-data/index.json\">/open-data/index.json</a>"),
        ]
    }

    private func index(_ visit: Visit) async throws -> Answer {
        let place = try place(visit)
        let list = try await house.db.read { tx in try OpenPackage.list(before: place, limit: 301, tx) }
        let packages = list.prefix(300).map { item -> JSONValue in
            [
                "day": .string(item.day.description), "kind": .string(item.kind.rawValue),
                "url": .string(data.words.address("/open-data/\(item.name)")), "items": .integer(Int64(item.items)),
                "bytes": .integer(Int64(item.bytes)), "sha256": .string(item.sha256),
            ]
        }
        let more = next(list, 300).map { data.words.address("/open-data/index.json?after=\($0)") }
        return .json(
            JSONValue.members([
                "licence": .string(OpenWords.licence), "packages": .array(packages),
                "next": more.map { .string($0) },
            ]))
    }

    private func package(_ visit: Visit) async throws -> Answer {
        let name = visit.path("file")
        let found = OpenPackage.Kind.allCases.lazy.compactMap { kind -> (OpenPackage.Kind, Day)? in
            guard name.hasPrefix("\(kind.rawValue)-"), name.hasSuffix(".json") else { return nil }
            return Day(String(name.dropFirst(kind.rawValue.count + 1).dropLast(5))).map { (kind, $0) }
        }.first
        guard let (kind, day) = found,
            let package = try await house.db.read({ tx in try OpenPackage.find(kind, day, tx) })
        else { throw OpenDataError.noPackage }
        let data = data
        return .stream(type: "application/json", name: package.name) { writer in
            var held = writer
            try await data.write(kind, day: day) { try await held.write($0) }
            writer = held
        }
    }
}
