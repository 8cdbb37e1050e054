import Kernel
import Portal
import Store

/// The officers' list of contracts with the national export, what is there twice, the contracts of other registrars,
/// and the statistics.
struct ContractDesk: Sendable {
    let house: House

    private static let staff: RouteAccess = .roles([.officer, .leader, .auditor])

    var routes: [Route] {
        [
            Route(
                "desk.contracts", .get, "/desk/transfer/contracts", access: Self.staff,
                summary: Bilingual("技术合同", "Technology contracts"), handler: list),
            Route(
                "desk.contracts.doubles", .get, "/desk/transfer/doubles", access: Self.staff,
                summary: Bilingual("疑似重复登记", "Contracts registered twice"), handler: doubles),
            Route(
                "desk.contracts.outside", .get, "/desk/transfer/outside", access: .roles([.officer]),
                summary: Bilingual("导入其他机构登记的合同", "Contracts of other registrars"), handler: outside),
            Route(
                "desk.contracts.import", .post, "/desk/transfer/outside", access: .roles([.officer]),
                summary: Bilingual("保存其他机构登记的合同", "Keep contracts of other registrars"), handler: keep),
            Route(
                "desk.contracts.statistics", .get, "/desk/transfer/statistics", access: Self.staff,
                summary: Bilingual("技术合同统计", "Statistics of contracts"), handler: statistics),
        ]
    }

    private static let trail = [Crumb(Bilingual("成果转化", "Technology transfer"), "/desk/rooms/transfer")]

    private func form() throws -> Form {
        try house.procedures.newest("transfer.contract").form ?? Form(sections: [])
    }

    static func filter(_ query: (String) -> String?) -> ContractStore.Filter {
        func given(_ name: String) -> String? { query(name).flatMap { $0.isEmpty ? nil : $0 } }
        return ContractStore.Filter(
            state: given("state").flatMap(Contract.State.init(rawValue:)),
            kind: given("kind").flatMap(ContractKind.init(rawValue:)), field: given("field"),
            registrar: given("registrar"), from: given("from").flatMap { Day($0) }, to: given("to").flatMap { Day($0) })
    }

    private func list(_ visit: Visit) async throws -> Answer {
        try TransferDesk.check(visit.actor)
        let t = visit.say
        let form = try form()
        let filter = Self.filter { visit.query($0) }
        let db = house.db
        let name = Bilingual("技术合同登记表", "National list of technology contracts")
        let columns = NationalList.columns(form, visit.language, house.city.countries)
        let file = try visit.export(name, columns) { last, limit in
            try await db.read { tx in try ContractStore.list(filter, before: last?.id, limit: limit, tx) }
        }
        if let file { return file }
        let before = visit.query("before")
        let found = try await db.read { tx in try ContractStore.list(filter, before: before, limit: 51, tx) }
        let kept = visit.query.filter { !["before", "format"].contains($0.name) }.map {
            "\(SafeURL.encode($0.name))=\(SafeURL.encode($0.value))"
        }.joined(separator: "&")
        let last = found.count > 50 ? found.prefix(50).last : nil
        let next = last.flatMap { SafeURL(checking: "/desk/transfer/contracts?\(kept)&before=\($0.id)") }
        let body: HTML = """
            <h1>\(t("技术合同", "Technology contracts"))</h1>\(filters(filter, form, t))\(visit.exports)\
            \(Self.table(Array(found.prefix(50)), form, t, empty: t("没有符合条件的合同。", "No contract fits.")))\
            \(Parts.pager(next: next, first: before == nil ? nil : "/desk/transfer/contracts", t))
            """
        return .page(Page(title: name, trail: Self.trail, width: .desk, body: body))
    }

    private func filters(_ filter: ContractStore.Filter, _ form: Form, _ t: Say) -> HTML {
        let all = t("全部", "All")
        let fields: HTML = """
            \(Fields.select(.init("state", t("状态", "State")), Contract.State.allCases.map { ($0.rawValue, t($0.title)) }, value: filter.state?.rawValue, none: all, t))\
            \(Fields.select(.init("kind", t("类型", "Kind")), ContractKind.allCases.map { ($0.rawValue, t($0.title)) }, value: filter.kind?.rawValue, none: all, t))\
            \(Fields.select(.init("field", t("技术领域", "Field")), (form.field("field")?.options ?? []).map { ($0.value, t($0.label)) }, value: filter.field, none: all, t))\
            \(Fields.input(.init("from", t("登记日期起", "Registered from")), type: "date", value: filter.from?.description ?? "", t))\
            \(Fields.input(.init("to", t("登记日期止", "Registered until")), type: "date", value: filter.to?.description ?? "", t))
            """
        return Fields.filters("/desk/transfer/contracts", fields, t)
    }

    static func table(_ items: [Contract], _ form: Form, _ t: Say, empty: String) -> HTML {
        Parts.table(
            t("技术合同", "Technology contracts"),
            [
                .init(t("登记号", "Number")), .init(t("项目", "Project")), .init(t("类型", "Kind")),
                .init(t("卖方 → 买方", "Seller → buyer")), .init(t("成交额（元）", "Total, RMB"), numeric: true),
                .init(t("技术交易额（元）", "Technical, RMB"), numeric: true), .init(t("登记机构", "Registrar")),
                .init(t("状态", "State")),
            ],
            items.map { item in
                let name: HTML =
                    item.caseID.map { "<a href=\"/cases/\($0.text)\">\(item.name)</a>" } ?? HTML(text: item.name)
                return [
                    HTML(text: item.number ?? "—"), name, HTML(text: t(item.kind.title)),
                    HTML(text: "\(item.seller) → \(item.buyer)"), HTML(text: item.total.yuanText),
                    HTML(text: item.technical.yuanText), HTML(text: item.registrar),
                    Parts.badge(t(item.state.title), tone(item.state)),
                ]
            }, empty: "<p>\(empty)</p>")
    }

    private static func tone(_ state: Contract.State) -> Parts.Tone {
        switch state {
        case .registered: .good
        case .refused: .bad
        case .filed: .info
        case .withdrawn, .cancelled, .outside: .neutral
        }
    }

    private func doubles(_ visit: Visit) async throws -> Answer {
        try TransferDesk.check(visit.actor)
        let t = visit.say
        let form = try form()
        let found = try await house.db.read { tx in try ContractStore.doubles(limit: 200, tx) }
        let body: HTML = """
            <h1>\(t("疑似重复登记", "Contracts registered twice"))</h1>\
            <p class="lead">\(t("双方、项目和金额相同的合同，跨登记机构比对；相邻行为一组。", "Contracts with the same parties, subject and total at any registrar; rows beside each other belong together."))</p>\
            \(Self.table(found, form, t, empty: t("没有疑似重复的合同。", "There are none.")))
            """
        return .page(
            Page(
                title: Bilingual("疑似重复登记", "Contracts registered twice"), trail: Self.trail, width: .desk, body: body))
    }
}

// MARK: Contracts of other registrars

extension ContractDesk {
    private func outside(_ visit: Visit) async throws -> Answer {
        try TransferDesk.check(visit.actor)
        return importPage(visit, "", []).withProblems([])
    }

    private func importPage(_ visit: Visit, _ typed: String, _ problems: [FieldProblem], added: Int? = nil) -> Page {
        let t = visit.say
        let hint = t(
            "每行八列：登记号,登记机构,项目,类型,卖方,买方,金额（元）,签订日期；类型可写 技术开发、技术转让、技术许可、技术咨询、技术服务。",
            "Eight cells a line: number,registrar,project,kind,seller,buyer,total in RMB,day of signing.")
        let field = Fields.textarea(
            .init("lines", t("合同", "Contracts"), hint: hint), value: typed, rows: 12,
            problem: problems.isEmpty ? nil : t("请改正", "Mend it"), t)
        let done = added.map {
            Parts.notice(
                .good, t("新增 \($0) 份合同。", "\(counted($0, "contract was", "contracts were")) added."),
                "<p><a href=\"/desk/transfer/doubles\">\(t("查看疑似重复", "See what is there twice"))</a></p>")
        }
        let body: HTML = """
            <h1>\(t("导入其他机构登记的合同", "Contracts of other registrars"))</h1>\(done ?? .empty)\(Parts.errors(problems, t))\
            \(Fields.form("/desk/transfer/outside", token: visit.csrfToken, field, buttons: Fields.submit(t("导入", "Import"))))
            """
        return Page(
            title: Bilingual("导入其他机构登记的合同", "Contracts of other registrars"), trail: Self.trail, width: .desk,
            body: body)
    }

    private func keep(_ visit: Visit) async throws -> Answer {
        try TransferDesk.check(visit.actor)
        let typed = visit.form["lines"] ?? ""
        let (actor, now) = (visit.actor, house.clock.now())
        do {
            let lines = try OutsideContracts.read(typed)
            let added = try await house.db.write { tx in try OutsideContracts.add(lines, by: actor, at: now, tx) }
            return importPage(visit, "", [], added: added).withProblems([])
        } catch let problem as ProcedureError {
            return importPage(visit, typed, problem.fields).withProblems(problem.fields)
        }
    }
}

// MARK: Statistics

extension ContractDesk {
    private func statistics(_ visit: Visit) async throws -> Answer {
        try TransferDesk.check(visit.actor)
        let t = visit.say
        let year = house.today.parts.year
        let from = visit.query("from").flatMap { Day($0) } ?? Day("\(year)-01-01") ?? house.today
        let to = visit.query("to").flatMap { Day($0) } ?? house.today
        let sums = try await house.db.read { tx in try ContractStore.sums(from: from, to: to, tx) }
        let form = try form()
        let columns: [ExportColumn<ContractStore.Sum>] = [
            ExportColumn(Bilingual("月份", "Month"), text: \.month),
            ExportColumn(Bilingual("类型", "Kind"), text: { $0.kind.title[visit.language] }),
            ExportColumn(
                Bilingual("技术领域", "Field"),
                text: { NationalList.label(form, "field", .string($0.field), visit.language) }),
            ExportColumn(Bilingual("项数", "Contracts")) { .number(Int64($0.count)) },
            ExportColumn(Bilingual("成交额（元）", "Total, RMB")) { .money($0.total) },
            ExportColumn(Bilingual("技术交易额（元）", "Technical amount, RMB")) { .money($0.technical) },
        ]
        let file = try visit.export(Bilingual("技术合同统计", "Statistics of contracts"), columns) { last, _ in
            last == nil ? sums : []
        }
        if let file { return file }
        let range: HTML = """
            \(Fields.input(.init("from", t("登记日期起", "Registered from")), type: "date", value: from.description, t))\
            \(Fields.input(.init("to", t("登记日期止", "Registered until")), type: "date", value: to.description, t))
            """
        let body: HTML = """
            <h1>\(t("技术合同统计", "Statistics of contracts"))</h1>\(Fields.filters("/desk/transfer/statistics", range, t))\(visit.exports)\
            <div class="charts">\(ContractCharts.draw(sums, form, t))</div>\
            <p><a href="/desk/transfer/contracts?state=registered&amp;from=\(from.description)&amp;to=\(to.description)">\(t("逐项清单和全国登记表导出", "List and national export"))</a></p>
            """
        return .page(
            Page(title: Bilingual("技术合同统计", "Statistics of contracts"), trail: Self.trail, width: .desk, body: body))
    }
}

/// Charts of registered contracts.
enum ContractCharts {
    static func draw(_ sums: [ContractStore.Sum], _ form: Form, _ t: Say) -> HTML {
        let months = Array(Set(sums.map(\.month))).sorted()
        func tenThousand(_ list: some Sequence<ContractStore.Sum>, _ read: (ContractStore.Sum) -> Money) -> Int {
            Int(Money.sum(list.map(read)).fen / 1_000_000)
        }
        let lines = Chart.lines(
            ChartText(
                id: "contracts-months", title: t("按月登记金额", "Registered amounts by month"),
                description: t("每月登记合同的成交额和技术交易额。", "Total and technical amount of the contracts of each month."),
                unit: t("万元", "RMB 10,000")), points: months,
            series: [
                (t("成交额", "Total"), months.map { month in tenThousand(sums.filter { $0.month == month }, \.total) }),
                (
                    t("技术交易额", "Technical amount"),
                    months.map { month in tenThousand(sums.filter { $0.month == month }, \.technical) }
                ),
            ], t)
        let kinds = ContractKind.allCases.map { kind in
            (label: t(kind.title), value: sums.filter { $0.kind == kind }.reduce(0) { $0 + $1.count })
        }.filter { $0.value > 0 }
        let fields = (form.field("field")?.options ?? []).map { option in
            (label: t(option.label), value: tenThousand(sums.filter { $0.field == option.value }, \.technical))
        }.filter { $0.value > 0 }.sorted { $0.value > $1.value }
        return """
            \(lines)\(Chart.bars(ChartText(id: "contracts-kinds", title: t("按类型", "By kind"), description: t("各类登记合同的项数。", "Registered contracts of each kind."), unit: t("项", "contracts")), kinds, t))\
            \(Chart.bars(ChartText(id: "contracts-fields", title: t("按技术领域", "By field"), description: t("各领域的技术交易额。", "Technical amount of each field."), unit: t("万元", "RMB 10,000")), fields, t))
            """
    }
}

/// Contracts and financing needs hold secrets of firms: officers of other divisions do not see them.
enum TransferDesk {
    /// - Throws: ``AccessError/otherDivision``.
    static func check(_ actor: Actor) throws(AccessError) {
        guard let own = actor.division, own != Transfer.room?.division,
            actor.roles.isDisjoint(with: [.leader, .auditor])
        else { return }
        throw .otherDivision
    }
}
