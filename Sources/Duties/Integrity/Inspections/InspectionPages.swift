import Kernel
import Portal
import Review
import Store

/// What the public sees of double-random inspections: hashes before the draw, seeds and protocols after it, and the
/// results when they are published.
struct InspectionPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "inspections.list", .get, "/inspections", access: .everyone,
                summary: Bilingual("双随机检查", "Random inspections"), handler: list),
            Route(
                "inspections.show", .get, "/inspections/{number}", access: .everyone,
                summary: Bilingual("一次双随机检查", "A random inspection"), handler: show),
            Route(
                "inspections.protocol", .get, "/inspections/{number}/{stage}", access: .everyone,
                summary: Bilingual("抽取记录", "Protocol of a draw"), handler: outcome),
        ]
    }

    private static let room = Crumb(Bilingual("监督与诚信", "Supervision and integrity"), "/rooms/integrity")
    private static let title = Bilingual("双随机检查", "Random inspections")
    /// The public sees an inspection from the moment its first plan is fixed.
    private static let hidden: Set<String> = ["draft", "approval", "cancelled"]

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let before = visit.query("before")
        let files = try await house.db.read { tx in
            let edge: SQL = before.map { "AND number < \($0)" } ?? ""
            return try tx.rows(
                """
                SELECT * FROM case_file WHERE procedure = 'integrity.inspection'
                    AND step IN ('objects', 'inspectors', 'running', 'published') \(edge)
                ORDER BY number DESC LIMIT 21
                """, CaseFile.init(stored:))
        }
        let items = HTML(each: files.prefix(20)) { file in
            """
            <li><h2><a href="/inspections/\(file.number)">\(t(file.title))</a></h2><p>\(file.number) · \(step(file, t))</p></li>
            """
        }
        let next: SafeURL? = files.count > 20 ? files.prefix(20).last.map { "/inspections?before=\($0.number)" } : nil
        let lead = t(
            "随机抽取检查对象，随机选派检查人员，结果公开。先公布方案和种子的摘要，再用公开随机数抽取。",
            "Objects and inspectors are drawn at random and results are open. Hashes of plan and seed come first, then public chance decides."
        )
        let body: HTML = """
            <h1>\(t(Self.title))</h1><p class="lead">\(lead)</p>\
            \(if: files.isEmpty, "<div class=\"empty\">\(t("还没有公开的检查。", "No inspection is open yet."))</div>", else: "<ul class=\"calls\">\(items)</ul>")\
            \(Parts.pager(next: next, first: before == nil ? nil : "/inspections", t))
            """
        return .page(Page(title: Self.title, trail: [Self.room], body: body))
    }

    private func step(_ file: CaseFile, _ t: Say) -> HTML {
        let title = (try? house.procedures.step(of: file).title) ?? Bilingual(file.step, file.step)
        return Parts.badge(t(title), file.step == "published" ? .good : .info)
    }

    private func found(_ visit: Visit, _ tx: Tx) throws -> CaseFile {
        let file = try CaseStore.find(procedure: "integrity.inspection", number: visit.path("number"), tx)
        guard let file, !Self.hidden.contains(file.step) else { throw ProcedureError.unknownCase }
        return file
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (file, content, results, summary) = try await house.db.read {
            tx -> (CaseFile, HTML, [[HTML]], String?) in
            let file = try found(visit, tx)
            let isOpen = file.step == "published"
            return (
                file, try draws(file, t, tx), isOpen ? try self.results(file, t, tx) : [],
                isOpen ? try CaseValues.asked("publish", of: file.id, tx)["summary"]?.string : nil
            )
        }
        let table: HTML =
            file.step == "published"
            ? Parts.card(
                t("检查结果", "Results"),
                """
                \(Parts.paragraphs(summary ?? ""))\(Parts.table(t("检查结果", "Results"), [.init(t("编号", "Number")), .init(t("对象", "Object")), .init(t("结果", "Result"))], results, empty: "—"))
                """) : .empty
        let body: HTML = """
            <h1>\(t(file.title))</h1><p>\(file.number) · \(step(file, t))</p>\(content)\(table)\
            <p>\(t("重算：", "To run it again:"))</p><pre>kechuang verify draw draw.json --log record.jsonl --keys keys.json</pre>
            """
        return .page(
            Page(
                title: file.title, trail: [Self.room, Crumb(Self.title, "/inspections")], width: .desk, body: body))
    }

    /// Both draws as far as they are public.
    private func draws(_ file: CaseFile, _ t: Say, _ tx: Tx) throws -> HTML {
        let draws = try InspectionStore.draws(of: file.id, tx).map { draw in
            (draw, try published(draw.stage, of: file, t, tx))
        }
        return HTML(each: draws) { draw, place in
            let secret = SeedSecret(inSeed: "- \(draw.secret)")
            var facts: [(String, HTML)] = [
                (t("方案摘要", "Hash of the plan"), "<code>\(draw.commitment)</code>"),
                (t("本局种子的摘要", "Hash of the bureau's half of the seed"), "<code>\(secret?.commitment ?? "—")</code>"),
                (t("公布于存证日志", "Published in the record"), place),
            ]
            if let seed = draw.seed {
                facts.append(
                    (t("种子（公开随机数，空格，本局种子）", "Seed: public chance, a space, the bureau's half"), "<code>\(seed)</code>"))
                facts.append(
                    (
                        t("抽取记录", "Protocol"),
                        "<a href=\"/inspections/\(file.number)/\(draw.stage.rawValue)\">\(t("下载", "Download"))</a>"
                    ))
            }
            return Parts.card(t("抽取", "Draw: ") + t(draw.stage.title), Parts.facts(facts))
        }
    }

    /// Where the plan's hash stands in the record; before that nobody can draw.
    private func published(_ stage: InspectionDraw.Stage, of file: CaseFile, _ t: Say, _ tx: Tx) throws -> HTML {
        guard let receipt = try Receipt.find("review.committed", about: stage.subject, file.id.text, tx) else {
            return HTML(text: t("正在写入", "being entered"))
        }
        return """
            <a href="/record/leaf?index=\(receipt.index)&hash=\(receipt.leafHash)">\(t("第 \(receipt.index) 条，\(receipt.size) 条的检查点", "leaf \(receipt.index), checkpoint of \(counted(receipt.size, "leaf", "leaves"))"))</a>
            """
    }

    private func results(_ file: CaseFile, _ t: Say, _ tx: Tx) throws -> [[HTML]] {
        let titles = [
            "clean": Bilingual("未发现问题", "nothing found"), "misconduct": Bilingual("移交调查", "sent to investigation"),
            "gone": Bilingual("查无下落", "not to be found"),
        ]
        let checks = try CaseStore.children(of: file.id, tx)
        let asked = try CaseValues.shown(of: checks.map(\.id), tx)
        let recorded = Dictionary(
            try tx.rows(
                "SELECT case_id, content FROM case_asked WHERE action = 'record' AND case_id IN \(list: checks.map(\.id))"
            ) { (try $0["case_id"] as ID<CaseFile>, try $0["content"] as JSONValue) }, uniquingKeysWith: { $1 })
        return checks.map { check in
            let result = recorded[check.id]?["result"]?.string
            let shown = result.flatMap { titles[$0] } ?? Bilingual("责令整改，已合格", "mended as ordered")
            return [
                HTML(text: check.number), HTML(text: asked[check.id]?["object"]?.string ?? t(check.title)),
                HTML(text: t(shown)),
            ]
        }
    }

    private func outcome(_ visit: Visit) async throws -> Answer {
        let stage = InspectionDraw.Stage(rawValue: visit.path("stage"))
        let (file, json) = try await house.db.read { tx -> (CaseFile, JSONValue?) in
            let file = try found(visit, tx)
            return (file, try stage.flatMap { try InspectionStore.draw(of: file.id, $0, tx)?.outcome })
        }
        guard let json, let stage else { throw ReviewError.notDrawn }
        return .bytes(json.canonicalBytes, type: "application/json", name: "\(file.number)-\(stage.rawValue).json")
    }

    /// The draws on the page of the case.
    func panel(_ file: CaseFile, _ actor: Actor, _ t: Say, _ token: String, _ tx: Tx) throws -> HTML {
        let drawn = try InspectionStore.objects(of: file.id, drawn: true, limit: 200, tx)
        let rows = drawn.map { object -> [HTML] in
            let name: HTML =
                object.check.map { "<a href=\"/cases/\($0.text)\">\(t(object.title))</a>" }
                ?? HTML(text: t(object.title))
            return [HTML(text: object.number), name]
        }
        let table: HTML =
            rows.isEmpty
            ? .empty
            : Parts.card(
                t("抽中的对象", "Drawn objects"),
                Parts.table(
                    t("抽中的对象", "Drawn objects"), [.init(t("编号", "Number")), .init(t("对象", "Object"))], rows, empty: "—")
            )
        let link: HTML =
            Self.hidden.contains(file.step)
            ? .empty : "<p><a href=\"/inspections/\(file.number)\">\(t("公开页面", "Public page"))</a></p>"
        return "\(try draws(file, t, tx))\(table)\(link)"
    }
}
