public import Kernel
public import Store

/// A bank account of a payee. Its number is sealed; what is shown of it is the end.
public struct PayeeAccount: Hashable, Codable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case proposed, confirmed, refused
    }

    public let id: ID<PayeeAccount>
    public let payee: Payee
    /// As the bank writes the holder's name.
    public let holder: String
    public let bank: String
    public let branch: String
    /// The 12 digits by which the payment system knows the branch (大额支付行号).
    public let cnaps: String
    /// The last four digits.
    public let numberEnd: String
    public let state: State
    public let proposedBy: String
    public let proposedName: String
    public let proposedAt: Instant
    public let decidedName: String?
    public let decidedAt: Instant?
    public let reason: String?
    /// The first day on which it is paid to.
    public let effectiveOn: Day?
    let sealedNumber: [UInt8]?
    let numberMark: String?

    private enum CodingKeys: String, CodingKey {
        case id, payee, holder, bank, branch, cnaps, numberEnd, state, proposedBy, proposedName, proposedAt
        case decidedName, decidedAt, reason, effectiveOn, sealedNumber, numberMark
    }

    /// Programs see what people see: nothing of the sealed number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(payee, forKey: .payee)
        try container.encode(holder, forKey: .holder)
        try container.encode(bank, forKey: .bank)
        try container.encode(branch, forKey: .branch)
        try container.encode(cnaps, forKey: .cnaps)
        try container.encode(numberEnd, forKey: .numberEnd)
        try container.encode(state, forKey: .state)
        try container.encode(proposedName, forKey: .proposedName)
        try container.encode(proposedAt, forKey: .proposedAt)
        try container.encodeIfPresent(decidedName, forKey: .decidedName)
        try container.encodeIfPresent(decidedAt, forKey: .decidedAt)
        try container.encodeIfPresent(reason, forKey: .reason)
        try container.encodeIfPresent(effectiveOn, forKey: .effectiveOn)
    }

    init(row: Row) throws {
        id = try row["id"]
        payee = try Payee(row: row)
        holder = try row["holder"]
        bank = try row["bank"]
        branch = try row["branch"]
        cnaps = try row["cnaps"]
        numberEnd = try row["number_end"]
        state = try row["state"]
        proposedBy = try row["proposed_by"]
        proposedName = try row["proposed_name"]
        proposedAt = try row["proposed_at"]
        decidedName = try row["decided_name"]
        decidedAt = try row["decided_at"]
        reason = try row["reason"]
        effectiveOn = try row["effective_on"]
        sealedNumber = try row["sealed_number"]
        numberMark = try row["number_mark"]
    }

    /// The number as it is shown without a need.
    public var masked: String { "••••\(numberEnd)" }

    /// The whole number, for the file that goes to the bank.
    func number(_ vault: Vault) throws -> String {
        guard let sealedNumber else { throw TreasuryError.unknownAccount }
        return try vault.open(sealedNumber)
    }

    /// The keyed hash by which equal numbers are found.
    static func mark(_ number: String, _ vault: Vault) -> String { vault.mark("bank-account:\(number)") }
}

/// What is typed of a bank account.
public struct PayeeAccountDraft: Hashable, Codable, Sendable {
    public let holder: String
    public let bank: String
    public let branch: String
    public let cnaps: String
    public let number: String

    public init(holder: String, bank: String, branch: String, cnaps: String, number: String) {
        self.holder = holder.trimmed
        self.bank = bank.trimmed
        self.branch = branch.trimmed
        self.cnaps = PayeeAccountDraft.digits(cnaps)
        self.number = PayeeAccountDraft.digits(number)
    }

    /// Spaces and hyphens between digits are how people read them.
    static func digits(_ text: String) -> String { text.filter { !$0.isWhitespace && $0 != "-" } }

    /// Everything that is wrong with it.
    public var problems: [FieldProblem] {
        var problems: [FieldProblem] = []
        func check(_ field: String, _ isGood: Bool, _ zh: String, _ en: String) {
            if !isGood {
                problems.append(
                    FieldProblem(field: field, code: "account.\(field)", message: Bilingual(zh, en)))
            }
        }
        check("holder", (1...70).contains(holder.count), "户名必填，最多 70 字", "Holder: required, at most 70 characters")
        check("bank", (1...70).contains(bank.count), "开户银行必填，最多 70 字", "Bank: required, at most 70 characters")
        check("branch", (1...70).contains(branch.count), "开户网点必填，最多 70 字", "Branch: required, at most 70 characters")
        check(
            "cnaps", cnaps.utf8.count == 12 && cnaps.utf8.allSatisfy { (48...57).contains($0) },
            "行号为 12 位数字", "Bank code: has twelve digits")
        check(
            "number", (6...32).contains(number.utf8.count) && number.utf8.allSatisfy { (48...57).contains($0) },
            "账号为 6 至 32 位数字", "Account number: has 6 to 32 digits")
        return problems
    }
}
