import Kernel
import Portal
import Store

/// The officer's pages beside the lists of cases: notices of many nominations, and how far a year has come.
struct AwardDesk: Sendable {
    let house: House

    private static let trail = [Crumb(Bilingual("科技奖励", "Awards"), "/desk/rooms/awards")]

    var routes: [Route] {
        [
            Route(
                "awards.notices", .get, "/desk/awards/notices", access: BallotPages.staff,
                summary: Bilingual("集中公示", "Publish together"), handler: notices),
            Route(
                "awards.notices.publish", .post, "/desk/awards/notices/{point}", access: .roles([.officer]),
                summary: Bilingual("发布公示", "Publish a notice"), handler: publish),
            Route(
                "awards.years", .get, "/desk/awards/years", access: BallotPages.staff,
                summary: Bilingual("年度奖励进展", "Years of awards"), handler: years),
            Route(
                "awards.years.show", .get, "/desk/awards/years/{number}", access: BallotPages.staff,
                summary: Bilingual("一个年度的奖励", "A year of awards"), handler: year),
        ]
    }

    // MARK: Notices

    private func notices(_ visit: Visit) async throws -> Answer { try await noticesPage(visit, nil) }

    private func noticesPage(_ visit: Visit, _ problem: String?) async throws -> Answer {
        let t = visit.say
        let waiting = try await house.db.read { tx in
            try AwardNotice.Point.allCases.map { ($0, try Worklist.at($0.procedure, $0.step, limit: 300, tx)) }
        }
        let isOfficer = visit.actor.roles.contains(.officer)
        let blocks = HTML(each: waiting) { point, files in
            let choices = files.map { (value: $0.id.text, title: "\($0.number) \(t($0.title))") }
            let body: HTML =
                files.isEmpty
                ? "<p>\(t("没有待公示的提名。", "No nominations wait for this notice."))</p>"
                : isOfficer
                    ? Fields.form(
                        SafeURL(checking: "/desk/awards/notices/\(point.rawValue)") ?? "#", token: visit.csrfToken,
                        Fields.choices(
                            .init("cases-\(point.rawValue)", t("列入公示", "On the notice")), choices,
                            chosen: choices.map(\.value), isMany: true, t),
                        buttons: Fields.submit(t("发布公示", "Publish")))
                    : "<ul>\(each: choices, { "<li>\($0.title)</li>" })</ul>"
            return Parts.card(t(point.title), body)
        }
        let body: HTML = """
            <h1>\(t("集中公示", "Publish together"))</h1>\(with: problem, { Parts.notice(.bad, $0) })\
            <p>\(t("受理后、表决后各公示一次；推荐上级奖励前另行公示。公示期满且异议答复后，提名才能继续。", "Nominations are published after acceptance and again after the vote, and before they go to a higher level. They go on when the window has closed and objections are answered."))</p>\(blocks)
            """
        return .page(
            Page(title: Bilingual("集中公示", "Publish together"), trail: Self.trail, width: .desk, body: body),
            status: problem == nil ? 200 : 422)
    }

    private func publish(_ visit: Visit) async throws -> Answer {
        guard let point = AwardNotice.Point(rawValue: visit.path("point")) else { throw RequestProblem.nothingHere }
        let chosen: [ID<CaseFile>] = visit.form.all("cases-\(point.rawValue)").map { ID($0) }
        let (procedures, city, now, actor) = (house.procedures, house.city, visit.now, visit.actor)
        let notice = try await house.db.write { tx -> Notice? in
            let files = try chosen.compactMap { try CaseStore.find($0, tx) }.filter {
                $0.procedure == point.procedure && $0.step == point.step && Policy.handles(actor, $0)
            }
            guard !files.isEmpty, files.count == chosen.count else { return nil }
            guard let notice = try AwardNotice.open(files, at: point.rawValue, city, by: actor, at: now, tx) else {
                return nil
            }
            for file in files {
                // The house does it in the officer's name: the notice itself names the officer.
                try procedures.act(
                    file.id, "publish-together",
                    answers: ["notice-id": .string(notice.id.text), "by": .string(actor.name)], as: .system, at: now,
                    in: tx)
            }
            return notice
        }
        guard let notice else {
            return try await noticesPage(visit, visit.text(Bilingual("请选择待公示的提名", "Choose nominations that wait")))
        }
        return .redirect("/notices/\(notice.number)")
    }

    // MARK: A year

    private func years(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let entries = try await house.db.read { tx in try RegisterStore.list(AwardRegister.years, limit: 50, tx) }
        let rows = entries.map { entry -> [HTML] in
            [
                "<a href=\"/desk/awards/years/\(entry.number)\">\(entry.number)</a>", HTML(text: entry.name),
                HTML(text: entry.content["opens"]?.string ?? "—"), HTML(text: entry.content["closes"]?.string ?? "—"),
            ]
        }
        let body: HTML = """
            <h1>\(t("年度奖励进展", "Years of awards"))</h1>\(Parts.table(t("年度", "Years"), [
                .init(t("编号", "Number")), .init(t("名称", "Name")), .init(t("提名开始", "Nominations from")), .init(t("提名截止", "to")),
            ], rows, empty: "<p>\(t("请先在「奖励年度」名册中登记本年度。", "Enter the year in the register of years first."))</p>"))
            """
        return .page(
            Page(title: Bilingual("年度奖励进展", "Years of awards"), trail: Self.trail, width: .desk, body: body))
    }

    private func year(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let number = visit.path("number")
        let (entry, counts, steps) = try await house.db.read { tx in
            (
                try RegisterStore.require(AwardRegister.years, number, tx), try AwardCount.of(number, tx),
                try Self.steps(number, tx)
            )
        }
        let definition = try house.procedures.newest("awards.nomination")
        let rows = (entry.content["plan"]?.array ?? []).map { line -> [HTML] in
            let prize = line["plan-prize"]?.string.flatMap(Prize.init(rawValue:))
            let grade = line["plan-grade"]?.string.flatMap(Grade.init(rawValue:))
            let given = prize.flatMap { prize in grade.map { counts[prize, $0] } } ?? 0
            let most = line["plan-most"]?.integer ?? 0
            return [
                HTML(text: prize.map { t($0.title) } ?? "—"), HTML(text: grade.map { t($0.title) } ?? "—"),
                HTML(text: String(most)), HTML(text: String(given)),
                Int64(given) > most
                    ? Parts.badge(t("超出", "Over"), .bad) : Parts.badge(t("未超出", "Within"), .good),
            ]
        }
        let ruling = try AwardLimitsRule(house.city.rules.law(on: house.today)).ruling(counts.facts, on: house.today)
        let chart = Chart.bars(
            ChartText(
                id: "award-steps", title: t("提名所在环节", "Where the nominations stand"),
                description: t("各环节的提名件数。", "Nominations at each step.")),
            steps.map { step in (label: definition.step(step.0).map { t($0.title) } ?? step.0, value: step.1) }, t)
        let body: HTML = """
            <h1>\(entry.name)</h1>\(chart)<h2>\(t("计划与已授", "Plan and prizes given"))</h2>\(Parts.table(t("计划与已授", "Plan and prizes given"), [
                .init(t("奖种", "Prize")), .init(t("等级", "Grade")), .init(t("计划上限", "Most"), numeric: true), .init(t("已授", "Given"), numeric: true), .init(t("情况", "State")),
            ], rows, empty: "<p>\(t("本年度没有设定计划数。", "The year has no plan."))</p>"))\
            <h2>\(t("法定限额", "Limits of the law"))</h2>\(RulingView.show(ruling, t))
            """
        return .page(
            Page(
                title: Bilingual(entry.name, entry.name),
                trail: Self.trail + [Crumb(Bilingual("年度奖励进展", "Years of awards"), "/desk/awards/years")], width: .desk,
                body: body))
    }

    /// How many nominations of a year stand at each step.
    static func steps(_ year: String, _ tx: Tx) throws -> [(String, Int)] {
        try tx.rows(
            """
            SELECT c.step, COUNT(*) AS n FROM case_value v JOIN case_file c ON c.id = v.case_id
            WHERE v.procedure = 'awards.nomination' AND v.field = 'year' AND v.value = \(year)
            GROUP BY c.step ORDER BY c.step
            """
        ) { (try $0["step"], try $0["n"]) }
    }

    /// Prizes that stand, by kind and grade; for the leader.
    static func summary(_ house: House, _ t: Say) async throws -> HTML {
        let rows = try await house.db.read { tx in
            try tx.rows(
                """
                SELECT p.value AS prize, g.value AS grade, COUNT(*) AS n FROM register_value p
                JOIN register_entry e ON e.id = p.entry AND e.state = 'granted'
                JOIN register_value g ON g.entry = p.entry AND g.field = 'grade'
                WHERE p.register = \(AwardRegister.honours) AND p.field = 'prize' GROUP BY p.value, g.value
                """
            ) { (try $0["prize"] as String, try $0["grade"] as String, try $0["n"] as Int) }
        }
        let grades = Grade.allCases
        let items = Prize.allCases.compactMap { prize -> (label: String, values: [Int])? in
            let values = grades.map { grade in
                rows.first { $0.0 == prize.rawValue && $0.1 == grade.rawValue }?.2 ?? 0
            }
            return values.allSatisfy { $0 == 0 } ? nil : (label: t(prize.title), values: values)
        }
        guard !items.isEmpty else { return .empty }
        return Chart.stacked(
            ChartText(
                id: "award-prizes", title: t("已授奖项（按奖种和等级）", "Prizes given, by kind and grade"),
                description: t("有效的各级奖励。", "Prizes of all levels that stand.")),
            series: grades.map { t($0.title) }, items, t)
    }
}

/// What the case page shows of a nomination: the cross-check, the conditions, notices and votes.
struct AwardPanel: Sendable {
    let house: House

    var panel: CasePanel {
        let house = house
        return { file, actor, t, _, tx in
            let nomination = try Nomination.read(file.id, tx)
            var body: HTML = .empty
            let isStaff = !actor.roles.isDisjoint(with: [.officer, .leader, .auditor, .treasurer])
            if isStaff, file.step != "draft" {
                body += Parts.card(
                    t("三张名单核查", "Check against the three lists"),
                    hits(try CrossCheck.hits(nomination, on: house.today, tx), t))
                for stored in try RulingStore.list(of: file.id, tx) where stored.ruling.rule.hasPrefix("awards.") {
                    body += Parts.card(title(stored.ruling.rule, t), RulingView.show(stored.ruling, t))
                }
            }
            let notices = try NoticeStore.all(AwardNotice.all(of: file.id, tx), tx)
            if !notices.isEmpty {
                body += Parts.card(
                    t("公示", "Publicity"),
                    HTML(each: notices) { notice in
                        "<p><a href=\"/notices/\(notice.number)\">\(t(notice.title))</a> \(notice.opensOn.text(t.language)) – \(notice.closesOn.text(t.language))</p>"
                    })
            }
            let votes = try BallotStore.items(of: file.id, tx)
            if isStaff, !votes.isEmpty {
                body += Parts.card(
                    t("表决", "Ballots"),
                    HTML(each: votes) { vote in
                        "<p><a href=\"/desk/awards/ballots/\(vote.ballot.id.text)\">\(vote.ballot.title)</a> \(verdict(vote.carried, t))</p>"
                    })
            }
            return body
        }
    }

    private func hits(_ hits: [CrossCheck.Hit], _ t: Say) -> HTML {
        hits.isEmpty
            ? "<p>\(Parts.badge(t("未列入", "Not listed"), .good)) \(t("单位不在限制申报、超期未申请验收、超期未退款名单，主要完成人不在验收不通过名单。", "No organisation is barred, overdue for acceptance or for paying back; no main contributor failed acceptance."))</p>"
            : HTML(each: hits) { hit in
                "<p>\(Parts.badge(t(CrossCheck.title(hit.list)), .bad)) \(hit.name) <a href=\"/registers/awards.lists/\(hit.number)\">\(hit.number)</a></p>"
            }
    }

    private func title(_ rule: String, _ t: Say) -> String {
        (try? house.rules.entry(rule)).map { t($0.title) } ?? rule
    }

    private func verdict(_ carried: Bool?, _ t: Say) -> HTML {
        carried.map { Parts.badge($0 ? t("通过", "Carried") : t("未通过", "Not carried"), $0 ? .good : .bad) }
            ?? Parts.badge(t("未决", "Open"), .neutral)
    }
}

extension NoticeStore {
    /// The notices with some identities.
    static func all(_ ids: [ID<Notice>], _ tx: Tx) throws -> [Notice] { try ids.compactMap { try find($0, tx) } }
}
