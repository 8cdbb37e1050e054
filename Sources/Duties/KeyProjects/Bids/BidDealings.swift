import Kernel
import Store

/// What open-bid projects tell the reviews: that owner and winner have a contract, from the choice of the bid through
/// its last payment.
enum BidDealings {
    /// Owner and winner do not review each other while the contract runs and for years after. A winner without an
    /// organisation is the person who bid.
    static func keep(
        _ project: CaseFile, _ bid: Bid, from: Day, to: Day, _ rules: RuleBook, on day: Day, _ tx: Tx
    ) throws {
        let person = try bid.file.applicant.map { try Dealings.party($0, tx) }
        guard let owner = project.organisation, let winner = bid.file.organisation?.text ?? person else { return }
        let least = try Dealings.least(rules, on: day)
        guard bid.file.organisation == nil || (bid.price ?? .zero) >= least else { return }
        try Dealings.set([Dealing(.money, owner.text, winner, from: from, to: to)], of: project.id.text, tx)
    }

    /// Keeps the bids that were chosen before dealings were kept; once, by today's least sum. What a project says by
    /// now stays as it is.
    static func carryOver(_ house: House) async throws {
        let (rules, day, zone) = (house.city.rules, house.today, house.city.zone)
        try await Dealings.carryOver("key-projects.dealings", in: house.db) { after, tx in
            let files = try tx.rows(
                """
                SELECT * FROM case_file WHERE procedure = 'key.bid-call'
                    AND step IN ('running', 'confirm-stage', 'done', 'failed') AND id > \(after) ORDER BY id LIMIT 50
                """, CaseFile.init(stored:))
            for file in files where try !Dealings.isKnown(file.id.text, tx) {
                let entry = try CaseValues.all(of: file.id, tx)["entry"]?.string ?? ""
                guard let bid = try Bid.list(entry, tx).first(where: { $0.file.step == "chosen" }) else { continue }
                let chosen = try CaseStore.lastTime(of: ["confirm-choice"], on: file.id, tx) ?? file.stepSince
                let from = zone.day(of: chosen)
                let paid = try BidPayment.list(file.id, tx).compactMap(\.paidOn).max() ?? from
                try keep(file, bid, from: from, to: max(from, paid), rules, on: day, tx)
            }
            return files.last?.id.text
        }
    }
}
