import Kernel
import Ledger
import Review
import Store

/// All that a check of vouchers asks the database, read at once for any number of drafts.
struct VoucherFacts {
    /// By what two vouchers are the same.
    struct Mark: Hashable {
        let number: String
        let payee: String
        let amount: Money

        init(_ draft: VoucherDraft) {
            number = draft.numberKey
            payee = draft.payeeKey
            amount = draft.amount
        }
    }

    let number: String
    let startsOn: Day?
    let endsOn: Day?
    let budget: ContractBudget
    /// Live vouchers by heading.
    var spent: [String: Money]
    /// Paid, not spent, not claimed back, and not asked for by other live vouchers.
    var available: Money
    /// Where the same voucher or file lies already.
    var same: [Mark: Bilingual]
    var hashes: [String: Bilingual]
    /// What the organisation paid to whom and when, all projects.
    var payments: [String: [(day: Day, amount: Money)]]
    /// Related parties among the payees.
    let ties: [String: Bilingual]
    /// Names of the project's people, as compared.
    let members: Set<String>

    /// What was taken counts for those after it.
    mutating func take(_ draft: VoucherDraft) {
        let place = Bilingual("本项目 \(number)", "this project, \(number)")
        spent[draft.heading] = (spent[draft.heading] ?? .zero) + draft.amount
        available = available - draft.amount
        same[Mark(draft)] = place
        if let hash = draft.hash { hashes[hash] = place }
        payments[draft.payeeKey, default: []].append((draft.day, draft.amount))
    }

    /// Reads the facts for drafts, in a number of queries that does not depend on how many there are, up to 500.
    static func load(
        _ drafts: [VoucherDraft], of project: Project, leavingOut report: ID<CaseFile>? = nil, on day: Day, _ tx: Tx
    ) throws -> VoucherFacts {
        let sums = try VoucherStore.sums(project: project.id, tx)
        let entered = Money.sum(sums.values.map(\.entered))
        var facts = VoucherFacts(
            number: project.number, startsOn: project.startsOn, endsOn: project.endsOn,
            budget: try ContractBudget.current(project, tx), spent: sums.mapValues { $0.entered + $0.booked },
            available: try FundingBooks.unspent(project, tx) - entered, same: [:], hashes: [:], payments: [:],
            ties: try RelatedParties.among(drafts, of: project, on: day, tx),
            members: try RelatedParties.members(of: project, tx))
        // A report that is checked again does not stand against itself.
        let own: SQL = report.map { "AND v.report <> \($0)" } ?? ""
        if let report {
            for voucher in try VoucherStore.list(report: report, tx) where voucher.state == .entered {
                facts.spent[voucher.draft.heading] =
                    (facts.spent[voucher.draft.heading] ?? .zero) - voucher.draft.amount
                facts.available = facts.available + voucher.draft.amount
            }
        }
        for block in stride(from: 0, to: drafts.count, by: 500) {
            try facts.read(Array(drafts[block..<min(block + 500, drafts.count)]), project, own, tx)
        }
        return facts
    }

    private mutating func read(_ drafts: [VoucherDraft], _ project: Project, _ own: SQL, _ tx: Tx) throws {
        func place(_ row: Row) throws -> Bilingual {
            let owner: ID<OrganisationMark> = try row["organisation"]
            let number: String = try row["project_number"]
            // Other organisations' projects are not named.
            guard owner == project.organisation else {
                return Bilingual("其他单位的项目", "a project of another organisation")
            }
            return number == project.number
                ? Bilingual("本项目 \(number)", "this project, \(number)") : Bilingual("项目 \(number)", "project \(number)")
        }
        let rows = try tx.rows(
            """
            SELECT v.number_key, v.payee_key, v.amount_fen, v.organisation, p.number AS project_number
            FROM voucher v JOIN project p ON p.case_id = v.project
            WHERE v.number_key IN \(list: drafts.map(\.numberKey)) AND v.payee_key IN \(list: drafts.map(\.payeeKey))
                AND v.state <> 'withdrawn' \(own)
            """)
        for row in rows {
            same[
                Mark(number: try row["number_key"], payee: try row["payee_key"], amount: try row["amount_fen"])] =
                try place(row)
        }
        let known = drafts.compactMap(\.hash)
        if !known.isEmpty {
            let files = try tx.rows(
                """
                SELECT v.hash, v.organisation, p.number AS project_number
                FROM voucher v JOIN project p ON p.case_id = v.project
                WHERE v.hash IN \(list: known) AND v.state <> 'withdrawn' \(own)
                """)
            for row in files { hashes[try row["hash"]] = try place(row) }
        }
        let paid = try tx.rows(
            """
            SELECT v.payee_key, v.day, v.amount_fen FROM voucher v
            WHERE v.organisation = \(project.organisation) AND v.payee_key IN \(list: drafts.map(\.payeeKey))
                AND v.state <> 'withdrawn' \(own)
            """)
        for row in paid { payments[try row["payee_key"], default: []].append((try row["day"], try row["amount_fen"])) }
    }
}

extension VoucherFacts.Mark {
    init(number: String, payee: String, amount: Money) {
        self.number = number
        self.payee = payee
        self.amount = amount
    }
}

/// Who among payees is tied to a project: its people, its organisation and its organisation's own.
enum RelatedParties {
    /// Names of the investigator and of all who take part, as compared.
    static func members(of project: Project, _ tx: Tx) throws -> Set<String> {
        let names = try tx.rows(
            "SELECT name FROM application_participant WHERE case_id = \(project.application)"
        ) { try $0["name"] as String }
        return Set((names + [project.investigatorName]).map(FilledTable.key))
    }

    /// The ties of payees, by the key under which they are compared.
    static func among(
        _ drafts: [VoucherDraft], of project: Project, on day: Day, _ tx: Tx
    ) throws -> [String: Bilingual] {
        var ties: [String: Bilingual] = [:]
        let (names, codes) = (drafts.map(\.payee), drafts.map(\.payeeCode).filter { !$0.isEmpty })
        for block in stride(from: 0, to: names.count, by: 500) {
            let part = Array(names[block..<min(block + 500, names.count)])
            let staff = try tx.rows(
                """
                SELECT DISTINCT a.name FROM membership m JOIN account a ON a.id = m.account
                WHERE m.organisation = \(project.organisation) AND a.name IN \(list: part)
                """
            ) { try $0["name"] as String }
            for name in staff { ties[FilledTable.key(name)] = Bilingual("本单位人员", "of the organisation's own people") }
        }
        for name in try members(of: project, tx) { ties[name] = Bilingual("项目组成员", "a member of the project") }
        ties[FilledTable.key(project.investigatorName)] = Bilingual("项目负责人", "the investigator")
        let found = try organisations(names, codes, tx)
        guard !found.isEmpty else { return ties }
        let above = try Registry.ancestors(of: [project.organisation] + found.map(\.id), on: day, tx)
        for organisation in found {
            guard let words = tie(organisation, project.organisation, above) else { continue }
            ties[FilledTable.key(organisation.uscc)] = words
            ties[FilledTable.key(organisation.name.zh)] = words
        }
        return ties
    }

    private static func organisations(_ names: [String], _ codes: [String], _ tx: Tx) throws -> [Organisation] {
        var found: [Organisation] = []
        for block in stride(from: 0, to: names.count, by: 500) {
            let part = Array(names[block..<min(block + 500, names.count)])
            let rows = try tx.rows("SELECT id FROM organisation WHERE name_zh IN \(list: part)") {
                try $0["id"] as ID<OrganisationMark>
            }
            found += try Registry.organisations(rows, tx).values
        }
        for block in stride(from: 0, to: codes.count, by: 500) {
            let part = Array(codes[block..<min(block + 500, codes.count)])
            let rows = try tx.rows("SELECT id FROM organisation WHERE uscc IN \(list: part)") {
                try $0["id"] as ID<OrganisationMark>
            }
            found += try Registry.organisations(rows, tx).values
        }
        return found
    }

    private static func tie(
        _ payee: Organisation, _ own: ID<OrganisationMark>,
        _ above: [ID<OrganisationMark>: Set<ID<OrganisationMark>>]
    ) -> Bilingual? {
        if payee.id == own { return Bilingual("承担单位自己", "the organisation itself") }
        let (ours, theirs) = (above[own] ?? [], above[payee.id] ?? [])
        if ours.contains(payee.id) { return Bilingual("承担单位的上级单位", "the organisation's parent") }
        if theirs.contains(own) { return Bilingual("承担单位的下属单位", "a branch or subsidiary of the organisation") }
        return ours.isDisjoint(with: theirs) ? nil : Bilingual("同一上级的单位", "of the same parent")
    }
}
