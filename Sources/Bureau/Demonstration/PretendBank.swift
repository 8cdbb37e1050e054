import Kernel
import Treasury

/// A bank that pays what it is told, for the demonstration, rehearsals and tests.
struct PretendBank: Sendable {
    let treasury: Treasury
    let treasurer: Actor

    /// What it says of one order instead of paying it.
    struct Reply: Sendable {
        /// Nil where it says nothing yet.
        let outcome: PaymentOutcome?
        let amount: Money
        let reason: String

        init(_ outcome: PaymentOutcome? = nil, _ amount: Money = .zero, _ reason: String = "") {
            self.outcome = outcome
            self.amount = amount
            self.reason = reason
        }
    }

    /// Puts what is ready into a run and answers it: everything is paid, but for what is said otherwise by number.
    func pay(_ otherwise: [String: Reply] = [:]) async throws -> PaymentRun {
        let run = try await treasury.runs.make(by: treasurer)
        let file = try await treasury.runs.csv(run.id, by: treasurer)
        var lines = ["number,outcome,amount,account,booked,reference,reason"]
        for row in CSVText.rows(String(decoding: file.bytes, as: UTF8.self)).dropFirst() where row.count > 6 {
            let (number, account) = (row[0], row[2])
            var (outcome, amount, reason) = (PaymentOutcome.paid, row[6], "")
            if let other = otherwise[number] {
                guard let said = other.outcome else { continue }
                (outcome, amount, reason) = (said, other.amount.plainText, other.reason)
            }
            lines.append("\(number),\(outcome.rawValue),\(amount),\(account),\(run.executionOn),YH-\(number),\(reason)")
        }
        guard lines.count > 1 else { return run }
        _ = try await treasury.answers.read(
            Array(lines.joined(separator: "\n").utf8), name: "\(run.number)-回单.csv", by: treasurer)
        return run
    }
}
