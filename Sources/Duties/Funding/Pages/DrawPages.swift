import Kernel
import Portal
import Review
import Store

/// What the public sees of a draw: before it, the hashes of the plan and of the house's half of the seed; after it, the
/// seed; and when the review is over, the whole protocol, because before it would tell who judges what.
struct DrawPages: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route(
                "draws.list", .get, "/draws", access: .everyone, summary: Bilingual("公开抽签", "Public draws"),
                handler: list),
            Route(
                "draws.show", .get, "/draws/{id}", access: .everyone, summary: Bilingual("一次抽签", "A draw"),
                handler: show),
            Route(
                "draws.protocol", .get, "/draws/{id}/protocol", access: .everyone,
                summary: Bilingual("抽签记录", "Protocol of a draw")
            ) { visit in
                let id: ID<Round> = try visit.id("id")
                return try await protocolFile(visit) { tx in try RoundStore.find(id, tx) }
            },
        ]
    }

    /// The protocol: for the bureau once it is drawn, for everyone once the review is over.
    func outcome(
        for actor: Actor, _ find: @escaping @Sendable (Tx) throws -> Round?
    ) async throws -> (round: ID<Round>, json: JSONValue) {
        let found = try await house.db.read { tx -> (Round, JSONValue)? in
            guard let round = try find(tx), let json = try RoundStore.drawProtocol(round.id, tx) else { return nil }
            return (round, json)
        }
        guard let (round, json) = found else { throw ReviewError.notDrawn }
        guard round.state == .closed || Policy.may(actor, .seeFunding) else { throw ReviewError.sealed }
        return (round.id, json)
    }

    /// The protocol as a file.
    func protocolFile(_ visit: Visit, _ find: @escaping @Sendable (Tx) throws -> Round?) async throws -> Answer {
        let found = try await outcome(for: visit.actor, find)
        return .bytes(found.json.canonicalBytes, type: "application/json", name: "draw-\(found.round).json")
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let before: ID<Round>? = visit.query("before").map { ID($0) }
        let (rounds, titles) = try await house.db.read { tx -> ([Round], [ID<Call>: Bilingual]) in
            let rounds = try RoundStore.list(before: before, limit: 21, tx)
            return (rounds, try CallStore.titles(rounds.map { ID($0.subject) }, tx))
        }
        let items = HTML(each: rounds.prefix(20)) { round in
            """
            <li><h2><a href="/draws/\(round.id.text)">\(titles[ID(round.subject)].map { t($0) } ?? round.id.text)</a></h2>\
            <p>\(Self.state(round.state, t)) <code>\(round.commitment)</code></p></li>
            """
        }
        let next: SafeURL? =
            rounds.count > 20 ? rounds.prefix(20).last.map { "/draws?before=\($0.id.text)" } : nil
        let lead = t(
            "评审专家由公开抽签产生：先公布候选方案和种子的摘要，再用公开随机数抽取，任何人都能重算。",
            "Experts are drawn in public: hashes of the plan and of the seed are published first, then public chance decides, and anyone can run the draw again."
        )
        let body: HTML = """
            <h1>\(t("公开抽签", "Public draws"))</h1><p class="lead">\(lead)</p>\
            \(if: rounds.isEmpty, "<div class=\"empty\">\(t("还没有抽签。", "There has been no draw yet."))</div>", else: "<ul class=\"calls\">\(items)</ul>")\
            \(Parts.pager(next: next, first: before == nil ? nil : "/draws", t))
            """
        return .page(Page(title: Bilingual("公开抽签", "Public draws"), body: body))
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let id: ID<Round> = try visit.id("id")
        let (round, title, seedCommitment, proofs) = try await house.db.read {
            tx -> (Round, Bilingual?, String?, [String: Receipt]) in
            guard let round = try RoundStore.find(id, tx) else { throw ReviewError.unknown }
            var proofs: [String: Receipt] = [:]
            for kind in ["review.committed", "review.drawn"] {
                proofs[kind] = try Receipt.find(kind, about: "round", id.text, tx)
            }
            return (
                round, try CallStore.titles([ID(round.subject)], tx)[ID(round.subject)],
                try RoundStore.seedCommitment(id, tx), proofs
            )
        }
        func place(_ kind: String) -> HTML {
            guard let receipt = proofs[kind] else { return HTML(text: t("正在写入", "being entered")) }
            return """
                <a href="/record/leaf?index=\(receipt.index)&hash=\(receipt.leafHash)">\(t("第 \(receipt.index) 条，\(receipt.size) 条的检查点", "leaf \(receipt.index), checkpoint of \(counted(receipt.size, "leaf", "leaves"))"))</a>
                """
        }
        var facts: [(String, HTML)] = [
            (t("状态", "State"), Self.state(round.state, t)),
            (t("方案摘要", "Hash of the plan"), "<code>\(round.commitment)</code>"),
            (t("本局种子的摘要", "Hash of the bureau's half of the seed"), "<code>\(seedCommitment ?? "—")</code>"),
            (t("公布于存证日志", "Published in the record"), place("review.committed")),
        ]
        if let seed = round.seed {
            facts += [
                (t("种子（公开随机数，空格，本局种子）", "Seed: public chance, a space, the bureau's half"), "<code>\(seed)</code>"),
                (t("抽取于存证日志", "Drawn in the record"), place("review.drawn")),
            ]
        }
        let file: HTML =
            switch round.state {
            case .committed: "<p>\(t("抽取后公布种子。", "The seed is published with the draw."))</p>"
            case .drawn:
                "<p>\(t("评审结束后公布全部记录；其摘要已在存证日志中。", "The whole protocol is published when the review is over; its hash is on record already."))</p>"
            case .closed:
                Parts.button(t("下载抽签记录", "Download the protocol"), to: "/draws/\(id.text)/protocol", .secondary)
            }
        let body: HTML = """
            <h1>\(t("公开抽签", "Public draw"))</h1><p class="lead">\(title.map { t($0) } ?? "")</p>\(Parts.card(nil, "\(Parts.facts(facts))\(file)"))\
            <p>\(t("重算：", "To run it again:"))</p><pre>kechuang verify draw draw.json --log record.jsonl --keys keys.json</pre>
            """
        return .page(
            Page(
                title: Bilingual("公开抽签", "Public draw"),
                trail: [Crumb(Bilingual("公开抽签", "Public draws"), "/draws")], width: .desk, body: body))
    }

    private static func state(_ state: Round.State, _ t: Say) -> HTML {
        switch state {
        case .committed: Parts.badge(t("方案已公布，待抽取", "Plan published, not drawn"), .warning)
        case .drawn: Parts.badge(t("已抽取，评审中", "Drawn, under review"), .info)
        case .closed: Parts.badge(t("评审结束", "Review over"), .good)
        }
    }
}
