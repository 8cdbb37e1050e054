import Kernel
import Portal
import Store

/// The drafters' pages: versions and their comparison, comments and their answers, opinions at the meeting.
struct NormDesk: Sendable {
    let house: House

    static let staff: RouteAccess = .roles([.officer, .leader, .auditor])

    var routes: [Route] {
        [
            Route(
                "norms.versions", .get, "/desk/strategy/norms/{id}/versions", access: Self.staff,
                summary: Bilingual("文本版本", "Versions of a text"), handler: versions),
            Route(
                "norms.save", .post, "/desk/strategy/norms/{id}/versions", access: .roles([.officer]),
                summary: Bilingual("保存新版本", "Save a new version"), handler: save),
            Route(
                "norms.compare", .get, "/desk/strategy/norms/{id}/compare", access: Self.staff,
                summary: Bilingual("版本比较", "Compare two versions"), handler: compare),
            Route(
                "norms.comments", .get, "/desk/strategy/norms/{id}/comments", access: Self.staff,
                summary: Bilingual("收到的意见", "Comments received"), handler: comments),
            Route(
                "norms.answer", .post, "/desk/strategy/norms/{id}/comments", access: .roles([.officer]),
                summary: Bilingual("答复意见", "Answer a comment"), handler: answer),
            Route(
                "norms.meeting", .get, "/desk/strategy/norms/{id}/meeting", access: Self.staff,
                summary: Bilingual("会议意见", "Opinions at the meeting"), handler: meeting),
            Route(
                "norms.speak", .post, "/desk/strategy/norms/{id}/meeting", access: .roles([.officer]),
                summary: Bilingual("记录会议意见", "Write down an opinion"), handler: speak),
        ]
    }

    struct Place: Sendable {
        let file: CaseFile
        let norm: Norm
    }

    /// The text and its case, if the visitor may see them.
    static func place(_ id: ID<CaseFile>, _ actor: Actor, _ procedures: Procedures, _ tx: Tx) throws -> Place {
        let file = try CaseStore.require(id, tx)
        guard procedures.maySee(actor, file) else { throw ProcedureError.unknownCase }
        return Place(file: file, norm: try NormStore.require(id, tx))
    }

    private func trail(_ norm: Norm) -> [Crumb] {
        [
            .desk, Crumb(Bilingual("战略规划与政策法规", "Strategy, policies and law"), "/desk/rooms/strategy"),
            Crumb(Bilingual(norm.number, norm.number), "/cases/\(norm.caseID)"),
        ]
    }

    // MARK: Versions

    private func versions(_ visit: Visit) async throws -> Answer { try await versionsPage(visit, []) }

    private func versionsPage(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let id: ID<CaseFile> = try visit.id("id")
        let (actor, procedures) = (visit.actor, house.procedures)
        let (place, versions) = try await house.db.read { tx in
            (try Self.place(id, actor, procedures, tx), try NormStore.versions(of: id, tx))
        }
        let rows = versions.reversed().map { item -> [HTML] in
            let link: HTML =
                item.version > 1
                ? "<a href=\"/desk/strategy/norms/\(id.text)/compare?from=\(item.version - 1)&amp;to=\(item.version)\">\(t("与上一版比较", "Compare with the one before"))</a>"
                : "—"
            return [
                HTML(text: t("第 \(item.version) 版", "Version \(item.version)")), HTML(text: item.note),
                HTML(text: item.savedBy), HTML(text: house.city.zone.clockText(item.savedAt)),
                "<code>\(String(item.hash.prefix(12)))</code>", link,
            ]
        }
        let table = Parts.table(
            t("版本", "Versions"),
            [
                .init(t("版本", "Version")), .init(t("修改说明", "What changed")), .init(t("保存人", "By")),
                .init(t("时间", "When")), .init("SHA-256"), .init(t("比较", "Compare")),
            ], rows, empty: "<p>\(t("还没有文本。", "There is no text yet."))</p>")
        let mayEdit = Policy.handles(actor, place.file) && NormActions.drafted.contains(place.file.step)
        let last = versions.last
        let fields: HTML = """
            \(Parts.hidden([("last", String(last?.version ?? 0))]))\
            \(Fields.textarea(.init("text", t("全文", "The whole text"), hint: t("每条另起一行，以「第一条」开头；章以「第一章」开头。", "Each clause on a line of its own that begins 第一条 or Article 1.")), value: visit.form["text"] ?? last?.text ?? "", rows: 24, most: ClauseReader.longest, problem: Fields.problem("text", problems, t), t))\
            \(Fields.input(.init("note", t("修改说明", "What changed")), value: visit.form["note"] ?? "", problem: Fields.problem("note", problems, t), t))
            """
        let edit: HTML =
            mayEdit
            ? Parts.card(
                t("保存新版本", "Save a new version"),
                Fields.form(
                    "/desk/strategy/norms/\(id.text)/versions", token: visit.csrfToken, fields,
                    buttons: Fields.submit(t("保存为新版本", "Save as a new version"))))
            : last.map { Parts.card(t("现行文本", "The text"), ComparisonView.lines($0.text)) } ?? .empty
        let body: HTML =
            "<h1>\(place.norm.title)</h1>\(Parts.errors(problems, t))\(table)\(edit)"
        return Page(
            title: Bilingual("文本版本", "Versions"), trail: trail(place.norm), width: .desk, body: body
        ).withProblems(problems)
    }

    private func save(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        do {
            try await NormActions(house: house).save(
                visit.form["text"] ?? "", note: visit.form["note"] ?? "", of: id,
                after: visit.form["last"].flatMap(Int.init) ?? 0, by: visit.actor)
        } catch let problem as ProcedureError where !problem.fields.isEmpty {
            return try await versionsPage(visit, problem.fields)
        }
        return .redirect("/desk/strategy/norms/\(id)/versions")
    }

    private func compare(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let id: ID<CaseFile> = try visit.id("id")
        let (actor, procedures) = (visit.actor, house.procedures)
        let (place, versions) = try await house.db.read { tx in
            (try Self.place(id, actor, procedures, tx), try NormStore.versions(of: id, tx))
        }
        let to = visit.query("to").flatMap(Int.init) ?? versions.last?.version ?? 1
        let from = visit.query("from").flatMap(Int.init) ?? max(1, to - 1)
        guard let old = versions.first(where: { $0.version == from }),
            let new = versions.first(where: { $0.version == to })
        else { throw RequestProblem.nothingHere }
        let body: HTML = """
            <h1>\(place.norm.title)</h1>\(ComparisonView.choice("/desk/strategy/norms/\(id.text)/compare", versions, from: from, to: to, t))\
            \(ComparisonView.show(old, new, onlyChanges: visit.query("show") == "changes", t))
            """
        return .page(Page(title: Bilingual("版本比较", "Comparison"), trail: trail(place.norm), width: .desk, body: body))
    }

    // MARK: Comments

    private func columns(_ language: Language) -> [ExportColumn<Comment>] {
        let zone = house.city.zone
        return [
            ExportColumn(Bilingual("条文", "Clause"), text: \.clause),
            ExportColumn(Bilingual("意见", "Comment"), text: \.text),
            ExportColumn(Bilingual("时间", "When"), text: { zone.clockText($0.filedAt) }),
            ExportColumn(Bilingual("采纳情况", "Answer"), text: { $0.verdict?.title[language] ?? "" }),
            ExportColumn(Bilingual("理由", "Why"), text: \.reason),
        ]
    }

    private func comments(_ visit: Visit) async throws -> Answer { try await commentsPage(visit, nil, []) }

    private func commentsPage(
        _ visit: Visit, _ wrong: String?, _ problems: [FieldProblem]
    ) async throws -> Answer {
        let t = visit.say
        let id: ID<CaseFile> = try visit.id("id")
        let (actor, db, procedures) = (visit.actor, house.db, house.procedures)
        let state = visit.query("state").flatMap { $0.isEmpty ? nil : $0 }
        let place = try await db.read { tx in try Self.place(id, actor, procedures, tx) }
        let round = visit.query("round").flatMap(Int.init) ?? place.norm.round
        let file = try visit.export(
            Bilingual("意见 \(place.norm.number)", "Comments \(place.norm.number)"), columns(visit.language)
        ) { last, limit in
            try await db.read { tx in
                try ConsultationStore.comments(of: id, round: round, state: state, after: last?.id, limit: limit, tx)
            }
        }
        if let file { return file }
        let after = visit.query("after")
        let (counts, found) = try await db.read { tx in
            (
                try ConsultationStore.counts(of: id, round: round, tx),
                try ConsultationStore.comments(of: id, round: round, state: state, after: after, limit: 31, tx)
            )
        }
        let mayAnswer =
            Policy.handles(actor, place.file) && place.file.step == "consultation" && round == place.norm.round
        let cards = HTML(each: found.prefix(30)) { comment in
            card(comment, place, mayAnswer: mayAnswer, comment.id == wrong ? problems : [], visit)
        }
        let states =
            [("open", t("待答复", "Open")), ("answered", t("已答复", "Answered"))]
            + Comment.Verdict.allCases.map { ($0.rawValue, t($0.title)) }
        let next: SafeURL? =
            found.count > 30
            ? found.prefix(30).last.map {
                "/desk/strategy/norms/\(id.text)/comments?round=\(round)&state=\(state ?? "")&after=\($0.id)"
            } : nil
        let body: HTML = """
            <h1>\(t("收到的意见", "Comments received"))</h1><p class="lead">\(place.norm.title)</p>\(CommentParts.chart(counts, id: "answers", t))\
            \(Fields.filters("/desk/strategy/norms/\(id.text)/comments", Fields.select(.init("state", t("状态", "State")), states, value: state, none: t("全部", "All"), t), t))\
            \(visit.exports)\(if: found.isEmpty, "<div class=\"empty\"><p>\(t("没有意见。", "No comments."))</p></div>")\(cards)\(Parts.pager(next: next, first: nil, t))
            """
        return Page(
            title: Bilingual("收到的意见", "Comments"), trail: trail(place.norm), width: .desk, body: body
        ).withProblems(problems)
    }

    private func card(
        _ comment: Comment, _ place: Place, mayAnswer: Bool, _ problems: [FieldProblem], _ visit: Visit
    ) -> HTML {
        let t = visit.say
        // Who comments is for those who handle the case.
        let isHandler = Policy.handles(visit.actor, place.file)
        let from = isHandler ? comment.sealedFrom.flatMap { try? house.vault.open($0) } : nil
        let fields: HTML = """
            \(Parts.hidden([("comment", comment.id)]))\
            \(Fields.choices(.init("verdict", t("采纳情况", "Answer")), Comment.Verdict.allCases.map { ($0.rawValue, t($0.title)) }, chosen: [comment.verdict?.rawValue ?? ""], isMany: false, problem: Fields.problem("verdict", problems, t), t))\
            \(Fields.textarea(.init("reason", t("理由", "Why")), value: comment.reason, rows: 3, most: 1_000, problem: Fields.problem("reason", problems, t), t))
            """
        let answer: HTML =
            mayAnswer
            ? "<details\(attribute: "open", if: comment.verdict == nil || !problems.isEmpty)><summary>\(t("答复", "Answer"))</summary>\(Fields.form("/desk/strategy/norms/\(place.norm.caseID.text)/comments", token: visit.csrfToken, fields, buttons: Fields.submit(t("保存答复", "Save the answer"), .secondary)))</details>"
            : ComparisonView.lines(comment.reason)
        return Parts.card(
            comment.clause.isEmpty ? t("全文", "The whole text") : comment.clause,
            """
            <p>\(CommentParts.badge(comment, t)) <span class="hint">\(house.city.zone.clockText(comment.filedAt))\(with: from, { " · \($0)" })</span></p>\
            <p>\(ComparisonView.lines(comment.text))</p>\(answer)
            """)
    }

    private func answer(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let comment = visit.form["comment"] ?? ""
        do {
            try await NormActions(house: house).answer(
                comment, visit.form["verdict"] ?? "", reason: visit.form["reason"] ?? "", by: visit.actor)
        } catch let problem as ProcedureError where !problem.fields.isEmpty {
            return try await commentsPage(visit, comment, problem.fields)
        }
        return .redirect("/desk/strategy/norms/\(id)/comments?state=open")
    }

    // MARK: Meeting

    private func meeting(_ visit: Visit) async throws -> Answer { try await MeetingPage(self, visit).page([]) }

    private func speak(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        do {
            try await NormActions(house: house).speak(
                id, member: visit.form["member"] ?? "", isHead: visit.form["is-head"] == "yes",
                stance: visit.form["stance"] ?? "", words: visit.form["words"] ?? "", by: visit.actor)
        } catch let problem as ProcedureError where !problem.fields.isEmpty {
            return try await MeetingPage(self, visit).page(problem.fields)
        }
        return .redirect("/desk/strategy/norms/\(id)/meeting")
    }
}
