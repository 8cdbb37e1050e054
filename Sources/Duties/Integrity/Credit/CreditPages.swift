import Kernel
import Portal
import Store

/// Credit records: one's own, and those that the bureau asks for with a purpose that is kept.
struct CreditPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "credit.own", .get, "/credit", access: .signedIn, summary: Bilingual("我的信用记录", "My credit record"),
                handler: own),
            Route(
                "credit.desk", .get, "/desk/credit", access: .roles([.officer, .leader, .auditor]),
                summary: Bilingual("信用查询", "Credit queries"), handler: desk),
            Route(
                "credit.query", .post, "/desk/credit", access: .roles([.officer, .leader]),
                summary: Bilingual("查询信用", "Ask for a credit record"), handler: query),
            Route(
                "credit.record", .get, "/desk/credit/{id}", access: .roles([.officer, .leader, .auditor]),
                summary: Bilingual("一次查询的结果", "What a query found"), handler: record),
        ]
    }

    private static let title = Bilingual("信用查询", "Credit queries")

    private func own(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let actor = visit.actor
        let records = try await house.db.read { tx -> [CreditRecord] in
            var records: [CreditRecord] = []
            if let person = actor.person {
                records.append(try CreditStore.record(person.text, name: actor.name, tx))
            }
            let places = actor.memberships.filter {
                !$0.roles.isDisjoint(with: [.administrator, .sealHolder])
            }.map(\.organisation)
            for place in try Registry.organisations(places, tx).values.sorted(by: { $0.uscc < $1.uscc }) {
                records.append(try CreditStore.record(place.id.text, name: t(place.name), tx))
            }
            return records
        }
        let lead = t(
            "认为记录有误的，可以提出异议；符合条件的，可以申请修复。查询记录至少保存五年。",
            "Object where a record is wrong; ask for repair where its conditions are met. The log of queries is kept for at least five years."
        )
        let body: HTML = """
            <h1>\(t("我的信用记录", "My credit record"))</h1><p class="lead">\(lead)</p>\
            <p class="buttons">\(Parts.button(t("提出异议", "Object"), to: "/guides/integrity.objection", .secondary)) \
            \(Parts.button(t("申请修复", "Ask for repair"), to: "/guides/integrity.repair", .secondary))</p>\
            \(HTML(each: records) { show($0, isOwn: true, t) })\
            \(if: records.isEmpty, "<p>\(t("您的账号还没有关联人员或单位。", "Your account is not linked to a person or an organisation."))</p>")
            """
        return .page(Page(title: Bilingual("我的信用记录", "My credit record"), trail: [.work], width: .desk, body: body))
    }

    private func show(_ record: CreditRecord, isOwn: Bool, _ t: Say) -> HTML {
        let entries = record.entries.map { entry -> [HTML] in
            let register = house.registers[entry.register]
            return [
                HTML(text: register.map { t($0.title) } ?? entry.register),
                !isOwn || register?.isPublic == true
                    ? "<a href=\"/registers/\(entry.register)/\(entry.number)\">\(entry.number)</a>"
                    : HTML(text: entry.number),
                HTML(text: entry.name),
                HTML(text: register?.state(entry.state).map { t($0.title) } ?? entry.state),
            ]
        }
        let queries = record.queries.map { query -> [HTML] in
            [
                HTML(text: house.city.zone.clockText(query.at)),
                HTML(text: isOwn ? t("本局工作人员", "Bureau") : query.accountName), HTML(text: query.purpose),
            ]
        }
        let lists = Parts.table(
            t("名单", "Lists"),
            [.init(t("名单", "List")), .init(t("编号", "Number")), .init(t("事项", "Matter")), .init(t("状态", "State"))],
            entries, empty: "<p>\(t("不在名单上。", "On no list."))</p>")
        let log = Parts.table(
            t("查询记录", "Queries"), [.init(t("时间", "Time")), .init(t("查询人", "By")), .init(t("用途", "Purpose"))], queries,
            empty: "<p>\(t("没有查询记录。", "Nobody has asked."))</p>")
        let pledges = record.pledges.reversed().map { pledge -> [HTML] in
            [
                HTML(text: house.city.zone.clockText(pledge.at)), HTML(text: t(pledge.activity.title)),
                HTML(text: pledge.matter),
            ]
        }
        let signed = Parts.table(
            t("已签承诺", "Pledges"), [.init(t("时间", "Time")), .init(t("事项", "For")), .init(t("办件", "Matter"))], pledges,
            empty: "<p>\(t("还没有签署承诺。", "No pledge is signed yet."))</p>")
        return """
            <h2>\(record.name)</h2>\(Parts.card(t("限制措施", "Bars"), BarView.history(record.bars, on: house.today, t)))\
            \(Parts.card(t("名单", "Lists"), lists))\(Parts.card(t("已签承诺", "Pledges"), signed))\(Parts.card(t("查询记录", "Queries"), log))
            """
    }

    private func desk(_ visit: Visit) async throws -> Answer { try await desk(visit, []) }

    private func desk(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let before = visit.query("before")
        let log = try await house.db.read { tx in try CreditStore.log(before: before, limit: 51, tx) }
        let rows = log.prefix(50).map { query -> [HTML] in
            [
                HTML(text: house.city.zone.clockText(query.at)), HTML(text: query.subjectName),
                HTML(text: query.accountName), HTML(text: query.purpose),
            ]
        }
        let fields: HTML = """
            \(Fields.input(.init("code", t("统一社会信用代码或 ORCID", "Credit code or ORCID"), required: true), value: visit.form["code"] ?? "", problem: Fields.problem("code", problems, t), t))\
            \(Fields.input(.init("purpose", t("查询用途", "Purpose"), required: true), value: visit.form["purpose"] ?? "", problem: Fields.problem("purpose", problems, t), isWide: true, t))
            """
        let form = Fields.form(
            "/desk/credit", token: visit.csrfToken, fields,
            buttons: Fields.submit(t("查询并留痕", "Ask, and note that I did")))
        let table = Parts.table(
            t("查询记录", "Log of queries"),
            [.init(t("时间", "Time")), .init(t("对象", "Subject")), .init(t("查询人", "By")), .init(t("用途", "Purpose"))],
            Array(rows), empty: "<p>\(t("还没有查询。", "Nobody has asked yet."))</p>")
        let next: SafeURL? = log.count > 50 ? log.prefix(50).last.map { "/desk/credit?before=\($0.id)" } : nil
        let body: HTML = """
            <h1>\(t(Self.title))</h1>\(Parts.errors(problems, t))\(Parts.card(nil, form))\
            \(Parts.card(t("查询记录", "Log of queries"), "\(table)\(Parts.pager(next: next, first: before == nil ? nil : "/desk/credit", t))"))
            """
        return .page(
            Page(title: Self.title, trail: [.desk], width: .desk, body: body),
            status: problems.isEmpty ? 200 : 422)
    }

    private func query(_ visit: Visit) async throws -> Answer {
        let actor = visit.actor
        let (code, purpose) = (visit.form["code"] ?? "", visit.form["purpose"] ?? "")
        let now = house.clock.now()
        var problems: [FieldProblem] = []
        if purpose.isEmpty || purpose.count > 200 {
            problems.append(
                FieldProblem(
                    field: "purpose", code: "credit.purpose",
                    message: Bilingual("请说明用途（不超过 200 字）", "Say what for, in at most 200 characters")))
        }
        let found = try await house.db.read { tx in try CreditStore.subject(code, tx) }
        if found == nil {
            problems.append(
                FieldProblem(
                    field: "code", code: "credit.code",
                    message: Bilingual("主体库中没有这个代码的单位或个人", "Nobody on file has this code")))
        }
        guard problems.isEmpty, let found else { return try await desk(visit, problems) }
        let id = try await house.db.write { tx in
            try CreditStore.log(found, purpose: purpose, by: actor, at: now, tx)
        }
        return .redirect("/desk/credit/\(id)")
    }

    private func record(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let actor = visit.actor
        let id = visit.path("id")
        let record = try await house.db.read { tx -> CreditRecord in
            // A query answers whoever asked; another person asks anew.
            guard let query = try CreditStore.query(id, tx), query.account == actor.account else {
                throw RegistryError.unknown
            }
            return try CreditStore.record(query.subject, name: query.subjectName, tx)
        }
        return .page(
            Page(
                title: Self.title, trail: [.desk, Crumb(Self.title, "/desk/credit")], width: .desk,
                body: "<h1>\(t("信用记录", "Credit record"))</h1>\(show(record, isOwn: false, t))"))
    }
}
