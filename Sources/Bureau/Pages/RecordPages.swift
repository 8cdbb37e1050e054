import Kernel
import Portal
import Proof
import Store

/// What the public sees of the record: its checkpoints, keys and the way to check it; what disagreed.
struct RecordPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "record.show", .get, "/record", access: .session, summary: Bilingual("存证日志", "The record"),
                handler: show),
            Route(
                "record.check", .post, "/record/check", access: .session,
                summary: Bilingual("核对检查点", "Compare a checkpoint"), handler: check),
            Route(
                "record.checkpoints", .get, "/record/checkpoints", access: .everyone,
                summary: Bilingual("检查点", "Checkpoints"), handler: list),
            Route(
                "record.checkpoint", .get, "/record/checkpoint", access: .everyone,
                summary: Bilingual("最新检查点原文", "The latest checkpoint as it is signed")
            ) { _ in
                guard let latest = try await house.db.read({ tx in try RecordStore.latest(tx) }) else {
                    throw RecordError.noCheckpoint
                }
                return .bytes(Array(latest.note.utf8), type: "text/plain; charset=utf-8")
            },
            Route(
                "record.keys", .get, "/record/keys", access: .everyone,
                summary: Bilingual("公钥文件", "File of public keys")
            ) { _ in
                let keys = try await house.db.read { tx in try RecordStore.published(tx).json }
                return .bytes(keys.canonicalBytes, type: "application/json", name: "record-keys.json")
            },
            Route(
                "record.log", .get, "/record/log", access: .everyone, summary: Bilingual("下载日志", "Download the log")
            ) { _ in RecordExport.answer(house) },
            Route(
                "record.leaf", .get, "/record/leaf", access: .everyone, summary: Bilingual("核对一条", "Look up a leaf"),
                handler: leaf),
        ]
    }

    private let trail = [Crumb(Bilingual("存证日志", "The record"), "/record")]

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, result: .empty, problems: []) }

    private func page(_ visit: Visit, result: HTML, problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let (latest, keys, conflicts) = try await house.db.read { tx in
            (try RecordStore.latest(tx), try RecordStore.keys(tx), try RecordStore.conflicts(tx))
        }
        let intro = t(
            "本局办理中的每一步都写进一个只增不改的日志，条目组成一棵散列树（RFC 9162），每分钟由本局签名一次。任何人可以下载日志、公钥和回执，在自己的电脑上核对：没有一条被改动、删除或调换。日志只含摘要，不含个人内容。",
            "Every step of the bureau's work is written to a log that only grows. Its leaves form a hash tree (RFC 9162) that is signed every minute. Anyone can take the log, the keys and a receipt and check on a machine of their own that nothing was changed, removed or reordered. The log holds hashes and no personal content."
        )
        let current: HTML =
            latest.map { checkpoint in
                Parts.facts([
                    (t("条数", "Leaves"), HTML(text: String(checkpoint.size))),
                    (t("根", "Root"), "<code>\(checkpoint.root.base64)</code>"),
                    (t("签名时间", "Signed"), HTML(text: house.city.zone.clockText(checkpoint.madeAt))),
                    (t("原文", "As signed"), "<pre>\(checkpoint.note)</pre>"),
                ])
            } ?? "<p>\(t("还没有检查点。", "There is no checkpoint yet."))</p>"
        let form = Fields.form(
            "/record/check", token: visit.csrfToken,
            Fields.textarea(
                .init("checkpoint", t("您持有的检查点", "A checkpoint that you hold")), value: visit.form["checkpoint"] ?? "",
                rows: 6, problem: Fields.problem("checkpoint", problems, t), t),
            buttons: Fields.submit(t("核对", "Compare"), .secondary))
        let body: HTML = """
            <h1>\(t("存证日志", "The record"))</h1><p class="lead">\(intro)</p>\(result)\(Parts.errors(problems, t))\(RecordPages.conflicts(conflicts, house, t))\
            \(Parts.card(t("最新检查点", "The latest checkpoint"), "\(current)<p><a href=\"/record/checkpoints\">\(t("全部检查点", "All checkpoints"))</a></p>"))\
            \(Parts.card(t("自己核对", "Check it yourself"), RecordPages.walk(house.site, t)))\
            \(Parts.card(t("公钥", "Public keys"), RecordPages.keys(keys, house, t)))\
            \(Parts.card(t("与本局核对检查点", "Compare a checkpoint with ours"), form))
            """
        return .page(
            Page(title: Bilingual("存证日志", "The record"), width: .desk, body: body), status: problems.isEmpty ? 200 : 422
        )
    }

    private static func walk(_ site: String, _ t: Say) -> HTML {
        """
        <p>\(t("先下载日志和公钥（前两条命令），第三条可离线运行：", "The first two commands take the log and the keys; the third needs no network:"))</p>\
        <pre>curl -o record.jsonl \(site)/record/log
        curl -o keys.json \(site)/record/keys
        kechuang verify log record.jsonl --keys keys.json</pre>\
        <p class="buttons">\(Parts.button(t("下载日志", "Download the log"), to: "/record/log", .secondary))\
        \(Parts.button(t("下载公钥", "Download the keys"), to: "/record/keys", .secondary))</p>\
        <p>\(t("公示页和办件页可下载证明；抽签见", "Notices and cases have proofs to download; for draws see")) <a href="/draws">\(t("公开抽签", "Public draws"))</a></p>
        """
    }

    private static func keys(_ keys: [RecordKey], _ house: House, _ t: Say) -> HTML {
        let rows = keys.map { key -> [HTML] in
            [
                "<code>\(key.key.text)</code>", HTML(text: house.city.zone.clockText(key.madeAt)),
                HTML(
                    text: key.lastSize.map { t("签到第 \($0) 条为止", "signed up to \(counted($0, "leaf", "leaves"))") }
                        ?? t("使用中", "in use")),
            ]
        }
        let columns: [Parts.Column] = [.init(t("公钥", "Key")), .init(t("启用", "Since")), .init(t("状态", "State"))]
        return Parts.table(
            t("公钥", "Public keys"), columns, rows, empty: "<p>\(t("还没有公钥。", "There is no key yet."))</p>")
    }

    /// Nothing where all checkpoints agree.
    private static func conflicts(_ conflicts: [RecordConflict], _ house: House, _ t: Say) -> HTML {
        guard !conflicts.isEmpty else { return .empty }
        let items = HTML(each: conflicts) { conflict in
            let ours = conflict.ours.isEmpty ? t("（本日志没有这么多条）", "(this record does not reach so far)") : conflict.ours
            return """
                <p>\(t("\(conflict.size) 条，发现于 \(house.city.zone.clockText(conflict.foundAt))", "\(counted(conflict.size, "leaf", "leaves")), found \(house.city.zone.clockText(conflict.foundAt))"))<br>\
                \(t("本日志的根", "Root of this record")) <code>\(ours)</code></p><pre>\(conflict.theirs)</pre>
                """
        }
        return Parts.notice(
            .bad, t("有本局签名的检查点与本日志不符", "Checkpoints bear our signature and disagree with this record"), items)
    }

    private func check(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        do {
            let text = (visit.form["checkpoint"] ?? "").replacing("\r\n", with: "\n")
            let result: HTML =
                switch try await house.record.check(text) {
                case .agrees(let size):
                    Parts.notice(
                        .good,
                        t(
                            "一致：\(size) 条时的日志正是如此",
                            "It agrees: at \(counted(size, "leaf", "leaves")) the record was just this"))
                case .disagrees(let size):
                    Parts.notice(
                        .bad,
                        t(
                            "不一致：它有本局签名，但与 \(size) 条时的日志不符。已登记并公开，请保留原件。",
                            "It disagrees: it bears our signature and is not what the record says at \(counted(size, "leaf", "leaves")). This is now shown to all; keep what you have."
                        ))
                case .notOurs:
                    Parts.notice(.warning, t("没有本局的签名", "None of our keys signed it"))
                }
            return try await page(visit, result: result, problems: [])
        } catch let problem as RecordError where problem.kind == .invalid {
            return try await page(visit, result: .empty, problems: problem.fields)
        }
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 1) }
        let below = cursor?.values[0].integer.map { Int($0) }
        let found = try await house.db.read { tx in try RecordStore.checkpoints(below: below, limit: 51, tx) }
        let rows = found.prefix(50).map { checkpoint -> [HTML] in
            [
                HTML(text: String(checkpoint.size)), HTML(text: house.city.zone.clockText(checkpoint.madeAt)),
                "<code>\(checkpoint.root.base64)</code>",
            ]
        }
        let next: SafeURL? =
            found.count > 50
            ? found.prefix(50).last.map { "/record/checkpoints?after=\(Cursor([.integer(Int64($0.size))]).text)" } : nil
        let columns: [Parts.Column] = [
            .init(t("条数", "Leaves"), numeric: true), .init(t("签名时间", "Signed")), .init(t("根", "Root")),
        ]
        let body: HTML = """
            <h1>\(t("检查点", "Checkpoints"))</h1>\(Parts.table(t("检查点", "Checkpoints"), columns, Array(rows), empty: "<p>\(t("还没有检查点。", "There is no checkpoint yet."))</p>"))\
            \(Parts.pager(next: next, first: cursor == nil ? nil : "/record/checkpoints", t))
            """
        return .page(Page(title: Bilingual("检查点", "Checkpoints"), trail: trail, width: .desk, body: body))
    }

    /// Where the code of a printed receipt leads: whether the leaf with this hash stands at this place.
    private func leaf(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (index, typed) = (visit.query("index").flatMap(Int.init), visit.query("hash") ?? "")
        let hash = Hex.bytes(typed).flatMap { TreeHash($0) }
        let (leaf, checkpoint) = try await house.db.read { tx -> (RecordLeaf?, StoredCheckpoint?) in
            guard let index else { return (nil, nil) }
            return (try Record.leaf(at: index, tx), try RecordStore.checkpoint(covering: index, tx))
        }
        let result: HTML
        var status = 200
        if let leaf, let hash, leaf.hash == hash {
            result = Parts.notice(
                .good, t("在存证日志第 \(leaf.index) 条", "It is leaf \(leaf.index) of the record"),
                Parts.facts([
                    (
                        t("检查点", "Checkpoint"),
                        HTML(
                            text: checkpoint.map {
                                t(
                                    "\($0.size) 条，\(house.city.zone.clockText($0.madeAt))",
                                    "\(counted($0.size, "leaf", "leaves")), \(house.city.zone.clockText($0.madeAt))")
                            } ?? t("等待签名", "not signed yet"))
                    )
                ]))
        } else if index != nil || !typed.isEmpty {
            status = 404
            result = Parts.notice(
                .bad, t("存证日志的这一条不是它", "The record has something else at this place"))
        } else {
            result = .empty
        }
        let fields: HTML = """
            \(Fields.input(.init("index", t("第几条", "Leaf")), value: index.map(String.init) ?? "", isWide: false, t))\
            \(Fields.input(.init("hash", t("摘要", "Hash")), value: typed, t))
            """
        let body: HTML = """
            <h1>\(t("核对一条", "Look up a leaf"))</h1><p class="lead">\(t("回执上印有条号和摘要。", "A receipt shows the number and the hash of its leaf."))</p>\(result)\
            \(Fields.filters("/record/leaf", fields, ask: Bilingual("核验", "Verify"), t))
            """
        return .page(Page(title: Bilingual("核对一条", "Look up a leaf"), trail: trail, body: body), status: status)
    }
}
