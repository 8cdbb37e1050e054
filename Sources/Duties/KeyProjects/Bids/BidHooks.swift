import Kernel
import Store

/// One stage of the price of a chosen bid.
struct BidPayment: Hashable, Sendable {
    let stage: Int
    let amount: Money
    let state: String
    let orderedOn: Day
    let paidOn: Day?

    static func list(_ id: ID<CaseFile>, _ tx: Tx) throws -> [BidPayment] {
        try tx.rows("SELECT * FROM bid_payment WHERE case_id = \(id) ORDER BY stage") { row in
            BidPayment(
                stage: try row["stage"], amount: try row["amount_fen"], state: try row["state"],
                orderedOn: try row["ordered_on"], paidOn: try row["paid_on"])
        }
    }
}

/// A bid as owner and experts compare it.
struct Bid: Sendable {
    let file: CaseFile
    let answers: JSONValue

    var price: Money? { answers["price"]?.integer.map { Money(fen: $0) } }

    /// All bids for an entry of the register of open-bid projects.
    static func list(_ entry: String, _ tx: Tx) throws -> [Bid] {
        try tx.rows(
            """
            SELECT c.*, a.content FROM case_value v JOIN case_file c ON c.id = v.case_id
            LEFT JOIN case_answers a ON a.case_id = c.id
            WHERE v.procedure = 'key.bid' AND v.field = 'entry' AND v.value = \(entry)
                AND c.step NOT IN ('draft', 'withdrawn') ORDER BY c.number LIMIT 200
            """
        ) { row in Bid(file: try CaseFile(stored: row), answers: try (row["content"] as JSONValue?) ?? [:]) }
    }
}

/// Guards and effects of open-bid projects.
struct BidHooks: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["key.bid.days"] = days
        hooks.guards["key.bid.share"] = share
        hooks.guards["key.bid.closed"] = { context, tx in
            guard let closes = try bidsClose(context, tx), context.day <= closes else { return [] }
            return [
                DemandHooks.problem(
                    "", "bid.open", "揭榜至 \(closes.text(.chinese)) 24:00",
                    "Bids are taken until \(closes.text(.english)), 24:00")
            ]
        }
        hooks.guards["key.bid.some"] = { context, tx in try qualified(context, tx, wantsSome: true) }
        hooks.guards["key.bid.none"] = { context, tx in try qualified(context, tx, wantsSome: false) }
        hooks.guards["key.bid.known"] = known
        hooks.guards["key.bid.open"] = open
        hooks.guards["key.bid.not-owner"] = notOwner
        hooks.guards["key.bid.payment"] = payment
        hooks.guards["key.bid.paid-something"] = { context, tx in
            try BidPayment.list(context.file.id, tx).contains { $0.state == "paid" }
                ? [] : [DemandHooks.problem("", "bid.unpaid", "还没有阶段付款，不能验收", "No stage was paid yet")]
        }
        hooks.effects["key.bid.owner"] = { context, tx in
            let organisation = try context.file.organisation.flatMap { try Registry.organisation($0, tx) }
            try CaseValues.set(context.file.id, "owner", .string(organisation?.name.zh ?? "—"), tx)
        }
        hooks.effects["key.bid.lost"] = { context, tx in try end(context, winner: nil, tx) }
        hooks.effects["key.bid.decided"] = decided
        hooks.effects["key.bid.ordered"] = { context, tx in
            let stage = context.answers["stage"]?.integer ?? 0
            let amount = context.answers["amount"]?.integer ?? 0
            try tx.run(
                """
                INSERT INTO bid_payment (case_id, stage, amount_fen, state, ordered_on)
                VALUES (\(context.file.id), \(stage), \(amount), 'ordered', \(context.day))
                """)
        }
        hooks.effects["key.bid.paid"] = { context, tx in
            try tx.run(
                """
                UPDATE bid_payment SET state = 'paid', paid_on = \(context.day) WHERE case_id = \(context.file.id)
                    AND state = 'ordered'
                """)
            try Dealings.prolong(context.file.id.text, through: context.day, tx)
        }
        hooks.effects["key.bid.returned"] = { context, tx in
            try tx.run("DELETE FROM bid_payment WHERE case_id = \(context.file.id) AND state = 'ordered'")
        }
        hooks.letterValues["key.bid-call"] = letterValues
    }

    private func bidsClose(_ context: ActionContext, _ tx: Tx) throws -> Day? {
        try CaseValues.all(of: context.file.id, tx)["bids-close"]?.string.flatMap { Day($0) }
    }

    private func entry(_ context: ActionContext, _ tx: Tx) throws -> String {
        try CaseValues.all(of: context.file.id, tx)["entry"]?.string ?? ""
    }

    @Sendable private func days(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        guard let closes = try bidsClose(context, tx), closes <= context.day else { return [] }
        return [DemandHooks.problem("bids-close", "bid.past", "揭榜截止须在今天之后", "Bids must be taken beyond today")]
    }

    @Sendable private func share(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let prize = try CaseValues.all(of: context.file.id, tx)["prize"]?.integer ?? 0
        guard let share = context.answers["public-share"]?.integer, share > prize else { return [] }
        return [DemandHooks.problem("public-share", "bid.share", "财政资助不得超过榜额", "Public money may not exceed the offer")]
    }

    /// Bids wait for the choice, or none came; none may be left unexamined.
    private func qualified(_ context: ActionContext, _ tx: Tx, wantsSome: Bool) throws -> [FieldProblem] {
        let bids = try Bid.list(try entry(context, tx), tx)
        if bids.contains(where: { $0.file.step == "received" }) {
            return [DemandHooks.problem("", "bid.unexamined", "有揭榜申请尚未核对", "Some bids are not examined yet")]
        }
        let isSome = bids.contains { $0.file.step == "compared" }
        if isSome == wantsSome { return [] }
        return [
            wantsSome
                ? DemandHooks.problem("", "bid.none", "没有符合要求的揭榜申请", "No bid qualifies")
                : DemandHooks.problem("", "bid.some", "有符合要求的揭榜申请，不能流榜", "There are bids that qualify")
        ]
    }

    @Sendable private func known(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let number = context.answers["bid"]?.string ?? ""
        let bids = try Bid.list(try entry(context, tx), tx)
        guard !bids.contains(where: { $0.file.number == number && $0.file.step == "compared" }) else { return [] }
        return [
            DemandHooks.problem("bid", "bid.unknown", "没有待选择的揭榜申请 \(number)", "No bid \(number) waits for the choice")
        ]
    }

    @Sendable private func open(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        guard let project = try RegisterStore.find("key.bid-calls", try entry(context, tx), tx) else { return [] }
        let closes = project.content["bids-close"]?.string.flatMap { Day($0) }
        guard project.state == "open", closes.map({ context.day <= $0 }) ?? true else {
            return [DemandHooks.problem("", "bid.late", "该榜单已停止揭榜", "Bids are no longer taken for this project")]
        }
        return []
    }

    /// Who put a project out does not bid for it.
    @Sendable private func notOwner(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let values = try CaseValues.all(of: context.file.id, tx)
        guard let project = try RegisterStore.find("key.bid-calls", values["entry"]?.string ?? "", tx) else {
            return []
        }
        let isMember = context.actor.memberships.contains { $0.organisation == project.organisation }
        guard isMember || values["bidder"]?.string == project.content["owner"]?.string else { return [] }
        return [DemandHooks.problem("bidder", "bid.owner", "发榜单位不得揭自己的榜", "The owner may not bid for its own project")]
    }

    /// The chosen bid wins and the others learn that they did not.
    @Sendable private func decided(_ context: ActionContext, _ tx: Tx) throws {
        let chosen = try CaseValues.asked("choose", of: context.file.id, tx)["bid"]?.string ?? ""
        guard let bid = try Bid.list(try entry(context, tx), tx).first(where: { $0.file.number == chosen }) else {
            throw ProcedureError.unknownCase
        }
        try CaseValues.set(context.file.id, "winner", bid.answers["bidder"] ?? .string("—"), tx)
        try CaseValues.set(context.file.id, "agreed", bid.answers["price"] ?? .null, tx)
        try end(context, winner: chosen, tx)
        try BidDealings.keep(context.file, bid, from: context.day, to: context.day, city.rules, on: context.day, tx)
        guard let demand = try CaseValues.all(of: context.file.id, tx)["demand"]?.string,
            let known = try RegisterStore.find(DemandTrail.register, demand, tx)
        else { return }
        let act = RegisterAct(context)
        try DemandTrail.add(
            TrailLink(.project, context.file.number, context.file.title.zh, amount: bid.price, on: context.day),
            to: known, of: try city.registers.require(DemandTrail.register), act, tx)
    }

    private func end(_ context: ActionContext, winner: String?, _ tx: Tx) throws {
        for bid in try Bid.list(try entry(context, tx), tx) where bid.file.step == "compared" {
            try context.procedures.act(
                bid.file.id, bid.file.number == winner ? "win" : "lose", as: .system, at: context.now, in: tx)
        }
    }

    /// A stage is paid in its turn, when its result was reached, and never beyond the price.
    @Sendable private func payment(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        var found: [FieldProblem] = []
        let payments = try BidPayment.list(context.file.id, tx)
        if context.answers["result"]?.string != "pass" {
            found.append(
                DemandHooks.problem("result", "bid.result", "阶段成果未达到，不得付款", "The result of the stage was not reached"))
        }
        if let stage = context.answers["stage"]?.integer, stage != Int64(payments.count + 1) {
            found.append(
                DemandHooks.problem(
                    "stage", "bid.stage", "应为第 \(payments.count + 1) 阶段", "Stage \(payments.count + 1) is next"))
        }
        let agreed = try CaseValues.own(of: context.file.id, tx)["agreed"]?.integer ?? 0
        let left = agreed - payments.map(\.amount.fen).reduce(0, +)
        if let amount = context.answers["amount"]?.integer, amount > left {
            found.append(
                DemandHooks.problem(
                    "amount", "bid.over", "合同余额 \(Money(fen: left).yuanText) 元",
                    "RMB \(Money(fen: left).yuanText) of the price is left")
            )
        }
        return found
    }

    @Sendable private func letterValues(_ context: ActionContext, _ tx: Tx) throws -> [String: Bilingual] {
        let values = try CaseValues.all(of: context.file.id, tx)
        let organisation = try context.file.organisation.flatMap { try Registry.organisation($0, tx) }
        let agreed = values["agreed"]?.integer.map { Money(fen: $0).yuanText } ?? "—"
        func plain(_ name: String) -> Bilingual {
            let text = values[name]?.plainText ?? "—"
            return Bilingual(text, text)
        }
        return [
            "organisation": organisation?.name ?? Bilingual("—", "—"), "title": plain("title"),
            "number": Bilingual(context.file.number, context.file.number), "winner": plain("winner"),
            "agreed": Bilingual(agreed, agreed),
        ]
    }
}
