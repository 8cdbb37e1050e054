public import Kernel
public import Store

/// A file of the bank that was read.
public struct BankAnswer: Hashable, Codable, Sendable {
    public let id: ID<BankAnswer>
    public let format: String
    public let name: String
    /// SHA-256 of the file.
    public let hash: String
    /// The identity that the bank gave the message.
    public let message: String?
    public let readBy: String
    public let readName: String
    public let readAt: Instant
    public let lines: Int

    init(row: Row) throws {
        id = try row["id"]
        format = try row["format"]
        name = try row["name"]
        hash = try row["hash"]
        message = try row["message"]
        readBy = try row["read_by"]
        readName = try row["read_name"]
        readAt = try row["read_at"]
        lines = try row["lines"]
    }
}

/// A line of an answer and what became of it.
public struct BankLine: Hashable, Codable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        /// Taken for its order by itself.
        case matched
        /// Waits for a person.
        case queued
        /// Taken for an order by a person.
        case assigned
        case dismissed
        /// Nothing follows from it.
        case noted
        /// The bank said the same before.
        case repeated

        public var name: Bilingual {
            switch self {
            case .matched: Bilingual("已匹配", "Matched")
            case .queued: Bilingual("待认领", "Waits for a person")
            case .assigned: Bilingual("已认领", "Assigned")
            case .dismissed: Bilingual("不予处理", "Dismissed")
            case .noted: Bilingual("处理中，未记账", "Pending, nothing entered")
            case .repeated: Bilingual("重复，未记账", "Repeated, nothing entered")
            }
        }
    }

    public let id: ID<BankLine>
    public let answer: ID<BankAnswer>
    public let position: Int
    /// The line of the file.
    public let line: Int
    /// The number of an order, as the bank wrote it.
    public let number: String
    public let outcome: PaymentOutcome
    public let amount: Money
    /// The last digits of the account.
    public let accountEnd: String
    public let bookedOn: Day?
    public let reference: String?
    /// As the bank wrote it; ``BankReason`` has it in both languages.
    public let reason: String
    public let payment: ID<PaymentOrder>?
    public let state: State
    /// Why it was not taken by itself.
    public let problem: Bilingual?
    public let settledName: String?
    public let settledAt: Instant?
    public let note: String?

    init(row: Row) throws {
        id = try row["id"]
        answer = try row["answer"]
        position = try row["position"]
        line = try row["line"]
        number = try row["number"]
        outcome = try row["outcome"]
        amount = try row["amount_fen"]
        accountEnd = try row["account_end"]
        bookedOn = try row["booked_on"]
        reference = try row["reference"]
        reason = try row["reason"]
        payment = try row["payment"]
        state = try row["state"]
        let zh: String? = try row["problem_zh"]
        problem = try zh.map { Bilingual($0, try row["problem_en"]) }
        settledName = try row["settled_name"]
        settledAt = try row["settled_at"]
        note = try row["note"]
    }
}

/// Reads answers and their lines.
public enum BankAnswerStore {
    /// The files, which hold account numbers.
    public static let sealed = SealedColumn(table: "bank_answer_file", key: "answer", column: "sealed_bytes")

    /// - Throws: ``TreasuryError/unknownAnswer``.
    public static func require(_ id: ID<BankAnswer>, _ tx: Tx) throws -> BankAnswer {
        guard let found = try tx.first("SELECT * FROM bank_answer WHERE id = \(id)", BankAnswer.init(row:)) else {
            throw TreasuryError.unknownAnswer
        }
        return found
    }

    /// A page of answers, newest first, before one.
    public static func list(before: ID<BankAnswer>? = nil, limit: Int, _ tx: Tx) throws -> [BankAnswer] {
        let rest: SQL = before.map { "WHERE id < \($0)" } ?? ""
        return try tx.rows(
            "SELECT * FROM bank_answer \(rest) ORDER BY id DESC LIMIT \(limit)", BankAnswer.init(row:))
    }

    /// A page of an answer's lines, after a place.
    public static func lines(
        of answer: ID<BankAnswer>, after position: Int = 0, limit: Int, _ tx: Tx
    ) throws -> [BankLine] {
        try tx.rows(
            """
            SELECT * FROM bank_line WHERE answer = \(answer) AND position > \(position) ORDER BY position LIMIT \(limit)
            """, BankLine.init(row:))
    }

    /// A page of lines in a state, oldest first, after one.
    public static func lines(
        _ state: BankLine.State, after: ID<BankLine>? = nil, limit: Int, _ tx: Tx
    ) throws -> [BankLine] {
        let rest: SQL = after.map { "AND id > \($0)" } ?? ""
        return try tx.rows(
            "SELECT * FROM bank_line WHERE state = \(state) \(rest) ORDER BY id LIMIT \(limit)", BankLine.init(row:))
    }

    /// What the bank said of an order.
    public static func lines(of payment: ID<PaymentOrder>, _ tx: Tx) throws -> [BankLine] {
        try tx.rows(
            "SELECT * FROM bank_line WHERE payment = \(payment) ORDER BY id LIMIT 100", BankLine.init(row:))
    }

    /// How many lines of each answer are in which state, in one query.
    public static func counts(
        of answers: [ID<BankAnswer>], _ tx: Tx
    ) throws -> [ID<BankAnswer>: [BankLine.State: Int]] {
        var counts: [ID<BankAnswer>: [BankLine.State: Int]] = [:]
        for row in try tx.rows(
            """
            SELECT answer, state, COUNT(*) AS lines FROM bank_line WHERE answer IN \(list: answers)
            GROUP BY answer, state
            """)
        {
            counts[try row["answer"], default: [:]][try row["state"]] = try row["lines"] as Int
        }
        return counts
    }

    static func line(_ id: ID<BankLine>, _ tx: Tx) throws -> BankLine {
        guard let found = try tx.first("SELECT * FROM bank_line WHERE id = \(id)", BankLine.init(row:)) else {
            throw TreasuryError.unknownLine
        }
        return found
    }
}
