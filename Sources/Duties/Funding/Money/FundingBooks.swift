import Kernel
import Ledger
import Store
import Treasury

/// On whose behalf, when and why the Funding room writes into the books.
struct BookEntry {
    let caseID: ID<CaseFile>?
    /// The event of the record that tells of it.
    let event: String
    let actor: Actor
    let rules: String
    let day: Day
    let now: Instant

    /// An entry that belongs to the last event of a case.
    static func of(_ context: ActionContext, _ tx: Tx) throws -> BookEntry {
        let file = context.file
        return try of(
            file.id, rules: "\(file.procedure)@\(file.version)", context.actor, on: context.day, at: context.now, tx)
    }

    /// An entry that belongs to the last event of a case.
    static func of(
        _ caseID: ID<CaseFile>, rules: String, _ actor: Actor, on day: Day, at now: Instant, _ tx: Tx
    ) throws -> BookEntry {
        let event: String =
            try tx.value("SELECT id FROM event WHERE case_id = \(caseID) ORDER BY position DESC LIMIT 1") ?? ""
        return BookEntry(caseID: caseID, event: event, actor: actor, rules: rules, day: day, now: now)
    }

    /// The same for a case.
    func about(_ id: ID<CaseFile>) -> BookEntry {
        BookEntry(caseID: id, event: event, actor: actor, rules: rules, day: day, now: now)
    }

    var origin: PostingOrigin {
        PostingOrigin(caseID: caseID, event: event, actor: actor, rules: rules, at: now)
    }
}

/// The life of a fen in this room, step by step: programme budget, call reserve, commitment, contract, tranche order,
/// paid, returned. Every step is one posting, and none can take more than the step before it holds.
enum FundingBooks {
    /// Where the city's own money comes from.
    static let source = "municipal"

    /// Postings that settle or reverse others go one after the other.
    static let locks = Ledger.locks([], earlier: true)

    // MARK: Budgets

    /// Makes a programme's budget of a year what it shall be: more comes out of the appropriation, which the city fills
    /// as needed, and less goes back to it.
    /// - Throws: ``CallError/belowPromised(_:)`` where calls hold more.
    static func setBudget(_ amount: Money, of programme: Programme, year: Int, _ entry: BookEntry, _ tx: Tx) throws {
        let budget = LedgerAccount.budget(programme.code, year: year)
        let appropriation = LedgerAccount.appropriation(source, year: year)
        let set = try money(of: programme, year: year, tx)
        let change = amount - set.budget
        let key = "\(budget).\(entry.event)"
        if change > .zero {
            let free = try Balances.now(appropriation, tx)?.available ?? .zero
            if free < change {
                try move(
                    change - free, .source(source, year: year), appropriation, "预算下达 / appropriation",
                    "\(key).appropriation", entry, tx)
            }
            try move(change, appropriation, budget, "专项预算 / programme budget", key, entry, tx)
        } else if change < .zero {
            do {
                try move(
                    Money(fen: -change.fen), budget, appropriation, "预算调减 / budget lowered", key, entry, tx)
            } catch LedgerError.overdraft {
                throw CallError.belowPromised(set.promised)
            }
        }
    }

    /// A programme's money of a year, as the books have it.
    static func money(of programme: Programme, year: Int, _ tx: Tx) throws -> ProgrammeBalance {
        let line = try Board.of(year: year, tx).first { $0.programme == LedgerAccount.code(programme.code) }
        return ProgrammeBalance(programme: programme, line)
    }

    // MARK: Calls and decisions

    /// Holds a proposed call's budget back until it is published or sent back.
    static func hold(_ call: Call, _ entry: BookEntry, _ tx: Tx) throws {
        let (budget, reserve) = try accounts(call, tx)
        let legs = [Leg(budget, Money(fen: -call.budget.fen)), Leg(reserve, call.budget)]
        try keep(
            try post(.reserve(legs, until: nil), "指南预留 / call proposed", "call.\(call.id).\(entry.event)", entry, tx),
            for: "call", call.id.text, tx)
    }

    /// Sets the held budget aside for the published call.
    static func reserve(_ call: Call, _ entry: BookEntry, _ tx: Tx) throws {
        if let held = try take("call", call.id.text, tx) {
            try post(.settle(held, nil), "指南发布 / call published", "call.\(call.id).published", entry, tx)
        } else {
            let (budget, reserve) = try accounts(call, tx)
            try move(call.budget, budget, reserve, "指南发布 / call published", "call.\(call.id).published", entry, tx)
        }
    }

    /// What is left of a call's reserve for awards, proposed ones taken off.
    static func left(of call: Call, _ tx: Tx) throws -> Money {
        try Balances.now(try accounts(call, tx).reserve, tx)?.available ?? .zero
    }

    /// Gives what a finished call did not award back to its programme's budget.
    static func free(_ call: Call, _ entry: BookEntry, _ tx: Tx) throws {
        let (budget, reserve) = try accounts(call, tx)
        let left = try left(of: call, tx)
        guard left > .zero else { return }
        try move(left, reserve, budget, "指南余额收回 / not awarded", "call.\(call.id).freed.\(entry.event)", entry, tx)
    }

    /// Holds what a proposal wants to award until it takes effect or is sent back.
    /// - Throws: ``DecisionError/overBudget(budget:wanted:)``.
    static func hold(_ decision: Decision, of call: Call, _ amount: Money, _ entry: BookEntry, _ tx: Tx) throws {
        guard amount > .zero else { return }
        let programme = try code(call.programme, tx)
        let reserve = try accounts(call, tx).reserve
        let target = try LedgerAccount.project(.commitment, programme, year: call.year, decision.number)
        let legs = [Leg(reserve, Money(fen: -amount.fen)), Leg(target, amount)]
        do {
            try keep(
                try post(
                    .reserve(legs, until: nil), "拟立项 \(decision.number) proposed", "decision.\(decision.id)", entry, tx),
                for: "decision", decision.id.text, tx)
        } catch LedgerError.overdraft(_, let available, _) {
            throw DecisionError.overBudget(budget: available, wanted: amount)
        }
    }

    /// Gives back what a subject holds, if it holds anything.
    static func release(_ kind: String, _ subject: String, _ entry: BookEntry, _ tx: Tx) throws {
        guard let held = try take(kind, subject, tx) else { return }
        try post(.release(held), "预留释放 / released", "\(kind).\(subject).released.\(held)", entry, tx)
    }

    /// Commits the awards of a decision that took effect, out of what it held.
    static func commit(_ projects: [Project], of call: Call, _ entry: BookEntry, _ tx: Tx) throws {
        let programme = try code(call.programme, tx)
        let reserve = try accounts(call, tx).reserve
        let postings = try projects.map { project in
            Posting(
                project.amount, from: reserve,
                to: try LedgerAccount.project(.commitment, programme, year: project.year, project.number),
                on: entry.day, "立项 \(project.number) / award \(project.number)", key: "project.\(project.id).award",
                origin: entry.about(project.id).origin)
        }
        for result in try Ledger.post(postings, tx) { _ = try result.get() }
    }

    // MARK: Projects

    /// Moves a project's money from one station to another.
    @discardableResult
    private static func move(
        _ amount: Money, of project: Project, from: AccountKind, to: AccountKind, _ text: String, key: String,
        _ entry: BookEntry, _ tx: Tx
    ) throws -> ID<StoredPosting> {
        let programme = try code(project.programme, tx)
        return try move(
            amount, try LedgerAccount.project(from, programme, year: project.year, project.number),
            try LedgerAccount.project(to, programme, year: project.year, project.number), text, key, entry, tx)
    }

    /// Owes what the signed contract promises.
    static func sign(_ project: Project, _ entry: BookEntry, _ tx: Tx) throws {
        try move(
            project.amount, of: project, from: .commitment, to: .contract, "合同签订 / contract signed",
            key: "project.\(project.id).signed", entry, tx)
    }

    /// What the treasury is to pay of a tranche.
    static func payment(
        _ amount: Money, for tranche: Tranche, of project: Project, note: String, _ tx: Tx
    ) throws -> PaymentDraft {
        let programme = try code(project.programme, tx)
        return PaymentDraft(
            Tranches.subject, tranche.id.text, caseID: project.id, payee: try .organisation(project.organisation, tx),
            amount: amount,
            purpose: "\(project.number) 第\(tranche.position)期拨款 / \(project.number) tranche \(tranche.position)",
            note: note,
            from: try .project(.contract, programme, year: project.year, project.number), programme: programme,
            year: project.year, project: project.number)
    }

    /// Enters the order of a tranche of before the treasury, and remembers it until the treasury takes it over.
    static func order(_ tranche: Tranche, of project: Project, _ entry: BookEntry, _ tx: Tx) throws {
        let order = try move(
            tranche.amount, of: project, from: .contract, to: .order,
            "第\(tranche.position)期拨款单 / tranche \(tranche.position) ordered",
            key: "tranche.\(tranche.id).\(entry.event)", entry, tx)
        try keep(order, for: "tranche", tranche.id.text, tx)
    }

    /// The posting that ordered a tranche before there was a treasury; nil where there is none.
    static func takeOrder(of tranche: Tranche, _ tx: Tx) throws -> ID<StoredPosting>? {
        try take("tranche", tranche.id.text, tx)
    }

    /// Pays an ordered tranche of before the treasury.
    static func pay(_ tranche: Tranche, of project: Project, _ entry: BookEntry, _ tx: Tx) throws {
        _ = try take("tranche", tranche.id.text, tx)
        try move(
            tranche.amount, of: project, from: .order, to: .paid,
            "第\(tranche.position)期拨付 / tranche \(tranche.position) paid",
            key: "tranche.\(tranche.id).paid", entry, tx)
    }

    /// Leaves the surplus of an accepted project to its organisation.
    static func keepSurplus(_ surplus: Money, of project: Project, _ entry: BookEntry, _ tx: Tx) throws {
        guard surplus > .zero else { return }
        try move(
            surplus, of: project, from: .paid, to: .surplus, "结余留用 / surplus kept",
            key: "project.\(project.id).surplus", entry, tx)
    }

    /// Frees what an ended project was promised and will not be paid: back to its programme's budget. What was ordered
    /// has been taken back before, but for what is at the bank.
    static func free(_ project: Project, _ entry: BookEntry, _ tx: Tx) throws {
        let programme = try code(project.programme, tx)
        let budget = LedgerAccount.budget(programme, year: project.year)
        for kind in [AccountKind.commitment, .contract] {
            let account = try LedgerAccount.project(kind, programme, year: project.year, project.number)
            guard let free = try Balances.now(account, tx)?.available, free > .zero else { continue }
            try move(
                free, account, budget, "不再拨付 / not paid any more", "project.\(project.id).\(kind).freed.\(entry.event)",
                entry, tx)
        }
    }

    /// What a project has been paid, recoveries that came back apart.
    static func paid(_ project: Project, _ tx: Tx) throws -> Money {
        let account = try LedgerAccount.project(
            .paid, try code(project.programme, tx), year: project.year, project.number)
        return try Balances.now(account, tx)?.inward ?? .zero
    }

    /// Claims money back: it can no longer be spent, and comes back when it is settled.
    static func claim(_ amount: Money, of project: Project, recovery: String, _ entry: BookEntry, _ tx: Tx) throws {
        let programme = try code(project.programme, tx)
        let legs = [
            Leg(
                try LedgerAccount.project(.paid, programme, year: project.year, project.number),
                Money(fen: -amount.fen)),
            Leg(try LedgerAccount.project(.returned, programme, year: project.year, project.number), amount),
        ]
        try keep(
            try post(.reserve(legs, until: nil), "应退资金 / to be returned", "recovery.\(recovery)", entry, tx),
            for: "recovery", recovery, tx)
    }

    /// Books what came back.
    static func settle(recovery: String, _ entry: BookEntry, _ tx: Tx) throws {
        guard let held = try take("recovery", recovery, tx) else { return }
        try post(.settle(held, nil), "资金退回 / returned", "recovery.\(recovery).returned", entry, tx)
    }

    // MARK: What stands for a subject

    /// Remembers the posting that stands for a subject until it is taken up again.
    private static func keep(_ posting: ID<StoredPosting>, for kind: String, _ subject: String, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO funding_posting (subject_kind, subject, posting) VALUES (\(kind), \(subject), \(posting))
            ON CONFLICT (subject_kind, subject) DO UPDATE SET posting = excluded.posting
            """)
    }

    /// Takes the posting that stands for a subject.
    private static func take(_ kind: String, _ subject: String, _ tx: Tx) throws -> ID<StoredPosting>? {
        try tx.value(
            "DELETE FROM funding_posting WHERE subject_kind = \(kind) AND subject = \(subject) RETURNING posting")
    }

    @discardableResult
    private static func post(
        _ act: PostingAct, _ text: String, _ key: String, _ entry: BookEntry, _ tx: Tx
    ) throws -> ID<StoredPosting> {
        try Ledger.post(Posting(act, on: entry.day, text, key: key, origin: entry.origin), tx).id
    }

    @discardableResult
    private static func move(
        _ amount: Money, _ from: LedgerAccount, _ to: LedgerAccount, _ text: String, _ key: String,
        _ entry: BookEntry, _ tx: Tx
    ) throws -> ID<StoredPosting> {
        try Ledger.post(
            Posting(amount, from: from, to: to, on: entry.day, text, key: key, origin: entry.origin), tx
        ).id
    }

    private static func accounts(
        _ call: Call, _ tx: Tx
    ) throws -> (budget: LedgerAccount, reserve: LedgerAccount) {
        let programme = try code(call.programme, tx)
        return (.budget(programme, year: call.year), .reserve(programme, year: call.year, call: call.number))
    }

    private static func code(_ programme: ID<Programme>, _ tx: Tx) throws -> String {
        guard let found = try ProgrammeStore.find(programme, tx) else { throw CallError.unknown }
        return found.code
    }
}
